"""The words by which people ask: the silent, the synonymous, and each question's own."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from itertools import chain
from math import log
from pathlib import Path

from lib.packages import groups
from lib.questions.question import Question
from lib.understanding.mentions import Kind
from lib.understanding.spans import with_slots
from lib.understanding.text import stem_of, words_of

_FOLDER = Path(__file__).parent

ELSEWHERE = ""
"""The key of phrases that ask for what no question of the catalog is about."""

_SLOT = re.compile(r"\{\w+\}")

_SLOT_WEIGHT = 0.7

_TELLING = {str(Kind.OPTION): 3.0, str(Kind.VERSION): 2.0}
"""Slots that tell one question from the others, as few words do."""

_LEAST_WEIGHT = 0.25

MOST_LISTED = 20
"""The most places of a ranking that are answered: a larger number is not understood."""

_VERSION = re.compile(r"(?:py|python)?[23]\.\d{1,2}|(?:py|python)[23]\d{0,2}")

_NUMBERS = frozenset(["one", "two", "three", "four", "five", "ten", "twenty"])


Phrase = tuple[str, ...]
"""A way to ask a question, as the terms that carry its meaning: stems and slots."""


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """How the questions of a catalog are asked for.

    `phrases` are by question. `own` holds the terms of each question's phrases, prompt and
    options; `written` its phrases as people write them; `weights` says how much a term tells one
    question from others; `spelled` holds the words of all of them as people write them.
    """

    phrases: Mapping[str, tuple[Phrase, ...]]
    own: Mapping[str, frozenset[str]]
    written: Mapping[str, tuple[str, ...]]
    weights: Mapping[str, float]
    spelled: frozenset[str]

    def weight(self, term: str) -> float:
        """How much a term tells: most where no question has it."""
        return self.weights.get(term) or log(len(self.own) + 1)

    def understands(self, question: str, term: str) -> bool:
        """Whether a term belongs to how this question is asked."""
        return term in self.own[question] or term in common_stems()

    def names(self, question: str, name: str) -> bool:
        """Whether the phrases of a question name this package or group themselves."""
        whole = f" {name.lower()} "
        return any(whole in f" {text} " for text in self.written[question])

    @cached_property
    def whole(self) -> Mapping[Phrase, float]:
        """The weights of all terms of each phrase together."""
        every = chain.from_iterable(self.phrases.values())
        return {phrase: sum(map(self.weight, phrase)) for phrase in every}

    @cached_property
    def stems(self) -> frozenset[str]:
        """Every stem by which some question is asked, but for packages that phrases name."""
        named = {name for members in groups().values() for name in members}
        return frozenset().union(common_stems(), *self.own.values()) - named


def is_silent(plain: str) -> bool:
    """Whether a word in lower case carries no meaning of its own."""
    return plain in _shared()[0]


@cache
def common_stems() -> frozenset[str]:
    """The stems that are part of every question."""
    return _shared()[1]


def canonical(plain: str) -> str:
    """The term that stands for a word in lower case and for all others of its meaning."""
    stem = stem_of(plain)
    return _shared()[2].get(plain) or _shared()[2].get(stem, stem)


def number_kind(plain: str) -> Kind | None:
    """Whether a word in lower case is a number, or a version of Python."""
    if _VERSION.fullmatch(plain):
        return Kind.VERSION
    is_small = plain.isdecimal() and int(plain) <= MOST_LISTED
    return Kind.NUMBER if is_small or plain in _NUMBERS else None


def terms_of(text: str) -> Iterator[str]:
    """The terms of a phrase: its slots, and those of its words that are not silent."""
    at = 0
    for slot in [*_SLOT.finditer(text), None]:
        for word in words_of(text[at : slot.start() if slot else len(text)]):
            kind = number_kind(word.plain)
            if kind or not is_silent(word.plain):
                yield str(kind) if kind else canonical(word.plain)
        if slot:
            yield slot.group()
            at = slot.end()


def vocabulary(catalog: Mapping[str, Question]) -> Vocabulary:
    """How the questions of a catalog are asked for: by the phrases kept here, and their own."""
    return _vocabulary(tuple(map(_asking, catalog.values())))


@dataclass(frozen=True)
class _Asking:
    """What a question says of how it is asked: its key, prompt, words, and options by name."""

    key: str
    prompt: str
    words: tuple[str, ...]
    options: str


def _asking(question: Question) -> _Asking:
    options = " ".join(f"{each.name} {each.label}" for each in question.parameters.options)
    return _Asking(question.key, question.prompt, question.words, options)


@lru_cache(maxsize=8)
def _vocabulary(questions: tuple[_Asking, ...]) -> Vocabulary:
    kept: dict[str, list[str]] = {}
    for row in _rows("phrases.csv"):
        kept.setdefault(row["question"], []).append(row["phrase"])
    written = {each.key: (*kept.get(each.key, ()), *each.words) for each in questions}
    phrases = {each.key: (*written[each.key], each.prompt) for each in questions}
    own = {each.key: _terms([*phrases[each.key], each.options]) for each in questions}
    spread = Counter(term for terms in own.values() for term in terms)
    weights = {term: log((len(own) + 1) / count) + _LEAST_WEIGHT for term, count in spread.items()}
    everything = {**phrases, ELSEWHERE: tuple(kept.get(ELSEWHERE, ()))}
    spoken = (text for texts in phrases.values() for text in texts)
    return Vocabulary(
        {key: tuple(map(_phrase, texts)) for key, texts in everything.items()},
        own,
        written,
        weights | dict.fromkeys(map(str, Kind), _SLOT_WEIGHT) | _TELLING,
        frozenset(word.plain for text in spoken for word in words_of(_SLOT.sub(" ", text))),
    )


def _phrase(text: str) -> Phrase:
    return tuple(terms_of(with_slots(text)))


def _terms(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(term for text in texts for term in _phrase(text))


@cache
def _shared() -> tuple[frozenset[str], frozenset[str], Mapping[str, str]]:
    """Silent words, common terms, and terms by the words and stems that they stand for."""
    rows = _rows("words.csv")
    silent = frozenset(row["word"] for row in rows if row["kind"] == "silent")
    exact = {row["word"]: row["stands_for"] for row in rows if row["kind"] == "exact"}
    common = {stem_of(row["word"]) for row in rows if row["kind"] == "common"}
    same = {
        stem_of(row["word"]): stem_of(row["stands_for"]) for row in rows if row["kind"] == "same"
    }
    return silent, frozenset(common), {**same, **exact}


def _rows(name: str) -> list[dict[str, str]]:
    with (_FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))
