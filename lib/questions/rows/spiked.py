"""The spikes of a package, and the classes of downloads that they were made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import pandas as pd

from lib.analysis.makeup import DAYS_BEFORE, Rise, rises
from lib.analysis.spikes import FEWEST_DAYS, Spike, baseline, spikes
from lib.data import Answer
from lib.questions.question import Asking, CannotTell
from lib.questions.rows.by_day import ByDay, by_package, split
from lib.questions.telling import wording
from lib.router import Period

DIMENSIONS = ("country", "system", "python", "installer", "ci")

_TAKEN_APART = 3
_CLASSES = 50
_LEAST_RISE = 0.05
"""A spike was made of a value whose share rose by this at least, and for sure."""


@dataclass(frozen=True, eq=False)
class Spiked:
    """The spikes of a package, and the greatest rise of each dimension in the largest of them.

    `rises` has those of each of the largest spikes by its first day, the greatest rise first:
    pairs of a dimension and a rise. `answers` are the rows that tell them.
    """

    daily: ByDay
    usual: pd.DataFrame
    spikes: tuple[Spike, ...]
    rises: Mapping[date, tuple[tuple[str, Rise], ...]] = field(default_factory=dict)
    answers: tuple[Answer, ...] = ()

    @property
    def largest(self) -> Spike:
        """The spike with the most additional downloads."""
        return max(self.spikes, key=lambda spike: spike.excess)


def spiked(asking: Asking) -> Spiked:
    """The spikes in the period. Raises NotHeld without days, CannotTell for too few of them."""
    daily = by_package(asking, asking.period)
    found = spikes(daily.of_first)
    if found is None:
        raise CannotTell(
            f"Spikes are looked for in {FEWEST_DAYS} days and more that are counted alike; "
            f"{wording.days_are_held(asking, daily.answer.period)}."
        )
    unusual = [spike.first + timedelta(at) for spike in found for at in range(spike.days)]
    largest = sorted(found, key=lambda spike: -spike.excess)[:_TAKEN_APART]
    taken = {spike.first: _taken_apart(asking, spike, unusual) for spike in largest}
    return Spiked(
        daily,
        baseline(daily.of_first),
        found,
        {first: parts for first, (parts, _) in taken.items()},
        tuple(answer for _, answers in taken.values() for answer in answers),
    )


def _taken_apart(
    asking: Asking, spike: Spike, unusual: list[date]
) -> tuple[tuple[tuple[str, Rise], ...], tuple[Answer, ...]]:
    """The greatest rise of each dimension that is held, the greatest first, and the rows asked."""
    around = Period(spike.first - timedelta(days=DAYS_BEFORE), spike.last)
    found: list[tuple[str, Rise]] = []
    answers = []
    for dimension in DIMENSIONS:
        rows = (
            None
            if asking.selection.values(dimension)
            else split(asking, around, dimension, _CLASSES)
        )
        if rows is None:
            continue
        answers.append(rows.answer)
        inside = [spike.first + timedelta(at) for at in range(spike.days)]
        found += [(dimension, rise) for rise in rises(rows.frame, inside, unusual)[:1]]
    return tuple(sorted(found, key=lambda each: -each[1].rise)), tuple(answers)


def made_of(parts: tuple[tuple[str, Rise], ...]) -> tuple[tuple[str, Rise], ...]:
    """The rises that are sure, and large enough to be what a spike was made of."""
    return tuple(part for part in parts if part[1].found and part[1].rise >= _LEAST_RISE)
