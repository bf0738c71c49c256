"""What words that nothing knows were probably meant to be: near misses, and packages not held."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import DamerauLevenshtein
from rapidfuzz.process import extractOne

from lib.packages import normalized
from lib.understanding.context import is_in_place_of_a_name
from lib.understanding.mentions import Mention
from lib.understanding.names import is_no_package, other_names, package
from lib.understanding.places import country, key, place_names
from lib.understanding.text import Word

_SHORTEST = 4
"""How many letters a word needs for one slip to leave it recognizable."""

_SHORTEST_WITH_TWO = 6
"""How many it needs for two slips."""

_SHORTEST_OF_QUESTIONS = 5


@dataclass(frozen=True, eq=False)
class Near:
    """What words may be near to: packages and countries by their names, and words of questions."""

    held: frozenset[str]
    packages: Mapping[str, str]
    countries: Mapping[str, str]
    words: frozenset[str]


def near_to(held: frozenset[str], words: frozenset[str]) -> Near:
    """What is known of names and words: packages that are held, and how people ask."""
    names = {name: name for name in held}
    return Near(
        held,
        {**names, **other_names()},
        {name: code for name, code in place_names().items() if code},
        words,
    )


def nearest(text: str, choices: Collection[str]) -> tuple[str, int] | None:
    """The choice that one slip makes of `text` (two where it is long), and how many slips.

    A slip adds, drops or changes a letter, or swaps two (Damerau 1964).
    """
    if len(text) < _SHORTEST:
        return None
    most = 2 if len(text) >= _SHORTEST_WITH_TWO else 1
    found = extractOne(text, list(choices), scorer=DamerauLevenshtein.distance, score_cutoff=most)
    return (str(found[0]), int(found[1])) if found else None


def guess(
    words: Sequence[Word], at: int, near: Near, is_named: Callable[[int], bool]
) -> Mention | None:
    """What the word at this place may be: a package or country misspelled, a package not held.

    None where it is nearer to a word of a question, or to nothing.
    """
    word = words[at]
    if is_no_package(word.plain):
        return None
    package_near = nearest(word.plain, near.packages)
    country_near = nearest(key(word.plain), near.countries)
    found = (package_near, country_near, nearest_word(word.plain, near.words))
    slips = [each[1] for each in found if each]
    if country_near and country_near[1] == min(slips):
        return country(at, at + 1, near.countries[country_near[0]], certain=False)
    if package_near and package_near[1] == min(slips):
        name = near.packages[package_near[0]]
        return package(at, at + 1, name, near.held, certain=False)
    if is_in_place_of_a_name(words, at, is_named):
        return _not_held(word, at, near)
    return None


def nearest_word(plain: str, words: frozenset[str]) -> tuple[str, int] | None:
    """The word of how people ask that a word in lower case is a slip or two away from."""
    return nearest(plain, words) if len(plain) >= _SHORTEST_OF_QUESTIONS else None


def _not_held(word: Word, at: int, near: Near) -> Mention | None:
    try:
        return package(at, at + 1, normalized(word.plain), near.held)
    except ValueError:
        return None
