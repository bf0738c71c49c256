"""The period that a text names: `since 2023`, `last 90 days`, `between March and June 2025`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from lib.formats import days
from lib.router import Period
from lib.understanding.mentions import Kind, Mention
from lib.understanding.spans import Clock, Span, spans_in
from lib.understanding.text import Word

_EARLIEST = date(2016, 1, 1)
"""The public record begins in this year, and addresses take no earlier day."""

_DAY = timedelta(days=1)

_MARKED = {Kind.ALWAYS: "all days held", Kind.NOW: "the latest 30 days held"}


def periods(text: str, words: Sequence[Word], clock: Clock) -> tuple[Mention, ...]:
    """What `text` names of periods, in order; `words` are its words.

    They are cut to days that are over, and that were recorded. Where there are none, and where
    there are no such days, they are mentions of nothing.
    """
    mentions = (_mention(span, words, clock) for span in spans_in(text, clock))
    return tuple(mention for mention in mentions if mention)


def _mention(span: Span, words: Sequence[Word], clock: Clock) -> Mention | None:
    """The span as a mention of whole words; None where it cuts a word."""
    inside = [n for n, w in enumerate(words) if w.start < span.end and span.start < w.end]
    if not inside or words[inside[0]].start < span.start or _end(words[inside[-1]]) > span.end:
        return None
    period, problem = span.period, span.problem
    if isinstance(period, Period):
        period, problem = _over(period, clock)
    mention = Mention(inside[0], inside[-1] + 1, span.kind, "", "", span.certain, period)
    if period is None:
        meaning = f"not understood: {problem}"
        return replace(mention, kind=Kind.NOTHING, meaning=meaning, certain=False)
    if not isinstance(period, Period):
        return replace(mention, meaning=_MARKED[span.kind])
    latest = ", the latest day held" if span.period == Period(clock.today, clock.today) else ""
    doubt = "" if span.certain else "?"
    return replace(mention, meaning=f"{days(period.first, period.last)}{latest}{doubt}")


def _end(word: Word) -> int:
    """Where a word ends without its possessive."""
    return word.start + len(word.plain)


def _over(period: Period, clock: Clock) -> tuple[Period | None, str]:
    """The days of a period that can have been counted, or why there are none."""
    held, today = clock.held, clock.today
    if period == Period(today, today):
        return Period(held.last, held.last), ""
    if period.last < _EARLIEST:
        return None, f"downloads are recorded from {_EARLIEST.year} on"
    last = held.last if period.first <= held.last < period.last else period.last
    first, last = max(period.first, _EARLIEST), min(last, today - _DAY)
    if first > last:
        return None, "no day of it is over"
    return Period(first, last), ""
