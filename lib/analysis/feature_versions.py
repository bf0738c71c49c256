"""Downloads by feature version: what 2.1.0, 2.1.3 and 2.1rc1 have in common is 2.1."""

from __future__ import annotations

import pandas as pd
from packaging.version import InvalidVersion, Version

from lib.aggregate import REST
from lib.cubes import UNKNOWN


def feature_of(text: str) -> str:
    """The feature version x.y of a version (PEP 440); the rest for a text that is no version."""
    if text == UNKNOWN:
        return UNKNOWN
    try:
        version = Version(text)
    except InvalidVersion:
        return REST
    epoch = f"{version.epoch}!" if version.epoch else ""
    return f"{epoch}{version.major}.{version.minor}"


def by_feature(frame: pd.DataFrame, top: int) -> pd.DataFrame:
    """Downloads of each period by feature version: `period`, `series`, `downloads`.

    From columns `period`, `version` and `downloads`. The newest and the most downloaded stand
    alone, `top` together, from old to new; the others are the rest, and what has no version
    is unknown. Every series that has downloads is in every period.
    """
    features = {text: feature_of(text) for text in frame["version"].unique()}
    named = frame.assign(series=frame["version"].map(features))
    sums = named.groupby("series")["downloads"].sum()
    sums = sums[sums > 0]
    known = sums.drop([REST, UNKNOWN], errors="ignore")
    newest = sorted(known.index, key=Version)[-1:]
    ranked = [name for name in known.sort_values(ascending=False).index if name not in newest]
    kept = sorted([*newest, *ranked[: top - len(newest)]], key=Version)
    others = named["series"].isin(sums.index.difference([*kept, UNKNOWN]))
    named = named[named["series"].isin(sums.index)].assign(
        series=named["series"].mask(others, REST)
    )
    table = named.pivot_table(
        index="period", columns="series", values="downloads", aggfunc="sum", fill_value=0
    )
    order = [name for name in (*kept, REST, UNKNOWN) if name in table]
    return table[order].reset_index().melt("period", var_name="series", value_name="downloads")
