"""Two packages month by month: who was ahead when, and how far the leader is ahead now."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from lib.analysis.crossover import PERSISTENCE, Leads, leads, log_ratios
from lib.analysis.latest_ratio import Ratio, latest_ratio
from lib.cubes import Grain
from lib.formats import moment
from lib.questions.question import Asking, CannotTell
from lib.questions.rows.rivals import Rivals, rival_packages
from lib.questions.telling.wording import agreeing, counted

LASTS = PERSISTENCE[Grain.MONTH]
"""How many months a lead lasts that counts."""


@dataclass(frozen=True, eq=False)
class Contest:
    """What is found of two packages: who led when, month by month and in running totals.

    `known` months are known of both, and in `lapses` of them who was behind overall was ahead.
    """

    one: str
    other: str
    rivals: Rivals
    monthly: Leads
    totals: Leads
    ratios: pd.DataFrame
    latest: Ratio | None

    @property
    def known(self) -> int:
        """How many months are known of both."""
        return int(self.ratios["ratio"].notna().sum())

    @property
    def span(self) -> str:
        """The months that are known of both: `from Jan 2018 to Mar 2026`."""
        months = self.ratios.loc[self.ratios["ratio"].notna(), "period"]
        first, last = (moment(each, Grain.MONTH) for each in (months.iloc[0], months.iloc[-1]))
        return f"from {first} to {last}"

    @property
    def leading(self) -> tuple[float, float, float]:
        """The latest ratio of the leader to the other, with the ends of its interval, or NaN."""
        if self.latest is None:
            return (math.nan, math.nan, math.nan)
        value, low, high = self.latest.value, self.latest.low, self.latest.high
        if self.monthly.leader == self.one:
            return (value, low, high)
        return (1 / value, 1 / high, 1 / low if low else math.inf)

    @property
    def lapses(self) -> int:
        """In how many known months the one who leads at the end was not ahead."""
        side = 1 if self.monthly.leader == self.one else -1
        return int((self.ratios["ratio"] * side <= 0).sum())

    def rival(self, name: str) -> str:
        """The other of the two."""
        return self.other if name == self.one else self.one


def contest_between(asking: Asking) -> Contest:
    """The contest between the two packages asked about.

    Raises NotHeld, or CannotTell where one is not held or no lead lasted.
    """
    rivals = rival_packages(asking, Grain.MONTH, fewest=2)
    one, other = rivals.names
    ratios = log_ratios(rivals.frame, Grain.MONTH, one, other)
    monthly = leads(rivals.frame, Grain.MONTH, one, other)
    if not monthly.leader:
        known = int(ratios["ratio"].notna().sum())
        raise CannotTell(
            f"{counted(known, 'whole month')} {agreeing(known, 'is', 'are')} known of both {one} "
            f"and {other}, and in no {LASTS} in a row was the same one ahead."
        )
    totals = leads(rivals.frame, Grain.MONTH, one, other, cumulative=True)
    latest = latest_ratio(rivals.frame, Grain.MONTH, one, other)
    return Contest(one, other, rivals, monthly, totals, ratios, latest)
