"""Picks the narrowest cube that can answer a query, or says what is held instead."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from lib.aggregate import AggregateQuery
from lib.cubes import DIMENSION, Coverage, Cube, Grain
from lib.errors import PulseError

_DAY = timedelta(days=1)


@dataclass(frozen=True, order=True)
class Period:
    """Days from `first` to `last`, both included, in UTC."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days the period has."""
        return (self.last - self.first).days + 1

    def overlap(self, other: Period) -> Period | None:
        """The days in both, or None."""
        first, last = max(self.first, other.first), min(self.last, other.last)
        return Period(first, last) if first <= last else None


class NotHeld(PulseError):
    """No cube holds what a query needs.

    `available` is the part of the period asked for, or failing that the latest period held, in
    which the query could be answered; None where the store lacks the combination altogether.
    """

    def __init__(self, query: AggregateQuery, available: Period | None) -> None:
        self.dimensions = query.dimensions
        self.packages = query.packages
        self.available = available
        super().__init__(_explanation(query, available))


def route(coverage: Sequence[Coverage], query: AggregateQuery) -> Cube:
    """The cube with the fewest dimensions, then the coarsest grain, that answers `query` whole.

    Raises NotHeld where there is none: a part of the period is never taken for the whole.
    """
    wanted = Period(query.first, query.last)
    answering = [
        cube
        for cube in _candidates(coverage, query)
        if any(held.overlap(wanted) == wanted for held in held_periods(coverage, cube, query))
        and _whole_part(wanted, cube) == wanted
    ]
    if not answering:
        raise NotHeld(query, available_period(coverage, query))
    coarseness = list(Grain)
    return min(answering, key=lambda c: (len(c.dimensions), -coarseness.index(c.grain), c.name))


def available_period(coverage: Sequence[Coverage], query: AggregateQuery) -> Period | None:
    """The longest part of the query's period that some cube could answer, or the latest held."""
    wanted = Period(query.first, query.last)
    held = [
        (period, cube)
        for cube in _candidates(coverage, query)
        for period in held_periods(coverage, cube, query)
    ]
    inside = [
        whole
        for period, cube in held
        if (part := period.overlap(wanted)) and (whole := _whole_part(part, cube))
    ]
    if inside:
        return max(inside, key=lambda period: (period.days, period.last))
    return max((period for period, _ in held), key=lambda period: period.last, default=None)


def held_periods(
    coverage: Sequence[Coverage], cube: Cube, query: AggregateQuery
) -> tuple[Period, ...]:
    """The periods in which `cube` holds every package that the query is about.

    A query about all packages needs all of `packages_counted`, for a total of some of them is not
    the total.
    """
    rows = [row for row in coverage if row.cube == cube]
    packages = query.packages or packages_counted(coverage)
    if packages is None:
        return _merged(Period(row.first, row.last) for row in rows if row.packages is None)
    wanted = frozenset(packages)
    if all(row.covers_all(wanted) for row in rows):
        return _merged(Period(row.first, row.last) for row in rows)
    common: tuple[Period, ...] | None = None
    for held_in in {tuple(row.covers(package) for row in rows) for package in wanted}:
        periods = _merged(
            Period(row.first, row.last) for row, held in zip(rows, held_in, strict=True) if held
        )
        common = periods if common is None else _overlaps(common, periods)
    return common or ()


def packages_counted(coverage: Sequence[Coverage]) -> tuple[str, ...] | None:
    """The packages that "all packages" means: the most that one cube holds; None for all of PyPI.

    Files of different packages may stand in one store. All of those together could be counted
    nowhere.
    """
    if any(row.packages is None for row in coverage):
        return None
    by_cube: dict[Cube, set[str]] = {}
    for row in coverage:
        by_cube.setdefault(row.cube, set()).update(row.packages or ())
    most: set[str] = set()
    for names in by_cube.values():
        most = names if len(names) > len(most) else most
    return tuple(sorted(most))


def packages_held(coverage: Sequence[Coverage]) -> tuple[str, ...] | None:
    """Every package that some cube holds, sorted; None where one holds all of PyPI."""
    if any(row.packages is None for row in coverage):
        return None
    return tuple(sorted({name for row in coverage for name in row.packages or ()}))


def _candidates(coverage: Sequence[Coverage], query: AggregateQuery) -> list[Cube]:
    """The cubes that are split finely enough for the query, whatever period they hold."""
    grain = query.grain or Grain.MONTH
    return [
        cube
        for cube in dict.fromkeys(row.cube for row in coverage)
        if cube.holds(query.dimensions) and cube.grain.sums_to(grain)
    ]


def _whole_part(period: Period, cube: Cube) -> Period | None:
    """The days of `period` that make up whole periods of the cube: whole months for months."""
    if cube.grain is not Grain.MONTH:
        return period
    first = period.first if period.first.day == 1 else first_of_next_month(period.first)
    last = first_of_next_month(period.last) - _DAY
    if last != period.last:
        last = period.last.replace(day=1) - _DAY
    return Period(first, last) if first < last else None


def first_of_next_month(day: date) -> date:
    """The first day of the month after the one that `day` is in."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


def _merged(periods: Iterable[Period]) -> tuple[Period, ...]:
    """The same days with neighbors and overlaps joined."""
    joined: list[Period] = []
    for period in sorted(periods):
        if joined and period.first <= joined[-1].last + _DAY:
            joined[-1] = Period(joined[-1].first, max(joined[-1].last, period.last))
        else:
            joined.append(period)
    return tuple(joined)


def _overlaps(one: Iterable[Period], other: Sequence[Period]) -> tuple[Period, ...]:
    return tuple(part for a in one for b in other if (part := a.overlap(b)))


def _explanation(query: AggregateQuery, available: Period | None) -> str:
    labels = [DIMENSION[name].label for name in query.dimensions if name != "project"]
    what = " with ".join(labels) if labels else "Downloads"
    grain = f" by {query.grain}" if query.grain else ""
    if available is None:
        return f"{what}{grain}: not held for these packages."
    return f"{what}{grain}: held from {available.first} to {available.last} only."
