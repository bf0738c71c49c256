"""A look at minutes that a test wrote down itself, answered by counting them row by row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from math import nan

import pandas as pd

from lib.live import DIMENSIONS, BlockSample, Span, Trouble, Where, naive

_numbers = count()
"""Looks at different rows are of different versions."""

NOON = datetime(2026, 11, 23, 12, 0, 30, tzinfo=UTC)


@dataclass(frozen=True)
class RecordedLook:
    """A look whose downloads are `rows`: `minute` (aware UTC), `DIMENSIONS` and `downloads`.

    What came before `known_from` is not known.
    """

    rows: pd.DataFrame = field(compare=False)
    looked_at: datetime = NOON
    known_from: datetime = NOON - timedelta(weeks=5)
    feed: str = "sample"
    version: str = field(default_factory=lambda: str(next(_numbers)))
    scope: str = "a few packages"
    world: str = "a few packages"
    trouble: Trouble | None = None
    world_trouble: Trouble | None = None
    notices: Sequence[str] = ()
    block_sample: BlockSample | None = None

    @property
    def up_to(self) -> datetime:
        return self.looked_at

    @property
    def settled_to(self) -> datetime:
        return self.looked_at

    @property
    def world_up_to(self) -> datetime:
        return self.looked_at

    def options(self, dimension: str) -> tuple[str, ...]:
        return tuple(self.totals(Span(self.known_from, self.looked_at), (dimension,))[dimension])

    def counted(self, span: Span, where: Where = ()) -> float:
        if span.first < self.known_from:
            return nan
        return float(self._chosen(span, where)["downloads"].sum())

    def series(self, span: Span, step: timedelta, where: Where = ()) -> pd.Series:
        starts = [span.first + n * step for n in range(int((span.after - span.first) / step))]
        values = [self.counted(Span(start, start + step), where) for start in starts]
        index = pd.DatetimeIndex([naive(start) for start in starts], name="period").as_unit("s")
        return pd.Series(values, index=index, dtype="float64")

    def totals(self, span: Span, by: tuple[str, ...], where: Where = ()) -> pd.DataFrame:
        sums = self._chosen(span, where).groupby(list(by), as_index=False)["downloads"].sum()
        down = [False] + [True] * len(by)
        return sums.sort_values(["downloads", *by], ascending=down, ignore_index=True)

    def latest(self, most: int, where: Where = ()) -> pd.DataFrame:
        minute = self.looked_at.replace(second=0, microsecond=0)
        rows = self._chosen(Span(minute - timedelta(minutes=1), minute), where).head(most)
        at = [naive(start) for start in rows["minute"]]
        return rows.assign(at=at, version="1.0")[
            ["at", "project", "version", "country", "system", "installer"]
        ].reset_index(drop=True)

    def world_counted(self, span: Span) -> float:
        return self.counted(span)

    def world_series(self, span: Span, step: timedelta) -> pd.Series:
        return self.series(span, step)

    def _chosen(self, span: Span, where: Where) -> pd.DataFrame:
        rows = self.rows
        kept = (rows["minute"] >= span.first) & (rows["minute"] < span.after)
        kept &= rows["minute"] >= self.known_from
        for condition in where:
            kept &= rows[condition.dimension].isin(condition.values) != condition.excluded
        return rows[kept]


def minute_row(minute: datetime, downloads: int, **values: str) -> dict[str, object]:
    """One row: numpy from the US on Linux by pip, where it is not said otherwise."""
    usual = dict(zip(DIMENSIONS, ("numpy", "US", "Linux", "3.12", "pip"), strict=True))
    return {"minute": minute, **usual, **values, "downloads": downloads}
