"""Two series at lags: prewhitened by the memory of one, and correlated as far as both are known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lib.analysis.resampling import Floats

_LEAST_FREEDOM = 4
"""The fewest degrees of freedom of a correlation that is told."""

_MOST_ORDER = 6

_ROWS_AN_ORDER = 8

Flags = NDArray[np.bool_]


def prewhitened(one: Floats, other: Floats) -> tuple[tuple[Floats, Floats], int]:
    """Both through the filter that makes the first one white, and the order of the filter."""
    most = min(_MOST_ORDER, int((~np.isnan(one)).sum()) // _ROWS_AN_ORDER)
    before = _before(one, most)
    whole = ~np.isnan(np.column_stack([one, before])).any(axis=1)
    values, past, count = one[whole], before[whole], int(whole.sum())
    squares, products = past.T @ past, past.T @ values
    best, terms = np.inf, 0
    weights: Floats = np.zeros(0)
    for order in range(min(most, count - _ROWS_AN_ORDER) + 1):
        solved = np.linalg.lstsq(squares[:order, :order], products[:order], rcond=None)[0]
        fitted = solved.astype(np.float64)
        left = float(values @ values - products[:order] @ fitted)
        score = count * np.log(max(left, 1e-300)) + 2 * (order + 1) * count / (count - order - 2)
        if score < best:
            best, terms, weights = score, order, fitted
    first, second = (values - _before(values, terms) @ weights for values in (one, other))
    return (first, second), terms


def _before(values: Floats, most: int) -> Floats:
    """A column for each of the values that came one, two, … before."""
    padded = np.concatenate([np.full(most, np.nan), values])
    columns = [padded[most - back : len(padded) - back] for back in range(1, most + 1)]
    return np.column_stack(columns) if columns else np.zeros((len(values), 0))


@dataclass(frozen=True, eq=False)
class Shifted:
    """A series beside another that is shifted by each of the `lags`.

    `one` is 0 where it is not `known`; `other` and `pairs` [months, lags] are the other so many
    months later, and whether both are known then. `groups` counts the calendar months.
    """

    one: Floats
    known: Flags
    other: Floats
    pairs: Floats
    lags: NDArray[np.int64]
    groups: int

    @classmethod
    def of(
        cls, one: Floats, other: Floats, calendar: NDArray[np.int64], farthest: int
    ) -> Shifted | None:
        """The lags up to the farthest of which enough pairs are known; None without any."""
        lags = np.arange(-farthest, farthest + 1)
        at = np.arange(len(one))[:, np.newaxis] + lags
        inside = (at >= 0) & (at < len(one))
        later = np.where(inside, other[at.clip(0, len(one) - 1)], np.nan)
        known = ~np.isnan(one)
        pairs = known[:, np.newaxis] & ~np.isnan(later)
        groups = len(np.unique(calendar[known]))
        enough = pairs.sum(axis=0) - groups - 2 >= _LEAST_FREEDOM
        if not enough[farthest]:
            return None
        return cls(
            one=np.where(known, one, 0),
            known=known,
            other=np.where(pairs, later, 0)[:, enough],
            pairs=pairs[:, enough].astype(float),
            lags=lags[enough],
            groups=groups,
        )

    @property
    def freedom(self) -> Floats:
        """The degrees of freedom of the correlation at each lag."""
        found: Floats = self.pairs.sum(axis=0) - self.groups - 2
        return found

    def correlations(self, one: Floats) -> Floats:
        """Pearson's correlation at each lag of each row of `one`, which is known where `one` is."""
        return _pearson(
            self.pairs.sum(axis=0),
            (one @ self.pairs, one**2 @ self.pairs),
            (self.other.sum(axis=0), (self.other**2).sum(axis=0)),
            one @ self.other,
        )

    def weighted(self, weights: Floats) -> Floats:
        """The correlations where each month counts as often as a row of `weights` says."""
        one = self.one[:, np.newaxis]
        return _pearson(
            weights @ self.pairs,
            (weights @ (one * self.pairs), weights @ (one**2 * self.pairs)),
            (weights @ self.other, weights @ self.other**2),
            weights @ (one * self.other),
        )


def _pearson(
    count: Floats, one: tuple[Floats, Floats], other: tuple[Floats, Floats], product: Floats
) -> Floats:
    """Pearson's correlation from sums of values, of their squares, and of products; or 0."""
    pairs = np.maximum(count, 1)
    spread = (one[1] - one[0] ** 2 / pairs) * (other[1] - other[0] ** 2 / pairs)
    found: Floats = (product - one[0] * other[0] / pairs) / np.sqrt(np.maximum(spread, 1e-300))
    return np.where(spread > 1e-300, found.clip(-1, 1), 0.0)
