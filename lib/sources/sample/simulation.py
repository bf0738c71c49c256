"""One package simulated: its downloads by country, and by cell, on any span of days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property

import numpy as np

from lib.sources.sample.arrays import (
    Floats,
    Integers,
    apportion,
    apportion_segments,
    interpolated_rows,
)
from lib.sources.sample.calendar_effects import weekdays
from lib.sources.sample.country_mix import CountryMix, country_counts, country_mix
from lib.sources.sample.days import number
from lib.sources.sample.profiles import pythons, systems
from lib.sources.sample.raking import CellWeights, cell_weights
from lib.sources.sample.randomness import day_fractions, jitter
from lib.sources.sample.releases import (
    NEWEST_PIP,
    Releases,
    installer_delays,
    installer_releases,
    package_delays,
    package_releases,
)
from lib.sources.sample.support import Support, draw_support
from lib.sources.sample.tables import Package, countries
from lib.sources.sample.totals import Totals, daily_totals

_CELL_SPREAD = 0.08
_WEEKEND_OF_CI, _WEEKEND_OF_DESKTOPS = 0.75, 0.55
"""Weekend weights against Linux without a CI flag: people and their pushes rest, servers do not
(judged)."""

_DELAYS_BY_WEIGHTS_OF = number(date(2025, 6, 1))


@dataclass(frozen=True)
class Simulation:
    """A package of the sample under one seed. What it says of a day is said of no other day."""

    package: Package
    seed: int
    years: range

    @cached_property
    def mix(self) -> CountryMix:
        """The countries that it is downloaded from."""
        return country_mix(self.package, self.seed, self.years)

    @cached_property
    def totals(self) -> Totals:
        """Its downloads on every day of the simulated years."""
        return daily_totals(self.package, self.seed, self.mix, self.years)

    @cached_property
    def support(self) -> Support:
        """The cells that its downloads fall into."""
        return draw_support(self.package, self.seed, self.mix)

    @cached_property
    def releases(self) -> Releases:
        """Its releases."""
        return package_releases(self.package, self.seed)

    def by_country(self, days: Integers) -> Integers:
        """Downloads by country, all parts of the total: shape [days, countries of the mix]."""
        counts = self._ordinary_by_country(days)
        mirrors = self._mirrors(days)
        for index, cell in enumerate(range(self.support.ordinary, len(self.support.country))):
            column = np.searchsorted(self.mix.columns, self.support.country[cell])
            counts[:, column] += mirrors[:, index]
        for country, row, spike in self._spikes(days):
            column = np.searchsorted(self.mix.columns, countries().codes.index(country))
            counts[row : row + len(spike), column] += spike
        return counts

    def by_cell(self, days: Integers) -> Integers:
        """Downloads by cell of the support, all parts of the total: shape [days, cells]."""
        fitted = self._weights(days)
        weights = interpolated_rows(fitted.at, fitted.weights, days)
        weights *= self._weekend[weekdays(days)]
        cells = self.support.ordinary
        weights *= jitter(self.seed, "cells", self.package.name, days, cells, spread=_CELL_SPREAD)
        phase = day_fractions(self.seed, "cells", self.package.name, days)
        ordinary = apportion_segments(
            self._ordinary_by_country(days), weights, self.support.starts, phase
        )
        counts = np.concatenate([ordinary, self._mirrors(days)], axis=1)
        for country, row, spike in self._spikes(days):
            counts[row : row + len(spike), self.support.spike_cell(country)] += spike
        return counts

    def versions(self, days: Integers) -> Integers:
        """The place in `releases` of the version that each cell fetches: shape [days, cells]."""
        delays = package_delays(self.package, self.seed, self._reference_weights)
        return _newest_after(self.releases, days, delays)

    def installer_versions(self, days: Integers) -> Integers:
        """The version of each cell's installer, by its place in `installer_versions`."""
        support, known = self.support, installer_releases()
        delays = installer_delays(
            self.package, self.seed, support.installer, support.python, self._reference_weights
        )
        offsets = np.cumsum([0, *(len(releases.versions) for releases in known)])
        found = np.empty((len(days), len(delays)), dtype=np.int64)
        for code in np.unique(support.installer):
            mine = np.flatnonzero(support.installer == code)
            found[:, mine] = offsets[code] + _newest_after(known[code], days, delays[mine])
        for python, newest in NEWEST_PIP.items():
            old = (support.installer == 0) & (support.python == pythons().index(python))
            found[:, old] = np.minimum(found[:, old], known[0].versions.index(newest))
        return _places_of_versions()[found]

    @cached_property
    def _weekend(self) -> Floats:
        """Weights of the ordinary cells by weekday: shape [7, cells]."""
        cells = slice(self.support.ordinary)
        desktop = [systems().index(name) for name in ("Darwin", "Windows")]
        factors = np.ones((7, self.support.ordinary))
        factors[5:, self.support.ci[cells] == 1] = _WEEKEND_OF_CI
        factors[5:, np.isin(self.support.system[cells], desktop)] = _WEEKEND_OF_DESKTOPS
        return factors

    @cached_property
    def _reference_weights(self) -> Floats:
        """Weights of all cells on one fixed day, to give out delays by: shape [cells]."""
        fitted = self._weights(np.array([_DELAYS_BY_WEIGHTS_OF]))
        mirrors = self.support.seed_weight[self.support.ordinary :]
        return np.concatenate([fitted.weights[0], 0.003 * mirrors])

    def _weights(self, days: Integers) -> CellWeights:
        return cell_weights(self.package, self.seed, self.mix, self.support, days)

    def _ordinary_by_country(self, days: Integers) -> Integers:
        totals = self.totals.ordinary[days - self.totals.days[0]]
        return country_counts(self.package, self.seed, self.mix, days, totals)

    def _mirrors(self, days: Integers) -> Integers:
        """Mirrors' downloads by mirrors' cell: shape [days, mirrors' cells]."""
        parts = self.support.seed_weight[self.support.ordinary :]
        totals = self.totals.mirrors[days - self.totals.days[0]]
        phase = day_fractions(self.seed, "mirrors", self.package.name, days)
        return apportion(totals, np.repeat(parts[np.newaxis], len(days), axis=0), phase)

    def _spikes(self, days: Integers) -> list[tuple[str, int, Integers]]:
        """Country, first row and counts of each spike's part within consecutive days."""
        found = []
        for spike in self.totals.spikes:
            first = max(spike.first, int(days[0]))
            last = min(spike.first + len(spike.counts) - 1, int(days[-1]))
            if first <= last:
                counts = spike.counts[first - spike.first : last - spike.first + 1]
                found.append((spike.country, first - int(days[0]), counts))
        return found


@cache
def installer_versions() -> tuple[str, ...]:
    """Every version of any installer, once."""
    return tuple(dict.fromkeys(_versions_one_after_the_other()))


@cache
def _places_of_versions() -> Integers:
    """Where the versions of all installers, one after the other, are in installer_versions()."""
    places = {version: place for place, version in enumerate(installer_versions())}
    return np.array([places[version] for version in _versions_one_after_the_other()])


def _versions_one_after_the_other() -> list[str]:
    return [version for releases in installer_releases() for version in releases.versions]


def _newest_after(releases: Releases, days: Integers, delays: Integers) -> Integers:
    """The newest release as many days ago as each cell lags behind: shape [days, cells]."""
    earliest = int(days[0]) - int(delays.max())
    newest = releases.newest_on(np.arange(earliest, int(days[-1]) + 1))
    places: Integers = newest[(days[:, np.newaxis] - earliest) - delays]
    return places
