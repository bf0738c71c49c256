"""The part of each package's downloads that comes from one country, as questions ask for it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from lib.aggregate import Filter
from lib.analysis.dominance import shares_with_intervals
from lib.cubes import UNKNOWN, Grain
from lib.data import Answer
from lib.questions.question import Asking
from lib.questions.rows.comparable_days import ComparableDays, comparable_days
from lib.router import Period
from lib.selection import Selection

LEAST = 1000
"""A package needs so many downloads with a known country: of fewer, a share is mostly chance."""

_MOST_LOOKED_AT = 1000
"""Of all of PyPI, the most downloaded packages alone are looked at."""


@dataclass(frozen=True, eq=False)
class Shares:
    """Downloads of each package: columns `project`, `country`, `known`, `unknown` and `share`.

    `country` are those of the country asked about, `known` of all countries, and `share` the one
    over the other.
    """

    country: str
    frame: pd.DataFrame
    days: ComparableDays
    answers: tuple[Answer, ...]

    @property
    def period(self) -> Period:
        """The days that are counted."""
        return self.days.period

    @property
    def judged(self) -> pd.DataFrame:
        """The packages with enough downloads, the smallest share first."""
        enough = self.frame[self.frame["known"] >= LEAST]
        return enough.sort_values(["share", "project"], ignore_index=True)

    def detail(
        self, asking: Asking, names: tuple[str, ...]
    ) -> tuple[pd.DataFrame | None, tuple[Answer, ...]]:
        """The shares of the packages named with their intervals; None where days are not held."""
        if not names or self.days.grain is not Grain.DAY:
            return None, ()
        query = Selection(names).query(self.period, grain=Grain.DAY, by=("project",))
        part, whole = (
            asking.found.answer(replace(query, where=(*query.where, condition)))
            for condition in (_from(self.country), _KNOWN)
        )
        frames = [each.frame.rename(columns={"project": "series"}) for each in (part, whole)]
        return shares_with_intervals(frames[0], frames[1]), (part, whole)


_KNOWN = Filter("country", (UNKNOWN,), excluded=True)


def _from(country: str) -> Filter:
    return Filter("country", (country,))


def shares_of_packages(asking: Asking, country: str) -> Shares:
    """The share of a country in the downloads of each package held, in comparable days.

    Raises NotHeld where packages are not held by country.
    """
    selection = asking.selection.with_values("country", ())
    if asking.found.state.packages is None:
        selection = replace(selection, packages=asking.found.packages()[:_MOST_LOOKED_AT])
    both = selection.query(asking.period, by=("project", "country"))
    days = comparable_days(asking, both, "country")
    query = selection.query(days.period, by=("project",))
    conditions = {"country": _from(country), "known": _KNOWN, "unknown": _from(UNKNOWN)}
    answers = {
        name: asking.found.answer(replace(query, where=(*query.where, condition)))
        for name, condition in conditions.items()
    }
    columns = {
        name: answer.frame.set_index("project")["downloads"] for name, answer in answers.items()
    }
    frame = pd.DataFrame(columns).fillna(0).astype("int64").rename_axis("project").reset_index()
    frame["share"] = frame["country"] / frame["known"].clip(lower=1)
    return Shares(country, frame, days, tuple(answers.values()))
