"""How each package of a set is doing: its downloads, its rank, and what it did in four weeks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

import pandas as pd

from lib.aggregate import REST
from lib.analysis.movers import Movement
from lib.analysis.standing import with_ranks
from lib.cubes import UNKNOWN
from lib.data import Downloads
from lib.questions.address import with_fixed_days
from lib.questions.question import Asked, Asking, CannotTell
from lib.questions.rows.compared import Compared, compared
from lib.questions.rows.recent_moves import RecentMoves, moves_between, packages_looked_at
from lib.router import available_period
from lib.selection import Selection

_KEPT = 50

_NAMED = 10

ATTENTION = (
    Movement.QUIET,
    Movement.FELL,
    Movement.EMERGED,
    Movement.ROSE,
    Movement.NOT_TOLD,
    Movement.NO_INTERVAL,
    Movement.TOO_FEW,
    Movement.STEADY,
)
"""What packages did, in the order in which it matters to those who depend on them."""


@dataclass(frozen=True, eq=False)
class Report:
    """How the packages of a set are doing.

    `frame` has a row for each package held, what needs attention first: `package`, `movement`,
    `change` (relative, of downloads a day or with `found.moves.by_share` of shares of all) with its
    95 % interval `low` and `high`, `adjusted` (p-value, corrected for all packages looked at),
    `before` and `after` (downloads a day), `share_before` and `share_after` (of all packages looked
    at), `rank` among the `ranked` packages that had downloads after (missing where it had none, and
    beyond those that are listed of all of PyPI). `unheld` are the packages that are not held.
    """

    asking: Asking
    name: str
    found: RecentMoves
    frame: pd.DataFrame
    unheld: tuple[str, ...]
    ranked: int

    def that(self, *movements: Movement) -> pd.DataFrame:
        """The rows of the packages that did one of these."""
        return self.frame[self.frame["movement"].isin(movements)]


def report(found: Downloads, name: str, packages: tuple[str, ...], yesterday: date) -> Report:
    """How the packages of a set called `name` are doing, up to the last day held.

    The last 28 days are compared with those before, or the last month with that before where days
    are not held. Raises NotHeld where nothing is held by package, and CannotTell where none of
    these is held, or too little to compare.
    """
    asking = Asking(found, with_fixed_days(found, Asked()), yesterday)
    listed = packages_looked_at(asking).packages
    held = tuple(package for package in packages if found.holds(package))
    looked_at = Selection(tuple(dict.fromkeys((*listed, *held))) if listed else ())
    both = compared(asking, looked_at, whole_month=False)
    return report_of(asking, moves_between(asking, looked_at, both), name, packages)


@lru_cache(maxsize=_KEPT)
def report_of(asking: Asking, moved: RecentMoves, name: str, packages: tuple[str, ...]) -> Report:
    """How the packages of a set are doing, from how all packages held moved.

    Each is judged beside all that are held, so that what is called a rise does not depend on the
    set. Raises CannotTell where none of these is held.
    """
    holds = asking.found.holds
    held = tuple(package for package in packages if holds(package))
    unheld = tuple(package for package in packages if not holds(package))
    if not held:
        named = ", ".join(unheld[:_NAMED]) + (", …" if len(unheld) > _NAMED else "")
        raise CannotTell(
            f"None of the packages of {name} is held ({named}): nothing can be told of them. "
            "Fetch them, or ask a store that holds them."
        )
    ranks = _ranks(moved.moves.frame, packages_looked_at(asking).packages)
    rows = moved.moves.frame.set_index("series").reindex(list(held))
    rows["movement"] = rows["movement"].astype("object")
    for package in rows.index[rows["movement"].isna()]:
        _fill(rows, str(package), asking, moved)
    rows["rank"] = ranks.reindex(rows.index).astype("Int64")
    frame = _ordered(rows.rename_axis("package").reset_index())
    return Report(asking, name, moved, frame, unheld, len(ranks))


def _ranks(frame: pd.DataFrame, listed: tuple[str, ...]) -> pd.Series[int]:
    """The rank of each package that had downloads, by its downloads after.

    Of all of PyPI those that are listed alone are ranked: others stand between the rest.
    """
    named = frame[~frame["series"].isin([UNKNOWN, REST]) & (frame["after"] > 0)]
    if listed:
        named = named[named["series"].isin(listed)]
    return with_ranks(named, "after").set_index("series")["rank"]


def _fill(rows: pd.DataFrame, package: str, asking: Asking, both: Compared) -> None:
    """What is told of a package that has no row in either period: none, or that it is not known."""
    selection = replace(asking.selection, packages=(package,))
    query = selection.query(both.both, grain=both.spans.grain)
    part = available_period(asking.found.state.coverage, query)
    covered = part is not None and part.overlap(both.both) == both.both
    if covered and "files" not in asking.found.state.sources:
        rows.loc[package, ["before", "after", "share_before", "share_after"]] = 0.0
        rows.loc[package, "movement"] = Movement.TOO_FEW
    else:
        rows.loc[package, "movement"] = Movement.NOT_TOLD


def _ordered(frame: pd.DataFrame) -> pd.DataFrame:
    """What needs attention first; of what fell or rose the most, of the others the largest."""
    place = frame["movement"].map({movement: at for at, movement in enumerate(ATTENTION)})
    moved = frame["movement"].isin([Movement.FELL, Movement.ROSE, Movement.QUIET])
    size = frame["after"].fillna(-1.0)
    most = frame["change"].abs().where(moved, 0.0)
    keys = pd.DataFrame({"place": place, "most": -most, "size": -size, "name": frame["package"]})
    return frame.loc[keys.sort_values(list(keys.columns)).index].reset_index(drop=True)
