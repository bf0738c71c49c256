"""Rows that have been fetched survive a kill at any point, and come into the store once."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import NoReturn

import pyarrow as pa
import pytest

from lib.cubes import Coverage, Cube, Grain
from lib.errors import StoreBusy
from lib.stores.duckdb import DuckDBStore, StoreWriter
from lib.sync.landing import Landing, is_fetching

CUBE = Cube(Grain.DAY, ("project",))
DAY = date(2026, 8, 20)
WRITTEN_AT = datetime(2026, 8, 31, 12)


def part(
    day: int = 20, packages: tuple[str, ...] | None = ("numpy",), fingerprint: str = ""
) -> Coverage:
    when = DAY.replace(day=day)
    return Coverage(CUBE, when, when, packages, "bigquery", WRITTEN_AT, 100, fingerprint)


def rows(coverage: Coverage, downloads: int) -> list[pa.RecordBatch]:
    """One row for each package of a part, with so many downloads."""
    names = coverage.packages or ("numpy", "pandas")
    table = pa.table(
        {
            "period": pa.array([coverage.first] * len(names), pa.date32()),
            "project": list(names),
            "downloads": [downloads] * len(names),
        }
    )
    return table.to_batches()


def land(landing: Landing, downloads: int, coverage: Coverage | None = None) -> None:
    landing.land(coverage or part(), rows(coverage or part(), downloads))


def counted(store: Path) -> dict[tuple[int, str], int]:
    """The rows of the store: downloads by day and package, each key once."""
    frame = DuckDBStore(store).query(f"SELECT * FROM {CUBE.name}")
    keys = [(row.period.day, row.project) for row in frame.itertuples()]
    assert len(set(keys)) == len(keys)
    return dict(zip(keys, frame["downloads"], strict=True))


def billed(store: Path) -> int:
    return sum(row.bytes_billed for row in DuckDBStore(store).coverage())


def leftovers(store: Path) -> list[str]:
    return sorted(path.name for path in store.with_name(store.name + ".landed").iterdir())


class Killed(BaseException):
    """Stands for SIGKILL: nothing catches it."""


def kill(*_: object, **__: object) -> NoReturn:
    raise Killed


def killed_at(monkeypatch: pytest.MonkeyPatch, name: str, work: Callable[[], None]) -> None:
    """Do some work whose first call of this method of `Path` never comes."""
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(Path, name, kill)
        work()


class TestPublishing:
    def test_brings_what_landed_into_the_store(self, empty_store: Path) -> None:
        with Landing(empty_store) as landing:
            land(landing, 1)
            land(landing, 2, part(21))
            assert not empty_store.exists()
            landing.publish()
        assert counted(empty_store) == {(20, "numpy"): 1, (21, "numpy"): 2}
        assert leftovers(empty_store) == []

    def test_tells_neighboring_days_as_one(self, empty_store: Path) -> None:
        with Landing(empty_store) as landing:
            for day in (22, 20, 21):
                land(landing, day, part(day))
            landing.publish()
        (row,) = DuckDBStore(empty_store).coverage()
        assert (row.first.day, row.last.day, row.bytes_billed) == (20, 22, 300)

    def test_of_nothing_makes_no_store(self, empty_store: Path) -> None:
        with Landing(empty_store) as landing:
            landing.publish()
        assert not empty_store.exists()

    def test_of_a_day_without_rows_records_that_it_was_read(self, empty_store: Path) -> None:
        with Landing(empty_store) as landing:
            landing.land(part(), [])
            landing.publish()
        assert counted(empty_store) == {}
        assert DuckDBStore(empty_store).coverage() == (part(),)

    def test_takes_the_last_of_what_landed_twice(self, empty_store: Path) -> None:
        with Landing(empty_store) as landing:
            land(landing, 1)
            land(landing, 5)
            assert landing.coverage()[-1] == part()
            landing.publish()
        assert counted(empty_store) == {(20, "numpy"): 5}
        assert billed(empty_store) == 100

    def test_replaces_a_day_that_was_read_again(self, empty_store: Path) -> None:
        with Landing(empty_store) as landing:
            land(landing, 1, part(fingerprint="1 row"))
            land(landing, 1, part(21, fingerprint="1 row"))
            landing.publish()
            land(landing, 2, part(fingerprint="2 rows"))
            landing.publish()
        assert counted(empty_store) == {(20, "numpy"): 2, (21, "numpy"): 1}
        told = {row.first.day: row.fingerprint for row in DuckDBStore(empty_store).coverage()}
        assert told == {20: "2 rows", 21: "1 row"}

    def test_leaves_other_packages_of_the_day(self, empty_store: Path) -> None:
        with Landing(empty_store) as landing:
            land(landing, 1, part(packages=("numpy", "o'brien")))
            landing.publish()
            land(landing, 9, part(packages=("pandas",)))
            landing.publish()
        expected = {(20, "numpy"): 1, (20, "o'brien"): 1, (20, "pandas"): 9}
        assert counted(empty_store) == expected

    def test_of_all_packages_replaces_the_day_whole(self, empty_store: Path) -> None:
        with Landing(empty_store) as landing:
            land(landing, 1, part(packages=None))
            landing.publish()
            landing.land(part(packages=None), rows(part(), 4))
            landing.publish()
        assert counted(empty_store) == {(20, "numpy"): 4}


class TestAKill:
    def test_while_a_file_arrives_leaves_nothing_that_counts(
        self, empty_store: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with Landing(empty_store) as landing:
            killed_at(monkeypatch, "replace", lambda: land(landing, 1))
        assert [name.rpartition(".")[2] for name in leftovers(empty_store)] == ["arriving"]
        with Landing(empty_store) as landing:
            assert leftovers(empty_store) == []
            assert landing.coverage() == ()
            landing.publish()
        assert not empty_store.exists()

    def test_after_a_file_landed_loses_nothing(self, empty_store: Path) -> None:
        with Landing(empty_store) as landing:
            land(landing, 1)
        with Landing(empty_store) as landing:
            assert landing.coverage() == (part(),)
            landing.publish()
        assert counted(empty_store) == {(20, "numpy"): 1}

    def test_before_the_swap_leaves_the_files_to_the_next(
        self, empty_store: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with Landing(empty_store) as landing:
            land(landing, 1)
            killed_at(monkeypatch, "replace", landing.publish)
        assert not empty_store.exists()
        with Landing(empty_store) as landing:
            landing.publish()
        assert counted(empty_store) == {(20, "numpy"): 1}

    def test_between_the_swap_and_the_removal_of_the_files_counts_nothing_twice(
        self, empty_store: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with Landing(empty_store) as landing:
            for day in (20, 21, 22):
                land(landing, day, part(day))
            land(landing, 23, part(23, fingerprint="23 rows"))
            monkeypatch.setattr("lib.stores.duckdb._discard", lambda path: None)
            killed_at(monkeypatch, "unlink", landing.publish)
        assert len(leftovers(empty_store)) == 4
        before = DuckDBStore(empty_store).coverage()
        assert Landing(empty_store).coverage() == before
        with Landing(empty_store) as landing:
            assert leftovers(empty_store) == []
            land(landing, 24, part(24))
            landing.publish()
        assert counted(empty_store) == {(day, "numpy"): day for day in range(20, 25)}
        assert DuckDBStore(empty_store).coverage() == (*before, part(24))
        assert billed(empty_store) == 500

    def test_leaves_the_claim_on_what_was_being_paid_for(self, empty_store: Path) -> None:
        claim = part(packages=("numpy", "o'brien"), fingerprint="5 rows")
        with Landing(empty_store) as landing:
            assert landing.claimed() is None
            landing.claim(part(19))
            landing.claim(claim)
        with Landing(empty_store) as landing:
            assert landing.claimed() == claim
            assert landing.coverage() == ()
            land(landing, 1, claim)
            assert landing.claimed() is None
            landing.claim(claim)
            landing.release()
            landing.release()
            assert landing.claimed() is None


class TestCoverage:
    def test_tells_what_landed_before_it_is_published(self, empty_store: Path) -> None:
        with Landing(empty_store) as landing:
            land(landing, 1, part(fingerprint="1 row"))
            landing.publish()
            land(landing, 2, part(fingerprint="2 rows"))
            land(landing, 3, part(21, packages=None))
            expected = {part(fingerprint="2 rows"), part(21, packages=None)}
            assert set(landing.coverage()) == expected
            assert set(Landing(empty_store).coverage()) == expected

    def test_of_nothing_is_nothing_and_leaves_nothing(self, empty_store: Path) -> None:
        assert Landing(empty_store).coverage() == ()
        assert list(empty_store.parent.iterdir()) == []

    def test_is_told_though_a_file_is_published_meanwhile(
        self, empty_store: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with Landing(empty_store) as landing:
            land(landing, 1)
            reader = Landing(empty_store)
            seen = reader._files()
            monkeypatch.setattr(reader, "_files", lambda: seen)
            landing.publish()
            assert reader.coverage() == (part(),)

    def test_once_settled_is_final_and_told_as_one(self, empty_store: Path) -> None:
        with Landing(empty_store) as landing:
            for day in (20, 21, 22, 23):
                land(landing, day, part(day, fingerprint=f"{day} rows"))
            landing.publish()
            landing.settle([part(day, fingerprint=f"{day} rows") for day in (20, 21, 22)])
        told = [
            (row.first.day, row.last.day, row.fingerprint, row.bytes_billed)
            for row in DuckDBStore(empty_store).coverage()
        ]
        assert told == [(20, 22, "", 300), (23, 23, "23 rows", 100)]
        assert len(counted(empty_store)) == 4


class TestTwoProcesses:
    def test_do_not_fetch_into_one_store(self, empty_store: Path) -> None:
        assert not is_fetching(empty_store)
        with Landing(empty_store), pytest.raises(StoreBusy, match="Wait until it is done"):
            assert is_fetching(empty_store)
            Landing(empty_store).__enter__()
        assert not is_fetching(empty_store)

    def test_do_not_wait_for_one_that_was_killed(self, empty_store: Path) -> None:
        script = (
            "import os, signal, sys; from pathlib import Path\n"
            "from lib.sync.landing import Landing\n"
            "Landing(Path(sys.argv[1])).__enter__(); os.kill(os.getpid(), signal.SIGKILL)\n"
        )
        done = subprocess.run([sys.executable, "-c", script, str(empty_store)], check=False)
        assert done.returncode == -9
        with Landing(empty_store) as landing:
            land(landing, 1)
            landing.publish()

    def test_fetch_while_another_store_is_written(self, empty_store: Path, tmp_path: Path) -> None:
        with Landing(empty_store), Landing(tmp_path / "other.duckdb"):
            pass

    def test_keep_what_landed_where_the_store_is_being_written(self, empty_store: Path) -> None:
        with Landing(empty_store) as landing:
            land(landing, 1)
            with StoreWriter(empty_store), pytest.raises(StoreBusy):
                landing.publish()
            landing.publish()
        assert counted(empty_store) == {(20, "numpy"): 1}
