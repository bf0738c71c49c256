"""How the preference of countries for one of two sets of packages is told in a sentence."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from lib.analysis.preference import Verdict
from lib.formats import compact
from lib.questions.telling.factors import factor_interval, times
from lib.questions.telling.wording import agreeing, counted, during, place
from lib.router import Period

LEAST_OF_EACH = 100
"""Of fewer downloads of one of the sets, a ratio tells nothing: it is nearly none."""

_JUDGED = (Verdict.MORE, Verdict.LESS, Verdict.NO_DIFFERENCE, Verdict.NO_INTERVAL)


@dataclass(frozen=True, eq=False)
class Preferences:
    """What `set_ratio_by_country` found of two sets that have these names."""

    first: str
    second: str
    found: pd.DataFrame
    period: Period

    @property
    def judged(self) -> pd.DataFrame:
        """The countries judged, the one that prefers the first set most first."""
        return self.found[self.found["verdict"].isin(_JUDGED)]

    @property
    def has_both(self) -> pd.Series[bool]:
        """Whether each country has enough downloads of either set to say how many times."""
        return (self.found[["downloads", "compared"]] >= LEAST_OF_EACH).all(axis=1)

    @property
    def told(self) -> pd.DataFrame:
        """The countries judged that have enough of either set."""
        return self.judged[self.has_both.loc[self.judged.index]]

    def named(self, country: str) -> dict[Hashable, Any]:
        """The row whose number is told: of the country, or else that of the sentence."""
        asked = self.found[self.found["country"] == country]
        if len(asked):
            return asked.where(self.has_both).to_dict("records")[0] | {"country": country}
        return self._end

    def sentence(self, country: str) -> str:
        """What was found, of one country or of all."""
        return self._of_country(country) if country else self._of_all()

    def details(self, country: str) -> str:
        """What follows the sentence: how many prefer which, and the other end; or nothing."""
        more = int((self.judged["verdict"] == Verdict.MORE).sum())
        less = int((self.judged["verdict"] == Verdict.LESS).sum())
        counts = (
            f"Of {_countries(self.judged)} judged, {more} surely "
            f"{agreeing(more, 'prefers', 'prefer')} {self.first} to {self.second}, and {less} the "
            "reverse."
        )
        lowest = self.told[self.told["verdict"] == Verdict.LESS].to_dict("records")[-1:]
        if country or not lowest or not self._highest:
            return counts
        row = lowest[0]
        return (
            f"{counts} It is lowest in {place(row['country'])}, {times(row['ratio'])} what it is "
            f"elsewhere ({factor_interval(row['low'], row['high'])})."
        )

    @property
    def _highest(self) -> bool:
        """Whether some country with enough of either set surely prefers the first."""
        return bool((self.told["verdict"] == Verdict.MORE).any())

    @property
    def _end(self) -> dict[Hashable, Any]:
        """The row of the highest sure ratio, or of the lowest, or of the highest that there is."""
        sure = self.told[self.told["verdict"].isin([Verdict.MORE, Verdict.LESS])]
        rows = self.told if sure.empty else sure
        return rows.to_dict("records")[0 if sure.empty or self._highest else -1]

    def _of_all(self) -> str:
        told, days = self.told, during(self.period)
        against = f"{self.first} against {self.second}"
        row = self._end
        if (told["verdict"] == Verdict.NO_INTERVAL).all():
            return (
                f"{against} is highest in {place(row['country'])} {days}, {times(row['ratio'])} "
                "what it is elsewhere; too few months are held to say how sure that is."
            )
        if row["verdict"] not in {Verdict.MORE, Verdict.LESS}:
            return (
                f"Of {_countries(told)} with enough of both, none surely prefers {self.first} to "
                f"{self.second}, or the reverse, {days}."
            )
        return (
            f"{against} is {'highest' if self._highest else 'lowest'} in {place(row['country'])} "
            f"{days}: {times(row['ratio'])} what it is elsewhere "
            f"({factor_interval(row['low'], row['high'])})."
        )

    def _of_country(self, country: str) -> str:
        rows = self.found[self.found["country"] == country].to_dict("records")
        if not rows:
            return (
                f"No downloads of {self.first} or {self.second} from {place(country)} are held "
                f"{during(self.period)}."
            )
        row = rows[0]
        if min(row["downloads"], row["compared"]) < LEAST_OF_EACH:
            return (
                f"From {place(country)} come {compact(row['downloads'])} downloads of {self.first} "
                f"and {compact(row['compared'])} of {self.second} {during(self.period)}: too few "
                "to compare."
            )
        begin = (
            f"From {place(country)} {self.first} is downloaded {times(row['ratio'])} as much "
            f"against {self.second} as from elsewhere {during(self.period)}"
        )
        if row["verdict"] not in _JUDGED:
            return f"{begin}, of too few downloads to say how sure that is."
        place_told = int((self.judged["ratio"] > row["ratio"]).sum()) + 1
        sure = {
            Verdict.MORE: f"it surely prefers {self.first}",
            Verdict.LESS: f"it surely prefers {self.second}",
            Verdict.NO_DIFFERENCE: "no sure difference",
        }.get(row["verdict"], "too few months are held to say how sure that is")
        return (
            f"{begin} ({factor_interval(row['low'], row['high'])}): {sure}, place {place_told} of "
            f"{_countries(self.judged)} judged."
        )


def _countries(rows: pd.DataFrame) -> str:
    return counted(len(rows), "country", "countries")
