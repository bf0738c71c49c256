"""The latest month or four weeks and the one before, and what made a change between them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import pandas as pd

from lib.analysis.contributions import Decomposition, decomposition
from lib.analysis.spans import Spans
from lib.breaks import as_levels, breaks_for
from lib.cubes import Grain
from lib.data import Answer
from lib.periods import months_before, whole_months
from lib.questions.question import Asking, CannotTell
from lib.questions.telling.wording import when
from lib.router import NotHeld, Period, available_period
from lib.selection import Selection

DIMENSIONS = ("country", "python", "system", "installer", "ci", "file_type")
"""What a change is split by. Not by version: new ones replace old ones whatever downloads do."""

_WEEKS = 28

_USUAL_MONTHS = 13
"""How many months tell how much a package usually changes from month to month."""


@dataclass(frozen=True, eq=False)
class Compared:
    """The periods that are compared, and which of their days or months can be."""

    before: Period
    after: Period
    spans: Spans

    @property
    def both(self) -> Period:
        """From the first day of the period before to the last of that after."""
        return Period(self.before.first, self.after.last)


def compared(asking: Asking, selection: Selection, whole_month: bool) -> Compared:
    """The last whole month, or 28 days, up to the end of the period asked about, and that before.

    Months where days are not held by package. Raises NotHeld where nothing of the period is.
    """
    query = selection.query(asking.period, by=("project",))
    daily = asking.held(replace(query, grain=Grain.DAY))
    grain = Grain.DAY if daily else Grain.MONTH
    part = daily or asking.held(query)
    if part is None:
        raise NotHeld(query, available_period(asking.found.state.coverage, query))
    after = _month_to(part) if whole_month or grain is Grain.MONTH else _days_to(part)
    before = months_before(after) if whole_months(after) else _days_to_eve(after)
    filtered = {condition.dimension for condition in selection.conditions()}
    breaks = as_levels(breaks_for(asking.found.state.sources), filtered)
    return Compared(before, after, Spans.of(before, after, grain, breaks))


def rows_of(asking: Asking, selection: Selection, found: Compared, *by: str) -> Answer:
    """Downloads in both periods, split by `by`; of months, those of the year before too.

    Raises CannotTell where not all of both is held.
    """
    both, grain = found.both, found.spans.grain
    wanted = both
    if grain is Grain.MONTH:
        first = pd.Timestamp(both.last.replace(day=1)) - pd.DateOffset(months=_USUAL_MONTHS - 1)
        wanted = Period(min(first.date(), both.first), both.last)
    inside = asking.held(selection.query(wanted, grain=grain, by=by))
    if inside is None or inside.overlap(both) != both:
        held = f"only {when(inside)} is held" if inside else "neither is held"
        raise CannotTell(f"{when(both)} is needed to compare its parts: {held} by package.")
    return asking.found.answer(selection.query(inside, grain=grain, by=by))


def made_by(
    asking: Asking, found: Compared, package: str
) -> tuple[Decomposition | None, tuple[Answer, ...]]:
    """What made a package's change, by the dimensions that are held; None where none is.

    Under the filters asked for, and not by a dimension that is filtered.
    """
    selection = replace(asking.selection, packages=(package,))
    answers: dict[str, Answer] = {}
    for dimension in DIMENSIONS:
        if selection.values(dimension):
            continue
        query = selection.query(found.both, grain=found.spans.grain, by=(dimension,))
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


def _days_to(part: Period) -> Period:
    return Period(part.last - timedelta(days=_WEEKS - 1), part.last)


def _days_to_eve(after: Period) -> Period:
    """As many days right before."""
    return Period(after.first - timedelta(days=after.days), after.first - timedelta(days=1))


def _month_to(part: Period) -> Period:
    """The last whole month up to the last day of `part`."""
    after = part.last + timedelta(days=1)
    last = after.replace(day=1) - timedelta(days=1)
    return Period(last.replace(day=1), last)
