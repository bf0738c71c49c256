"""Who stands where: ranks, who leads in each period and how long, and how unequal a field is."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.aggregate import REST
from lib.cubes import UNKNOWN


def with_ranks(frame: pd.DataFrame, value: str = "downloads") -> pd.DataFrame:
    """`frame` with the column `rank`: 1 for the greatest `value`; equals share the better rank."""
    ranks = frame[value].rank(method="min", ascending=False).astype("int64")
    return frame.assign(rank=ranks)


def named_ranks(frame: pd.DataFrame) -> pd.DataFrame:
    """The packages of `frame` (`project`, `downloads`, …) with their `rank`, most first.

    The rest and downloads of no known package have no rank.
    """
    named = frame[~frame["project"].isin([REST, UNKNOWN]) & (frame["downloads"] > 0)]
    return with_ranks(named).reset_index(drop=True)


def with_other_ranks(top: pd.DataFrame, name: str, other: pd.DataFrame | None) -> pd.DataFrame:
    """`top` with the column `name`: the rank of each package in `other`, missing where it has none.

    Both have the columns `project` and `rank`.
    """
    ranks = pd.Series(dtype="Int64") if other is None else other.set_index("project")["rank"]
    return top.assign(**{name: top["project"].map(ranks).astype("Int64")})


def rank_size(downloads: pd.Series[int], points: int = 300) -> pd.DataFrame:
    """The rank-size curve of a field: downloads against rank, the greatest first.

    Columns `rank`, `downloads`, `cumulative` (the share of all that those up to this rank make).
    Of a field larger than `points`, ranks that are evenly spaced on a logarithmic axis.
    """
    ordered = downloads.sort_values(ascending=False).to_numpy()
    count = len(ordered)
    ranks = np.arange(1, count + 1)
    if count > points:
        ranks = np.unique(np.round(np.geomspace(1, count, points)).astype("int64"))
    cumulative = np.cumsum(ordered) / max(ordered.sum(), 1)
    chosen = ranks - 1
    return pd.DataFrame(
        {"rank": ranks, "downloads": ordered[chosen], "cumulative": cumulative[chosen]}
    )


def leaders(frame: pd.DataFrame, value: str = "downloads") -> pd.Series[str]:
    """The `project` with the greatest `value` in each `period`, in the order of periods.

    Of equals the one that led before, or else the first by name.
    """
    best = frame[frame[value] == frame.groupby("period")[value].transform("max")]
    found: dict[pd.Timestamp, str] = {}
    leader = ""
    for period, names in best.sort_values("project").groupby("period")["project"]:
        leader = leader if leader in set(names) else str(names.iloc[0])
        found[pd.Timestamp(period)] = leader  # type: ignore[arg-type]
    return pd.Series(found, name="leader", dtype="object")


def reigns(led: pd.Series[str]) -> pd.DataFrame:
    """The stretches in which one package led, from what `leaders` gives.

    Columns `leader`, `first` and `last` (periods), `periods` (how many it led in that stretch).
    """
    number = led.ne(led.shift()).cumsum()
    table = pd.DataFrame({"leader": led, "period": led.index}).groupby(number.to_numpy())
    return pd.DataFrame(
        {
            "leader": table["leader"].first(),
            "first": table["period"].min(),
            "last": table["period"].max(),
            "periods": table.size(),
        }
    ).reset_index(drop=True)
