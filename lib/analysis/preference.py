"""Which countries prefer some packages to others: quotients with intervals, and which are sure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lib.analysis.discoveries import FALSE_DISCOVERIES, against_none
from lib.analysis.resampling import WEEK, Floats, block_weights, standard_error
from lib.analysis.shares import stretch_told
from lib.cubes import UNKNOWN, Grain

Statistic = Callable[[Floats, Floats, Floats, Floats], Floats]
"""A logarithm from the downloads of two sets by country, each with its sum: [..., countries]."""

BLOCK = {Grain.DAY: WEEK, Grain.MONTH: 1}
"""How many periods are resampled together."""

FEWEST_PERIODS = {Grain.DAY: 4 * WEEK, Grain.MONTH: 12}
"""How many periods of a stretch an interval needs."""


class Verdict(StrEnum):
    """What is found of a country."""

    MORE = "more"
    LESS = "less"
    NO_DIFFERENCE = "no sure difference"
    TOO_FEW = "too few downloads"
    NO_INTERVAL = "too few periods for an interval"
    UNKNOWN = "country unknown"


@dataclass(frozen=True)
class Judging:
    """When a country is judged, and how surely.

    A country is judged that has at least `least` downloads of both sets, or would have, were it as
    the others. `false_discoveries` is the expected share, of the countries told to differ, of
    those that do not. With `known_only`, downloads of unknown country are left out of every sum
    and share.
    """

    least: float = 1000
    false_discoveries: float = FALSE_DISCOVERIES
    known_only: bool = False
    resamples: int = 1000
    seed: int = 0


def location_quotients(
    chosen: pd.DataFrame, comparison: pd.DataFrame, grain: Grain, judging: Judging | None = None
) -> pd.DataFrame:
    """How far each country prefers what is chosen: its share there over its share in comparison.

    The location quotient of economic geography (Florence, 1939): 1 is as in the comparison, 2
    twice its part. Both frames have the columns `period` (of `grain`, days or months), `country`,
    `downloads` and `stretch`, and are summed over any other; a period without a row has none.
    Only the latest stretch that is long enough for an interval is used, or the longest.

    A row for each country, greatest ratio first and `unknown` last, with the columns `country`,
    `downloads` and `compared` (sums), `share` and `compared_share` (of all countries, with
    `unknown` unless `known_only`), `ratio` with the ends `low` and `high` of its 95 % interval,
    `p_value`, `adjusted` and `verdict` (see `_judged`; NaN where a country is not judged).
    """
    return _compared(chosen, comparison, grain, judging or Judging(), _log_quotient)


def set_ratio_by_country(
    first: pd.DataFrame, second: pd.DataFrame, grain: Grain, judging: Judging | None = None
) -> pd.DataFrame:
    """How far each country prefers the first set to the second: an odds ratio.

    Downloads of the first over those of the second in the country, over the same elsewhere:
    2 means that the first is twice as frequent against the second as in the rest of the world,
    and exchanging the sets gives the inverse. Frames and columns are those of
    `location_quotients`, with `compared` for the second set.
    """
    return _compared(first, second, grain, judging or Judging(), _log_odds_ratio)


@dataclass(frozen=True, eq=False)
class _Pair:
    """Downloads of two sets, [periods, countries] each, and the statistic that compares them.

    `summed` says which countries are part of the sums.
    """

    one: Floats
    other: Floats
    summed: NDArray[np.bool_]
    statistic: Statistic
    grain: Grain

    def logs(self, weights: Floats) -> Floats:
        """The statistic where periods count by weights: [weightings, countries]."""
        sums, compared = weights @ self.one, weights @ self.other
        every, every_compared = (
            table[:, self.summed].sum(axis=1, keepdims=True) for table in (sums, compared)
        )
        return self.statistic(sums, every, compared, every_compared)

    def spread(self, judging: Judging) -> Floats | None:
        """The standard error of each country's statistic; None where there are too few periods.

        Over resamples of blocks of whole weeks (or of months) in which both sets keep their days
        together (Künsch, 1989).
        """
        count, block = len(self.one), BLOCK[self.grain]
        if count < FEWEST_PERIODS[self.grain]:
            return None
        weights = block_weights(count, block, judging.resamples, judging.seed)
        return standard_error(self.logs(weights), count / block)


def _compared(
    first: pd.DataFrame,
    second: pd.DataFrame,
    grain: Grain,
    judging: Judging,
    statistic: Statistic,
) -> pd.DataFrame:
    countries, (one, other) = _tables(first, second, grain)
    summed = np.full(len(countries), True) if not judging.known_only else countries != UNKNOWN
    pair = _Pair(one, other, summed, statistic, grain)
    sums, compared = one.sum(axis=0), other.sum(axis=0)
    every, every_compared = sums[summed].sum(), compared[summed].sum()
    usual = (sums + compared) / max(every + every_compared, 1) * min(every, every_compared)
    enough = np.maximum(usual, np.minimum(sums, compared)) >= judging.least
    frame = pd.DataFrame(
        {
            "country": countries,
            "downloads": sums,
            "compared": compared,
            "share": np.where(summed, sums / max(every, 1), np.nan),
            "compared_share": np.where(summed, compared / max(every_compared, 1), np.nan),
            "ratio": np.exp(pair.logs(np.ones((1, len(one))))[0]),
        }
    )
    frame = _judged(frame, pair.spread(judging), enough, len(one) // BLOCK[grain], judging)
    order = frame.assign(last=frame["country"] == UNKNOWN).sort_values(
        ["last", "ratio", "country"], ascending=[True, False, True]
    )
    return frame.loc[order.index].reset_index(drop=True)


def _tables(
    first: pd.DataFrame, second: pd.DataFrame, grain: Grain
) -> tuple[NDArray[np.object_], Floats]:
    """The countries, and downloads in the usable stretch: [sets, periods, countries]."""
    names = ["period", "country", "downloads", "stretch"]
    both = pd.concat([first[names].assign(part=0), second[names].assign(part=1)])
    rows = stretch_told(both, FEWEST_PERIODS[grain])
    period, periods = pd.factorize(rows["period"], sort=True)
    country, countries = pd.factorize(rows["country"], sort=True)
    shape = (2, len(periods), len(countries))
    cell = np.ravel_multi_index((rows["part"].to_numpy(), period, country), shape)
    counts = rows["downloads"].to_numpy(dtype=np.float64)
    sums: Floats = np.bincount(cell, counts, int(np.prod(shape))).astype(np.float64)
    return np.asarray(countries, dtype=object), sums.reshape(shape)


def _judged(
    frame: pd.DataFrame,
    spread: Floats | None,
    enough: NDArray[np.bool_],
    blocks: int,
    judging: Judging,
) -> pd.DataFrame:
    """`frame` with `low`, `high`, `p_value`, `adjusted` and `verdict`.

    The logarithm of the ratio is held `against_none`, and what has at most `false_discoveries` of
    `adjusted` is told to differ.
    """
    logs = np.log(frame["ratio"].to_numpy())
    is_unknown = (frame["country"] == UNKNOWN).to_numpy()
    verdicts = np.full(len(frame), Verdict.NO_INTERVAL, dtype=object)
    verdicts[~enough] = Verdict.TOO_FEW
    verdicts[is_unknown] = Verdict.UNKNOWN
    judged = enough & ~is_unknown & (spread is not None)
    errors = np.full(len(frame), np.nan) if spread is None else spread
    tested = against_none(logs, errors, blocks - 1, judged)
    differs = judged & (tested.adjusted <= judging.false_discoveries)
    verdicts[judged] = Verdict.NO_DIFFERENCE
    verdicts[differs & (logs > 0)] = Verdict.MORE
    verdicts[differs & (logs < 0)] = Verdict.LESS
    return frame.assign(
        low=np.exp(tested.low),
        high=np.exp(tested.high),
        p_value=tested.p_value,
        adjusted=tested.adjusted,
        verdict=verdicts,
    )


def _log_quotient(sums: Floats, every: Floats, compared: Floats, every_compared: Floats) -> Floats:
    """The logarithm of the location quotient; half a download is added, so that none has one."""
    share = np.log(sums + 0.5) - np.log(every + 0.5)
    return np.asarray(share - np.log(compared + 0.5) + np.log(every_compared + 0.5))


def _log_odds_ratio(
    sums: Floats, every: Floats, compared: Floats, every_compared: Floats
) -> Floats:
    """The logarithm of the odds ratio, with half a download added to each cell (Haldane, 1956)."""
    here = np.log(sums + 0.5) - np.log(compared + 0.5)
    elsewhere = np.log(np.maximum(every - sums, 0) + 0.5)
    return np.asarray(here - elsewhere + np.log(np.maximum(every_compared - compared, 0) + 0.5))
