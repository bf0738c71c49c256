"""Which installers gain or lose share: uv against pip, and all the others."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from lib import charts
from lib.analysis.installer_shares import Moves, moves
from lib.analysis.share_trends import FEWEST_PERIODS, Change
from lib.analysis.shares import course_grain
from lib.breaks import breaks_for
from lib.cubes import UNKNOWN, Grain
from lib.data import Answer
from lib.formats import day, moment, percent, value_label
from lib.panels.context import labeled, last_values
from lib.questions.finding import Figure, Finding
from lib.questions.question import (
    Asking,
    CannotTell,
    Need,
    PackageChoice,
    Parameters,
    Question,
    Shelf,
)
from lib.questions.telling import wording
from lib.questions.telling.row_figures import interval_figure
from lib.questions.telling.wording import during, when
from lib.selection import Preset

_MOST = 8
"""How many installers are told by name; the others are summed."""


def _answer(asking: Asking) -> Finding:
    grain = course_grain(asking.period, daily=asking.holds(Grain.WEEK, "installer"))
    answer = asking.found.split_over_time(
        asking.selection, asking.period, grain, "installer", _MOST
    )
    found = moves(asking.with_stretches(answer.frame, grain, "installer"), grain)
    if not found or not found[-1].installers:
        raise CannotTell(
            f"Fewer than {FEWEST_PERIODS} whole {grain}s with downloads are held that are counted "
            "alike: choose a longer period."
        )
    told = _told_first(found[-1])
    return Finding(
        sentence=_sentence(asking, found[-1]),
        details=_details(found),
        number=f"{told.series} {_signed(told.value)} points",
        interval=f"95 % interval {_signed(told.low)} to {_signed(told.high)} points",
        certainty=(
            "Every download held is counted. A change is that of a Theil–Sen line through the "
            f"shares of whole {grain}s; its 95 % interval is from resampling them in blocks of a "
            "quarter. Of the changes called sure one in twenty may be chance. Nothing is "
            "extrapolated."
        ),
        would_change=(
            "What the unknown installers are; leaving out mirrors and scripts, which makes every "
            "other share larger; and installers that keep files, or ask for more of them."
        ),
        period=answer.period,
        figures=(_course(asking, answer, grain), _changes(asking, found[-1])),
        table=_table(found),
        answers=(answer,),
        packages=asking.packages,
        breaks=asking.breaks(answer.period, "installer"),
        caveats=(*_caveats(asking, found, answer), *wording.caveats(asking, answer.period)),
    )


def _told_first(found: Moves) -> Change:
    """Who gains most, or else loses most, or else is the largest."""
    return found.gains_most or found.loses_most or found.installers[0]


def _sentence(asking: Asking, found: Moves) -> str:
    of = f"downloads of {wording.subject(asking)}"
    change = _told_first(found)
    if not change.sure:
        return (
            f"No installer surely gains or loses share {during(found.period)}: {change.series} "
            f"makes {percent(change.last)} of {of}, and its change by {_signed(change.value)} "
            f"points (95 % interval {_signed(change.low)} to {_signed(change.high)}) may be chance."
        )
    return f"{_moved(change)} of {of} {during(found.period)}."


def _details(stretches: Sequence[Moves]) -> str:
    """Who loses most, whom the one that gains most passed, and how it was before a break."""
    found = stretches[-1]
    gains, loses = found.gains_most, found.loses_most
    told = [
        f"{_moved(loses)}." if gains and loses else "",
        _passed(found, gains.series) if gains else "",
        _before(stretches),
    ]
    return " ".join(filter(None, told))


def _moved(change: Change) -> str:
    verb = "gained" if change.value > 0 else "lost"
    low, high = sorted((abs(change.low), abs(change.high)))
    return (
        f"{change.series} {verb} {_points(change.value)} percentage points (95 % interval "
        f"{_points(low)} to {_points(high)}), to {percent(change.last)}"
    )


def _passed(found: Moves, name: str) -> str:
    """What an installer passed within the stretch, and when."""
    share, other = found.passed_share(name), found.passed_installer(name)
    told = [
        f"{what} since {moment(since, found.grain)}"
        for what, since in (
            (f"above {percent(share[0])}", share[1]) if share else ("", None),
            (f"ahead of {other[0]}", other[1]) if other else ("", None),
        )
        if since is not None
    ]
    return f"{name} has been {' and '.join(told)}." if told else ""


def _before(stretches: Sequence[Moves]) -> str:
    """How the installer that is told first moved before the record was counted as it is now."""
    if len(stretches) < 2:
        return ""
    change = stretches[-2].change(_told_first(stretches[-1]).series)
    if change is None:
        return ""
    surely = "" if change.sure else ", which may be chance"
    return (
        f"Before, {when(stretches[-2].period)}, when the record counted otherwise, "
        f"{change.series} changed by {_signed(change.value)} points ({_signed(change.low)} to "
        f"{_signed(change.high)}){surely}."
    )


def _points(change: float) -> str:
    """A change of a share in percentage points, without its sign: `1.6`, `0.04`."""
    points = abs(100 * change)
    return f"{points:.1f}" if points >= 0.95 else f"{points:.2f}"


def _signed(change: float) -> str:
    return f"{'−' if change < 0 else '+'}{_points(change)}"


def _caveats(asking: Asking, stretches: Sequence[Moves], answer: Answer) -> list[str]:
    found = stretches[-1]
    told = []
    if len(found.shares) < answer.frame.loc[~answer.frame["partial"], "period"].nunique():
        told.append(
            f"The latest {len(found.shares)} {found.grain}s that are counted alike are compared, "
            f"{when(found.period)}; nothing is compared across a break of the record."
        )
    if UNKNOWN in found.shares:
        share = percent(float(found.shares[UNKNOWN].mean()))
        told.append(f"{share} of these downloads, the mean {found.grain}, name no installer.")
    told.extend(
        f"{day(each.first)}: {each.title}. {each.effect}"
        for each in breaks_for(asking.found.state.sources)
        if "installer" in each.splits and each.first > found.period.last
    )
    return told


def _course(asking: Asking, answer: Answer, grain: Grain) -> Figure:
    frame = labeled(answer.frame, "installer")
    frame["value"] = frame["downloads"] / frame.groupby("period")["downloads"].transform("sum")
    sizes = frame.groupby("series")["downloads"].transform("sum")
    frame = frame.assign(size=-sizes).sort_values(["size", "series", "period"], ignore_index=True)
    axis = asking.axis(answer.period, grain, "installer")
    unit = f"Share of downloads, each {grain}"
    return Figure(
        title=f"Share of each installer in downloads of {wording.subject(asking)}",
        unit=unit,
        alt=f"{unit}. {last_values(frame, share=True)}",
        draw=lambda theme: charts.lines(frame, theme, axis, unit=unit, share=True),
        axis=axis,
    )


def _changes(asking: Asking, found: Moves) -> Figure:
    changes = sorted(found.changes, key=lambda each: -each.value)
    named = {each.series for each in found.installers}
    frame = pd.DataFrame(
        {
            "label": [value_label("installer", each.series) for each in changes],
            "value": [100 * each.value for each in changes],
            "low": [100 * each.low for each in changes],
            "high": [100 * each.high for each in changes],
            "strong": [each.sure and each.series in named for each in changes],
        }
    )
    unit = f"Change of share, {when(found.period)}, percentage points"
    return interval_figure(
        asking,
        frame,
        title=f"How much each share changed, {when(found.period)}, with 95 % intervals",
        unit=unit,
        show=_hover,
        reference=0.0,
        note="Gray: no sure change, or not an installer.",
    )


def _hover(points: float) -> str:
    return _signed(points / 100)


def _table(stretches: Sequence[Moves]) -> pd.DataFrame:
    rows = [
        {
            "Counted alike (UTC)": when(found.period),
            "Installer": value_label("installer", each.series),
            "Share at first": each.first,
            "Share at last": each.last,
            "Change (points)": 100 * each.value,
            "Low (points)": 100 * each.low,
            "High (points)": 100 * each.high,
            "Surely changed": "yes" if each.sure else "no",
        }
        for found in reversed(stretches)
        for each in found.changes
    ]
    return pd.DataFrame(rows)


QUESTION = Question(
    key="installers",
    prompt="Which installers are taking over?",
    teaser="Shares of uv, pip and the others over time, and how surely they change",
    shelf=Shelf.BEYOND,
    parameters=Parameters(packages=PackageChoice(fewest=0), period=Preset.YEAR),
    needs=(Need(Grain.MONTH, ("installer",)),),
    answer=_answer,
    words=("installers", "installer", "uv against pip", "uv vs pip", "taking over", "poetry"),
)
