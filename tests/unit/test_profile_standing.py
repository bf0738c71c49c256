"""The rank of a package, against sorting all of them by hand."""

from __future__ import annotations

import math
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

from lib.charts import TimeAxis
from lib.cubes import Cube, Grain
from lib.data import Downloads
from lib.package_charts import ranks
from lib.profile.standing import Standing, standing
from lib.router import NotHeld, Period
from lib.theme import LIGHT
from tests.conftest import Row, raw_row
from tests.profile_stores import asking, store_of

FIRST, LAST = date(2026, 1, 15), date(2026, 11, 21)

NAMES = tuple(f"package-{number:02}" for number in range(20))


def count(name: str, day: date, country: str) -> int:
    """Counts whose order changes from month to month and by country; some are equal."""
    number = NAMES.index(name)
    return 10 * ((number * 7 + day.month * (3 if country == "DE" else 5)) % 13)


def rows() -> list[Row]:
    days = [FIRST + timedelta(passed) for passed in range((LAST - FIRST).days + 1)]
    found = [
        raw_row(day, name, value, country=country)
        for day in days
        for name in NAMES
        for country in ("DE", "US")
        if (value := count(name, day, country))
    ]
    return [*found, *(raw_row(day, "unknown", 10**6, country="DE") for day in days)]


@pytest.fixture(scope="module", params=["named", "all of PyPI"])
def found(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Downloads:
    path = tmp_path_factory.mktemp("standing") / "pulse.duckdb"
    packages = NAMES if request.param == "named" else None
    cubes = (Cube(Grain.DAY, ("project",)), Cube(Grain.DAY, ("project", "country")))
    return store_of(
        path, rows(), *cubes, first=FIRST, last=LAST, packages=packages, source="bigquery"
    )


def by_hand(name: str, period: Period, country: str = "") -> tuple[int, int] | None:
    """The rank and how many have downloads, in days of which all are held."""
    sums = {
        other: sum(
            count(other, period.first + timedelta(passed), code)
            for passed in range(period.days)
            for code in (country,) * bool(country) or ("DE", "US")
        )
        for other in NAMES
    }
    if not sums[name]:
        return None
    more = sum(value > sums[name] for value in sums.values())
    return 1 + more, sum(value > 0 for value in sums.values())


def told(found: Downloads, name: str, **filters: str) -> Standing:
    return standing(asking(found, name, yesterday=LAST, **filters))


MONTHS = [Period(date(2026, m, 1), date(2026, m + 1, 1) - timedelta(1)) for m in range(2, 11)]
"""Whole months: the first and the last are held in part."""


@pytest.mark.parametrize("country", ["", "DE"])
@pytest.mark.parametrize("name", [NAMES[0], NAMES[7], NAMES[19]])
def test_the_rank_of_every_whole_month_is_as_sorted_by_hand(
    found: Downloads, name: str, country: str
) -> None:
    filters = {"country": country} if country else {}
    months = told(found, name, **filters).months
    assert [start.date() for start in months["period"]] == [month.first for month in MONTHS]
    for month, rank, counted in zip(MONTHS, months["rank"], months["counted"], strict=True):
        expected = by_hand(name, month, country)
        assert (None if pd.isna(rank) else (rank, counted)) == expected


@pytest.mark.parametrize("name", NAMES[:5])
def test_the_newest_ranks_are_of_the_last_whole_month_and_of_30_days(
    found: Downloads, name: str
) -> None:
    ranked = told(found, name)
    assert ranked.month is not None
    assert ranked.month.period == MONTHS[-1]
    assert (ranked.month.place, ranked.month.counted) == by_hand(name, MONTHS[-1])
    newest = Period(LAST - timedelta(29), LAST)
    assert ranked.days is not None
    assert ranked.days.period == newest
    assert (ranked.days.place, ranked.days.counted) == by_hand(name, newest)
    assert ranked.days.top == ranked.days.place / ranked.days.counted


def test_months_before_and_after_a_change_of_the_record_are_of_two_stretches(
    found: Downloads,
) -> None:
    months = told(found, NAMES[0]).months.set_index("period")["stretch"]
    july, august, september = (months[pd.Timestamp(2026, month, 1)] for month in (7, 8, 9))
    assert august == -1
    assert july != september


def test_a_package_that_was_not_downloaded_has_no_rank(found: Downloads, tmp_path: Path) -> None:
    extended = store_of(
        tmp_path / "pulse.duckdb", rows(), Cube(Grain.DAY, ("project",)), first=FIRST, last=LAST,
        packages=(*NAMES, "nothing"), source="bigquery",
    )  # fmt: skip
    ranked = told(extended, "nothing")
    assert ranked.month is None
    assert ranked.days is None
    assert ranked.months["rank"].isna().all()


@pytest.mark.parametrize("first", [LAST, LAST - timedelta(12)], ids=str)
def test_days_of_less_than_a_month_have_a_rank_and_no_history(tmp_path: Path, first: date) -> None:
    kept = [row for row in rows() if str(row["period"]) >= str(first)]
    short = store_of(
        tmp_path / "pulse.duckdb", kept, Cube(Grain.DAY, ("project",)), first=first, last=LAST,
        packages=NAMES, source="bigquery",
    )  # fmt: skip
    ranked = told(short, NAMES[0])
    assert ranked.month is None
    assert ranked.months.empty
    assert ranked.days is not None
    assert (ranked.days.place, ranked.days.counted) == by_hand(NAMES[0], Period(first, LAST))


def test_months_alone_have_no_rank_of_days(tmp_path: Path) -> None:
    months = store_of(
        tmp_path / "pulse.duckdb", rows(), Cube(Grain.MONTH, ("project",)),
        first=date(2026, 2, 1), last=date(2026, 10, 31), packages=NAMES,
    )  # fmt: skip
    ranked = told(months, NAMES[3])
    assert ranked.days is None
    assert ranked.month is not None
    assert (ranked.month.place, ranked.month.counted) == by_hand(NAMES[3], MONTHS[-1])


def test_a_split_that_is_not_held_is_not_ranked(found: Downloads) -> None:
    with pytest.raises(NotHeld):
        told(found, NAMES[0], python="3.12")


@pytest.mark.parametrize("worst", [1, 2, 160, 5000])
def test_the_first_rank_is_on_top_and_every_rank_is_inside_the_axis(worst: int) -> None:
    frame = pd.DataFrame(
        {
            "period": pd.to_datetime([month.first for month in MONTHS]),
            "rank": [worst, *[1] * (len(MONTHS) - 1)],
            "counted": worst,
        }
    )
    axis = TimeAxis(Period(MONTHS[0].first, MONTHS[-1].last), Grain.MONTH, "source")
    figure = ranks(frame, LIGHT, axis, unit="Rank")
    bottom, top = figure.layout.yaxis.range
    scaled = [
        math.log10(value) if figure.layout.yaxis.type == "log" else value for value in (1, worst)
    ]
    assert bottom > scaled[1] >= scaled[0] > top
    assert (figure.layout.yaxis.type == "log") == (worst > 1000)
    assert figure.data[0].customdata[0] == f"Feb 2026: {worst:,} of {worst:,}"
