"""Which countries a package is downloaded from: its own mix, drifting around the published one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

import numpy as np

from lib.sources.sample.arrays import Floats, Integers, apportion, interpolated_rows
from lib.sources.sample.calendar_effects import holiday_factors
from lib.sources.sample.days import number
from lib.sources.sample.levels import typical_level
from lib.sources.sample.randomness import day_fractions, generator, jitter
from lib.sources.sample.tables import Package, countries

_DRIFT = 0.06
"""Log SD by which a country's part in a package wanders from one New Year to the next."""

_DAILY_SPREAD = 0.06

_ALWAYS_KEPT = 26
"""The largest countries, which every package has: the mirrors and the spikes are among them."""


@dataclass(frozen=True)
class CountryMix:
    """The parts of a package's countries at dates between which they change linearly."""

    columns: Integers
    """The countries that the package is downloaded from, as rows of countries.csv."""
    at: Integers
    shares: Floats
    """Shape [dates, columns]; rows sum to 1."""

    def on(self, days: Integers) -> Floats:
        """The part of each country on each day: shape [days, columns]."""
        return interpolated_rows(self.at, self.shares, days)


def country_mix(package: Package, seed: int, years: range) -> CountryMix:
    """The countries of a package: the published shares with a leaning and a drift of its own."""
    known = countries()
    new_years = [number(date(year, 1, 1)) for year in (*years, years.stop)]
    at = np.unique(np.append(known.shares.days, new_years))
    columns = _columns(package, seed)
    shares = known.shares.at(at)[:, columns]
    unknown = shares[:, 0] / 100 * math.exp(0.2 * _leanings(package, seed)[0])
    shares *= np.exp(_log_leaning(package, seed) + _drift(package, seed, years, at))[:, columns]
    shares[:, 0] = 0.0
    shares *= ((1 - unknown) / shares.sum(axis=1))[:, np.newaxis]
    shares[:, 0] = unknown
    return CountryMix(columns, at, shares)


def country_counts(
    package: Package, seed: int, mix: CountryMix, days: Integers, totals: Integers
) -> Integers:
    """Split each day's total into the mix's countries exactly: shape [days, columns]."""
    weights = mix.on(days)
    weights *= holiday_factors(days, package, mix.columns)
    weights *= jitter(seed, "countries", package.name, days, len(mix.columns), spread=_DAILY_SPREAD)
    phase = day_fractions(seed, "countries", package.name, days)
    return apportion(totals, weights, phase)


def _columns(package: Package, seed: int) -> Integers:
    """The countries of a package: about 75 for the largest packages, fewer for smaller ones."""
    known = countries()
    wanted = round(22 + 13 * (math.log10(typical_level(package)) - 3))
    wanted = min(max(wanted, _ALWAYS_KEPT), len(known.codes))
    weights = known.shares.values[-1] * np.exp(
        _log_leaning(package, seed) + 0.5 * _leanings(package, seed)[::-1]
    )
    weights[:_ALWAYS_KEPT] = np.inf
    return np.sort(np.argsort(-weights, kind="stable")[:wanted]).astype(np.int64)


def _leanings(package: Package, seed: int) -> Floats:
    """A standard normal for each country."""
    return generator(seed, "leaning", package.name).standard_normal(len(countries().codes))


def _log_leaning(package: Package, seed: int) -> Floats:
    """How far a package leans to each country: tilts of packages.csv and chance. Shape [countries].

    Chance moves large packages less (log SD 0.1) than small ones (to 0.45), so that all packages
    together keep the published shares.
    """
    spread = min(max(0.1 + 0.09 * (6.5 - math.log10(typical_level(package))), 0.1), 0.45)
    known = countries()
    logs = spread * _leanings(package, seed)
    for country, factor in package.country_tilt.items():
        logs[known.codes.index(country)] = math.log(factor)
    return logs


def _drift(package: Package, seed: int, years: range, at: Integers) -> Floats:
    """Log drift at some dates, linear between New Years: shape [dates, countries]."""
    new_years = np.array([number(date(year, 1, 1)) for year in (*years, years.stop)])
    steps = [
        generator(seed, "drift", package.name, year).standard_normal(len(countries().codes))
        for year in (*years, years.stop)
    ]
    drift = _DRIFT * np.cumsum(steps, axis=0)
    return interpolated_rows(new_years, drift, at)
