"""The views of a series of downloads: pure functions from DataFrame to DataFrame."""

from __future__ import annotations

import pandas as pd

from lib.cubes import Grain
from lib.selection import View

_MEAN_DAYS = 7


def as_view(frame: pd.DataFrame, view: View, grain: Grain) -> pd.DataFrame:
    """`frame` with a column `value`: its downloads as the view shows them.

    `frame` has the columns `period`, `series`, `downloads` and `partial`, by period and series.
    Share is of all the series of one period; indexed is 100 at the first whole period in which
    all series have downloads (or each at its own first); the mean is of the day and the six
    before it, and for longer grains the downloads per day of the period.
    """
    if view is View.SHARE:
        value = frame["downloads"] / frame.groupby("period")["downloads"].transform("sum")
    elif view is View.INDEXED:
        value = frame["downloads"] / frame["series"].map(_bases(frame)) * 100
    elif view is View.MEAN:
        value = _mean(frame, grain)
    elif view is View.LOG:
        value = frame["downloads"].where(frame["downloads"] > 0)
    else:
        value = frame["downloads"]
    return frame.assign(value=value)


def base_period(frame: pd.DataFrame) -> pd.Timestamp | None:
    """The first whole period in which every series has downloads, or None."""
    whole = frame[~frame["partial"]]
    positive = whole.assign(positive=whole["downloads"] > 0).groupby("period")["positive"].all()
    starts = positive[positive].index
    return starts[0] if len(starts) else None


def weekday_by_month(frame: pd.DataFrame) -> pd.DataFrame:
    """How each weekday compares with the mean day of its month.

    From columns `period` (days) and `downloads`. Columns `month`, `weekday` (0 for Monday),
    `ratio` (1 for a mean day). Months with fewer than seven days are left out.
    """
    daily = frame.assign(
        month=frame["period"].dt.to_period("M").dt.to_timestamp(),
        weekday=frame["period"].dt.day_of_week,
    )
    full = daily.groupby("month")["downloads"].transform("count") >= 7
    daily = daily[full]
    mean = daily.groupby("month")["downloads"].mean()
    ratios = daily.groupby(["month", "weekday"])["downloads"].mean().reset_index()
    ratios["ratio"] = ratios["downloads"] / ratios["month"].map(mean)
    return ratios[["month", "weekday", "ratio"]]


def _bases(frame: pd.DataFrame) -> pd.Series[float]:
    """For each series, the downloads that are drawn as 100."""
    start = base_period(frame)
    if start is not None:
        bases: pd.Series[float] = frame[frame["period"] == start].set_index("series")["downloads"]
        return bases
    usable = frame[~frame["partial"] & (frame["downloads"] > 0)]
    return usable.groupby("series")["downloads"].first()


def _mean(frame: pd.DataFrame, grain: Grain) -> pd.Series[float]:
    if grain is Grain.MONTH:
        days: pd.Series[int] = frame["period"].dt.days_in_month
        return frame["downloads"] / days
    if grain is Grain.WEEK:
        return frame["downloads"] / _MEAN_DAYS
    hours = 24 if grain is Grain.HOUR else 1
    window = _MEAN_DAYS * hours
    rolling = frame.groupby("series")["downloads"].rolling(window).mean()
    means: pd.Series[float] = rolling.droplevel("series").sort_index()
    return means * hours
