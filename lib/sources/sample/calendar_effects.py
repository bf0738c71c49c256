"""What the calendar and the record itself do to a day's downloads: weekdays, holidays, breaks."""

from __future__ import annotations

import math
from datetime import date, timedelta
from functools import cache

import numpy as np

from lib.sources.sample.arrays import Floats, Integers
from lib.sources.sample.days import day_of, number
from lib.sources.sample.tables import Package, countries, holidays, low_days, series

_MIDWEEK = (1.08, 1.15, 1.16, 1.14, 1.07)
"""Monday to Friday over the week's mean, all of PyPI (mayeut/manylinux-timeline, 2019 to 2026)."""

_WEEKEND_REST = 0.25
"""How much of a holiday's log effect is left where it falls on a Saturday or Sunday: Christmas
was 0.58 on weekdays and 0.85 to 0.91 on weekends (mayeut/manylinux-timeline)."""

_TYPICAL_WEEKEND = 0.61

_LUNAR_NEW_YEARS = (
    "2018-02-16 2019-02-05 2020-01-25 2021-02-12 2022-02-01 2023-01-22 2024-02-10 2025-01-29 "
    "2026-02-17 2027-02-06 2028-01-26 2029-02-13 2030-02-03"
)


def weekdays(days: Integers) -> Integers:
    """Monday 0 to Sunday 6 of days since 1970, which began on a Thursday."""
    return (days + 3) % 7


def weekday_factors(weekend: float) -> Floats:
    """Monday to Sunday around a mean of 1 for a given ratio of weekend over midweek. Shape [7]."""
    midweek = sum(_MIDWEEK[1:4]) / 3
    factors = np.array([*_MIDWEEK, midweek * (weekend + 0.013), midweek * (weekend - 0.013)])
    normalized: Floats = factors / factors.mean()
    return normalized


def holiday_factors(days: Integers, package: Package, columns: Integers) -> Floats:
    """Factor on the downloads of some countries (rows of countries.csv) on consecutive days.

    Packages that rest on weekends also rest more on holidays, in proportion of the logs.
    Shape [days, columns].
    """
    strength = math.log(package.weekend) / math.log(_TYPICAL_WEEKEND)
    first = date(day_of(int(days[0])).year, 1, 1)
    logs = _holiday_logs(first, date(day_of(int(days[-1])).year, 12, 31))
    logs = logs[days - number(first)][:, columns]
    factors = np.ones_like(logs)
    kept = logs.any(axis=1)
    factors[kept] = np.exp(min(max(strength, 0.5), 1.5) * logs[kept])
    return factors


def recorded_fractions(days: Integers) -> Floats:
    """The part of each day's downloads that the public record holds: shape [days]."""
    fractions = np.ones(len(days))
    for low in low_days():
        fractions[(days >= number(low.first)) & (days <= number(low.last))] = low.fraction
    return fractions


def metadata_shares(days: Integers, package: Package) -> Floats:
    """The part of downloads that are metadata fetches counted as downloads: shape [days].

    A package that publishes no wheels has no metadata to fetch.
    """
    wheels = 1.0 - (package.sdist_share or package.kind.sdist_share)
    shares: Floats = series("file_types").at(days)[:, 0] / 100 * package.kind.metadata * wheels
    return shares


def metadata_step(days: Integers, package: Package) -> Floats:
    """What is left of the downloads once metadata fetches are logged no more: shape [days].

    1 to 2026-08-23, and less by the share that they had on that day from then on, because
    published levels include them.
    """
    eve = number(date(2026, 8, 23))
    share = metadata_shares(np.array([eve]), package)[0]
    return np.where(days > eve, 1.0 - share, 1.0)


@cache
def _holiday_logs(first: date, last: date) -> Floats:
    """Log factors of all holidays between two days: shape [days, countries]."""
    known = countries()
    logs = np.zeros(((last - first).days + 1, len(known.codes)))
    for holiday in holidays():
        kept = np.array(
            [
                code in holiday.regions or region in holiday.regions
                for code, region in zip(known.codes, known.regions, strict=True)
            ]
        )
        for year in range(first.year, last.year + 1):
            day = _day_of_rule(holiday.rule, year)
            if day is None or not first <= day <= last:
                continue
            effect = math.log(holiday.factor) * (_WEEKEND_REST if day.weekday() > 4 else 1.0)
            row = logs[(day - first).days]
            row[kept] = np.minimum(row[kept], effect)
    logs[:, known.codes.index("unknown")] = 0.72 * logs[:, known.codes.index("US")]
    return logs


def _day_of_rule(rule: str, year: int) -> date | None:
    """The day of a rule of holidays.csv in a year."""
    base, _, shift = rule.partition("+")
    if base.startswith("easter"):
        return _easter(year) + timedelta(days=int(rule.removeprefix("easter:")))
    if base.startswith("lunar"):
        found = [day for day in _LUNAR_NEW_YEARS.split() if day.startswith(str(year))]
        return date.fromisoformat(found[0]) + timedelta(days=int(shift)) if found else None
    if ":" in base:
        month, nth, weekday = (int(part) for part in base.split(":"))
        return _nth_weekday(year, month, nth, weekday) + timedelta(days=int(shift or 0))
    return date.fromisoformat(f"{year}-{base}")


def _nth_weekday(year: int, month: int, nth: int, weekday: int) -> date:
    """The nth weekday of a month, or the last where `nth` is -1."""
    if nth > 0:
        first = date(year, month, 1)
        return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))
    last = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    return last - timedelta(days=(last.weekday() - weekday) % 7)


def _easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (the algorithm of Meeus, Jones and Butcher)."""
    century, in_century = divmod(year, 100)
    leap, rest = divmod(century, 4)
    correction = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * (year % 19) + century - leap - correction + 15) % 30
    quarter, remainder = divmod(in_century, 4)
    weekday = (32 + 2 * rest + 2 * quarter - epact - remainder) % 7
    shift = (year % 19 + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * shift + 114, 31)
    return date(year, month, day + 1)
