"""Which of two series was ahead when, and every crossing of the two with how long it held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lib.analysis.comparable import UNUSABLE
from lib.cubes import Grain
from lib.periods import ends_of

PERSISTENCE = {Grain.DAY: 91, Grain.WEEK: 13, Grain.MONTH: 3}
"""How many periods a lead must last to count: a quarter of a year."""

_WINDOW = {Grain.DAY: 35, Grain.WEEK: 5, Grain.MONTH: 1}
"""How many periods a smoothed ratio is taken over: five whole weeks. A month is as long itself."""


@dataclass(frozen=True)
class Crossing:
    """A change of the lead: from the period that begins at `moment` on, `newcomer` is ahead.

    `until` is the moment at which the lead was lost again, or None where it held until the end of
    what is held; `periods` and `days` are how long it held. `largest` is the largest ratio of the
    newcomer to `former` in that time (1.5 for half as much again). `beside` says whether a break
    of the record lies within one persistence of it. `unseen` counts the periods right before in
    which one of the two is not known: it may have crossed in any of them.
    """

    moment: pd.Timestamp
    newcomer: str
    former: str
    until: pd.Timestamp | None
    periods: int
    days: int
    largest: float
    beside: bool
    unseen: int


@dataclass(frozen=True)
class Leads:
    """The leads of two series: who led `first`, every change of it, and who is ahead at the end.

    `first` and `leader` (the last that counts) are empty where no lead lasted long enough. `ahead`
    is who has been ahead in the last `ahead_for` known periods, which may be too few to count.
    """

    first: str
    leader: str
    crossings: tuple[Crossing, ...]
    ahead: str
    ahead_for: int


def log_ratios(
    frame: pd.DataFrame, grain: Grain, one: str, other: str, *, cumulative: bool = False
) -> pd.DataFrame:
    """The natural logarithm of the downloads of `one` over those of `other`, in every period.

    From columns `period`, `series`, `downloads` (NaN for not known) and `stretch`. Columns
    `period`, `ratio`, `smoothed` and `stretch`; a ratio is NaN where one of the two is not known
    or neither has downloads. The smoothed ratio is of the sums over five weeks around the period,
    of the periods in which both are known: sums, for who is ahead is who has more. With
    `cumulative` both are of the running totals of those periods.

    Ratios run on across breaks of the record, and through its gaps: both series suffer alike.
    """
    table = frame.pivot(index="period", columns="series", values="downloads")[[one, other]]
    known = table.where(table.notna().all(axis=1))
    window = _WINDOW[grain]
    if cumulative:
        counted = smoothed = known.cumsum()
    elif window == 1:
        counted = smoothed = known
    else:
        sums = known.rolling(window, center=True, min_periods=window // 2 + 1).sum()
        counted, smoothed = known, sums.where(known.notna())
    stretch = frame.drop_duplicates("period").set_index("period")["stretch"]
    return pd.DataFrame(
        {
            "ratio": _logarithm(counted, one, other),
            "smoothed": _logarithm(smoothed, one, other),
            "stretch": stretch.reindex(table.index),
        }
    ).reset_index()


def leads(
    frame: pd.DataFrame, grain: Grain, one: str, other: str, *, cumulative: bool = False
) -> Leads:
    """The leads of two series and every crossing between them; columns as of `log_ratios`.

    A lead counts where the smoothed log ratio stays on one side for `PERSISTENCE` known periods.
    One that the beginning of what is held cuts counts from half of that on, for how long it had
    lasted is not known; one that the end cuts counts in full only. What is shorter is a part of
    the lead that it interrupts. A lead begins with the first period of its side that counts, which
    for months is the first month in which the newcomer was ahead and stayed. A tie goes to whoever
    was ahead before. Crossings are counted, not estimated: noise crosses too where two are equal.
    """
    ratios = log_ratios(frame, grain, one, other, cumulative=cumulative)
    known = ratios[ratios["smoothed"].notna()]
    runs = _runs(np.sign(known["smoothed"].to_numpy()))
    names = {1: one, -1: other}
    if not runs:
        return Leads("", "", (), "", 0)
    counting = _counting(runs, PERSISTENCE[grain])
    begun = [known.index[run.start] for run in counting]
    sides = [run.side for run in counting]
    found = [
        _crossing(ratios, grain, (names[new], names[old]), row, until)
        for (old, new), row, until in zip(
            pairwise(sides), begun[1:], [*begun[2:], None], strict=False
        )
    ]
    return Leads(
        first=names[sides[0]] if sides else "",
        leader=names[sides[-1]] if sides else "",
        crossings=tuple(found),
        ahead=names[runs[-1].side],
        ahead_for=runs[-1].length,
    )


@dataclass(frozen=True)
class _Run:
    """Known periods in a row in which one side is ahead: the first is number `start` of them."""

    start: int
    length: int
    side: int


def _logarithm(counts: pd.DataFrame, one: str, other: str) -> pd.Series[float]:
    """The log ratio of two columns, infinite where one of them is zero and NaN where both are."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.log(counts[one].to_numpy(float)) - np.log(counts[other].to_numpy(float))
    return pd.Series(ratio, index=counts.index)


def _runs(signs: NDArray[np.float64]) -> list[_Run]:
    """The runs of equal signs; a tie belongs to the run before it, or to the first one."""
    sides = pd.Series(signs).replace(0, np.nan).ffill().bfill().dropna().to_numpy(int)
    if not sides.size:
        return []
    starts = [0, *(np.flatnonzero(np.diff(sides)) + 1)]
    ends = [*starts[1:], len(sides)]
    return [
        _Run(int(start), int(end - start), int(sides[start]))
        for start, end in zip(starts, ends, strict=True)
    ]


def _counting(runs: Sequence[_Run], persistence: int) -> list[_Run]:
    """The runs that are a lead, each on the other side than the one before."""
    counting: list[_Run] = []
    for run in runs:
        needed = -(-persistence // 2) if run.start == 0 else persistence
        if run.length >= needed and (not counting or counting[-1].side != run.side):
            counting.append(run)
    return counting


def _crossing(
    ratios: pd.DataFrame,
    grain: Grain,
    names: tuple[str, str],
    row: int,
    until: int | None,
) -> Crossing:
    """The crossing at a row of `ratios` to a lead that is lost at row `until`, if ever."""
    lead = ratios.iloc[row:until]
    sizes = lead["smoothed"].to_numpy() * np.sign(lead["smoothed"].iloc[0])
    finite = sizes[np.isfinite(sizes)]
    moment = lead["period"].iloc[0]
    ends = ends_of(pd.DatetimeIndex(lead["period"]), grain)
    unseen = ratios["smoothed"].iloc[:row].notna().to_numpy()[::-1].argmax()
    return Crossing(
        moment=moment,
        newcomer=names[0],
        former=names[1],
        until=None if until is None else ratios["period"].iloc[until],
        periods=len(lead),
        days=(ends[-1] - moment).days,
        largest=float(np.exp(finite.max())) if finite.size else float("inf"),
        beside=_beside_a_break(ratios["stretch"], row, PERSISTENCE[grain]),
        unseen=int(unseen),
    )


def _beside_a_break(stretch: pd.Series[int], row: int, persistence: int) -> bool:
    """Whether a stretch ends, or a period is unusable, within so many periods of a row."""
    near = stretch.iloc[max(row - persistence, 0) : row + persistence + 1]
    return bool((near == UNUSABLE).any() or near.nunique() > 1)
