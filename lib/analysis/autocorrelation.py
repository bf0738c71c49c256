"""How much neighbors in a series resemble each other, and what that does to intervals."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_MOST = 0.95


def lag_one(residuals: NDArray[np.float64]) -> float:
    """The lag-1 autocorrelation of what is left of a series without its trend: 0 to 0.95.

    From residuals in the order of time. A trend takes some of the resemblance with it: what is
    found is too low by (2 + 4 × the true one) / their number, which is given back (Tjøstheim and
    Paulsen, Biometrika 70, 1983). A negative one counts as none: it would shorten intervals.
    """
    centered = residuals - residuals.mean()
    spread = float((centered**2).sum())
    count = len(centered)
    if spread == 0 or count <= 4:
        return 0.0
    found = float((centered[1:] * centered[:-1]).sum()) / spread
    return min(max((count * found + 2) / (count - 4), 0.0), _MOST)


def variance_factor(memory: float, count: int) -> float:
    """How many times larger the variance of a mean is than without the resemblance of neighbors.

    For `count` values in a row whose autocorrelation falls off as the powers of `memory`, as that
    of AR(1) does (Matalas and Langbein, Journal of Geophysical Research 67, 1962).
    """
    one = memory ** (count + 1) - count * memory**2 + (count - 1) * memory
    return 1 + 2 * one / (count * (memory - 1) ** 2)
