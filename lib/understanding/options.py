"""The values of a question's options that a text names: `christmas`, `5 %`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from lib.questions.question import Option, Question
from lib.router import Period
from lib.understanding.mentions import PERIODS, Kind, Mention, taken
from lib.understanding.moments import digits
from lib.understanding.names import other_values
from lib.understanding.parsing import Parsed
from lib.understanding.text import Word, cleaned, words_of
from lib.understanding.vocabulary import canonical, common_stems, is_silent

_SHORTEST_WORD = 5
"""How many letters a word needs to name a value alone."""

_LEADING = frozenset({"over", "in", "for", "during", "within", "from", "the"})


def named_options(question: Question, read: Parsed) -> tuple[Mention, ...]:
    """The values of its options that a text names; a mention's value is `name=value`.

    A value is named by its label, by itself, or by a word that no other value of the option has.
    A number needs its unit, or the option's name beside it. A country wins over a single word, for
    `Christmas Island` is no holiday; an option wins over a period of as many days back from today.
    """
    places = taken(each for each in read.mentions if each.kind is Kind.COUNTRY)
    periods = [each for each in read.mentions if each.kind in PERIODS]
    kept: list[Mention] = []
    for found in _longest_first(question, read.words):
        period = next((each for each in periods if taken([each]) & taken([found])), None)
        mention = _in_place_of(period, found, read) if period else found
        is_place = found.size == 1 and found.first in places
        if mention and not is_place and not taken([mention]) & taken(kept):
            kept.append(mention)
    return tuple(sorted(kept, key=lambda mention: mention.first))


def _longest_first(question: Question, words: Sequence[Word]) -> list[Mention]:
    stems = [_stem(word, words[at - 1] if at else None) for at, word in enumerate(words)]
    found = [
        Mention(*span, Kind.OPTION, f"{option.name}={value}", f"{option.label}: {label}")
        for option in question.parameters.options
        for value, label in option.values
        for written in _written(option, value, label)
        for span in _spans(written, stems)
    ]
    return sorted(found, key=lambda mention: (-mention.size, mention.first))


def _in_place_of(period: Mention, found: Mention, read: Parsed) -> Mention | None:
    """The value in place of a period, where it is all of it, and reaches to the last day held."""
    before = {word.plain for word in read.words[period.first : found.first]}
    days = period.period
    if not isinstance(days, Period) or days.last != read.last or found.end != period.end:
        return None
    return replace(found, first=min(period.first, found.first)) if before <= _LEADING else None


@lru_cache(maxsize=200)
def _written(option: Option, value: str, label: str) -> tuple[tuple[str, ...], ...]:
    """The ways to write a value, as stems."""
    return tuple(_ways(option, value, label))


def _ways(option: Option, value: str, label: str) -> Iterator[tuple[str, ...]]:
    names = {*_stems(option.label), *_stems(option.name)}
    spread = Counter(
        stem for other, text in option.values for stem in {*_stems(text), *_stems(other)}
    )
    usual = names | common_stems()
    others = (name for name, meant in other_values().items() if meant == value)
    for text in (label, re.sub(r"\(.*?\)", "", label), value, *others):
        stems = _stems(text)
        if not stems:
            continue
        if all(stem.isdecimal() for stem in stems):
            for name in names:
                yield (name, *stems)
                yield (*stems, name)
        elif stems[0].isdecimal():
            yield stems[:2]
        elif not all(stem in common_stems() or is_silent(stem) for stem in stems):
            yield stems
        for stem in stems:
            if len(stem) >= _SHORTEST_WORD and spread[stem] == 1 and stem not in usual:
                yield (stem,)


def _spans(written: tuple[str, ...], stems: Sequence[str]) -> Iterator[tuple[int, int]]:
    for first in range(len(stems) - len(written) + 1):
        if tuple(stems[first : first + len(written)]) == written:
            yield first, first + len(written)


def _stem(word: Word, before: Word | None) -> str:
    if word.plain in ("percent", "pct") and before and before.plain.isdecimal():
        return "%"
    return digits(word.plain) or canonical(word.plain)


def _stems(text: str) -> tuple[str, ...]:
    words = words_of(cleaned(text.replace("_", " ")), lambda _: False)
    return tuple(canonical(word.plain) for word in words if not is_silent(word.plain))
