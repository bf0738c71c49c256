"""The breaks: what a chart marks, and what may not be compared."""

from __future__ import annotations

from datetime import date

import pytest

from lib.breaks import all_breaks, breaks_in, separating
from lib.router import Period


def period(first: str, last: str) -> Period:
    return Period(date.fromisoformat(first), date.fromisoformat(last))


def titles(first: str, last: str, *dimensions: str, source: str = "bigquery") -> list[str]:
    return [found.title for found in breaks_in(period(first, last), [source], dimensions)]


def test_every_break_says_what_a_chart_shows_and_who_documents_it() -> None:
    assert len(all_breaks()) >= 10
    for found in all_breaks():
        assert found.title and found.effect.endswith(".") and found.reference
        assert found.last is None or found.first <= found.last


@pytest.mark.parametrize(
    ("first", "last", "marked"),
    [
        ("2026-08-01", "2026-09-30", {"PyPI redefined a download"}),
        ("2026-08-24", "2026-09-30", set()),
        ("2026-08-01", "2026-08-23", set()),
        ("2018-01-01", "2018-12-31", {"More than half of all rows were lost"}),
        ("2021-11-01", "2021-12-31", {"Rows lost in the log pipeline"}),
        ("2021-11-25", "2021-12-02", set()),
        ("2024-05-01", "2024-05-31", {"A day with rows lost or late"}),
    ],
)
def test_a_chart_marks_what_changes_inside_it(first: str, last: str, marked: set[str]) -> None:
    found = set(titles(first, last)) - {"Metadata requests count as downloads"}
    assert found == marked


def test_breaks_of_a_split_are_marked_only_where_it_is_split() -> None:
    assert "uv gets its own name" not in titles("2024-04-01", "2024-04-30")
    assert "uv gets its own name" in titles("2024-04-01", "2024-04-30", "installer")
    assert "CI is recorded from here on" in titles("2024-02-01", "2024-03-30", "ci")


def test_a_break_of_old_tables_does_not_mark_rows_of_the_new_one() -> None:
    assert "The old day tables lost rows" in titles("2020-01-01", "2021-12-31", source="files")
    assert "The old day tables lost rows" not in titles("2020-01-01", "2021-12-31")


@pytest.mark.parametrize(
    ("one", "other", "by"),
    [
        (("2026-09-01", "2026-09-30"), ("2026-07-01", "2026-07-30"), "PyPI redefined a download"),
        (("2026-10-01", "2026-10-30"), ("2026-09-01", "2026-09-30"), None),
        (("2026-03-01", "2026-03-30"), ("2026-02-01", "2026-02-28"), None),
        (("2024-03-01", "2024-03-30"), ("2024-02-01", "2024-02-29"), None),
        (
            ("2018-08-01", "2018-08-31"),
            ("2018-06-01", "2018-07-01"),
            "More than half of all rows were lost",
        ),
    ],
)
def test_levels_are_not_compared_across_a_break(
    one: tuple[str, str], other: tuple[str, str], by: str | None
) -> None:
    found = separating(period(*one), period(*other), ["bigquery"])
    assert (found.title if found else None) == by
