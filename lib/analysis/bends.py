"""A line over months that bends once: where, and what noise of any memory would make of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from lib.analysis.comparable import UNUSABLE
from lib.analysis.paired_months import YEAR
from lib.analysis.resampling import Floats

FROM_THE_ENDS = 12
"""How many months each course lasts at least, so that a season is not taken for one."""

_MEMORIES = (0.0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.94, 0.97, 1.0)
"""The memories that are tried: from noise that forgets at once to a walk without an aim."""

_LOOKS_BACK = 6
"""Over how many months the resemblance of residuals is looked at."""

_DRAWS = 400

_LEAST_BEND = 1e-3
"""The part of a bend that levels, season and trend must leave for it to be told from them."""

_NOTHING = 1e-20


@dataclass(frozen=True, eq=False)
class Fit:
    """What is found of rows of values: `at` which candidate each bends most, and how much.

    `whole` is the sum of squares without the bend, `left` that with it, of the `residuals`;
    `memory` is the mean of the first autocorrelations of these.
    """

    at: NDArray[np.int64]
    whole: Floats
    residuals: Floats
    left: Floats
    memory: Floats

    @cached_property
    def explained(self) -> Floats:
        """The part of the sum of squares that the bend explains."""
        found: Floats = 1 - self.left / np.maximum(self.whole, _NOTHING)
        return found


@dataclass(frozen=True, eq=False)
class Noise:
    """Draws of AR(1) noise of one memory over the months of a design, and what is found of them."""

    values: Floats
    fit: Fit

    def less_memory(self, fit: Fit) -> float:
        """How likely residuals resemble each other no more than those of a fit."""
        return float((self.fit.memory <= fit.memory[0]).mean())

    def bends_as_much(self, fit: Fit) -> float:
        """The p-value of a bend of so much."""
        beyond = int((self.fit.explained >= fit.explained[0]).sum())
        return (beyond + 1) / (len(self.values) + 1)

    def as_large(self, squares: Floats) -> Floats:
        """The draws, with a sum of squares as of what is left of values without a bend."""
        drawn: Floats = self.values * np.sqrt(squares / self.fit.whole.mean())
        return drawn


@dataclass(frozen=True, eq=False)
class Design:
    """What a line over known months that bends at one of the candidates is made of.

    `places` are the numbers of the known months, `candidates` those at which it may bend. `plain`
    [months, columns] is what it has without the bend: the levels of stretches, the time in years,
    and those of calendar months over their mean; `solver` its pseudoinverse, and `basis` an
    orthonormal one of what it spans. `bends` are the years since each candidate, and `units` what
    `basis` leaves of these, over its `lengths`.
    """

    stretch: NDArray[np.int64]
    places: NDArray[np.int64]
    candidates: NDArray[np.int64]
    plain: Floats
    solver: Floats
    basis: Floats
    bends: Floats
    units: Floats
    lengths: Floats

    def fit(self, values: Floats) -> Fit:
        """The bend that explains the most of each row of values."""
        rest = values - (values @ self.basis) @ self.basis.T
        scores = rest @ self.units
        at = np.abs(scores).argmax(axis=1)
        best = scores[np.arange(len(at)), at]
        whole = (rest**2).sum(axis=1)
        residuals = rest - best[:, np.newaxis] * self.units.T[at]
        left = (residuals**2).sum(axis=1)
        return Fit(at, whole, residuals, left, self._memory(residuals))

    def _memory(self, residuals: Floats) -> Floats:
        """The mean of the first autocorrelations of each row of residuals."""
        row = np.zeros((len(residuals), int(self.places[-1]) + 1))
        row[:, self.places] = residuals
        squares = np.maximum((row**2).sum(axis=1), _NOTHING)
        products = [
            (row[:, back:] * row[:, :-back]).sum(axis=1) for back in range(1, _LOOKS_BACK + 1)
        ]
        mean: Floats = np.mean(products, axis=0) / squares
        return mean

    def slope(self, values: Floats) -> Floats:
        """The slope a year of a line through each row of values that does not bend."""
        found: Floats = values @ self.solver[self._time]
        return found

    def slopes(self, values: Floats, at: NDArray[np.int64]) -> tuple[Floats, Floats]:
        """The slopes a year of each row of values, before and after the candidate of the row."""
        rest = values - (values @ self.basis) @ self.basis.T
        bend = (rest * self.units.T[at]).sum(axis=1) / self.lengths[at]
        before = self.slope(values - bend[:, np.newaxis] * self.bends.T[at])
        return before, before + bend

    def level(self, values: Floats) -> Floats:
        """The line through a row of values that does not bend, without its season."""
        columns = self._time + 1
        found: Floats = self.plain[:, :columns] @ (self.solver @ values)[:columns]
        return found

    @property
    def _time(self) -> int:
        """Which column of `plain` is the time."""
        return len(np.unique(self.stretch))

    @cached_property
    def noises(self) -> tuple[Noise, ...]:
        """Noise of each memory that is tried."""
        return tuple(self._noise(memory) for memory in _MEMORIES)

    def _noise(self, memory: float) -> Noise:
        from scipy.signal import lfilter

        shape = (_DRAWS, int(self.places[-1]) + 1)
        steps = np.random.default_rng(0).standard_normal(shape)
        # Noise that forgets has no first month; where a walk begins is a level, which is fitted.
        steps[:, 0] /= math.sqrt(1 - memory**2) if memory < 1 else 1
        values = lfilter([1.0], [1.0, -memory], steps, axis=1)[:, self.places]
        return Noise(values, self.fit(values))


@lru_cache(maxsize=16)
def design_of(calendar: int, stretch: tuple[int, ...]) -> Design | None:
    """The design of months from a calendar month on, by their stretches; unusable if not known.

    None where no bend can be told from the levels and the season.
    """
    numbers = np.array(stretch)
    places = np.flatnonzero(numbers != UNUSABLE)
    numbers, years = numbers[places], places / YEAR
    of_stretch = (numbers[:, np.newaxis] == np.unique(numbers)).astype(float)
    season = np.eye(YEAR)[(places + calendar) % YEAR] - 1 / YEAR
    plain = np.column_stack([of_stretch, years - years.mean(), season[:, 1:]])
    left, sizes, _ = np.linalg.svd(plain, full_matrices=False)
    basis = left[:, sizes > 1e-9 * sizes[0]]
    candidates = places[FROM_THE_ENDS : len(places) - FROM_THE_ENDS]
    bends = (years[:, np.newaxis] - candidates / YEAR).clip(min=0)
    rest = bends - basis @ (basis.T @ bends)
    lengths = np.sqrt((rest**2).sum(axis=0))
    told = lengths > _LEAST_BEND * np.sqrt((bends**2).sum(axis=0))
    if not told.any():
        return None
    rest, lengths = rest[:, told], lengths[told]
    return Design(
        stretch=numbers,
        places=places,
        candidates=candidates[told],
        plain=plain,
        solver=np.linalg.pinv(plain),
        basis=basis,
        bends=bends[:, told],
        units=rest / lengths,
        lengths=lengths,
    )
