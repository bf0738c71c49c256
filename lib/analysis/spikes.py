"""Spikes: runs of days far above a robust seasonal baseline, and how far above it they were."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lib.analysis.comparable import UNUSABLE
from lib.analysis.daily import daily_table
from lib.analysis.deviation import robust_deviation, robust_freedom
from lib.analysis.resampling import WEEK
from lib.analysis.seasonality import weekday_factors

FEWEST_DAYS = 56
"""The fewest usable days of a stretch in which spikes are looked for."""

LONGEST_DAYS = 42
"""The most days that a spike is sure to be seen for: what lasts longer becomes a level."""

LEAST_HEIGHT = 1.5
"""How many times its baseline a day of a spike has at least: less can be sure, yet no spike."""

_WINDOW = 2 * LONGEST_DAYS + WEEK
_FALSE_ALARMS = 0.02
"""What share of series may have a spike by chance alone, were factors and medians not estimated
too: with that it is 3 to 6 %, by simulation of 60 to 730 days.
"""

_STILL = 0.005
_OPEN_DAYS = WEEK
"""The most days of a run that still goes on: a longer one may be a new level."""

_LEVEL = 0.95


@dataclass(frozen=True)
class Spike:
    """A run of days above the baseline.

    `height` is how many times its baseline the `peak` day had, between `low` and `high` (95 %):
    what that day would have had is known up to the usual noise. `excess` is the downloads of all
    its days above the baseline. `ended` is false where the last day held is still above.
    """

    first: date
    last: date
    peak: date
    height: float
    low: float
    high: float
    excess: float
    ended: bool

    @property
    def days(self) -> int:
        """How many days it lasted, so far."""
        return (self.last - self.first).days + 1


def baseline(frame: pd.DataFrame, *, least_height: float = LEAST_HEIGHT) -> pd.DataFrame:
    """What each day of one series would usually have had, and from when on it is a spike.

    From columns `period` (days), `downloads`, `stretch`. Columns `period`, `downloads`, `stretch`,
    `weekday` (the factor of its weekday), `baseline`, `threshold` and `going_on` (downloads),
    `spread` (of the logs), for all days from the first to the last; NaN on days that are missing
    or unusable, or whose stretch has fewer than `FEWEST_DAYS` days.

    The baseline is the running median, over 13 weeks of the same stretch, of the logs without
    their weekday factors; it keeps the edges of a step, so that a new level is no spike. The
    spread is the `robust_deviation` from it, and at least that of counts (Poisson). The threshold
    is passed by chance on one of all days in about 5 % of series (Bonferroni; a quantile of
    Student's t, for the spread is estimated). A spike goes on while days are above `going_on`,
    which one usual day in 200 is, or half the least height.
    """
    from scipy import stats

    table = daily_table(frame)
    factors = weekday_factors(table)[table.weekdays]
    level = np.log(np.maximum(table.downloads[:, 0], 0.5)) - np.log(factors)
    stretch = np.where(np.isnan(level), UNUSABLE, table.stretch)
    center, spread = _centers_and_spreads(level, stretch)
    known = ~np.isnan(level - center)
    days = max(int(known.sum()), 1)
    quantile = stats.t.ppf(1 - _FALSE_ALARMS / days, max(robust_freedom(days), 1))
    usual = np.where(known, np.exp(center) * factors, np.nan)
    spread = np.maximum(spread, 1 / np.sqrt(np.maximum(usual, 1)))
    above = np.maximum(quantile * spread, np.log(least_height))
    still = np.maximum(stats.norm.ppf(1 - _STILL) * spread, np.log(least_height) / 2)
    return pd.DataFrame(
        {
            "period": table.days,
            "downloads": table.downloads[:, 0],
            "stretch": stretch,
            "weekday": factors,
            "baseline": usual,
            "threshold": usual * np.exp(above),
            "going_on": usual * np.exp(np.minimum(above, still)),
            "spread": spread,
        }
    )


def spikes(frame: pd.DataFrame, *, least_height: float = LEAST_HEIGHT) -> tuple[Spike, ...] | None:
    """The spikes of one series, in order of time; None where no stretch has `FEWEST_DAYS` days.

    From columns `period` (days), `downloads`, `stretch`. A spike has a day above the threshold of
    `baseline`, and goes on to either side; a single day below does not end it, a gap or a break
    does. Near the ends of a stretch the baseline cannot tell a spike from a new level: there a run
    counts only where most days beyond it are back below half its height. One that still goes on
    counts for a week, and one that was there from the first day does not.
    """
    days = baseline(frame, least_height=least_height)
    if days["baseline"].isna().all():
        return None
    weekday, stretch = days["weekday"].to_numpy(), days["stretch"].to_numpy()
    level = np.log(np.maximum(days["downloads"].to_numpy(), 0.5) / weekday)
    usual = np.log(days["baseline"].to_numpy() / weekday)
    found = []
    above = (days["downloads"] > days["threshold"]).to_numpy()
    for run in _runs((days["downloads"] > days["going_on"]).to_numpy(), stretch):
        if not above[run].any():
            continue
        inside = np.flatnonzero(stretch == stretch[run.start])
        ended = bool(run.stop <= inside[-1])
        came_and_went = _came_and_went(level - np.median(usual[run]), run, inside)
        if came_and_went and (ended or run.stop - run.start <= _OPEN_DAYS):
            found.append(_spike(days.iloc[run], (level - usual)[run], ended))
    return tuple(found)


def _centers_and_spreads(
    level: NDArray[np.float64], stretch: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The running median of each day, and the spread around it of the day's stretch."""
    center, spread = np.full(len(level), np.nan), np.full(len(level), np.nan)
    for number in np.unique(stretch[stretch != UNUSABLE]):
        inside = np.flatnonzero(stretch == number)
        part = pd.Series(level[inside[0] : inside[-1] + 1])
        if part.notna().sum() >= FEWEST_DAYS:
            running = part.rolling(_WINDOW, center=True, min_periods=FEWEST_DAYS // 2).median()
            center[inside[0] : inside[-1] + 1] = running
            spread[inside[0] : inside[-1] + 1] = robust_deviation(
                (part - running).to_numpy(dtype=np.float64)
            )
    return center, spread


def _runs(above: NDArray[np.bool_], stretch: NDArray[np.int64]) -> list[slice]:
    """The runs of days above, each within a stretch, over single days below."""
    runs: list[slice] = []
    for day in np.flatnonzero(above):
        last = runs[-1] if runs else None
        if last and day - last.stop <= 1 and (stretch[last.start : day] == stretch[day]).all():
            runs[-1] = slice(last.start, int(day) + 1)
        else:
            runs.append(slice(int(day), int(day) + 1))
    return runs


def _came_and_went(height: NDArray[np.float64], run: slice, inside: NDArray[np.int64]) -> bool:
    """Whether a run near an end of its stretch has most days beyond it back below half its height.

    `inside` are the days of its stretch. Away from the ends the baseline follows a new level.
    """
    half = float(np.mean(height[run])) / 2
    before = height[inside[inside < run.start]]
    after = height[inside[inside >= run.stop]]
    came = len(before) > _WINDOW // 2 or (len(before) > 0 and np.median(before) < half)
    went = len(after) > _WINDOW // 2 or len(after) == 0 or np.median(after) < half
    return bool(came and went)


def _spike(days: pd.DataFrame, height: NDArray[np.float64], ended: bool) -> Spike:
    from scipy import stats

    peak = int(np.nanargmax(height))
    reach = float(stats.norm.ppf((1 + _LEVEL) / 2) * days["spread"].iloc[peak])
    return Spike(
        days["period"].iloc[0].date(),
        days["period"].iloc[-1].date(),
        days["period"].iloc[peak].date(),
        float(np.exp(height[peak])),
        float(np.exp(height[peak] - reach)),
        float(np.exp(height[peak] + reach)),
        float((days["downloads"] - days["baseline"]).sum()),
        ended,
    )
