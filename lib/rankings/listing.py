"""The list of the most downloaded packages: ranks, shares, and how both changed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import pandas as pd

from lib.aggregate import REST
from lib.analysis.movers import Moves
from lib.analysis.standing import named_ranks, with_other_ranks
from lib.cubes import UNKNOWN
from lib.data import Answer
from lib.questions.question import CannotTell
from lib.questions.telling.wording import when
from lib.rankings.movements import movements
from lib.rankings.scope import KEPT, Scope
from lib.router import NotHeld


@dataclass(frozen=True, eq=False)
class Listing:
    """The packages of a scope by their downloads, most first, equals by name.

    `frame` has the columns `rank` (equals share the better one), `project`, `downloads`, `a_day`,
    `share` (of all that are ranked, what has no rank among them), `earlier` (the rank in the period
    before, missing where none is known), `change` of downloads a day (or with `by_share` of the
    share of all) with its 95 % interval `low` and `high`, NaN where not told, and `note`, which is
    `new` for what had no downloads before. `unranked` has the rest and downloads that name no
    package: `project`, `downloads`, `share`. `why_no_ranks` and `why_no_change` say what forbids to
    compare.
    """

    frame: pd.DataFrame
    unranked: pd.DataFrame
    by_share: bool
    why_no_ranks: str = ""
    why_no_change: str = ""


@lru_cache(maxsize=KEPT)
def listing(scope: Scope) -> Listing:
    """The list of a scope. Raises NotHeld where nothing of its days is held."""
    whole = scope.answer.frame
    ranked = named_ranks(whole)
    ranked["a_day"] = ranked["downloads"] / scope.period.days
    before, why_no_ranks = _before(scope)
    ranks = None if before is None else named_ranks(before.frame)
    ranked = with_other_ranks(ranked, "earlier", ranks)
    ranked["note"] = _notes(scope, ranked, before)
    changes, why_no_change = _changes(scope)
    columns = ["change", "low", "high"]
    if changes is None:
        ranked[columns] = float("nan")
    else:
        told = changes.frame.set_index("series")[columns].reindex(ranked["project"])
        ranked[columns] = told.to_numpy()
        ranked.loc[ranked["note"] == "new", columns] = float("nan")
    return Listing(
        frame=ranked,
        unranked=whole[whole["project"].isin([REST, UNKNOWN])].reset_index(drop=True),
        by_share=changes is not None and changes.by_share,
        why_no_ranks=why_no_ranks,
        why_no_change=why_no_change,
    )


def found_by(frame: pd.DataFrame, search: str) -> pd.DataFrame:
    """The rows whose `project` has the text in any part of its name, in any spelling (PEP 503)."""
    wanted = search.strip().lower().replace("_", "-").replace(".", "-")
    return frame[frame["project"].str.contains(wanted, regex=False)] if wanted else frame


def _before(scope: Scope) -> tuple[Answer | None, str]:
    """Downloads of each package in the period before, or why they are not compared."""
    try:
        answer = scope.found.by_package(scope.selection, scope.before)
    except NotHeld:
        return None, f"nothing of {when(scope.before)} is held"
    if answer.clipped:
        return None, f"of {when(scope.before)} only {when(answer.period)} is held"
    return answer, ""


def _notes(scope: Scope, ranked: pd.DataFrame, before: Answer | None) -> pd.Series[str]:
    """`new` for packages without a download before, where a missing row means that."""
    notes = pd.Series("", index=ranked.index, dtype="object")
    known = before is not None and "files" not in scope.found.state.sources
    if known and not scope.is_all_of_pypi:
        notes[ranked["earlier"].isna()] = "new"
    return notes


def _changes(scope: Scope) -> tuple[Moves | None, str]:
    try:
        return movements(scope).moves, ""
    except CannotTell as reason:
        return None, str(reason)
