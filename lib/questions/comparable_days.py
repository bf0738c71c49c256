"""The days of a question's period that a statistic may use: counted alike, and without a gap."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pandas as pd

from lib.aggregate import AggregateQuery
from lib.analysis.comparable import UNUSABLE, stretches
from lib.analysis.preference import FEWEST_PERIODS
from lib.breaks import breaks_for
from lib.cubes import Grain
from lib.periods import ends_of, period_starts
from lib.questions.question import Asking, CannotTell
from lib.questions.wording import when
from lib.router import NotHeld, Period, available_period


@dataclass(frozen=True)
class ComparableDays:
    """Days in a row that are counted alike, and the grain at which they are held.

    `caveat` says what of the period asked for is left out and why, or nothing.
    """

    period: Period
    grain: Grain
    caveat: str


def comparable_days(asking: Asking, query: AggregateQuery, *splits: str) -> ComparableDays:
    """The latest days of a query's period in which downloads by `splits` are counted alike.

    They have no gap, and are enough for an interval where some are: four weeks, or a year of
    months where days are not held; failing that they are the longest such days. Raises NotHeld
    where nothing of the period is held by the dimensions of the query, and CannotTell where no
    day of it is usable.
    """
    wanted = Period(query.first, query.last)
    coverage = asking.found.state.coverage
    for grain in (Grain.DAY, Grain.MONTH):
        part = available_period(coverage, _at(query, grain))
        inside = part.overlap(wanted) if part else None
        if inside:
            found = latest_run(inside, grain, asking.found.state.sources, splits)
            return ComparableDays(found, grain, _caveat(asking, wanted, found, splits))
    raise NotHeld(query, available_period(coverage, _at(query, Grain.MONTH)))


def latest_run(
    period: Period, grain: Grain, sources: tuple[str, ...], splits: tuple[str, ...]
) -> Period:
    """The latest run of usable periods of one stretch that is long enough, or the longest.

    Raises CannotTell where no period is usable.
    """
    whole = period_starts(period, grain)
    starts = pd.DatetimeIndex(whole.index[~whole.to_numpy()])
    marks = stretches(starts, grain, breaks_for(sources), splits).to_numpy()
    run = np.cumsum(np.append(True, marks[1:] != marks[:-1])) if len(marks) else marks
    runs = pd.Series(run[marks != UNUSABLE]).value_counts()
    if runs.empty:
        raise CannotTell(f"No whole {grain} of {when(period)} is without a gap in the record.")
    enough = runs[runs >= min(FEWEST_PERIODS[grain], runs.max())]
    chosen = starts[run == enough.index.max()]
    after = ends_of(chosen, grain)[-1]
    return Period(chosen[0].date(), after.date() - timedelta(days=1))


def _at(query: AggregateQuery, grain: Grain) -> AggregateQuery:
    return AggregateQuery(query.first, query.last, grain, query.by, query.where)


def _caveat(asking: Asking, wanted: Period, found: Period, splits: tuple[str, ...]) -> str:
    if found == wanted:
        return ""
    titles = [each.title for each in asking.breaks(wanted, *splits)]
    why = f"the record changed ({'; '.join(titles)})" if titles else "more is not held"
    return f"Only {when(found)} is looked at, of {when(wanted)}: {why}."
