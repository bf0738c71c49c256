"""Which of several sets of packages is preferred: their shares now, by month and by country."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pandas as pd

from lib.analysis.crossover import leads
from lib.analysis.set_shares import SharesNow, rival_shares, shares_now
from lib.cubes import Grain
from lib.data import Answer
from lib.questions.question import Asking, CannotTell
from lib.questions.rows.rivals import Rivals, rival_sets
from lib.questions.rows.set_countries import SetCountries, set_countries
from lib.router import Period

_RECENT = timedelta(days=89)


@dataclass(frozen=True, eq=False)
class Preference:
    """What is found of the sets: their shares now and by month, and those in each country."""

    monthly: Rivals
    recent: Rivals
    now: SharesNow
    grain: Grain
    over_time: pd.DataFrame
    countries: SetCountries | None

    @property
    def leader(self) -> str:
        """The set with the greatest share now."""
        return next(iter(self.now.shares))

    @property
    def days(self) -> Period:
        """The days whose shares are told."""
        last = self.now.last
        if self.grain is Grain.MONTH:
            last += pd.offsets.MonthEnd(0)
        return Period(self.now.first.date(), last.date())

    @property
    def since(self) -> pd.Timestamp | None:
        """The month since which the leader has been ahead of every other set, if one is told.

        None where it was always ahead, and where its lead over one of them is not told.
        """
        moments: list[pd.Timestamp] = []
        for name in self.monthly.names:
            if name != self.leader:
                found = leads(self.monthly.frame, Grain.MONTH, self.leader, name)
                if found.leader != self.leader:
                    return None
                moments.extend(each.moment for each in found.crossings[-1:])
        return max(moments, default=None)

    @property
    def year_before(self) -> pd.Series[float]:
        """The share of each set twelve months before the last one held."""
        month = self.over_time.index[-1] - pd.DateOffset(months=12)
        return self.over_time.reindex([month]).iloc[0]

    @property
    def answers(self) -> tuple[Answer, ...]:
        """The rows that were asked of the store, countries apart."""
        if self.recent is self.monthly:
            return (self.monthly.answer,)
        return (self.recent.answer, self.monthly.answer)


def preference(asking: Asking) -> Preference:
    """The preference among the sets asked about.

    Raises NotHeld, or CannotTell where less than two sets are known at the end.
    """
    monthly = rival_sets(asking, asking.period, Grain.MONTH)
    grain, recent = Grain.MONTH, monthly
    if Grain.DAY in asking.found.grains(monthly.packages):
        last = Period(max(monthly.period.first, monthly.period.last - _RECENT), monthly.period.last)
        grain, recent = Grain.DAY, rival_sets(asking, last, Grain.DAY)
    now = shares_now(recent.frame, grain)
    if now is None or len(now.shares) < 2:
        raise CannotTell("No month or day without a gap is known of two of these sets.")
    over_time = rival_shares(monthly.frame)
    countries = set_countries(asking, monthly.members, next(iter(now.shares)))
    return Preference(monthly, recent, now, grain, over_time, countries)
