"""A race of packages over months: who stands where in each, who leads, and beside which breaks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

import numpy as np
import pandas as pd

from lib.analysis.standing import leaders, reigns
from lib.breaks import Break
from lib.cubes import Grain
from lib.periods import ends_of
from lib.router import Period

_LEAST_DAYS = 7
"""A month or week of which fewer days are asked about is left out: weekends would weigh on it."""


def a_day(frame: pd.DataFrame, period: Period, grain: Grain = Grain.MONTH) -> pd.DataFrame:
    """`frame` (`period`, `downloads`, …) with `value`: downloads a day of each month or week.

    Of one that `period` cuts, only the days within it are counted; with fewer than seven of them
    it is left out.
    """
    starts = pd.DatetimeIndex(frame["period"])
    first = np.maximum(starts.to_numpy(), np.datetime64(period.first))
    after = np.minimum(
        ends_of(starts, grain).to_numpy(), np.datetime64(period.last + timedelta(days=1))
    )
    days = (after - first) / np.timedelta64(1, "D")
    counted = frame.assign(value=frame["downloads"].to_numpy() / days)
    counted = counted[days >= _LEAST_DAYS]
    return counted.reset_index(drop=True)


def standings(frame: pd.DataFrame, places: int) -> pd.DataFrame:
    """The first `places` of each period: `period`, `project`, `value`, `rank` (from 1, no ties).

    From columns `period`, `project`, `value`. Equals stand in the order of their names.
    """
    ordered = frame.sort_values(["period", "value", "project"], ascending=[True, False, True])
    ranked = ordered.assign(rank=ordered.groupby("period").cumcount() + 1)
    shown = ranked[(ranked["rank"] <= places) & (ranked["value"] > 0)]
    return shown[["period", "project", "value", "rank"]].reset_index(drop=True)


def thinned(starts: pd.DatetimeIndex, most: int) -> pd.DatetimeIndex:
    """The periods, or every second, third, … of them so that at most `most` are left.

    The last one is always among them.
    """
    step = max(-(-len(starts) // most), 1)
    return starts[(len(starts) - 1) % step :: step]


def beside_breaks(
    starts: pd.DatetimeIndex, period: Period, breaks: Iterable[Break]
) -> Mapping[pd.Timestamp, tuple[str, ...]]:
    """The months in which the record changes or has a gap, each with the titles of its breaks.

    Of a month that `period` cuts, only the days within it count. A break that ends is told again
    in the month of its end, unless another begins there.
    """
    found = tuple(breaks)
    told: dict[pd.Timestamp, tuple[str, ...]] = {}
    for start, after in zip(starts, ends_of(starts, Grain.MONTH), strict=True):
        days = _days(start, after, period)
        begun = tuple(each.title for each in found if _begins_in(each, days))
        ended = tuple(f"End of: {each.title}" for each in found if _ends_in(each, days))
        if begun or ended:
            told[start] = begun or ended
    return told


def reigns_beside(frame: pd.DataFrame, period: Period, breaks: Iterable[Break]) -> pd.DataFrame:
    """Who led from when to when, and which changes of the lead the record itself may have made.

    From columns `period` (months), `project` and `value`. Columns of `reigns`, and `beside`:
    whether a break begins, ends or lies in the days of `period` from the last month of the leader
    before to the first of this one. Levels are compared within a month alone, never between two.
    """
    found = tuple(breaks)
    table = reigns(leaders(frame, "value"))
    last = table["last"].shift()
    after = ends_of(pd.DatetimeIndex(table["first"]), Grain.MONTH)
    beside = [
        not pd.isna(start) and _any_in(found, _days(start, end, period))
        for start, end in zip(last, after, strict=True)
    ]
    return table.assign(beside=beside)


def _days(start: pd.Timestamp, after: pd.Timestamp, period: Period) -> Period:
    """The days from `start` to before `after`, as far as they lie within a period."""
    last = after.date() - timedelta(days=1)
    return Period(max(start.date(), period.first), min(last, period.last))


def _any_in(breaks: Iterable[Break], days: Period) -> bool:
    return any(_begins_in(each, days) or _ends_in(each, days) for each in breaks)


def _begins_in(each: Break, days: Period) -> bool:
    """Whether the record changes within the days, or a gap lies in them."""
    if each.kind == "gap":
        return Period(each.first, each.last or each.first).overlap(days) is not None
    return days.first <= each.first <= days.last


def _ends_in(each: Break, days: Period) -> bool:
    """Whether the first day after a change that ended lies within the days."""
    if each.kind in {"gap", "start"} or each.last in {None, each.first}:
        return False
    return days.first <= (each.last or each.first) + timedelta(days=1) <= days.last
