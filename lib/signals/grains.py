"""A series of a signal at a coarser grain: pure functions on its periods."""

from __future__ import annotations

import pandas as pd

from lib.cubes import Grain
from lib.periods import ends_of
from lib.signals import COUNTED, GRAINS, SignalSeries

_HALF_WEEK = pd.Timedelta(days=3)


def at_grain(series: SignalSeries, grain: Grain) -> pd.DataFrame:
    """The series at a grain: columns `period`, `value`, `flagged`, for whole periods alone.

    What is counted is summed, each period evenly spread over its days; a level is the mean of its
    days. A period of which some day is not known is left out. Weeks begin on Monday, as those of
    downloads: one that begins on another day (Google's on Sunday) is taken for the week that has
    most of its days, with its value unchanged.

    Raises ValueError where the series is not held at so fine a grain.
    """
    if grain not in GRAINS or grain.is_finer_than(series.grain):
        raise ValueError(f"{series.name} is held by {series.grain}, not by {grain}.")
    frame = series.frame
    if grain is not series.grain:
        return _summed(_by_day(series), grain, counted=series.signal in COUNTED)
    if grain is Grain.WEEK:
        return frame.assign(period=_starts(frame["period"] + _HALF_WEEK, grain))
    return frame.copy()


def _by_day(series: SignalSeries) -> pd.DataFrame:
    """A row for each day of each period of the series."""
    frame = series.frame
    starts = pd.DatetimeIndex(frame["period"])
    lengths = (ends_of(starts, series.grain) - starts).days
    days = frame.assign(days=lengths).loc[frame.index.repeat(lengths)]
    passed = pd.to_timedelta(days.groupby(level=0).cumcount(), unit="D")
    counted = series.signal in COUNTED
    return days.assign(
        period=days["period"] + passed,
        value=days["value"] / days["days"] if counted else days["value"],
    )


def _summed(days: pd.DataFrame, grain: Grain, *, counted: bool) -> pd.DataFrame:
    """The sums or means of whole weeks or months."""
    parts = days.groupby(_starts(days["period"], grain))
    value = parts["value"].sum() if counted else parts["value"].mean()
    found = pd.DataFrame({"value": value, "flagged": parts["flagged"].any(), "days": parts.size()})
    starts = pd.DatetimeIndex(found.index)
    whole = found["days"].to_numpy() == (ends_of(starts, grain) - starts).days
    kept: pd.DataFrame = found[whole].rename_axis("period").reset_index().drop(columns="days")
    return kept.astype({"period": "datetime64[s]"})


def _starts(days: pd.Series[pd.Timestamp], grain: Grain) -> pd.Series[pd.Timestamp]:
    """The first day of the week or month of each day."""
    passed = days.dt.day_of_week if grain is Grain.WEEK else days.dt.day - 1
    return days - pd.to_timedelta(passed, unit="D")
