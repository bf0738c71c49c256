"""Many log ratios, each held against none: their intervals, and which of them are discoveries."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lib.analysis.resampling import Floats

FALSE_DISCOVERIES = 0.05
"""The part of what is told to differ that may not: about one in twenty."""


@dataclass(frozen=True, eq=False)
class Tested:
    """Log ratios held against none, in their order; NaN for those that are not judged.

    `low` and `high` are the ends of the 95 % interval of each, `adjusted` the p-value after the
    correction for as many as are judged.
    """

    low: Floats
    high: Floats
    p_value: Floats
    adjusted: Floats


def against_none(
    logs: Floats, errors: Floats, freedom: Floats | float, judged: NDArray[np.bool_]
) -> Tested:
    """Each log ratio over its standard error, held against Student's t.

    A count of resamples could not tell a p-value below one in their number, nor know how few blocks
    a standard error rests on: `freedom` is one less than these (Efron and Tibshirani, An
    Introduction to the Bootstrap, 1993, chapter 12). Adjusted are the p-values of those that are
    judged (`adjusted`).
    """
    from scipy import stats

    margins = stats.t.ppf(0.975, freedom) * errors
    scaled = np.abs(logs) / np.maximum(errors, 1e-12)
    p_value = np.where(judged, 2 * stats.t.sf(scaled, freedom), np.nan)
    return Tested(
        low=np.where(judged, logs - margins, np.nan),
        high=np.where(judged, logs + margins, np.nan),
        p_value=p_value,
        adjusted=adjusted(p_value),
    )


def adjusted(p_values: Floats) -> Floats:
    """The p-values after the correction for as many as are known; NaN stays NaN.

    Of what has at most `FALSE_DISCOVERIES`, that part may be chance (Benjamini and Hochberg,
    Journal of the Royal Statistical Society B 57, 1995).
    """
    from scipy import stats

    known = ~np.isnan(p_values)
    found = np.full(len(p_values), np.nan)
    if known.any():
        found[known] = stats.false_discovery_control(p_values[known])
    return found
