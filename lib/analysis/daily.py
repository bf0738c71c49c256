"""Daily downloads as a table of days in a row and series, on which statistics are vectorized."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lib.analysis.comparable import UNUSABLE


@dataclass(frozen=True, eq=False)
class DailyTable:
    """Downloads on days in a row: a row for each day, a column for each series.

    A day that is missing or unusable is NaN. `stretch` is the stretch of each day, or `UNUSABLE`.
    """

    days: pd.DatetimeIndex
    names: tuple[str, ...]
    downloads: NDArray[np.float64]
    stretch: NDArray[np.int64]

    @property
    def weekdays(self) -> NDArray[np.int64]:
        """The weekday of each day: 0 for Monday."""
        return self.days.day_of_week.to_numpy().astype(np.int64)


def daily_table(frame: pd.DataFrame) -> DailyTable:
    """The table of columns `period` (days), `downloads`, `stretch` and, where there are several,
    `series`: one row for each day and series. Without `series` the one series has no name.
    """
    periods = frame["period"].to_numpy().astype("datetime64[D]")
    first, last = periods.min(), periods.max()
    rows = (periods - first).astype(np.int64)
    columns, names = pd.factorize(frame["series"]) if "series" in frame else (0, [""])
    count = int((last - first).astype(np.int64)) + 1
    stretch = np.full(count, UNUSABLE, dtype=np.int64)
    stretch[rows] = frame["stretch"].to_numpy()
    downloads = np.full((count, len(names)), np.nan)
    downloads[rows, columns] = frame["downloads"].to_numpy(dtype=np.float64)
    downloads[stretch == UNUSABLE] = np.nan
    days = pd.date_range(first, last, freq="D", unit="s")
    return DailyTable(days, tuple(str(name) for name in names), downloads, stretch)
