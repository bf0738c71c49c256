"""Reads the published and judged figures that the sample is modeled on, each a CSV beside this."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np

from lib.sources.sample.arrays import Floats, Integers
from lib.sources.sample.days import number

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Kind:
    """What packages of one kind have in common; the columns are explained in kinds.csv."""

    weekend: float
    desktop: float
    uv: float
    ci: float
    sdist_share: float
    metadata: float


@dataclass(frozen=True)
class Package:
    """One package of the sample; the columns are explained in packages.csv."""

    name: str
    kind: Kind
    started: date | None
    launched_as_dependency: bool
    version: str
    cadence_days: int
    weekend: float
    country_tilt: dict[str, float]
    python_tilt: float
    sdist_share: float | None
    levels: dict[str, float | None]
    """Published downloads a day by month ("2026-03"); None where the package was not listed."""


@dataclass(frozen=True)
class Series:
    """Values by date, linear between the dates and constant beyond them."""

    names: tuple[str, ...]
    days: Integers
    values: Floats
    """Shape [dates, names]."""

    def at(self, days: Integers) -> Floats:
        """The values on some days: shape [days, names]."""
        return np.column_stack([np.interp(days, self.days, column) for column in self.values.T])


@dataclass(frozen=True)
class Countries:
    """The countries of the sample; `unknown` is the first."""

    codes: tuple[str, ...]
    hours_from_utc: Floats
    regions: tuple[str, ...]
    shares: Series
    """Percent by country and date, of the downloads whose country is known."""


@dataclass(frozen=True)
class Holiday:
    """A rule for the day on which some countries rest, and the factor on their downloads."""

    rule: str
    regions: tuple[str, ...]
    factor: float


@dataclass(frozen=True)
class LowDays:
    """Days on which the record holds only a fraction of the downloads."""

    first: date
    last: date
    fraction: float


@cache
def packages() -> tuple[Package, ...]:
    """All packages of the sample, those that people look for first at the front."""
    kinds = {row["kind"]: _kind(row) for row in _rows("kinds")}
    levels = {row.pop("project"): row for row in _rows("levels")}
    return tuple(
        _package(row, kinds[row["kind"]], levels[row["project"]]) for row in _rows("packages")
    )


@cache
def countries() -> Countries:
    """The countries with their share of downloads over the years."""
    rows = _rows("countries")
    months = [name for name in rows[0] if name[:2] == "20"]
    return Countries(
        codes=tuple(row["country"] for row in rows),
        hours_from_utc=np.array([float(row["hours"]) for row in rows]),
        regions=tuple(row["region"] for row in rows),
        shares=Series(
            names=tuple(row["country"] for row in rows),
            days=np.array([number(date.fromisoformat(f"{month}-15")) for month in months]),
            values=np.array([[float(row[month]) for row in rows] for month in months]),
        ),
    )


@cache
def series(name: str) -> Series:
    """The table `name` with a date in its first column and percentages in the others."""
    rows = _rows(name)
    columns = tuple(column for column in rows[0] if column != "date")
    return Series(
        names=columns,
        days=np.array([number(date.fromisoformat(row["date"])) for row in rows]),
        values=np.array([[float(row[column]) for column in columns] for row in rows]),
    )


@cache
def holidays() -> tuple[Holiday, ...]:
    """The rules of the holidays."""
    return tuple(
        Holiday(row["rule"], tuple(row["regions"].split()), float(row["factor"]))
        for row in _rows("holidays")
    )


@cache
def low_days() -> tuple[LowDays, ...]:
    """The days that the public record holds only in part."""
    return tuple(
        LowDays(
            date.fromisoformat(row["first"]),
            date.fromisoformat(row["last"]),
            float(row["fraction"]),
        )
        for row in _rows("breaks")
    )


def _rows(name: str) -> list[dict[str, str]]:
    with (_HERE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def _kind(row: dict[str, str]) -> Kind:
    return Kind(**{column: float(value) for column, value in row.items() if column != "kind"})


def _package(row: dict[str, str], kind: Kind, levels: dict[str, str]) -> Package:
    tilts = (tilt.split(":") for tilt in row["country_tilt"].split())
    return Package(
        name=row["project"],
        kind=kind,
        started=date.fromisoformat(f"{row['started']}-10") if row["started"] else None,
        launched_as_dependency=row["launch"] == "dependency",
        version=row["version"],
        cadence_days=int(row["cadence_days"]),
        weekend=float(row["weekend"] or kind.weekend),
        country_tilt={country: float(factor) for country, factor in tilts},
        python_tilt=float(row["python_tilt"]),
        sdist_share=float(row["sdist_share"]) if row["sdist_share"] else None,
        levels={month: float(level) if level else None for month, level in levels.items()},
    )
