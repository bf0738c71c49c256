"""How little a series varies from week to week: its mean deviation, with its interval."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.analysis.resampling import Floats, block_resamples, reach

_BLOCK = 2
"""How many weeks or months in a row are resampled together, for neighbors resemble each other."""

_RESAMPLES = 1000

_LEAST = 1e-9
"""A deviation below this is none, which has no logarithm."""


def steadiness(table: pd.DataFrame, seed: int = 0) -> pd.DataFrame:
    """How far the weeks of each series are from its own middle: a row for each column, in order.

    From downloads a day: a row for each week or month of one stretch, a column for each series.
    Columns `series` and `deviation`: the mean distance of the logarithms from their median, as a
    ratio: 0.05 where weeks are 5 % from the middle one on average (the mean deviation: Huber,
    Robust Statistics, 1981, section 1.1; of so few weeks it is known better than the median of
    the distances, and a single odd week weighs less than in the standard deviation). A trend counts
    as deviation. `low` and `high` end its 95 % interval, from resamples of blocks of two weeks
    (`block_resamples`) of the logarithm of the deviation; NaN with fewer than two blocks. A week
    without downloads has no logarithm: a series that has one has NaN throughout.
    """
    values = table.to_numpy(dtype=np.float64)
    logs = np.log(np.where(values > 0, values, np.nan))
    deviation = _deviation(logs)
    low, high = _interval(logs, deviation, seed)
    return pd.DataFrame(
        {
            "series": [str(name) for name in table.columns],
            "deviation": np.expm1(deviation),
            "low": np.expm1(low),
            "high": np.expm1(high),
        }
    )


def _deviation(logs: Floats) -> Floats:
    """The mean distance from the median, along the last axis but one."""
    middle = np.median(logs, axis=-2, keepdims=True)
    found: Floats = np.abs(logs - middle).mean(axis=-2)
    return found


def _interval(logs: Floats, deviation: Floats, seed: int) -> tuple[Floats, Floats]:
    """The ends of the intervals, in logarithms of downloads as the deviation is."""
    count = len(logs)
    if count < 2 * _BLOCK:
        return np.full(len(deviation), np.nan), np.full(len(deviation), np.nan)
    drawn = logs[block_resamples(count, _BLOCK, _RESAMPLES, seed)]
    resampled = np.log(np.maximum(_deviation(drawn), _LEAST))
    margin = reach(resampled, count / _BLOCK)
    middle = np.log(np.maximum(deviation, _LEAST))
    return np.exp(middle - margin), np.exp(middle + margin)
