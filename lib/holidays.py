"""The holidays that show in downloads, and the days on which each of them falls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from lib.router import Period

_LUNAR_NEW_YEARS = {
    2016: date(2016, 2, 8),
    2017: date(2017, 1, 28),
    2018: date(2018, 2, 16),
    2019: date(2019, 2, 5),
    2020: date(2020, 1, 25),
    2021: date(2021, 2, 12),
    2022: date(2022, 2, 1),
    2023: date(2023, 1, 22),
    2024: date(2024, 2, 10),
    2025: date(2025, 1, 29),
    2026: date(2026, 2, 17),
    2027: date(2027, 2, 6),
    2028: date(2028, 1, 26),
    2029: date(2029, 2, 13),
    2030: date(2030, 2, 3),
}
"""The first day of the Chinese year (Hong Kong Observatory, Gregorian-Lunar Calendar)."""

_THURSDAY = 3


@dataclass(frozen=True)
class Holiday:
    """A holiday: `days_in` has its days in a year, none where they are not known."""

    key: str
    name: str
    days_in: Callable[[int], tuple[date, ...]]


def _from(first: date, count: int) -> tuple[date, ...]:
    return tuple(first + timedelta(days=day) for day in range(count))


def _thanksgiving(year: int) -> tuple[date, ...]:
    """The fourth Thursday of November, and the Friday after."""
    first = date(year, 11, 1)
    return _from(first + timedelta(days=(_THURSDAY - first.weekday()) % 7 + 21), 2)


def _independence_day(year: int) -> tuple[date, ...]:
    """4 July, and the workday that is free in its place where it falls on a weekend."""
    fourth = date(year, 7, 4)
    observed = {5: fourth - timedelta(days=1), 6: fourth + timedelta(days=1)}
    return tuple(sorted({fourth, observed.get(fourth.weekday(), fourth)}))


def _easter(year: int) -> tuple[date, ...]:
    """Good Friday to Easter Monday, of the western churches."""
    sunday: pd.Timestamp = pd.offsets.Easter().rollforward(pd.Timestamp(year, 1, 1))
    return _from(sunday.date() - timedelta(days=2), 4)


def _lunar_new_year(year: int) -> tuple[date, ...]:
    """New Year's Eve and the six days after it."""
    first = _LUNAR_NEW_YEARS.get(year)
    return _from(first - timedelta(days=1), 7) if first else ()


HOLIDAYS: tuple[Holiday, ...] = (
    Holiday("christmas", "Christmas", lambda year: _from(date(year, 12, 24), 3)),
    Holiday("new-year", "New Year", lambda year: _from(date(year - 1, 12, 31), 2)),
    Holiday("thanksgiving", "Thanksgiving", _thanksgiving),
    Holiday("independence-day", "Independence Day (US)", _independence_day),
    Holiday("easter", "Easter", _easter),
    Holiday("may-day", "May Day", lambda year: (date(year, 5, 1),)),
    Holiday("lunar-new-year", "Lunar New Year", _lunar_new_year),
    Holiday("golden-week-cn", "China's Golden Week", lambda year: _from(date(year, 10, 1), 7)),
    Holiday("golden-week-jp", "Japan's Golden Week", lambda year: _from(date(year, 4, 29), 7)),
)

HOLIDAY = {holiday.key: holiday for holiday in HOLIDAYS}


def latest_days(holiday: Holiday, period: Period) -> tuple[date, ...]:
    """The days of the latest occurrence that lies in the period as a whole; none where none does.

    Occurrences whose days are not known are passed over.
    """
    for year in range(period.last.year + 1, period.first.year - 1, -1):
        days = holiday.days_in(year)
        if days and period.first <= days[0] and days[-1] <= period.last:
            return days
    return ()


def unusual_days(period: Period) -> frozenset[date]:
    """The days of the period that are no usual ones: of every holiday, and around Christmas.

    From 20 December to 6 January many are away, holiday or not.
    """
    found: set[date] = set()
    for year in range(period.first.year, period.last.year + 2):
        for holiday in HOLIDAYS:
            found.update(holiday.days_in(year))
        found.update(_from(date(year - 1, 12, 20), 18))
    return frozenset(day for day in found if period.first <= day <= period.last)
