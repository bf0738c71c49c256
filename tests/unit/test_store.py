"""The DuckDB store: read by many, swapped whole, refused when it is not ours."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import duckdb
import pytest

from lib.cubes import Cube, Grain
from lib.errors import StoreBusy, StoreError, StoreMissing
from lib.stores.duckdb import LAYOUT_VERSION, DuckDBStore, StoreWriter
from tests.conftest import raw_row, write_cube

CUBE = Cube(Grain.DAY, ("project",))
DAY = date(2026, 1, 1)


def write(path: Path, downloads: int, *, fresh: bool = True) -> None:
    with StoreWriter(path, fresh=fresh) as writer:
        rows = [raw_row(DAY, "numpy", downloads)]
        write_cube(writer, CUBE, rows, first=DAY, last=DAY, packages=("numpy",))


def total(store: DuckDBStore) -> int:
    return int(store.query("SELECT sum(downloads) AS n FROM cube_day_project")["n"].iloc[0])


def test_a_reader_follows_a_swap(empty_store: Path) -> None:
    write(empty_store, 1)
    store = DuckDBStore(empty_store)
    assert total(store) == 1
    before = store.version()
    write(empty_store, 2)
    assert total(store) == 2
    assert store.version() != before


def test_a_failed_write_leaves_the_store_byte_for_byte(empty_store: Path) -> None:
    write(empty_store, 1)
    before = empty_store.read_bytes()
    with pytest.raises(RuntimeError, match="power cut"), StoreWriter(empty_store) as writer:
        write_cube(
            writer, CUBE, [raw_row(DAY, "numpy", 5)], first=DAY, last=DAY, packages=("numpy",)
        )
        raise RuntimeError("power cut")
    assert empty_store.read_bytes() == before
    assert sorted(p.name for p in empty_store.parent.iterdir()) == [
        empty_store.name,
        empty_store.name + ".lock",
    ]


def test_a_killed_writer_leaves_the_store_and_blocks_nobody(empty_store: Path) -> None:
    write(empty_store, 1)
    script = (
        "import os, signal, sys; from pathlib import Path\n"
        "from lib.stores.duckdb import StoreWriter\n"
        "with StoreWriter(Path(sys.argv[1])) as writer:\n"
        "    writer.set_note('half', 'done'); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", script, str(empty_store)], check=False)
    assert total(DuckDBStore(empty_store)) == 1
    assert DuckDBStore(empty_store).note("half") is None
    write(empty_store, 3, fresh=False)
    assert total(DuckDBStore(empty_store)) == 4


def test_what_is_published_can_be_read_while_the_writer_goes_on(empty_store: Path) -> None:
    store = DuckDBStore(empty_store)
    with StoreWriter(empty_store) as writer:
        write_cube(
            writer, CUBE, [raw_row(DAY, "numpy", 1)], first=DAY, last=DAY, packages=("numpy",)
        )
        writer.publish()
        assert total(store) == 1
        write_cube(
            writer, CUBE, [raw_row(DAY, "pandas", 2)], first=DAY, last=DAY, packages=("pandas",)
        )
        assert total(store) == 1
    assert total(store) == 3


def test_two_writers_do_not_write_at_once(empty_store: Path) -> None:
    with StoreWriter(empty_store), pytest.raises(StoreBusy, match="Wait until it is done"):
        StoreWriter(empty_store).__enter__()


def test_many_threads_read_at_once_while_the_store_is_swapped(empty_store: Path) -> None:
    write(empty_store, 1)
    store = DuckDBStore(empty_store)
    with ThreadPoolExecutor(8) as pool:
        answers = [pool.submit(total, store) for _ in range(60)]
        write(empty_store, 2)
        answers += [pool.submit(total, store) for _ in range(60)]
    assert {answer.result() for answer in answers} <= {1, 2}
    assert answers[-1].result() == 2


def test_a_reader_can_neither_write_nor_reach_files(empty_store: Path, tmp_path: Path) -> None:
    write(empty_store, 1)
    store = DuckDBStore(empty_store)
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n")
    for sql in (
        "DELETE FROM cube_day_project",
        f"SELECT * FROM read_csv('{secret}')",
        "SET enable_external_access = true",
    ):
        with pytest.raises(StoreError):
            store.query(sql)


def test_a_missing_store_says_how_to_fill_one(empty_store: Path) -> None:
    with pytest.raises(StoreMissing, match="python -m lib sample"):
        DuckDBStore(empty_store).coverage()


@pytest.mark.parametrize("version", [LAYOUT_VERSION - 1, LAYOUT_VERSION + 1])
def test_a_store_of_another_layout_is_refused_with_what_to_do(
    empty_store: Path, version: int
) -> None:
    write(empty_store, 1)
    with duckdb.connect(str(empty_store)) as connection:
        connection.execute("UPDATE store_layout SET version = ?", [version])
    with pytest.raises(StoreError, match=f"layout {version}.*Move it away"):
        DuckDBStore(empty_store).coverage()
    with pytest.raises(StoreError, match="Move it away"), StoreWriter(empty_store):
        pass


@pytest.mark.parametrize("content", [b"", b"no database", b"PAR1" * 100])
def test_a_file_that_is_no_store_is_refused(empty_store: Path, content: bytes) -> None:
    empty_store.write_bytes(content)
    with pytest.raises(StoreError, match=r"PULSE_STORE|layout"):
        DuckDBStore(empty_store).coverage()


def test_a_path_with_a_quote_opens(tmp_path: Path) -> None:
    path = tmp_path / "it's a store.duckdb"
    write(path, 7)
    assert total(DuckDBStore(path)) == 7
