"""What a question is: its prompt, its parameters, what it needs, and how it is answered."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from lib.aggregate import AggregateQuery
from lib.analysis.comparable import with_stretches
from lib.breaks import Break, breaks_for, breaks_in
from lib.charts import TimeAxis
from lib.cubes import DIMENSION, MAX_PACKAGES, Grain
from lib.data import Downloads
from lib.errors import PulseError
from lib.packages import groups
from lib.router import Period, available_period
from lib.selection import Preset, Selection

if TYPE_CHECKING:
    import pandas as pd

    from lib.questions.finding import Finding


class Shelf(StrEnum):
    """Where the catalog keeps a question."""

    SIMPLE = "Simple"
    INTERESTING = "Interesting"
    BEYOND = "Beyond"


class CannotTell(PulseError):
    """What is held is too little to answer: the message says how much is held, and is needed."""


@dataclass(frozen=True)
class PackageSet:
    """Packages that are counted as one, under a name: `tensorflow` with `tensorflow-cpu`."""

    name: str
    packages: tuple[str, ...]


@dataclass(frozen=True)
class Option:
    """A choice of a question's own, such as a threshold. `name` is its query parameter.

    `values` are what may be chosen, with what a reader sees; the first is the default.
    """

    name: str
    label: str
    values: tuple[tuple[str, str], ...]

    @property
    def default(self) -> str:
        """The value that is chosen where the reader chooses none."""
        return self.values[0][0]


@dataclass(frozen=True)
class PackageChoice:
    """How many packages a question takes, and which it begins with where the store holds them.

    With `fewest` 0 it is about all packages held until the reader names some.
    """

    fewest: int
    most: int = MAX_PACKAGES
    default: tuple[str, ...] = ()


@dataclass(frozen=True)
class SetChoice:
    """How many sets of packages a question takes, and those that it begins with."""

    fewest: int
    most: int
    default: tuple[PackageSet, ...]


@dataclass(frozen=True)
class Parameters:
    """What a reader can choose: the parts of a selection that the question takes, and its own.

    A part that is None is not taken. `period` is how far back it looks at first, to the last day
    held; `country` whether it can be about one country; `default_country` the one it begins with.
    """

    packages: PackageChoice | None = None
    sets: SetChoice | None = None
    country: bool = False
    default_country: str = ""
    period: Preset = Preset.YEAR
    options: tuple[Option, ...] = ()


@dataclass(frozen=True)
class Need:
    """A cube that a question needs: any that is split by `dimensions` and sums to `grain`.

    With `optional` the question has an answer without it too, which then says less.
    """

    grain: Grain
    dimensions: tuple[str, ...]
    optional: bool = False

    @property
    def words(self) -> str:
        """The cube in words: `day × package × country`."""
        labels = (DIMENSION[name].label.lower() for name in self.dimensions)
        return " × ".join((str(self.grain), *labels))


@dataclass(frozen=True)
class Asked:
    """The values of a question's parameters: what its address says.

    `selection` holds packages, period and the filter on a country; `options` pairs of name and
    value, for every option of the question.
    """

    selection: Selection = field(default_factory=Selection)
    sets: tuple[PackageSet, ...] = ()
    options: tuple[tuple[str, str], ...] = ()

    def option(self, name: str) -> str:
        """The value of an option. Raises KeyError for a name that is no option."""
        return dict(self.options)[name]

    @property
    def packages(self) -> tuple[str, ...]:
        """The packages named, alone or in sets, each once."""
        in_sets = (name for each in self.sets for name in each.packages)
        return tuple(dict.fromkeys((*self.selection.packages, *in_sets)))


@dataclass(frozen=True)
class Asking:
    """Everything that a question is answered from: the store, what is asked, and the last day over.

    The period of `asked.selection` is fixed days.
    """

    found: Downloads
    asked: Asked
    yesterday: date

    @property
    def selection(self) -> Selection:
        """The packages, period and filters that are asked about."""
        return self.asked.selection

    @property
    def period(self) -> Period:
        """The days that are asked about."""
        return self.found.period(self.selection)

    @property
    def packages(self) -> tuple[str, ...]:
        """The packages named; none where it is about all that are held."""
        return self.selection.packages

    @property
    def country(self) -> str:
        """The code of the country asked about, or nothing for the world."""
        return next(iter(self.selection.values("country")), "")

    @property
    def signature(self) -> str:
        """The source as figures carry it inside, safe in Plotly's markup."""
        return html.escape(f"{self.found.state.source_words} · PyPI Pulse")

    def holds(self, grain: Grain, *dimensions: str) -> bool:
        """Whether the store holds some of the period at this grain, split by these dimensions."""
        return self.held(self.selection.query(self.period, grain=grain, by=dimensions)) is not None

    def held(self, query: AggregateQuery) -> Period | None:
        """The longest part of a query's days that the store holds; None where it holds none."""
        part = available_period(self.found.state.coverage, query)
        return part.overlap(Period(query.first, query.last)) if part else None

    def with_stretches(self, frame: pd.DataFrame, grain: Grain, *splits: str) -> pd.DataFrame:
        """`frame` with its `stretch`: in which periods rows split by `splits` are counted alike."""
        filtered = (condition.dimension for condition in self.selection.conditions())
        breaks = breaks_for(self.found.state.sources)
        return with_stretches(frame, grain, breaks, (*filtered, *splits))

    def breaks(self, period: Period, *splits: str) -> tuple[Break, ...]:
        """The breaks of the record in a period that show in figures split by `splits`."""
        filtered = {condition.dimension for condition in self.selection.conditions()}
        return breaks_in(period, self.found.state.sources, {*filtered, *splits})

    def axis(self, period: Period, grain: Grain, *splits: str) -> TimeAxis:
        """The time axis of a figure, with its breaks and provisional days marked."""
        provisional = self.found.state.provisional(grain, self.yesterday)
        return TimeAxis(period, grain, self.signature, self.breaks(period, *splits), provisional)


@dataclass(frozen=True)
class Question:
    """A question of the catalog.

    `key` is its name in addresses; `prompt` the question as a reader reads it; `teaser` what the
    answer shows, in a few words. `words` are words and phrases by which people ask it, for the
    box that turns words into a question. `answer` raises NotHeld where the store lacks a cube, and
    CannotTell where it holds too little.
    """

    key: str
    prompt: str
    teaser: str
    shelf: Shelf
    parameters: Parameters
    needs: tuple[Need, ...]
    answer: Callable[[Asking], Finding]
    words: tuple[str, ...] = ()

    def lacking(self, asking: Asking) -> tuple[Need, ...]:
        """The cubes that it needs, and that hold nothing of what is asked."""
        return tuple(
            need
            for need in self.needs
            if not need.optional and not asking.holds(need.grain, *need.dimensions)
        )


def group_set(name: str) -> PackageSet:
    """The named group of packages as a set."""
    return PackageSet(name, groups()[name])
