"""What moves alike: which series rise and fall in the same weeks as one of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lib.analysis.comparable import UNUSABLE
from lib.analysis.deviation import NORMAL
from lib.analysis.discoveries import FALSE_DISCOVERIES, adjusted
from lib.analysis.resampling import Floats

FEWEST_WEEKS = 20
"""From how many changes from week to week a likeness is told, at least."""

FEWEST_OTHERS = 20
"""How many other series are needed to know what all of them share, at least."""

_TURNS = 6
"""How often the common course and each series' part in it are found anew: by then they stay."""

_FAR = 1.345
"""How many deviations off counts less (Huber, Annals of Mathematical Statistics 35, 1964)."""

_NEARLY_ONE = 1 - 1e-9

_NEARLY_NONE = 1e-12

_COVARIATES = 1
"""What is taken out of a series before it is compared: the common course."""


@dataclass(frozen=True, eq=False)
class Likeness:
    """How alike one series and each other one move.

    `frame` has a row for each series that is judged, the most alike first: `series`,
    `correlation` with its 95 % interval `low` and `high`, `adjusted` (the p-value of none, after
    the correction for so many), `alike` (whether it surely moves alike: upwards, not oppositely).
    `weeks` is how many changes from week to week it is told from, of those from `first` to `last`
    (starts of weeks); `left_out` how many series lack one of them.
    """

    frame: pd.DataFrame
    weeks: int
    first: pd.Timestamp
    last: pd.Timestamp
    left_out: int


def likeness(frame: pd.DataFrame, series: str) -> Likeness | None:
    """How alike a series and each of the others move; None for too few weeks or others.

    From columns `period` (starts of whole weeks), `series`, `downloads` and `stretch`.

    Trends alone make any two series correlate (Yule, Journal of the Royal Statistical Society 89,
    1926; Granger and Newbold, Journal of Econometrics 2, 1974): compared are changes of logarithms
    from one week to the next, none of which crosses a break of the record. What all share
    (holidays, a change at PyPI) would make all of them alike: it is taken away, from each series as
    much as it has of it, as in a partial correlation (`_without_common`). Correlated are ranks
    (Spearman), which no single week decides, however many downloads it had.

    The interval is Fisher's, with the error of Bonett and Wright (Psychometrika 65, 2000), from
    as many weeks as independent ones would tell as much as (`_effective`). The p-values take its
    quantile for Student's and are corrected for the number of series (Benjamini and Hochberg).
    """
    changes = _changes(frame)
    if series not in changes:
        return None
    rows = changes[changes[series].notna()]
    judged = rows.loc[:, rows.notna().all()]
    if len(rows) < FEWEST_WEEKS or judged.shape[1] <= FEWEST_OTHERS:
        return None
    weeks = pd.DatetimeIndex(rows.index)
    names = list(judged.columns)
    target = names.index(series)
    number = ((weeks - weeks[0]) // pd.Timedelta(weeks=1)).to_numpy()
    found = correlations(judged.to_numpy(dtype=np.float64), number, target)
    result = pd.DataFrame(
        {
            "series": names,
            "correlation": found.correlation,
            "low": found.low,
            "high": found.high,
        }
    ).drop(index=target)
    result["adjusted"] = adjusted(np.delete(found.p_value, target))
    sure = (result["adjusted"] <= FALSE_DISCOVERIES) & (result["correlation"] > 0)
    result = result.assign(alike=sure).sort_values(
        ["correlation", "series"], ascending=[False, True], ignore_index=True
    )
    left_out = changes.shape[1] - judged.shape[1]
    return Likeness(result, len(rows), weeks[0] - pd.Timedelta(weeks=1), weeks[-1], left_out)


@dataclass(frozen=True, eq=False)
class Correlations:
    """The correlation of each series with one of them: [..., series]; with itself it is 1.

    `low` and `high` are the ends of its 95 % interval, `p_value` that of no correlation.
    """

    correlation: Floats
    low: Floats
    high: Floats
    p_value: Floats


def correlations(changes: Floats, week: NDArray[np.int64], target: int) -> Correlations:
    """How the changes of each series go with those of the one in column `target`.

    `changes` is [..., weeks, series], in which leading axes are of sets that have nothing to do
    with each other, and `week` the number of each week in the calendar, from 0. The formulas are
    those of `likeness`.
    """
    from scipy import stats

    ranks = _ranks(_without_common(changes))
    count = ranks.shape[-2]
    correlation = (ranks * ranks[..., [target]]).sum(axis=-2) / count
    freedom = np.maximum(_effective(ranks, week, target) - 3 - _COVARIATES, 1.0)
    fisher = np.arctanh(np.clip(correlation, -_NEARLY_ONE, _NEARLY_ONE))
    reach = stats.norm.ppf(0.975) * np.sqrt((1 + correlation**2 / 2) / freedom)
    p_value: Floats = 2 * np.asarray(stats.t.sf(np.abs(fisher) * np.sqrt(freedom), freedom))
    return Correlations(
        correlation=correlation,
        low=np.tanh(fisher - reach),
        high=np.tanh(fisher + reach),
        p_value=p_value,
    )


def _changes(frame: pd.DataFrame) -> pd.DataFrame:
    """The change of the logarithm into each week: a row for each, a column for each series.

    NaN where one of the two weeks is unusable, has no downloads, or is of another stretch.
    """
    usable = frame[frame["stretch"] != UNUSABLE]
    table = usable.pivot(index="period", columns="series", values="downloads").astype("float64")
    stretch = usable.drop_duplicates("period").sort_values("period")["stretch"]
    weeks = pd.DatetimeIndex(table.index)
    changes = table.where(table > 0).transform(np.log).diff()
    follows = np.diff(weeks.to_numpy()) == np.timedelta64(7, "D")
    alike = np.diff(stretch.to_numpy()) == 0
    found: pd.DataFrame = changes.iloc[1:][follows & alike]
    return found


def _without_common(changes: Floats) -> Floats:
    """Each series without its part in the course that all series share.

    The course and the part that each series has in it are found in turns, each given the other,
    as regressions in which what lies far off counts less (Croux et al., Statistics and Computing
    13, 2003; weights of Huber), beginning with the median of each week.
    """
    centered: Floats = changes - np.median(changes, axis=-2, keepdims=True)
    course = np.median(centered, axis=-1, keepdims=True)
    weights = np.ones_like(centered)
    for _ in range(_TURNS):
        rest = centered - course * _slopes(centered, course, weights, axis=-2)
        scale = np.median(np.abs(rest), axis=-2, keepdims=True) * NORMAL
        usual = np.median(scale, axis=-1, keepdims=True)
        scale = np.maximum(scale, np.maximum(usual, _NEARLY_NONE))
        weights = _FAR / np.maximum(np.abs(rest) / scale, _FAR)
        parts = _slopes(centered, course, weights, axis=-2)
        course = _slopes(centered, parts, weights / scale**2, axis=-1)
    return centered - course * _slopes(centered, course, weights, axis=-2)


def _slopes(values: Floats, on: Floats, weights: Floats, axis: int) -> Floats:
    """The slopes of weighted regressions through the origin; 0 on what does not vary."""
    weighted = weights * on
    spread = (weighted * on).sum(axis=axis, keepdims=True)
    found: Floats = (weighted * values).sum(axis=axis, keepdims=True)
    found /= np.maximum(spread, _NEARLY_NONE)
    return found


def _ranks(values: Floats) -> Floats:
    """The ranks of each series, with a mean of 0 and a variance of 1; of a constant one 0."""
    from scipy import stats

    ranks: Floats = stats.rankdata(values, axis=-2)
    ranks -= ranks.mean(axis=-2, keepdims=True)
    ranks /= np.maximum(ranks.std(axis=-2, keepdims=True), _NEARLY_NONE)
    return ranks


def _effective(ranks: Floats, week: NDArray[np.int64], target: int) -> Floats:
    """How many independent weeks tell as much of the correlation of each series and the target.

    N* = N / (1 + 2 Σ r₁(k) r₂(k)), over autocorrelations at lags of k weeks up to N / 5 (Bartlett,
    Supplement to the Journal of the Royal Statistical Society 8, 1946; Pyper and Peterman,
    Canadian Journal of Fisheries and Aquatic Sciences 55, 1998). Never more than there are.
    """
    *sets, count, series = ranks.shape
    calendar = np.zeros((*sets, int(week[-1]) + 1, series))
    calendar[..., week, :] = ranks
    factor = np.ones((*sets, series))
    for lag in range(1, count // 5 + 1):
        memory = (calendar[..., lag:, :] * calendar[..., :-lag, :]).sum(axis=-2) / count
        factor += 2 * memory * memory[..., [target]]
    sizes: Floats = count / np.maximum(factor, 1.0)
    return sizes
