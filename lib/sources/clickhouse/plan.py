"""What will be fetched in which answers, and what one of them has brought."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from lib.cubes import Cube

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class DayCount:
    """What the server counts of one UTC day: `rows` of a cube, which sum to `downloads`."""

    day: date
    rows: int
    downloads: int

    @property
    def fingerprint(self) -> str:
        """Another text whenever the day has changed."""
        return f"{self.rows} rows, {self.downloads} downloads"


@dataclass(frozen=True)
class Plan:
    """How a cube of some packages is fetched: chunks of consecutive days, each one answer.

    `absent` are the days asked for that ClickHouse has not loaded: no chunk spans one.
    """

    cube: Cube
    packages: tuple[str, ...]
    chunks: tuple[tuple[DayCount, ...], ...]
    absent: tuple[date, ...] = ()

    @property
    def days(self) -> tuple[date, ...]:
        """The days that will be fetched."""
        return tuple(day.day for chunk in self.chunks for day in chunk)

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

    @property
    def fingerprint(self) -> str:
        """What `DayCount` says of these rows, where they are of one day."""
        downloads = sum(self.rows["downloads"].to_pylist())
        return DayCount(self.first, self.rows.num_rows, downloads).fingerprint

    def split(self, since: date) -> Iterator[Fetched]:
        """The days before `since` together, and each later one apart."""
        first = self.first
        while first <= self.last:
            last = min(self.last, since - _DAY) if first < since else first
            within = (pc.field("period") >= first) & (pc.field("period") <= last)
            yield replace(self, first=first, last=last, rows=self.rows.filter(within))
            first = last + _DAY


def in_chunks(days: Sequence[DayCount], rows_at_once: int) -> tuple[tuple[DayCount, ...], ...]:
    """Consecutive days, as many as have `rows_at_once`; a day that has more is alone."""
    chunks: list[list[DayCount]] = []
    rows = 0
    for day in days:
        rows += day.rows
        follows = bool(chunks) and day.day == chunks[-1][-1].day + _DAY
        if not follows or rows > rows_at_once:
            chunks.append([])
            rows = day.rows
        chunks[-1].append(day)
    return tuple(tuple(chunk) for chunk in chunks)
