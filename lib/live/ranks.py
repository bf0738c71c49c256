"""Who is downloaded most, who is rising, and how downloads are distributed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from lib.aggregate import REST
from lib.cubes import UNKNOWN
from lib.live import EARLIER_WEEKS
from lib.live.usual import (
    Floats,
    beside_weeks,
    prediction_variance,
    spread_beyond_chance,
    with_usual,
)

BEYOND_CHANCE = 4.0
"""Standard errors above its usual from which a package counts as rising: a judgment. Of normal
values 3 in 100,000 lie there, so that a look at thousands of packages rarely names one by chance.
"""

_ALIKE = 25
"""Packages on either side, in the order of size, that tell how much one of that size varies: a
judgment. A hundred or two hundred values give the spread to a tenth."""


def ranked(now: pd.DataFrame, before: pd.DataFrame, dimension: str = "project") -> pd.DataFrame:
    """The values of a dimension by their downloads, and how each has moved.

    `now` and `before` have the columns `dimension` and `downloads`, each value once. Columns:
    `dimension`, `downloads`, `share` (0 to 1, of all downloads of `now`, `unknown` among them),
    `rank` (equal downloads share the better rank), `rank_before` (<NA> for a value that had none)
    and `moved` (ranks gained). Best rank first, then by name; `unknown` last and without a rank,
    for it is no value but the lack of one.
    """
    frame = _ordered(now, dimension)
    frame["rank"] = _ranks(now, dimension).reindex(frame[dimension]).array
    frame["rank_before"] = _ranks(before, dimension).reindex(frame[dimension]).array
    frame["moved"] = frame["rank_before"] - frame["rank"]
    return frame


def risers(now: pd.DataFrame, earlier: Sequence[pd.DataFrame], *, least: int) -> pd.DataFrame:
    """The packages that rise fastest above their own usual, of those beyond what chance would do.

    `now` and each of `earlier` (the same hours of earlier weeks, known whole) have the columns
    `project` and `downloads`; a package that a week lacks had none. Columns: `project`,
    `downloads` (at least `least`), `usual` (the median of the earlier weeks), `ratio` of the two,
    and `score`, standard errors above the usual, at least `BEYOND_CHANCE`. Fastest ratio first;
    before them, the most downloaded first, those whose usual is zero, their ratio NaN. Empty with
    fewer than two earlier weeks, which tell of no spread. Raises ValueError for more than four.

    With L the log of downloads over usual (half a download added to both), P twice the difference
    of their square roots (⅜ added: Anscombe, Biometrika 35, 1948), whose error is 1 for counts that
    vary by chance, and s the spread of packages of similar size beyond chance, of the earlier weeks
    about their medians, the score is 1 / √((s / L)² + (1 / P)²), the two errors being independent,
    over √ the variance of a prediction from so few weeks.
    """
    if len(earlier) > EARLIER_WEEKS:
        raise ValueError(f"at most {EARLIER_WEEKS} weeks are compared")
    weeks = beside_weeks(now, earlier, "project").drop(index=UNKNOWN, errors="ignore")
    frame = with_usual(weeks).assign(spread=_spreads(weeks))
    frame = frame[(frame["excess"] > 0) & (frame["downloads"] >= least)]
    frame["ratio"] = frame["downloads"] / frame["usual"].where(frame["usual"] > 0)
    by_logs = np.log((frame["downloads"] + 0.5) / (frame["usual"] + 0.5))
    by_chance = 2 * (np.sqrt(frame["downloads"] + 0.375) - np.sqrt(frame["usual"] + 0.375))
    combined = by_logs * by_chance / np.hypot(by_logs, frame["spread"] * by_chance)
    frame["score"] = combined / np.sqrt(prediction_variance(np.full(len(frame), len(earlier))))
    rising = frame[frame["score"] >= BEYOND_CHANCE].drop(columns=["excess", "spread"])
    return rising.reset_index().sort_values(
        ["ratio", "downloads", "project"],
        ascending=[False, False, True],
        na_position="first",
        ignore_index=True,
    )


def distribution(totals: pd.DataFrame, dimension: str, top: int) -> pd.DataFrame:
    """The `top` values of a dimension, the rest, and `unknown`, which is always shown.

    `totals` has the columns `dimension` and `downloads`. Columns: `dimension`, `downloads`,
    `share` (0 to 1, of all downloads). Most first, then `REST` where there are more values than
    `top`, then `unknown`, even where it has none. Empty for no downloads at all.
    """
    frame = _ordered(totals, dimension)
    if frame.empty:
        return frame
    named = frame[frame[dimension] != UNKNOWN]
    left = {REST: named["downloads"].iloc[top:].sum()} if len(named) > top else {}
    left[UNKNOWN] = frame["downloads"].sum() - named["downloads"].sum()
    rest = pd.DataFrame({dimension: list(left), "downloads": list(left.values())})
    return _with_shares(
        pd.concat([named[[dimension, "downloads"]].head(top), rest], ignore_index=True)
    )


def _ordered(totals: pd.DataFrame, dimension: str) -> pd.DataFrame:
    """The values with their downloads and shares: most first, then by name, `unknown` last."""
    frame = totals[[dimension, "downloads"]].astype({dimension: "str", "downloads": np.float64})
    frame = frame.assign(unknown=frame[dimension] == UNKNOWN).sort_values(
        ["unknown", "downloads", dimension], ascending=[True, False, True], ignore_index=True
    )
    return _with_shares(frame[[dimension, "downloads"]])


def _with_shares(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(share=frame["downloads"] / frame["downloads"].sum())


def _ranks(totals: pd.DataFrame, dimension: str) -> pd.Series[int]:
    """The rank of each value but `unknown` by its downloads, by the value."""
    named = totals[totals[dimension] != UNKNOWN].set_index(dimension)["downloads"]
    return named.astype(np.float64).rank(method="min", ascending=False).astype("Int64")


def _spreads(weeks: pd.DataFrame) -> pd.Series[float]:
    """How much a package of the size of each varies from week to week beyond chance, as a σ."""
    earlier = weeks.drop(columns=0)
    by_size = earlier.median(axis=1).astype(np.float64).sort_values(kind="stable")
    usual: Floats = np.asarray(by_size, dtype=np.float64)
    downloads = earlier.loc[by_size.index].to_numpy(np.float64)
    residuals = np.log((downloads + 0.5) / (usual[:, np.newaxis] + 0.5))
    known = np.full(len(usual), earlier.shape[1])
    spread = spread_beyond_chance(residuals, usual, known, _ALIKE)
    return pd.Series(spread, index=by_size.index)
