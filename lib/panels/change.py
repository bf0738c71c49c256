"""The change of a total against the period before, and what forbids telling it."""

from __future__ import annotations

from dataclasses import dataclass

from lib.breaks import separating
from lib.data import Downloads
from lib.formats import day
from lib.router import NotHeld, Period
from lib.selection import Selection


@dataclass(frozen=True)
class Change:
    """How a total compares with the period of the same length before.

    `ratio` is the relative change, None where it cannot be told; then `why_not` says why in a few
    words, and `explanation` at length.
    """

    ratio: float | None
    before: Period
    why_not: str = ""
    explanation: str = ""


def change(found: Downloads, selection: Selection, period: Period, total: int) -> Change:
    """The change of `total` against the period before, unless a break lies between."""
    before = found.previous(period, selection.packages)
    return change_from(found, selection, before, period, total)


def change_from(
    found: Downloads, selection: Selection, before: Period, period: Period, total: int
) -> Change:
    """The change of `total` against an earlier period, unless a break lies between."""
    broken = separating(period, before, found.state.sources)
    if broken:
        return Change(
            None,
            before,
            "change not comparable",
            f"No change is shown: a break in the record lies between this period and the one "
            f"before. {day(broken.first)}: {broken.title}. {broken.effect}",
        )
    try:
        previous = found.total(selection, before)
    except NotHeld:
        return Change(None, before, "nothing held before")
    if not previous:
        return Change(None, before, "none before")
    return Change(total / previous - 1, before)
