"""Which combinations of installer, CI flag, Python, system, processor and file type exist."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from lib.sources.sample.arrays import Floats, Integers
from lib.sources.sample.tables import series

UNKNOWN = "unknown"
CI_FLAGS = (UNKNOWN, "true")
FILE_TYPES = ("bdist_wheel", "sdist", "bdist_egg", "metadata")
WHEEL, SDIST, EGG, METADATA = range(4)

DETAILED = ("pip", "uv")
"""The installers that send a user agent with Python, system, processor and CI flag."""

MIRRORS = ("bandersnatch", "Nexus", "Artifactory", "devpi")

_EGG_READERS = ("setuptools", "Browser", UNKNOWN)
_METADATA_READERS = ("pip", "uv", "poetry", "pdm", "requests")
_OLDEST_WITH_METADATA = "3.7"
_OLDEST_WITH_UV = "3.8"

_REFERENCE = {"bdist_wheel": 0.80, "sdist": 0.02, "bdist_egg": 0.004, "metadata": 0.17}
_POETRY_SYSTEMS = {"Linux": 0.86, "Darwin": 0.09, "Windows": 0.05}
"""Poetry sends its system but neither Python nor processor; more of it on desktops (judged)."""


@dataclass(frozen=True)
class Profiles:
    """All combinations, one in each place of each array; what is not sent is `unknown`."""

    installer: Integers
    ci: Integers
    python: Integers
    system: Integers
    cpu: Integers
    file_type: Integers
    platform: Integers
    """The column of platforms.csv, or the number of its columns where none is sent."""
    likelihood: Floats
    """About how common it is, over the years and packages."""


@cache
def installers() -> tuple[str, ...]:
    """All installers: pip, those of installers.csv, and the mirrors."""
    named = [name for name in series("installers").names if not name.endswith("_ci")]
    return ("pip", *named, *MIRRORS)


@cache
def pythons() -> tuple[str, ...]:
    """The minor versions of Python, and `unknown`."""
    return (*series("pythons").names, UNKNOWN)


@cache
def systems() -> tuple[str, ...]:
    """The systems, and `unknown`."""
    return (*dict.fromkeys(name.split()[0] for name in series("platforms").names), UNKNOWN)


@cache
def processors() -> tuple[str, ...]:
    """The processors, and `unknown`."""
    return (*dict.fromkeys(name.split()[1] for name in series("platforms").names), UNKNOWN)


@cache
def profiles() -> Profiles:
    """Every combination that an installer can send, but the mirrors'."""
    rows: list[tuple[int, int, int, int, int, int, int, float]] = []
    for name, share in _installer_shares().items():
        for file_type in range(len(FILE_TYPES)):
            if _fetches(name, file_type):
                weight = share * _REFERENCE[FILE_TYPES[file_type]]
                rows.extend(_combinations(name, file_type, weight))
    columns = np.array(rows).T
    codes = columns[:-1].astype(np.int64)
    return Profiles(*codes, columns[-1])  # type: ignore[call-arg]


def _installer_shares() -> dict[str, float]:
    """The part of each installer on average over the published dates from 2024 on."""
    table = series("installers")
    mean = table.values[-6:].mean(axis=0) / 100
    shares = {
        name: float(share)
        for name, share in zip(table.names, mean, strict=True)
        if not name.endswith("_ci")
    }
    return {"pip": 1 - sum(shares.values()), **shares}


def _fetches(installer: str, file_type: int) -> bool:
    """Whether an installer fetches files of a type."""
    if file_type == EGG:
        return installer in _EGG_READERS
    return file_type != METADATA or installer in _METADATA_READERS


def _combinations(
    installer: str, file_type: int, weight: float
) -> list[tuple[int, int, int, int, int, int, int, float]]:
    """The rows of one installer and file type, sharing out `weight`."""
    number = installers().index(installer)
    none = (len(pythons()) - 1, len(systems()) - 1, len(processors()) - 1)
    platform = len(series("platforms").names)
    if installer in DETAILED:
        return _detailed(installer, file_type, weight)
    if installer == "poetry":
        return [
            (number, 0, none[0], systems().index(name), none[2], file_type, platform, weight * part)
            for name, part in _POETRY_SYSTEMS.items()
        ]
    return [(number, 0, *none, file_type, platform, weight)]


def _detailed(
    installer: str, file_type: int, weight: float
) -> list[tuple[int, int, int, int, int, int, int, float]]:
    """The rows of pip or uv: every Python, platform and CI flag that go together."""
    table, rows = series("platforms"), []
    python_shares = series("pythons").values[5:].mean(axis=0) / 100
    platform_shares = table.values[4:].mean(axis=0) / 100
    oldest = _OLDEST_WITH_UV if installer == "uv" else pythons()[0]
    if file_type == METADATA:
        oldest = max(oldest, _OLDEST_WITH_METADATA, key=pythons().index)
    for python in range(pythons().index(oldest), len(python_shares)):
        for platform, name in enumerate(table.names):
            system, cpu = name.split()
            likelihood = weight * float(python_shares[python] * platform_shares[platform])
            flagged = 0.5 if installer == "uv" else 0.18
            for ci, part in ((0, 1 - flagged), (1, flagged)):
                if ci and system not in ("Linux", "Windows"):
                    continue
                codes = (systems().index(system), processors().index(cpu), file_type, platform)
                number = installers().index(installer)
                rows.append((number, ci, python, *codes, likelihood * part))
    return rows
