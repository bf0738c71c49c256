"""How many packages are downloaded, how many of them a day, and how few make half of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pandas as pd

from lib.analysis.standing import rank_size, with_ranks
from lib.cubes import UNKNOWN, Grain
from lib.data import MOST_LISTED, Answer
from lib.facts import concentration
from lib.finding_charts.rank_size import rank_size_curve
from lib.formats import compact, day, percent
from lib.questions.finding import COUNTED, Figure, Finding
from lib.questions.question import Asking, CannotTell, Need, Parameters, Question, Shelf
from lib.questions.telling import wording
from lib.questions.telling.wording import during, when
from lib.router import NotHeld, Period, packages_counted
from lib.selection import Preset

_DAYS = 30

_MOST_ROWS = 1_000_000
"""How many rows, one for each package and day, are looked at to count packages by day: of all of
PyPI, one day alone."""


@dataclass(frozen=True)
class Daily:
    """How many packages were downloaded a day: the mean of the days told, and the days asked."""

    period: Period
    mean: float


def downloaded(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of packages with a download, most first: `project`, `downloads`, `share`, `rank`.

    From columns `project`, `downloads`. Downloads of no known package are left out; shares are of
    the others.
    """
    named = frame[(frame["project"] != UNKNOWN) & (frame["downloads"] > 0)]
    named = named.sort_values(["downloads", "project"], ascending=[False, True], ignore_index=True)
    shares = named["downloads"] / max(int(named["downloads"].sum()), 1)
    return with_ranks(named.assign(share=shares))


def mean_a_day(frame: pd.DataFrame) -> float:
    """How many packages have a download on a mean day: of columns `period`, `project`, `downloads`.

    Days without any row are not counted as days.
    """
    named = frame[(frame["project"] != UNKNOWN) & (frame["downloads"] > 0)]
    return float(named.groupby("period")["project"].nunique().mean())


def _answer(asking: Asking) -> Finding:
    answer = asking.found.answer(asking.selection.query(asking.period, by=("project",)))
    packages = downloaded(answer.frame)
    if packages.empty:
        raise CannotTell(f"No downloads{wording.from_where(asking)} are held in these days.")
    daily, asked_daily = _daily(asking, answer.period, len(answer.frame))
    half = concentration(packages["downloads"])
    held = packages_counted(asking.found.state.coverage)
    of_held = f" of {len(held):,}" if held else ""
    return Finding(
        sentence=_sentence(asking, answer.period, len(packages), daily, half),
        number=f"{len(packages):,}{of_held} packages",
        interval=COUNTED,
        certainty="Every package with at least one download is counted; which packages make half "
        "of the downloads is counted from the most downloaded on.",
        would_change="Packages that are not held, a longer period, and mirrors, which fetch even "
        "packages that nobody uses.",
        period=answer.period,
        figures=(_figure(asking, packages, answer.period, half),),
        table=_table(packages),
        answers=(answer, *asked_daily),
        breaks=asking.breaks(answer.period),
        caveats=(*_caveats(asking, answer, packages), *wording.caveats(asking, answer.period)),
    )


def _daily(
    asking: Asking, period: Period, packages: int
) -> tuple[Daily | None, tuple[Answer, ...]]:
    """How many packages a day, in the last days of the period; None where no days are held."""
    days = min(_DAYS, period.days, max(_MOST_ROWS // packages, 1))
    last = Period(period.last - timedelta(days=days - 1), period.last)
    query = asking.selection.query(last, grain=Grain.DAY, by=("project",))
    try:
        answer = asking.found.answer(query)
    except NotHeld:
        return None, ()
    if not answer.frame["downloads"].sum() > 0:
        return None, ()
    return Daily(answer.period, mean_a_day(answer.frame)), (answer,)


def _sentence(asking: Asking, period: Period, count: int, daily: Daily | None, half: int) -> str:
    held = packages_counted(asking.found.state.coverage)
    if held is None:
        subject = f"{count:,} packages of PyPI were"
    elif len(held) == 1:
        subject = f"{held[0]}, the only package held, was"
    elif count == len(held):
        subject = f"All {count:,} packages held were"
    else:
        subject = f"{count:,} of the {len(held):,} packages held were"
    where = wording.from_where(asking)
    few = f"; {half:,} {wording.agreeing(half, 'makes', 'make')} half of the downloads"
    return (
        f"{subject} downloaded{where} {during(period)}"
        f"{_a_day(daily, period, count)}{few if count > 1 else ''}."
    )


def _a_day(daily: Daily | None, period: Period, count: int) -> str:
    """How many of them a day, and on which days."""
    if daily is None or count == 1 or period.days == 1:
        return ""
    if daily.period.days == 1:
        return f", {daily.mean:,.0f} of them on {day(daily.period.last)}"
    last = "" if daily.period == period else f" of the last {daily.period.days}"
    if daily.mean == count:
        return f", all of them on every day{last}"
    return f", {_rounded(daily.mean)} of them on a mean day{last}"


def _rounded(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:,.1f}"


def _caveats(asking: Asking, answer: Answer, packages: pd.DataFrame) -> list[str]:
    found = []
    if held := packages_counted(asking.found.state.coverage):
        found.append(
            f"This store holds {len(held):,} chosen packages: PyPI has several hundred thousand."
        )
    unnamed = 1 - int(packages["downloads"].sum()) / int(answer.frame["downloads"].sum())
    if unnamed:
        found.append(f"{percent(unnamed)} of the downloads name no package, and are left out.")
    return found


def _figure(asking: Asking, packages: pd.DataFrame, period: Period, half: int) -> Figure:
    curve = rank_size(packages["downloads"])
    first, last = packages.iloc[0], packages.iloc[-1]
    return Figure(
        title=f"Downloads by rank{wording.from_where(asking)}: {when(period)}",
        unit="Downloads (file requests) in these days, both axes logarithmic",
        alt=f"Downloads against rank. First: {first['project']}, {compact(first['downloads'])}. "
        f"Last of {len(packages):,}: {compact(last['downloads'])}. Half of all downloads go to the "
        f"first{f' {half:,}' if half > 1 else ''}.",
        draw=lambda theme: rank_size_curve(curve, theme, asking.signature, half=half),
    )


def _table(packages: pd.DataFrame) -> pd.DataFrame:
    listed = packages.head(MOST_LISTED)
    return pd.DataFrame(
        {
            "Rank": listed["rank"],
            "Package": listed["project"],
            "Downloads": listed["downloads"],
            "Share": listed["share"],
            "Share up to here": listed["share"].cumsum(),
        }
    )


QUESTION = Question(
    key="packages-downloaded",
    prompt="How many packages are being downloaded?",
    teaser="How many have a download, how many a day, and how few make half of them",
    shelf=Shelf.SIMPLE,
    parameters=Parameters(country=True, period=Preset.MONTH),
    needs=(Need(Grain.MONTH, ("project",)), Need(Grain.DAY, ("project",), optional=True)),
    answer=_answer,
    words=("how many packages", "number of packages", "concentrated", "concentration", "long tail"),
)
