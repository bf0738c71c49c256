"""Surprising facts about what a store holds: each a sentence with its figure and a link."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import permutations

import pandas as pd

from lib.aggregate import AggregateQuery
from lib.cubes import UNKNOWN, Grain
from lib.data import Downloads
from lib.formats import percent, value_label
from lib.packages import groups
from lib.router import NotHeld, Period
from lib.selection import Measure, Preset, Selection, View

_LEAST_SHARE = 0.0005
"""A package needs this share of all downloads to be named: smaller ones are mostly noise."""

_LEADING_MONTHS = 12

_STEADY_MONTHS = 6


@dataclass(frozen=True)
class Fact:
    """A figure, the sentence that it belongs to, and the selection that shows it."""

    figure: str
    sentence: str
    selection: Selection


def facts(found: Downloads, count: int = 3) -> tuple[Fact, ...]:
    """The first facts that the store can tell, at most `count`."""
    return tuple(fact for _, fact in zip(range(count), _tellable(found), strict=False))


def weekend_dips(daily: pd.DataFrame) -> pd.Series[float]:
    """For each package, downloads of a weekend day over those of a midweek day.

    From columns `period` (days), `project` and `downloads`; the medians of Saturdays and Sundays
    over those of Tuesdays to Thursdays.
    """
    weekday = daily["period"].dt.day_of_week
    weekend = daily[weekday >= 5].groupby("project")["downloads"].median()
    midweek = daily[weekday.between(1, 3)].groupby("project")["downloads"].median()
    ratios: pd.Series[float] = (weekend / midweek).dropna()
    return ratios


def concentration(downloads: pd.Series[int]) -> int:
    """How many of the most downloaded packages make half of all downloads."""
    cumulative = downloads.sort_values(ascending=False).cumsum()
    return int((cumulative < downloads.sum() / 2).sum()) + 1


def last_overtaking(
    monthly: pd.DataFrame, rivals: tuple[tuple[str, ...], ...]
) -> tuple[str, str, pd.Timestamp] | None:
    """The latest month from which one rival stayed ahead of a former leader, for good so far.

    From columns `period` (months), `project` and `downloads`. The former leader led for at least
    a year, and has been behind for at least half of one. Returns leader, former leader, month.
    """
    table = monthly.pivot(index="period", columns="project", values="downloads")
    found: list[tuple[pd.Timestamp, str, str]] = []
    for members in rivals:
        for one, other in permutations([name for name in members if name in table.columns], 2):
            pair = table[[one, other]].dropna()
            behind = pair.index[pair[one] <= pair[other]]
            ahead = pair.index[pair[one] > pair[other]]
            if len(behind) < _LEADING_MONTHS:
                continue
            since = ahead[ahead > behind[-1]]
            if len(since) >= _STEADY_MONTHS:
                found.append((pd.Timestamp(since[0]), one, other))
    if not found:
        return None
    month, leader, former = max(found)
    return leader, former, month


def _tellable(found: Downloads) -> Iterator[Fact]:
    tellers: tuple[Callable[[Downloads], Fact | None], ...] = (
        _overtaken,
        _weekend,
        _abroad,
        _concentrated,
        _grown,
    )
    for tell in tellers:
        try:
            fact = tell(found)
        except NotHeld:
            continue
        if fact:
            yield fact


def _overtaken(found: Downloads) -> Fact | None:
    held = found.state.held
    query = AggregateQuery(held.first, held.last, grain=Grain.MONTH, by=("project",))
    frame = found.answer(query).frame
    overtaking = last_overtaking(frame, tuple(groups().values()))
    if not overtaking:
        return None
    leader, former, month = overtaking
    return Fact(
        f"{month:%b %Y}",
        f"since then {leader} has been ahead of {former}, which led before",
        Selection((leader, former), Preset.ALL, Grain.MONTH, view=View.LOG),
    )


def _weekend(found: Downloads) -> Fact | None:
    daily = found.answer(replace(_recent(found, 90), grain=Grain.DAY, by=("project",))).frame
    dips = weekend_dips(daily[daily["project"].isin(_sizable(daily))])
    if len(dips) < 5:
        return None
    deepest, flattest = str(dips.idxmin()), str(dips.idxmax())
    return Fact(
        f"−{percent(1 - dips[deepest])}",
        f"is what {deepest} loses on a weekend day against midweek; {flattest} loses "
        f"{percent(max(0.0, 1 - dips[flattest]))}",
        Selection((deepest, flattest), Preset.QUARTER, Grain.DAY, view=View.INDEXED),
    )


def _abroad(found: Downloads) -> Fact | None:
    frame = found.answer(replace(_recent(found, 90), by=("project", "country"))).frame
    frame = frame[frame["project"].isin(_sizable(frame))]
    known = frame[frame["country"] != UNKNOWN]
    whole = known.groupby("country")["downloads"].sum().sort_values(ascending=False)
    if len(whole) < 2:
        return None
    leader = str(whole.index[0])
    table = known.pivot_table(index="project", columns="country", values="downloads", fill_value=0)
    shares = table[leader] / table.sum(axis=1)
    least = str(shares.idxmin())
    return Fact(
        percent(float(shares[least])),
        f"of {least} goes to {value_label('country', leader)}, which makes "
        f"{percent(float(whole.iloc[0] / whole.sum()))} of all downloads with a known country",
        Selection((least,), Preset.QUARTER, measure=Measure.PREFERENCE),
    )


def _concentrated(found: Downloads) -> Fact | None:
    frame = found.answer(replace(_recent(found, 30), by=("project",))).frame
    if len(frame) < 20:
        return None
    return Fact(
        str(concentration(frame["downloads"])),
        f"of the {len(frame)} packages held make half of their downloads",
        Selection(period=Preset.MONTH),
    )


def _grown(found: Downloads) -> Fact | None:
    """The package whose share of all downloads grew most in the last year held."""
    held = found.state.held
    if held.days < 700:
        return None
    last = found.answer(replace(_recent(found, 365), by=("project",))).frame
    before = Period(held.last - timedelta(days=729), held.last - timedelta(days=365))
    earlier = found.answer(AggregateQuery(before.first, before.last, by=("project",))).frame
    shares = [f.set_index("project")["downloads"] / f["downloads"].sum() for f in (earlier, last)]
    ratios = shares[1] / shares[0][shares[0] > _LEAST_SHARE]
    growth = ratios.dropna()
    if growth.empty:
        return None
    name = str(growth.idxmax())
    return Fact(
        f"×{growth[name]:.1f}",
        f"is how {name}'s share of all downloads grew in a year, more than any other's",
        Selection((name,), Preset.ALL, Grain.MONTH),
    )


def _recent(found: Downloads, days: int) -> AggregateQuery:
    """The last days held; whole months where nothing finer is held."""
    held = found.state.held
    first = max(held.first, held.last - timedelta(days=days - 1))
    if Grain.DAY not in found.state.grains:
        first = first.replace(day=1)
    return AggregateQuery(first, held.last)


def _sizable(frame: pd.DataFrame) -> list[str]:
    """The packages with enough downloads to be named."""
    sums = frame.groupby("project")["downloads"].sum()
    return list(sums[sums > sums.sum() * _LEAST_SHARE].index)
