"""Turns counts into the rows of cubes: Arrow tables without zeros, in order of package and day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from lib.cubes import Cube, Grain
from lib.sources.sample.arrays import Integers

_SECONDS_PER_HOUR = 3600


@dataclass
class Rows:
    """Rows of one cube, gathered package by package."""

    cube: Cube
    values: dict[str, Sequence[str]]
    """The values of each dimension whose codes are fixed; the others number theirs as they come."""
    _parts: dict[str, list[np.ndarray]] = field(default_factory=lambda: defaultdict(list))
    _named: dict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))

    def add(self, periods: Integers, codes: dict[str, Integers | str], counts: Integers) -> None:
        """Append rows: periods (days or hours since 1970), codes or one name per dimension."""
        if not len(counts):
            return
        self._parts["period"].append(periods.astype(np.int32))
        self._parts["downloads"].append(counts)
        for name in self.cube.dimensions:
            given = codes[name]
            if isinstance(given, str):
                number = self.numbered(name, (given,))[0]
                self._parts[name].append(np.full(len(counts), number, dtype=np.int32))
            else:
                self._parts[name].append(given.astype(np.int32))

    def add_matrix(
        self, periods: Integers, project: str, dimension: str, codes: Integers, counts: Integers
    ) -> None:
        """Append the counts above zero of [periods, values] of one dimension of a package."""
        at, column = np.nonzero(counts)
        self.add(periods[at], {"project": project, dimension: codes[column]}, counts[at, column])

    def numbered(self, dimension: str, names: Sequence[str]) -> Integers:
        """The codes of names in a dimension without fixed values."""
        known = self._named[dimension]
        return np.array([known.setdefault(name, len(known)) for name in names], dtype=np.int64)

    def table(self) -> pa.Table | None:
        """All rows added, or None without any."""
        if not self._parts:
            return None
        periods = np.concatenate(self._parts["period"])
        columns = {"period": self._periods(periods)}
        for name in self.cube.dimensions:
            names = self.values.get(name) or list(self._named[name])
            columns[name] = pa.DictionaryArray.from_arrays(
                pa.array(np.concatenate(self._parts[name])), pa.array(names, pa.string())
            )
        columns["downloads"] = pa.array(np.concatenate(self._parts["downloads"]), pa.int64())
        return pa.table(columns)

    def _periods(self, periods: np.ndarray) -> pa.Array:
        if self.cube.grain is Grain.HOUR:
            seconds = periods.astype(np.int64) * _SECONDS_PER_HOUR
            return pa.array(seconds.view("datetime64[s]"), pa.timestamp("s"))
        return pa.array(periods, pa.int32()).view(pa.date32())
