"""How much of the downloads comes from old versions, together with all that are older."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.analysis.comparable import latest_stretch
from lib.analysis.log_odds import day_margins, log_odds, month_margin, shares
from lib.analysis.resampling import WEEK, Floats
from lib.analysis.share_trends import (
    FEWEST_PERIODS,
    Forecast,
    days_since_first,
    falls_steadily,
    forecast,
    line,
)
from lib.analysis.shares import by_week, count_table
from lib.cubes import Grain
from lib.formats import version_key

NEWEST = 30
"""How many days the shares are of, the newest ones."""

FEWEST_DAYS = 2 * WEEK
"""How many days an interval needs: two blocks of a week."""

_MONTHS = 12
"""How many months tell how much single months vary."""


@dataclass(frozen=True)
class Fall:
    """How the share of a version and all that are older went over `periods` weeks or months.

    `change` is how much its odds changed from the first of them to the last along a line, -0.3 for
    three tenths less, with the ends of its 95 % interval. Where they fall steadily, `forecast` is
    when the share comes under the threshold, in days after `last`; None where that is farther
    ahead than the `span` of days in which it was watched.
    """

    change: float
    low: float
    high: float
    periods: int
    last: pd.Timestamp
    span: float
    steady: bool
    forecast: Forecast | None


def version_counts(frame: pd.DataFrame) -> pd.DataFrame:
    """Downloads with a row for each period and a column for each version, the oldest first.

    From columns `period`, `series` (versions) and `downloads`.
    """
    counts = count_table(frame)
    return counts[sorted(counts.columns, key=lambda name: version_key(str(name)))]


def newest_counts(frame: pd.DataFrame, grain: Grain) -> pd.DataFrame | None:
    """The newest days (or months) that are counted alike, as `version_counts`; None for too few.

    From columns `period` (days or months), `series`, `downloads` and `stretch`: the last `NEWEST`
    days of the latest stretch, or the last twelve months of it.
    """
    fewest, most = (FEWEST_DAYS, NEWEST) if grain is Grain.DAY else (FEWEST_PERIODS, _MONTHS)
    counts = version_counts(latest_stretch(frame))
    return counts.iloc[-most:] if len(counts) >= fewest else None


def cumulative_shares(counts: pd.DataFrame, grain: Grain, seed: int = 0) -> pd.DataFrame:
    """The share of each version, and of it with all that are older, the oldest first.

    From `newest_counts`; versions that have no downloads any more are left out. Of days, shares
    are of all of them, with intervals as of `day_margins`; of months, shares are of the last, with
    intervals as of `month_margin`. Columns `version`, `downloads`, `share`,
    `cumulative` (0 to 1) with the ends `low` and `high` of its 95 % interval.
    """
    told = counts if grain is Grain.DAY else counts.iloc[-1:]
    counts = counts.loc[:, told.sum() > 0]
    told = told[counts.columns]
    below = counts.cumsum(axis=1).to_numpy(float)
    downloads = told.sum().to_numpy(float)
    summed, whole = downloads.cumsum(), downloads.sum()
    if grain is Grain.DAY:
        margins = day_margins(below, below[:, -1:], seed)
    else:
        margins = _month_margins(counts, below)
    odds = log_odds(summed, np.full(len(summed), whole))
    newest = np.arange(len(summed)) == len(summed) - 1
    return pd.DataFrame(
        {
            "version": list(counts.columns),
            "downloads": downloads.astype(np.int64),
            "share": downloads / whole,
            "cumulative": summed / whole,
            "low": np.where(newest, 1.0, shares(odds - margins)),
            "high": np.where(newest, 1.0, shares(odds + margins)),
        }
    )


def droppable(told: pd.DataFrame, threshold: float) -> int:
    """How many versions, from the oldest on, stay under a threshold with their whole interval.

    From the columns of `cumulative_shares`.
    """
    over = (told["high"] >= threshold).to_numpy(np.bool_)
    return int(over.argmax())


def fall(
    frame: pd.DataFrame, grain: Grain, version: str, threshold: float, seed: int = 0
) -> Fall | None:
    """How the share of a version and all that are older went within the latest stretch.

    From columns as of `newest_counts`. By whole weeks, or months: a line through the log odds.
    None where they are too few.
    """
    told = latest_stretch(frame)
    if grain is Grain.DAY:
        weeks = by_week(told)
        told = weeks[weeks["days"] == WEEK]
    counts = version_counts(told)
    if len(counts) < FEWEST_PERIODS or version not in counts:
        return None
    at = days_since_first(pd.DatetimeIndex(counts.index))
    values = log_odds(counts.loc[:, :version].sum(axis=1).to_numpy(float), _whole(counts))
    found = line(at, values, seed)
    steady = falls_steadily(at, values, found)
    low, value, high = (
        float(np.expm1((found.slope + side * found.margin) * found.span)) for side in (-1, 0, 1)
    )
    return Fall(
        change=value,
        low=low,
        high=high,
        periods=len(counts),
        last=pd.Timestamp(counts.index[-1]),
        span=found.span,
        steady=steady,
        forecast=forecast(found, float(np.log(threshold / (1 - threshold)))) if steady else None,
    )


def _whole(counts: pd.DataFrame) -> Floats:
    return counts.sum(axis=1).to_numpy(float)


def _month_margins(counts: pd.DataFrame, below: Floats) -> Floats:
    """The `month_margin` of each column of `below`: counts of versions with all that are older."""
    at = days_since_first(pd.DatetimeIndex(counts.index))
    return np.array([month_margin(at, column) for column in log_odds(below, below[:, -1:]).T])
