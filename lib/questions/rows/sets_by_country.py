"""The downloads of two sets of packages by country, in days that are counted alike."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from lib.data import Answer
from lib.questions.question import Asking, CannotTell, PackageSet
from lib.questions.rows.comparable_days import ComparableDays, comparable_days, held_by_country
from lib.router import NotHeld
from lib.selection import Selection, listed


@dataclass(frozen=True, eq=False)
class SetByCountry:
    """A set as far as it is held, with its downloads.

    `frame` has the columns `period`, `country`, `downloads` and `stretch`; `lacking` are the
    packages of the set that are not held by country.
    """

    name: str
    packages: tuple[str, ...]
    lacking: tuple[str, ...]
    frame: pd.DataFrame
    answer: Answer


@dataclass(frozen=True, eq=False)
class SetsByCountry:
    """Two sets, and all packages held where they are held by country too."""

    first: SetByCountry
    second: SetByCountry
    everything: tuple[pd.DataFrame, Answer] | None
    days: ComparableDays

    @property
    def answers(self) -> tuple[Answer, ...]:
        """The rows that were asked of the store."""
        more = (self.everything[1],) if self.everything else ()
        return (self.first.answer, self.second.answer, *more)

    @property
    def packages(self) -> tuple[str, ...]:
        """The packages of both that are held, each once."""
        return tuple(dict.fromkeys((*self.first.packages, *self.second.packages)))


def sets_by_country(asking: Asking) -> SetsByCountry:
    """The two sets that are asked about, by country.

    Raises NotHeld where nothing of both is held by country, and CannotTell where nothing of one.
    """
    one, other = asking.asked.sets[:2]
    held = [
        tuple(name for name in each.packages if held_by_country(asking, name, asking.period))
        for each in (one, other)
    ]
    if not any(held):
        names = (*one.packages, *other.packages)
        raise NotHeld(Selection(names).query(asking.period, by=("country",)), None)
    for each, names in zip((one, other), held, strict=True):
        if not names:
            raise CannotTell(
                f"Of “{each.name}” nothing is held by country: {listed(each.packages)}."
            )
    query = Selection((*held[0], *held[1])).query(asking.period, by=("country",))
    days = comparable_days(asking, query, "country")
    first, second = (
        _set(asking, each, names, days) for each, names in zip((one, other), held, strict=True)
    )
    return SetsByCountry(first, second, _everything(asking, days), days)


def _set(
    asking: Asking, each: PackageSet, names: tuple[str, ...], days: ComparableDays
) -> SetByCountry:
    frame, answer = _rows(asking, Selection(names), days)
    lacking = tuple(name for name in each.packages if name not in names)
    return SetByCountry(each.name, names, lacking, frame, answer)


def _everything(asking: Asking, days: ComparableDays) -> tuple[pd.DataFrame, Answer] | None:
    try:
        frame, answer = _rows(asking, Selection(), days)
    except NotHeld:
        return None
    return None if answer.clipped else (frame, answer)


def _rows(
    asking: Asking, selection: Selection, days: ComparableDays
) -> tuple[pd.DataFrame, Answer]:
    query = selection.query(days.period, grain=days.grain, by=("country",))
    answer = asking.found.answer(query)
    return asking.with_stretches(answer.frame, days.grain, "country"), answer
