"""Whether a word is the name of a package, by the words around it."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from lib.understanding.text import Word

_FILE = Path(__file__).with_name("context.csv")

_FARTHEST = 4
"""How many words may link one package to another: `has always been more popular than`."""


@cache
def _in_role(role: str) -> frozenset[str]:
    """The words that play a role beside a name."""
    with _FILE.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return frozenset(row["word"] for row in rows if row["role"] == role)


def is_named(
    words: Sequence[Word],
    at: int,
    free: frozenset[int],
    is_held: Callable[[str], bool],
    is_ordinary: Callable[[Word], bool],
) -> bool:
    """Whether an English word that is a package's name too is that package.

    `free` are the places of words that name nothing else, `is_held` tells names of packages, and
    `is_ordinary` the words by which people ask.
    """
    before, after = _plain(words, at - 1), _plain(words, at + 1)
    if before in _in_role("article") or after == "per":
        return False
    if before in ("of", "in", "for") and _plain(words, at - 2) in _in_role("quantity"):
        return False
    if _is_linked(words, at, is_held):
        return True
    if before in _in_role("before") or after in _in_role("after"):
        return True
    others = [other for other in free if other != at]
    explained = all(is_ordinary(words[other]) for other in others)
    return not others or (at == 0 and explained and at + 1 not in free)


def is_in_place_of_a_name(
    words: Sequence[Word], at: int, is_package: Callable[[int], bool]
) -> bool:
    """Whether a word that nothing knows stands where a package's name would."""
    before, after = _plain(words, at - 1), _plain(words, at + 1)
    if any(letter in words[at].text for letter in "-_0123456789"):
        return True
    if before in ("package", "library", "of", "for") or after in ("package", "library"):
        return True
    if {before, after} & _in_role("contrast"):
        return True
    joints = ("and", "or", "than", "with", "to")
    return (before in joints and is_package(at - 2)) or (after in joints and is_package(at + 2))


def _is_linked(words: Sequence[Word], at: int, is_held: Callable[[str], bool]) -> bool:
    """Whether contrasting or linking words lead from a word to a package."""
    contrasts, links = _in_role("contrast"), _in_role("link")
    if {_plain(words, at - 1), _plain(words, at + 1)} & contrasts:
        return True
    for step in (-1, 1):
        for distance in range(1, _FARTHEST + 1):
            other = _plain(words, at + step * distance)
            if other in links or other in contrasts:
                continue
            if distance > 1 and is_held(other):
                return True
            break
    return False


def _plain(words: Sequence[Word], at: int) -> str:
    return words[at].plain if 0 <= at < len(words) else ""
