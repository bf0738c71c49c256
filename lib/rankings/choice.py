"""What a reader of the rankings has chosen: one frozen value, to and from the URL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from lib.aggregate import Filter
from lib.installers import InstallerClass
from lib.parameters import LONGEST_VALUE, Reading
from lib.router import Period
from lib.selection import Selection, from_parameters, period_text, read_period, to_parameters

FILTERS = ("country", "system")
"""The dimensions that rankings are filtered by."""


class Show(StrEnum):
    """Which list is shown."""

    TOP = "top"
    HOT = "hot"
    EMERGING = "emerging"
    COOLING = "cooling"
    STEADY = "steady"
    GONE = "gone"


SHOW_LABELS = {
    Show.TOP: "Top",
    Show.HOT: "Hot",
    Show.EMERGING: "Emerging",
    Show.COOLING: "Cooling",
    Show.STEADY: "Steady giants",
    Show.GONE: "Gone",
}


class Span(StrEnum):
    """A period that moves with the data: it ends on the last day held, or of a month held."""

    DAY = "1d"
    WEEK = "7d"
    DAYS = "30d"
    MONTH = "month"
    YEAR = "1y"


SPAN_LABELS = {
    Span.DAY: "Day",
    Span.WEEK: "7 days",
    Span.DAYS: "30 days",
    Span.MONTH: "Month",
    Span.YEAR: "Year",
}

_SPAN_DAYS = {Span.DAY: 1, Span.WEEK: 7, Span.DAYS: 30, Span.YEAR: 365}


@dataclass(frozen=True)
class Choice:
    """What is ranked and how it is shown.

    `filters` keeps the downloads from some countries or systems. `group` names a group of packages,
    of the app or the reader's own; without one all that are held are ranked. `search` is a part of
    the names that are listed.
    """

    show: Show = Show.TOP
    period: Span | Period = Span.DAYS
    filters: tuple[Filter, ...] = ()
    group: str = ""
    counting: tuple[InstallerClass, ...] = tuple(InstallerClass)
    search: str = ""

    def values(self, dimension: str) -> tuple[str, ...]:
        """The values of a dimension that are kept; none where all are."""
        return self._selection.values(dimension)

    def with_values(self, dimension: str, values: Sequence[str]) -> Choice:
        """The choice with the filter on one dimension replaced, or removed by no values."""
        return replace(self, filters=self._selection.with_values(dimension, values).filters)

    def days(self, held: Period) -> Period:
        """The days that are ranked, given the days that the store holds."""
        if isinstance(self.period, Period):
            return self.period
        if self.period is Span.MONTH:
            return _last_month(held)
        first = held.last - timedelta(days=_SPAN_DAYS[self.period] - 1)
        return Period(max(first, held.first), held.last)

    def selection(self, packages: tuple[str, ...], days: Period) -> Selection:
        """What is asked of the store about some packages, or all, in these days."""
        return replace(self._selection, packages=packages, period=days)

    @property
    def _selection(self) -> Selection:
        return Selection(filters=self.filters, counting=self.counting)


def to_address(choice: Choice) -> dict[str, list[str]]:
    """The choice as query parameters; what is as by default is left out."""
    default = Choice()
    parameters: dict[str, list[str]] = {}
    if choice.show != default.show:
        parameters["show"] = [str(choice.show)]
    if choice.period != default.period:
        parameters["period"] = [period_text(choice.period)]
    parameters |= to_parameters(Selection(filters=choice.filters, counting=choice.counting))
    for name, text in (("group", choice.group), ("search", choice.search)):
        if text:
            parameters[name] = [text]
    return parameters


def from_address(parameters: Mapping[str, Sequence[str]]) -> tuple[Choice, tuple[str, ...]]:
    """The choice that query parameters describe, and what of them was ignored and why.

    Any input gives a choice: nothing here raises. Parameters of other names are not read.
    """
    reading = Reading(parameters)
    shared = {name: parameters.get(name, ()) for name in (*FILTERS, "counting")}
    selection, ignored = from_parameters(shared)
    choice = Choice(
        show=reading.choice("show", Show, Show.TOP),
        period=read_period(reading, Span, Span.DAYS),
        filters=selection.filters,
        group=_read_text(reading, "group"),
        counting=selection.counting,
        search=_read_text(reading, "search"),
    )
    return choice, (*reading.ignored, *ignored)


def _read_text(reading: Reading, name: str) -> str:
    """The first value of a parameter, if it can be shown."""
    for text in reading.texts(name)[:1]:
        if len(text) <= LONGEST_VALUE and text.isprintable():
            return text
        reading.ignore(name, text, f"at most {LONGEST_VALUE} printable characters")
    return ""


def _last_month(held: Period) -> Period:
    """The last whole month that is held; what is held of the latest where none is whole."""
    after = held.last + timedelta(days=1)
    last = after.replace(day=1) - timedelta(days=1)
    if last < held.first:
        return held
    return Period(max(last.replace(day=1), held.first), last)
