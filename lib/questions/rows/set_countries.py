"""Which of several sets of packages leads in each country, and how far each prefers the leader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

import pandas as pd

from lib.analysis.preference import Judging, Verdict, location_quotients
from lib.cubes import UNKNOWN
from lib.data import Answer
from lib.questions.question import Asking
from lib.questions.rows.comparable_days import ComparableDays, comparable_days, held_by_country
from lib.router import NotHeld, Period
from lib.selection import Selection

LEAST = 1000
"""A country needs so many downloads of all sets together, for a leader to be named."""

_YEAR = timedelta(days=364)


@dataclass(frozen=True, eq=False)
class SetCountries:
    """Countries in days that are counted alike, the one with most downloads first.

    `frame` has the columns of `location_quotients` for `leader` against all sets together, and
    `first`, the set with most downloads there, with its `first_share` of all sets there.
    """

    leader: str
    frame: pd.DataFrame
    days: ComparableDays
    answers: tuple[Answer, ...]

    @property
    def told(self) -> pd.DataFrame:
        """The countries that are known and have enough downloads for a leader to be named."""
        known = self.frame["country"] != UNKNOWN
        return self.frame[known & (self.frame["compared"] >= LEAST)]

    @property
    def elsewhere(self) -> pd.DataFrame:
        """The countries told in which another set leads."""
        return self.told[self.told["first"] != self.leader]

    @property
    def different(self) -> pd.DataFrame:
        """The countries told that surely prefer the leader more or less than all together."""
        return self.told[self.told["verdict"].isin([Verdict.MORE, Verdict.LESS])]


def set_countries(
    asking: Asking, sets: Mapping[str, tuple[str, ...]], leader: str
) -> SetCountries | None:
    """The sets by country in the last year asked about; None where they are not held so.

    Whatever country is asked about, all of them are told.
    """
    period = Period(max(asking.period.first, asking.period.last - _YEAR), asking.period.last)
    held = {
        name: tuple(each for each in packages if held_by_country(asking, each, period))
        for name, packages in sets.items()
    }
    held = {name: packages for name, packages in held.items() if packages}
    if leader not in held or len(held) < 2:
        return None
    every = tuple(dict.fromkeys(each for packages in held.values() for each in packages))
    try:
        query = Selection(every).query(period, by=("country",))
        days = comparable_days(asking, query, "country")
        answers = {name: _rows(asking, packages, days) for name, packages in held.items()}
    except NotHeld:
        return None
    rows = {
        name: asking.with_stretches(answer.frame, days.grain, "country")
        for name, answer in answers.items()
    }
    quotients = location_quotients(rows[leader], pd.concat(rows.values()), days.grain, Judging())
    table = pd.DataFrame({name: _sums(frame) for name, frame in rows.items()}).fillna(0)
    table = table.reindex(quotients["country"]).fillna(0)
    whole = table.sum(axis=1).clip(lower=1)
    frame = quotients.assign(
        first=table.idxmax(axis=1).to_numpy(), first_share=(table.max(axis=1) / whole).to_numpy()
    )
    ranked = frame.sort_values(["compared", "country"], ascending=[False, True], ignore_index=True)
    return SetCountries(leader, ranked, days, tuple(answers.values()))


def _rows(asking: Asking, packages: tuple[str, ...], days: ComparableDays) -> Answer:
    query = Selection(packages).query(days.period, by=("country",))
    return asking.found.answer(replace(query, grain=days.grain))


def _sums(frame: pd.DataFrame) -> pd.Series[float]:
    sums: pd.Series[float] = frame.groupby("country")["downloads"].sum()
    return sums
