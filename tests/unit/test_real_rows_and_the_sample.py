"""A store that is meant for real rows never gets simulated ones, and the other way round."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from lib.__main__ import main
from lib.cubes import Coverage, Cube, Grain
from lib.errors import StoreError
from lib.formats import told
from lib.stores.duckdb import DuckDBStore, StoreWriter
from lib.sync.landing import Landing, is_fetching, is_meant_for_real_rows
from tests.conftest import WRITTEN_AT, raw_row, write_cube

CUBE = Cube(Grain.DAY, ("project",))

DAY = date(2026, 8, 25)


def landed(store: Path) -> Landing:
    """A landing with a day of ClickHouse's rows that is not in the store yet."""
    landing = Landing(store)
    rows = pa.table({"period": [DAY], "project": ["numpy"], "downloads": [7]})
    coverage = Coverage(CUBE, DAY, DAY, ("numpy",), "clickhouse", WRITTEN_AT)
    with landing:
        landing.land(coverage, rows.to_batches())
    return landing


def test_a_store_that_was_fetched_for_is_meant_for_real_rows(empty_store: Path) -> None:
    assert not is_meant_for_real_rows(empty_store)
    assert not is_fetching(empty_store)
    assert not is_meant_for_real_rows(empty_store)
    with Landing(empty_store):
        assert is_fetching(empty_store)
    assert is_meant_for_real_rows(empty_store)


def test_what_landed_does_not_come_into_a_sample_built_meanwhile(empty_store: Path) -> None:
    landing = landed(empty_store)
    with StoreWriter(empty_store) as writer:
        write_cube(
            writer, CUBE, [raw_row(DAY, "numpy", 1)], first=DAY, last=DAY, packages=("numpy",),
            source="sample",
        )  # fmt: skip
    with pytest.raises(StoreError, match="another source: sample"):
        landing.publish()
    assert {row.source for row in DuckDBStore(empty_store).coverage()} == {"sample"}


def test_a_disk_that_takes_no_more_is_said(
    empty_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    landing = landed(empty_store)

    def full(*arguments: object, **options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("lib.stores.duckdb.shutil.copyfile", full)
    monkeypatch.setattr("pathlib.Path.replace", full)
    with pytest.raises(StoreError, match="the disk is full"):
        landing.publish()


@pytest.mark.parametrize("packages", ["", ",", " , "])
def test_naming_no_package_is_not_asking_for_all_of_them(
    packages: str, monkeypatch: pytest.MonkeyPatch, empty_store: Path
) -> None:
    monkeypatch.setenv("PULSE_STORE", str(empty_store))
    monkeypatch.setenv("PULSE_BIGQUERY_PROJECT", "my-project")
    monkeypatch.setenv("PULSE_NOW", "2026-08-31T12:00:00")
    assert main(["sync", "--packages", packages, "--from", "2026-08-25"]) == 2


def test_what_is_told_keeps_its_commands_and_shows_the_rest_as_text() -> None:
    text = "Run `make run`, not ![x](https://example.com) or <b> or :material/home:"
    shown = told(text)
    assert "`make run`" in shown
    assert "![x](" not in shown
    assert "<b>" not in shown.replace("\\<", "")
    assert "\\:material/home:" in shown
