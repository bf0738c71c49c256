"""Weekly seasonality: how the days of a week differ, by how much for sure, and for the picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from lib.analysis.comparable import latest_stretch
from lib.analysis.daily import DailyTable, daily_table
from lib.analysis.resampling import WEEK, block_weights, reach

FEWEST_WEEKS = 4
"""The fewest whole weeks of ratios from which a weekly dip is told."""

WEEKEND = slice(5, 7)
MIDWEEK = slice(1, 4)

_HALF_WINDOW = WEEK // 2
_YEAR = 365
_ROBUST = {"robust": True, "inner_iter": 1, "outer_iter": 5}
"""Passes of STL as its authors advise where some days are unusual (Cleveland et al., 1990)."""


@dataclass(frozen=True)
class WeekdayFactor:
    """What a weekday (0 for Monday) has of the mean of the seven days around it, with its
    interval of 95 %: 1 for as much.
    """

    weekday: int
    factor: float
    low: float
    high: float


@dataclass(frozen=True)
class WeeklyDip:
    """Downloads of a weekend day over those of a midweek day, with an interval of 95 %.

    `weekdays` are the factors of the days from Monday on. `lowest` is the weekday with the least,
    `lowest_certainty` the share of resamples (0 to 1) in which it has. `weeks` is how many whole
    weeks this rests on.
    """

    ratio: float
    low: float
    high: float
    weekdays: tuple[WeekdayFactor, ...]
    lowest: int
    lowest_certainty: float
    weeks: int

    @property
    def found(self) -> bool:
        """Whether there is a dip: the interval lies below 1 as a whole."""
        return self.high < 1


def daily_ratios(frame: pd.DataFrame) -> pd.DataFrame:
    """The ratio of each day to the mean of the seven days of which it is the middle.

    From columns `period` (days), `downloads`, `stretch` and perhaps `series`; columns `period`,
    `series`, `ratio`. A whole week is in every mean, so that the ratio has neither the level of
    the series nor its trend (ratio to moving average: Macaulay, 1931). It is NaN where one of the
    seven days is missing, unusable or in another stretch, or where none has a download.
    """
    table = daily_table(frame)
    return pd.DataFrame(
        {
            "period": np.repeat(table.days.to_numpy(), len(table.names)),
            "series": list(table.names) * len(table.days),
            "ratio": _ratios(table).ravel(),
        }
    )


def weekly_dips(
    frame: pd.DataFrame, *, resamples: int = 999, seed: int = 0
) -> dict[str, WeeklyDip]:
    """The weekly dip of each series of columns `period` (days), `downloads`, `stretch`, `series`.

    The factor of a weekday is the mean of its `daily_ratios` over the whole weeks, Monday to
    Sunday. The dip is the mean factor of Saturday and Sunday over that of Tuesday to Thursday.
    Weeks are resampled in blocks of the cube root of their number (`block_resamples`; the length
    that suits a variance: Hall, Horowitz and Jing, Biometrika 82, 1995). The interval is that of
    `reach`: it holds the true dip in 92 to 96 % of series of 4 to 104 weeks, while one between
    quantiles of the resamples does in 75 to 92 %. Weeks that were left out may lie between two
    of a block.

    A series with fewer than `FEWEST_WEEKS` whole weeks of ratios, or without downloads midweek,
    is not in what is returned.
    """
    if frame.empty:
        return {}
    table = daily_table(frame)
    first_monday = int(-table.weekdays[0] % WEEK)
    count = max(0, len(table.days) - first_monday) // WEEK
    if count < FEWEST_WEEKS:
        return {}
    ratios = _ratios(table)[first_monday : first_monday + count * WEEK]
    weeks = ratios.reshape(count, WEEK, len(table.names))
    whole = ~np.isnan(weeks).any(axis=1)
    found: dict[str, WeeklyDip] = {}
    for mask in np.unique(whole, axis=1).T:
        columns = np.flatnonzero((whole == mask[:, np.newaxis]).all(axis=0))
        if mask.sum() >= FEWEST_WEEKS:
            dips = _dips(weeks[mask][:, :, columns], resamples, seed)
            found |= {table.names[at]: dip for at, dip in zip(columns, dips, strict=True) if dip}
    return {name: found[name] for name in table.names if name in found}


def weekday_factors(table: DailyTable) -> NDArray[np.float64]:
    """The factor of each weekday in the first series of a table: the median of its daily ratios.

    Unlike the mean, the median knows nothing of holidays and spikes. NaN where nothing is known.
    """
    ratios = _ratios(table)[:, 0]
    by_day = pd.Series(ratios).where(ratios > 0).groupby(table.weekdays).median()
    return np.array([by_day.get(day, np.nan) for day in range(WEEK)])


def decomposed(frame: pd.DataFrame) -> pd.DataFrame | None:
    """The latest stretch of a series taken apart: downloads = trend × weekly × yearly × remainder.

    From columns `period` (days), `downloads`, `stretch` of one series. Columns `period`,
    `downloads`, `trend` (downloads a day), `weekly`, `remainder` (factors, 1 for none), and
    `yearly` where the stretch has more than two years. Found by MSTL on the logs (Bandara, Hyndman
    and Bergmeir, 2021; statsmodels), robustly, so that a holiday stays in the remainder. Days that
    are missing, or without downloads, are bridged by the same weekdays before and after, and are
    NaN in what is returned. None where there are fewer than `FEWEST_WEEKS` weeks.
    """
    from statsmodels.tsa.seasonal import MSTL

    rows = latest_stretch(frame)
    known = rows[rows["downloads"] > 0].set_index("period")["downloads"]
    if len(known) < FEWEST_WEEKS * WEEK:
        return None
    every_day = pd.date_range(known.index.min(), known.index.max(), freq="D")
    logs = pd.Series(np.log(known.to_numpy(dtype=np.float64)), index=known.index).reindex(every_day)
    bridged = logs.groupby(every_day.day_of_week).transform(lambda days: days.interpolate())
    bridged = bridged.interpolate().bfill()
    periods = {"weekly": WEEK} | ({"yearly": _YEAR} if len(logs) > 2 * _YEAR else {})
    parts = MSTL(bridged, periods=tuple(periods.values()), stl_kwargs=_ROBUST).fit()
    found = {"trend": parts.trend, "remainder": parts.resid}
    seasonal = np.asarray(parts.seasonal).reshape(len(logs), len(periods))
    found |= dict(zip(periods, seasonal.T, strict=True))
    table = pd.DataFrame({name: np.exp(part) for name, part in found.items()}, index=logs.index)
    table.insert(0, "downloads", np.exp(bridged))
    return table.where(logs.notna(), axis=0).rename_axis("period").reset_index()


def _ratios(table: DailyTable) -> NDArray[np.float64]:
    """The ratio of each day and series to the mean of the week around it."""
    ratios = np.full(table.downloads.shape, np.nan)
    if len(table.days) >= WEEK:
        inner = slice(_HALF_WINDOW, -_HALF_WINDOW)
        means = sliding_window_view(table.downloads, WEEK, axis=0).mean(axis=-1)
        means[table.stretch[WEEK - 1 :] != table.stretch[: 1 - WEEK]] = np.nan
        means[means == 0] = np.nan
        ratios[inner] = table.downloads[inner] / means
    return ratios


def _dips(weeks: NDArray[np.float64], resamples: int, seed: int) -> list[WeeklyDip | None]:
    """The dip of each series from ratios by week, weekday and series, none of them NaN."""
    count = len(weeks)
    block = int(np.cbrt(count))
    weights = block_weights(count, block, resamples, seed) / count
    resampled = np.tensordot(weights, weeks, axes=1)
    factors = weeks.mean(axis=0)
    far = reach(resampled, count / block)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = _weekend_over_midweek(factors)
        ratio_far = reach(_weekend_over_midweek(resampled), count / block)
    lowest = factors.argmin(axis=0)
    certainty = (resampled.argmin(axis=1) == lowest).mean(axis=0)
    return [
        WeeklyDip(
            *_interval(ratios[at], ratio_far[at]),
            tuple(
                WeekdayFactor(day, *_interval(factors[day, at], far[day, at]))
                for day in range(WEEK)
            ),
            int(lowest[at]),
            float(certainty[at]),
            count,
        )
        if np.isfinite(ratio_far[at])
        else None
        for at in range(weeks.shape[2])
    ]


def _interval(value: float, far: float) -> tuple[float, float, float]:
    """A ratio with the ends of its interval, none of them below 0."""
    return float(value), max(0.0, float(value - far)), float(value + far)


def _weekend_over_midweek(factors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of factors whose last dimension but one is the weekday."""
    weekend = factors[..., WEEKEND, :].mean(axis=-2)
    ratio: NDArray[np.float64] = weekend / factors[..., MIDWEEK, :].mean(axis=-2)
    return ratio
