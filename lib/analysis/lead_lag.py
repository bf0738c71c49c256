"""Whether interest leads or follows downloads: cross-correlations of prewhitened months."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lib.analysis.cross_correlation import Flags, Shifted, prewhitened
from lib.analysis.discoveries import FALSE_DISCOVERIES
from lib.analysis.paired_months import YEAR, PairedMonths
from lib.analysis.resampling import Floats, block_weights

FEWEST_CHANGES = 24
"""Of how many months the change must be known of both series."""

FARTHEST = 6
"""How many months one may lead the other at most."""

_MONTHS_A_LAG = 6
"""How many changes must be known for each month of the farthest lag."""

_PERMUTATIONS = 499

_RESAMPLES = 400

_BLOCK = 3
"""How many months in a row a resample keeps together."""

_NOTHING = 1e-12

_NEARLY_ONE = 1 - 1e-9

_SURE_SIDE = 0.8
"""In what part of the resamples the strongest correlation must lie on the side that is told."""


class Order(StrEnum):
    """Which of the two moves first."""

    LEADS = "interest leads"
    FOLLOWS = "interest follows"
    TOGETHER = "same month"
    UNCLEAR = "not told which is first"
    NONE = "none found"


@dataclass(frozen=True)
class Lag:
    """How changes of interest resemble those of downloads so many `months` later; or before.

    `low` and `high` are the ends of the 95 % interval of the `correlation` at this lag alone,
    `adjusted` its p-value after the correction for all lags, and `pairs` the months that it is of.
    """

    months: int
    correlation: float
    low: float
    high: float
    adjusted: float
    pairs: int


@dataclass(frozen=True)
class LeadLag:
    """The correlations at all lags, the most negative lag (downloads first) first.

    `band` is what the strongest of all lags of unrelated series stays within in 95 % of cases.
    `side` is the part of the resamples in which the strongest lies on the side of `strongest`
    (before, after, same month), or None where none is found: about as likely is that the side is
    right. `terms` is the order of the autoregression. `changes` months from `first` to `last` have
    a change that is known of both.
    """

    lags: tuple[Lag, ...]
    band: float
    side: float | None
    terms: int
    changes: int
    first: pd.Timestamp
    last: pd.Timestamp

    @property
    def strongest(self) -> Lag:
        """The lag with the strongest correlation, of either sign."""
        return max(self.lags, key=lambda lag: abs(lag.correlation))

    @property
    def order(self) -> Order:
        """Which of the two moves first, as far as it can be told."""
        if self.side is None:
            return Order.NONE
        if self.side < _SURE_SIDE:
            return Order.UNCLEAR
        if self.strongest.months == 0:
            return Order.TOGETHER
        return Order.LEADS if self.strongest.months > 0 else Order.FOLLOWS


def lead_lag(frame: pd.DataFrame, seed: int = 0) -> LeadLag | None:
    """How monthly interest and downloads are correlated at lags of some months.

    From columns `period` (first days of months), `interest`, `downloads` (both NaN for not known)
    and `stretch` (in which downloads are counted alike).

    Two series that trend or share a season are correlated at every lag without having to do with
    each other (Yule, Journal of the Royal Statistical Society 89, 1926). So both are changed into
    changes of logarithms from month to month, never across two stretches, without the mean of
    each calendar month; and both go through the filter that leaves nothing of the memory of
    interest: the autoregression of its changes, of the order with the least AICc (Box and Jenkins,
    Time Series Analysis, 1970, chapter 11; Haugh, Journal of the American Statistical Association
    71, 1976; Hurvich and Tsai, Biometrika 76, 1989). Zeros have no logarithm and are not known.

    As nothing is left of the memory of interest, any order of its months is as likely where the two
    are unrelated: p-values are those of the largest of all lags in such orders, whose calendar
    months are centered again (Freedman and Lane, Journal of Business and Economic Statistics 1,
    1983; Westfall and Young, Resampling-Based Multiple Testing, 1993). Intervals are Fisher's
    (Metron 1, 1921), less a degree of freedom for each calendar month.

    None where fewer than `FEWEST_CHANGES` changes are known of both, or these do not vary.
    """
    months = PairedMonths.of(frame)
    calendar, stretch = months.calendar, months.stretch
    interest = np.diff(months.interest, prepend=np.nan)
    downloads = np.diff(months.downloads, prepend=np.nan)
    downloads[stretch != np.roll(stretch, 1)] = np.nan
    both = ~np.isnan(interest) & ~np.isnan(downloads)
    changes = int(both.sum())
    if changes < FEWEST_CHANGES:
        return None
    centered = [_without_season(values, calendar) for values in (interest, downloads)]
    if not all(np.nanmax(np.abs(values)) > _NOTHING for values in centered):
        return None
    filtered, terms = prewhitened(centered[0], centered[1])
    one, other = (_without_season(values, calendar) for values in filtered)
    shifted = Shifted.of(one, other, calendar, min(FARTHEST, changes // _MONTHS_A_LAG))
    if shifted is None:
        return None
    found = shifted.correlations(shifted.one[np.newaxis])[0]
    largest = _largest_of_unrelated(shifted, calendar, seed)
    known = months.starts[both]
    lags = _lags(shifted, found, largest)
    any_found = min(lag.adjusted for lag in lags) <= FALSE_DISCOVERIES
    return LeadLag(
        lags=lags,
        band=float(np.quantile(largest, 1 - FALSE_DISCOVERIES)),
        side=_same_side(shifted, found, seed) if any_found else None,
        terms=terms,
        changes=changes,
        first=known[0],
        last=known[-1],
    )


def _centering(known: Flags, calendar: NDArray[np.int64]) -> Floats:
    """The matrix that takes the mean of its calendar month from each known value.

    What is the only one of its calendar month becomes zero: nothing is known of it.
    """
    same = (calendar[:, np.newaxis] == calendar) & known & known[:, np.newaxis]
    centering: Floats = np.diag(known.astype(float)) - same / np.maximum(same.sum(axis=0), 1)
    return centering


def _without_season(values: Floats, calendar: NDArray[np.int64]) -> Floats:
    """The values less the mean of their calendar month; NaN where there is only one of it."""
    known = ~np.isnan(values)
    times = np.bincount(calendar[known], minlength=YEAR)
    means = np.bincount(calendar[known], values[known], YEAR) / np.maximum(times, 1)
    return np.where(times[calendar] > 1, values - means[calendar], np.nan)


def _largest_of_unrelated(shifted: Shifted, calendar: NDArray[np.int64], seed: int) -> Floats:
    """The largest correlation, of either sign, in each of many orders of the months of `one`."""
    places = np.flatnonzero(shifted.known)
    centering = _centering(shifted.known, calendar)[places]
    centered = shifted.one[places][_orders(len(places), seed)] @ centering
    largest: Floats = np.abs(shifted.correlations(centered)).max(axis=1)
    return largest


@lru_cache(maxsize=8)
def _orders(count: int, seed: int) -> NDArray[np.int64]:
    """Random orders of so many months, one a row."""
    rows = np.tile(np.arange(count), (_PERMUTATIONS, 1))
    return np.random.default_rng(seed).permuted(rows, axis=1)


def _lags(shifted: Shifted, found: Floats, largest: Floats) -> tuple[Lag, ...]:
    """Every lag with its interval and p-value, given the largest of unrelated series."""
    margins = 1.96 / np.sqrt(shifted.freedom)
    middles = np.arctanh(found.clip(-_NEARLY_ONE, _NEARLY_ONE))
    beyond = (largest[:, np.newaxis] >= np.abs(found) - 1e-12).sum(axis=0)
    columns = (
        shifted.lags,
        found,
        np.tanh(middles - margins),
        np.tanh(middles + margins),
        (beyond + 1) / (len(largest) + 1),
        shifted.pairs.sum(axis=0).astype(int),
    )
    return tuple(Lag(*row) for row in zip(*(each.tolist() for each in columns), strict=True))


def _same_side(shifted: Shifted, found: Floats, seed: int) -> float:
    """In what part of resamples the strongest lies on the same side of no lag as in `found`."""
    weights = block_weights(len(shifted.one), _BLOCK, _RESAMPLES, seed)
    strongest = np.abs(shifted.weighted(weights)).argmax(axis=1)
    sides = np.sign(shifted.lags)
    return float((sides[strongest] == sides[np.abs(found).argmax()]).mean())
