"""Constructed series of days with a known truth, and breaks of the record planted in them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lib.analysis.comparable import with_stretches
from lib.analysis.holidays import HolidayEffect, holiday_effects
from lib.analysis.seasonality import WeeklyDip, weekly_dips
from lib.breaks import Break
from lib.cubes import Grain

AUTOCORRELATION = 0.15

_AROUND = 150
"""How many days before and after a break a series has."""


def noisy_days(
    seeds: Sequence[int], count: int, *, spread: float, trend: float = 0.002, weekend: float = 1.0
) -> NDArray[np.float64]:
    """Downloads of `count` days from a Monday on, a column for each seed.

    The logs have AR(1) noise of this spread and the trend (a day); weekends have `weekend` times
    the downloads.
    """
    shocks = np.column_stack([np.random.default_rng(seed).normal(size=count) for seed in seeds])
    noise = shocks.copy()
    for day in range(1, count):
        noise[day] = (
            AUTOCORRELATION * noise[day - 1] + np.sqrt(1 - AUTOCORRELATION**2) * shocks[day]
        )
    days = np.arange(count)
    factors = np.where(days % 7 >= 5, weekend, 1.0) * np.exp(trend * days)
    return 10_000 * factors[:, np.newaxis] * np.exp(spread * noise)


def as_frame(values: NDArray[np.float64], first: str = "2025-01-06") -> pd.DataFrame:
    """Days (rows) and series (columns) as a frame of one stretch; `first` is a Monday."""
    days = pd.date_range(first, periods=len(values), unit="s")
    count = values.shape[1]
    return pd.DataFrame(
        {
            "period": np.repeat(days.to_numpy(), count),
            "series": [str(number) for number in range(count)] * len(days),
            "downloads": values.ravel(),
            "stretch": 0,
        }
    )


def around(found: Break) -> Iterator[pd.DatetimeIndex]:
    """The days around the start of a break, and around its end where that is far off."""
    before = _AROUND if found.kind != "start" else 0
    yield pd.date_range(
        found.first - timedelta(days=before), found.first + timedelta(days=_AROUND), unit="s"
    )
    if found.last and found.last != found.first:
        yield pd.date_range(
            found.last - timedelta(days=_AROUND), found.last + timedelta(days=_AROUND), unit="s"
        )


def planted(found: Break, days: pd.DatetimeIndex, downloads: NDArray[np.float64]) -> pd.DataFrame:
    """The series as the record would have it with the break, in its stretches.

    A gap loses nearly all rows; any other break has a third of the downloads counted, from its
    first to its last day, or for good.
    """
    lasts = found.last is None or (found.kind != "gap" and found.last == found.first)
    last = date.max if lasts or found.last is None else found.last
    inside = np.array([found.first <= day.date() <= last for day in days])
    counted = 0.01 if found.kind == "gap" else 1 / 3
    frame = pd.DataFrame(
        {"period": days, "downloads": np.where(inside, downloads * counted, downloads)}
    )
    return with_stretches(frame, Grain.DAY, [found], found.splits)


def weekly_dip(frame: pd.DataFrame, *, resamples: int = 999, seed: int = 0) -> WeeklyDip | None:
    """The weekly dip of one series; None where it has too little."""
    return next(iter(weekly_dips(frame, resamples=resamples, seed=seed).values()), None)


def holiday_effect(
    frame: pd.DataFrame, days: Collection[date], unusual: Collection[date] = ()
) -> HolidayEffect | None:
    """What the days did to one series; None where it has too little."""
    return next(iter(holiday_effects(frame, days, unusual).values()), None)
