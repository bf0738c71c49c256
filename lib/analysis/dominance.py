"""How much of each package's downloads one country makes, and how those shares are distributed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lib.analysis.resampling import WEEK, block_weights, reach

FEWEST = 5
"""Of fewer packages there is no distribution to speak of."""

_RESAMPLES = 1000


@dataclass(frozen=True)
class Dominance:
    """The shares that a country has of packages: their median and quartiles, from 0 to 1.

    `median_low` and `median_high` are the 95 % interval of the median, and `part_low` and
    `part_high` that of the part of packages in which it has more than half (`majority` of
    `count`), each as if the packages were drawn at random from many.
    """

    median: float
    median_low: float
    median_high: float
    lower_quartile: float
    upper_quartile: float
    majority: int
    count: int
    part_low: float
    part_high: float


def dominance(shares: pd.Series[float]) -> Dominance:
    """How the shares of a country, one for each package, are distributed.

    The interval of the median is of order statistics and takes no distribution for granted
    (Thompson, 1936); that of the part is Wilson's (1927). Raises ValueError without any share.
    """
    from scipy.stats import binomtest, quantile_test

    lower, median, upper = (float(value) for value in np.quantile(shares, [0.25, 0.5, 0.75]))
    around: Any = quantile_test(shares.to_numpy(), q=median, p=0.5).confidence_interval(0.95)
    majority = int((shares > 0.5).sum())
    part = binomtest(majority, len(shares)).proportion_ci(method="wilson")
    return Dominance(
        median=median,
        median_low=float(around.low),
        median_high=float(around.high),
        lower_quartile=lower,
        upper_quartile=upper,
        majority=majority,
        count=len(shares),
        part_low=float(part.low),
        part_high=float(part.high),
    )


def shares_with_intervals(
    part: pd.DataFrame, whole: pd.DataFrame, *, seed: int = 0
) -> pd.DataFrame:
    """The share of each series in `whole` that `part` makes, with its 95 % interval.

    Both have the columns `period` (days of one stretch), `series` and `downloads`. Columns
    `series`, `share`, `low`, `high`. Blocks of whole weeks are resampled, the same of all series
    (Künsch, 1989); there is no interval, NaN, of fewer than four weeks.
    """
    tables = [
        frame.pivot_table(
            index="period", columns="series", values="downloads", aggfunc="sum", fill_value=0
        )
        for frame in (part, whole)
    ]
    days, names = tables[1].index, tables[1].columns
    one, other = (
        table.reindex(index=days, columns=names, fill_value=0).to_numpy(dtype=np.float64)
        for table in tables
    )
    share = one.sum(axis=0) / np.maximum(other.sum(axis=0), 1)
    margin = np.full(len(names), np.nan)
    if len(days) >= 4 * WEEK:
        weights = block_weights(len(days), WEEK, _RESAMPLES, seed)
        resampled = (weights @ one) / np.maximum(weights @ other, 1)
        margin = reach(resampled, len(days) / WEEK)
    return pd.DataFrame(
        {
            "series": names,
            "share": share,
            "low": np.maximum(share - margin, 0),
            "high": np.minimum(share + margin, 1),
        }
    )
