"""Shares of rivals in their downloads together: now, with an interval, and period by period."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.analysis.comparable import UNUSABLE, latest_stretch
from lib.analysis.estimate import Estimate
from lib.analysis.log_odds import day_margins, log_odds, month_margin, shares
from lib.analysis.resampling import WEEK, Floats
from lib.analysis.share_trends import days_since_first
from lib.cubes import Grain

_DAYS = 4 * WEEK

_FEWEST_DAYS = 2 * WEEK

_MONTHS = 12

_FEWEST_MONTHS = 6


@dataclass(frozen=True)
class SharesNow:
    """The share of each rival, the greatest first, from the period at `first` to that at `last`."""

    shares: dict[str, Estimate]
    first: pd.Timestamp
    last: pd.Timestamp


def rival_shares(frame: pd.DataFrame) -> pd.DataFrame:
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
    are left out; days are of the latest stretch alone. Intervals are those of `day_margins`, and
    NaN with fewer than two weeks; or of `month_margin` of the last twelve months, whatever
    stretches these are of, and NaN with fewer than six. Series that are not known at the end are
    left out, and in the days before it a series has none where it is not known; None where that
    leaves nothing.
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
    parts, whole = sums.to_numpy(), float(sums.sum())
    odds = log_odds(parts, np.full(len(parts), whole))
    ends = zip(parts / whole, shares(odds - margins), shares(odds + margins), strict=True)
    told = {str(name): Estimate(*map(float, each)) for name, each in zip(known, ends, strict=True)}
    ranked = dict(sorted(told.items(), key=lambda each: -each[1].value))
    return SharesNow(ranked, now.index[0], now.index[-1])


def _day_margins(counts: Floats, seed: int) -> Floats:
    """The `day_margins` of each column against all; NaN for too few days."""
    if len(counts) < _FEWEST_DAYS:
        return np.full(counts.shape[1], np.nan)
    return day_margins(counts, counts.sum(axis=1, keepdims=True), seed)


def _month_margins(table: pd.DataFrame) -> Floats:
    """The `month_margin` of each column against all; NaN where too few of its months are known."""
    at = days_since_first(pd.DatetimeIndex(table.index))
    counts = table.fillna(0).to_numpy()
    odds = log_odds(counts, counts.sum(axis=1, keepdims=True))
    return np.array(
        [
            month_margin(at[known], column[known]) if known.sum() >= _FEWEST_MONTHS else np.nan
            for column, known in zip(odds.T, table.notna().to_numpy().T, strict=True)
        ]
    )
