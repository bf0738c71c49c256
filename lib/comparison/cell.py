"""A cell of the comparison: one measure of one package, with its interval and its days."""

from __future__ import annotations

from dataclasses import dataclass

from lib.formats import NOT_KNOWN
from lib.router import Period


@dataclass(frozen=True)
class Cell:
    """What is told of a package by one measure.

    `text` is what a reader sees; `value`, `low` and `high` are the number and the ends of its 95 %
    interval, None where there is none; `period` the days that it is about. Where nothing can be
    told, `text` is a dash and `why_not` says why.
    """

    text: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    period: Period | None = None
    why_not: str = ""


def untold(why_not: str) -> Cell:
    """A cell of which nothing can be told."""
    return Cell(NOT_KNOWN, why_not=why_not)
