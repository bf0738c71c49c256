"""Weighs a package's cells so that their sums meet published shares, month by month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from lib.sources.sample.arrays import Floats, Integers
from lib.sources.sample.calendar_effects import metadata_shares
from lib.sources.sample.country_mix import CountryMix
from lib.sources.sample.days import day_of, number
from lib.sources.sample.profiles import DETAILED, EGG, METADATA, SDIST, installers
from lib.sources.sample.randomness import generator
from lib.sources.sample.support import Support
from lib.sources.sample.tables import Package, series

_ROUNDS = 14
_TILT_PER_VERSION = 0.22
"""Log weight by which a python_tilt of 1 prefers each Python to the one before it (judged)."""


@dataclass(frozen=True)
class Marginal:
    """A share for each value of one property of the cells."""

    codes: Integers
    """The value of each cell; values beyond the targets' columns are left alone."""
    targets: Floats
    """Shape [anchors, values]; shares of the cells that have a value."""


@dataclass(frozen=True)
class CellWeights:
    """The weights of cells at anchors between which they change linearly: [anchors, cells]."""

    at: Integers
    weights: Floats


def cell_weights(
    package: Package, seed: int, mix: CountryMix, support: Support, days: Integers
) -> CellWeights:
    """Weights of the ordinary cells at the anchors around `days`, by proportional fitting.

    Fitted to the country mix of the package, and to the published installers, CI flags, Pythons,
    platforms and file types as its kind leans.
    """
    at = anchors(int(days[0]), int(days[-1]))
    marginals = [
        _pythons(package, seed, support, at),
        _platforms(package, seed, support, at),
        _installers(package, seed, support, at),
        _file_types(package, seed, support, at),
        Marginal(_mix_columns(mix, support), mix.on(at)),
    ]
    weights = np.repeat(support.seed_weight[np.newaxis, : support.ordinary], len(at), axis=0)
    weights /= weights.sum(axis=1, keepdims=True)
    places = [_places(marginal, len(at)) for marginal in marginals]
    for _ in range(_ROUNDS):
        for marginal, where in zip(marginals, places, strict=True):
            weights *= _factors(weights, marginal, where)
    return CellWeights(at, weights)


def anchors(first: int, last: int) -> Integers:
    """The days that weights are fitted on: the first of each month, and both sides of breaks.

    Fixed in the calendar, whatever days are asked for, from before `first` to after `last`.
    """
    start = day_of(first).replace(day=1)
    end = day_of(last)
    months = (end.year - start.year) * 12 + end.month - start.month + 1
    found = set()
    for index in range(months + 1):
        year, month = divmod(start.year * 12 + start.month - 1 + index, 12)
        found.add(number(date(year, month + 1, 1)))
    low, high = min(found), max(found)
    for name in ("installers", "file_types"):
        dated = series(name).days
        sudden = np.flatnonzero(np.diff(dated) == 1)
        for index in (*sudden, *(sudden + 1)):
            if low <= dated[index] <= high:
                found.add(int(dated[index]))
    return np.array(sorted(found), dtype=np.int64)


def _places(marginal: Marginal, dates: int) -> Integers:
    """Where each weight is summed: one place for each date and value. Shape [anchors, cells]."""
    values = marginal.targets.shape[1]
    codes = np.minimum(marginal.codes, values)
    places: Integers = codes + (values + 1) * np.arange(dates, dtype=np.int64)[:, np.newaxis]
    return places


def _factors(weights: Floats, marginal: Marginal, places: Integers) -> Floats:
    """What each weight is multiplied by to meet one marginal: shape [anchors, cells].

    Summed with bincount: the threads of a matrix product cost more than they save at this size.
    """
    dates, values = marginal.targets.shape
    summed = np.bincount(places.ravel(), weights.ravel(), dates * (values + 1))
    sums = summed.reshape(dates, values + 1).astype(np.float64)
    having = sums[:, :values].sum(axis=1, keepdims=True)
    factors: Floats = np.ones_like(sums)
    reachable = sums[:, :values] > 0
    np.divide(marginal.targets * having, sums[:, :values], out=factors[:, :values], where=reachable)
    return factors.ravel()[places]


def _mix_columns(mix: CountryMix, support: Support) -> Integers:
    """The place of each cell's country in the mix."""
    places = np.searchsorted(mix.columns, support.country[: support.ordinary])
    return places.astype(np.int64)


def _leaning(package: Package, seed: int, purpose: str, values: int, spread: float) -> Floats:
    """Factors by which a package differs from others of its kind: shape [values]."""
    normals = generator(seed, purpose, package.name).standard_normal(values)
    factors: Floats = np.exp(spread * normals - spread**2 / 2)
    return factors


def _installers(package: Package, seed: int, support: Support, at: Integers) -> Marginal:
    """Installers, with pip and uv split by CI flag: all columns of installers(), then flagged."""
    table = series("installers")
    shares = dict(zip(table.names, table.at(at).T / 100, strict=True))
    lean = _leaning(package, seed, "installers", 3, 0.12)
    shares["uv"] = np.minimum(shares["uv"] * package.kind.uv * lean[0], 0.8)
    named = [name for name in installers() if name in shares]
    shares["pip"] = 1 - np.sum([shares[name] for name in named], axis=0)
    columns = [shares.get(name, np.zeros(len(at))) for name in installers()]
    for index, name in enumerate(DETAILED):
        flagged = np.minimum(shares[f"{name}_ci"] * package.kind.ci * lean[1 + index], 0.9)
        columns.append(columns[installers().index(name)] * flagged)
        columns[installers().index(name)] = columns[installers().index(name)] * (1 - flagged)
    codes = support.installer[: support.ordinary].copy()
    flagged_cells = support.ci[: support.ordinary] == 1
    for index, name in enumerate(DETAILED):
        mine = flagged_cells & (codes == installers().index(name))
        codes[mine] = len(installers()) + index
    return Marginal(codes, np.column_stack(columns))


def _pythons(package: Package, seed: int, support: Support, at: Integers) -> Marginal:
    """Pythons among the cells that name one, newer or older as the package leans."""
    shares = series("pythons").at(at)
    ranks = np.arange(shares.shape[1])
    shares *= np.exp(_TILT_PER_VERSION * package.python_tilt * (ranks - 7))
    shares *= _leaning(package, seed, "pythons", shares.shape[1], 0.06)
    targets = shares / shares.sum(axis=1, keepdims=True)
    return Marginal(support.python[: support.ordinary], targets)


def _platforms(package: Package, seed: int, support: Support, at: Integers) -> Marginal:
    """Systems with their processors among the cells that name them, desktops as the kind leans."""
    table = series("platforms")
    shares = table.at(at)
    desktop = np.array([name.split()[0] in ("Darwin", "Windows") for name in table.names])
    shares[:, desktop] *= package.kind.desktop
    shares *= _leaning(package, seed, "platforms", shares.shape[1], 0.08)
    return Marginal(
        support.platform[: support.ordinary], shares / shares.sum(axis=1, keepdims=True)
    )


def _file_types(package: Package, seed: int, support: Support, at: Integers) -> Marginal:
    """Wheels, sdists, eggs and metadata."""
    shares = np.zeros((len(at), 4))
    lean = float(_leaning(package, seed, "file types", 1, 0.5)[0])
    known = package.sdist_share
    shares[:, METADATA] = metadata_shares(at, package)
    shares[:, EGG] = series("file_types").at(at)[:, 1] / 100
    rest = 1 - shares.sum(axis=1)
    shares[:, SDIST] = rest * (known if known is not None else package.kind.sdist_share * lean)
    shares[:, 0] = rest - shares[:, SDIST]
    return Marginal(support.file_type[: support.ordinary], shares)
