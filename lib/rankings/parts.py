"""The parts of a ranking: packages by their groups, each download counted once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import pandas as pd

from lib.cubes import UNKNOWN
from lib.rankings.listing import listing
from lib.rankings.scope import KEPT, Scope

NO_GROUP = "in no group"

UNRANKED = {UNKNOWN: "name no package", "": "beyond the list"}
"""What the parts are called that have no package: unknown, and the rest of all of PyPI."""

_MOST = 12
"""How many packages of a group are parts of their own; in no group, three times as many."""

Groups = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, eq=False)
class Parts:
    """The parts of what is ranked: columns `group`, `name`, `downloads`, `share`, `change`,
    `groups` (how many groups the package is in; its downloads are split evenly among them).

    `change` is NaN where none is told. `split` are the packages that are in several groups.
    """

    frame: pd.DataFrame
    split: tuple[str, ...]


@lru_cache(maxsize=KEPT)
def parts(scope: Scope, groups: Groups) -> Parts:
    """The parts of a scope, the largest group first. Raises NotHeld where nothing is held."""
    found = listing(scope)
    belongs = _belonging(dict(groups))
    rows = []
    for project, downloads, change in found.frame[["project", "downloads", "change"]].itertuples(
        index=False
    ):
        among = belongs.get(str(project), (NO_GROUP,))
        rows += [(group, project, downloads / len(among), change, len(among)) for group in among]
    frame = pd.DataFrame(rows, columns=["group", "name", "downloads", "change", "groups"])
    told = pd.concat([_largest(part, str(name)) for name, part in frame.groupby("group")])
    more = [
        (UNRANKED.get(str(project), UNRANKED[""]), str(project), downloads, float("nan"), 1)
        for project, downloads in found.unranked[["project", "downloads"]].itertuples(index=False)
        if downloads
    ]
    told = pd.concat([told, pd.DataFrame(more, columns=frame.columns)] if more else [told])
    told["share"] = told["downloads"] / max(float(told["downloads"].sum()), 1)
    size = told.groupby("group")["downloads"].transform("sum")
    ordered = told.assign(size=size).sort_values(
        ["size", "group", "downloads"], ascending=[False, True, False], ignore_index=True
    )
    split = tuple(sorted({str(name) for name in frame["name"][frame["groups"] > 1]}))
    return Parts(ordered.drop(columns="size"), split)


def _belonging(groups: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """The groups that each package is in."""
    found: dict[str, tuple[str, ...]] = {}
    for group, packages in groups.items():
        for package in packages:
            found[package] = (*found.get(package, ()), group)
    return found


def _largest(part: pd.DataFrame, group: str) -> pd.DataFrame:
    """The largest packages of a group, and the others as one part."""
    most = 3 * _MOST if group == NO_GROUP else _MOST
    ordered = part.sort_values(["downloads", "name"], ascending=[False, True])
    others = ordered.iloc[most:]
    if len(others) < 2:
        return ordered
    rest = (group, f"{len(others):,} others", others["downloads"].sum(), float("nan"), 1)
    return pd.concat([ordered.head(most), pd.DataFrame([rest], columns=part.columns)])
