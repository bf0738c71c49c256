"""What each stretch of a text was taken to mean, in the order of the text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lib.understanding.intent import Scored
from lib.understanding.mentions import Kind, Mention
from lib.understanding.parsing import Parsed

QUESTION, UNKNOWN = "question", "unknown"

_KINDS = {
    Kind.PACKAGE: "package",
    Kind.COUNTRY: "country",
    Kind.GROUP: "set",
    Kind.OPTION: "option",
    Kind.NOW: "period",
    Kind.ALWAYS: "period",
    Kind.PERIOD: "period",
    Kind.NOTHING: UNKNOWN,
}

_NOT_UNDERSTOOD = "not understood"


@dataclass(frozen=True)
class Piece:
    """What a stretch of a text was taken to mean.

    `kind` is question, package, country, period, set, option or unknown; `meaning` tells a reader.
    """

    text: str
    kind: str
    meaning: str


@dataclass(frozen=True)
class _Part:
    """Words from `first` to `last` of a text, with what they were taken to mean."""

    first: int
    last: int
    kind: str
    meaning: str


def pieces(read: Parsed, best: Scored) -> tuple[Piece, ...]:
    """The pieces of a text that asks a question; what it does not take is unknown.

    All words of the question are one piece, where the first of them stands.
    """
    prompt = best.fit.question.prompt
    parts = [_part(mention) for mention in best.fit.taken]
    parts += [_part(mention, QUESTION, prompt) for mention in best.fit.spoken]
    parts += [_part(mention, UNKNOWN, reason) for mention, reason in best.fit.refused]
    covered = {at for part in parts for at in range(part.first, part.last + 1)}
    for at in read.content:
        if at in covered:
            continue
        if at in read.slips:
            parts.append(_Part(at, at, UNKNOWN, f"{read.slips[at]}?"))
        elif at in best.unknown:
            parts.append(_Part(at, at, UNKNOWN, _NOT_UNDERSTOOD))
        else:
            parts.append(_Part(at, at, QUESTION, prompt))
    return _shown(read, parts)


def pieces_without_question(read: Parsed) -> tuple[Piece, ...]:
    """The pieces of a text that asks nothing known: what it names, and the rest unknown."""
    parts = [_part(mention) for mention in read.mentions]
    covered = {at for part in parts for at in range(part.first, part.last + 1)}
    parts += [_Part(at, at, UNKNOWN, _NOT_UNDERSTOOD) for at in read.content if at not in covered]
    return _shown(read, parts)


def _part(mention: Mention, kind: str = "", meaning: str = "") -> _Part:
    kind = kind or _KINDS[mention.kind]
    return _Part(mention.first, mention.end - 1, kind, meaning or mention.meaning)


def _shown(read: Parsed, parts: Sequence[_Part]) -> tuple[Piece, ...]:
    """The parts with the words between them, neighbors that mean the same as one."""
    runs: list[_Part] = []
    for part in sorted(parts, key=lambda each: each.first):
        last = runs[-1] if runs else None
        joins = part.kind in (QUESTION, UNKNOWN) and last is not None
        if joins and last and (last.kind, last.meaning) == (part.kind, part.meaning):
            runs[-1] = _Part(last.first, part.last, part.kind, part.meaning)
        else:
            runs.append(part)
    found: dict[int, Piece] = {}
    question = -1
    for at, run in enumerate(runs):
        stretch = read.text[read.words[run.first].start : read.words[run.last].end]
        if run.kind == QUESTION and question >= 0:
            joined = f"{found[question].text} … {stretch}"
            found[question] = Piece(joined, QUESTION, run.meaning)
            continue
        if run.kind == QUESTION:
            question = at
        found[at] = Piece(stretch, run.kind, run.meaning)
    return tuple(found.values())
