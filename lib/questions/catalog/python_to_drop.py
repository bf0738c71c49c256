"""Which Python versions a package can drop, for few downloads still come from them."""

from __future__ import annotations

import html

import pandas as pd

from lib import charts
from lib.analysis.old_versions import Fall
from lib.analysis.shares import course_grain, shares_over_time
from lib.cubes import UNKNOWN, Grain
from lib.data import Answer
from lib.formats import NARROW_SPACE, change, percent, value_label
from lib.panels.context import last_values
from lib.questions.finding import Figure, Finding
from lib.questions.question import (
    Asking,
    Need,
    Option,
    PackageChoice,
    Parameters,
    Question,
    Shelf,
)
from lib.questions.rows.python_rows import Told, told_of, unknown_by_installer
from lib.questions.telling import wording
from lib.questions.telling.row_figures import interval_figure
from lib.questions.telling.wording import during, when
from lib.selection import Preset, listed

_MOST_INSTALLERS = 3

_THRESHOLD = Option(
    "threshold",
    "Droppable under",
    (("2", "2 % of downloads"), ("1", "1 %"), ("5", "5 %"), ("10", "10 %")),
)


def _answer(asking: Asking) -> Finding:
    told = told_of(asking, float(asking.asked.option(_THRESHOLD.name)) / 100)
    unknown = unknown_by_installer(asking, told) if told.unknown else None
    period = told.answer.period
    return Finding(
        sentence=_sentence(asking, told),
        details=_details(told),
        number=_number(told),
        interval=told.interval(max(told.count - 1, 0)),
        certainty=_certainty(told),
        would_change=(
            "Another threshold, and what the downloads without a known version are. A download is "
            "a file request, mostly by a machine: a pinned image may ask a thousand times a day. "
            "Until when a version gets security fixes is not known here."
        ),
        period=period,
        figures=(_versions(asking, told), _course(asking, told)),
        table=_table(told),
        answers=(told.answer, *([unknown] if unknown else [])),
        packages=asking.packages,
        breaks=asking.breaks(period, "python"),
        caveats=(_unknown(told, unknown), *wording.caveats(asking, told.period)),
    )


def _sentence(asking: Asking, told: Told) -> str:
    of = f"downloads of {wording.subject(asking)} with a known Python version"
    threshold, days = _round(told.threshold), during(told.period)
    if not told.count:
        return (
            f"No Python version is under the {threshold} chosen: the oldest, {told.words(0)}, "
            f"makes {told.share(0)} of {of} {days}."
        )
    return (
        f"Python {told.words(told.count - 1)} can be dropped: {told.share(told.count - 1)} of "
        f"{of} {days}, under the {threshold} chosen."
    )


def _details(told: Told) -> str:
    """What the next version would make of it, and when that comes under the threshold."""
    following = told.versions[told.count]
    with_it = f"With {following} it would be {told.share(told.count)}." if told.count else ""
    return f"{with_it}{_when_next(told)}".strip()


def _round(threshold: float) -> str:
    return f"{100 * threshold:.0f}{NARROW_SPACE}%"


def _when_next(told: Told) -> str:
    """When the next version comes under the threshold, where that can be told."""
    found = told.fall
    if found is None or found.forecast is None:
        return ""
    low, value, high = (
        _month(found, days)
        for days in (found.forecast.low, found.forecast.value, min(found.forecast.high, found.span))
    )
    later = " or later" if found.forecast.high > found.span else ""
    between = high if low == high and not later else f"{low} to {high}{later}"
    return (
        f" If it goes on like this, {told.words(told.count)} will be under it in {value} "
        f"(95 %: {between})."
    )


def _month(found: Fall, days: float) -> str:
    return f"{found.last + pd.Timedelta(days=days):%b %Y}"


def _number(told: Told) -> str:
    position = max(told.count - 1, 0)
    return f"{told.words(position)}: {percent(told.shares['cumulative'].iloc[position])}"


def _certainty(told: Told) -> str:
    if told.grain is Grain.DAY:
        how = "the newest days that are final; intervals are from resampling blocks of a week"
    else:
        how = (
            "the newest month; its interval is how much months lie beside a straight line through "
            "their log odds"
        )
    return (
        f"Every download held is counted, of {how}. A version counts with all that are older, and "
        f"can be dropped where the whole interval is under the threshold. {_fall(told)}"
    )


def _fall(told: Told) -> str:
    """How the next version went, and why that is drawn on or not."""
    found, name = told.fall, told.words(told.count)
    if found is None:
        return f"No course of {name} is told: too few weeks or months are counted alike."
    unit = "weeks" if told.grain is Grain.DAY else "months"
    odds = (
        f"Over {found.periods} {unit} the odds of {name} changed by {change(found.change)} "
        f"({change(found.low)} to {change(found.high)}) along a Theil–Sen line"
    )
    if not found.steady:
        return f"{odds}: no steady fall, and so no forecast."
    return f"{odds}; a forecast looks no farther ahead than as many {unit}."


def _unknown(told: Told, by_installer: Answer | None) -> str:
    """What is left out, and of which installers it is."""
    if not told.unknown:
        return "Every download held names its Python version: those that do not may be left out."
    text = f"{percent(told.unknown)} of the downloads of these days have no known Python version"
    if by_installer is None:
        return (
            f"{text} and are left out: mirrors, browsers and poetry, for instance, do not send "
            "theirs."
        )
    most = by_installer.frame.head(_MOST_INSTALLERS)
    named = [
        f"{value_label('installer', name).lower() if name == UNKNOWN else name} {percent(share)}"
        for name, share in zip(most["installer"], most["share"], strict=True)
    ]
    return f"{text} and are left out; of these by installer: {listed(named)}."


def _versions(asking: Asking, told: Told) -> Figure:
    rows = told.shares
    frame = pd.DataFrame(
        {
            "label": [value_label("python", told.words(at)) for at in range(len(rows))],
            "value": 100 * rows["cumulative"],
            "low": 100 * rows["low"],
            "high": 100 * rows["high"],
            "strong": [at < told.count for at in range(len(rows))],
        }
    )
    unit = f"% of downloads with a known Python version, {when(told.period)}, log scale"
    return interval_figure(
        asking,
        frame,
        title="Downloads by each Python version and all that are older, with 95 % intervals",
        unit=unit,
        show=lambda value: percent(value / 100),
        reference=100 * told.threshold,
        log=True,
        note=f"Dashed: the threshold of {_round(told.threshold)}. Gray: not under it.",
    )


def _course(asking: Asking, told: Told) -> Figure:
    """The shares of the last version that can be dropped and of the next, with all older ones."""
    period = told.answer.period
    grain = course_grain(period, daily=told.grain is Grain.DAY)
    shares = shares_over_time(told.known, grain, period)
    drawn = []
    for at in (told.count - 1, told.count):
        if at >= 0:
            older = shares[shares["series"].isin(told.versions[: at + 1])]
            summed = older.groupby(["period", "partial"], as_index=False)["value"].sum(min_count=1)
            name = told.words(at)
            drawn.append(summed.assign(series=name, label=html.escape(name)))
    frame = pd.concat(drawn, ignore_index=True)
    axis = asking.axis(period, grain, "python")
    unit = f"Share of downloads with a known Python version, each {grain}"
    return Figure(
        title="How these shares went",
        unit=unit,
        alt=f"{unit}. {last_values(frame, share=True)}",
        draw=lambda theme: charts.lines(frame, theme, axis, unit=unit, share=True),
        axis=axis,
    )


def _table(told: Told) -> pd.DataFrame:
    rows = told.shares
    return pd.DataFrame(
        {
            "Python version": rows["version"],
            "Downloads": rows["downloads"],
            "Share of known": rows["share"],
            "Share with all older": rows["cumulative"],
            "Low": rows["low"],
            "High": rows["high"],
            "Can be dropped": ["yes" if at < told.count else "no" for at in range(len(rows))],
        }
    )


QUESTION = Question(
    key="python-to-drop",
    prompt="Which Python versions can I drop?",
    teaser="How little the oldest versions still make of a package's downloads, and until when",
    shelf=Shelf.BEYOND,
    parameters=Parameters(
        packages=PackageChoice(fewest=1, most=1, default=("numpy",)),
        period=Preset.YEAR,
        options=(_THRESHOLD,),
    ),
    needs=(
        Need(Grain.MONTH, ("python",)),
        Need(Grain.MONTH, ("python", "installer"), optional=True),
    ),
    answer=_answer,
    words=("drop python", "python versions", "drop support", "old python", "minimum python"),
)
