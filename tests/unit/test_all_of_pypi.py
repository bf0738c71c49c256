"""A store of all of PyPI: too many packages to list, none too small to be asked about."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from lib import data
from lib.aggregate import REST
from lib.cubes import Cube, Grain
from lib.data import Downloads
from lib.facts import facts
from lib.router import Period
from lib.selection import Selection
from lib.stores.duckdb import DuckDBStore, StoreWriter
from tests.conftest import raw_row, write_cube

FIRST, LAST = date(2026, 11, 20), date(2026, 11, 21)

PACKAGES = 40


@pytest.fixture
def all_of_pypi(empty_store: Path, monkeypatch: pytest.MonkeyPatch) -> Downloads:
    """Forty packages, of which ten may be listed; one download in a hundred has no name."""
    monkeypatch.setattr(data, "MOST_LISTED", 10)
    rows = [
        raw_row(day, f"package-{number:02}", 100 - number, country="DE")
        for day in (FIRST, LAST)
        for number in range(PACKAGES)
    ]
    rows += [raw_row(day, "unknown", 5000) for day in (FIRST, LAST)]
    with StoreWriter(empty_store) as writer:
        cube = Cube(Grain.DAY, ("project", "country"))
        write_cube(
            writer, cube, rows, first=FIRST, last=LAST, packages=None, source="bigquery"
        )  # fmt: skip
    return Downloads(DuckDBStore(empty_store))


def test_the_most_downloaded_are_listed(all_of_pypi: Downloads) -> None:
    assert all_of_pypi.packages() == tuple(f"package-{number:02}" for number in range(10))


def test_any_other_can_be_asked_about(all_of_pypi: Downloads) -> None:
    assert all_of_pypi.holds("package-39")
    assert all_of_pypi.total(Selection(("package-39",)), Period(FIRST, LAST)) == 2 * 61
    assert all_of_pypi.holds("never-heard-of")
    assert all_of_pypi.total(Selection(("never-heard-of",)), Period(FIRST, LAST)) == 0


def test_listed_rest_and_unknown_make_the_whole(all_of_pypi: Downloads) -> None:
    period = Period(FIRST, LAST)
    frame = all_of_pypi.by_package(Selection(), period).frame
    assert set(frame["project"][10:]) == {"unknown", REST}
    assert frame["downloads"].sum() == all_of_pypi.total(Selection(), period)
    assert frame["share"].sum() == pytest.approx(1)


def test_two_days_tell_no_facts(all_of_pypi: Downloads) -> None:
    assert facts(all_of_pypi) == ()
