"""One hour of the sample by cell, counted up to any second of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lib.live.sample.cells import Flags
from lib.live.sample.courses import MINUTES, Courses, courses
from lib.live.sample.simulating import Counts, Day
from lib.live.sample.spikes import Spike
from lib.sources.sample.arrays import Floats, Integers, apportion_segments
from lib.sources.sample.days import number
from lib.sources.sample.randomness import day_fractions, generator

SECONDS = 3600


@dataclass(frozen=True, eq=False)
class Hour:
    """The cells with downloads in one hour: a place in each array. A spike's cells come again."""

    cells: Counts
    """The cell, by its place among all cells."""
    counts: Counts
    """Its downloads in the whole hour."""
    course: Counts
    """The course, among `courses`, by which they come in."""
    phase: NDArray[np.float32]
    """From 0 to below 1: where the cell's rounding starts."""
    courses: Courses

    def only(self, kept: Flags) -> Hour:
        """The part of it in some cells: `kept` [all cells]."""
        mine = np.flatnonzero(kept[self.cells])
        return replace(
            self,
            cells=self.cells[mine],
            counts=self.counts[mine],
            course=self.course[mine],
            phase=self.phase[mine],
        )

    def before(self, second: int) -> Floats:
        """The downloads of each place before a second from 0 to 3600, whole numbers.

        floor(count x part + phase): it never falls from one second to the next, begins with 0 and
        ends with the count, so that the seconds of an hour sum to it exactly.
        """
        come = self.courses.parts(second)[self.course]
        come *= self.counts
        come += self.phase
        counted: Floats = np.floor(come, out=come)
        return counted


def hour_of_day(day: Day, hour: int, seed: int, spikes: Sequence[Spike]) -> Hour:
    """An hour of a day: its pairs' downloads split to cells exactly, and its spikes on top."""
    cells, at = day.cells, number(day.date) * 24 + hour
    split = _split(day, hour, seed, at)
    mine = np.flatnonzero(split)
    places = [place for place, spike in enumerate(spikes) for _ in spike.pairs]
    pairs = [pair for spike in spikes for pair in spike.pairs]
    counts = [count for spike in spikes for count in spike.counts]
    phase = generator(seed, "phases", at).random(len(split), dtype=np.float32)[mine]
    parts = np.array([spike.parts() for spike in spikes]).reshape(len(spikes), MINUTES + 1)
    around = day.hours[hour : hour + 3]
    return Hour(
        cells=_joined(mine, cells.starts[pairs]),
        counts=_joined(split[mine], counts),
        course=_joined(cells.course[mine], np.array(places) + 2 * len(cells.starts)),
        phase=np.concatenate([phase, np.full(len(pairs), 0.5, dtype=np.float32)]),
        courses=courses(cells, seed, at, around, parts),
    )


def _joined(ordinary: ArrayLike, of_spikes: ArrayLike) -> Counts:
    return np.concatenate([ordinary, of_spikes]).astype(np.int32)


def _split(day: Day, hour: int, seed: int, at: int) -> Integers:
    """The downloads of an hour by cell, in proportion to those of the day: shape [cells].

    A pair without downloads on the day has none in the hour either, but needs weights to split.
    """
    cells, weights = day.cells, day.counts.astype(np.float64)
    idle = np.add.reduceat(weights, cells.starts) == 0
    weights[idle[cells.pair]] = 1.0
    phase = day_fractions(seed, "cells by hour", "all packages", np.array([at]))
    totals = day.hours[np.newaxis, hour + 1].astype(np.int64)
    split: Integers = apportion_segments(totals, weights[np.newaxis], cells.starts, phase)[0]
    return split
