"""Dated breaks in the public record, which every time chart marks."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from lib.router import Period

_BREAKS = Path(__file__).with_name("breaks.csv")


@dataclass(frozen=True)
class Break:
    """A change in what the record holds.

    `first` and `last` are UTC days; `last` is None for a change that lasts. `effect` says what a
    chart shows because of it, `reference` who documents it. `splits` names the dimensions whose
    split alone it changes; without them it changes the counts themselves.
    """

    first: date
    last: date | None
    kind: str
    title: str
    effect: str
    sources: tuple[str, ...]
    splits: tuple[str, ...]
    reference: str

    def concerns(self, dimensions: Iterable[str]) -> bool:
        """Whether it shows in figures that are split or filtered by these dimensions."""
        return not self.splits or bool(set(self.splits) & set(dimensions))

    def touches(self, period: Period) -> bool:
        """Whether the break begins, ends or lies within the period, and not all around it."""
        if self.last is None:
            return period.first < self.first <= period.last
        begins = period.first < self.first <= period.last
        ends = period.first <= self.last < period.last
        return begins or ends or (self.first == period.first and self.last <= period.last)

    def separates(self, one: Period, other: Period) -> bool:
        """Whether levels of the two periods cannot be compared because of it."""
        return not self.splits and self._part(one) != self._part(other)

    def _part(self, period: Period) -> float:
        """The share of the period's days that the break affects."""
        last = self.last or date.max
        affected = Period(self.first, last).overlap(period)
        return affected.days / period.days if affected else 0.0


@cache
def all_breaks() -> tuple[Break, ...]:
    """Every break, in the order of their first day."""
    with _BREAKS.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        found = [
            Break(
                date.fromisoformat(row["start"]),
                date.fromisoformat(row["end"]) if row["end"] else None,
                row["kind"],
                row["title"],
                row["effect"],
                tuple(row["sources"].split()),
                tuple(row["splits"].split()),
                row["reference"],
            )
            for row in rows
        ]
    return tuple(sorted(found, key=lambda found_break: found_break.first))


def breaks_for(sources: Iterable[str]) -> tuple[Break, ...]:
    """The breaks that show in rows of these sources."""
    names = {"all", *sources}
    return tuple(found for found in all_breaks() if names & set(found.sources))


def as_levels(found: Iterable[Break], dimensions: Iterable[str]) -> tuple[Break, ...]:
    """The breaks as rows filtered by `dimensions` meet them.

    One that changes the split by one of these changes the levels of what is filtered.
    """
    names = tuple(dimensions)
    return tuple(replace(each, splits=()) if each.concerns(names) else each for each in found)


def breaks_in(
    period: Period, sources: Iterable[str], dimensions: Iterable[str] = ()
) -> tuple[Break, ...]:
    """The breaks that a chart of the period, split or filtered by `dimensions`, must mark."""
    names = tuple(dimensions)
    found = [b for b in breaks_for(sources) if b.touches(period) and b.concerns(names)]
    starts = {b.first for b in found}
    return tuple(b for b in found if b.first > period.first or not _ends_on_eve(b, starts))


def _ends_on_eve(found: Break, starts: set[date]) -> bool:
    """Whether a break ends where another begins: one mark is then enough for both."""
    return found.last is not None and found.last + timedelta(days=1) in starts


def separating(one: Period, other: Period, sources: Iterable[str]) -> Break | None:
    """The latest break that forbids comparing the levels of two periods, or None."""
    found = [b for b in breaks_for(sources) if b.separates(one, other)]
    return found[-1] if found else None
