"""The periods of a time axis: their starts, and which of them are cut."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import cast

import numpy as np
import pandas as pd

from lib.cubes import Grain
from lib.router import Period

PROVISIONAL_DAYS = 7
"""How long late rows still reach a day of PyPI's record: its days are read again for a week."""

_FREQUENCY = {Grain.HOUR: "h", Grain.DAY: "D", Grain.WEEK: "W-MON", Grain.MONTH: "MS"}

_OFFSET = {
    Grain.HOUR: pd.DateOffset(hours=1),
    Grain.DAY: pd.DateOffset(days=1),
    Grain.WEEK: pd.DateOffset(weeks=1),
    Grain.MONTH: pd.DateOffset(months=1),
}


@lru_cache(maxsize=200)
def period_starts(period: Period, grain: Grain) -> pd.Series[bool]:
    """The start of every period of the grain that touches `period`, in UTC.

    The values say whether the period is partial: whether some of it lies outside the days.
    """
    first = pd.Timestamp(period.first)
    after = pd.Timestamp(period.last + timedelta(days=1))
    if grain is Grain.WEEK:
        first -= pd.Timedelta(days=first.weekday())
    elif grain is Grain.MONTH:
        first = first.replace(day=1)
    starts = pd.date_range(first, after, freq=_FREQUENCY[grain], inclusive="left", unit="s")
    partial = np.zeros(len(starts), dtype=bool)
    partial[0] = starts[0] < pd.Timestamp(period.first)
    partial[-1] |= starts[-1] + _OFFSET[grain] > after
    return cast("pd.Series[bool]", pd.Series(partial, index=starts))


def whole_months(period: Period) -> bool:
    """Whether the period begins on the first day of a month and ends on the last of one."""
    return period.first.day == 1 and (period.last + timedelta(days=1)).day == 1


def months_before(period: Period) -> Period:
    """As many months as a period of whole months has, right before it."""
    months = (period.last.year - period.first.year) * 12 + period.last.month
    months -= period.first.month - 1
    first = (pd.Timestamp(period.first) - pd.DateOffset(months=months)).date()
    return Period(first, period.first - timedelta(days=1))


def provisional_since(yesterday: date) -> date:
    """The first day whose downloads may still change."""
    return yesterday - timedelta(days=PROVISIONAL_DAYS - 1)


def ends_of(starts: pd.DatetimeIndex, grain: Grain) -> pd.DatetimeIndex:
    """The first moments after periods of the grain that begin at `starts`."""
    return pd.DatetimeIndex(starts + _OFFSET[grain])
