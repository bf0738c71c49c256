"""What a store tells of the Python versions that a package is downloaded by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

import pandas as pd

from lib.analysis.comparable import latest_stretch
from lib.analysis.old_versions import (
    FEWEST_DAYS,
    Fall,
    cumulative_shares,
    droppable,
    fall,
    newest_counts,
)
from lib.analysis.share_trends import FEWEST_PERIODS
from lib.analysis.shares import days_of
from lib.cubes import UNKNOWN, Grain
from lib.data import Answer
from lib.formats import percent
from lib.questions.question import Asking, CannotTell
from lib.questions.telling.wording import agreeing, counted
from lib.router import NotHeld, Period


class Threshold(StrEnum):
    """The percentage of downloads under which a version can be dropped."""

    ONE = "1"
    TWO = "2"
    FIVE = "5"
    TEN = "10"

    @property
    def share(self) -> float:
        """The same as a share of one."""
        return float(self) / 100


USUAL = Threshold.TWO
"""The threshold where a reader chooses none."""


@dataclass(frozen=True, eq=False)
class Told:
    """The versions of known downloads, the oldest first, as `cumulative_shares` tells of them.

    `shares` are those of `period`, in which `unknown` of all downloads have no known version. The
    first `count` versions can be dropped: they stay under `threshold`. `fall` is the course of
    the next one with all that are older, or None where too few weeks or months are held alike.
    `frame` has the downloads of every day (or month, `grain`) and version that were asked for.
    """

    answer: Answer
    frame: pd.DataFrame
    grain: Grain
    period: Period
    shares: pd.DataFrame
    unknown: float
    threshold: float
    count: int
    fall: Fall | None

    @property
    def versions(self) -> list[str]:
        """Every known version, the oldest first."""
        return [str(version) for version in self.shares["version"]]

    @property
    def known(self) -> pd.DataFrame:
        """The rows of `frame` with a known version."""
        return self.frame[self.frame["series"] != UNKNOWN]

    def words(self, position: int) -> str:
        """A version with all that are older: `3.8 and older`."""
        return self.versions[position] + (" and older" if position else "")

    def interval(self, position: int) -> str:
        """The interval of the share of a version with all that are older."""
        row = self.shares.iloc[position]
        return f"95 % interval {percent(row['low'])} to {percent(row['high'])}"

    def share(self, position: int) -> str:
        """The share of a version with all that are older, and its interval."""
        cumulative = self.shares["cumulative"].iloc[position]
        return f"{percent(cumulative)} ({self.interval(position)})"


def told_of(asking: Asking, threshold: float) -> Told:
    """What is told of the package asked about.

    Raises NotHeld where the store is not split by Python version, and CannotTell for too few days.
    """
    grain = Grain.DAY if asking.holds(Grain.DAY, "python") else Grain.MONTH
    days = _final_days(asking, grain)
    answer = asking.found.answer(asking.selection.query(days, grain=grain, by=("python",)))
    frame = answer.frame.rename(columns={"python": "series"})
    frame = asking.with_stretches(frame, grain, "python")
    known = frame[frame["series"] != UNKNOWN]
    counts = newest_counts(known, grain)
    if counts is None:
        raise CannotTell(_too_few(known, grain))
    period = days_of(counts.index if grain is Grain.DAY else counts.index[-1:], grain)
    shares = cumulative_shares(counts, grain)
    count = droppable(shares, threshold)
    inside = frame["period"].between(pd.Timestamp(period.first), pd.Timestamp(period.last))
    sums = frame[inside].groupby("series")["downloads"].sum()
    return Told(
        answer=answer,
        frame=frame,
        grain=grain,
        period=period,
        shares=shares,
        unknown=float(sums.get(UNKNOWN, 0) / sums.sum()),
        threshold=threshold,
        count=count,
        fall=fall(known, grain, str(shares["version"].iloc[count]), threshold),
    )


def unknown_by_installer(asking: Asking, told: Told) -> Answer | None:
    """The downloads without a known version by installer, most first; None where not held."""
    unknown = asking.selection.with_values("python", (UNKNOWN,))
    try:
        answer = asking.found.totals(unknown, told.period, "installer")
    except NotHeld:
        return None
    return None if answer.clipped or not answer.frame["downloads"].sum() else answer


def _final_days(asking: Asking, grain: Grain) -> Period:
    """The days asked about without those that are provisional. Raises CannotTell for none."""
    provisional = asking.found.state.provisional(grain, asking.yesterday)
    period = asking.period
    if provisional is None or provisional > period.last:
        return period
    if provisional <= period.first:
        raise CannotTell("All of these days are provisional: choose a longer period.")
    return Period(period.first, provisional - timedelta(days=1))


def _too_few(known: pd.DataFrame, grain: Grain) -> str:
    if not known["downloads"].sum():
        return "No downloads with a known Python version are held of this package in these days."
    held = latest_stretch(known)["period"].nunique()
    needed = FEWEST_DAYS if grain is Grain.DAY else FEWEST_PERIODS
    return (
        f"{counted(held, grain)} at the end {agreeing(held, 'is', 'are')} final and counted alike, "
        f"and {needed} are needed: choose a longer period, or one that ends before a break of the "
        "record."
    )
