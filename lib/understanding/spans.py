"""Stretches of a text that name a period, and the days that they mean."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from lib.router import Period
from lib.selection import Preset
from lib.understanding.mentions import Kind
from lib.understanding.moments import COUNTED, Moment, counted, moments_in

_DAY = timedelta(days=1)

_LAST = re.compile(
    rf"\b(?:(?:over|in|for|during|within|from) )?(?:(?:the )?(?:last|past|previous|latest) "
    rf"(?P<count>{COUNTED}) |the last |(?:the )?past )(?P<unit>day|week|month|quarter|year)s?\b",
    re.IGNORECASE,
)

_ALWAYS = re.compile(
    r"\b(?:over time|(?:of |for |over )?all[ -]time(?! (?:high|low|record|peak))"
    r"|(?:over|through|throughout|across) (?:the|all) years"
    r"|(?:since|from) the (?:very )?beginning(?! of)|since forever|ever$)",
    re.IGNORECASE,
)

_NOW = re.compile(
    r"\b(?:right now|now|currently|current|at (?:the|this) moment|at present|presently"
    r"|these days|nowadays|lately|recently|recent)\b(?! (?:day|week|month|quarter|year))",
    re.IGNORECASE,
)

_FUTURE = re.compile(
    r"\b(?:tomorrow|(?:in |over )?(?:the )?(?:next|coming|following|upcoming) "
    rf"(?:{COUNTED} )?(?:day|week|month|quarter|year|decade)s?)\b",
    re.IGNORECASE,
)

_BEFORE = re.compile(
    r"\b(?P<word>between|from|since|starting(?: from| in| on| with)?|beginning(?: in| with)?|as of"
    r"|after|before|prior to|until|till|up to|through|in|during|on|for|of|over|throughout|within)"
    r"(?: the)? $",
    re.IGNORECASE,
)

_BETWEEN = re.compile(r" ?(?:-|to|until|till|through|thru|up to|\.\.+) ?(?:the )?", re.IGNORECASE)

_AND = re.compile(r" ?(?:and|-|to) ?(?:the )?", re.IGNORECASE)

_ONWARD = re.compile(r" (?:onwards?|on(?![\w-])|to now|until now|till now|so far)", re.IGNORECASE)

_STILL_TO_COME = "that is still to come"

_OTHER_WORDS = ("may", "march", "mar")
"""Names of months that are other words where nothing before them says that they are not."""

_OPEN = ("since", "starting", "beginning", "as of")

_CLOSED = ("until", "till", "up to", "through")

_IN = ("in", "during", "on", "for", "of", "over", "throughout", "within", "")


@dataclass(frozen=True)
class Clock:
    """The days held, and the day on which it is asked."""

    held: Period
    today: date


@dataclass(frozen=True)
class Span:
    """A stretch of a text, and the days that it means or why it means none."""

    start: int
    end: int
    kind: Kind
    period: Preset | Period | None
    problem: str = ""
    certain: bool = True

    def overlaps(self, other: Span) -> bool:
        """Whether the two have a character in common."""
        return self.start < other.end and other.start < self.end


def spans_in(text: str, clock: Clock) -> list[Span]:
    """The stretches that name a period, in order.

    Open ends reach to the first and the last day held, as do `last 90 days`. Days to come, and
    days that there are not, mean no period.
    """
    found: list[Span] = []
    for spans in (_counted_back(text, clock), _marked(text), _spelled(text, clock)):
        found += [span for span in spans if not any(map(span.overlaps, found))]
    return sorted(found, key=lambda span: span.start)


def with_slots(phrase: str) -> str:
    """A phrase with the slots of `over time` and `now` in place of such words."""
    return _NOW.sub(str(Kind.NOW), _ALWAYS.sub(str(Kind.ALWAYS), phrase))


def _nothing(start: int, end: int, problem: str) -> Span:
    return Span(start, end, Kind.NOTHING, None, problem)


def _counted_back(text: str, clock: Clock) -> Iterator[Span]:
    """`last 90 days`, `the past week`: they end on the last day held."""
    last = clock.held.last
    for match in _LAST.finditer(text):
        count = counted((match["count"] or "1").casefold())
        unit = match["unit"].casefold() + "s"
        if unit == "quarters":
            unit, count = "months", 3 * count
        try:
            first = (pd.Timestamp(last) + _DAY - _offset(unit, count)).date()
        except (ValueError, OverflowError):
            first = date.min
        if first > last:
            yield _nothing(*match.span(), "that is no day")
        else:
            yield Span(*match.span(), Kind.PERIOD, Period(first, last))


def _offset(unit: str, count: int) -> pd.DateOffset:
    if unit == "days":
        return pd.DateOffset(days=count)
    if unit == "weeks":
        return pd.DateOffset(weeks=count)
    return pd.DateOffset(months=count) if unit == "months" else pd.DateOffset(years=count)


def _marked(text: str) -> Iterator[Span]:
    """`over time`, `right now`, and what is still to come."""
    for match in _ALWAYS.finditer(text):
        yield Span(*match.span(), Kind.ALWAYS, Preset.ALL)
    for match in _NOW.finditer(text):
        yield Span(*match.span(), Kind.NOW, Preset.MONTH)
    for match in _FUTURE.finditer(text):
        yield _nothing(*match.span(), _STILL_TO_COME)


def _spelled(text: str, clock: Clock) -> Iterator[Span]:
    """Periods made of one or two moments."""
    moments = list(moments_in(text, clock.today))
    while moments:
        one = moments.pop(0)
        before = _BEFORE.search(text, 0, one.start)
        word = before["word"].casefold() if before else ""
        start = before.start() if before else one.start
        joint = _AND if word == "between" else _BETWEEN
        if moments and joint.fullmatch(text, one.end, moments[0].start):
            yield _range(start, one, moments.pop(0), clock)
        elif word or one.words not in _OTHER_WORDS:
            onward = _ONWARD.match(text, one.end)
            yield _single(start, word, one, clock, onward.end() if onward else 0)


def _range(start: int, one: Moment, other: Moment, clock: Clock) -> Span:
    """From one moment to another; a month without a year is in the year that makes them fit."""
    if not one.period or not other.period:
        return _nothing(start, other.end, other.problem if one.period else one.problem)
    if other.period.first > clock.today:
        return _nothing(start, other.end, _STILL_TO_COME)
    first, last = one.period.first, other.period.last
    if not one.dated and other.dated:
        first = _in_year(first, last.year)
    if not one.dated and first > last:
        first = _in_year(first, first.year - 1)
    if first > last:
        return _nothing(start, other.end, "it ends before it begins")
    return Span(start, other.end, Kind.PERIOD, Period(first, last))


def _in_year(day: date, year: int) -> date:
    """The same day in a year; 28 February where it has no 29th."""
    try:
        return day.replace(year=year)
    except ValueError:
        return date(year, 2, 28)


def _single(start: int, word: str, one: Moment, clock: Clock, onward: int) -> Span:
    """A period of one moment, with the word before it; `onward` ends what makes it go on."""
    end = max(one.end, onward)
    if not one.period or one.period.first > clock.today:
        return _nothing(start, end, _STILL_TO_COME if one.period else one.problem)
    days, held, certain = one.period, clock.held, True
    if word.startswith(_OPEN) or (onward and word in ("from", *_IN)):
        asked = Period(days.first, max(held.last, days.first))
    elif word == "after":
        asked = Period(days.last + _DAY, max(held.last, days.last + _DAY))
    elif word in ("before", "prior to"):
        asked = Period(held.first, days.first - _DAY)
    elif word in _CLOSED:
        asked = Period(held.first, days.last)
    elif word in _IN or (word == "from" and one.relative):
        # A day so many months ago may stand for its month.
        asked, certain = days, not one.words.endswith("ago")
    else:
        # `from 2024` may mean in that year or since then; `between 2024` lacks an end.
        asked, certain = Period(days.first, max(held.last, days.first)), False
    if asked.last < asked.first:
        return _nothing(start, end, "nothing is held of it")
    return Span(start, end, Kind.PERIOD, asked, certain=certain)
