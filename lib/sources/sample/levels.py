"""How many downloads a day a package has, apart from weekdays, holidays and daily noise."""

from __future__ import annotations

import math
from datetime import date

import numpy as np

from lib.sources.sample.arrays import Floats, Integers
from lib.sources.sample.days import BEGINNING, middle_of_month, number
from lib.sources.sample.randomness import generator
from lib.sources.sample.tables import Package, low_days

_LIST_FLOOR = {
    "2018-03": 130,
    "2018-09": 160,
    "2019-06": 310,
    "2020-06": 900,
    "2021-06": 1200,
    "2022-06": 1900,
    "2023-06": 1900,
    "2024-05": 1900,
    "2025-06": 1200,
    "2026-03": 2100,
}
"""About the fewest downloads a day that still made the month's list (hugovk/top-pypi-packages)."""

_ALL_PYPI = (
    ("2025-06-15", 2.60),
    ("2026-03-15", 4.41),
    ("2026-04-15", 5.00),
    ("2026-05-15", 5.28),
    ("2026-08-15", 6.20),
    ("2026-11-15", 6.80),
    ("2027-12-15", 8.40),
)
"""Billions of downloads a day of all of PyPI: ClickHouse/clickpy monthly reports to 2026-05, the
PyPI blog of 2026-08-31 for 2026-08 (between 4.5 on weekends and 7 midweek), then judged, as if
metadata fetches were still counted (the step of 2026-08-24 is applied elsewhere)."""

_NOISE_MEMORY = 0.5


def expected_levels(package: Package, seed: int, days: Integers, years: range) -> Floats:
    """True downloads a day on each of `days`, as if the record had always been whole.

    Log-linear between the middles of the published months, with month-to-month noise that is
    zero in them; zero before the package's first release. Shape [days].
    """
    points = _published_points(package)
    at, logs = (
        np.array([day for day, _ in points]),
        np.log([level for _, level in points]),
    )
    growth = _growth_afterwards(package, days, _middle_of_last_month(package))
    trend = np.interp(days, at, logs) + growth
    trend += _monthly_noise(package, seed, days, years)
    levels: Floats = np.exp(trend)
    if package.started is not None:
        levels[days < number(package.started)] = 0.0
    return levels


def _middle_of_last_month(package: Package) -> int:
    """The middle of the last month of the table, in days since 1970."""
    return middle_of_month(list(package.levels)[-1])


def monthly_spread(level: float) -> float:
    """Log SD from month to month beyond the growth of all of PyPI.

    Measured over hugovk/top-pypi-packages: 0.15 below 10 k a day, 0.05 above 1 M.
    """
    for bound, spread in ((1e4, 0.15), (1e5, 0.13), (1e6, 0.09)):
        if level < bound:
            return spread
    return 0.05


def typical_level(package: Package) -> float:
    """The geometric mean of a package's published levels, for choices that depend on its size."""
    known = [level for level in package.levels.values() if level]
    return math.exp(sum(map(math.log, known)) / len(known)) if known else 100.0


def _published_points(package: Package) -> list[tuple[int, float]]:
    """The days and true levels between which a package's level is interpolated."""
    months = list(package.levels)
    started = package.started or BEGINNING
    points = []
    for index, month in enumerate(months):
        day = middle_of_month(month)
        if day < number(started):
            continue
        points.append((day, _true_level(package, months, index) / _recorded_fraction(day)))
    first_day, first_level = points[0]
    if package.started is not None and package.started > BEGINNING:
        points = _launch(package, number(package.started), first_day, first_level) + points
    return points


def _true_level(package: Package, months: list[str], index: int) -> float:
    """The published level of a month, or a level below its list where none is published."""
    level = package.levels[months[index]]
    if level:
        return level
    below_list = 0.5 * _LIST_FLOOR[months[index]]
    following = [package.levels[month] for month in months[index + 1 :] if package.levels[month]]
    if following and following[0]:
        return min(below_list, 0.3 * following[0])
    preceding = [package.levels[month] for month in months[:index] if package.levels[month]]
    return min(below_list, 0.6 * (preceding[-1] or 1.0)) if preceding else 0.1 * below_list


def _launch(
    package: Package, started: int, first_day: int, first_level: float
) -> list[tuple[int, float]]:
    """The climb to the first level: within a month for a dependency, else within a year."""
    if package.launched_as_dependency:
        jump = max(started + 20, first_day - 240)
        return [
            (started, 0.01 * first_level),
            (jump, 0.03 * first_level),
            (jump + 30, first_level),
        ]
    climb = min(300, first_day - started)
    return [(started, first_level / 60), (first_day - climb, first_level / 45)]


def _recorded_fraction(day: int) -> float:
    """The fraction of the downloads around `day` that the record holds: less than 1 to 2018-07."""
    for low in low_days():
        if number(low.first) <= day <= number(low.last) and low.last.year == BEGINNING.year:
            return low.fraction
    return 1.0


def _growth_afterwards(package: Package, days: Integers, last: int) -> Floats:
    """Log growth after the last published month: all of PyPI's, tilted by the package's own.

    The package's own growth in the last published interval, relative to PyPI's, moves it by
    40 percent of what it would be if nothing damped it. Shape [days].
    """
    at = np.array([number(date.fromisoformat(day)) for day, _ in _ALL_PYPI])
    logs = np.log([billions for _, billions in _ALL_PYPI])
    common = np.maximum(np.interp(days, at, logs) - np.interp(last, at, logs), 0.0)
    earlier, later = list(package.levels.values())[-2:]
    own = math.log(later / earlier) if earlier and later else 0.0
    relative = min(max(own / float(logs[1] - logs[0]), -2.0), 3.0)
    growth: Floats = common * (0.6 + 0.4 * relative)
    return growth


def _monthly_noise(package: Package, seed: int, days: Integers, years: range) -> Floats:
    """Slow log noise, zero in the middle of published months. Shape [days]."""
    published = {middle_of_month(month) for month, level in package.levels.items() if level}
    spread = monthly_spread(typical_level(package))
    at, noise, value = [], [], 0.0
    for year in (*years, years.stop):
        draws = generator(seed, "months", package.name, year).standard_normal(12)
        for month in range(12):
            value = _NOISE_MEMORY * value + spread * float(draws[month])
            middle = middle_of_month(f"{year}-{month + 1:02d}")
            value = 0.0 if middle in published else value
            at.append(middle)
            noise.append(value)
    slow: Floats = np.interp(days, np.array(at), np.array(noise))
    return slow
