"""How far one series is ahead of another by now: their ratio over a year, with its interval."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lib.analysis.resampling import WEEK, block_weights, reach
from lib.cubes import Grain

_YEAR = {Grain.DAY: 364, Grain.WEEK: 52, Grain.MONTH: 12}

_BLOCK = {Grain.DAY: 28, Grain.WEEK: 4, Grain.MONTH: 3}
"""How many periods in a row a resample keeps together, where there are four times as many."""

_SHORT_BLOCK = {Grain.DAY: WEEK, Grain.WEEK: 1, Grain.MONTH: 1}
"""And where there are fewer: then a few weeks, or less than a year of months, are all there is."""

_FEWEST_BLOCKS = 4

_RESAMPLES = 2000


@dataclass(frozen=True)
class Ratio:
    """How many times the downloads of one series are those of another, with its 95 % interval.

    Over the `periods` known of both from the one that begins at `first` to that at `last`.
    """

    value: float
    low: float
    high: float
    first: pd.Timestamp
    last: pd.Timestamp
    periods: int


def latest_ratio(
    frame: pd.DataFrame, grain: Grain, one: str, other: str, *, seed: int = 0
) -> Ratio | None:
    """The downloads of `one` over those of `other` in the last twelve months held.

    From columns `period`, `series` and `downloads` (NaN for not known). Ratios run on across
    breaks of the record, for both series suffer alike. Periods known of both are resampled in
    pairs and in blocks: of a quarter of a year for months and of four weeks otherwise, or of a
    month or week where there are fewer than four of those. `reach` of the log ratios of the
    resamples is its interval. None where four blocks are not known, or one has no downloads.
    """
    table = frame.pivot(index="period", columns="series", values="downloads")[[one, other]]
    counts = table.iloc[-_YEAR[grain] :].dropna()
    block = _BLOCK[grain]
    if len(counts) < _FEWEST_BLOCKS * block:
        block = _SHORT_BLOCK[grain]
    if len(counts) < _FEWEST_BLOCKS * block or not counts.sum().gt(0).all():
        return None
    value = float(np.log(counts[one].sum() / counts[other].sum()))
    margin = _margin(counts.to_numpy(float), block, seed)
    return Ratio(
        value=math.exp(value),
        low=math.exp(value - margin),
        high=math.exp(value + margin) if math.isfinite(margin) else math.inf,
        first=counts.index[0],
        last=counts.index[-1],
        periods=len(counts),
    )


def _margin(counts: NDArray[np.float64], block: int, seed: int) -> float:
    """Half of the 95 % interval of the log ratio of two columns; infinite where it cannot be told.

    Where a resample may have nothing of one of the two, it cannot.
    """
    sums = block_weights(len(counts), block, _RESAMPLES, seed) @ counts
    if not (sums > 0).all():
        return math.inf
    return float(reach(np.log(sums[:, 0] / sums[:, 1]), len(counts) / block))
