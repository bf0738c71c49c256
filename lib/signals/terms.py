"""What packages are called where people ask, search and read about them."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from lib.packages import normalized
from lib.signals import Signal

_TERMS = Path(__file__).with_name("terms.csv")

OwnTerms = Mapping[tuple[str, Signal], str]
"""Terms that readers have set, by package and signal; an empty one says that there is none."""


@cache
def known_terms() -> dict[tuple[str, Signal], str]:
    """The terms of the file that keeps them, by package and signal."""
    with _TERMS.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return {
            (normalized(row["package"]), Signal(row["signal"])): row["term"].strip() for row in rows
        }


def all_terms(own: OwnTerms) -> dict[tuple[str, Signal], str]:
    """Every term, those that readers have set before those of the file."""
    terms = {**known_terms(), **own}
    return {key: term for key, term in terms.items() if term}


def term_of(package: str, signal: Signal, own: OwnTerms) -> str | None:
    """What a package is called there, or None where that is not known.

    `own` is what `Downloads.own_terms` answers.
    """
    return all_terms(own).get((package, signal))


def packages_of(signal: Signal, term: str, own: OwnTerms) -> tuple[str, ...]:
    """The packages that a term stands for, by name; perhaps none."""
    wanted = term.strip().casefold()
    return tuple(
        package
        for (package, known), found in sorted(all_terms(own).items())
        if known is signal and found.casefold() == wanted
    )
