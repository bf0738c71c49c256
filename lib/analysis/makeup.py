"""What a few days were made of: the values whose share rose, against the usual days before."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lib.analysis.comparable import UNUSABLE
from lib.analysis.resampling import WEEK

DAYS_BEFORE = 28
"""How many usual days before are looked at."""

FEWEST_BEFORE = 14
"""The fewest usual days that tell how much a share varies."""

_LEVEL = 0.95

Days = tuple[NDArray[np.float64], NDArray[np.int32]]
"""Downloads by day and value, and the weekday of each day: 0 for Monday."""


@dataclass(frozen=True)
class Rise:
    """How much of the downloads of some days a value had, and of those of the days before.

    `during` and `before` are shares (0 to 1) on the same weekdays. The rise is their difference,
    with an interval of 95 % that holds for all values at once. `made` is the part of the
    additional downloads a day that the value made, NaN where there are none.
    """

    value: str
    during: float
    before: float
    low: float
    high: float
    made: float

    @property
    def rise(self) -> float:
        """By how much its share rose."""
        return self.during - self.before

    @property
    def found(self) -> bool:
        """Whether its share rose for sure."""
        return self.low > 0


def rises(
    frame: pd.DataFrame, days: Collection[date], unusual: Collection[date] = ()
) -> tuple[Rise, ...]:
    """The rise of every value, the greatest first; none where too few usual days are before.

    From columns `period` (days), `series` (values), `downloads`, `stretch`. The days before are
    the `DAYS_BEFORE` before the first that are usable, in the stretch of the last of the days,
    and not `unusual`; the share before is the mean of the same weekdays among them, and that of
    the days themselves of all their downloads. An interval is
    that of the difference of two means of daily shares (Student, 1908), which are taken to vary on
    these days as they did before about the mean of their weekday, with a quantile for as many
    comparisons as there are values (Bonferroni).
    """
    stretch = frame.drop_duplicates("period").set_index("period")["stretch"]
    during = stretch[stretch.index.isin(pd.DatetimeIndex(list(days)))]
    if during.empty or during.iloc[-1] == UNUSABLE:
        return ()
    usable = stretch[stretch == during.iloc[-1]].index
    first = pd.Timestamp(min(days))
    usual = usable[(usable >= first - timedelta(days=DAYS_BEFORE)) & (usable < first)]
    usual = usual.difference(pd.DatetimeIndex(list(unusual)))
    table = frame.pivot(index="period", columns="series", values="downloads").fillna(0.0)
    counts, days_told = table.to_numpy(dtype=np.float64), pd.DatetimeIndex(table.index)
    weekday = days_told.day_of_week.to_numpy()
    some = counts.sum(axis=1) > 0
    then = some & days_told.isin(usual)
    now = some & days_told.isin(during.index.intersection(usable))
    now &= np.isin(weekday, weekday[then])
    if then.sum() < FEWEST_BEFORE or not now.any():
        return ()
    names = [str(name) for name in table.columns]
    return _compared(names, (counts[now], weekday[now]), (counts[then], weekday[then]))


def _compared(names: list[str], now: Days, then: Days) -> tuple[Rise, ...]:
    """The rise of each value from downloads on some days and on the days before.

    Every weekday of the days is one of those before.
    """
    from scipy import stats

    counts, past = now[0], then[0]
    of_weekday = (np.arange(WEEK)[:, np.newaxis] == then[1]).astype(np.float64)
    have = of_weekday.sum(axis=1)
    weights = np.bincount(now[1], minlength=WEEK) / len(counts)
    means = of_weekday / np.maximum(have, 1)[:, np.newaxis]
    shares = past / past.sum(axis=1, keepdims=True)
    freedom = len(past) - np.count_nonzero(have)
    spread = np.sqrt(((shares - (means @ shares)[then[1]]) ** 2).sum(axis=0) / freedom)
    distance = np.sqrt(1 / len(counts) + (weights**2 / np.maximum(have, 1)).sum())
    reach = stats.t.ppf(1 - (1 - _LEVEL) / 2 / len(names), freedom) * distance * spread
    here = counts.sum(axis=0) / counts.sum()
    before = weights @ means @ shares
    more = counts.mean(axis=0) - weights @ means @ past
    made = more / more.sum() if more.sum() > 0 else np.full(len(names), np.nan)
    low, high = here - before - reach, here - before + reach
    columns = (column.tolist() for column in (here, before, low, high, made))
    found = [Rise(*row) for row in zip(names, *columns, strict=True)]
    return tuple(sorted(found, key=lambda each: (-each.rise, each.value)))
