"""Spans cut into steps: seconds of the clock on one side, series with a time axis on the other."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from lib.live import Span

Seconds = npt.NDArray[np.int64]

Floats = npt.NDArray[np.float64]


def starts(span: Span, step: timedelta) -> Seconds:
    """The first second of each step of a span of whole steps, counted from 1970."""
    first, after = int(span.first.timestamp()), int(span.after.timestamp())
    return np.arange(first, after, round(step.total_seconds()), dtype=np.int64)


def as_series(values: Floats, first_seconds: Seconds) -> pd.Series:
    """Downloads by step, indexed by `period` (naive UTC, datetime64[s])."""
    index = pd.DatetimeIndex(first_seconds.astype("datetime64[s]"), name="period")
    return pd.Series(values, index=index, name="downloads", dtype=float)


def whole_minute(time: datetime) -> datetime:
    """The start of the minute that a time is in."""
    return time.replace(second=0, microsecond=0)


def whole_hour(time: datetime) -> datetime:
    """The start of the hour that a time is in."""
    return time.replace(minute=0, second=0, microsecond=0)
