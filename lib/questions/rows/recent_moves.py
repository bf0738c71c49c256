"""The latest four weeks or month against the one before, of every package held."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pandas as pd

from lib.analysis.movers import Moves, moves
from lib.data import Answer
from lib.questions.question import Asking
from lib.questions.rows.compared import Compared, compared, rows_of
from lib.router import Period
from lib.selection import Selection

MOST_LOOKED_AT = 1000
"""Of all of PyPI, the most downloaded packages alone are looked at."""

_LEAST_EARLIER = 180
"""How many days before are needed to say that something emerged or went quiet."""


@dataclass(frozen=True, eq=False)
class RecentMoves(Compared):
    """What moved between the periods that are compared, and the rows asked of the store.

    `earlier` says whether enough was held to tell what emerged and what went quiet.
    """

    moves: Moves
    answers: tuple[Answer, ...]
    earlier: bool


def recent_moves(asking: Asking, whole_month: bool) -> RecentMoves:
    """How each package changed up to the end of the period that is asked about.

    Raises NotHeld where nothing of the period is held by package, and CannotTell where not enough
    to compare.
    """
    selection = packages_looked_at(asking)
    return moves_between(asking, selection, compared(asking, selection, whole_month))


def moves_between(asking: Asking, selection: Selection, both: Compared) -> RecentMoves:
    """How each package of a selection changed from one period to another.

    Raises CannotTell where not all of both is held.
    """
    answer = rows_of(asking, selection, both, "project")
    frame = answer.frame.rename(columns={"project": "series"})
    earlier = _earlier(asking, selection, both.after)
    counts = earlier.frame.set_index("project")["downloads"] if earlier else None
    complete = "files" not in asking.found.state.sources
    found = moves(frame, both.spans, counts, missing_is_none=complete)
    answers = (answer, *([earlier] if earlier else []))
    return RecentMoves(both.before, both.after, both.spans, found, answers, counts is not None)


def packages_looked_at(asking: Asking) -> Selection:
    """All packages held, or the most downloaded of all of PyPI."""
    if asking.found.state.packages is None:
        return Selection(asking.found.packages()[:MOST_LOOKED_AT])
    return Selection()


def _earlier(asking: Asking, selection: Selection, after: Period) -> Answer | None:
    """Downloads of each package in the year before, or None where too little of it is held."""
    last = after.first - timedelta(days=1)
    year = Period((pd.Timestamp(after.first) - pd.DateOffset(years=1)).date(), last)
    query = selection.query(year, by=("project",))
    inside = asking.held(query)
    if inside is None or inside.days < _LEAST_EARLIER or inside.last < last:
        return None
    return asking.found.answer(selection.query(inside, by=("project",)))
