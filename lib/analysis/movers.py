"""What moved between two periods: which series rose, fell, emerged or went quiet."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lib.analysis.comparable import UNUSABLE, stretches
from lib.analysis.discoveries import FALSE_DISCOVERIES, against_none
from lib.analysis.resampling import WEEK, Floats, block_weights, standard_error
from lib.analysis.spans import Spans
from lib.cubes import Grain

FEWEST_CHANGES = 6
"""How many earlier changes from month to month tell how much a series usually changes."""

LEAPS = 2
"""What emerges or goes quiet in a period changes by so many times in it, not long before."""


class Movement(StrEnum):
    """What a series did."""

    EMERGED = "emerged"
    QUIET = "went quiet"
    ROSE = "rose"
    FELL = "fell"
    STEADY = "no sure change"
    TOO_FEW = "too few downloads"
    NO_INTERVAL = "too few periods for an interval"
    NOT_TOLD = "rows missing"


@dataclass(frozen=True)
class Judging:
    """When a movement is told.

    A series needs `least` downloads a day, the mean of both periods. It rose or fell where it
    surely changed, and by `change` or more; `false_discoveries` is the expected share of those
    that did not. It emerged where its share of all doubled at least, and in the year before was
    less than `nearly_none` of what it is now; it went quiet where it halved at least, and is less
    than that of what it was in the year before.
    """

    least: float = 100
    change: float = 0.1
    nearly_none: float = 0.05
    false_discoveries: float = FALSE_DISCOVERIES
    resamples: int = 1000
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Moves:
    """The movement of each series; by its share of all where levels cannot be compared.

    `frame` has the columns `series`, `before` and `after` (downloads a day), `share_before` and
    `share_after` (of all series), `change` (relative: 0.1 for a tenth more; of shares with
    `by_share`) with its 95 % interval `low` and `high`, `adjusted` (p-value, as of
    `against_none`) and `movement`; the greatest rise first. `why` names the breaks between.
    """

    frame: pd.DataFrame
    by_share: bool
    why: str


def moves(
    frame: pd.DataFrame,
    spans: Spans,
    earlier: pd.Series[int] | None = None,
    judging: Judging | None = None,
    *,
    missing_is_none: bool = True,
) -> Moves:
    """How each series changed from one period to another.

    From columns `period` (of the grain of `spans`, days or months), `series` and `downloads`. A
    period without a row has no downloads; unless `missing_is_none`, it is not known, and nothing
    is told of a series that lacks a row in one of the usable periods. `earlier` are the downloads
    of each series in the year before the later period, or None where too little of it is held to
    say what emerged. Where no period of one side is usable, no change is told.

    The change is of downloads a day. Of days, its logarithm's standard error comes from resamples
    of blocks of whole weeks (Künsch, 1989) of each period, held against Student's t with a degree
    of freedom less than blocks in each. Of one month on each side, it is the standard deviation of
    the earlier changes from month to month that `frame` holds in the same stretch: what is called
    a rise is more than its months usually differ. Of several months there is no interval.
    """
    judging = judging or Judging()
    why = "; ".join(each.title for each in spans.between)
    tables = spans.tables(frame, "series")
    result = _changes(tables, spans)
    if spans.grain is Grain.MONTH:
        spread, freedom = _usual_changes(frame, spans, list(result["series"]), missing_is_none)
    else:
        spread, freedom = _spread(tables, bool(why), judging)
    known = np.full(len(result), True)
    if not missing_is_none:
        rows = frame[frame["period"].isin(spans.both)].groupby("series")["period"].nunique()
        known = result["series"].map(rows).to_numpy() == len(spans.both)
    result = _judged(result, spread, freedom, known, judging)
    if earlier is not None:
        usual = earlier.reindex(result["series"])
        past = usual.fillna(0) if missing_is_none else usual
        result = _with_arrivals(result, past / max(float(earlier.sum()), 1), judging)
    result = result.sort_values(["change", "series"], ascending=[False, True], ignore_index=True)
    return Moves(result, bool(why), why)


def _changes(tables: tuple[pd.DataFrame, pd.DataFrame], spans: Spans) -> pd.DataFrame:
    """The columns of `Moves.frame` up to `change`."""
    by_share = bool(spans.between)
    before, after = spans.a_day(tables)
    shares = [rates / max(float(rates.sum()), 1e-12) for rates in (before, after)]
    first, last = (_logs(table, np.ones((1, len(table))), by_share)[0] for table in tables)
    days_before, days_after = spans.lengths
    longer = 0.0 if by_share or spans.empty else float(np.log(days_after / days_before))
    return pd.DataFrame(
        {
            "series": tables[0].columns,
            "before": before,
            "after": after,
            "share_before": shares[0],
            "share_after": shares[1],
            "change": np.expm1(last - first - longer) if not spans.empty else np.nan,
        }
    )


def _logs(table: pd.DataFrame, weights: Floats, by_share: bool) -> Floats:
    """Logarithms of the downloads of each series, or of its share: [weightings, series].

    Half a download is added, so that none has a logarithm.
    """
    sums = weights @ table.to_numpy(dtype=np.float64)
    logs: Floats = np.log(sums + 0.5)
    return logs - np.log(sums.sum(axis=1, keepdims=True) + 0.5) if by_share else logs


def _spread(
    tables: tuple[pd.DataFrame, pd.DataFrame], by_share: bool, judging: Judging
) -> tuple[Floats, Floats]:
    """The standard error of each log change and its degrees of freedom; NaN of too few days."""
    freedom = np.full(tables[0].shape[1], float(sum(len(table) // WEEK - 1 for table in tables)))
    if any(len(table) < 2 * WEEK for table in tables):
        return np.full(len(freedom), np.nan), freedom
    variance = np.zeros(len(freedom))
    for number, table in enumerate(tables):
        count = len(table)
        weights = block_weights(count, WEEK, judging.resamples, judging.seed + number)
        logs = _logs(table, weights, by_share)
        variance += standard_error(logs, count / WEEK) ** 2
    return np.sqrt(variance), freedom


def _usual_changes(
    frame: pd.DataFrame, spans: Spans, names: list[str], missing_is_none: bool
) -> tuple[Floats, Floats]:
    """How much each series usually changes from month to month, and the degrees of freedom.

    NaN of a series with too few such changes, and where several months are compared.
    """
    if len(spans.both) > 2:
        return np.full(len(names), np.nan), np.full(len(names), np.nan)
    table = frame.pivot_table(index="period", columns="series", values="downloads", aggfunc="sum")
    table = table.reindex(columns=names)
    months = pd.DatetimeIndex(table.index)
    counts = table.fillna(0) if missing_is_none else table
    logs = np.log(counts.to_numpy(dtype=np.float64) + 0.5)
    per = counts.sum(axis=1).to_numpy() if spans.between else months.days_in_month.to_numpy()
    logs -= np.log(per)[:, np.newaxis]
    marks = stretches(months, Grain.MONTH, spans.breaks).to_numpy()
    alike = (marks[1:] == marks[:-1]) & (marks[1:] != UNUSABLE)
    alike &= (months[1:] < spans.after.min()) & (np.diff(months) <= np.timedelta64(31, "D"))
    changes = pd.DataFrame(np.diff(logs, axis=0)[alike])
    spread = np.asarray(changes.std().where(changes.count() >= FEWEST_CHANGES), dtype=np.float64)
    return spread, np.asarray(changes.count() - 1, dtype=np.float64)


def _judged(
    frame: pd.DataFrame,
    spread: Floats,
    freedom: Floats,
    known: NDArray[np.bool_],
    judging: Judging,
) -> pd.DataFrame:
    """`frame` with `low`, `high`, `adjusted` and `movement`."""
    enough = ((frame["before"] + frame["after"]) / 2 >= judging.least).to_numpy()
    movement = np.where(enough, Movement.NO_INTERVAL, Movement.TOO_FEW).astype(object)
    movement[~known] = Movement.NOT_TOLD
    judged = enough & known & np.isfinite(spread)
    logs = np.log1p(frame["change"].where(known).to_numpy(dtype=np.float64))
    tested = against_none(logs, spread, freedom, judged)
    sure = judged & (tested.adjusted <= judging.false_discoveries)
    sure &= np.abs(logs) >= np.log1p(judging.change)
    movement[judged] = Movement.STEADY
    movement[sure] = np.where(logs[sure] > 0, Movement.ROSE, Movement.FELL)
    return frame.assign(
        change=np.expm1(logs),
        low=np.expm1(tested.low),
        high=np.expm1(tested.high),
        adjusted=tested.adjusted,
        movement=movement,
    )


def _with_arrivals(frame: pd.DataFrame, past: pd.Series[float], judging: Judging) -> pd.DataFrame:
    """`frame` with what emerged and what went quiet: by its share of all now and in the past."""
    earlier = past.to_numpy(dtype=np.float64)
    before, now = (frame[f"share_{when}"].to_numpy() for when in ("before", "after"))
    known = (frame["movement"] != Movement.NOT_TOLD).to_numpy()
    level = frame["after"].sum()
    emerged = (earlier < judging.nearly_none * now) & (frame["after"] >= judging.least).to_numpy()
    quiet = (now < judging.nearly_none * earlier) & (earlier * level >= judging.least)
    movement = frame["movement"].to_numpy(dtype=object, copy=True)
    movement[emerged & known & (now >= LEAPS * before)] = Movement.EMERGED
    movement[quiet & known & (now * LEAPS <= before)] = Movement.QUIET
    return frame.assign(movement=movement)
