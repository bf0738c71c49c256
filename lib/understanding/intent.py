"""How well each question of the catalog fits a text: by its phrases, and by what the text names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod

from rapidfuzz import fuzz

from lib.understanding.fitting import Fit, literal_terms
from lib.understanding.mentions import PERIODS, Kind, taken
from lib.understanding.parsing import Parsed
from lib.understanding.vocabulary import ELSEWHERE, Phrase, Vocabulary

_ORDER_WEIGHT = 0.15
"""How much the order of terms counts, beside which terms there are."""

_OTHER_PHRASES = 0.6
"""What a term counts that the phrase lacks, but other phrases of the question have."""

_UNMARKED = (Kind.NOTHING, Kind.PERIOD)
"""What has no place in phrases: any question can be asked of a period."""

_LACKING = {Kind.COUNTRY: 0.8, Kind.PACKAGE: 0.85, Kind.GROUP: 0.95}
"""What a score is worth where the text does not name what the question needs."""

_REFUSED = 0.85
"""What a score is worth for each thing named that the question does not take."""


@dataclass(frozen=True)
class Scored:
    """How well a question fits, from 0 to 1, and the places of words that it does not explain.

    `evidence` is how much of its best phrase the text has, from 0 to 1.
    """

    fit: Fit
    score: float
    evidence: float
    unknown: frozenset[int]

    @property
    def key(self) -> str:
        """The question's key."""
        return self.fit.question.key


def scored(fit: Fit, content: Mapping[int, str], vocabulary: Vocabulary) -> Scored:
    """How well the question of `fit` matches a text; `content` holds a term by a word's place."""
    key = fit.question.key
    named = taken(fit.mentions)
    placed = {at: term for at, term in content.items() if at not in named}
    terms = _terms(fit, placed)
    accepted = vocabulary.own[key] | _slots(fit)
    best, evidence = max(_matches(vocabulary.phrases[key], terms, accepted, vocabulary))
    best *= prod(_LACKING[kind] for kind in fit.lacking) * _REFUSED ** len(fit.refused)
    unknown = frozenset(at for at, term in placed.items() if not vocabulary.understands(key, term))
    return Scored(fit, best, evidence, unknown)


def elsewhere(read: Parsed, vocabulary: Vocabulary) -> float:
    """How well a text matches phrases that ask for what no question is about."""
    named = taken(read.mentions)
    placed = [(at, term) for at, term in read.content.items() if at not in named]
    slots = [(m.first, str(m.kind)) for m in read.mentions if m.kind not in _UNMARKED]
    terms = tuple(term for _, term in sorted(placed + slots))
    phrases = vocabulary.phrases[ELSEWHERE]
    return max(_matches(phrases, terms, frozenset(), vocabulary), default=(0.0, 0.0))[0]


def _terms(fit: Fit, placed: Mapping[int, str]) -> tuple[str, ...]:
    """The terms of the text, in order: of words, and slots for what is named."""
    found = [(at, term) for at, term in placed.items()]
    for mention in fit.mentions:
        if mention in fit.spoken:
            found += [(mention.first, term) for term in literal_terms(mention)]
        elif mention.kind not in _UNMARKED:
            found.append((mention.first, str(mention.kind)))
    return tuple(term for _, term in sorted(found, key=lambda pair: pair[0]))


def _slots(fit: Fit) -> frozenset[str]:
    """The slots of what the question takes."""
    return frozenset(str(mention.kind) for mention in fit.taken) | set(map(str, PERIODS))


def _matches(
    phrases: Sequence[Phrase], terms: Phrase, accepted: frozenset[str], vocabulary: Vocabulary
) -> Iterator[tuple[float, float]]:
    """How well each phrase and a text match, and how much of the phrase is in the text.

    The match is the harmonic mean of that and of how much of the text is in the phrase, as
    Dice's coefficient (1945), with terms counted by their weight. A term that other phrases of
    the question have counts for less (an option for no less), and the order of terms a little.
    """
    weights = {term: vocabulary.weight(term) for term in terms}
    whole = sum(weights[term] for term in terms)
    for phrase in phrases:
        if weights.keys().isdisjoint(phrase):
            yield 0.0, 0.0
            continue
        extra, hits = list(terms), 0.0
        for term in phrase:
            if term in extra:
                extra.remove(term)
                hits += weights[term]
        known = sum(
            weights[term] * (1.0 if term == Kind.OPTION else _OTHER_PHRASES)
            for term in extra
            if term in accepted
        )
        recall = hits / vocabulary.whole[phrase]
        precision = (hits + known) / whole
        overlap = 2 * recall * precision / (recall + precision)
        order = fuzz.ratio(phrase, terms) / 100
        yield (1 - _ORDER_WEIGHT) * overlap + _ORDER_WEIGHT * order, recall
