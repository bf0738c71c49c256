"""The downloads of a package on each day: its calibrated total, its mirrors and its spikes."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from lib.sources.sample.arrays import Floats, Integers
from lib.sources.sample.calendar_effects import (
    holiday_factors,
    metadata_step,
    recorded_fractions,
    weekday_factors,
    weekdays,
)
from lib.sources.sample.country_mix import CountryMix
from lib.sources.sample.days import days_of_month, middle_of_month, number, whole_years
from lib.sources.sample.levels import expected_levels, typical_level
from lib.sources.sample.randomness import daily_normals, day_fractions, generator
from lib.sources.sample.tables import Package

_MEMORY = 0.15
"""Lag-1 autocorrelation of the daily noise (mayeut/manylinux-timeline)."""

_COMMON_SPREAD = 0.018
"""Log SD of what moves all packages on a day: a part of the 0.03 measured for all of PyPI."""

_CALIBRATION_ROUNDS = 3

_MOST_BY_MIRRORS = 0.7

_LONGEST_SPIKE = 42
_SPIKE_COUNTRIES = ("US", "SG", "DE", "CN", "IN", "KR", "NL", "GB", "BR", "HK")
_SPIKE_SHARES = (0.40, 0.14, 0.09, 0.08, 0.08, 0.06, 0.05, 0.04, 0.03, 0.03)


@dataclass(frozen=True)
class Spike:
    """A burst of downloads from one country, one system and one Python version."""

    country: str
    first: int
    """Its first day, in days since 1970."""
    counts: Integers


@dataclass(frozen=True)
class Totals:
    """Downloads on consecutive days, in three exact parts that add up to the day's total."""

    days: Integers
    ordinary: Integers
    mirrors: Integers
    spikes: tuple[Spike, ...]

    def all(self) -> Integers:
        """The total of each day: shape [days]."""
        totals = self.ordinary + self.mirrors
        for spike in self.spikes:
            start = spike.first - int(self.days[0])
            totals[start : start + len(spike.counts)] += spike.counts
        return totals


def daily_totals(package: Package, seed: int, mix: CountryMix, years: range) -> Totals:
    """A package's downloads on every day of the simulated years.

    Always computed whole, so that a day's total never depends on what part of them is kept.
    """
    days = whole_years(years).numbers()
    level = expected_levels(package, seed, days, years) * metadata_step(days, package)
    level *= recorded_fractions(days)
    mirrors = _mirrors(package, seed, days, level)
    ordinary = (level - mirrors) * _calendar(package, mix, days)
    ordinary *= np.exp(_noise(package, seed, days, years))
    ordinary *= _calibration(package, days, ordinary, mirrors)
    phase = day_fractions(seed, "totals", package.name, days)
    exists = level > 0
    return Totals(
        days=days,
        ordinary=np.where(exists, np.floor(ordinary + phase), 0).astype(np.int64),
        mirrors=np.where(exists, np.floor(mirrors + phase), 0).astype(np.int64),
        spikes=tuple(_spikes(package, seed, days, level, years)),
    )


def _calendar(package: Package, mix: CountryMix, days: Integers) -> Floats:
    """The factor of the weekday and of the holidays of the package's countries: shape [days]."""
    weekday = weekday_factors(package.weekend)[weekdays(days)]
    rest = np.einsum("dc,dc->d", mix.on(days), holiday_factors(days, package, mix.columns))
    factors: Floats = weekday * rest
    return factors


def _noise(package: Package, seed: int, days: Integers, years: range) -> Floats:
    """Daily log noise, 0.03 for the largest packages to 0.15 for the smallest: shape [days].

    An autoregression of lag one, cut after three days (0.15 to the fourth is nothing), so that a
    day's noise needs only the three before it. Spreads measured over mayeut/manylinux-timeline.
    """
    spread = min(max(0.03 + 0.03 * (6.2 - math.log10(typical_level(package))), 0.024), 0.15)
    own = daily_normals(seed, "noise", package.name, years)
    common = daily_normals(seed, "noise", "all packages", years)
    innovations = spread * own + _COMMON_SPREAD * common
    noise = innovations.copy()
    for lag in (1, 2, 3):
        noise[lag:] += _MEMORY**lag * innovations[:-lag]
    return noise


def _mirrors(package: Package, seed: int, days: Integers, level: Floats) -> Floats:
    """Downloads by mirrors: a constant number that follows releases, and a thin share of use.

    Most of a tiny package (neuropredict: 95 percent, ofek/pypinfo#70) and under 2 percent of a
    large one (bandersnatch 0.47 percent of all PyPI, hugovk.dev 2024-11-24). Shape [days].
    """
    stream = generator(seed, "mirrors", package.name)
    releases = (30.0 / max(package.cadence_days, 3)) ** 0.15
    constant = 800.0 * releases * math.exp(0.3 * float(stream.standard_normal()))
    ripple = 1.0 + 0.04 * np.sin(days * (0.7 + float(stream.random())))
    mirrors: Floats = np.minimum(constant * ripple + 0.003 * level, _MOST_BY_MIRRORS * level)
    return mirrors


def _calibration(package: Package, days: Integers, ordinary: Floats, mirrors: Floats) -> Floats:
    """A slow factor on the ordinary downloads that makes published months' means right.

    Log-linear between the months. Shape [days].
    """
    published = {month: level for month, level in package.levels.items() if level}
    at = np.array([middle_of_month(month) for month in published])
    logs = np.zeros(len(published))
    correction = np.ones(len(days))
    for _ in range(_CALIBRATION_ROUNDS if published else 0):
        for index, (month, level) in enumerate(published.items()):
            span = days_of_month(month)
            part = slice(number(span.first) - days[0], number(span.last) - days[0] + 1)
            modeled = float((ordinary[part] * correction[part]).mean())
            wanted = level - float(mirrors[part].mean())
            logs[index] += math.log(max(wanted, 0.05 * level) / modeled)
        correction = np.exp(np.interp(days, at, logs))
    return correction


def _spikes(
    package: Package, seed: int, days: Integers, level: Floats, years: range
) -> list[Spike]:
    """Bursts of one day to six weeks, none of them in a month with a published level.

    About two in three years; smaller relative to the package the larger it is (judged, after
    the outliers counted over mayeut/manylinux-timeline).
    """
    published = [days_of_month(month) for month, known in package.levels.items() if known]
    size = min(max(2.2 - 0.33 * math.log10(typical_level(package)), 0.04), 1.5)
    spikes = []
    for year in years:
        stream = generator(seed, "spikes", package.name, year)
        new_year = number(whole_years(range(year, year + 1)).first)
        for _ in range(int(stream.poisson(0.7))):
            first = new_year + int(stream.integers(365))
            length = int(math.exp(stream.uniform(0.0, math.log(_LONGEST_SPIKE + 1))))
            height = size * math.exp(0.8 * float(stream.standard_normal()))
            shape = height * stream.uniform(0.6, 1.0, _LONGEST_SPIKE)
            country = str(stream.choice(_SPIKE_COUNTRIES, p=_SPIKE_SHARES))
            expected = level[first - days[0] : first - days[0] + length]
            counts = np.rint(shape[: len(expected)] * expected).astype(np.int64)
            overlaps = any(
                number(month.first) < first + length and first <= number(month.last)
                for month in published
            )
            if counts.any() and not overlaps:
                spikes.append(Spike(country, first, counts))
    return spikes
