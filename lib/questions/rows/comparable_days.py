"""The days of a question's period that a statistic may use: counted alike, and without a gap."""

from __future__ import annotations

from dataclasses import dataclass, replace
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
from lib.questions.telling.wording import when
from lib.router import NotHeld, Period, available_period
from lib.selection import Selection


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
    for grain in (Grain.DAY, Grain.MONTH):
        inside = asking.held(replace(query, grain=grain))
        if inside:
            found = latest_run(inside, grain, asking.found.state.sources, splits)
            return ComparableDays(found, grain, _caveat(asking, wanted, found, splits))
    by_month = replace(query, grain=Grain.MONTH)
    raise NotHeld(query, available_period(asking.found.state.coverage, by_month))


def held_by_country(asking: Asking, package: str, period: Period) -> bool:
    """Whether some of a period is held of a package by country."""
    return asking.held(Selection((package,)).query(period, by=("country",))) is not None


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


def _caveat(asking: Asking, wanted: Period, found: Period, splits: tuple[str, ...]) -> str:
    if found == wanted:
        return ""
    titles = [each.title for each in asking.breaks(wanted, *splits)]
    why = f"the record changed ({'; '.join(titles)})" if titles else "more is not held"
    return f"Only {when(found)} is looked at, of {when(wanted)}: {why}."
