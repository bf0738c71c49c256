"""The packages that move like one of them, by the weeks that a store holds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import pandas as pd

from lib.analysis.likeness import FEWEST_OTHERS, FEWEST_WEEKS, Likeness, likeness
from lib.analysis.resampling import WEEK
from lib.cubes import Grain
from lib.data import Answer
from lib.periods import period_starts
from lib.questions.question import Asking, CannotTell
from lib.questions.rows.recent_moves import packages_looked_at
from lib.router import Period

_MOST_WEEKS = 104
"""Two years: enough to be sure of what is weakly alike, and not an older story."""


@dataclass(frozen=True, eq=False)
class Alike:
    """How alike a package and each other one move, and the rows that tell it."""

    package: str
    likeness: Likeness
    answer: Answer

    @property
    def found(self) -> pd.DataFrame:
        """The rows of the packages that surely move like it, the most alike first."""
        return self.likeness.frame[self.likeness.frame["alike"]]

    @property
    def period(self) -> Period:
        """From the first to the last day of the weeks that are compared."""
        after = self.likeness.last + pd.Timedelta(days=WEEK - 1)
        return Period(self.likeness.first.date(), after.date())


def alike(asking: Asking) -> Alike:
    """What moves like the package named first, in the two years to the end of the period asked.

    Of all packages held, or the most downloaded of PyPI, under the filters asked for. Raises
    NotHeld where days are not held by package, and CannotTell where too few weeks or others are.
    """
    package = asking.packages[0]
    last = asking.period.last
    wanted = Period(last - timedelta(days=_MOST_WEEKS * WEEK - 1), last)
    names = packages_looked_at(asking).packages
    if names and package not in names:
        names = (*names[:-1], package)
    selection = replace(asking.selection, packages=names)
    answer = asking.found.answer(selection.query(wanted, grain=Grain.WEEK, by=("project",)))
    starts = period_starts(answer.period, Grain.WEEK)
    whole = answer.frame[~answer.frame["period"].map(starts).to_numpy(dtype=bool)]
    frame = whole.rename(columns={"project": "series"})
    found = likeness(asking.with_stretches(frame, Grain.WEEK), package)
    if found is None:
        raise CannotTell(
            f"What moves like {package} is told from {FEWEST_WEEKS} changes from one whole week to "
            f"the next, none of them across a break of the record, in which it and {FEWEST_OTHERS} "
            "other packages have downloads: fewer are held. Choose a period that ends later, or "
            "one filter less."
        )
    return Alike(package, found, answer)
