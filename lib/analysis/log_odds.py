"""The log odds of shares, on whose scale their intervals are taken, and how far these reach."""

from __future__ import annotations

import numpy as np

from lib.analysis.resampling import WEEK, Floats, block_weights, reach

_RESAMPLES = 1000


def log_odds(part: Floats, whole: Floats) -> Floats:
    """The log odds of shares, from counts: a share that falls by the same odds is a line.

    Half a download is added to either side, so that none and all have odds too (Haldane, 1956).
    """
    odds: Floats = np.log((part + 0.5) / (whole - part + 0.5))
    return odds


def shares(odds: Floats) -> Floats:
    """The shares (0 to 1) of which these are the log odds."""
    from scipy import special

    found: Floats = special.expit(odds)
    return found


def day_margins(part: Floats, whole: Floats, seed: int = 0) -> Floats:
    """How far the 95 % interval of the log odds of each column's sum reaches to either side.

    From downloads by day (rows), and those of all of which `part` is a part, in one column. Days
    are resampled in blocks of a week, the same of all columns (`block_resamples`, `reach`). Raises
    ValueError for fewer than two weeks.
    """
    days = len(part)
    weights = block_weights(days, WEEK, _RESAMPLES, seed)
    return reach(log_odds(weights @ part, weights @ whole), days / WEEK)


def month_margin(at: Floats, odds: Floats) -> float:
    """How far the 95 % interval of the log odds of one month reaches to either side.

    A month is one value, which tells nothing of how much it varies: what it is held against is how
    far such months lie off the Theil–Sen line through them, with Student's quantile.
    """
    from scipy import stats

    return float(stats.t.ppf(0.975, len(at) - 2)) * scatter(at, odds)


def scatter(at: Floats, values: Floats) -> float:
    """How much single values lie beside the Theil–Sen line through them: a standard deviation."""
    from scipy import stats

    slope, height, _, _ = stats.theilslopes(values, at)
    return float(np.sqrt(((values - height - slope * at) ** 2).sum() / (len(at) - 2)))
