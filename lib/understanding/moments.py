"""Days, months, quarters and years that a text names: where they stand, and which days they are."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from lib.router import Period

_YEAR = r"(?:19|20)\d\d"

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)

_DAY = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?(?![\d:])"

_COUNT = {
    **{"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6},
    **{"seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12},
}

COUNTED = rf"(?:\d{{1,4}}|{'|'.join(sorted(_COUNT, key=len, reverse=True))})"
"""A number in digits or in words."""

_UNIT = r"(?:day|week|month|quarter|year)"

_WEEKDAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"

_PATTERNS = (
    ("iso_day", r"\d{4}[-/]\d{1,2}[-/]\d{1,2}"),
    ("numeric_day", r"\d{1,2}[/.]\d{1,2}[/.]\d{4}"),
    ("year_quarter", rf"{_YEAR}[ -]?q[1-4]"),
    ("iso_month", r"\d{4}[-/](?:0[1-9]|1[0-2])(?![\d/-])"),
    ("numeric_month", r"(?:0?[1-9]|1[0-2])/\d{4}"),
    ("written_day", rf"{_DAY}(?: of)? {_MONTH}(?:,? {_YEAR})?"),
    ("written_day", rf"{_MONTH} {_DAY},? {_YEAR}"),
    ("month_day", rf"{_MONTH} {_DAY}"),
    ("month", rf"{_MONTH},?(?: of)?[ -]?(?:{_YEAR})"),
    ("quarter", rf"(?:q[1-4]|(?:first|second|third|fourth|1st|2nd|3rd|4th) quarter)"
                rf"(?:(?: of)?,?[ -]?{_YEAR})?"),
    ("half", rf"(?:h[12]|(?:first|second) half)(?: of)?[ -]?{_YEAR}"),
    ("ago", rf"{COUNTED} (?:day|week|month|year)s? ago"),
    ("named", rf"(?:last|previous|this|the current|current) {_UNIT}"),
    ("named", r"(?:yesterday|today|year to date|ytd)"),
    ("weekday", rf"last {_WEEKDAY}"),
    ("month", _MONTH),
    ("year", rf"{_YEAR}(?!\d)"),
)  # fmt: skip

_MOMENT = re.compile(
    r"(?<![\w.])(?:(?P<edge>(?:the )?(?:very )?(?:beginning|start|end) of )(?:the )?)?(?:"
    + "|".join(f"(?P<{name}_{at}>{pattern})" for at, (name, pattern) in enumerate(_PATTERNS))
    + r")(?![\w%])(?!\.\d)",
    re.IGNORECASE,
)

_FIRST_YEAR = 2016
"""The first year of the record."""

_QUARTERS = {"first": 1, "second": 2, "third": 3, "fourth": 4}


@dataclass(frozen=True)
class Moment:
    """Days that a stretch of a text names; None where there are no such days.

    `words` are those that name it, in lower case. `dated` says whether they fix its year,
    `relative` whether they count from today; `problem` why there are no such days.
    """

    start: int
    end: int
    words: str
    period: Period | None
    dated: bool
    relative: bool
    problem: str = ""


def moments_in(text: str, today: date) -> Iterator[Moment]:
    """The moments that a text names, in order. Without a year it is the latest that has begun."""
    for match in _MOMENT.finditer(text):
        group = next(n for n, v in match.groupdict().items() if v is not None and n != "edge")
        words = " ".join(match[group].casefold().replace(",", " ").split())
        name = group.rsplit("_", 1)[0]
        period, problem = None, "there is no such day"
        try:
            period = _days(name, words, today)
        except _Ambiguous:
            problem = "it may mean two days. Write it as 2024-02-01, a month as 2024-02"
        except (ValueError, OverflowError):
            pass
        if period and match["edge"]:
            at = period.last if "end" in match["edge"].casefold() else period.first
            period = Period(at, at)
        relative = name in ("ago", "named", "weekday")
        dated = relative or re.search(r"\d{4}", words) is not None
        yield Moment(match.start(), match.end(), words, period, dated, relative, problem)


class _Ambiguous(ValueError):
    """A day that means two days."""


def _days(name: str, words: str, today: date) -> Period:
    """The days of a moment. Raises ValueError for days that there are not."""
    if name == "iso_day":
        at = date(*map(int, re.split("[-/]", words)))
        return Period(at, at)
    if name == "numeric_day":
        return _numeric_day(words)
    if name in ("iso_month", "numeric_month"):
        numbers = sorted(map(int, re.split("[-/]", words)), reverse=True)
        return month(numbers[0], numbers[1])
    if name in ("quarter", "year_quarter"):
        return _quarter(words, today)
    if name == "half":
        year = int(words[-4:])
        second = words.startswith(("second", "h2"))
        return _months(year, 7 if second else 1, 6)
    if name == "year":
        return Period(date(int(words), 1, 1), date(int(words), 12, 31))
    if name == "named":
        return named(words, today)
    if name == "month_day" and words[-1].isdecimal():
        _refuse_years(int(words.rsplit(maxsplit=1)[-1]), today)
    return _read(name, words, today)


def _numeric_day(words: str) -> Period:
    first, second, year = map(int, re.split("[/.]", words))
    if first <= 12 and second <= 12 and first != second and "." not in words:
        raise _Ambiguous
    day, number = (second, first) if second > 12 else (first, second)
    return Period(date(year, number, day), date(year, number, day))


def _refuse_years(number: int, today: date) -> None:
    """Raises _Ambiguous for the day in `Nov 24`, which may be a year of the record too."""
    if _FIRST_YEAR <= number + 100 * (today.year // 100) <= today.year:
        raise _Ambiguous


def _quarter(words: str, today: date) -> Period:
    year = re.search(_YEAR, words)
    rest = re.sub(_YEAR, "", words)
    digit = re.search("[1-4]", rest)
    number = int(digit.group()) if digit else _QUARTERS[rest.split()[0]]
    if year:
        return _months(int(year.group()), 3 * number - 2, 3)
    latest = _months(today.year, 3 * number - 2, 3)
    return latest if latest.first <= today else _months(today.year - 1, 3 * number - 2, 3)


def month(year: int, number: int) -> Period:
    """The days of a month. Raises ValueError where there is no such month."""
    return _months(year, number, 1)


def _months(year: int, first: int, count: int) -> Period:
    last = first + count - 1
    return Period(date(year, first, 1), date(year, last, monthrange(year, last)[1]))


def named(words: str, today: date) -> Period:
    """The days of `yesterday`, `this year`, `last month` and the like; `last` is the one before."""
    if words == "today":
        return Period(today, today)
    if words == "yesterday":
        return Period(today - timedelta(1), today - timedelta(1))
    if words in ("ytd", "year to date"):
        words = "this year"
    unit = words.split()[-1]
    inside = around(today, unit)
    if words.split()[-2] in ("last", "previous"):
        return around(inside.first - timedelta(1), unit)
    return inside


def around(day: date, unit: str) -> Period:
    """The day, week (Monday to Sunday), month, quarter or year that a day is in."""
    if unit == "day":
        return Period(day, day)
    if unit == "week":
        monday = day - timedelta(day.weekday())
        return Period(monday, monday + timedelta(6))
    if unit == "month":
        return month(day.year, day.month)
    if unit == "quarter":
        return _months(day.year, 3 * ((day.month - 1) // 3) + 1, 3)
    return Period(date(day.year, 1, 1), date(day.year, 12, 31))


def digits(word: str) -> str:
    """A number in words of two letters and more as digits; nothing for other words."""
    return str(_COUNT[word]) if word in _COUNT and len(word) > 2 else ""


def counted(words: str) -> int:
    """The number that `3`, `three` or `a` means."""
    return int(words) if words.isdecimal() else _COUNT[words]


def _read(name: str, words: str, today: date) -> Period:
    """A day or a month as people write it, read by dateparser."""
    # It takes a moment to load, and most texts name no day.
    import dateparser

    if name == "weekday":
        words = words.removeprefix("last ")
    base = today - timedelta(1) if name == "weekday" else today
    found = dateparser.parse(
        re.sub(r"\bof\b|-", " ", words),
        languages=["en"],
        settings={
            "RELATIVE_BASE": datetime(base.year, base.month, base.day),
            "PREFER_DATES_FROM": "past",
            "PREFER_DAY_OF_MONTH": "first" if name == "month" else "current",
            "DATE_ORDER": "MDY",
        },
    )
    if found is None:
        raise ValueError(f"{words!r} is no day.")
    if name == "month":
        return month(found.year, found.month)
    return Period(found.date(), found.date())
