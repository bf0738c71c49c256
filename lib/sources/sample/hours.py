"""Splits a day's downloads into hours: a flat part, and working hours where people live."""

from __future__ import annotations

import numpy as np

from lib.sources.sample.arrays import Floats, Integers, apportion
from lib.sources.sample.calendar_effects import weekdays
from lib.sources.sample.randomness import day_fractions, jitter
from lib.sources.sample.tables import Package, countries

_FLAT_ON_WORKDAYS, _FLAT_ON_WEEKENDS = 0.55, 0.75
"""The part by machines, which never rest. No hourly table is published: judged."""

_MIDDLE_OF_WORK, _SPREAD_OF_WORK = 14.0, 3.6
_HOURLY_SPREAD = 0.03


def by_hour(
    package: Package, seed: int, columns: Integers, days: Integers, counts: Integers
) -> Integers:
    """Split counts [days, columns] (rows of countries.csv) into hours that sum to them exactly.

    Shape [days, 24, columns].
    """
    flat = np.where(weekdays(days) > 4, _FLAT_ON_WEEKENDS, _FLAT_ON_WORKDAYS)
    bump = _working_hours(columns)
    noise = jitter(seed, "hours", package.name, days, 24, spread=_HOURLY_SPREAD)
    phase = day_fractions(seed, "hours", package.name, days)
    split = np.empty((len(days), 24, len(columns)), dtype=np.int64)
    for column in range(len(columns)):
        weights = flat[:, np.newaxis] / 24 + (1 - flat)[:, np.newaxis] * bump[column]
        shifted = (phase + 0.381966 * column) % 1.0
        split[:, :, column] = apportion(counts[:, column], weights * noise, shifted)
    return split


def _working_hours(columns: Integers) -> Floats:
    """The part of people's downloads in each hour of the UTC day: shape [columns, 24]."""
    local = np.arange(24) + 0.5 + countries().hours_from_utc[columns][:, np.newaxis]
    distance = (local - _MIDDLE_OF_WORK + 12) % 24 - 12
    bump = np.exp(-0.5 * (distance / _SPREAD_OF_WORK) ** 2)
    normalized: Floats = bump / bump.sum(axis=1, keepdims=True)
    return normalized
