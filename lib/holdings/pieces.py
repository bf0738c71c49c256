"""What a store holds as pieces of alike days: pure functions on coverage."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise

from lib.cubes import ALL_DIMENSIONS, Coverage, Cube, Grain
from lib.router import Period

_DAY = timedelta(days=1)

MOST_PIECES = 900
"""As many as one figure draws."""


@dataclass(frozen=True)
class Piece:
    """Days of a cube of which the same packages are held, from the same sources.

    `days` counts those held: all from `first` to `last`, but where gaps are too many to draw.
    `packages` is None for all of PyPI. What was billed for a longer period is split evenly.
    """

    cube: Cube
    first: date
    last: date
    days: int
    packages: frozenset[str] | None
    provisional: bool
    sources: frozenset[str]
    written_at: datetime
    bytes_billed: float

    def is_like(self, other: Piece) -> bool:
        """Whether the two differ in nothing but their days, their age and their price."""
        return (self.packages, self.provisional, self.sources) == (
            other.packages,
            other.provisional,
            other.sources,
        )


def provisional_from(row: Coverage, since: date) -> date | None:
    """The first day of `row` to which its source may still add downloads, or None.

    All of it where it was read before its days were final; else its days from `since` on. What
    stands in a file, and a month that is over, is as it is.
    """
    if row.fingerprint:
        return row.first
    final = row.source == "files" or row.cube.grain is Grain.MONTH
    return None if final or row.last < since else max(row.first, since)


def pieces(coverage: Iterable[Coverage], since: date) -> tuple[Piece, ...]:
    """What is held of each cube, widest grain and fewest dimensions first, in order of days.

    `since` is the first day that may still change. No more pieces than one figure can draw.
    """
    rows_of: dict[Cube, list[Coverage]] = defaultdict(list)
    for row in coverage:
        rows_of[row.cube].append(row)
    return tuple(
        piece
        for cube in sorted(rows_of, key=place)
        for piece in _thinned(_joined(_cut(rows_of[cube], since)), MOST_PIECES // len(rows_of))
    )


def place(cube: Cube) -> tuple[int, int, tuple[int, ...]]:
    """Where a cube stands in a list: the widest grain and the fewest dimensions first."""
    numbers = tuple(ALL_DIMENSIONS.index(name) for name in cube.dimensions)
    return -list(Grain).index(cube.grain), len(numbers), numbers


def _cut(rows: Sequence[Coverage], since: date) -> Iterator[Piece]:
    """One cube's days, cut wherever a row of coverage begins or ends."""
    beginning: dict[date, list[Coverage]] = defaultdict(list)
    for row in rows:
        beginning[row.first].append(row)
    cuts = {since, *beginning, *(row.last + _DAY for row in rows)}
    active: list[Coverage] = []
    for first, after in pairwise(sorted(cuts)):
        active = [row for row in active if row.last >= first] + beginning[first]
        if active:
            yield _piece(active, Period(first, after - _DAY), since)


def _piece(rows: Sequence[Coverage], period: Period, since: date) -> Piece:
    starts = [start for row in rows if (start := provisional_from(row, since))]
    whole = any(row.packages is None for row in rows)
    return Piece(
        rows[0].cube,
        period.first,
        period.last,
        period.days,
        None if whole else frozenset(name for row in rows for name in row.packages or ()),
        any(start <= period.first for start in starts),
        frozenset(row.source for row in rows),
        max(row.written_at for row in rows),
        sum(row.bytes_billed * period.days / Period(row.first, row.last).days for row in rows),
    )


def _joined(found: Iterable[Piece]) -> list[Piece]:
    """The same days with neighbors that are alike as one piece."""
    joined: list[Piece] = []
    for piece in found:
        if joined and joined[-1].is_like(piece) and joined[-1].last + _DAY == piece.first:
            joined[-1] = _both(joined[-1], piece)
        else:
            joined.append(piece)
    return joined


def _thinned(found: list[Piece], most: int) -> list[Piece]:
    """No more than `most` pieces: those that begin within so many days of each other as one."""
    stretch = 1
    while len(found) > max(most, 1):
        stretch *= 2
        thinner: dict[int, Piece] = {}
        for piece in found:
            start = piece.first.toordinal() // stretch
            thinner[start] = _both(thinner[start], piece) if start in thinner else piece
        found = list(thinner.values())
    return found


def _both(one: Piece, other: Piece) -> Piece:
    """Two pieces of a cube as one."""
    whole = one.packages is None or other.packages is None
    return replace(
        one,
        last=max(one.last, other.last),
        days=one.days + other.days,
        packages=None if whole else (one.packages or frozenset()) | (other.packages or frozenset()),
        provisional=one.provisional and other.provisional,
        sources=one.sources | other.sources,
        written_at=max(one.written_at, other.written_at),
        bytes_billed=one.bytes_billed + other.bytes_billed,
    )


def provisional_days(coverage: Iterable[Coverage], since: date) -> int:
    """How many days some cube holds to which a source may still add downloads."""
    late = {
        number
        for row in coverage
        if (start := provisional_from(row, since))
        for number in range(start.toordinal(), row.last.toordinal() + 1)
    }
    return len(late)


def side_by_side(coverage: Iterable[Coverage]) -> tuple[Coverage, ...]:
    """The same coverage with neighboring days of a cube, source and packages as one row.

    Days that are provisional are joined to those that are final: `fingerprint` is then lost.
    """

    def kind(row: Coverage) -> tuple[object, ...]:
        return place(row.cube), row.source, row.packages is None, row.packages or ()

    joined: list[Coverage] = []
    for row in sorted(coverage, key=lambda row: (*kind(row), row.first)):
        last = joined[-1] if joined else None
        if last and kind(last) == kind(row) and row.first <= last.last + _DAY:
            joined[-1] = replace(
                last,
                last=max(last.last, row.last),
                written_at=max(last.written_at, row.written_at),
                bytes_billed=last.bytes_billed + row.bytes_billed,
                fingerprint="",
            )
        else:
            joined.append(replace(row, fingerprint=""))
    return tuple(joined)
