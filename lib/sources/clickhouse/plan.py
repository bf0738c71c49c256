"""What will be fetched in which answers, and what one of them has brought."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from lib.cubes import Cube


@dataclass(frozen=True)
class DayCount:
    """What the server counts of one UTC day: `rows` of a cube, which sum to `downloads`."""

    day: date
    rows: int
    downloads: int


@dataclass(frozen=True)
class Plan:
    """How a cube of some packages is fetched: chunks of consecutive days, each one answer."""

    cube: Cube
    packages: tuple[str, ...]
    chunks: tuple[tuple[DayCount, ...], ...]

    @property
    def rows(self) -> int:
        """The rows that will be fetched."""
        return sum(day.rows for chunk in self.chunks for day in chunk)

    @property
    def downloads(self) -> int:
        """The downloads that they sum to."""
        return sum(day.downloads for chunk in self.chunks for day in chunk)

    @property
    def queries(self) -> int:
        """The queries that fetching takes where no answer is cut; planning took one more."""
        return sum(any(day.rows for day in chunk) for chunk in self.chunks)


@dataclass(frozen=True)
class Fetched:
    """All rows of a cube, about `packages`, of the UTC days `first` to `last`, both inclusive.

    `rows` has the columns `period` (date32), the cube's dimensions (strings; `unknown` where the
    value is missing) and `downloads` (int64). Days without rows have no downloads.
    """

    cube: Cube
    packages: tuple[str, ...]
    first: date
    last: date
    rows: pa.Table


def in_chunks(days: Sequence[DayCount], rows_at_once: int) -> tuple[tuple[DayCount, ...], ...]:
    """Consecutive days, as many as have `rows_at_once`; a day that has more is alone."""
    chunks: list[list[DayCount]] = []
    rows = 0
    for day in days:
        rows += day.rows
        if not chunks or rows > rows_at_once:
            chunks.append([])
            rows = day.rows
        chunks[-1].append(day)
    return tuple(tuple(chunk) for chunk in chunks)
