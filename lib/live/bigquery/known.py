"""What the feed knows, and how each answer of BigQuery's gives it anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, cast

import numpy as np
import pandas as pd
import pyarrow as pa

from lib.bigquery import PaidStatement
from lib.live import BlockSample, Span, midnight
from lib.live.bigquery.counting import next_count, with_answer
from lib.live.bigquery.minutes import Minutes
from lib.live.bigquery.readings import DayRows, Reading, World
from lib.sources.bigquery import TABLE, live_minutes, live_sample, partitions

if TYPE_CHECKING:
    from lib.bigquery.asking import BigQuery

SAMPLE_PERCENT = 0.1
"""What `live_sample.sql` draws."""

SAMPLED = ("country", "system", "python", "installer")


@dataclass(frozen=True, eq=False)
class Known:
    """What was read so far. `behind` is how far this machine's clock is behind BigQuery's."""

    minutes: Minutes
    world: World
    sample: BlockSample | None = None
    behind: timedelta = timedelta(0)

    def tells_more_than(self, before: Known) -> bool:
        """Whether any figure may differ from those told before."""
        return (
            self.world is not before.world
            or self.minutes is not before.minutes
            or self.sample is not before.sample
        )

    @property
    def is_nothing(self) -> bool:
        """Whether there is nothing to show yet."""
        return self.world.readings.newest is None and self.minutes.up_to is None


def with_reading(known: Known, bigquery: BigQuery, clock: Callable[[], datetime]) -> Known:
    """What is known after a look at the table's metadata, which is free. Raises BigQueryError."""
    table = bigquery.table(TABLE)
    reading = Reading(
        int(table.num_rows or 0),
        table.modified or datetime.fromtimestamp(0, UTC),
        table.created or datetime.fromtimestamp(0, UTC),
    )
    readings = known.world.readings.after(reading)
    # The table was not changed later than now: our clock is behind by what it says beyond that.
    behind = max(reading.modified - clock(), timedelta(0))
    if readings is known.world.readings:
        return replace(known, behind=behind)
    return replace(known, world=replace(known.world, readings=readings), behind=behind)


@dataclass(frozen=True)
class Question:
    """One thing that costs money to ask: how often, with what, and what its answer tells.

    `statement` is None where nothing has to be asked at a time.
    """

    name: str
    every: timedelta
    statement: Callable[[Known, datetime], PaidStatement | None]
    merged: Callable[[Known, pa.Table, datetime], Known]


def _ask_day(known: Known, now: datetime) -> PaidStatement | None:
    newest = known.world.readings.newest
    if newest is None or newest.modified < midnight(now):
        return None
    today = known.world.counted(Span(midnight(now), newest.modified))
    return partitions([now.date()]) if np.isnan(today) else None


def _with_day(known: Known, answer: pa.Table, now: datetime) -> Known:
    """The rows of today's partition stand until the table changes after it was last read."""
    newest = cast(Reading, known.world.readings.newest)
    rows, at = 0, newest.modified
    for row in answer.to_pylist():
        rows, at = int(row["total_rows"]), max(at, row["last_modified_time"])
    return replace(known, world=replace(known.world, day_rows=DayRows(midnight(now), rows, at)))


def _ask_minutes(known: Known, now: datetime) -> PaidStatement | None:
    count = next_count(known.minutes, now)
    return live_minutes(known.minutes.packages, count.since, count.until, count.versions_from)


def _with_minutes(known: Known, answer: pa.Table, now: datetime) -> Known:
    count = next_count(known.minutes, now)
    return replace(known, minutes=with_answer(known.minutes, count, answer, now))


def _ask_sample(known: Known, now: datetime) -> PaidStatement | None:
    return live_sample(now.date())


def _with_sample(known: Known, answer: pa.Table, now: datetime) -> Known:
    """The sums of the sample by each dimension, the most of each first."""
    if not answer.num_rows:
        # A day that has just begun may have no block that is drawn: the last sample stands.
        return known
    frame = answer.to_pandas()
    parts = [
        frame.groupby(name)["downloads"].sum().rename_axis("value").reset_index()
        .sort_values(["downloads", "value"], ascending=[False, True])
        .assign(dimension=name)
        for name in SAMPLED
    ]  # fmt: skip
    sums = pd.concat(parts, ignore_index=True)[["dimension", "value", "downloads"]]
    sample = BlockSample(sums, int(frame["downloads"].sum()), SAMPLE_PERCENT, now)
    return replace(known, sample=sample)


DAY_ROWS = Question("day_rows", timedelta(minutes=15), _ask_day, _with_day)
"""How many rows today has, where no reading near midnight tells."""

MINUTES = Question("minutes", timedelta(minutes=5), _ask_minutes, _with_minutes)
"""The minutes of the watched packages."""

SAMPLE = Question("sample", timedelta(minutes=30), _ask_sample, _with_sample)
"""Shares of all of PyPI."""

QUESTIONS = (DAY_ROWS, MINUTES, SAMPLE)
