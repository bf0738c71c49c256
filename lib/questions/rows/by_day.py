"""Downloads of each day that a question looks at: by package, and split, in their stretches."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice

import pandas as pd

from lib.cubes import Grain
from lib.data import Answer
from lib.formats import value_label
from lib.questions.question import Asking
from lib.questions.telling import wording
from lib.router import NotHeld, Period

MOST = 12
"""How many packages are looked at where none is named: the most downloaded."""

TOGETHER = "all together"
"""The series of their sum. No package can have this name."""


@dataclass(frozen=True, eq=False)
class ByDay:
    """Downloads of each day: columns `period`, `series`, `downloads`, `stretch`.

    The first series is what the finding is about before all: the package named first, or all
    that are looked at together; `head` names it as a sentence does.
    """

    answer: Answer
    frame: pd.DataFrame
    head: str

    @property
    def first(self) -> str:
        """The name of the first series."""
        return str(self.frame["series"].iloc[0])

    @property
    def of_first(self) -> pd.DataFrame:
        """The rows of the first series."""
        return self.frame[self.frame["series"] == self.first]

    @property
    def title(self) -> str:
        """What the first series is called in the title of a figure."""
        return self.head.removesuffix(",")

    @property
    def packages(self) -> tuple[str, ...]:
        """The packages that are looked at, one by one."""
        return self.answer.query.packages


def by_package(asking: Asking, period: Period) -> ByDay:
    """The packages named, or the `MOST` most downloaded of those held by day, and their sum.

    Raises NotHeld where days are not held.
    """
    names = asking.packages or _most_downloaded(asking)
    selection = replace(asking.selection, packages=names)
    answer = asking.found.over_time(selection, period, Grain.DAY)
    frame = answer.frame[["period", "series", "downloads"]]
    head = names[0] if names else wording.all_packages(asking)
    if not asking.packages and len(names) > 1:
        daily = frame.groupby("period", as_index=False)["downloads"].sum(min_count=len(names))
        frame = pd.concat([daily.assign(series=TOGETHER), frame], ignore_index=True)
        head = f"the {len(names)} most downloaded packages held, taken together,"
    return ByDay(answer, asking.with_stretches(frame, Grain.DAY), head)


def package_label(series: str) -> str:
    """What a series of `by_package` is called beside its number."""
    return "All of these together" if series == TOGETHER else series


def country_label(code: str) -> str:
    """What a series of countries is called beside its number."""
    return value_label("country", code)


def days_held(asking: Asking, period: Period) -> Period | None:
    """The longest part of a period in which the packages are held by day, or None."""
    packages = asking.packages or _most_downloaded(asking)
    query = replace(asking.selection, packages=packages).query(period, grain=Grain.DAY)
    return asking.held(query)


def split(asking: Asking, period: Period, dimension: str, top: int) -> ByDay | None:
    """The package named first, or all packages held, by the `top` values of a dimension.

    None where days are not held by that dimension.
    """
    packages = asking.packages[:1]
    selection = replace(asking.selection, packages=packages)
    try:
        answer = asking.found.split_over_time(selection, period, Grain.DAY, dimension, top)
    except NotHeld:
        return None
    if answer.frame.empty:
        return None
    head = packages[0] if packages else wording.all_packages(asking)
    frame = answer.frame[["period", "series", "downloads"]]
    return ByDay(answer, asking.with_stretches(frame, Grain.DAY, dimension), head)


def _most_downloaded(asking: Asking) -> tuple[str, ...]:
    found = asking.found
    daily = (name for name in found.packages() if Grain.DAY in found.grains((name,)))
    return tuple(islice(daily, MOST))
