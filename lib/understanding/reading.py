"""Turns a text into a question of the catalog, and says what it took each stretch to mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from lib.questions.question import Asked, Question
from lib.router import Period
from lib.understanding.fitting import Fit, fitted
from lib.understanding.intent import Scored, elsewhere, scored
from lib.understanding.mentions import taken
from lib.understanding.options import named_options
from lib.understanding.parsing import Parsed, parsed
from lib.understanding.pieces import Piece, pieces, pieces_without_question
from lib.understanding.spans import Clock
from lib.understanding.vocabulary import Vocabulary, vocabulary

_SURE_SCORE = 0.72
"""How well a question has to fit to be answered without asking back."""

_SURE_MARGIN = 0.05
"""How much better than the next one it has to fit."""

_SURE_EVIDENCE = 0.75
"""How much of one of its phrases has to be in the text."""

_LEAST_SCORE = 0.3
"""A question that fits less is not meant at all."""

_MOST_NEAREST = 4


@dataclass(frozen=True)
class Understood:
    """A text as a question.

    `key` is the question's key, empty where none fits. In `asked` no packages, sets or country
    stand where the text names none, and the question's own period. `pieces` are in the order of
    the text, and hold every word of it that means something. Only what is `sure` may be answered
    without asking back. `nearest` are the keys of the questions that fit best, the best first, and
    `asked_nearest` what is asked as each of them takes it.
    """

    key: str
    asked: Asked
    pieces: tuple[Piece, ...]
    sure: bool
    nearest: tuple[str, ...]
    asked_nearest: tuple[Asked, ...] = ()

    def asked_of(self, key: str) -> Asked:
        """What the text asks, as one of the nearest questions takes it.

        Raises KeyError for the key of another question.
        """
        return dict(zip(self.nearest, self.asked_nearest, strict=True))[key]


def understood(
    text: str, catalog: Mapping[str, Question], known: Sequence[str], held: Period, today: date
) -> Understood:
    """What a text asks of the catalog, given the packages and days held. Never raises.

    What cannot be understood is a piece of kind unknown, and the whole is not sure then.
    """
    terms, packages = vocabulary(catalog), frozenset(known)
    read = parsed(text, terms, packages, Clock(held, today))
    fits = [_fit(question, read, terms, packages) for question in catalog.values()]
    ranked = sorted((scored(fit, read.content, terms) for fit in fits), key=_best_first)
    offered = ranked[:_MOST_NEAREST] if read.words else []
    nearest = tuple(each.key for each in offered), tuple(each.fit.asked for each in offered)
    if not offered or ranked[0].score < _LEAST_SCORE:
        return Understood("", Asked(), pieces_without_question(read), False, *nearest)
    best = ranked[0]
    sure = not read.slips and _is_sure(ranked, elsewhere(read, terms))
    return Understood(best.key, best.fit.asked, pieces(read, best), sure, *nearest)


def _best_first(each: Scored) -> float:
    return -each.score


def _is_sure(ranked: Sequence[Scored], other: float) -> bool:
    """Whether the best question is meant without doubt, and explains every word.

    `other` is how well the text fits what no question is about.
    """
    best = ranked[0]
    if best.unknown or best.fit.refused or not all(each.certain for each in best.fit.mentions):
        return False
    ahead = best.score - max([other, *(each.score for each in ranked[1:2])])
    if best.fit.lacking or best.evidence < _SURE_EVIDENCE:
        return False
    return best.score >= _SURE_SCORE and ahead >= _SURE_MARGIN


def _fit(question: Question, read: Parsed, terms: Vocabulary, packages: frozenset[str]) -> Fit:
    """How the question takes what is named; the values of its options win over other names."""
    options = named_options(question, read)
    rest = [each for each in read.mentions if not taken([each]) & taken(options)]
    together = sorted([*rest, *options], key=lambda each: each.first)
    return fitted(question, together, terms, packages)
