"""What the downloads of a package are made of: cells of a comparison."""

from __future__ import annotations

import math

from lib.analysis.turnover import Typical
from lib.comparison.cell import Cell, untold
from lib.cubes import UNKNOWN
from lib.formats import percent, value_label
from lib.questions.question import Asking
from lib.questions.rows.python_rows import USUAL, told_of
from lib.questions.rows.upgrades import upgrades
from lib.questions.telling.upgrade_words import days_words

NEWEST_VERSION = "Newest version"
HALF_LIFE = "Half are of a new one within"


def greatest_of(asking: Asking, dimension: str) -> Cell:
    """The value of a dimension with the most downloads, its share of all, and what is unknown."""
    answer = asking.found.totals(asking.selection, asking.period, dimension)
    frame = answer.frame
    named = frame[(frame[dimension] != UNKNOWN) & (frame["downloads"] > 0)]
    if named.empty:
        return untold("No downloads with a known value in these days.")
    first = named.iloc[0]
    unknown = 1 - float(named["share"].sum())
    name = value_label(dimension, str(first[dimension]))
    text = f"{name}: {percent(first['share'])}, unknown {percent(unknown)}"
    return Cell(text, float(first["share"]), period=answer.period)


def detected_as_ci(asking: Asking) -> Cell:
    """The share that is marked as coming from CI; of the rest nothing is known."""
    answer = asking.found.totals(asking.selection, asking.period, "ci")
    if not answer.frame["downloads"].sum():
        return untold("No downloads in these days.")
    shares = answer.frame.set_index("ci")["share"]
    share = float(shares.get("true", 0.0))
    return Cell(f"{percent(share)}, not detected {percent(1 - share)}", share, period=answer.period)


def versions_of(asking: Asking) -> dict[str, Cell]:
    """The newest feature version's share, and how soon half of the downloads are of a new one."""
    found = upgrades(asking, features_only=True)
    newest, median = found.newest, found.typical
    return {
        NEWEST_VERSION: Cell(
            f"{newest.version} or later: {percent(newest.share)} of the last week",
            newest.share,
            period=found.answer.period,
        ),
        HALF_LIFE: Cell(
            f"{days_words(median.days)} ({_ends(median)})",
            median.days,
            median.low,
            median.high,
            found.answer.period,
        ),
    }


def droppable_of(asking: Asking) -> Cell:
    """The Python versions that can be dropped under the usual threshold."""
    told = told_of(asking, USUAL.share)
    if not told.count:
        return Cell(f"none: {told.words(0)} has {told.share(0)}", 0.0, period=told.period)
    last = told.count - 1
    row = told.shares.iloc[last]
    ends = f"{percent(row['low'])} to {percent(row['high'])}"
    text = f"{told.words(last)}: {percent(row['cumulative'])} ({ends})"
    return Cell(text, float(row["cumulative"]), row["low"], row["high"], told.period)


def _ends(median: Typical) -> str:
    """The ends of the interval of a median time in days, or that there are too few for one."""
    if math.isnan(median.low):
        return f"no interval: {median.versions} seen"
    high = "not reached" if math.isinf(median.high) else f"{median.high:.0f}"
    return f"{median.low:.0f} to {high}"
