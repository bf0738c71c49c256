"""Which cubes the sample fills, how many days each holds, and the rows of each for a package."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from lib.cubes import ALL_DIMENSIONS, Cube, Grain
from lib.sources.sample.arrays import Integers
from lib.sources.sample.days import BEGINNING, Span
from lib.sources.sample.hours import by_hour
from lib.sources.sample.profiles import (
    CI_FLAGS,
    FILE_TYPES,
    installers,
    processors,
    pythons,
    systems,
)
from lib.sources.sample.rows import Rows
from lib.sources.sample.simulation import Simulation, installer_versions
from lib.sources.sample.tables import countries

DETAIL_DAYS = 1096
FULL_DAYS = 90
HOURLY_DAYS = 14

PROJECT = Cube(Grain.DAY, ("project",))
PROJECT_COUNTRY = Cube(Grain.DAY, ("project", "country"))
COUNTRY = Cube(Grain.DAY, ("country",))
FULL = Cube(Grain.DAY, ALL_DIMENSIONS)
HOUR_PROJECT = Cube(Grain.HOUR, ("project",))
HOUR_PROJECT_COUNTRY = Cube(Grain.HOUR, ("project", "country"))
DETAILS = tuple(
    Cube(Grain.DAY, ("project", name))
    for name in ALL_DIMENSIONS
    if name not in ("project", "country")
)
CUBES = (PROJECT, PROJECT_COUNTRY, COUNTRY, FULL, HOUR_PROJECT, HOUR_PROJECT_COUNTRY, *DETAILS)


def held(cube: Cube, until: date, days: int | None) -> Span:
    """The days that a cube holds in a sample up to `until`, of `days` days where limited."""
    everything = (until - BEGINNING).days + 1
    limits = {FULL: FULL_DAYS, HOUR_PROJECT: HOURLY_DAYS, HOUR_PROJECT_COUNTRY: HOURLY_DAYS}
    limits |= dict.fromkeys(DETAILS, DETAIL_DAYS)
    length = min(limits.get(cube, everything), days or everything, everything)
    return Span(until - timedelta(days=length - 1), until)


@dataclass
class Batch:
    """Rows of several cubes, each for its own days, gathered package by package."""

    wanted: dict[Cube, Span]
    rows: dict[Cube, Rows] = field(init=False)
    world: Integers = field(init=False)
    """Downloads of all packages added, [days of the country cube, countries]."""

    def __post_init__(self) -> None:
        self.wanted = {cube: span for cube, span in self.wanted.items() if not span.is_empty}
        days = len(self.wanted[COUNTRY].numbers()) if COUNTRY in self.wanted else 0
        self.world = np.zeros((days, len(countries().codes)), dtype=np.int64)
        self.clear()

    def clear(self) -> None:
        """Forget all rows but those of the world."""
        self.rows = {cube: Rows(cube, _values()) for cube in self.wanted if cube != COUNTRY}

    def add(self, simulation: Simulation) -> None:
        """Add a package's rows to every cube."""
        self._add_detailed(simulation)
        self._add_countries(simulation)

    def tables(self) -> list[tuple[Cube, pa.Table]]:
        """The rows since the last clear, cube by cube."""
        built = ((cube, rows.table()) for cube, rows in self.rows.items())
        return [(cube, table) for cube, table in built if table is not None]

    def world_table(self) -> pa.Table | None:
        """The rows of the cube by country without packages."""
        if COUNTRY not in self.wanted:
            return None
        rows = Rows(COUNTRY, _values())
        at, column = np.nonzero(self.world)
        days = self.wanted[COUNTRY].numbers()
        rows.add(days[at], {"country": column}, self.world[at, column])
        return rows.table()

    def _add_countries(self, simulation: Simulation) -> None:
        """The cubes by country and by package alone, by day and by hour."""
        days = self._widest((PROJECT, PROJECT_COUNTRY, COUNTRY, HOUR_PROJECT, HOUR_PROJECT_COUNTRY))
        if not len(days):
            return
        name, columns = simulation.package.name, simulation.mix.columns
        counts = simulation.by_country(days)
        for cube in (PROJECT, PROJECT_COUNTRY):
            if cube in self.wanted:
                part = counts[self._within(cube, days)]
                periods = self.wanted[cube].numbers()
                if cube == PROJECT:
                    self._add_totals(cube, name, periods, part)
                else:
                    self.rows[cube].add_matrix(periods, name, "country", columns, part)
        if COUNTRY in self.wanted:
            self.world[:, columns] += counts[self._within(COUNTRY, days)]
        self._add_hours(simulation, days, counts)

    def _add_hours(self, simulation: Simulation, days: Integers, counts: Integers) -> None:
        """The cubes by hour, which hold the same days."""
        if HOUR_PROJECT not in self.wanted:
            return
        package, columns = simulation.package, simulation.mix.columns
        kept = self._within(HOUR_PROJECT, days)
        split = by_hour(package, simulation.seed, columns, days[kept], counts[kept])
        hours = (days[kept, np.newaxis] * 24 + np.arange(24)).ravel()
        flat = split.reshape(len(hours), len(columns))
        self._add_totals(HOUR_PROJECT, package.name, hours, flat)
        self.rows[HOUR_PROJECT_COUNTRY].add_matrix(hours, package.name, "country", columns, flat)

    def _add_totals(self, cube: Cube, name: str, periods: Integers, counts: Integers) -> None:
        totals = counts.sum(axis=1)
        kept = totals > 0
        self.rows[cube].add(periods[kept], {"project": name}, totals[kept])

    def _add_detailed(self, simulation: Simulation) -> None:
        """The full cube and the cubes by one dimension beside the package."""
        days = self._widest((FULL, *DETAILS))
        if not len(days):
            return
        counts = simulation.by_cell(days)
        cells = _codes(simulation, days)
        for cube in DETAILS:
            if cube in self.wanted:
                kept = self._within(cube, days)
                dimension = cube.dimensions[1]
                codes, sums = _summed(counts[kept], cells[dimension], kept)
                codes = self._named(cube, simulation, dimension, codes)
                self.rows[cube].add_matrix(
                    self.wanted[cube].numbers(), simulation.package.name, dimension, codes, sums
                )
        if FULL in self.wanted:
            self._add_full(simulation, days, counts, cells)

    def _add_full(
        self, simulation: Simulation, days: Integers, counts: Integers, cells: dict[str, Integers]
    ) -> None:
        """The full cube."""
        kept = self._within(FULL, days)
        at, cell = np.nonzero(counts[kept])
        codes: dict[str, Integers | str] = {"project": simulation.package.name}
        for name, of_cells in cells.items():
            found = of_cells[kept][at, cell] if of_cells.ndim == 2 else of_cells[cell]
            codes[name] = self._named(FULL, simulation, name, found)
        self.rows[FULL].add(days[kept][at], codes, counts[kept][at, cell])

    def _named(
        self, cube: Cube, simulation: Simulation, dimension: str, codes: Integers
    ) -> Integers:
        """Codes of a package's versions as codes of the versions of all packages."""
        if dimension != "version":
            return codes
        first, last = int(codes.min()), int(codes.max())
        names = simulation.releases.versions[first : last + 1]
        return self.rows[cube].numbered("version", names)[codes - first]

    def _widest(self, cubes: Iterable[Cube]) -> Integers:
        """All days that some of the cubes want."""
        spans = [self.wanted[cube] for cube in cubes if cube in self.wanted]
        if not spans:
            return np.empty(0, dtype=np.int64)
        return Span(min(s.first for s in spans), max(s.last for s in spans)).numbers()

    def _within(self, cube: Cube, days: Integers) -> slice:
        """The rows of consecutive days that a cube wants."""
        wanted = self.wanted[cube].numbers()
        return slice(int(wanted[0] - days[0]), int(wanted[-1] - days[0]) + 1)


def _codes(simulation: Simulation, days: Integers) -> dict[str, Integers]:
    """The codes of each dimension by cell, [cells], or by day and cell, [days, cells]."""
    support = simulation.support
    return {
        "version": simulation.versions(days),
        "country": support.country,
        "python": support.python,
        "system": support.system,
        "cpu": support.cpu,
        "installer": support.installer,
        "installer_version": simulation.installer_versions(days),
        "ci": support.ci,
        "file_type": support.file_type,
    }


def _summed(counts: Integers, codes: Integers, kept: slice) -> tuple[Integers, Integers]:
    """Counts [days, cells] summed by code: the codes [values] and sums [days, values]."""
    if codes.ndim == 2:
        return _summed_by_day(counts, codes[kept])
    order = np.argsort(codes, kind="stable")
    values, starts = np.unique(codes[order], return_index=True)
    sums: Integers = np.add.reduceat(counts[:, order], starts, axis=1)
    return values, sums


def _summed_by_day(counts: Integers, codes: Integers) -> tuple[Integers, Integers]:
    """The same for cells that change their code from day to day; float sums below 2**53 are exact.

    Not a matrix product: the linear algebra library's threads cost more than they save here.
    """
    first = int(codes.min())
    width = int(codes.max()) - first + 1
    keys = codes + (np.arange(len(counts)) * width - first)[:, np.newaxis]
    sums = np.bincount(keys.ravel(), counts.ravel(), len(counts) * width)
    matrix = sums.reshape(len(counts), width).astype(np.int64)
    present = np.flatnonzero(matrix.any(axis=0))
    return present + first, matrix[:, present]


def _values() -> dict[str, Sequence[str]]:
    """The values that the codes of each dimension number, but packages and their versions."""
    return {
        "country": countries().codes,
        "python": pythons(),
        "system": systems(),
        "cpu": processors(),
        "installer": installers(),
        "installer_version": installer_versions(),
        "ci": CI_FLAGS,
        "file_type": FILE_TYPES,
    }
