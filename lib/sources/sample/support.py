"""Draws the few hundred cells, country by country, that a package's downloads fall into."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from functools import cache

import numpy as np

from lib.sources.sample.arrays import Floats, Integers
from lib.sources.sample.country_mix import CountryMix
from lib.sources.sample.days import number
from lib.sources.sample.profiles import (
    SDIST,
    WHEEL,
    installers,
    processors,
    profiles,
    pythons,
    systems,
)
from lib.sources.sample.randomness import generator
from lib.sources.sample.tables import Package, countries

_CELLS_OF_THE_LARGEST = 84
_FLATTENING = 0.5
"""The power to which likelihoods are raised for the draw: rare values get several cells, which
then weigh less."""

_FEWER_BY_SHARE = 0.55
_CERTAIN = 1e9
"""A score that no drawn one reaches."""

_SHARES_OF = number(date(2026, 5, 15))
"""The day whose country mix says how many cells a country gets: the last with published shares."""

_ORDINARY_PYTHONS = ("3.9", "3.10", "3.11")

_MIRROR_CELLS = (
    ("CN", "bandersnatch", WHEEL, 0.20),
    ("CN", "bandersnatch", SDIST, 0.07),
    ("US", "bandersnatch", WHEEL, 0.14),
    ("US", "bandersnatch", SDIST, 0.05),
    ("DE", "bandersnatch", WHEEL, 0.11),
    ("JP", "bandersnatch", WHEEL, 0.08),
    ("KR", "bandersnatch", WHEEL, 0.07),
    ("TW", "bandersnatch", WHEEL, 0.06),
    ("RU", "bandersnatch", WHEEL, 0.06),
    ("US", "Nexus", WHEEL, 0.06),
    ("DE", "Nexus", WHEEL, 0.04),
    ("US", "Artifactory", WHEEL, 0.04),
    ("DE", "devpi", WHEEL, 0.02),
)
"""Where mirrors stand and what they fetch: judged, with bandersnatch ahead as in
hugovk.dev 2024-11-24 and more sdists among mirrors as in distutils-sig 2016-08."""


@dataclass(frozen=True)
class Support:
    """A package's cells, ordered by country, then its mirrors' cells: one place in each array."""

    country: Integers
    """A row of countries.csv."""
    installer: Integers
    ci: Integers
    python: Integers
    system: Integers
    cpu: Integers
    file_type: Integers
    platform: Integers
    seed_weight: Floats
    """Weights to start the raking from; for mirrors' cells their part in the mirrors' downloads."""
    starts: Integers
    """The first cell of each of the mix's countries."""
    ordinary: int
    """The number of cells before the mirrors' cells."""

    def spike_cell(self, country: str) -> int:
        """The cell that takes a spike's downloads: pip on Linux, the first cell of a country."""
        number = countries().codes.index(country)
        return int(np.flatnonzero(self.country == number)[0])


def draw_support(package: Package, seed: int, mix: CountryMix) -> Support:
    """The cells of a package, the same for all of its days."""
    known = profiles()
    likelihood = known.likelihood * _file_type_leaning(package)[known.file_type]
    wanted = _cells_by_country(mix)
    scores = _FLATTENING * np.log(likelihood) + generator(seed, "support", package.name).gumbel(
        size=(len(mix.columns), len(likelihood))
    )
    ordinary = generator(seed, "ordinary cells", package.name)
    chosen: list[Integers] = []
    for row, count in enumerate(wanted):
        first = _ordinary_profile(package, str(ordinary.choice(_ORDINARY_PYTHONS)))
        if count == max(wanted):
            scores[row, _one_of_each_installer()] = _CERTAIN
        scores[row, first] = np.inf
        # In order before they are sorted by score: which of equals comes first in a partition
        # depends on the processor.
        best = np.sort(np.argpartition(-scores[row], count)[:count])
        chosen.append(best[np.argsort(-scores[row, best], kind="stable")])
    return _with_mirrors(package, mix, chosen, likelihood)


def _cells_by_country(mix: CountryMix) -> list[int]:
    """How many cells each country of a mix gets: more, the more it downloads."""
    latest = mix.on(np.array([_SHARES_OF]))[0]
    counts = _CELLS_OF_THE_LARGEST * (latest / latest.max()) ** _FEWER_BY_SHARE
    return [max(1, math.ceil(count)) for count in counts]


def _file_type_leaning(package: Package) -> Floats:
    """The likelihood of wheels, sdists, eggs and metadata of a package against the usual."""
    if package.sdist_share is not None and package.sdist_share > 0.5:
        return np.array([0.05, 20.0, 1.0, 0.05])
    return np.ones(4)


def _ordinary_profile(package: Package, python: str) -> int:
    """A cell of pip without a CI flag on x86-64 Linux, which every country has on every day."""
    known = profiles()
    source_only = package.sdist_share is not None and package.sdist_share > 0.5
    wanted = (
        (known.installer == installers().index("pip"))
        & (known.ci == 0)
        & (known.python == pythons().index(python))
        & (known.system == systems().index("Linux"))
        & (known.cpu == processors().index("x86_64"))
        & (known.file_type == (SDIST if source_only else WHEEL))
    )
    return int(np.flatnonzero(wanted)[0])


@cache
def _one_of_each_installer() -> Integers:
    """A profile of each installer, its likeliest, so that the rarest are in some country."""
    known = profiles()
    likeliest = np.argsort(-known.likelihood, kind="stable")
    _, first = np.unique(known.installer[likeliest], return_index=True)
    found: Integers = likeliest[first]
    return found


def _with_mirrors(
    package: Package, mix: CountryMix, chosen: list[Integers], likelihood: Floats
) -> Support:
    """The support of the profiles chosen in each country, with the mirrors' cells behind them."""
    known, codes = profiles(), countries().codes
    picked = np.concatenate(chosen)
    lengths = np.array([len(part) for part in chosen])
    country = np.repeat(mix.columns, lengths)
    source_only = package.sdist_share is not None and package.sdist_share > 0.5
    cells: dict[tuple[int, int, int], float] = {}
    for code, installer, file_type, part in _MIRROR_CELLS:
        kept = SDIST if source_only else file_type
        key = (codes.index(code), installers().index(installer), kept)
        cells[key] = cells.get(key, 0.0) + part
    mirror = np.array(list(cells))
    count = len(cells)

    def joined(ordinary: Integers, of_mirrors: Integers | int) -> Integers:
        return np.concatenate([ordinary, np.broadcast_to(of_mirrors, count)]).astype(np.int64)

    return Support(
        country=joined(country, mirror[:, 0]),
        installer=joined(known.installer[picked], mirror[:, 1]),
        ci=joined(known.ci[picked], 0),
        python=joined(known.python[picked], len(pythons()) - 1),
        system=joined(known.system[picked], len(systems()) - 1),
        cpu=joined(known.cpu[picked], len(processors()) - 1),
        file_type=joined(known.file_type[picked], mirror[:, 2]),
        platform=joined(known.platform[picked], int(known.platform.max())),
        seed_weight=np.concatenate([likelihood[picked] ** _FLATTENING, list(cells.values())]),
        starts=np.cumsum(lengths) - lengths,
        ordinary=len(picked),
    )
