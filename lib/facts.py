"""Surprising facts about what a store holds: each a sentence with its figure and a link."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

import pandas as pd

from lib.aggregate import AggregateQuery, Filter
from lib.cubes import UNKNOWN, Grain
from lib.data import Answer, Downloads
from lib.formats import percent, value_label
from lib.packages import groups
from lib.router import NotHeld, Period
from lib.selection import Measure, Preset, Selection, View

_LEAST_SHARE = 0.0005
"""A package needs this share of all downloads to be named: smaller ones are mostly noise."""

_YEAR = 365

_LEADING_MONTHS = 12

_STEADY_MONTHS = 6

_FOUR_WEEKS = 28

_ELSEWHERE = 0.95
"""A package is at home elsewhere with less than this part of the usual share of the leader."""

_MOST_LOOKED_AT = 200


@dataclass(frozen=True)
class Fact:
    """A figure under a title, the sentence that it begins, its days, and what shows it."""

    title: str
    figure: str
    sentence: str
    period: Period
    selection: Selection


@dataclass(frozen=True)
class LeadChange:
    """From `month` on `leader` has had the most downloads of a group, which `former` had before."""

    month: pd.Timestamp
    group: str
    leader: str
    former: str


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


def last_lead_change(
    monthly: pd.DataFrame, rivals: Mapping[str, tuple[str, ...]]
) -> LeadChange | None:
    """The latest month from which a group of rivals has had another leader, for good so far.

    From columns `period` (months), `project` and `downloads`. The former leader led for at least
    a year, and the new one has for at least half of one.
    """
    table = monthly.pivot(index="period", columns="project", values="downloads")
    found: list[LeadChange] = []
    for group, members in rivals.items():
        held = [name for name in members if name in table.columns]
        if len(held) < 2:
            continue
        leaders = table[held].dropna(how="all").idxmax(axis=1)
        leader = str(leaders.iloc[-1])
        others = leaders[leaders != leader]
        since = leaders.index[leaders.index > others.index[-1]] if len(others) else []
        if len(since) >= _STEADY_MONTHS:
            former, months = others.value_counts().index[0], int(others.value_counts().iloc[0])
            if months >= _LEADING_MONTHS:
                found.append(LeadChange(pd.Timestamp(since[0]), group, leader, str(former)))
    return max(found, key=lambda change: change.month, default=None)


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
    held = found.held()
    members = tuple(sorted({name for group in groups().values() for name in group}))
    rivals = (Filter("project", members),) if found.state.packages is None else ()
    answer = found.answer(AggregateQuery(held.first, held.last, Grain.MONTH, ("project",), rivals))
    changed = last_lead_change(answer.frame, groups())
    if not changed:
        return None
    return Fact(
        f"{changed.leader} overtook {changed.former}",
        f"{changed.month:%b %Y}",
        f"Since that month {changed.leader} has led the group “{changed.group}”, which "
        f"{changed.former} led before",
        answer.period,
        Selection((changed.leader, changed.former), Preset.ALL, Grain.MONTH, view=View.LOG),
    )


def _weekend(found: Downloads) -> Fact | None:
    daily = _recent(found, 90, "project", grain=Grain.DAY)
    dips = weekend_dips(daily.frame[daily.frame["project"].isin(_sizable(daily.frame))])
    if len(dips) < 5 or daily.period.days < _FOUR_WEEKS:
        return None
    deepest, flattest = str(dips.idxmin()), str(dips.idxmax())
    return Fact(
        "Weekends differ",
        f"−{percent(1 - dips[deepest])}",
        f"On a weekend day {deepest} is downloaded that much less than midweek, {flattest} only "
        f"{percent(max(0.0, 1 - dips[flattest]))} less",
        daily.period,
        Selection((deepest, flattest), Preset.QUARTER, Grain.DAY, view=View.INDEXED),
    )


def _abroad(found: Downloads) -> Fact | None:
    answer = _recent(found, 90, "project", "country")
    frame = answer.frame[answer.frame["project"].isin(_sizable(answer.frame))]
    known = frame[frame["country"] != UNKNOWN]
    world = _recent(found, 90, "country").frame.set_index("country")["downloads"]
    whole = world.drop(UNKNOWN, errors="ignore").sort_values(ascending=False)
    if len(whole) < 2:
        return None
    leader = str(whole.index[0])
    table = known.pivot_table(index="project", columns="country", values="downloads", fill_value=0)
    shares = table[leader] / table.sum(axis=1)
    least = str(shares.idxmin())
    if shares[least] > _ELSEWHERE * whole.iloc[0] / whole.sum():
        return None
    return Fact(
        f"{least} is at home elsewhere",
        percent(float(shares[least])),
        f"That part of {least}'s downloads comes from {value_label('country', leader)}, against "
        f"{percent(float(whole.iloc[0] / whole.sum()))} of all downloads with a known country",
        answer.period,
        Selection((least,), Preset.QUARTER, measure=Measure.PREFERENCE),
    )


def _concentrated(found: Downloads) -> Fact | None:
    if found.state.packages is None:
        return None
    answer = _recent(found, 30, "project")
    if len(answer.frame) < 20:
        return None
    return Fact(
        "Few make most",
        f"{concentration(answer.frame['downloads'])} packages",
        f"Half of the downloads of the {len(answer.frame)} packages held go to these few",
        answer.period,
        Selection(period=Preset.MONTH),
    )


def _grown(found: Downloads) -> Fact | None:
    """The package whose share of all downloads grew most in the last year held.

    A share, for levels of two years are not comparable across a break; a share nearly is.
    """
    if found.held().days < 2 * _YEAR or found.state.packages is None:
        return None
    last = _recent(found, _YEAR, "project")
    before = found.previous(last.period)
    earlier = found.answer(AggregateQuery(before.first, before.last, by=("project",)))
    if earlier.clipped:
        return None
    shares = [
        answer.frame.set_index("project")["downloads"] / answer.frame["downloads"].sum()
        for answer in (earlier, last)
    ]
    growth = (shares[1] / shares[0][shares[0] > _LEAST_SHARE]).dropna()
    if growth.empty:
        return None
    name = str(growth.idxmax())
    return Fact(
        f"{name} grew most",
        f"×{growth[name]:.1f}",
        "Its share of all downloads held grew that much on the year before, more than any other's",
        last.period,
        Selection((name,), Preset.ALL, Grain.MONTH),
    )


def _recent(found: Downloads, days: int, *by: str, grain: Grain | None = None) -> Answer:
    """The last days in which all packages are held; whole months where nothing finer is.

    By package, of all of PyPI only the most downloaded: the others are too many to look at.
    """
    held = found.held()
    first = max(held.first, held.last - timedelta(days=days - 1))
    if Grain.DAY not in found.grains():
        first = first.replace(day=1)
    most = (Filter("project", found.packages()[:_MOST_LOOKED_AT]),)
    where = most if found.state.packages is None and "project" in by else ()
    return found.answer(AggregateQuery(first, held.last, grain, by, where))


def _sizable(frame: pd.DataFrame) -> list[str]:
    """The packages with enough downloads to be named."""
    sums = frame.groupby("project")["downloads"].sum()
    return list(sums[sums > sums.sum() * _LEAST_SHARE].index)
