"""The cells that the sample's downloads fall into: all packages one after the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lib.live import DIMENSIONS, Where
from lib.sources.sample.arrays import Integers

Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Groups:
    """The cells grouped by some dimensions: the group of each cell, and the groups' values."""

    of_cells: Integers
    count: int
    values: Mapping[str, NDArray[np.object_]]
    """By dimension, the value of each group; groups are in the order of their values."""


@dataclass(frozen=True, eq=False)
class Cells:
    """The same cells on every day, in order of package and country; a pair is both of them.

    The first cell of each pair is pip without a CI flag on Linux (lib/sources/sample/support.py).
    """

    values: Mapping[str, tuple[str, ...]]
    """By dimension, its values in alphabetical order."""
    codes: Mapping[str, Integers]
    """By dimension, the place in `values` of each cell: shape [cells]."""
    flagged: Flags
    """Whether the downloads of a cell carry a CI flag: shape [cells]."""

    @cached_property
    def starts(self) -> Integers:
        """The first cell of each pair: shape [pairs]."""
        keys = self.codes["project"] * len(self.values["country"]) + self.codes["country"]
        return np.flatnonzero(np.diff(keys, prepend=-1)).astype(np.int64)

    @cached_property
    def project(self) -> Integers:
        """The package of each pair: shape [pairs]."""
        found: Integers = self.codes["project"][self.starts]
        return found

    @cached_property
    def pair(self) -> Integers:
        """The pair of each cell: shape [cells]."""
        lengths = np.diff(np.append(self.starts, len(self.flagged)))
        return np.repeat(np.arange(len(self.starts)), lengths)

    @cached_property
    def course(self) -> Integers:
        """Where each cell stands among the pairs without a CI flag, then with: shape [cells]."""
        return self.pair + len(self.starts) * self.flagged

    def kept(self, where: Where) -> Flags:
        """Which cells satisfy all filters: shape [cells]."""
        kept = np.ones(len(self.flagged), dtype=np.bool_)
        for condition in where:
            values = self.values[condition.dimension]
            named = np.array([value in condition.values for value in values])
            kept &= named[self.codes[condition.dimension]] ^ condition.excluded
        return kept

    def grouped(self, by: tuple[str, ...]) -> Groups:
        """The cells grouped by dimensions."""
        keys = np.zeros(len(self.flagged), dtype=np.int64)
        for name in by:
            keys = keys * len(self.values[name]) + self.codes[name]
        _, firsts, of_cells = np.unique(keys, return_index=True, return_inverse=True)
        values = {
            name: np.array(self.values[name], dtype=object)[self.codes[name][firsts]] for name in by
        }
        return Groups(of_cells.astype(np.int64), len(firsts), values)


def ordered_cells(
    values: Mapping[str, tuple[str, ...]], codes: Mapping[str, Integers], flagged: Flags
) -> tuple[Cells, Integers]:
    """Cells from values in any order, and the places that they were given in: shape [cells]."""
    ranks = {name: np.argsort(np.argsort(np.array(values[name]))) for name in DIMENSIONS}
    ranked = {name: ranks[name][codes[name]].astype(np.int64) for name in DIMENSIONS}
    order = np.lexsort((ranked["country"], ranked["project"])).astype(np.int64)
    cells = Cells(
        values={name: tuple(sorted(values[name])) for name in DIMENSIONS},
        codes={name: ranked[name][order] for name in DIMENSIONS},
        flagged=flagged[order],
    )
    return cells, order
