"""How one package changed in the last whole month, or four weeks, and what made the change."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from lib.analysis.contributions import Decomposition
from lib.analysis.movers import Judging, Movement, Moves, moves
from lib.data import Answer
from lib.questions.question import Asking, CannotTell
from lib.questions.rows.compared import Compared, compared, made_by, rows_of
from lib.questions.telling.wording import during

_OTHERS = "all others"
"""The series of all other packages held. No package can have this name."""

_JUDGING = Judging(change=0.0)
"""One package is looked at: what is sure is told, however small."""


@dataclass(frozen=True, eq=False)
class PackageChange(Compared):
    """The change of a package, as `moves` tells it: by its share of all held across a break.

    `made` is what made it, and None where it is not sure, or where nothing can tell.
    """

    package: str
    moves: Moves
    made: Decomposition | None
    answers: tuple[Answer, ...]

    @property
    def row(self) -> Mapping[Hashable, Any]:
        """The row of the package in `moves`."""
        frame = self.moves.frame
        return frame[frame["series"] == self.package].to_dict("records")[0]

    @property
    def sure(self) -> bool:
        """Whether it surely rose or fell."""
        return self.row["movement"] in (Movement.ROSE, Movement.FELL)


def package_change(asking: Asking) -> PackageChange:
    """The change of the package named first, up to the end of the period that is asked about.

    Raises NotHeld where nothing of the period is held, and CannotTell where there are no two
    periods to compare, or where a break cuts one of them.
    """
    try:
        return _change(asking, whole_month=True)
    except CannotTell:
        return _change(asking, whole_month=False)


def _change(asking: Asking, *, whole_month: bool) -> PackageChange:
    package = asking.packages[0]
    selection = replace(asking.selection, packages=(package,))
    both = compared(asking, selection, whole_month)
    answer = rows_of(asking, selection, both, "project")
    answers: tuple[Answer, ...] = (answer,)
    frame = answer.frame.rename(columns={"project": "series"})
    if not frame["downloads"].sum():
        raise CannotTell(f"No downloads of {package} are held {during(both.both)}.")
    if both.spans.between:
        everything = rows_of(asking, replace(selection, packages=()), both)
        answers = (answer, everything)
        frame = pd.concat([frame, _others(frame, everything.frame)], ignore_index=True)
    complete = "files" not in asking.found.state.sources
    found = moves(frame, both.spans, judging=_JUDGING, missing_is_none=complete)
    change = PackageChange(both.before, both.after, both.spans, package, found, None, answers)
    if pd.isna(change.row["change"]):
        raise CannotTell(
            f"Nothing can be compared {during(both.after)}: rows were lost, or the record changed "
            "within it or right before."
        )
    if not change.sure or found.by_share:
        return change
    made, more = made_by(asking, both, package)
    return replace(change, made=made, answers=(*answers, *more))


def _others(frame: pd.DataFrame, everything: pd.DataFrame) -> pd.DataFrame:
    """The downloads of all other packages held, from those of one and of all."""
    own = everything["period"].map(frame.set_index("period")["downloads"]).fillna(0)
    return everything.assign(series=_OTHERS, downloads=everything["downloads"] - own)
