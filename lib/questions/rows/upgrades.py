"""How the new versions of a package were taken up, as far as a store tells."""

from __future__ import annotations

from dataclasses import dataclass

from lib.analysis.turnover import Turnover, Typical, Uptake, turnover, typical
from lib.cubes import Grain
from lib.data import Answer
from lib.questions.question import Asking, CannotTell
from lib.questions.telling import wording


@dataclass(frozen=True, eq=False)
class Upgrades:
    """How the new versions of the package were taken up; `what` is what they are called."""

    package: str
    answer: Answer
    turnover: Turnover
    typical: Typical
    what: str

    @property
    def newest(self) -> Uptake:
        """The version that appeared last."""
        return max(self.turnover.uptakes, key=lambda each: each.appeared)


def upgrades(asking: Asking, *, features_only: bool) -> Upgrades:
    """The new versions of the package named first in the days that are asked about.

    With `features_only` the first of each x.y. Raises NotHeld where days are not held by version,
    and CannotTell where no new version appeared in them.
    """
    package = asking.packages[0]
    query = asking.selection.query(asking.period, grain=Grain.DAY, by=("version",))
    answer = asking.found.answer(query)
    frame = asking.with_stretches(answer.frame, Grain.DAY, "version")
    found = turnover(frame, features_only=features_only)
    median = typical(found.uptakes)
    what = "feature version" if features_only else "version"
    if median is None:
        raise CannotTell(
            f"No new {what} of {package} appeared {wording.during(answer.period)}, but for the "
            "first week, of which the beginning is not known: choose a longer period."
        )
    return Upgrades(package, answer, found, median, what)
