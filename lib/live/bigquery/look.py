"""One look at what the feed from BigQuery knows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pandas as pd

from lib.live import BlockSample, Span, Trouble, Where
from lib.live.bigquery.known import Known

UNSETTLED = timedelta(minutes=10)
"""Rows of the newest minutes are still to come: they take 4 to 8 minutes at best."""


@dataclass(frozen=True, eq=False)
class BigQueryLook:
    """What was known of BigQuery at one moment: the watched packages, and all of PyPI as a number.

    Its answers are those of `Minutes` and of `World`.
    """

    version: str
    looked_at: datetime
    scope: str
    trouble: Trouble | None
    world_trouble: Trouble | None
    notices: tuple[str, ...]
    known: Known

    feed: str = "bigquery"
    world: str = "all of PyPI"

    @property
    def up_to(self) -> datetime:
        """The second after the newest download of a watched package; of all of PyPI without any."""
        return min(self.known.minutes.up_to or self.world_up_to, self.looked_at)

    @property
    def settled_to(self) -> datetime:
        """Ten minutes before the newest: what comes after is still growing."""
        return self.up_to - UNSETTLED

    @property
    def world_up_to(self) -> datetime:
        """When rows were last loaded into PyPI's table, and never later than the look."""
        newest = self.known.world.readings.newest
        return self.looked_at if newest is None else min(newest.modified, self.looked_at)

    @property
    def block_sample(self) -> BlockSample | None:
        """The last block sample that was drawn."""
        return self.known.sample

    def options(self, dimension: str) -> tuple[str, ...]:
        """The values of a dimension in the last hours, most downloaded first."""
        return self.known.minutes.options(dimension)

    def counted(self, span: Span, where: Where = ()) -> float:
        """The downloads of the watched packages within a span, or NaN."""
        return self.known.minutes.counted(span, where)

    def series(self, span: Span, step: timedelta, where: Where = ()) -> pd.Series:
        """The downloads of the watched packages in each step, NaN where not known."""
        return self.known.minutes.series(span, step, where)

    def totals(self, span: Span, by: tuple[str, ...], where: Where = ()) -> pd.DataFrame:
        """The known downloads of the watched packages, summed by dimensions."""
        return self.known.minutes.totals(span, by, where)

    def latest(self, most: int, where: Where = ()) -> pd.DataFrame:
        """Single downloads drawn from the latest whole minute of the watched packages."""
        return self.known.minutes.latest(most, where)

    def world_counted(self, span: Span) -> float:
        """The rows loaded into PyPI's table within a span, or NaN."""
        return self.known.world.counted(span)

    def world_series(self, span: Span, step: timedelta) -> pd.Series:
        """The rows loaded into PyPI's table in each step, NaN where not known."""
        return self.known.world.series(span, step)
