"""Shares of downloads over time: within one stretch of the record, and since when they are high."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from lib.analysis.comparable import UNUSABLE
from lib.analysis.resampling import WEEK
from lib.cubes import Grain
from lib.periods import ends_of, period_starts
from lib.router import Period

STAYS = 4
"""For how many periods a share has to stay above something until that is told."""

_MOST_WEEKS = 160
"""A longer period is told by month."""


def stretch_told(frame: pd.DataFrame, fewest: int) -> pd.DataFrame:
    """The rows of the latest stretch of at least `fewest` periods, or else of the longest.

    From a frame with the columns `period` and `stretch`; unusable periods are left out.
    """
    usable = frame[frame["stretch"] != UNUSABLE]
    lengths = usable.groupby("stretch")["period"].nunique()
    if lengths.empty:
        return usable
    enough = lengths[lengths >= min(fewest, int(lengths.max()))]
    rows: pd.DataFrame = usable[usable["stretch"] == enough.index.max()]
    return rows


def count_table(frame: pd.DataFrame) -> pd.DataFrame:
    """Downloads with a row for each period and a column for each series, in the order of `frame`.

    From columns `period`, `series` and `downloads`. Periods without any download are left out; a
    series of which nothing is told in a period has none.
    """
    table = frame.pivot_table(
        index="period", columns="series", values="downloads", aggfunc="sum", sort=False
    )
    table = table.fillna(0).sort_index()
    counts: pd.DataFrame = table[table.sum(axis=1) > 0]
    return counts


def share_table(frame: pd.DataFrame) -> pd.DataFrame:
    """The part of each series in the downloads of each period, 0 to 1, like `count_table`."""
    counts = count_table(frame)
    return counts.div(counts.sum(axis=1), axis=0)


def by_week(daily: pd.DataFrame) -> pd.DataFrame:
    """Downloads by week (from Monday), series and stretch, from those of days.

    Columns `period`, `series`, `stretch`, `downloads` and `days`: how many the week has in the
    stretch.
    """
    weeks = daily.assign(period=_starts(daily["period"], Grain.WEEK), day=daily["period"])
    count = weeks.groupby(["period", "stretch"])["day"].nunique().rename("days")
    keys = ["period", "stretch", "series"]
    sums = weeks.groupby(keys, as_index=False, sort=False)["downloads"].sum()
    joined: pd.DataFrame = sums.join(count, on=["period", "stretch"])
    return joined


def shares_over_time(frame: pd.DataFrame, grain: Grain, period: Period) -> pd.DataFrame:
    """The share of each series in the downloads of each day, week or month of a period.

    From columns `period` (of this grain, or days), `series` and `downloads`. Columns `period`,
    `series`, `value` (0 to 1; NaN without downloads) and `partial`; every series in every period.
    """
    table = count_table(frame.assign(period=_starts(frame["period"], grain)))
    starts = period_starts(period, grain)
    shares = table.div(table.sum(axis=1), axis=0).reindex(starts.index)
    long = shares.rename_axis("period").reset_index().melt("period", var_name="series")
    return long.assign(partial=long["period"].map(starts).astype(bool))


def course_grain(period: Period, *, daily: bool) -> Grain:
    """What shares are told by over a period: weeks where days are held; months if it is long."""
    return Grain.WEEK if daily and period.days <= WEEK * _MOST_WEEKS else Grain.MONTH


def days_of(periods: Iterable[pd.Timestamp], grain: Grain) -> Period:
    """The days from the first to the last of some periods, by their starts."""
    starts = pd.DatetimeIndex(sorted(set(periods)))
    last = ends_of(starts, grain)[-1] - pd.Timedelta(days=1)
    return Period(starts[0].date(), last.date())


def above_since(values: pd.Series[float], bound: pd.Series[float] | float) -> pd.Timestamp | None:
    """The period since which values have been above a bound, to the last; None if there is none.

    They have been for at least `STAYS` periods, and were not in the one before. Both are of the
    same periods.
    """
    above = (values > bound).to_numpy(np.bool_)
    below = np.flatnonzero(~above)
    since = int(below[-1]) + 1 if below.size else 0
    if since == 0 or len(above) - since < STAYS:
        return None
    return pd.Timestamp(values.index[since])


def _starts(periods: pd.Series[pd.Timestamp], grain: Grain) -> pd.Series[pd.Timestamp]:
    """The first day of the week (from Monday) or month of each; of days the days themselves."""
    if grain is Grain.DAY:
        return periods.astype("datetime64[s]")
    frequency = "W-SUN" if grain is Grain.WEEK else "M"
    starts: pd.Series[pd.Timestamp] = periods.dt.to_period(frequency).dt.start_time
    return starts.astype("datetime64[s]")
