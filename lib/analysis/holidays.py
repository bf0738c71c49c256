"""What a set of days did, against what the same weekdays around them would have had."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lib.analysis.comparable import UNUSABLE
from lib.analysis.daily import DailyTable, daily_table
from lib.analysis.deviation import robust_deviation, robust_freedom
from lib.analysis.resampling import WEEK

WEEKS_AROUND = 4
"""So many weeks before and after a day are what it is held against."""

WEEKS_COMPARED = 26
"""The same days of so many weeks before and after tell how much such days vary."""

FEWEST_WEEKS = 8
"""The fewest weeks without a holiday that tell how much such days vary."""

_FEWEST_ON_A_SIDE = 2
_LEVEL = 0.95
_LEAST = 0.5
"""What a day without downloads counts as: it has no logarithm."""

Number = TypeVar("Number", np.float64, np.int64)


@dataclass(frozen=True)
class HolidayEffect:
    """Downloads on a set of days over what these would have had, with an interval of 95 %.

    `ratio` is the geometric mean over the days. `downloads` is what they had, `expected` what the
    same weekdays around had. `days` is how many of them are known, `weeks` in how many other weeks
    the same days tell how much such a ratio varies without a holiday.
    """

    ratio: float
    low: float
    high: float
    downloads: float
    expected: float
    days: int
    weeks: int

    @property
    def found(self) -> bool:
        """Whether the days differ: the interval does not hold 1."""
        return not self.low <= 1 <= self.high


def holiday_effects(
    frame: pd.DataFrame, days: Collection[date], unusual: Collection[date] = ()
) -> dict[str, HolidayEffect]:
    """What the days did to each series of columns `period`, `downloads`, `stretch`, `series`.

    Each day is held against its weekday in the `WEEKS_AROUND` weeks before and after, in the same
    stretch, without `days` and `unusual` (other holidays): against the median of those before and
    the median of those after, two of each at least, in the middle of both, which a steady growth
    does not shift. The mean of the log ratios of the days is the effect.

    The same is done for the same weekdays of `WEEKS_COMPARED` weeks before and after (placebos in
    time: Abadie, Diamond and Hainmueller, American Journal of Political Science 59, 2015): their
    spread, as a median absolute deviation, times a quantile of Student's t is how far the interval
    reaches.

    A series is not in what is returned where no day is known, or fewer than `FEWEST_WEEKS` weeks.
    """
    if frame.empty:
        return {}
    table = daily_table(frame)
    excluded = table.days.isin(pd.DatetimeIndex([*days, *unusual]))
    apart = np.log(np.maximum(table.downloads, _LEAST)) - _same_weekdays_around(table, excluded)
    at = np.flatnonzero(table.days.isin(pd.DatetimeIndex(list(days))))
    found = {
        name: _effect(apart[:, column], table.downloads[:, column], at, excluded)
        for column, name in enumerate(table.names)
    }
    return {name: effect for name, effect in found.items() if effect}


def same_weekdays(frame: pd.DataFrame, unusual: Collection[date]) -> pd.DataFrame:
    """What the same weekdays around each day had, in columns `period`, `series`, `downloads`.

    From columns `period`, `downloads`, `stretch`, `series`, as `holiday_effects` expects it; NaN
    where too few of them are known.
    """
    table = daily_table(frame)
    around = _same_weekdays_around(table, table.days.isin(pd.DatetimeIndex(list(unusual))))
    return pd.DataFrame(
        {
            "period": np.repeat(table.days.to_numpy(), len(table.names)),
            "series": list(table.names) * len(table.days),
            "downloads": np.exp(around).ravel(),
        }
    )


def _same_weekdays_around(table: DailyTable, excluded: NDArray[np.bool_]) -> NDArray[np.float64]:
    """For each day and series, the log of its weekday around it; NaN where too few are known."""
    logs = np.log(np.maximum(table.downloads, _LEAST))
    usable = np.where(excluded[:, np.newaxis], np.nan, logs)
    shifts = [WEEK * weeks for weeks in range(1, WEEKS_AROUND + 1)]
    sides = [
        _median(
            np.stack([_shifted(usable, side * shift, np.nan) for shift in shifts]),
            np.stack([_shifted(table.stretch, side * shift, UNUSABLE) for shift in shifts])
            == table.stretch,
        )
        for side in (-1, 1)
    ]
    return (sides[0] + sides[1]) / 2


def _median(around: NDArray[np.float64], comparable: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The median over the first dimension of what is known and comparable, of two at least."""
    around = np.where(comparable[:, :, np.newaxis], around, np.nan)
    enough = np.sum(~np.isnan(around), axis=0) >= _FEWEST_ON_A_SIDE
    # Where all are NaN the median would warn: it is of zeros there, and not used.
    medians = np.nanmedian(np.where(enough, around, 0.0), axis=0)
    return np.where(enough, medians, np.nan)


def _shifted(values: NDArray[Number], by: int, absent: float) -> NDArray[Number]:
    """Rows `by` days later, in the place of each row; `absent` where there are none."""
    moved = np.full_like(values, absent)
    if by > 0:
        moved[:-by] = values[by:]
    else:
        moved[-by:] = values[:by]
    return moved


def _effect(
    apart: NDArray[np.float64],
    downloads: NDArray[np.float64],
    at: NDArray[np.int64],
    excluded: NDArray[np.bool_],
) -> HolidayEffect | None:
    """The effect of the days `at` on one series, from the log ratio of each day."""
    from scipy import stats

    at = at[~np.isnan(apart[at])]
    if not len(at):
        return None
    moves = [weeks * WEEK for weeks in range(-WEEKS_COMPARED, WEEKS_COMPARED + 1) if weeks]
    others = [at + move for move in moves if at[0] + move >= 0 and at[-1] + move < len(apart)]
    placebos = np.array([apart[days].mean() for days in others if not excluded[days].any()])
    placebos = placebos[~np.isnan(placebos)]
    if len(placebos) < FEWEST_WEEKS:
        return None
    effect = float(apart[at].mean())
    spread = robust_deviation(placebos - np.median(placebos))
    reach = float(stats.t.ppf((1 + _LEVEL) / 2, robust_freedom(len(placebos)))) * spread
    return HolidayEffect(
        float(np.exp(effect)),
        float(np.exp(effect - reach)),
        float(np.exp(effect + reach)),
        float(downloads[at].sum()),
        float((downloads[at] / np.exp(apart[at])).sum()),
        len(at),
        len(placebos),
    )
