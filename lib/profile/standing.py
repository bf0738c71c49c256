"""Where a package stands among all that are held: its rank now, and month by month."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import pandas as pd

from lib.cubes import Grain
from lib.data import Answer, Downloads
from lib.questions.question import Asking
from lib.recent import recent
from lib.router import NotHeld, Period, first_of_next_month
from lib.selection import Selection

_DAY = timedelta(days=1)

_YEARS_OF_ALL = 2
"""How many years are looked at where all of PyPI is held: a rank reads every package's rows."""


@dataclass(frozen=True)
class Rank:
    """The place of a package among the `counted` that were downloaded in a period, 1 the first."""

    period: Period
    place: int
    counted: int

    @property
    def top(self) -> float:
        """In which part of them it is: 0.03 for the first 3 % of all, its own place included."""
        return self.place / self.counted


@dataclass(frozen=True, eq=False)
class Standing:
    """The rank in the last whole month and in the last 30 days, and that of every whole month.

    Either is None where it is not held or where the package had no downloads. `months` has the
    columns `period`, `rank` (NaN in a month without downloads), `counted`, `downloads` and
    `stretch`: within one month all packages are counted alike, in months of two stretches not.
    """

    month: Rank | None
    days: Rank | None
    months: pd.DataFrame
    answer: Answer


def standing(asking: Asking) -> Standing:
    """The standing of the package named first under the filters, which hold for all others too.

    Raises NotHeld where the packages are not held together for a whole month.
    """
    found = asking.found
    everyone = replace(asking.selection, packages=())
    name = asking.packages[0]
    months = _ranks(found, everyone, name, _looked_at(found), Grain.MONTH)
    answer = replace(months, frame=_every_month(asking, months))
    table = answer.frame
    last = table.iloc[-1] if len(table) else None
    month = None
    if last is not None and pd.notna(last["rank"]):
        month = Rank(_month_of(last["period"]), int(last["rank"]), int(last["counted"]))
    return Standing(month, _newest_days(found, everyone, name), table, answer)


def _ranks(
    found: Downloads, everyone: Selection, name: str, period: Period, grain: Grain | None
) -> Answer:
    query = everyone.query(period, grain=grain, by=("project",))
    return found.answer(replace(query, rank_of=name))


def _newest_days(found: Downloads, everyone: Selection, name: str) -> Rank | None:
    """The rank in the last 30 days; None where days are not held."""
    if Grain.DAY not in found.grains():
        return None
    period = recent(found)
    try:
        answer = _ranks(found, everyone, name, period, None)
    except NotHeld:
        return None
    if answer.clipped or answer.frame.empty:
        return None
    row = answer.frame.iloc[0]
    return Rank(period, int(row["rank"]), int(row["counted"]))


def _looked_at(found: Downloads) -> Period:
    """The whole months held of all packages: of all of PyPI the newest of them."""
    months = _whole_months(found.held())
    if found.state.packages is not None:
        return months
    first = pd.Timestamp(months.last + _DAY) - pd.DateOffset(years=_YEARS_OF_ALL)
    return Period(max(months.first, first.date()), months.last)


def _whole_months(held: Period) -> Period:
    """The whole months of a period; where it has none, the month that it begins in."""
    first = held.first if held.first.day == 1 else first_of_next_month(held.first)
    after = held.last + _DAY
    last = held.last if after.day == 1 else held.last.replace(day=1) - _DAY
    if last < first:
        first = held.first.replace(day=1)
        last = first_of_next_month(first) - _DAY
    return Period(first, last)


def _every_month(asking: Asking, answer: Answer) -> pd.DataFrame:
    """A row for each whole month of an answer's days, with the stretch that it lies in."""
    whole = _whole_months(answer.period)
    starts = pd.date_range(whole.first, whole.last, freq="MS", unit="s")
    held = answer.frame.set_index("period").reindex(starts).rename_axis("period").reset_index()
    inside = (held["period"] >= pd.Timestamp(answer.period.first)) & (
        held["period"] + pd.offsets.MonthEnd(0) <= pd.Timestamp(answer.period.last)
    )
    return asking.with_stretches(held[inside], Grain.MONTH)


def _month_of(start: pd.Timestamp) -> Period:
    first = start.date()
    return Period(first, first_of_next_month(first) - _DAY)
