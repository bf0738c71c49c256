"""The rate of download: downloads per time, its hours of the day, and the time that suits it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pandas as pd

from lib.cubes import Grain
from lib.periods import ends_of
from lib.router import Period


@dataclass(frozen=True)
class Pace:
    """A time in which downloads are told: `a second`, and how many seconds it has."""

    name: str
    seconds: int


PACES = (Pace("a second", 1), Pace("a minute", 60), Pace("an hour", 3600), Pace("a day", 86_400))


def mean_rates(frame: pd.DataFrame, grain: Grain) -> pd.Series[float]:
    """The mean downloads a second of each series over the periods that are told.

    From columns `period` (starts of `grain`, UTC), `series`, `downloads`; a period without a number
    counts as neither downloads nor time. NaN for a series of which nothing is told.
    """
    starts = pd.DatetimeIndex(frame["period"])
    seconds = pd.Series((ends_of(starts, grain) - starts).total_seconds(), index=frame.index)
    timed = frame.assign(seconds=seconds.where(frame["downloads"].notna()))
    sums = timed.groupby("series", sort=False)[["downloads", "seconds"]].sum(min_count=1)
    rates: pd.Series[float] = sums["downloads"] / sums["seconds"]
    return rates


def fitting_pace(rates: pd.Series[float]) -> Pace:
    """The shortest time in which each rate (a second) makes a download, or else a day.

    Rates of zero or NaN are passed over.
    """
    least = float(rates[rates > 0].min()) if (rates > 0).any() else 1.0
    return next((pace for pace in PACES if least * pace.seconds >= 1), PACES[-1])


def hour_profile(hourly: pd.DataFrame) -> pd.DataFrame:
    """The mean downloads a second in each hour of the day, UTC.

    From columns `period` (hours), `series`, `downloads`. Columns `series`, `hour` (0 to 23),
    `rate`, and `ratio`: to the mean of the series' 24 hours.
    """
    timed = hourly.assign(hour=hourly["period"].dt.hour)
    means = timed.groupby(["series", "hour"], sort=False)["downloads"].mean().dropna()
    profile = means.div(3600).rename("rate").reset_index()
    usual = profile.groupby("series")["rate"].transform("mean")
    return profile.assign(ratio=profile["rate"] / usual)


def weekend_days(period: Period) -> int:
    """How many days of the period are Saturdays and Sundays."""
    return period.days - int(np.busday_count(period.first, period.last + timedelta(days=1)))


def with_rates(frame: pd.DataFrame, grain: Grain) -> pd.DataFrame:
    """`frame` with `value`: downloads a second in each period, from its `period`, `downloads`."""
    starts = pd.DatetimeIndex(frame["period"])
    seconds = (ends_of(starts, grain) - starts).total_seconds().to_numpy()
    return frame.assign(value=frame["downloads"] / seconds)
