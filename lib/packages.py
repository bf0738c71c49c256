"""Names of packages: normalized once at the edge, suggested when misspelled, and put in groups."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path

_GROUPS = Path(__file__).with_name("groups.csv")

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?", re.IGNORECASE)

_LONGEST_NAME = 100


def normalized(name: str) -> str:
    """The one spelling of a package's name (PEP 503). Raises ValueError for no valid name."""
    name = name.strip()
    if len(name) > _LONGEST_NAME or not _NAME.fullmatch(name):
        raise ValueError(f"{name[:_LONGEST_NAME]!r} is not a package name.")
    return re.sub(r"[-_.]+", "-", name).lower()


def listed_names(text: str) -> tuple[str, ...]:
    """The packages named in `text`, separated by commas: normalized, each once.

    Raises ValueError for what is no valid name.
    """
    return tuple(dict.fromkeys(normalized(name) for name in text.split(",") if name.strip()))


def suggestions(misspelled: str, known: Iterable[str], count: int = 3) -> tuple[str, ...]:
    """The names among `known` that look most like `misspelled`, best first; perhaps none."""
    wanted = misspelled.strip().lower().replace("_", "-").replace(".", "-")
    scored = []
    for name in known:
        score = SequenceMatcher(None, wanted, name).ratio()
        if name.startswith(wanted) or wanted.startswith(name):
            score += 0.2
        if score >= 0.65:
            scored.append((-score, name))
    return tuple(name for _, name in sorted(scored)[:count])


@cache
def groups() -> dict[str, tuple[str, ...]]:
    """The named sets of packages, in the order of the file that keeps them."""
    with _GROUPS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row["group"], []).append(normalized(row["package"]))
    return {name: tuple(packages) for name, packages in found.items()}


def held_groups(held: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The groups cut to the packages held, without those of which fewer than two are left."""
    known = set(held)
    cut = {name: tuple(p for p in packages if p in known) for name, packages in groups().items()}
    return {name: packages for name, packages in cut.items() if len(packages) > 1}


def rivals(chosen: Sequence[str], held: Sequence[str]) -> tuple[str, ...]:
    """The other packages of every group that a chosen one is in, as far as they are held."""
    sets = [set(members) for members in held_groups(held).values()]
    near = {name for members in sets if members & set(chosen) for name in members}
    return tuple(name for name in held if name in near - set(chosen))
