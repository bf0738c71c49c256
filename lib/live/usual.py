"""What is usual at a time of the week, by the weeks before, and what rises above or falls below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from lib.analysis.medians import known_medians
from lib.live import EARLIER_WEEKS

Floats = npt.NDArray[np.float64]

Counts = npt.NDArray[np.int64]

_REACH = 7
"""Steps on either side that tell how much a step varies: a judgment. Four values are no spread,
and over a quarter of an hour of minutes the usual hardly changes."""

_NORMAL = 1.96
"""Standard errors of a normal value on either side that hold 95 % of it."""

_LEVEL_FACTOR = (np.nan, np.nan, 22.00, 7.89, 5.10)
"""By number of weeks: how many mean absolute deviations from their median hold a further week,
95 % of the time. Of normal values; simulated, four million times each. With two weeks it is the
quantile of a Cauchy variable, √3 · 12.706."""

_MEDIAN_DEVIATION = (np.nan, np.nan, 0.477, 0.314, 0.486)
"""By number of weeks: the median absolute deviation of normal values of standard deviation 1 from
the median of their own few. Of many it is 0.6745, and 1 / 0.6745 is the 1.4826 of textbooks."""

_PREDICTION_VARIANCE = (np.nan, np.nan, 1.500, 1.449, 1.298)
"""By number of weeks: the variance of a further normal value about the median of the others: its
own, 1, and the variance of that median."""


@dataclass(frozen=True)
class Unusual:
    """Steps in a row, `first` to `last` by their starts (naive UTC), that lie off the band.

    `ratio` is the sum of downloads over the sum of the usual (NaN where none were usual), `excess`
    their difference in downloads, below zero on the side `below`.
    """

    first: pd.Timestamp
    last: pd.Timestamp
    side: Literal["above", "below"]
    ratio: float
    excess: float


def band(now: pd.Series[float], earlier: Sequence[pd.Series[float]]) -> pd.DataFrame:
    """The downloads of each step beside what is usual there, with the limits of the usual.

    `now` has the downloads of each step, NaN where not known, by the steps' starts (naive UTC);
    `earlier` the same steps of at most four earlier weeks, which are aligned by position. Columns,
    indexed as `now`: `downloads`; `usual`, the median of the weeks that are known at the step (NaN
    without any); `low` and `high`, between which a usual week's downloads are meant to lie 95 % of
    the time (NaN with fewer than two weeks); `weeks`, how many are known.

    Three things make a week differ from the usual, and their limits are combined as of a sum of
    independent parts, high = usual + √(a² + b²) and low likewise (Zou and Donner, Statistics in
    Medicine 27, 2008, method of variance estimates recovery):

    - a = usual · (exp(±√(l² + s²)) − 1), where l is for the week's level: the mean absolute
      deviation of the weeks' levels, each the median of its logs over the usual of neighboring
      steps, times `_LEVEL_FACTOR`, that of a prediction from two to four values. With a median
      absolute deviation of so few l would be a third wider of four weeks, and of three thrice as
      wide;
    - and s is for the step: 1.96 · √`_PREDICTION_VARIANCE` · the robust spread of the logs about
      those levels (`spread_beyond_chance`), pooled over neighboring steps;
    - b = 1.96 · √(`_PREDICTION_VARIANCE` · rate), the Poisson variation of a count, whatever the
      weeks say. The rate is the usual or, where greater, the mean of the neighboring steps.

    Raises ValueError for weeks of another length, or for more of them.
    """
    if len(earlier) > EARLIER_WEEKS or any(len(week) != len(now) for week in earlier):
        raise ValueError(f"at most {EARLIER_WEEKS} weeks of {len(now)} steps each are compared")
    weeks = np.full((len(now), len(earlier)), np.nan)
    for column, week in enumerate(earlier):
        weeks[:, column] = week
    usual, known = known_medians(weeks), np.isfinite(weeks).sum(axis=1)
    rate, level, step = _variation(weeks, usual, known)
    chance = _NORMAL * np.sqrt(prediction_variance(known) * rate)
    spread = np.hypot(level, step)
    above = np.hypot(usual * np.expm1(spread), chance)
    below = np.hypot(usual * np.expm1(-spread), chance)
    return pd.DataFrame(
        {
            "downloads": now.to_numpy(np.float64),
            "usual": usual,
            "low": np.maximum(usual - below, 0),
            "high": usual + above,
            "weeks": known,
        },
        index=now.index,
    )


def unusual(banded: pd.DataFrame, least_steps: int = 3) -> tuple[Unusual, ...]:
    """The runs of at least `least_steps` steps above `high` or below `low`, the newest last.

    `banded` is a frame of `band`. A run is of one side; a step that is not known ends it.
    """
    high, low = banded["downloads"] > banded["high"], banded["downloads"] < banded["low"]
    sides = pd.Series(np.select([high, low], ["above", "below"], ""), index=banded.index)
    runs = (sides != sides.shift()).cumsum()
    found: list[Unusual] = []
    for _, run in banded[sides != ""].groupby(runs):
        if len(run) >= least_steps:
            downloads, usually = float(run["downloads"].sum()), float(run["usual"].sum())
            found.append(
                Unusual(
                    first=run.index[0],
                    last=run.index[-1],
                    side="above" if downloads > usually else "below",
                    ratio=downloads / usually if usually else float("nan"),
                    excess=downloads - usually,
                )
            )
    return tuple(found)


def made_of(now: pd.DataFrame, earlier: Sequence[pd.DataFrame], by: str) -> pd.DataFrame:
    """Which values of a dimension made an excess over the usual, most excess first.

    `now` and each of `earlier` (weeks that are known) have the columns `by` and `downloads`; a
    value that a week lacks had none. Columns: `by`, `downloads`, `usual` (the median of the
    earlier weeks), `excess` (downloads above the usual), `part` (of the sum of all excesses: it may
    be above 1 or below 0 where others fell). NaN without earlier weeks; `part` also where the sum
    is zero.
    """
    frame = with_usual(beside_weeks(now, earlier, by))
    total = float(frame["excess"].sum())
    frame["part"] = frame["excess"] / (total if total else np.nan)
    return frame.reset_index().sort_values(
        ["excess", "downloads", by], ascending=[False, False, True], ignore_index=True
    )


def beside_weeks(now: pd.DataFrame, earlier: Sequence[pd.DataFrame], by: str) -> pd.DataFrame:
    """The downloads of each value of `by`: now in column 0, in earlier weeks in 1, 2, ….

    Indexed by the values that any of the frames has; zero where one lacks it.
    """
    sums = {
        week: frame.groupby(frame[by].astype("str"))["downloads"].sum().astype(np.float64)
        for week, frame in enumerate((now, *earlier))
    }
    return pd.DataFrame(sums).fillna(0.0).rename_axis(by)


def with_usual(weeks: pd.DataFrame) -> pd.DataFrame:
    """`downloads`, `usual` and `excess` of a frame of `beside_weeks`, indexed as it is."""
    usual = weeks.drop(columns=0).median(axis=1).astype(np.float64)
    return pd.DataFrame({"downloads": weeks[0], "usual": usual, "excess": weeks[0] - usual})


def spread_beyond_chance(
    residuals: Floats, rates: Floats, known: Counts, reach: int = _REACH
) -> Floats:
    """How much neighboring rows vary in logs beyond what counts do by chance, as a σ.

    `residuals` has a row for each step and a column for each week: logs of downloads over what was
    expected, NaN where not known; `known` counts the weeks of each row. The median absolute
    residual of a row and `reach` more on either side is scaled to a standard deviation (by 1.4826
    for many values: Rousseeuw and Croux, JASA 88, 1993; for the few of a row by one over
    `_MEDIAN_DEVIATION`). The Poisson variance of such a log, about 1 / (`rates` + ½), is taken off.
    """
    around = _neighbors(np.abs(residuals), reach)
    pooled = known_medians(around.reshape(len(around), around.shape[1] * around.shape[2]))
    scale = pooled / np.asarray(_MEDIAN_DEVIATION)[known]
    spread: Floats = np.sqrt(np.maximum(scale**2 - 1 / (rates + 0.5), 0))
    return spread


def prediction_variance(known: Counts) -> Floats:
    """By numbers of weeks: the variance of a further value about their median, of values of 1."""
    variance: Floats = np.asarray(_PREDICTION_VARIANCE)[known]
    return variance


def _variation(weeks: Floats, usual: Floats, known: Counts) -> tuple[Floats, Floats, Floats]:
    """For each step: the rate of its counts, and the half widths of level and step, in logs."""
    # A lone week is its own usual, and says nothing of how weeks differ.
    weeks = np.where(known[:, np.newaxis] > 1, weeks, np.nan)
    # Half a download keeps the log of nothing finite, and hardly moves that of more.
    logs = np.log((weeks + 0.5) / (usual[:, np.newaxis] + 0.5))
    level = np.where(np.isfinite(weeks), known_medians(_neighbors(logs)), np.nan)
    deviations = np.abs(level - known_medians(level)[:, np.newaxis])
    deviation = np.nansum(deviations, axis=1) / np.maximum(known, 1)
    around = _neighbors(weeks)
    counted = np.isfinite(around).sum(axis=(1, 2))
    rate = np.maximum(usual, np.nansum(around, axis=(1, 2)) / np.maximum(counted, 1))
    spread = spread_beyond_chance(logs - level, rate, known)
    step = _NORMAL * np.sqrt(prediction_variance(known)) * spread
    return rate, np.asarray(_LEVEL_FACTOR)[known] * deviation, step


def _neighbors(rows: Floats, reach: int = _REACH) -> Floats:
    """Each row's column with the same of its neighbors on a third axis, NaN beyond the edges."""
    # One row more than is asked for, since there is no window of no rows.
    padded = np.pad(rows, ((reach, reach + 1), (0, 0)), constant_values=np.nan)
    windows: Floats = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1, axis=0)
    return windows[: len(rows)]
