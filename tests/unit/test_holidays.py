"""The days on which holidays fall, by calendars that are known."""

from __future__ import annotations

from datetime import date

import pytest

from lib.holidays import HOLIDAY, latest_days, unusual_days
from lib.router import Period


@pytest.mark.parametrize(
    ("key", "year", "first", "last"),
    [
        ("christmas", 2025, date(2025, 12, 24), date(2025, 12, 26)),
        ("new-year", 2026, date(2025, 12, 31), date(2026, 1, 1)),
        ("thanksgiving", 2025, date(2025, 11, 27), date(2025, 11, 28)),
        ("thanksgiving", 2024, date(2024, 11, 28), date(2024, 11, 29)),
        ("thanksgiving", 2019, date(2019, 11, 28), date(2019, 11, 29)),
        ("independence-day", 2025, date(2025, 7, 4), date(2025, 7, 4)),
        ("independence-day", 2026, date(2026, 7, 3), date(2026, 7, 4)),
        ("independence-day", 2021, date(2021, 7, 4), date(2021, 7, 5)),
        ("easter", 2026, date(2026, 4, 3), date(2026, 4, 6)),
        ("easter", 2024, date(2024, 3, 29), date(2024, 4, 1)),
        ("lunar-new-year", 2026, date(2026, 2, 16), date(2026, 2, 22)),
        ("golden-week-cn", 2025, date(2025, 10, 1), date(2025, 10, 7)),
        ("golden-week-jp", 2026, date(2026, 4, 29), date(2026, 5, 5)),
    ],
)
def test_a_holiday_falls_on_its_days(key: str, year: int, first: date, last: date) -> None:
    days = HOLIDAY[key].days_in(year)
    assert (days[0], days[-1]) == (first, last)


def test_the_latest_occurrence_lies_in_the_period_as_a_whole() -> None:
    christmas, new_year = HOLIDAY["christmas"], HOLIDAY["new-year"]
    period = Period(date(2024, 1, 1), date(2025, 12, 25))
    assert latest_days(christmas, period)[0] == date(2024, 12, 24)
    assert latest_days(christmas, Period(date(2024, 12, 25), date(2025, 12, 25))) == ()
    assert latest_days(new_year, Period(date(2025, 12, 1), date(2026, 1, 1)))[0].year == 2025
    assert latest_days(new_year, period)[0] == date(2024, 12, 31)


def test_a_year_whose_days_are_not_known_is_passed_over() -> None:
    lunar = HOLIDAY["lunar-new-year"]
    assert latest_days(lunar, Period(date(2029, 1, 1), date(2032, 1, 1)))[0].year == 2030


def test_days_around_christmas_are_unusual_and_those_after_it_are_usual_again() -> None:
    unusual = unusual_days(Period(date(2025, 12, 19), date(2026, 1, 7)))
    assert min(unusual) == date(2025, 12, 20)
    assert max(unusual) == date(2026, 1, 6)
    assert len(unusual) == 18
