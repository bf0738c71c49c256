"""How one package changed, and what made it, on stores with a known truth."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

from lib.cubes import Cube, Grain
from lib.data import Downloads
from lib.questions.question import Asked, Asking, CannotTell
from lib.questions.rows.package_change import package_change
from lib.questions.rows.recent_moves import recent_moves
from lib.questions.telling.change_words import change_sentence
from lib.questions.telling.movement_words import cause_of
from lib.router import Period
from lib.selection import Selection
from lib.stores.duckdb import DuckDBStore
from tests.conftest import YESTERDAY, Row, raw_row
from tests.profile_stores import asking, store_of

REDEFINED = date(2026, 8, 24)


BY_PACKAGE, BY_COUNTRY = (
    Cube(Grain.DAY, names) for names in (("project",), ("project", "country"))
)


def asking_of(path: Path, *names: str, last: date | None = None) -> Asking:
    """What is asked of packages on all days held, or those up to the last."""
    found = Downloads(DuckDBStore(path))
    held = found.held(names)
    return Asking(found, Asked(Selection(names, Period(held.first, last or held.last))), YESTERDAY)


def asking_about(path: Path, rows: list[Row], country: str = "") -> Asking:
    """What is asked about numpy, of BigQuery's rows in a store by package and country."""
    days = pd.DataFrame(rows)["period"]
    found = store_of(
        path / "pulse.duckdb", rows, BY_PACKAGE, BY_COUNTRY, first=days.min(), last=days.max(),
        packages=("numpy",), source="bigquery",
    )  # fmt: skip
    kept = {"country": country} if country else {}
    return asking(found, "numpy", yesterday=YESTERDAY, **kept)


def days_from(first: date, count: int) -> list[date]:
    return [first + timedelta(days=number) for number in range(count)]


def wavy(day: date, level: int) -> int:
    """Downloads that vary a little from day to day, and less at weekends."""
    return level + day.toordinal() * 37 % 11 * level // 200 - (day.weekday() > 4) * level // 4


def one_month_more(level: Callable[[date, str], int], *, first: date, count: int) -> list[Row]:
    """Rows of a package from two countries, of `level` downloads by day and country."""
    return [
        raw_row(day, "numpy", level(day, country), country=country)
        for day in days_from(first, count)
        for country in ("DE", "US")
    ]


def test_one_package_is_told_as_among_all(sample_store: Path) -> None:
    among = recent_moves(asking_of(sample_store), whole_month=True)
    for name in ("numpy", "boto3"):
        alone = package_change(asking_of(sample_store, name))
        row = among.moves.frame[among.moves.frame["series"] == name].iloc[0]
        assert (alone.before, alone.after) == (among.before, among.after)
        for column in ("before", "after", "change", "low", "high"):
            assert alone.row[column] == pytest.approx(row[column])


def test_levels_equal_sums_by_hand(sample_store: Path) -> None:
    asked = asking_of(sample_store, "numpy")
    found = package_change(asked)
    for period, level in ((found.before, "before"), (found.after, "after")):
        total = asked.found.total(asked.selection, period)
        assert found.row[level] == pytest.approx(total / period.days)


def test_across_a_break_the_share_of_all_is_told_and_no_cause(sample_store: Path) -> None:
    asked = asking_of(sample_store, "numpy", last=date(2026, 9, 30))
    found = package_change(asked)
    assert found.moves.by_share
    assert found.made is None
    before, after = (span.to_numpy() for span in (found.spans.before, found.spans.after))
    query = Selection().query(found.both, grain=Grain.DAY, by=("project",))
    daily = asked.found.answer(query).frame
    for days, column in ((before, "share_before"), (after, "share_after")):
        rows = daily[daily["period"].isin(days)]
        own = rows.loc[rows["project"] == "numpy", "downloads"].sum()
        assert found.row[column] == pytest.approx(own / rows["downloads"].sum())
    assert "Levels are not compared" in change_sentence(found)


def test_the_country_that_made_a_rise_is_named_as_where_it_was(tmp_path: Path) -> None:
    def level(day: date, country: str) -> int:
        return wavy(day, 3000 if country == "DE" and day.month == 10 else 1000)

    rows = one_month_more(level, first=date(2026, 9, 1), count=75)
    found = package_change(asking_about(tmp_path, rows))
    assert found.sure
    assert "Germany made" in cause_of("numpy", found.made)
    assert "because" not in change_sentence(found) + cause_of("numpy", found.made)


def test_a_fall_is_told_as_one(tmp_path: Path) -> None:
    def level(day: date, country: str) -> int:
        return wavy(day, 200 if country == "DE" and day.month == 10 else 1000)

    rows = one_month_more(level, first=date(2026, 9, 1), count=75)
    found = package_change(asking_about(tmp_path, rows))
    assert found.row["change"] < 0
    assert " The fall of numpy is most concentrated by country: Germany" in cause_of(
        "numpy", found.made
    )


def test_a_million_downloads_on_one_day_are_no_sure_change(tmp_path: Path) -> None:
    def level(day: date, country: str) -> int:
        return 1_000_000 if day == date(2026, 10, 7) and country == "DE" else wavy(day, 1000)

    rows = one_month_more(level, first=date(2026, 9, 1), count=75)
    found = package_change(asking_about(tmp_path, rows))
    assert not found.sure
    assert "no sure change" in change_sentence(found)


def test_a_filter_leaves_its_own_dimension_out(tmp_path: Path) -> None:
    def level(day: date, country: str) -> int:
        return wavy(day, 3000 if country == "DE" and day.month == 10 else 1000)

    rows = one_month_more(level, first=date(2026, 9, 1), count=75)
    kept = package_change(asking_about(tmp_path, rows, country="DE"))
    days = days_from(date(2026, 10, 1), 31)
    assert kept.row["after"] == pytest.approx(sum(level(day, "DE") for day in days) / 31)
    assert kept.made is None


def test_without_a_whole_month_before_four_weeks_are_compared(tmp_path: Path) -> None:
    rows = one_month_more(lambda day, _: wavy(day, 1000), first=date(2026, 9, 20), count=60)
    found = package_change(asking_about(tmp_path, rows))
    assert found.after.days == found.before.days == 28
    assert found.after.last == date(2026, 11, 18)


def test_months_alone_are_held_against_how_months_usually_differ(monthly_store: Path) -> None:
    found = package_change(asking_of(monthly_store, "seaborn"))
    assert found.spans.grain is Grain.MONTH
    assert found.row["after"] == pytest.approx(48_000 / 31)
    assert found.row["before"] == pytest.approx(46_000 / 30)


@pytest.mark.parametrize("count", [1, 20])
def test_too_few_days_are_said_to_be(tmp_path: Path, count: int) -> None:
    rows = one_month_more(lambda day, _: 1000, first=date(2026, 11, 1), count=count)
    with pytest.raises(CannotTell, match="needed"):
        package_change(asking_about(tmp_path, rows))


def test_a_package_without_downloads_has_no_change(tmp_path: Path) -> None:
    rows = one_month_more(lambda day, _: 0, first=date(2026, 9, 1), count=75)
    with pytest.raises(CannotTell, match="No downloads of numpy"):
        package_change(asking_about(tmp_path, rows))


def test_few_downloads_are_counted_and_not_judged(tmp_path: Path) -> None:
    rows = one_month_more(lambda day, _: 5, first=date(2026, 9, 1), count=75)
    found = package_change(asking_about(tmp_path, rows))
    assert "too few downloads to say" in change_sentence(found)


def test_a_break_within_the_month_is_never_crossed_in_silence(tmp_path: Path) -> None:
    rows = one_month_more(
        lambda day, _: wavy(day, 1000 if day < REDEFINED else 700), first=date(2026, 7, 1), count=62
    )
    found = package_change(asking_about(tmp_path, rows))
    assert found.moves.by_share
    assert found.row["change"] == pytest.approx(0)
    assert pd.notna(found.row["share_after"])
