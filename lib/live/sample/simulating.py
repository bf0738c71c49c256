"""Simulates days of the Live page by the model that makes the sample store."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from lib.live import DIMENSIONS
from lib.live.sample.cells import Cells, ordered_cells
from lib.sources.sample.arrays import Integers
from lib.sources.sample.days import Span
from lib.sources.sample.hours import by_hour
from lib.sources.sample.profiles import installers, pythons, systems
from lib.sources.sample.simulation import Simulation
from lib.sources.sample.support import Support
from lib.sources.sample.tables import countries

Counts = NDArray[np.int32]
"""Downloads; those of a cell or a pair in a day are below 2**31."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, eq=False)
class Day:
    """One UTC day of the sample."""

    date: date
    cells: Cells
    """The same object for every day of a feed."""
    counts: Counts
    """Downloads by cell: shape [cells]."""
    hours: Counts
    """Downloads by hour and pair: shape [26, pairs]. The first row is the last hour of the day
    before and the last row the first hour of the day after, for minutes to lead over to."""
    version: NDArray[np.int32]
    """The place in `versions` of the version that a cell fetches: shape [cells]."""
    versions: NDArray[np.str_]


def simulated_days(
    simulations: Iterable[Simulation], wanted: Sequence[date], cells: Cells | None
) -> list[Day]:
    """Some days, in one pass over the packages: each is needed only while it is passed.

    All days from the first to the last are simulated, for a package's monthly weights cost far
    more than another day by them: 31 days take 1.1 times as long as one. `cells` are those of
    days that were made before.
    """
    days = Span(min(wanted) - _DAY, max(wanted) + _DAY).numbers()
    rows = np.array([(day - min(wanted)).days + 1 for day in wanted])
    parts = [_of_package(simulation, days, rows) for simulation in simulations]
    made, order = _cells(parts)
    counts = np.concatenate([part.counts for part in parts], axis=1)[:, order]
    hours = np.concatenate([part.hours for part in parts], axis=2)
    version = np.concatenate(_numbered(parts), axis=1)[:, order]
    versions = np.concatenate([part.versions for part in parts])
    found = []
    for row, day in enumerate(wanted):
        # Only the versions that are fetched on the day, and copies that keep no other day alive.
        fetched, places = np.unique(version[row], return_inverse=True)
        own = (counts[row].copy(), hours[row].copy(), places.astype(np.int32))
        found.append(Day(day, cells or made, *own, versions[fetched]))
    return found


@dataclass(frozen=True)
class _Part:
    """The days of one package: its cells, its pairs, and the versions that `version` numbers."""

    name: str
    support: Support
    counts: Counts
    hours: Counts
    version: NDArray[np.int32]
    versions: NDArray[np.str_]


def _of_package(simulation: Simulation, days: Integers, rows: Integers) -> _Part:
    """Some rows of consecutive days of a package."""
    columns = simulation.mix.columns
    by_country = simulation.by_country(days)
    hours = by_hour(simulation.package, simulation.seed, columns, days, by_country)
    around = [hours[rows - 1, 23:], hours[rows], hours[rows + 1, :1]]
    alphabetical = np.argsort(np.array(countries().codes)[columns])
    places, version = np.unique(simulation.versions(days)[rows], return_inverse=True)
    return _Part(
        name=simulation.package.name,
        support=simulation.support,
        counts=simulation.by_cell(days)[rows].astype(np.int32),
        hours=np.concatenate(around, axis=1)[:, :, alphabetical].astype(np.int32),
        version=version.reshape(len(rows), -1).astype(np.int32),
        versions=np.array([simulation.releases.versions[place] for place in places]),
    )


def _cells(parts: Sequence[_Part]) -> tuple[Cells, Integers]:
    """The cells of packages, and the places that they have in the packages' supports."""
    values = {
        "project": tuple(part.name for part in parts),
        "country": countries().codes,
        "system": systems(),
        "python": pythons(),
        "installer": installers(),
    }
    codes = {
        name: np.concatenate([getattr(part.support, name) for part in parts])
        for name in DIMENSIONS
        if name != "project"
    }
    lengths = [len(part.support.country) for part in parts]
    codes["project"] = np.repeat(np.arange(len(parts)), lengths)
    flagged = np.concatenate([part.support.ci for part in parts]) == 1
    return ordered_cells(values, codes, flagged)


def _numbered(parts: Sequence[_Part]) -> list[NDArray[np.int32]]:
    """The versions of each package by their places among those of all packages."""
    offsets = np.cumsum([0, *(len(part.versions) for part in parts)])
    return [
        (part.version + offset).astype(np.int32)
        for part, offset in zip(parts, offsets[:-1], strict=True)
    ]
