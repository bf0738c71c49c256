"""The newest downloads of a package, against sums over the raw rows with plain Python."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from lib.cubes import Cube, Grain
from lib.data import Downloads
from lib.profile.levels import Level, Span, levels, newest
from lib.selection import Selection
from tests.conftest import Row, raw_row
from tests.profile_stores import asking, store_of

FIRST, LAST = date(2026, 8, 29), date(2026, 11, 21)

NAMES = ("alpha", "beta")


def count(name: str, day: date) -> int:
    """A count that differs by package, day and weekday, with nothing at random."""
    return (7 if name == "alpha" else 3) * (100 + (day.toordinal() * 37) % 61)


def days(first: date, last: date) -> list[date]:
    return [first + timedelta(passed) for passed in range((last - first).days + 1)]


def rows(first: date = FIRST, last: date = LAST) -> list[Row]:
    return [
        raw_row(day, name, count(name, day) * part, country=country)
        for day in days(first, last)
        for name in NAMES
        for country, part in (("DE", 2), ("US", 5))
    ]


def total(first: date, last: date, name: str = "alpha", parts: int = 7) -> int:
    return sum(count(name, day) * parts for day in days(first, last))


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Downloads:
    path = tmp_path_factory.mktemp("levels") / "pulse.duckdb"
    cubes = (Cube(Grain.DAY, ("project",)), Cube(Grain.DAY, ("project", "country")))
    return store_of(path, rows(), *cubes, first=FIRST, last=LAST, packages=NAMES, source="bigquery")


def told(found: Downloads, name: str = "alpha", **filters: str) -> dict[str, Level]:
    return {each.label: each for each in levels(asking(found, name, yesterday=LAST, **filters))}


def ratio(level: Level) -> float | None:
    assert level.compared is not None
    return level.compared.ratio


def test_each_level_is_the_sum_of_its_days_and_is_compared_with_those_before(
    found: Downloads,
) -> None:
    found_levels = told(found)
    assert list(found_levels) == ["Last day", "Last 7 days", "Last 30 days", "All held"]
    for label, length, back in (
        ("Last day", 1, 7),
        ("Last 7 days", 7, 7),
        ("Last 30 days", 30, 30),
    ):
        level = found_levels[label]
        first = LAST - timedelta(length - 1)
        shift = timedelta(back)
        assert (level.period.first, level.period.last) == (first, LAST)
        assert level.downloads == total(first, LAST)
        before = total(first - shift, LAST - shift)
        assert ratio(level) == pytest.approx(level.downloads / before - 1)
    assert found_levels["All held"].downloads == total(FIRST, LAST)
    assert found_levels["All held"].compared is None


def test_filters_count_in_every_level(found: Downloads) -> None:
    found_levels = told(found, country="DE")
    assert found_levels["Last day"].downloads == total(LAST, LAST, parts=2)
    assert found_levels["All held"].downloads == total(FIRST, LAST, parts=2)


def test_a_day_is_compared_with_the_same_weekday(found: Downloads) -> None:
    compared = told(found)["Last day"].compared
    assert compared is not None
    assert compared.before.first == LAST - timedelta(7)
    assert compared.before.first.weekday() == LAST.weekday()


def test_a_shape_has_the_sums_up_to_each_of_the_newest_days(found: Downloads) -> None:
    found_levels = told(found)
    for label, length in (("Last day", 1), ("Last 7 days", 7), ("Last 30 days", 30)):
        level = found_levels[label]
        ends = days(FIRST, LAST)[length - 1 :][-84:]
        expected = [total(end - timedelta(length - 1), end) for end in ends]
        assert list(level.shape) == expected
        assert level.shape[-1] == level.downloads


def test_no_change_is_told_across_a_break_and_no_shape_goes_over_it(tmp_path: Path) -> None:
    first, last = date(2026, 7, 1), date(2026, 9, 5)
    found = store_of(
        tmp_path / "pulse.duckdb", rows(first, last), Cube(Grain.DAY, ("project",)),
        first=first, last=last, packages=NAMES, source="bigquery",
    )  # fmt: skip
    month = told(found)["Last 30 days"]
    assert month.downloads == total(last - timedelta(29), last)
    assert ratio(month) is None
    assert month.compared is not None
    assert month.compared.why_not == "change not comparable"
    assert "24 Aug 2026" in month.compared.explanation
    assert month.shape == ()
    day = told(found)["Last day"]
    assert len(day.shape) == (last - date(2026, 8, 24)).days + 1


def test_one_day_held_has_a_level_and_says_that_nothing_is_held_before(tmp_path: Path) -> None:
    found = store_of(
        tmp_path / "pulse.duckdb", rows(LAST, LAST), Cube(Grain.DAY, ("project",)),
        first=LAST, last=LAST, packages=NAMES,
    )  # fmt: skip
    found_levels = told(found)
    assert found_levels["Last day"].downloads == total(LAST, LAST)
    assert found_levels["Last day"].compared is not None
    assert found_levels["Last day"].compared.why_not == "nothing held before"
    assert found_levels["Last 7 days"].downloads is None
    assert "held from 2026-11-21" in found_levels["Last 7 days"].why_not
    assert found_levels["All held"].downloads == total(LAST, LAST)
    assert all(level.shape == () for level in found_levels.values())


def test_a_package_without_downloads_has_none_and_no_change(tmp_path: Path) -> None:
    found = store_of(
        tmp_path / "pulse.duckdb", rows(), Cube(Grain.DAY, ("project",)),
        first=FIRST, last=LAST, packages=(*NAMES, "nothing"), source="bigquery",
    )  # fmt: skip
    found_levels = told(found, "nothing")
    assert [each.downloads for each in found_levels.values()] == [0, 0, 0, 0]
    assert ratio(found_levels["Last day"]) is None


def test_months_alone_have_a_month_and_a_year(tmp_path: Path) -> None:
    first, last = date(2019, 1, 1), date(2021, 3, 31)
    found = store_of(
        tmp_path / "pulse.duckdb", rows(first, last), Cube(Grain.MONTH, ("project",)),
        first=first, last=last, packages=NAMES, source="bigquery",
    )  # fmt: skip
    found_levels = told(found)
    assert list(found_levels) == ["Last month", "Last 12 months", "All held"]
    month = found_levels["Last month"]
    assert month.downloads == total(date(2021, 3, 1), last)
    before = total(date(2021, 2, 1), date(2021, 2, 28))
    assert ratio(month) == pytest.approx(month.downloads / before - 1)
    year = found_levels["Last 12 months"]
    assert year.downloads == total(date(2020, 4, 1), last)
    before = total(date(2019, 4, 1), date(2020, 3, 31))
    assert ratio(year) == pytest.approx(year.downloads / before - 1)


@pytest.mark.parametrize(("span", "length"), [(Span.DAY, 1), (Span.WEEK, 7), (Span.MONTH, 30)])
def test_the_newest_span_ends_on_the_last_day_held(
    found: Downloads, span: Span, length: int
) -> None:
    period = newest(found, Selection(("alpha",)), span)
    assert (period.days, period.last) == (length, LAST)
