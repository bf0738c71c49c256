"""What the days of a holiday did to packages and countries, in the days that are held around."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from lib.aggregate import REST
from lib.analysis.holidays import (
    FEWEST_WEEKS,
    WEEKS_AROUND,
    WEEKS_COMPARED,
    HolidayEffect,
    holiday_effects,
)
from lib.cubes import UNKNOWN
from lib.formats import days as days_text
from lib.holidays import HOLIDAY, Holiday, latest_days, unusual_days
from lib.questions.question import Asking, CannotTell
from lib.questions.rows.by_day import TOGETHER, ByDay, by_package, days_held, split
from lib.questions.telling.wording import when
from lib.router import Period

_COUNTRIES = 15

_UNNAMED = {REST, UNKNOWN}


@dataclass(frozen=True, eq=False)
class Effects:
    """What the days of a holiday did to the packages, and to the countries of the first."""

    holiday: Holiday
    days: tuple[date, ...]
    daily: ByDay
    packages: Mapping[str, HolidayEffect]
    by_country: ByDay | None
    countries: Mapping[str, HolidayEffect]

    @property
    def first(self) -> HolidayEffect:
        """The effect on the first series."""
        return self.packages[self.daily.first]

    @property
    def single(self) -> dict[str, HolidayEffect]:
        """The effects on packages, one by one."""
        return {name: effect for name, effect in self.packages.items() if name != TOGETHER}

    @property
    def named_countries(self) -> dict[str, HolidayEffect]:
        """The effects on countries, without those of the rest and of unknown ones."""
        return {code: each for code, each in self.countries.items() if code not in _UNNAMED}

    @property
    def when(self) -> str:
        """The days of the holiday in words."""
        return days_text(self.days[0], self.days[-1])


def effects(asking: Asking) -> Effects:
    """What the latest occurrence in the period did, by the days held around it.

    Raises NotHeld without days, CannotTell where no occurrence is held, or too little around it.
    """
    holiday = HOLIDAY[asking.asked.option("holiday")]
    held = days_held(asking, asking.period) or asking.period
    days = latest_days(holiday, held)
    if not days:
        raise CannotTell(f"{holiday.name} does not lie as a whole in the days held: {when(held)}.")
    reach = timedelta(weeks=WEEKS_COMPARED + WEEKS_AROUND)
    around = days_held(asking, Period(days[0] - reach, days[-1] + reach)) or held
    daily = by_package(asking, around)
    if not daily.frame["downloads"].gt(0).any():
        raise CannotTell(f"No downloads of {daily.head} are held around {holiday.name}.")
    unusual = unusual_days(around)
    packages = holiday_effects(daily.frame, days, unusual)
    if daily.first not in packages:
        raise CannotTell(
            f"{holiday.name} ({days_text(days[0], days[-1])}) can be told where {FEWEST_WEEKS} "
            "weeks without a holiday, break or gap are held, two before it and two after it."
        )
    by_country = None if asking.country else split(asking, around, "country", _COUNTRIES)
    countries = holiday_effects(by_country.frame, days, unusual) if by_country else {}
    return Effects(holiday, days, daily, packages, by_country, countries)
