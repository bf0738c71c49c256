"""Which package is on top now, by how much, and where its downloads come from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import pandas as pd

from lib.aggregate import REST
from lib.analysis.standing import leaders
from lib.cubes import DIMENSION, UNKNOWN, Grain
from lib.data import Answer
from lib.finding_charts.bars import bars
from lib.formats import compact, percent, value_label
from lib.questions.finding import COUNTED, Figure, Finding
from lib.questions.question import Asking, CannotTell, Need, Parameters, Question, Shelf
from lib.questions.rows.distribution import (
    DIMENSIONS,
    Distribution,
    distribution,
    distribution_figure,
    distribution_map,
)
from lib.questions.telling import wording
from lib.questions.telling.wording import during, when
from lib.router import NotHeld, Period
from lib.selection import Preset

_NOW = 7
"""How many closed days are now: each weekday once."""

_SHOWN = 10


@dataclass(frozen=True, eq=False)
class Top:
    """The packages of now, most first (`project`, `downloads`, `share`), and their days."""

    period: Period
    packages: pd.DataFrame

    @property
    def first(self) -> str:
        """The package on top."""
        return str(self.packages["project"].iloc[0])

    @property
    def share(self) -> str:
        """Its share of all downloads."""
        return percent(float(self.packages["share"].iloc[0]))

    @property
    def lead(self) -> float | None:
        """How many times as many downloads the first has as the second; None without a second."""
        if len(self.packages) < 2:
            return None
        return float(self.packages["downloads"].iloc[0] / self.packages["downloads"].iloc[1])


def time_on_top(frame: pd.DataFrame, package: str) -> tuple[int, int]:
    """In how many periods `package` led, and of how many: of `period`, `project`, `downloads`."""
    led = leaders(frame[~frame["project"].isin([REST, UNKNOWN])])
    return int((led == package).sum()), len(led)


def latest(period: Period, *, daily: bool) -> Period:
    """The part of a period that is now: its last seven days, or its last month without days."""
    first = period.last - timedelta(days=_NOW - 1) if daily else period.last.replace(day=1)
    return Period(max(period.first, first), period.last)


def _answer(asking: Asking) -> Finding:
    now = latest(asking.period, daily=asking.holds(Grain.DAY, "project"))
    answer = asking.found.by_package(asking.selection, now)
    named = answer.frame[~answer.frame["project"].isin([REST, UNKNOWN])]
    top = Top(answer.period, named[named["downloads"] > 0].reset_index(drop=True))
    if top.packages.empty:
        raise CannotTell(f"No downloads{wording.from_where(asking)} are held {during(top.period)}.")
    steadiness, asked_led = _steadiness(asking, top)
    told = distribution(asking, top.first, top.period)
    return Finding(
        sentence=_sentence(asking, top),
        details=told.words,
        number=top.share,
        interval=f"of the downloads held{wording.from_where(asking)}, {COUNTED}",
        certainty=f"Every download held is counted.{steadiness}",
        would_change="Late rows of provisional days, packages that are not held, and other days. "
        "Machines fetch what others depend on at every build: this is no count of people.",
        period=top.period,
        figures=(
            *([distribution_figure(asking, told)] if told.splits else []),
            _standing(asking, top),
        ),
        table=_table(top, told, f"all downloads held{wording.from_where(asking)}"),
        answers=(answer, *asked_led, *told.splits.values()),
        packages=(top.first,),
        breaks=asking.breaks(top.period, *told.splits),
        caveats=(*told.caveats, *wording.caveats(asking, top.period)),
        map=distribution_map(asking, told),
    )


def _steadiness(asking: Asking, top: Top) -> tuple[str, tuple[Answer, ...]]:
    """How often the package led in all the days asked about, in words, and what was asked.

    Of all of PyPI only those that are listed now are looked at: the others are too many.
    """
    selection, among = asking.selection, ""
    if asking.found.state.packages is None:
        selection = replace(selection, packages=tuple(top.packages["project"]))
        among = f", among the first {len(top.packages):,} of now"
    grain = asking.found.grain(selection, asking.period)
    try:
        query = selection.query(asking.period, grain=grain, by=("project",))
        answer = asking.found.answer(query)
    except NotHeld:
        return "", ()
    led, of = time_on_top(answer.frame, top.first)
    if of < 2:
        return "", ()
    words = f" {top.first} led in {led:,} of the {of:,} {grain}s asked about{among}."
    return words, (answer,)


def _sentence(asking: Asking, top: Top) -> str:
    lead = ", the only one with downloads"
    if top.lead is not None:
        times = f"{top.lead:.2f}" if top.lead < 10 else f"{top.lead:,.0f}"
        lead = f", {times} times as many as {top.packages['project'].iloc[1]}, the second"
    return (
        f"{top.first} was on top {during(top.period)}: {top.share} of the downloads of "
        f"{wording.all_packages(asking)}{wording.from_where(asking)}{lead}."
    )


def _standing(asking: Asking, top: Top) -> Figure:
    first = top.packages.head(_SHOWN)
    frame = first.assign(
        label=first["project"], value=first["downloads"], strong=first["project"] == top.first
    )
    values = zip(frame["label"], frame["value"], strict=True)
    return Figure(
        title=f"The first {len(frame)}{wording.from_where(asking)}: {when(top.period)}",
        unit="Downloads (file requests)",
        alt=f"Downloads: {', '.join(f'{name} {compact(number)}' for name, number in values)}.",
        draw=lambda theme: bars(frame, theme, asking.signature, unit="Downloads"),
    )


def _table(top: Top, told: Distribution, whole: str) -> pd.DataFrame:
    """The first packages as parts of the `whole`, then the parts of the one on top."""
    first = top.packages.head(_SHOWN).rename(columns={"project": "Value"})
    tables = [first.assign(Split="Package", Of=whole)]
    for name, answer in told.splits.items():
        labels = [value_label(name, str(value)) for value in answer.frame[name]]
        table = answer.frame.assign(Value=labels, Split=DIMENSION[name].label, Of=top.first)
        tables.append(table.drop(columns=name))
    table = pd.concat(tables, ignore_index=True)
    table = table.rename(columns={"downloads": "Downloads", "share": "Share"})
    return table[["Split", "Value", "Downloads", "Share", "Of"]]


QUESTION = Question(
    key="top-now",
    prompt="Which package is on top now, and how is it distributed?",
    teaser="The most downloaded package, its lead, and where its downloads come from",
    shelf=Shelf.SIMPLE,
    parameters=Parameters(country=True, period=Preset.MONTH),
    needs=(
        Need(Grain.MONTH, ("project",)),
        *(Need(Grain.MONTH, ("project", name), optional=True) for name in DIMENSIONS),
    ),
    answer=_answer,
    words=("on top", "number one", "leading package", "most downloaded", "most popular"),
)
