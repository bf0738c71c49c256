"""What is ranked: the store, the packages, the filters and the days, and those before them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property

import pandas as pd

from lib.analysis.comparable import UNUSABLE, stretches
from lib.analysis.spans import Spans
from lib.breaks import Break, as_levels, breaks_for
from lib.cubes import Grain
from lib.data import MOST_LISTED, Answer, Downloads
from lib.formats import value_label
from lib.periods import months_before, period_starts, whole_months
from lib.questions.question import Asked, Asking
from lib.questions.telling.wording import all_packages
from lib.router import Period, first_of_next_month
from lib.selection import Selection, listed

KEPT = 200
"""How many of each computed list are kept, for readers who look at the same or come back."""

WEEK = 7


@dataclass(frozen=True)
class Cut:
    """A change of the record within a period: the first day of the last stretch, and its breaks."""

    first: date
    breaks: tuple[Break, ...]


@dataclass(frozen=True)
class Scope:
    """What is ranked. `selection` has fixed days, and the packages of `group` where one is chosen.

    Equal where the same is ranked, so that what is computed of it can be kept by it.
    """

    found: Downloads
    selection: Selection
    group: str
    yesterday: date

    @property
    def asking(self) -> Asking:
        """The same as what a question is answered from."""
        return Asking(self.found, Asked(self.selection), self.yesterday)

    @property
    def everything(self) -> Scope:
        """The same of all packages that are held."""
        return replace(self, selection=replace(self.selection, packages=()), group="")

    @property
    def is_all_of_pypi(self) -> bool:
        """Whether there are more packages than can be listed."""
        return self.found.state.packages is None and not self.selection.packages

    @cached_property
    def answer(self) -> Answer:
        """Downloads of each package in the days that are held. Raises NotHeld where none are."""
        return self.found.by_package(self.selection, self.found.period(self.selection))

    @property
    def period(self) -> Period:
        """The days that are ranked: of those chosen, those that are held."""
        return self.answer.period

    @property
    def grain(self) -> Grain:
        """Days, or months where no days of these packages are held."""
        held = self.found.grains(self.selection.packages)
        return Grain.DAY if Grain.DAY in held else Grain.MONTH

    @property
    def before(self) -> Period:
        """The period that is compared with: as long, and of the same weekdays.

        As many months right before whole months; else the same days so many weeks earlier that the
        two do not overlap. On weekends downloads fall by a third or more: a Saturday against a
        Friday, or ten weekend days against eight, would tell of the calendar.
        """
        if whole_months(self.period) or self.grain is Grain.MONTH:
            return months_before(self.period)
        back = timedelta(days=-(-self.period.days // WEEK) * WEEK)
        return Period(self.period.first - back, self.period.last - back)

    @property
    def breaks(self) -> tuple[Break, ...]:
        """The breaks of the record as these filters meet them."""
        filtered = (condition.dimension for condition in self.selection.conditions())
        return as_levels(breaks_for(self.found.state.sources), filtered)

    @property
    def spans(self) -> Spans:
        """The usable days of the period before and of this one."""
        return Spans.of(self.before, self.period, self.grain, self.breaks)

    @property
    def cut(self) -> Cut | None:
        """Where the record changes within the period, the last time; None where it does not."""
        days = pd.DatetimeIndex(period_starts(self.period, Grain.DAY).index)
        levels = [each for each in self.breaks if not each.splits]
        marks = stretches(days, Grain.DAY, levels)
        usable = marks[marks != UNUSABLE]
        if usable.nunique() < 2:
            return None
        first = pd.Timestamp(usable.index[usable == usable.max()][0]).date()
        began = [each for each in levels if each.first == first]
        ended = [each for each in levels if each.last == first - timedelta(days=1)]
        return Cut(first, tuple(began or ended))

    @property
    def sides(self) -> tuple[Period, ...]:
        """The days before and after the change of the record within the period, as far as held."""
        cut = self.cut
        if cut is None:
            return ()
        before = Period(self.period.first, cut.first - timedelta(days=1))
        after = Period(cut.first, self.period.last)
        if self.grain is Grain.MONTH:
            before = Period(before.first, _end_of_month_to(before.last))
            start = after.first if after.first.day == 1 else first_of_next_month(after.first)
            after = Period(start, after.last)
        return tuple(side for side in (before, after) if side.days > 0)

    @property
    def of_what(self) -> str:
        """What is ranked in words: `the downloads of all 160 packages held from Germany`."""
        packages = f"the group {self.group}" if self.group else all_packages(self.asking)
        return " ".join(filter(None, (f"the downloads of {packages}", self._where)))

    @property
    def file_name(self) -> str:
        """What files made of the ranking are called, without their ending."""
        source = "simulated-" if self.found.state.simulated else ""
        return f"{source}rankings-{self.period.first}-{self.period.last}"

    @property
    def most(self) -> int | None:
        """How many packages are looked at one by one, where there are more than can be."""
        return MOST_LISTED if self.is_all_of_pypi else None

    @property
    def _where(self) -> str:
        country, system = (
            [value_label(name, value) for value in self.selection.values(name)]
            for name in ("country", "system")
        )
        return " ".join(
            filter(
                None,
                (
                    f"from {listed(country)}" if country else "",
                    f"on {listed(system)}" if system else "",
                ),
            )
        )


def _end_of_month_to(day: date) -> date:
    """The last day of the last month that has ended on `day`."""
    return (day + timedelta(days=1)).replace(day=1) - timedelta(days=1)
