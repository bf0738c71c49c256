"""The latest four weeks or month against the one before, of every package held."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import pandas as pd

from lib.analysis.contributions import Decomposition, decomposition
from lib.analysis.movers import Moves, moves
from lib.analysis.spans import Spans
from lib.breaks import breaks_for
from lib.cubes import Grain
from lib.data import Answer
from lib.questions.question import Asking, CannotTell
from lib.questions.telling.wording import when
from lib.router import NotHeld, Period, available_period
from lib.selection import Selection

DIMENSIONS = ("country", "python", "system", "installer", "ci", "file_type")
"""What a rise is split by. Not by version: new ones replace old ones whatever downloads do."""

MOST_LOOKED_AT = 1000
"""Of all of PyPI, the most downloaded packages alone are looked at."""

_WEEKS = 28

_LEAST_EARLIER = 180
"""How many days before are needed to say that something emerged or went quiet."""

_USUAL_MONTHS = 13
"""How many months tell how much a package usually changes from month to month."""


@dataclass(frozen=True, eq=False)
class RecentMoves:
    """What moved, the periods that are compared, and the rows that were asked of the store.

    `earlier` says whether enough was held to tell what emerged and what went quiet.
    """

    moves: Moves
    before: Period
    after: Period
    spans: Spans
    answers: tuple[Answer, ...]
    earlier: bool

    @property
    def both(self) -> Period:
        """From the first day of the period before to the last of that after."""
        return Period(self.before.first, self.after.last)


def recent_moves(asking: Asking, whole_month: bool) -> RecentMoves:
    """How each package changed up to the end of the period that is asked about.

    Raises NotHeld where nothing of the period is held by package, and CannotTell where not enough
    to compare.
    """
    selection = _packages(asking)
    query = selection.query(asking.period, by=("project",))
    daily = asking.held(replace(query, grain=Grain.DAY))
    grain = Grain.DAY if daily else Grain.MONTH
    part = daily or asking.held(query)
    if part is None:
        raise NotHeld(query, available_period(asking.found.state.coverage, query))
    after = _month_to(part) if whole_month or grain is Grain.MONTH else _days_to(part)
    before = _before(after, _is_month(after))
    spans = Spans.of(before, after, grain, breaks_for(asking.found.state.sources))
    answer = _rows(asking, selection, Period(before.first, after.last), grain)
    frame = answer.frame.rename(columns={"project": "series"})
    earlier = _earlier(asking, selection, after)
    counts = earlier.frame.set_index("project")["downloads"] if earlier else None
    complete = "files" not in asking.found.state.sources
    found = moves(frame, spans, counts, missing_is_none=complete)
    answers = (answer, *([earlier] if earlier else []))
    return RecentMoves(found, before, after, spans, answers, counts is not None)


def made_by(
    asking: Asking, found: RecentMoves, package: str
) -> tuple[Decomposition | None, tuple[Answer, ...]]:
    """What made a package's change, by the dimensions that are held; None where none is."""
    answers: dict[str, Answer] = {}
    for dimension in DIMENSIONS:
        query = Selection((package,)).query(found.both, grain=found.spans.grain, by=(dimension,))
        try:
            answer = asking.found.answer(query)
        except NotHeld:
            continue
        if not answer.clipped:
            answers[dimension] = answer
    if not answers:
        return None, ()
    frames = {dimension: answer.frame for dimension, answer in answers.items()}
    return decomposition(frames, found.spans), tuple(answers.values())


def _rows(asking: Asking, selection: Selection, both: Period, grain: Grain) -> Answer:
    """Downloads of each package in both periods; of months, those of the year before too."""
    wanted = both
    if grain is Grain.MONTH:
        first = pd.Timestamp(both.last.replace(day=1)) - pd.DateOffset(months=_USUAL_MONTHS - 1)
        wanted = Period(first.date(), both.last)
    query = selection.query(wanted, grain=grain, by=("project",))
    inside = asking.held(query)
    if inside is None or inside.overlap(both) != both:
        held = f"only {when(inside)} is held" if inside else "neither is held"
        raise CannotTell(f"{when(both)} is needed to compare its parts: {held} by package.")
    return asking.found.answer(selection.query(inside, grain=grain, by=("project",)))


def _packages(asking: Asking) -> Selection:
    if asking.found.state.packages is None:
        return Selection(asking.found.packages()[:MOST_LOOKED_AT])
    return Selection()


def _days_to(part: Period) -> Period:
    return Period(part.last - timedelta(days=_WEEKS - 1), part.last)


def _month_to(part: Period) -> Period:
    """The last whole month up to the last day of `part`."""
    after = part.last + timedelta(days=1)
    last = after.replace(day=1) - timedelta(days=1)
    return Period(last.replace(day=1), last)


def _is_month(period: Period) -> bool:
    return period.first.day == 1 and (period.last + timedelta(days=1)).day == 1


def _before(after: Period, month: bool) -> Period:
    last = after.first - timedelta(days=1)
    return Period(last.replace(day=1) if month else last - timedelta(days=_WEEKS - 1), last)


def _earlier(asking: Asking, selection: Selection, after: Period) -> Answer | None:
    """Downloads of each package in the year before, or None where too little of it is held."""
    last = after.first - timedelta(days=1)
    year = Period((pd.Timestamp(after.first) - pd.DateOffset(years=1)).date(), last)
    query = selection.query(year, by=("project",))
    inside = asking.held(query)
    if inside is None or inside.days < _LEAST_EARLIER or inside.last < last:
        return None
    return asking.found.answer(selection.query(inside, by=("project",)))
