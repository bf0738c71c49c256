"""The dimensions that downloads are split by, the cubes that hold them, and what a store covers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from itertools import combinations

UNKNOWN = "unknown"
"""The class of downloads whose value for a dimension is missing: always counted, always shown."""

MAX_PACKAGES = 10
"""The most packages that one selection compares: as many as the palette has colors."""


class Grain(StrEnum):
    """How long one point of a time series lasts, from the finest to the coarsest."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    def is_finer_than(self, other: Grain) -> bool:
        """Whether a period of this grain is shorter than one of `other`."""
        grains = list(Grain)
        return grains.index(self) < grains.index(other)

    def sums_to(self, coarser: Grain) -> bool:
        """Whether whole periods of this grain make up one of `coarser` (weeks cut months)."""
        return self is coarser or (self.is_finer_than(coarser) and self is not Grain.WEEK)


class ValueOrder(StrEnum):
    """How the values of a dimension are put in order when they are shown."""

    DOWNLOADS = "downloads"
    VERSION = "version"


@dataclass(frozen=True)
class Dimension:
    """One way to split downloads.

    `expression` is GoogleSQL over a row of `bigquery-public-data.pypi.file_downloads`; where it
    yields NULL the value is the class `unknown`.
    """

    name: str
    label: str
    expression: str
    order: ValueOrder = ValueOrder.DOWNLOADS


DIMENSIONS: tuple[Dimension, ...] = (
    Dimension("project", "Package", "project"),
    Dimension(
        "version",
        "Package version",
        "file.version",
        ValueOrder.VERSION,
    ),
    Dimension("country", "Country", "country_code"),
    Dimension(
        "python",
        "Python version",
        r"REGEXP_EXTRACT(details.python, r'^\d+\.\d+')",
        ValueOrder.VERSION,
    ),
    Dimension("system", "System", "details.system.name"),
    Dimension("cpu", "CPU", "details.cpu"),
    Dimension("installer", "Installer", "details.installer.name"),
    Dimension(
        "installer_version",
        "Installer version",
        "details.installer.version",
        ValueOrder.VERSION,
    ),
    Dimension("ci", "CI", "IF(details.ci, 'true', NULL)"),
    Dimension(
        "file_type",
        "File type",
        "IF(ENDS_WITH(file.filename, '.metadata'), 'metadata', file.type)",
    ),
)

DIMENSION = {dimension.name: dimension for dimension in DIMENSIONS}

ALL_DIMENSIONS = tuple(DIMENSION)


def in_order(names: Iterable[str]) -> tuple[str, ...]:
    """The dimensions named, each once, in the order of `DIMENSIONS`.

    Raises KeyError for a name that is no dimension.
    """
    wanted = {DIMENSION[name].name for name in names}
    return tuple(name for name in ALL_DIMENSIONS if name in wanted)


@dataclass(frozen=True)
class Cube:
    """A table of downloads per period and some dimensions.

    Its columns are `period` (DATE, or TIMESTAMP for hours; UTC), the dimensions in the order of
    `DIMENSIONS`, and `downloads` (BIGINT).
    """

    grain: Grain
    dimensions: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.grain is Grain.WEEK:
            raise ValueError("Weeks are summed from days: no cube holds them.")
        object.__setattr__(self, "dimensions", in_order(self.dimensions))

    @property
    def name(self) -> str:
        """The table that holds the cube: `cube_day_project_country`, or `cube_day_all`."""
        parts = ("all",) if self.dimensions == ALL_DIMENSIONS else self.dimensions
        return "_".join(("cube", str(self.grain), *parts))

    def holds(self, dimensions: Iterable[str]) -> bool:
        """Whether the cube is split by each of `dimensions`."""
        return set(dimensions) <= set(self.dimensions)


def cube_named(name: str) -> Cube:
    """The cube that a table of this name holds. Raises ValueError where there is none."""
    for grain in (Grain.HOUR, Grain.DAY, Grain.MONTH):
        prefix = f"cube_{grain}"
        if name == prefix:
            return Cube(grain, ())
        if name.startswith(prefix + "_"):
            rest = name.removeprefix(prefix + "_")
            dimensions = ALL_DIMENSIONS if rest == "all" else _dimensions_named(rest)
            return Cube(grain, dimensions)
    raise ValueError(f"{name!r} is not the name of a cube.")


def _dimensions_named(text: str) -> tuple[str, ...]:
    """The dimensions whose names, joined by underscores, make `text`."""
    for count in range(1, len(ALL_DIMENSIONS)):
        for names in combinations(ALL_DIMENSIONS, count):
            if "_".join(names) == text:
                return names
    raise ValueError(f"{text!r} does not name dimensions.")


@dataclass(frozen=True)
class Coverage:
    """What a store holds of a cube: every download its source knows of between two days.

    `packages` names them, or is None for all of PyPI. `first` and `last` are inclusive UTC days;
    for a cube by month, the first day of the first and the last day of the last month.
    `fingerprint` says what the source's day looked like when it was read, while the source may
    still add rows to it; it is empty once the days are final.
    """

    cube: Cube
    first: date
    last: date
    packages: tuple[str, ...] | None
    source: str
    written_at: datetime
    bytes_billed: int = 0
    fingerprint: str = ""

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(self.packages or ())

    def covers(self, package: str) -> bool:
        """Whether the rows of `package` are among those held."""
        return self.packages is None or package in self._names

    def covers_all(self, packages: frozenset[str]) -> bool:
        """Whether the rows of each of `packages` are among those held."""
        return self.packages is None or packages <= self._names
