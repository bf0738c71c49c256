"""How an hour's downloads come in: the part that has come by each second of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib.live.sample.cells import Cells
from lib.live.sample.simulating import Counts
from lib.sources.sample.arrays import Floats, Integers
from lib.sources.sample.randomness import generator

MINUTES = 60

_BURSTS = (
    {0: 0.15, 1: 0.06, 2: 0.02, 15: 0.07, 16: 0.02, 30: 0.045, 31: 0.015, 45: 0.035},
    {0: 0.85, 1: 0.35, 2: 0.12, 15: 0.42, 16: 0.15, 30: 0.25, 31: 0.08, 45: 0.18},
)
"""What scheduled jobs add to the usual of a minute, without and with a CI flag: judged, as no
table by minute is published. Jobs start on the hour above all, then on its quarters."""

_COMMON_SPREAD = 0.01
_LARGEST_SPREAD, _SMALLEST_SPREAD = 0.25, 0.02
"""Log SD of a minute's noise: of all packages together, and of one on its own."""

_DAMPING = 3.0
_FLATTEST, _STEEPEST = 0.4, 2.2
"""Bounds of the rate at an hour's edge over its mean. Up to 3 the part that has come only grows
(Fritsch and Carlson 1980, monotone piecewise cubic interpolation)."""


@dataclass(frozen=True, eq=False)
class Courses:
    """The courses of an hour: of all pairs without a CI flag, with one, and of its spikes."""

    packages: Floats
    """The part that has come by the start of each minute, with bursts and noise but no lean:
    shape [2, packages, 61], from 0 to 1."""
    project: Integers
    """The package of each pair: shape [pairs]."""
    lean: Floats
    """What the rate at the start and at the end of the hour is above its mean, over the mean:
    shape [2, pairs]."""
    spikes: Floats
    """Shape [spikes, 61], from 0 to 1."""

    def parts(self, second: int) -> Floats:
        """The part of each course that has come before a second from 0 to 3600: shape [courses].

        x + x (1 - x) (start (1 - x) - end x), where x is the package's part: the cubic from 0 to
        1 with the slopes 1 + start and 1 + end, so that neighboring hours join without a step.
        """
        x = _at(self.packages, second)[:, self.project]
        rest = 1.0 - x
        start, end = self.lean
        come = start * rest
        come -= end * x
        come *= rest
        come *= x
        come += x
        return np.concatenate([come.ravel(), _at(self.spikes, second)])


def courses(cells: Cells, seed: int, hour: int, pairs: Counts, spikes: Floats) -> Courses:
    """The courses of an hour (hours since 1970) from the downloads of each pair.

    `pairs` are those of the hour before, of the hour and of the hour after: shape [3, pairs].
    """
    before, mean, after = pairs + _DAMPING
    edges = np.stack([before + mean, after + mean]) / (2 * mean)
    lean = np.clip(edges, _FLATTEST, _STEEPEST) - 1.0
    totals: Floats = np.bincount(cells.project, pairs[1]).astype(np.float64)
    return Courses(_of_packages(seed, hour, totals), cells.project, lean, spikes)


def _at(cumulative: Floats, second: int) -> Floats:
    """Cumulative parts [..., 61] at a second, linear within a minute."""
    minute, seconds = divmod(second, 60)
    here: Floats = cumulative[..., minute]
    if seconds:
        here = here + (cumulative[..., minute + 1] - here) * (seconds / 60)
    return here


def _of_packages(seed: int, hour: int, totals: Floats) -> Floats:
    """Bursts and noise of each package, whose downloads in the hour are `totals` [packages].

    The fewer downloads a minute has, the more it varies, as the square root of a count does.
    """
    stream = generator(seed, "minutes", hour)
    common = _COMMON_SPREAD * stream.standard_normal(MINUTES)
    spread = _SMALLEST_SPREAD + 0.8 / np.sqrt(np.maximum(totals / MINUTES, 1.0))
    spread = np.minimum(spread, _LARGEST_SPREAD)[:, np.newaxis]
    noise = spread * stream.standard_normal((2, len(totals), MINUTES))
    usual = np.ones((2, 1, MINUTES))
    for row, bursts in zip(usual[:, 0], _BURSTS, strict=True):
        row[list(bursts)] += list(bursts.values())
    return cumulative_parts(usual * np.exp(noise + common))


def cumulative_parts(rates: Floats) -> Floats:
    """Rates by minute [..., 60] as the part that has come by each minute's start [..., 61]."""
    parts = np.zeros((*rates.shape[:-1], rates.shape[-1] + 1))
    np.cumsum(rates, axis=-1, out=parts[..., 1:])
    parts /= parts[..., -1:]
    return parts
