"""What a store lacks of a wish: pure functions on coverage."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby

from lib.cubes import Coverage, Cube
from lib.periods import provisional_since
from lib.router import Period

_DAY = timedelta(days=1)

_BATCH = 10
"""The most packages of one question: with more, BigQuery skips less, and ClickHouse cuts a day."""


_LOADED_AFTER = timedelta(hours=12)
"""A day is whole so long after its end: by 07:34 UTC in hugovk/top-pypi-packages, March 2026."""


@dataclass(frozen=True)
class Part:
    """A day of a cube that must be read, of the named packages or of all of PyPI.

    `replaces` is what the store holds of it from before the source added rows, if anything.
    """

    cube: Cube
    day: date
    packages: tuple[str, ...] | None
    replaces: Coverage | None = None


def missing_parts(
    coverage: Sequence[Coverage], cube: Cube, packages: tuple[str, ...] | None, period: Period
) -> tuple[Part, ...]:
    """The days of a period that a cube lacks of `packages` (of all of PyPI where None)."""
    held = [row for row in coverage if row.cube == cube]
    parts = []
    for number in range(period.days):
        day = period.first + number * _DAY
        rows = [row for row in held if row.first <= day <= row.last]
        if packages is None:
            if not any(row.packages is None for row in rows):
                parts.append(Part(cube, day, None))
            continue
        lacking = tuple(name for name in packages if not any(row.covers(name) for row in rows))
        if lacking:
            parts.append(Part(cube, day, lacking))
    return tuple(parts)


def runs(parts: Iterable[Part]) -> tuple[tuple[Period, tuple[str, ...] | None], ...]:
    """Parts of one cube as runs of days for which the same packages are wanted."""
    found = []
    ordered = sorted(parts, key=lambda part: part.day)
    for packages, group in groupby(ordered, key=lambda part: part.packages):
        days = [part.day for part in group]
        start = 0
        for number in range(1, len(days) + 1):
            if number == len(days) or days[number] - days[number - 1] > _DAY:
                found.append((Period(days[start], days[number - 1]), packages))
                start = number
    return tuple(found)


def first_provisional(now: datetime) -> date:
    """The first day to which its source may still add rows."""
    return provisional_since(now.date() - _DAY)


def newest_loaded(now: datetime) -> date:
    """The newest day that a source which does not tell is taken to have whole."""
    return (now - _LOADED_AFTER).date() - _DAY


def batches_of(packages: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """The packages, as few at a time as one question is about."""
    starts = range(0, len(packages), _BATCH)
    return tuple(tuple(packages[start : start + _BATCH]) for start in starts)


def cheapest_batches(
    packages: Sequence[str], price: Callable[[tuple[str, ...]], int]
) -> tuple[tuple[str, ...], ...]:
    """Packages as batches of a few, or one by one where `price` says that costs less.

    `price` gives the bytes that a query of such packages is estimated to read.
    """
    batches: list[tuple[str, ...]] = []
    for together in batches_of(packages):
        apart = [(name,) for name in together]
        if len(together) > 1 and sum(map(price, apart)) < price(together):
            batches.extend(apart)
        else:
            batches.append(together)
    return tuple(batches)


def merged(coverage: Iterable[Coverage]) -> tuple[Coverage, ...]:
    """The same coverage in fewer rows: neighboring final days of the same packages as one."""

    def kind(row: Coverage) -> tuple[str, str, bool, tuple[str, ...]]:
        return row.cube.name, row.source, row.packages is None, row.packages or ()

    joined: list[Coverage] = []
    for row in sorted(coverage, key=lambda row: (kind(row), row.first)):
        last = joined[-1] if joined else None
        final = last is not None and not last.fingerprint and not row.fingerprint
        if last and final and kind(last) == kind(row) and row.first == last.last + _DAY:
            joined[-1] = replace(
                last,
                last=row.last,
                written_at=max(last.written_at, row.written_at),
                bytes_billed=last.bytes_billed + row.bytes_billed,
            )
        else:
            joined.append(row)
    return tuple(joined)
