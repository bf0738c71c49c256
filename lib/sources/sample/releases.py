"""When versions of packages and installers are released, and how late each cell follows."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np

from lib.sources.sample.arrays import Floats, Integers
from lib.sources.sample.days import BEGINNING, day_of, number
from lib.sources.sample.profiles import UNKNOWN, installers
from lib.sources.sample.randomness import generator
from lib.sources.sample.tables import Package

_FIRST_RELEASE = date(2017, 1, 1)
_LAST_RELEASE = date(2031, 1, 1)
"""Releases are laid out to here at once, so that they never depend on the day of a build."""

_VERSION_KNOWN_ON = date(2024, 1, 1)

_PACKAGE_DELAYS = ((0.0, 0), (0.25, 2), (0.55, 14), (0.75, 60), (0.85, 180), (0.93, 420), (1, 1000))
"""Cumulative part of downloads by days behind the newest release: judged."""

_DELAYS = {
    "pip": (
        (0.0, 0), (0.2, 15), (0.477, 160), (0.676, 525), (0.781, 890), (0.92, 1255),
        (0.975, 1620), (0.98, 2700), (1.0, 3100),
    ),
    "uv": ((0.0, 0), (0.3, 3), (0.6, 12), (0.8, 60), (1.0, 360)),
}  # fmt: skip
"""The same for installers. pip: the years of the pip versions in the PEP 777 appendix (24.x 47.7
percent, 23.x 19.9, 22.x 10.5, 21.x 13.9, 20.x 5.4, 9.x 1.9 around mid 2024); uv is judged."""

_OTHER_DELAYS = ((0.0, 0), (0.5, 60), (1.0, 700))
_COARSE_AFTER = 30
_COARSE_DAYS = 45

NEWEST_PIP = {"2.7": "20.3.4", "3.5": "20.3.4", "3.6": "21.3.1", "3.7": "24.0", "3.8": "25.0.1"}
"""The last pip that runs on an old Python (pip's release notes)."""


@dataclass(frozen=True)
class Releases:
    """Versions in the order of their release."""

    days: Integers
    versions: tuple[str, ...]

    def newest_on(self, days: Integers) -> Integers:
        """The place of the newest version on each day; the first one before there was any."""
        places = np.searchsorted(self.days, days, side="right") - 1
        return np.maximum(places, 0).astype(np.int64)


def package_releases(package: Package, seed: int) -> Releases:
    """A package's releases: made up in its own rhythm around the one version that is known."""
    stream = generator(seed, "releases", package.name)
    first = max(package.started or _FIRST_RELEASE, _FIRST_RELEASE)
    length = number(_LAST_RELEASE) - number(first)
    gaps = stream.gamma(2.0, package.cadence_days / 2, 2 * length // package.cadence_days + 20)
    days = number(first) + np.concatenate([[0], np.cumsum(np.maximum(np.rint(gaps), 1))])
    days = days[days < number(_LAST_RELEASE)].astype(np.int64)
    known = int(np.searchsorted(days, number(_VERSION_KNOWN_ON), side="right")) - 1
    draws = stream.random(2 * len(days))
    if package.version.split(".")[0] in ("2021", "2023"):
        return Releases(days, tuple(_dated(day_of(int(day))) for day in days))
    later = _later_versions(package, draws, len(days) - max(known, 0))
    earlier = _earlier_versions(package, draws[::-1], max(known, 0))
    versions = (*earlier, *later)
    return Releases(days[-len(versions) :], versions)


@cache
def installer_releases() -> tuple[Releases, ...]:
    """The releases of each of installers(); one `unknown` for those that send no version."""
    with Path(__file__).with_name("installer_releases.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    return tuple(
        _expanded([row for row in rows if row["installer"] == name]) for name in installers()
    )


def package_delays(package: Package, seed: int, weights: Floats) -> Integers:
    """Days by which each cell follows the package's releases, spread evenly over the weights."""
    order = generator(seed, "delays", package.name).random(len(weights))
    return _delays(order, weights, _PACKAGE_DELAYS)


def installer_delays(
    package: Package, seed: int, installer: Integers, python: Integers, weights: Floats
) -> Integers:
    """Days by which each cell follows its installer's releases: later with an older Python."""
    order = generator(seed, "installer delays", package.name).random(len(weights))
    order = order - 0.08 * python
    delays = np.zeros(len(weights), dtype=np.int64)
    for code in np.unique(installer):
        mine = installer == code
        curve = _DELAYS.get(installers()[code], _OTHER_DELAYS)
        delays[mine] = _delays(order[mine], weights[mine], curve)
    return delays


def _delays(order: Floats, weights: Floats, curve: tuple[tuple[float, int], ...]) -> Integers:
    """Delays along a curve of (cumulative part, days), given to cells in an order.

    Long delays are rounded up to six weeks, so that a long tail is a few versions and not hundreds.
    """
    ranked = np.argsort(order, kind="stable")
    running = np.cumsum(weights[ranked])
    middles = np.empty(len(weights))
    middles[ranked] = (running - weights[ranked] / 2) / running[-1]
    days = np.interp(middles, [part for part, _ in curve], [delay for _, delay in curve])
    coarse = np.ceil(days / _COARSE_DAYS) * _COARSE_DAYS
    return np.where(days > _COARSE_AFTER, coarse, days).astype(np.int64)


def _dated(day: date) -> str:
    return f"{day.year}.{day.month}.{day.day}"


def _parts(package: Package) -> list[int]:
    return [int(part) for part in package.version.split(".")]


def _minor_chance(package: Package) -> float:
    """How often a release is a minor one: seldom where releases are frequent."""
    return min(0.4, 0.02 + 0.005 * package.cadence_days)


def _later_versions(package: Package, draws: Floats, count: int) -> list[str]:
    """The known version and those after it."""
    parts = _parts(package)
    versions = [package.version]
    for draw in draws[: count - 1]:
        if len(parts) < 3:
            parts[-1] += 1
        elif draw < _minor_chance(package):
            parts[-2:] = [parts[-2] + 1, 0]
        else:
            parts[-1] += 1
        versions.append(".".join(map(str, parts)))
    return versions


def _earlier_versions(package: Package, draws: Floats, count: int) -> list[str]:
    """The versions before the known one, oldest first; fewer where the numbers run out."""
    parts = _parts(package)
    patches = round(1 / _minor_chance(package))
    versions = []
    for draw in draws[:count]:
        if parts[-1] > 0:
            parts[-1] -= 1
        elif len(parts) > 2 and parts[-2] > 0:
            parts[-2:] = [parts[-2] - 1, int(draw * patches)]
        elif parts[0] > 0:
            parts[0] -= 1
            parts[1:] = [3 + int(draw * 8), *([0] * (len(parts) - 2))]
        else:
            break
        versions.append(".".join(map(str, parts)))
    return versions[::-1]


def _expanded(rows: list[dict[str, str]]) -> Releases:
    """Rows of installer_releases.csv with their patch releases between them."""
    days, versions = [], []
    for index, row in enumerate(rows):
        day, step = number(date.fromisoformat(row["released"])), int(row["patch_every_days"])
        later = rows[index + 1]["released"] if index + 1 < len(rows) else str(_LAST_RELEASE)
        end = number(date.fromisoformat(later))
        stem, _, patch = row["version"].rpartition(".")
        for count, at in enumerate(range(day, end, step) if step else [day]):
            days.append(at)
            versions.append(f"{stem}.{int(patch) + count}" if step else row["version"])
    if not rows:
        return Releases(np.array([number(BEGINNING)]), (UNKNOWN,))
    return Releases(np.array(days), tuple(versions))
