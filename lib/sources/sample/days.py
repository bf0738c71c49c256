"""Days as integers since 1970-01-01, and the spans of days that cubes hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from lib.sources.sample.arrays import Integers

EPOCH = date(1970, 1, 1)
BEGINNING = date(2018, 1, 1)
"""The first day that the sample simulates."""

_HORIZON_YEAR = 2027
"""Totals are always computed to the end of this year at least, so that they never depend on
the day on which the sample is built."""


def number(day: date) -> int:
    """Days from 1970-01-01 to `day`."""
    return (day - EPOCH).days


def day_of(days_since_epoch: int) -> date:
    """The day that is so many days after 1970-01-01."""
    return EPOCH + timedelta(days=days_since_epoch)


@dataclass(frozen=True)
class Span:
    """The days from `first` to `last`, both included; empty when `last` is before `first`."""

    first: date
    last: date

    @property
    def is_empty(self) -> bool:
        """Whether no day is in it."""
        return self.last < self.first

    def numbers(self) -> Integers:
        """Its days as days since 1970: shape [days]."""
        return np.arange(number(self.first), number(self.last) + 1, dtype=np.int64)

    def since(self, day: date) -> Span:
        """The part of it from `day` on."""
        return Span(max(self.first, day), self.last)

    def until(self, day: date) -> Span:
        """The part of it to `day`."""
        return Span(self.first, min(self.last, day))


def simulated_years(until: date) -> range:
    """The whole years that totals are computed for, whatever part of them is kept."""
    return range(BEGINNING.year, max(until.year, _HORIZON_YEAR) + 1)


def whole_years(years: range) -> Span:
    """All days of consecutive years."""
    return Span(date(years.start, 1, 1), date(years.stop - 1, 12, 31))


def middle_of_month(month: str) -> int:
    """The 15th of a month written as "2026-03", in days since 1970."""
    return number(date.fromisoformat(f"{month}-15"))


def days_of_month(month: str) -> Span:
    """All days of a month written as "2026-03"."""
    first = date.fromisoformat(f"{month}-01")
    following = (first + timedelta(days=32)).replace(day=1)
    return Span(first, following - timedelta(days=1))
