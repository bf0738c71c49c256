"""Downloads of rivals over time: packages or sets of them, in whole periods, with stretches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from lib.cubes import Grain
from lib.data import Answer
from lib.questions.question import Asking, CannotTell
from lib.questions.telling.wording import agreeing, counted
from lib.router import Period
from lib.selection import listed


@dataclass(frozen=True, eq=False)
class Rivals:
    """Downloads of each rival in whole periods: `period`, `series`, `downloads`, `stretch`.

    `downloads` is NaN where the source says nothing; of a set, where it says nothing of any of its
    packages. `members` are the packages held of each rival; `not_held` those that are asked about
    and not held, `silent` how many times the source says nothing of a member in a period.
    """

    answer: Answer
    frame: pd.DataFrame
    grain: Grain
    members: Mapping[str, tuple[str, ...]]
    not_held: tuple[str, ...]
    silent: int

    @property
    def names(self) -> tuple[str, ...]:
        """The rivals, in the order in which they were asked about."""
        return tuple(self.members)

    @property
    def period(self) -> Period:
        """The days that were looked at."""
        return self.answer.period

    @property
    def packages(self) -> tuple[str, ...]:
        """The packages held of all rivals, each once."""
        return tuple(dict.fromkeys(name for held in self.members.values() for name in held))

    @property
    def caveats(self) -> tuple[str, ...]:
        """What of the rivals is not held, and what counts twice."""
        told = []
        if self.not_held:
            verb = agreeing(len(self.not_held), "is", "are")
            told.append(f"{listed(self.not_held)} {verb} not held, and in none of the figures.")
        named = [name for held in self.members.values() for name in held]
        twice = tuple(name for name in self.packages if named.count(name) > 1)
        if twice:
            told.append(f"In more than one set, and counted in each: {listed(twice)}.")
        if self.silent and len(named) > len(self.members):
            told.append(
                f"In {counted(self.silent, 'case')} the source says nothing of a package in a "
                f"{self.grain}: its set is then counted without it."
            )
        return tuple(told)


def rival_packages(asking: Asking, grain: Grain, fewest: int = 1) -> Rivals:
    """The packages asked about. Raises NotHeld, or CannotTell where too few of them are held."""
    asked = {name: (name,) for name in asking.packages}
    return _rivals(asking, asking.period, grain, asked, fewest)


def rival_sets(asking: Asking, period: Period, grain: Grain, fewest: int = 2) -> Rivals:
    """The sets asked about in a period, each summed; a package in two of them counts in both.

    Raises NotHeld, or CannotTell where too few sets have a package that is held.
    """
    asked = {each.name: each.packages for each in asking.asked.sets}
    return _rivals(asking, period, grain, asked, fewest)


def _rivals(
    asking: Asking,
    period: Period,
    grain: Grain,
    asked: Mapping[str, tuple[str, ...]],
    fewest: int,
) -> Rivals:
    holds = asking.found.holds
    members = {name: tuple(filter(holds, packages)) for name, packages in asked.items()}
    members = {name: packages for name, packages in members.items() if packages}
    every = dict.fromkeys(name for packages in asked.values() for name in packages)
    not_held = tuple(name for name in every if not holds(name))
    if len(members) < fewest:
        missing = f": {listed(not_held)} not" if not_held else ""
        verb = agreeing(len(members), "is", "are")
        raise CannotTell(
            f"This question needs {fewest} to compare: {len(members)} of {len(asked)} asked about "
            f"{verb} held{missing}."
        )
    packages = tuple(dict.fromkeys(name for held in members.values() for name in held))
    selection = replace(asking.selection, packages=packages)
    answer = asking.found.over_time(selection, period, grain)
    whole = answer.frame[~answer.frame["partial"]]
    if whole.empty:
        raise CannotTell(f"No whole {grain} lies in the days asked about.")
    table = whole.pivot(index="period", columns="series", values="downloads")
    sums = pd.DataFrame(
        {name: table[list(held)].sum(axis=1, min_count=1) for name, held in members.items()}
    )
    frame = sums.reset_index().melt("period", var_name="series", value_name="downloads")
    rows = asking.with_stretches(frame, grain)
    return Rivals(answer, rows, grain, members, not_held, int(table.isna().to_numpy().sum()))
