"""What a store tells of CI, mirrors, browsers and scripts, and unknown installers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from lib.aggregate import AggregateQuery, Filter
from lib.analysis.automation import CI, Part, kinds, package_shares, parts, recorded_since
from lib.breaks import breaks_for
from lib.cubes import Grain
from lib.data import Answer
from lib.installers import InstallerClass
from lib.questions.question import Asking
from lib.router import NotHeld, Period

MIRRORS = str(InstallerClass.MIRRORS)

KINDS = {
    "ci": (CI,),
    "installer": (MIRRORS, str(InstallerClass.BROWSERS), str(InstallerClass.UNKNOWN)),
}
"""What is told of each dimension."""

_MOST_PACKAGES = 200
"""Of all of PyPI so many packages are compared, the most downloaded."""


@dataclass(frozen=True, eq=False)
class Told:
    """What is told of one dimension, and the rows that it is told from.

    `frame` has a row for each period of `grain` and kind, as `parts` takes it.
    """

    dimension: str
    answer: Answer
    frame: pd.DataFrame
    grain: Grain
    parts: tuple[Part, ...]


def told_of(asking: Asking, dimension: str) -> Told | None:
    """What is told of a dimension; None where the store is not split by it, or has no rows."""
    grain = Grain.DAY if asking.holds(Grain.DAY, dimension) else Grain.MONTH
    try:
        answer = asking.found.answer(
            asking.selection.query(asking.period, grain=grain, by=(dimension,))
        )
    except NotHeld:
        return None
    since = recorded_since(dimension, breaks_for(asking.found.state.sources))
    frame = asking.with_stretches(kinds(answer.frame, dimension), grain, dimension)
    if since:
        frame = frame[frame["period"] >= pd.Timestamp(since)]
    found = parts(frame, grain, KINDS[dimension])
    return Told(dimension, answer, frame, grain, found) if found else None


def covering(told: Sequence[Told]) -> Period:
    """The days from the first to the last of what is told."""
    periods = [each.answer.period for each in told]
    return Period(min(each.first for each in periods), max(each.last for each in periods))


def packages_told(asking: Asking, told: Sequence[Told]) -> tuple[pd.DataFrame, tuple[Answer, ...]]:
    """The shares of each package in the days that are told, with what was asked for them."""
    whole_of_pypi = asking.found.state.packages is None and not asking.packages
    most = (Filter("project", asking.found.packages()[:_MOST_PACKAGES]),) if whole_of_pypi else ()
    tables, answers = [], []
    for each in told:
        period = each.parts[0].period
        where = (*most, *asking.selection.conditions())
        query = AggregateQuery(
            period.first, period.last, by=("project", each.dimension), where=where
        )
        try:
            answer = asking.found.answer(query)
        except NotHeld:
            continue
        shares = package_shares(kinds(answer.frame, each.dimension)).set_index("project")
        kept = [name for name in ("downloads", *KINDS[each.dimension]) if name in shares]
        tables.append(shares[kept])
        answers.append(answer)
    if not tables:
        return pd.DataFrame(columns=["project", "downloads"]), ()
    table = pd.concat(tables, axis=1)
    table = table.loc[:, ~table.columns.duplicated(keep="last")]
    return table.sort_values("downloads", ascending=False).reset_index(), tuple(answers)
