"""Resamples of dependent days: the moving-block bootstrap, on which intervals rest."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

WEEK = 7
"""A block of so many days keeps a whole weekly cycle together."""


def block_resamples(count: int, block: int, resamples: int, seed: int = 0) -> NDArray[np.int64]:
    """Which of `count` days in a row each resample has: one row of `count` indices for each.

    Days resemble their neighbors, so that resampling them one by one would make intervals too
    short. Each resample is blocks of `block` days in a row that are drawn with replacement from
    all `count - block + 1` of them, end to end, and cut to `count` days (moving-block bootstrap:
    Künsch, Annals of Statistics 17, 1989; Liu and Singh, 1992). The statistic of every row
    spreads as the statistic does; `reach` reads its interval. Weeks or months do as well as days.

    Raises ValueError where there are fewer than two blocks of days: they cannot tell how much
    the statistic varies.
    """
    if block < 1 or resamples < 1:
        raise ValueError("A block has at least one day, and there is at least one resample.")
    if count < 2 * block:
        raise ValueError(f"{count} days are fewer than two blocks of {block}.")
    blocks = -(-count // block)
    starts = np.random.default_rng(seed).integers(0, count - block + 1, size=(resamples, blocks))
    days = starts[:, :, np.newaxis] + np.arange(block)
    return days.reshape(resamples, blocks * block)[:, :count]


def block_weights(count: int, block: int, resamples: int, seed: int = 0) -> Floats:
    """How many times each resample of `block_resamples` has each day: [resamples, days].

    Times a table of downloads by day it gives the sums of every resample.
    """
    drawn = block_resamples(count, block, resamples, seed)
    cells = drawn + np.arange(resamples)[:, np.newaxis] * count
    times = np.bincount(cells.ravel(), minlength=resamples * count)
    return times.reshape(resamples, count).astype(np.float64)


def reach(resampled: Floats, blocks: float, level: float = 0.95) -> Floats:
    """How far an interval reaches to either side of a statistic that rests on so many blocks.

    `resampled` has a row for each resample, and perhaps a column for each of several statistics.
    A few blocks vary among resamples by `(blocks - 1) / blocks` of what they do in truth, which is
    made good, and tell little of how much that is: their standard error counts as Student's, with
    one degree of freedom less than there are blocks (Efron and Tibshirani, An Introduction to the
    Bootstrap, 1993, chapter 12).
    """
    from scipy import stats

    quantile = stats.t.ppf((1 + level) / 2, blocks - 1)
    found: Floats = quantile * standard_error(resampled, blocks)
    return found


def chance(statistic: float, resampled: Floats, blocks: float) -> float:
    """The p-value of a statistic against none, by the distribution that `reach` rests on.

    1 for a statistic of 0 that does not vary among resamples.
    """
    from scipy import stats

    error = float(standard_error(resampled, blocks))
    if error == 0:
        return 1.0 if statistic == 0 else 0.0
    return float(2 * stats.t.sf(abs(statistic) / error, blocks - 1))


def standard_error(resampled: Floats, blocks: float) -> Floats:
    """The standard error of a statistic that rests on so many blocks, from its resamples."""
    error: Floats = resampled.std(axis=0) * np.sqrt(blocks / (blocks - 1))
    return error
