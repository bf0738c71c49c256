"""The flow of ranks: who stood where in each week or month up to the end of a period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import pandas as pd

from lib.aggregate import REST
from lib.analysis.race import a_day, standings, thinned
from lib.cubes import UNKNOWN, Grain
from lib.data import Answer
from lib.periods import whole_months
from lib.rankings.scope import KEPT, WEEK, Scope
from lib.router import NotHeld, Period, available_period

PLACES = 12

_WEEKS = 13

_MONTHS = 13

_LONG = 100
"""A period of more days is told by months."""

_MOST_COLUMNS = 60


@dataclass(frozen=True, eq=False)
class Flow:
    """The first `PLACES` of each week or month: `period`, `project`, `value`, `rank`, `share`.

    `value` is downloads a day, `share` of all that are ranked in that week or month. `answer` has
    the rows, and `every` says whether every week or month is among them.
    """

    frame: pd.DataFrame
    grain: Grain
    answer: Answer
    every: bool

    @property
    def starts(self) -> pd.DatetimeIndex:
        """The weeks or months, in their order."""
        return pd.DatetimeIndex(self.frame["period"].drop_duplicates())


@lru_cache(maxsize=KEPT)
def flow(scope: Scope) -> Flow:
    """The flow of a scope: of a short period the weeks of a quarter to its end, else months.

    A month of which fewer than seven days are held, and a week of which a day is not, is left out.
    Raises NotHeld where nothing is held by these.
    """
    grain, window = _window(scope)
    query = scope.selection.query(window, grain=grain, by=("project",), top=scope.most)
    answer = scope.found.answer(query)
    counted = a_day(answer.frame, answer.period, grain)
    whole = counted.groupby("period")["value"].sum()
    named = counted[~counted["project"].isin([REST, UNKNOWN])]
    found = standings(named, PLACES)
    shown = thinned(pd.DatetimeIndex(found["period"].drop_duplicates()), _MOST_COLUMNS)
    every = len(shown) == found["period"].nunique()
    found = found[found["period"].isin(shown)].reset_index(drop=True)
    found["share"] = found["value"] / found["period"].map(whole)
    return Flow(found, grain, answer, every)


def _window(scope: Scope) -> tuple[Grain, Period]:
    """Weeks or months, and the days that are asked about: at least a quarter or a year."""
    period = scope.period
    if scope.grain is Grain.MONTH or whole_months(period) or period.days > _LONG:
        grain, first = Grain.MONTH, _months_back(period.last)
    else:
        grain, first = Grain.WEEK, period.last - timedelta(days=_WEEKS * WEEK - 1)
    wanted = Period(min(first, period.first), period.last)
    query = scope.selection.query(wanted, grain=grain, by=("project",), top=scope.most)
    part = available_period(scope.found.state.coverage, query)
    inside = part.overlap(wanted) if part else None
    if inside is None:
        raise NotHeld(query, part)
    return grain, inside


def _months_back(last: date) -> date:
    """The first day of the first month of a year and a month to a day."""
    return (pd.Timestamp(last.replace(day=1)) - pd.DateOffset(months=_MONTHS - 1)).date()
