"""Robust growth: the Theil–Sen slope of logarithms as growth a year, with an honest interval."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.analysis.autocorrelation import lag_one, variance_factor
from lib.analysis.comparable import latest_stretch
from lib.analysis.discoveries import FALSE_DISCOVERIES, adjusted
from lib.analysis.medians import known_medians
from lib.analysis.resampling import WEEK, Floats, block_resamples, chance, reach
from lib.cubes import Grain

FEWEST = {Grain.WEEK: 12, Grain.MONTH: 8}
"""How many weeks or months growth is told from, at least."""

_STRONG_MEMORY = 0.5

_FEW = 60
"""Above so many points, even those that resemble each other tell enough."""

_BLOCKS = 4

_RESAMPLES = 200

_YEAR_DAYS = 365.25


@dataclass(frozen=True)
class Growth:
    """Growth a year: 0.5 is half as much again, -0.5 half as much. The interval is of 95 %.

    `p_value` is that of no growth. `points` weeks or months from the one that begins at `first`
    to that at `last` were looked at; `left_out` of them had nothing, which has no logarithm.
    `memory` is the autocorrelation of neighbors for which the interval was widened.
    """

    rate: float
    low: float
    high: float
    p_value: float
    first: pd.Timestamp
    last: pd.Timestamp
    points: int
    left_out: int
    memory: float


def daily_means(frame: pd.DataFrame, grain: Grain) -> pd.DataFrame:
    """Downloads a day of each series in the weeks or months of the latest stretch.

    From columns `period`, `series`, `downloads` (NaN for not known) and `stretch`. Days make whole
    weeks, so that their weekly cycle is not taken for growth; a week of which a day is unusable
    or not known is left out. One row for each period, one column for each series.
    """
    usable = latest_stretch(frame)
    table = usable.pivot(index="period", columns="series", values="downloads").astype("float64")
    if grain is Grain.DAY:
        weeks = table.resample("W-MON", closed="left", label="left")
        return weeks.mean().where(weeks.count() == WEEK).dropna(how="all")
    days = table.index.to_series().dt.days_in_month if grain is Grain.MONTH else WEEK
    return table.div(days, axis=0)


def mean_grain(grain: Grain) -> Grain:
    """The grain of `daily_means` of a series of this grain: weeks for days."""
    return Grain.WEEK if grain is Grain.DAY else grain


def growth(values: pd.Series[float], grain: Grain, seed: int = 0) -> Growth | None:
    """The growth a year of a series of weeks or months, by the starts of its periods.

    The values are `daily_means`, or shares and ratios, which run on across breaks of the record.
    The slope is the median of the slopes between every two points of the logarithms (Theil, 1950).
    Its interval is Sen's (Journal of the American Statistical Association 63, 1968), from the
    variance of Kendall's S, which is made larger as neighbors resemble each other (Yue and Wang,
    Water Resources Management 18, 2004, by `lag_one` and `variance_factor`); Student's
    distribution stands for the normal one, for that is estimated from the same few points. The
    p-value is of Kendall's test (Mann, 1945) likewise. Where few points resemble each other so much
    that this tells next to nothing, as along a course that bends, points are resampled in blocks
    of a quarter instead (`block_resamples`). None with fewer than `FEWEST` points.
    """
    from scipy import stats

    known = values.dropna()
    positive = known[known > 0]
    if len(positive) < FEWEST[grain]:
        return None
    started = pd.DatetimeIndex(positive.index)
    years = ((started - started[0]).total_seconds() / 86_400 / _YEAR_DAYS).to_numpy()
    logarithms = np.log(positive.to_numpy(dtype=np.float64))
    line = stats.theilslopes(logarithms, years)
    memory = lag_one(logarithms - line.intercept - line.slope * years)
    if memory > _STRONG_MEMORY and len(positive) <= _FEW:
        found = _from_blocks(years, logarithms, float(line.slope), seed)
    else:
        found = _from_ranks(years, logarithms, memory)
    return Growth(
        rate=_a_year(line.slope),
        low=_a_year(found.low),
        high=_a_year(found.high),
        p_value=found.p_value,
        first=started[0],
        last=started[-1],
        points=len(positive),
        left_out=len(known) - len(positive),
        memory=memory,
    )


def growth_many(table: pd.DataFrame, grain: Grain) -> pd.DataFrame:
    """The growth of each column of a table as of `growth`: one row each, in their order.

    Columns `series`, `rate`, `low`, `high`, `p_value`, `q_value`, `first`, `last`, `points`,
    `left_out` and `found`: whether it grows or shrinks where of all that are found at most
    `FALSE_DISCOVERIES` do neither (`q_value` is the p-value `adjusted` for it). Those with too few
    points have NaN, and no part in the correction.
    """
    names = [field for field in Growth.__dataclass_fields__ if field != "memory"]
    found = {str(name): growth(table[name], grain) for name in table.columns}
    rows = [
        {"series": name, **{field: getattr(each, field, None) for field in names}}
        for name, each in found.items()
    ]
    frame = pd.DataFrame(rows, columns=["series", *names])
    numbers = ["rate", "low", "high", "p_value"]
    frame[numbers] = frame[numbers].astype("float64")
    frame["q_value"] = adjusted(frame["p_value"].to_numpy())
    return frame.assign(found=frame["q_value"] <= FALSE_DISCOVERIES)


@dataclass(frozen=True)
class _Slope:
    """The ends of the 95 % interval of a slope, and the p-value of none."""

    low: float
    high: float
    p_value: float


def _from_ranks(years: Floats, logarithms: Floats, memory: float) -> _Slope:
    """Sen's interval and Kendall's test, with a variance for neighbors that resemble each other."""
    from scipy import stats

    freedom = len(years) - 2
    wider = math.sqrt(variance_factor(memory, len(years)))
    # The smaller, the farther out lie the ranks of Sen's interval: as far as the memory asks for.
    alpha = 2 * stats.norm.sf(stats.t.ppf(0.975, freedom) * wider)
    found = stats.theilslopes(logarithms, years, alpha=alpha)
    plain = float(stats.kendalltau(years, logarithms, method="asymptotic").pvalue)
    # All values are the same where it is NaN.
    score = 0.0 if math.isnan(plain) else float(stats.norm.isf(plain / 2)) / wider
    return _Slope(found.low_slope, found.high_slope, float(2 * stats.t.sf(score, freedom)))


def _from_blocks(years: Floats, logarithms: Floats, slope: float, seed: int) -> _Slope:
    """The slope in resamples of blocks of points, whose spread is its interval."""
    count = len(years)
    block = count // _BLOCKS
    rows = block_resamples(count, block, _RESAMPLES, seed)
    one, other = np.triu_indices(count, 1)
    apart = years[rows[:, other]] - years[rows[:, one]]
    with np.errstate(divide="ignore", invalid="ignore"):
        slopes = (logarithms[rows[:, other]] - logarithms[rows[:, one]]) / apart
    tilts = known_medians(np.where(apart == 0, np.nan, slopes))
    blocks = count / block
    margin = float(reach(tilts, blocks))
    return _Slope(slope - margin, slope + margin, chance(slope, tilts, blocks))


def _a_year(slope: float) -> float:
    """Growth a year from a slope of logarithms a year; infinite where it is beyond all numbers."""
    return math.expm1(slope) if slope < 700 else math.inf
