"""A text before any question: its words, what they name, and the terms of the others."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from lib.understanding.dates import periods
from lib.understanding.guesses import guess, near_to, nearest_word
from lib.understanding.mentions import Kind, Mention, taken
from lib.understanding.names import is_name, joined_packages, named_groups, named_packages
from lib.understanding.places import US, key, place_names, places
from lib.understanding.spans import Clock
from lib.understanding.text import JOINT, Word, cleaned, words_of
from lib.understanding.vocabulary import Vocabulary, canonical, is_silent, number_kind


@dataclass(frozen=True, eq=False)
class Parsed:
    """A text with its words, in order, and what stretches of them name.

    `content` holds the term of each word that means something, by its place; words of mentions
    too, for a question may take them for its own. `slips` are words of questions that others
    stand for, misspelled, by the places of those. `last` is the last day held.
    """

    text: str
    words: tuple[Word, ...]
    mentions: tuple[Mention, ...]
    content: Mapping[int, str]
    slips: Mapping[int, str]
    last: date


def parsed(text: str, vocabulary: Vocabulary, packages: frozenset[str], clock: Clock) -> Parsed:
    """The text cut into words, with what they name of packages, countries, groups and periods."""
    text = cleaned(text)
    words = words_of(text, _Joined(vocabulary, packages))
    mentions = _mentions(words, periods(text, words, clock), vocabulary, packages)
    slips = _slips(words, mentions, vocabulary)
    return Parsed(text, words, mentions, _content(words, mentions, slips), slips, clock.held.last)


@dataclass(frozen=True)
class _Joined:
    """Tells which words with a hyphen or dot stay whole: names, dates, and what nothing knows."""

    vocabulary: Vocabulary
    packages: frozenset[str]

    def __call__(self, word: str) -> bool:
        """Whether the word, in lower case, stays whole."""
        if is_name(word, self.packages) or self._is_usual(word):
            return True
        parts = [part for part in re.split(JOINT, word) if part]
        return all(map(str.isdecimal, parts)) or not all(map(self._is_usual, parts))

    def _is_usual(self, plain: str) -> bool:
        return _is_ordinary(plain, self.vocabulary) or key(plain) in place_names()


def _is_ordinary(plain: str, vocabulary: Vocabulary) -> bool:
    """Whether a word in lower case is no name: part of how people ask, a number, or silent."""
    is_asking = is_silent(plain) or plain == US or canonical(plain) in vocabulary.stems
    return is_asking or number_kind(plain) is not None


def _mentions(
    words: Sequence[Word],
    periods: Sequence[Mention],
    vocabulary: Vocabulary,
    packages: frozenset[str],
) -> tuple[Mention, ...]:
    """What the words name, in order: first what is known, then guesses at the rest."""

    def free() -> frozenset[int]:
        return frozenset(range(len(words))) - taken(found)

    def is_ordinary(word: Word) -> bool:
        return _is_ordinary(word.plain, vocabulary)

    found = list(periods)
    found += joined_packages(words, free(), packages)
    found += places(words, free())
    found += named_groups(words, free())
    found += named_packages(words, free(), packages, is_ordinary)
    near = near_to(packages, vocabulary.spelled)
    named = {each.first for each in found if each.kind is Kind.PACKAGE}
    for at in sorted(free()):
        meant = None if is_ordinary(words[at]) else guess(words, at, near, named.__contains__)
        found += [meant] if meant else []
    return tuple(sorted(found, key=lambda each: each.first))


def _slips(
    words: Sequence[Word], mentions: Sequence[Mention], vocabulary: Vocabulary
) -> dict[int, str]:
    found: dict[int, str] = {}
    for at, word in enumerate(words):
        if at in taken(mentions) or _is_ordinary(word.plain, vocabulary):
            continue
        near = nearest_word(word.plain, vocabulary.spelled)
        if near:
            found[at] = near[0]
    return found


def _content(
    words: Sequence[Word], mentions: Sequence[Mention], slips: Mapping[int, str]
) -> dict[int, str]:
    found: dict[int, str] = {}
    for at, word in enumerate(words):
        kind = number_kind(word.plain)
        is_pronoun = word.plain == US and at not in taken(mentions)
        if kind:
            found[at] = str(kind)
        elif not is_pronoun and not is_silent(word.plain):
            found[at] = canonical(slips.get(at, word.plain))
    return found
