"""Readings of how many rows PyPI's table has, and the downloads that lie between two of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

import numpy as np
import pandas as pd

from lib.live import EARLIER_WEEKS, WEEK, Span, midnight
from lib.live.bigquery.steps import Floats, as_series, starts

KEPT_FOR = (EARLIER_WEEKS + 1) * WEEK
"""How long readings are kept: this week's, and those that the usual is reckoned from."""

LONGEST_GAP = timedelta(minutes=30)
"""Between changes further apart than this it is not known when rows came, only how many did."""


@dataclass(frozen=True)
class Reading:
    """What the table's metadata said: its rows, and when it last changed and was created (UTC)."""

    rows: int
    modified: datetime
    created: datetime


@dataclass(frozen=True)
class Readings:
    """Readings of which each found the table changed, the oldest first.

    PyPI's rows come by load jobs every few minutes, and each job's whole. Between two changes
    they are spread evenly over the time: the rows at `t` are
    `rows_1 + (rows_2 - rows_1) * (t - modified_1) / (modified_2 - modified_1)`. Nothing is told
    across a table that was replaced: its rows are a new baseline.
    """

    taken: tuple[Reading, ...] = ()

    @property
    def newest(self) -> Reading | None:
        """The last reading that found the table changed."""
        return self.taken[-1] if self.taken else None

    def after(self, reading: Reading) -> Readings:
        """The readings with one more, or these where it tells nothing newer.

        A server of BigQuery's that lags behind may tell an older state than was read before.
        """
        newest = self.newest
        if newest is None:
            return Readings((reading,))
        if reading.modified <= newest.modified and reading.created <= newest.created:
            return self
        oldest = reading.modified - KEPT_FOR
        kept = (one for one in self.taken if oldest <= one.modified < reading.modified)
        return Readings((*kept, reading))

    def counted(self, span: Span) -> float:
        """The rows that came within a span, or NaN where that is not known."""
        edges = np.array([span.first.timestamp(), span.after.timestamp()])
        return float(self._between(edges)[0])

    def series(self, span: Span, step: timedelta) -> pd.Series:
        """The rows that came in each step of a span: floats, NaN where that is not known."""
        first_seconds = starts(span, step)
        edges = np.append(first_seconds, int(span.after.timestamp())).astype(float)
        return as_series(self._between(edges), first_seconds)

    def _between(self, edges: Floats) -> Floats:
        """The rows that came from each of some times to the next."""
        if not self.taken:
            return np.full(len(edges) - 1, np.nan)
        rows, table = self._at(edges)
        return np.where(table[1:] == table[:-1], np.diff(rows), np.nan)

    def _at(self, times: Floats) -> tuple[Floats, Floats]:
        """The rows at some times less those of the first reading, and which table they are of."""
        modified, rows, table = self._arrays
        before = np.searchsorted(modified, times, side="right") - 1
        after = np.clip(before + 1, 0, len(modified) - 1)
        before = np.clip(before, 0, None)
        gap = modified[after] - modified[before]
        since = times - modified[before]
        between = (since > 0) & (gap > 0) & (gap <= LONGEST_GAP.total_seconds())
        known = (since == 0) | (between & (table[before] == table[after]))
        part = np.divide(since, gap, out=np.zeros_like(since), where=gap > 0)
        there = rows[before] + part * (rows[after] - rows[before])
        return np.where(known, there, np.nan), np.where(known, table[before], np.nan)

    @cached_property
    def _arrays(self) -> tuple[Floats, Floats, Floats]:
        """When the table changed, its rows then, and a number for each table that it was."""
        modified = np.array([one.modified.timestamp() for one in self.taken])
        rows = np.array([one.rows - self.taken[0].rows for one in self.taken], dtype=float)
        created = np.array([one.created.timestamp() for one in self.taken])
        replaced = (np.diff(created) != 0) | (np.diff(rows) < 0)
        return modified, rows, np.append(0.0, np.cumsum(replaced))


@dataclass(frozen=True)
class DayRows:
    """How many rows the table held of a UTC day, as its list of partitions told it at `at`."""

    day: datetime
    rows: int
    at: datetime


@dataclass(frozen=True)
class World:
    """The downloads of all of PyPI: from readings, and of a day from its partition where told."""

    readings: Readings
    day_rows: DayRows | None = None

    def counted(self, span: Span) -> float:
        """The rows that came within a span, or NaN where that is not known.

        From a midnight that no reading is near they are the rows of the day's partition when it
        was told, and those that came since.
        """
        known = self.readings.counted(span)
        day = self.day_rows
        if not np.isnan(known) or day is None or span.first != day.day or span.after < day.at:
            return known
        if midnight(span.after) != day.day:
            return known
        return day.rows + self.readings.counted(Span(day.at, span.after))

    def series(self, span: Span, step: timedelta) -> pd.Series:
        """The rows that came in each step of a span: floats, NaN where that is not known."""
        return self.readings.series(span, step)
