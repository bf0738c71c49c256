"""The median absolute deviation as a standard deviation: a spread that few odd values do not move.

Hampel, Journal of the American Statistical Association 69, 1974.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

NORMAL = 1.4826
"""The standard deviation of normal noise over its median absolute deviation."""

_EFFICIENCY = 0.37
"""How many values of a standard deviation one of the median absolute deviation is worth
(Rousseeuw and Croux, Journal of the American Statistical Association 88, 1993).
"""


def robust_deviation(residuals: NDArray[np.float64]) -> float:
    """The standard deviation of normal noise with the median absolute value of these residuals.

    Residuals that are NaN are left out; NaN where all are.
    """
    known = np.abs(residuals[~np.isnan(residuals)])
    return NORMAL * float(np.median(known)) if known.size else float("nan")


def robust_freedom(count: int) -> float:
    """How many degrees of freedom a `robust_deviation` of so many residuals has."""
    return _EFFICIENCY * count
