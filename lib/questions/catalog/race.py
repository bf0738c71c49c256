"""The race: which packages led over the years, month by month."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

import pandas as pd

from lib.aggregate import REST
from lib.analysis.race import a_day, beside_breaks, reigns_beside, standings, thinned
from lib.breaks import Break, breaks_for
from lib.cubes import UNKNOWN, Grain
from lib.data import MOST_LISTED, Answer
from lib.finding_charts.bars import bars
from lib.finding_charts.race import race
from lib.formats import compact, moment
from lib.periods import period_starts
from lib.questions.finding import COUNTED, Figure, Finding
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
from lib.router import Period
from lib.selection import Preset, listed

_PLACES = 10

_MOST_FRAMES = 110

_FEWEST_MONTHS = 3

_MOST_TOLD = 6

_UNIT = "Downloads a day, mean of each month"


@dataclass(frozen=True, eq=False)
class Run:
    """A race that was run: `months` with rows, `standings` of them, and the `reigns` of leaders.

    `captions` are the breaks of the record by the month that lies beside them.
    """

    months: pd.DatetimeIndex
    standings: pd.DataFrame
    reigns: pd.DataFrame
    captions: Mapping[pd.Timestamp, str]

    @property
    def led(self) -> pd.Series[int]:
        """How many months each leader led, most first."""
        sums = self.reigns.groupby("leader")["periods"].sum()
        months: pd.Series[int] = sums.sort_values(ascending=False, kind="stable")
        return months

    @property
    def changes(self) -> pd.DataFrame:
        """The reigns that began by a change of the lead."""
        return self.reigns.iloc[1:]

    @property
    def when(self) -> str:
        """The first and the last month."""
        return f"{_month(self.months[0])} to {_month(self.months[-1])}"


def run(frame: pd.DataFrame, period: Period, breaks: tuple[Break, ...]) -> Run:
    """The race of a period, from columns `period` (months), `project` and `downloads`.

    Raises CannotTell where fewer than three months or two packages have downloads.
    """
    named = frame[~frame["project"].isin([REST, UNKNOWN]) & (frame["downloads"] > 0)]
    counted = a_day(named, period)
    months = pd.DatetimeIndex(counted["period"].drop_duplicates().sort_values())
    if len(months) < _FEWEST_MONTHS or counted["project"].nunique() < 2:
        raise CannotTell(
            f"A race needs {_FEWEST_MONTHS} months and 2 packages: downloads of "
            f"{counted['project'].nunique()} in {wording.counted(len(months), 'month')} are held "
            "here."
        )
    beside = beside_breaks(months, period, breaks)
    captions = {month: "; ".join(titles) for month, titles in beside.items()}
    led = reigns_beside(counted, period, breaks)
    return Run(months, standings(counted, _PLACES), led, captions)


def _answer(asking: Asking) -> Finding:
    answers = tuple(_monthly(asking))
    period = Period(answers[0].period.first, answers[-1].period.last)
    filtered = {condition.dimension for condition in asking.selection.conditions()}
    sources = asking.found.state.sources
    breaks = tuple(each for each in breaks_for(sources) if each.concerns(filtered))
    told = run(pd.concat([each.frame for each in answers]), period, breaks)
    return Finding(
        sentence=_sentence(asking, told),
        details=_details(told),
        number=f"{told.led.iloc[0]} of {len(told.months)} months",
        interval=f"in the lead: {told.led.index[0]}; {COUNTED}",
        certainty="Every download held is counted. Packages are compared within a month, where all "
        "are counted alike; bars of different months are each drawn against their own leader.",
        would_change="Packages that are not held, and a lead by downloads of another kind: a "
        "single build that goes wrong, or a mirror, can put a package on top for a month.",
        period=period,
        figures=(_race(asking, told), _lengths(asking, told)),
        table=_table(told),
        answers=answers,
        packages=asking.packages,
        breaks=asking.breaks(period),
        caveats=(*_caveats(told, period), *wording.caveats(asking, period)),
    )


def _monthly(asking: Asking) -> Iterator[Answer]:
    """Downloads by month and package; of all of PyPI year by year, the most downloaded of each.

    The ten of a month are far above the thousandth of its year.
    """
    query = asking.selection.query(asking.period, grain=Grain.MONTH, by=("project",))
    held = asking.held(query)
    if asking.found.state.packages is not None or asking.packages or held is None:
        yield asking.found.answer(query)
        return
    for year in range(held.first.year, held.last.year + 1):
        first, last = max(held.first, date(year, 1, 1)), min(held.last, date(year, 12, 31))
        answer = asking.found.answer(replace(query, first=first, last=last, top=MOST_LISTED))
        yield replace(answer, clipped=held != asking.period)


def _sentence(asking: Asking, told: Run) -> str:
    field = f"Of {wording.subject(asking)}{wording.from_where(asking)}, "
    leader, months = str(told.led.index[0]), int(told.led.iloc[0])
    if told.changes.empty:
        return f"{field}{leader} led in each of the {months} months from {told.when}."
    return (
        f"{field}{leader} led longest: {months} of the {len(told.months)} months from {told.when}."
    )


def _details(told: Run) -> str:
    """How often the lead changed, and who has it now."""
    if told.changes.empty:
        return ""
    last = told.reigns.iloc[-1]
    count, beside = len(told.changes), int(told.changes["beside"].sum())
    times = "once" if count == 1 else f"{count} times"
    sentence = (
        f"The lead changed {times}, and {last['leader']} has it since {_month(last['first'])}"
    )
    if not beside:
        return f"{sentence}."
    are = "is" if beside == 1 else "are"
    return f"{sentence}; {beside} of the changes {are} beside a break of the record."


def _caveats(told: Run, period: Period) -> list[str]:
    found = []
    beside = told.changes[told.changes["beside"]]
    if len(beside):
        names = [
            f"{leader} in {_month(first)}"
            for leader, first in zip(beside["leader"], beside["first"], strict=True)
        ]
        found.append(f"The record itself may have made these changes of the lead: {listed(names)}.")
    short = told.reigns[told.reigns["periods"] == 1]
    if len(short):
        found.append(f"{len(short)} of the {len(told.reigns)} leads lasted a single month.")
    starts = pd.DatetimeIndex(period_starts(period, Grain.MONTH).index)
    missing = [_month(month) for month in starts.difference(told.months)]
    if missing:
        more = f" and {len(missing) - _MOST_TOLD} more" if len(missing) > _MOST_TOLD else ""
        found.append(
            "Passed over, without rows or with fewer than seven days: "
            f"{', '.join(missing[:_MOST_TOLD])}{more}."
        )
    return found


def _race(asking: Asking, told: Run) -> Figure:
    drawn = thinned(told.months, _MOST_FRAMES)
    frame = told.standings[told.standings["period"].isin(drawn)]
    last = frame[frame["period"] == frame["period"].max()]
    values = zip(last["project"], last["value"], strict=True)
    every = "" if len(drawn) == len(told.months) else " Not every month is drawn."
    return Figure(
        title=f"The most downloaded of each month{wording.from_where(asking)}, {told.when}",
        unit=_UNIT,
        alt=f"{_UNIT}. At the end: "
        f"{', '.join(f'{name} {compact(value)}' for name, value in values)}.",
        draw=lambda theme: race(frame, told.captions, theme, asking.signature),
        note="From the last month, Play begins with the first. Each month is drawn against its "
        f"leader; ⚠ marks those in which the record changes.{every}",
    )


def _lengths(asking: Asking, told: Run) -> Figure:
    frame = pd.DataFrame({"label": told.led.index, "value": told.led.to_numpy()}).head(_PLACES)
    months = zip(frame["label"], frame["value"], strict=True)
    return Figure(
        title=f"Months in the lead: {told.when}",
        unit="Months with the most downloads",
        alt=f"Months in the lead: {', '.join(f'{name} {count}' for name, count in months)}.",
        draw=lambda theme: bars(frame, theme, asking.signature, unit="Months in the lead"),
    )


def _table(told: Run) -> pd.DataFrame:
    """The first ten of every month, the last month first."""
    ordered = told.standings.sort_values(
        ["period", "rank"], ascending=[False, True], ignore_index=True
    )
    return pd.DataFrame(
        {
            "Month": ordered["period"].dt.strftime("%Y-%m"),
            "Rank": ordered["rank"],
            "Package": ordered["project"],
            "Downloads a day": ordered["value"].round().astype("int64"),
            "Beside a break of the record": [
                told.captions.get(period, "") for period in ordered["period"]
            ],
        }
    )


def _month(start: pd.Timestamp) -> str:
    return moment(start, Grain.MONTH)


QUESTION = Question(
    key="race",
    prompt="The race: which packages led over the years?",
    teaser="The first ten of every month, to be played; who led how long",
    shelf=Shelf.INTERESTING,
    parameters=Parameters(packages=PackageChoice(fewest=0), country=True, period=Preset.ALL),
    needs=(Need(Grain.MONTH, ("project",)),),
    answer=_answer,
    words=("race", "bar chart race", "who led", "which packages led", "over the years", "animated"),
)
