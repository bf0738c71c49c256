"""What a few days were made of: the values whose share rose, against the usual days before."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from lib.analysis.comparable import UNUSABLE

DAYS_BEFORE = 28
"""How many usual days before are looked at."""

FEWEST_BEFORE = 14
"""The fewest usual days that tell how much a share varies."""

_LEVEL = 0.95


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
    and not `unusual`; the share before is that of the same weekdays among them. An interval is
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
    table = table[table.sum(axis=1) > 0]
    then = table[table.index.isin(usual)]
    now = table[table.index.isin(during.index.intersection(usable))]
    now = now[_weekdays(now).isin(_weekdays(then))]
    if len(then) < FEWEST_BEFORE or now.empty:
        return ()
    return _compared(now, then)


def _compared(now: pd.DataFrame, then: pd.DataFrame) -> tuple[Rise, ...]:
    """The rises from downloads by day (rows) and value (columns), of weekdays that are in both."""
    from scipy import stats

    weekday = _weekdays(then)
    counts = weekday.value_counts()
    weights = _weekdays(now).value_counts(normalize=True)
    shares = then.div(then.sum(axis=1), axis=0)
    means = shares.groupby(weekday).mean()
    freedom = len(then) - len(counts)
    spread = np.sqrt(((shares - means.loc[weekday].to_numpy()) ** 2).sum() / freedom)
    distance = np.sqrt(1 / len(now) + (weights**2 / counts[weights.index]).sum())
    reach = stats.t.ppf(1 - (1 - _LEVEL) / 2 / now.shape[1], freedom) * distance * spread
    here = now.sum() / now.to_numpy().sum()
    before = means.loc[weights.index].mul(weights, axis=0).sum()
    usual = then.groupby(weekday).mean().loc[weights.index].mul(weights, axis=0).sum()
    more = now.mean() - usual
    made = more / more.sum() if more.sum() > 0 else more * np.nan
    found = [
        Rise(
            str(value),
            float(here[value]),
            float(before[value]),
            float(here[value] - before[value] - reach[value]),
            float(here[value] - before[value] + reach[value]),
            float(made[value]),
        )
        for value in now.columns
    ]
    return tuple(sorted(found, key=lambda each: (-each.rise, each.value)))


def _weekdays(table: pd.DataFrame) -> pd.Series[int]:
    """The weekday of each row: 0 for Monday."""
    return pd.Series(pd.DatetimeIndex(table.index).day_of_week, index=table.index)
