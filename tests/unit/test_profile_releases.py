"""The releases that a chart marks: from PyPI's facts where rows are real, else first downloads."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

import pytest

from lib.cubes import Cube, Grain
from lib.data import Downloads
from lib.profile.releases import releases
from lib.pypi_facts import PackageFacts, Release
from lib.router import Period
from tests.conftest import Row, raw_row
from tests.profile_stores import asking, store_of

FIRST, LAST = date(2026, 1, 1), date(2026, 7, 31)

APPEARED: Mapping[str, date] = {
    "1.0.0": FIRST,
    "1.1.0": date(2026, 2, 10),
    "2.0.0rc1": date(2026, 3, 1),
    "1.0.1": date(2026, 3, 5),
    "2.0.0": date(2026, 4, 1),
    "2.0.1": date(2026, 4, 20),
    "no version": date(2026, 5, 1),
    "2.1.0": date(2026, 6, 1),
}
"""The first download of each version; 1.0.1 mends an old one, 2.0.0rc1 is not final."""


def rows(appeared: Mapping[str, date]) -> list[Row]:
    return [
        raw_row(day + timedelta(passed), "alpha", 10, version=version)
        for version, day in appeared.items()
        for passed in range((LAST - day).days + 1)
    ]


def store(path: Path, appeared: Mapping[str, date], source: str = "bigquery") -> Downloads:
    cubes = (Cube(Grain.DAY, ("project",)), Cube(Grain.DAY, ("project", "version")))
    return store_of(
        path, rows(appeared), *cubes, first=FIRST, last=LAST, packages=("alpha",), source=source
    )


def facts(*found: tuple[str, date, bool]) -> PackageFacts:
    return PackageFacts("alpha", LAST, releases=tuple(Release(*each) for each in found))


def test_without_facts_a_release_is_the_first_download_of_a_version_newer_than_all_before(
    tmp_path: Path,
) -> None:
    known = releases(asking(store(tmp_path / "a.duckdb", APPEARED), "alpha", yesterday=LAST), None)
    assert not known.from_pypi
    assert not known.features_only
    assert {each.version: each.day for each in known.found} == {
        version: APPEARED[version] for version in ("1.1.0", "2.0.0", "2.0.1", "2.1.0")
    }


def test_only_releases_in_the_days_asked_about_are_told(tmp_path: Path) -> None:
    found = store(tmp_path / "a.duckdb", APPEARED)
    period = Period(date(2026, 4, 1), date(2026, 5, 31))
    known = releases(asking(found, "alpha", period, yesterday=LAST), None)
    assert [each.version for each in known.found] == ["2.0.0", "2.0.1"]


def test_facts_are_taken_for_real_rows_and_not_for_simulated(tmp_path: Path) -> None:
    told = facts(("2.0.0", date(2026, 3, 30), False), ("2.0.1", date(2026, 4, 18), True))
    real = store(tmp_path / "real.duckdb", APPEARED)
    known = releases(asking(real, "alpha", yesterday=LAST), told)
    assert known.from_pypi
    assert known.found == (Release("2.0.0", date(2026, 3, 30), False),)
    simulated = store(tmp_path / "sample.duckdb", APPEARED, "sample")
    known = releases(asking(simulated, "alpha", yesterday=LAST), told)
    assert not known.from_pypi
    assert len(known.found) == 4


@pytest.mark.parametrize("from_pypi", [True, False])
def test_of_many_releases_only_the_first_of_each_feature_is_told(
    tmp_path: Path, from_pypi: bool
) -> None:
    """Forty patch releases, every third day, of four features."""
    many = {
        f"1.{number // 10}.{number % 10}": date(2026, 2, 1) + timedelta(3 * number)
        for number in range(40)
    }
    found = store(tmp_path / "many.duckdb", {"0.9": FIRST, **many})
    told = facts(*((version, day, False) for version, day in many.items())) if from_pypi else None
    known = releases(asking(found, "alpha", yesterday=LAST), told)
    assert known.features_only
    assert known.from_pypi == from_pypi
    assert [each.version for each in known.found] == ["1.0.0", "1.1.0", "1.2.0", "1.3.0"]


def test_a_store_that_is_not_split_by_version_tells_none(tmp_path: Path) -> None:
    found = store_of(
        tmp_path / "a.duckdb", rows(APPEARED), Cube(Grain.DAY, ("project",)),
        first=FIRST, last=LAST, packages=("alpha",),
    )  # fmt: skip
    assert releases(asking(found, "alpha", yesterday=LAST), None).found == ()
