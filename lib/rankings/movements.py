"""How every package moved between a period and the one before, and which did so in one way."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import pandas as pd

from lib.aggregate import REST
from lib.analysis.movers import Judging, Movement
from lib.analysis.spans import Spans
from lib.cubes import UNKNOWN
from lib.questions.rows.compared import Compared
from lib.questions.rows.recent_moves import RecentMoves, moves_between
from lib.rankings.choice import Show
from lib.rankings.scope import KEPT, Scope
from lib.router import Period

JUDGING = Judging()
"""When a movement is told: the floor, the least change, and the part of false discoveries."""

_MOVEMENTS = {
    Show.HOT: Movement.ROSE,
    Show.EMERGING: Movement.EMERGED,
    Show.COOLING: Movement.FELL,
    Show.GONE: Movement.QUIET,
}

_NO_PACKAGES = (REST, UNKNOWN)

_ORDERS = {
    Show.HOT: ("low", False),
    Show.EMERGING: ("after", False),
    Show.COOLING: ("high", True),
    Show.GONE: ("before", False),
}
"""By what each list is ordered, and whether the least comes first.

What rose or fell stands by the end of its interval that is nearer to no change: a small package
whose change is hardly known does not lead because of it.
"""


def movements(scope: Scope) -> RecentMoves:
    """How each package changed, judged beside all that are held under the same filters.

    A group is judged as a part of all, so that the correction for many tests and the shares across
    a break do not depend on it. Of all of PyPI those are looked at that are listed. Raises
    CannotTell where not all of both periods is held.
    """
    names: tuple[str, ...] = ()
    if scope.found.state.packages is None:
        whole = scope.everything.answer.frame["project"]
        listed = whole[~whole.isin(_NO_PACKAGES)]
        names = tuple(dict.fromkeys((*listed, *scope.selection.packages)))
    return _moved(scope.everything, names, scope.before, scope.period)


@lru_cache(maxsize=KEPT)
def _moved(whole: Scope, names: tuple[str, ...], before: Period, after: Period) -> RecentMoves:
    selection = replace(whole.selection, packages=names)
    spans = Spans.of(before, after, whole.grain, whole.breaks)
    return moves_between(whole.asking, selection, Compared(before, after, spans))


def of_scope(scope: Scope, found: RecentMoves) -> pd.DataFrame:
    """The moves of the packages that are ranked: all, or those of the group."""
    frame = found.moves.frame
    members = scope.selection.packages
    return frame[frame["series"].isin(members) if members else ~frame["series"].isin(_NO_PACKAGES)]


def moved(scope: Scope, found: RecentMoves, show: Show) -> pd.DataFrame:
    """The packages that moved in one way, in the order of `_ORDERS`: columns of `Moves.frame`."""
    frame = of_scope(scope, found)
    column, ascending = _ORDERS[show]
    return frame[frame["movement"] == _MOVEMENTS[show]].sort_values(
        [column, "series"], ascending=[ascending, True], ignore_index=True
    )
