"""Steady giants: the largest packages, by how little they vary."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import pandas as pd

from lib.analysis.comparable import with_stretches
from lib.analysis.growth import FEWEST, daily_means, growth_many, mean_grain
from lib.analysis.steadiness import steadiness
from lib.cubes import Grain
from lib.data import Answer
from lib.formats import day
from lib.questions.question import CannotTell
from lib.questions.telling.wording import counted
from lib.rankings.listing import listing
from lib.rankings.scope import KEPT, Scope
from lib.router import NotHeld, Period, available_period

GIANTS = 50
"""How many of the most downloaded are looked at."""

SHOWN = 20
"""How many of them are called steady: those that vary least."""


@dataclass(frozen=True, eq=False)
class Steady:
    """The giants that vary least over the weeks or months looked at, the steadiest first.

    That is the one whose interval ends lowest: of few weeks, some seem steady by chance. `frame`
    has the columns `project`, `rank`, `a_day`, `share` of the list, `deviation` with its interval
    `low` and `high` (`steadiness`), `growth` a year with `growth_low` and `growth_high`, and
    `trend`: whether that is sure among so many.
    """

    frame: pd.DataFrame
    giants: int
    grain: Grain
    points: int
    period: Period
    answer: Answer


@lru_cache(maxsize=KEPT)
def steady(scope: Scope) -> Steady:
    """The steady giants of a scope, over at most a year to its end, counted alike throughout.

    Raises NotHeld where nothing is held, and CannotTell where too few weeks are counted alike.
    """
    giants = listing(scope).frame.head(GIANTS)
    names = tuple(giants["project"])
    answer = _rows(scope, names)
    grain = mean_grain(scope.grain)
    marked = with_stretches(answer.frame, scope.grain, scope.breaks)
    table = daily_means(marked, scope.grain).dropna(how="all") if len(marked) else pd.DataFrame()
    if len(table) < FEWEST[grain]:
        since = f" since {day(pd.Timestamp(table.index[0]).date())}" if len(table) else ""
        raise CannotTell(
            f"Steadiness needs {FEWEST[grain]} whole {grain}s that are counted alike: "
            f"{counted(len(table), str(grain))} are{since}."
        )
    found = steadiness(table).sort_values("high", kind="stable").head(SHOWN)
    found = found.merge(_growth(table[list(found["series"])], grain), on="series")
    frame = found.rename(columns={"series": "project"}).merge(
        giants[["project", "rank", "a_day", "share"]], on="project"
    )
    first = pd.Timestamp(table.index[0]).date()
    return Steady(frame, len(giants), grain, len(table), Period(first, answer.period.last), answer)


def _rows(scope: Scope, names: tuple[str, ...]) -> Answer:
    """Downloads of the giants by day or month in the year to the end of the period."""
    last = scope.period.last
    first = (pd.Timestamp(last) - pd.DateOffset(years=1) + pd.DateOffset(days=1)).date()
    selection = replace(scope.selection, packages=names)
    wanted = Period(first, last)
    query = selection.query(wanted, grain=scope.grain, by=("project",))
    part = available_period(scope.found.state.coverage, query)
    inside = part.overlap(wanted) if part else None
    if inside is None:
        raise NotHeld(query, part)
    return scope.found.over_time(selection, inside, scope.grain)


def _growth(table: pd.DataFrame, grain: Grain) -> pd.DataFrame:
    """The growth a year of each series: `growth`, `growth_low`, `growth_high` and `trend`."""
    grown = growth_many(table, grain)
    return pd.DataFrame(
        {
            "series": grown["series"],
            "growth": grown["rate"],
            "growth_low": grown["low"],
            "growth_high": grown["high"],
            "trend": grown["found"],
        }
    )
