"""What the texts in a file mean: days and months, package names, and classes of a dimension."""

from __future__ import annotations

import re
from datetime import date, timedelta

from lib.aggregate import REST
from lib.cubes import UNKNOWN, Grain
from lib.packages import normalized
from lib.router import first_of_next_month

FIRST_DAY_ON_RECORD = date(2016, 1, 1)

_MISSING = frozenset({"", "none", "null", "nan", UNKNOWN})

_DAY = re.compile(
    r"(\d{4}-\d{2}-\d{2})"
    r"(?:[ T]00:00(?::00(?:\.0+)?)?(?: ?(?:UTC|Z|[+]00(?::?00)?))?)?",
    re.ASCII,
)

_MONTH = re.compile(r"\d{4}-\d{2}", re.ASCII)

_MINOR = re.compile(r"\d+\.\d+", re.ASCII)

_COUNTRY = re.compile(r"[A-Z][A-Z0-9]", re.ASCII)

_LONGEST_SHOWN = 40

_LONGEST_VALUE = 100


def shown(text: str) -> str:
    """A text of a file as a message quotes it: escaped, and cut where it is long."""
    if len(text) > _LONGEST_SHOWN:
        return repr(text[:_LONGEST_SHOWN]) + "…"
    return repr(text)


def period_start(text: str, grain: Grain, today: date) -> date:
    """The day, or the first day of the month, that `text` names.

    Raises ValueError for any other text, for a time of day other than midnight, and for a
    period before the public record or not over by the start of `today`.
    """
    if grain is Grain.MONTH:
        start, end = _month(text.strip())
    else:
        start = end = _day(text.strip(), f"{shown(text)} is not a day such as 2026-01-31")
    if start < FIRST_DAY_ON_RECORD:
        raise ValueError(f"{start} is before {FIRST_DAY_ON_RECORD}, where the record begins")
    if start > today:
        raise ValueError(f"{start} is in the future")
    if end >= today:
        raise ValueError(f"the {grain} {start} is not over yet, so its count is not whole")
    return start


def _month(text: str) -> tuple[date, date]:
    """The first and the last day of a month."""
    if _MONTH.fullmatch(text):
        text += "-01"
    start = _day(text, f"{shown(text)} is not a month such as 2026-01")
    if start.day != 1:
        raise ValueError(f"{start} is not the first day of a month")
    return start, first_of_next_month(start) - timedelta(days=1)


def _day(text: str, otherwise: str) -> date:
    match = _DAY.fullmatch(text)
    if not match:
        raise ValueError(otherwise)
    try:
        return date.fromisoformat(match[1])
    except ValueError:
        raise ValueError(otherwise) from None


def package(text: str) -> str:
    """The package that `text` names. Raises ValueError where it is no name."""
    if not text.strip():
        raise ValueError("it is empty")
    try:
        return normalized(text)
    except ValueError:
        raise ValueError(f"{shown(text)} is not a package name") from None


def class_of(dimension: str, text: str) -> tuple[str, str]:
    """The text that tells rows apart, and the class that it is counted in.

    They differ where the dimension groups values, as Python versions are cut to the minor one:
    rows of 3.12.1 and 3.12.4 are no duplicates, and add up. Raises ValueError for a text that
    no value of the dimension could be.
    """
    text = text.strip()
    if text.lower() in _MISSING:
        return "", UNKNOWN
    if len(text) > _LONGEST_VALUE or not text.isprintable():
        raise ValueError(
            f"{shown(text)} has more than {_LONGEST_VALUE} characters, or unprintable ones"
        )
    if text == REST:
        raise ValueError(f"{shown(text)} is what figures call the values outside the top")
    if dimension == "python":
        minor = _MINOR.match(text)
        return text, minor[0] if minor else UNKNOWN
    if dimension == "ci":
        return _flag(text)
    if dimension == "country":
        return (_country(text),) * 2
    return text, text


def _flag(text: str) -> tuple[str, str]:
    """Only what says that it is CI counts as such: PyPI records no other value for sure."""
    flag = text.lower()
    if flag not in {"true", "false"}:
        raise ValueError(f"{shown(text)} is not true or false")
    return flag, flag if flag == "true" else UNKNOWN


def _country(text: str) -> str:
    code = text.upper()
    if not _COUNTRY.fullmatch(code):
        raise ValueError(f"{shown(text)} is not a two-letter country code")
    return code
