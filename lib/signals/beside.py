"""Downloads and signals as one index: pure functions on series of whole periods."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from lib.cubes import Grain
from lib.periods import ends_of
from lib.router import Period


def within(frame: pd.DataFrame, period: Period, grain: Grain) -> pd.DataFrame:
    """The rows of a frame with a column `period` whose whole periods lie in the days."""
    starts = pd.DatetimeIndex(frame["period"])
    after = pd.Timestamp(period.last) + pd.Timedelta(days=1)
    kept: pd.DataFrame = frame[
        (starts >= pd.Timestamp(period.first)) & (ends_of(starts, grain) <= after)
    ]
    return kept


def indexed(parts: Sequence[pd.DataFrame]) -> tuple[pd.DataFrame, pd.Timestamp | None]:
    """Every series at every period, as an index; and the period that is 100, if all share one.

    Each part has the columns `period`, `series`, `amount` and `flagged`; what is returned has
    `value`, the index, too. It is 100 at the first period in which every series has more than
    nothing and nothing flagged; without one, at each one's own first such period, or the first of
    any where all are flagged.
    """
    frame = pd.concat(parts, ignore_index=True)
    names = list(dict.fromkeys(frame["series"]))
    periods = sorted(frame["period"].unique())
    every = pd.MultiIndex.from_product([periods, names], names=["period", "series"])
    whole = frame.set_index(["period", "series"]).reindex(every).reset_index()
    whole["flagged"] = whole["flagged"].eq(True)
    positive = whole["amount"] > 0
    exact = positive & ~whole["flagged"]
    shared = exact.groupby(whole["period"]).all()
    start = None
    if shared.any():
        start = pd.Timestamp(shared.idxmax())  # type: ignore[arg-type]
        first = whole[whole["period"] == start]
    else:
        first = pd.concat([whole[exact], whole[positive]]).drop_duplicates("series")
    bases = first.set_index("series")["amount"]
    return whole.assign(value=whole["amount"] / whole["series"].map(bases) * 100), start
