"""Two periods that are compared: their usable days or months, and whether levels compare."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lib.analysis.comparable import UNUSABLE, stretches
from lib.breaks import Break
from lib.cubes import Grain
from lib.periods import ends_of, period_starts
from lib.router import Period


@dataclass(frozen=True, eq=False)
class Spans:
    """The starts of the usable periods before and after: those that no gap of the record touches.

    `grain` is days or months, and `breaks` are all breaks of the record that there are.
    """

    before: pd.DatetimeIndex
    after: pd.DatetimeIndex
    grain: Grain
    breaks: tuple[Break, ...]

    @classmethod
    def of(cls, before: Period, after: Period, grain: Grain, breaks: Iterable[Break]) -> Spans:
        """The usable periods of two spans of days."""
        found = tuple(breaks)
        kept = []
        for span in (before, after):
            starts = pd.DatetimeIndex(period_starts(span, grain).index)
            kept.append(starts[(stretches(starts, grain, found) != UNUSABLE).to_numpy()])
        return cls(kept[0], kept[1], grain, found)

    @property
    def empty(self) -> bool:
        """Whether one of them has no usable period."""
        return self.before.empty or self.after.empty

    @cached_property
    def both(self) -> pd.DatetimeIndex:
        """The usable periods of both."""
        return pd.DatetimeIndex(self.before.append(self.after))

    @cached_property
    def lengths(self) -> tuple[float, float]:
        """How many days each has."""
        ends = (ends_of(each, self.grain) - each for each in (self.before, self.after))
        before, after = (float(each.days.to_numpy().sum()) for each in ends)
        return before, after

    @cached_property
    def between(self) -> tuple[Break, ...]:
        """The breaks for which levels of the two, or within one of them, cannot be compared."""
        levels = [each for each in self.breaks if not each.splits]
        return tuple(each for each in levels if self._told_apart(each))

    def changed_split(self, dimension: str) -> tuple[Break, ...]:
        """The breaks between or within the two that change the split by a dimension alone."""
        splits = [each for each in self.breaks if each.splits]
        return tuple(each for each in splits if self._told_apart(each, dimension))

    def _told_apart(self, found: Break, *dimensions: str) -> bool:
        return stretches(self.both, self.grain, [found], dimensions).nunique() > 1

    def tables(self, frame: pd.DataFrame, column: str) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Downloads before and after: a row for each usable period, a column for each value.

        From columns `period`, `downloads` and the one named; what has no row is zero.
        """
        rows = frame[frame["period"].isin(self.both) & frame[column].notna()]
        place = self.both.get_indexer(pd.DatetimeIndex(rows["period"]))
        value, names = pd.factorize(rows[column], sort=True)
        shape = (len(self.both), len(names))
        cells = place * len(names) + value
        sums = np.bincount(cells, rows["downloads"].fillna(0), shape[0] * shape[1]).reshape(shape)
        table = pd.DataFrame(sums, index=self.both, columns=names)
        return table.iloc[: len(self.before)], table.iloc[len(self.before) :]

    def a_day(
        self, tables: tuple[pd.DataFrame, pd.DataFrame]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Downloads a day of each column of `tables`."""
        before, after = (
            table.to_numpy(dtype=np.float64).sum(axis=0) / max(length, 1)
            for table, length in zip(tables, self.lengths, strict=True)
        )
        return before, after
