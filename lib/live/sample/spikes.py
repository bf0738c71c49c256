"""Short spikes on top of the sample: now and then a job that fetches one package over and over."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lib.cubes import UNKNOWN
from lib.live.sample.courses import MINUTES
from lib.live.sample.simulating import Day
from lib.sources.sample.arrays import Floats
from lib.sources.sample.days import number
from lib.sources.sample.randomness import generator

_CHANCE = 0.4
"""Of an hour to have a spike: one in two to three hours."""

_LARGE = 0.5
"""The part of the spikes that can be seen in the total."""

_SHORTEST, _LONGEST = 6, 25
_OF_THE_TOTAL = (0.05, 0.20)
"""The height of a large spike over the total rate of the hour."""

_OF_THE_PACKAGE = (2.0, 9.0)
"""The height of a small spike over its package's usual rate, on top of it."""

_HIDDEN = 0.04
"""The most that a small spike's height is of the total rate, where packages are few."""

_ELSEWHERE = (0.05, 0.15)
"""The part of a spike that comes from a second country."""

_MOST_OF_A_DAY = 0.014


@dataclass(frozen=True)
class Spike:
    """Extra downloads of a package within one hour, by pip on Linux without a CI flag."""

    hour: int
    """The hour of the day."""
    first: int
    """Its first minute."""
    length: int
    """In minutes."""
    pairs: tuple[int, ...]
    """The package in its country, and in a second one."""
    counts: tuple[int, ...]
    """The downloads of each pair."""

    def parts(self) -> Floats:
        """The part of it that has come by the start of each minute: shape [61].

        The rate is a squared sine, whose height is twice its mean.
        """
        at = np.clip((np.arange(MINUTES + 1) - self.first) / self.length, 0.0, 1.0)
        parts: Floats = at - np.sin(2 * np.pi * at) / (2 * np.pi)
        parts[at == 1.0] = 1.0
        return parts


def spikes_of(day: Day, seed: int) -> tuple[Spike, ...]:
    """The spikes of a day, in order of their hours; all together under 1.5 percent of it."""
    stream = generator(seed, "live spikes", number(day.date))
    found = [_drawn(stream, hour, day) for hour in range(24) if stream.random() < _CHANCE]
    most = _MOST_OF_A_DAY * float(day.counts.sum())
    scale = min(1.0, most / max(1.0, float(sum(sum(spike.counts) for spike in found))))
    return tuple(
        replace(spike, counts=tuple(int(scale * count) for count in spike.counts))
        for spike in found
    )


def _drawn(stream: np.random.Generator, hour: int, day: Day) -> Spike:
    """One spike of an hour of the day."""
    cells = day.cells
    by_pair = day.hours[hour + 1].astype(np.float64)
    by_package: Floats = np.bincount(cells.project, by_pair).astype(np.float64)
    per_minute = by_pair.sum() / MINUTES
    if stream.random() < _LARGE:
        package = int(stream.choice(len(by_package), p=_shares(by_package)))
        height = stream.uniform(*_OF_THE_TOTAL) * per_minute
    else:
        package = _small_package(stream, by_package)
        height = stream.uniform(*_OF_THE_PACKAGE) * by_package[package] / MINUTES
        height = min(height, _HIDDEN * per_minute)
    length = int(stream.integers(_SHORTEST, _LONGEST + 1))
    unknown = cells.values["country"].index(UNKNOWN)
    known = cells.codes["country"][cells.starts] != unknown
    weights = np.sqrt(by_pair) * (cells.project == package) * known
    some = min(2, int((weights > 0).sum()))
    pairs = stream.choice(len(weights), some, replace=False, p=_shares(weights))
    elsewhere = stream.uniform(*_ELSEWHERE)
    total = height * length / 2
    return Spike(
        hour=hour,
        first=int(stream.integers(MINUTES - length + 1)),
        length=length,
        pairs=tuple(int(pair) for pair in pairs),
        counts=tuple(int(total * part) for part in (1 - elsewhere, elsewhere)[:some]),
    )


def _small_package(stream: np.random.Generator, by_package: Floats) -> int:
    """A package too small for the total to show it, and large enough for its own minutes to."""
    order = np.argsort(by_package, kind="stable")
    low, high = len(order) * 2 // 10, len(order) * 7 // 10
    return int(order[stream.integers(low, high + 1)])


def _shares(weights: Floats) -> Floats:
    """Weights as chances; even ones where all are zero."""
    weights = weights if weights.any() else np.ones_like(weights)
    shares: Floats = weights / weights.sum()
    return shares
