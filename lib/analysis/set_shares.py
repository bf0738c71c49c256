"""Shares of rivals in their downloads together: now, with an interval, and period by period."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lib.analysis.comparable import UNUSABLE, latest_stretch
from lib.analysis.resampling import WEEK, block_resamples, reach
from lib.cubes import Grain

_DAYS = 4 * WEEK

_FEWEST_DAYS = 2 * WEEK

_MONTHS = 12

_FEWEST_MONTHS = 6

_RESAMPLES = 1000


@dataclass(frozen=True)
class Share:
    """A share of one with its 95 % interval, whose ends are NaN where it cannot be told."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class SharesNow:
    """The share of each rival, the greatest first, from the period at `first` to that at `last`."""

    shares: dict[str, Share]
    first: pd.Timestamp
    last: pd.Timestamp


def shares_over_time(frame: pd.DataFrame) -> pd.DataFrame:
    """The share of each rival in the downloads of all that are known in a period.

    From columns `period`, `series`, `downloads` (NaN for not known). One row for each period, one
    column for each series; NaN where it is not known. Breaks of the record that hit all rivals
    alike leave their shares as they are.
    """
    table = frame.pivot(index="period", columns="series", values="downloads")
    table = table[list(frame["series"].drop_duplicates())].astype("float64")
    whole = table.sum(axis=1)
    return table.div(whole.where(whole > 0), axis=0)


def shares_now(frame: pd.DataFrame, grain: Grain, seed: int = 0) -> SharesNow | None:
    """The shares at the end of a series: in its last four weeks of days, or its last month.

    From columns `period`, `series`, `downloads` (NaN for not known) and `stretch`. Unusable periods
    are left out; days are of the latest stretch alone. The interval is of the logarithm of the
    odds: for days from resampling whole weeks (`block_resamples`, `reach`), and NaN with fewer
    than two weeks. A month is one value: its interval is how far a single month lies off a line
    through the last twelve, in Student's quantiles of what they leave (NaN with fewer than six),
    whatever stretches these are of. Series that are not known at the end are left out; None where
    that leaves nothing.
    """
    usable = frame[frame["stretch"] != UNUSABLE]
    if grain is not Grain.MONTH:
        usable = latest_stretch(frame)
    if usable.empty:
        return None
    table = usable.pivot(index="period", columns="series", values="downloads").astype("float64")
    now = table.iloc[-_DAYS:] if grain is not Grain.MONTH else table.iloc[-1:]
    known = now.columns[now.notna().any()]
    sums = now[known].sum()
    if not sums.sum() > 0:
        return None
    if grain is Grain.MONTH:
        margins = _month_margins(table[known].iloc[-_MONTHS:])
    else:
        margins = _day_margins(now[known].fillna(0).to_numpy(), seed)
    shares = {
        str(name): _share(float(sums[name]), float(sums.sum()), float(margin))
        for name, margin in zip(known, margins, strict=True)
    }
    ranked = dict(sorted(shares.items(), key=lambda each: -each[1].value))
    return SharesNow(ranked, now.index[0], now.index[-1])


def _share(part: float, whole: float, margin: float) -> Share:
    odds = math.log((part + 0.5) / (whole - part + 0.5))
    low, high = (1 / (1 + math.exp(-end)) for end in (odds - margin, odds + margin))
    return Share(part / whole, low, high)


def _day_margins(counts: NDArray[np.float64], seed: int) -> list[float]:
    """How far the interval of each column's log odds reaches, from weeks that are resampled."""
    if len(counts) < _FEWEST_DAYS:
        return [math.nan] * counts.shape[1]
    rows = block_resamples(len(counts), WEEK, _RESAMPLES, seed)
    return list(reach(_log_odds(counts[rows].sum(axis=1)), len(counts) / WEEK))


def _month_margins(table: pd.DataFrame) -> list[float]:
    """How far a single month lies off a line through the months, for each column's log odds."""
    from scipy import stats

    odds = _log_odds(table.fillna(0).to_numpy())
    margins = []
    for column, known in zip(odds.T, table.notna().to_numpy().T, strict=True):
        at, values = np.flatnonzero(known), column[known]
        if len(at) < _FEWEST_MONTHS:
            margins.append(math.nan)
            continue
        line = stats.linregress(at, values)
        left = values - line.intercept - line.slope * at
        freedom = len(at) - 2
        spread = math.sqrt(float((left**2).sum()) / freedom)
        margins.append(float(stats.t.ppf(0.975, freedom)) * spread)
    return margins


def _log_odds(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """The logarithm of the odds of each column against the others, half a download added."""
    whole = counts.sum(axis=1, keepdims=True)
    odds: NDArray[np.float64] = np.log((counts + 0.5) / (whole - counts + 0.5))
    return odds
