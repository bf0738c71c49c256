"""A store in a DuckDB file: cubes and coverage, read by many, swapped whole by a writer."""

from __future__ import annotations

import fcntl
import logging
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import IO, Self

import duckdb
import pandas as pd
import pyarrow as pa

from lib.aggregate import DUCKDB
from lib.cubes import Coverage, Cube, Grain, cube_named
from lib.errors import StoreBusy, StoreError, StoreMissing
from lib.signals import Signal, SignalSeries
from lib.stores import signal_tables

_log = logging.getLogger(__name__)

LAYOUT_VERSION = 1
"""Raised by one whenever a table changes so that an earlier version would misread it."""

_MEMORY_LIMIT = "600MB"

_SCHEMA = """
CREATE TABLE store_layout (version INTEGER NOT NULL);
CREATE TABLE coverage (
    cube VARCHAR NOT NULL, grain VARCHAR NOT NULL, first DATE NOT NULL, last DATE NOT NULL,
    packages VARCHAR[], source VARCHAR NOT NULL, written_at TIMESTAMP NOT NULL,
    bytes_billed BIGINT NOT NULL, fingerprint VARCHAR DEFAULT ''
);
CREATE TABLE note (name VARCHAR PRIMARY KEY, content VARCHAR NOT NULL);
"""


class DuckDBStore:
    """Reads a store's file, and follows it when a writer swaps another into its place.

    One connection serves all threads, each call on a cursor of its own. The file is attached
    to an in-memory database, because DuckDB hands out the instance it already has for a path,
    which after a swap is the old file.
    """

    engine = DUCKDB

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = Lock()
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._idle: list[duckdb.DuckDBPyConnection] = []
        self._opened_version = ""

    @property
    def name(self) -> str:
        """The path of the file."""
        return str(self.path)

    def version(self) -> str:
        """Names the content of the file: another after every swap. Raises StoreMissing."""
        try:
            status = self.path.stat()
        except FileNotFoundError:
            raise StoreMissing(
                f"There is no store {self.path.name}. Build the simulated sample with "
                "`python -m lib sample`, or fill one with `python -m lib sync` or `import`."
            ) from None
        return f"{status.st_ino}-{status.st_mtime_ns}-{status.st_size}"

    def query(self, sql: str, values: Mapping[str, object] | None = None) -> pd.DataFrame:
        """Run one SELECT with bound values and return its rows."""
        with self._cursor() as cursor:
            return cursor.execute(sql, dict(values or {})).df()

    def coverage(self) -> tuple[Coverage, ...]:
        """What the store holds, a row for each cube, period and source."""
        with self._cursor() as cursor:
            return _read_coverage(cursor)

    def note(self, name: str) -> str | None:
        """A text that a source left beside its cubes, or None."""
        with self._cursor() as cursor:
            return _read_note(cursor, name)

    @property
    def beside(self) -> Self:
        """The file that signals are kept in: this one."""
        return self

    def signals(self) -> tuple[SignalSeries, ...]:
        """The series of signals that are kept here, by signal and term."""
        with self._cursor() as cursor:
            return signal_tables.read_series(cursor)

    def own_terms(self) -> dict[tuple[str, Signal], str]:
        """The terms of packages that were set here; an empty one where a package has none."""
        with self._cursor() as cursor:
            return signal_tables.read_terms(cursor)

    def row_counts(self) -> dict[str, int]:
        """The number of rows of each cube."""
        with self._cursor() as cursor:
            return {name: _count(cursor, name) for name in _cube_tables(cursor)}

    def size(self) -> int:
        """Bytes that the file takes on disk."""
        return self.path.stat().st_size

    @contextmanager
    def _cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor that no other thread has; it is kept for the next call."""
        with self._lock:
            version = self.version()
            if self._connection is None or version != self._opened_version:
                self._connection = _attach(self.path)
                self._opened_version = version
                self._idle = []
            idle = self._idle
            cursor = idle.pop() if idle else _cursor_on(self._connection)
        try:
            yield cursor
        except duckdb.Error as error:
            _log.exception("The store at %s could not answer.", self.path)
            raise StoreError(
                f"The store {self.path.name} could not answer this question. The log of the "
                "server says why; another period or fewer filters may do."
            ) from error
        finally:
            idle.append(cursor)


class StoreWriter:
    """Writes a store on a private copy and swaps it into place whole.

    Used as a context manager: a clean exit publishes, an exception leaves the store as it was.
    `fresh` starts from nothing instead of from what the store holds. Raises StoreBusy while
    another process writes.
    """

    def __init__(self, path: Path, *, fresh: bool = False) -> None:
        self.path = path
        self._fresh = fresh
        self._work = path.with_name(path.name + ".writing")
        self._lock_file: IO[bytes] | None = None
        self._connection: duckdb.DuckDBPyConnection

    def __enter__(self) -> Self:
        self._lock_file = lock(self.path, ".lock")
        _discard(self._work)
        if self.path.exists() and not self._fresh:
            DuckDBStore(self.path).coverage()
            shutil.copyfile(self.path, self._work)
        exists = self._work.exists()
        self._open()
        if not exists:
            self._connection.execute(_SCHEMA)
            self._connection.execute("INSERT INTO store_layout VALUES (?)", [LAYOUT_VERSION])
        self._connection.execute(
            "ALTER TABLE coverage ADD COLUMN IF NOT EXISTS fingerprint VARCHAR DEFAULT ''"
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self._connection.execute("CHECKPOINT")
                self._connection.close()
                self._work.replace(self.path)
            else:
                self._connection.close()
        finally:
            _discard(self._work)
            if self._lock_file is not None:
                self._lock_file.close()

    def insert(self, cube: Cube, rows: pa.Table) -> None:
        """Append rows to a cube: `period`, its dimensions and `downloads`, in any column order."""
        self._create(cube)
        columns = ", ".join(("period", *cube.dimensions, "downloads"))
        self._connection.register("arriving", rows)
        self._connection.execute(
            f"INSERT INTO {cube.name} ({columns}) SELECT {columns} FROM arriving"
        )
        self._connection.unregister("arriving")

    def delete(self, cube: Cube, before: date) -> None:
        """Drop a cube's rows of days before `before`."""
        if cube.name in _cube_tables(self._connection):
            self._connection.execute(f"DELETE FROM {cube.name} WHERE period < ?", [before])

    def query(self, sql: str, values: Mapping[str, object] | None = None) -> pd.DataFrame:
        """Run one SELECT over what has been written so far."""
        return self._connection.execute(sql, dict(values or {})).df()

    def coverage(self) -> tuple[Coverage, ...]:
        """What the store holds with what has been written so far."""
        return _read_coverage(self._connection)

    def add_coverage(self, coverage: Coverage) -> None:
        """Record that the rows of `coverage` are held."""
        self._connection.execute(
            "INSERT INTO coverage VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                coverage.cube.name,
                str(coverage.cube.grain),
                coverage.first,
                coverage.last,
                None if coverage.packages is None else list(coverage.packages),
                coverage.source,
                coverage.written_at,
                coverage.bytes_billed,
                coverage.fingerprint,
            ],
        )

    def set_coverage(self, coverage: Coverage) -> None:
        """Record `coverage` in place of what its source had recorded for the cube."""
        self._connection.execute(
            "DELETE FROM coverage WHERE cube = ? AND source = ?",
            [coverage.cube.name, coverage.source],
        )
        self.add_coverage(coverage)

    def replace(self, coverage: Coverage, rows: pa.Table) -> None:
        """Take these rows in place of what the cube holds of the coverage's days and packages."""
        cube = coverage.cube
        packages = None if coverage.packages is None else list(coverage.packages)
        after = coverage.last + timedelta(days=1)
        if cube.name in _cube_tables(self._connection):
            self._connection.execute(
                f"DELETE FROM {cube.name} WHERE period >= ? AND period < ?"
                + ("" if packages is None else " AND list_contains(?, project)"),
                [coverage.first, after, *([] if packages is None else [packages])],
            )
        self.insert(cube, rows)
        self._connection.execute(
            "DELETE FROM coverage WHERE cube = ? AND first = ? AND last = ? "
            "AND packages IS NOT DISTINCT FROM ?",
            [cube.name, coverage.first, coverage.last, packages],
        )
        self.add_coverage(coverage)

    def rewrite_coverage(self, rows: Sequence[Coverage]) -> None:
        """Record `rows` in place of all that is recorded: the same days, told in fewer rows."""
        self._connection.execute("DELETE FROM coverage")
        for row in rows:
            self.add_coverage(row)

    def note(self, name: str) -> str | None:
        """A text left beside the cubes, or None."""
        return _read_note(self._connection, name)

    def set_note(self, name: str, content: str) -> None:
        """Leave a text beside the cubes, in place of an earlier one of that name."""
        self._connection.execute("INSERT OR REPLACE INTO note VALUES (?, ?)", [name, content])

    def replace_series(self, series: SignalSeries) -> None:
        """Take a series in place of the one of its signal and term."""
        signal_tables.replace_series(self._connection, series)

    def remove_series(self, signal: Signal, term: str) -> None:
        """Drop a series, where it is held."""
        signal_tables.remove_series(self._connection, signal, term)

    def own_terms(self) -> dict[tuple[str, Signal], str]:
        """The terms of packages that were set."""
        return signal_tables.read_terms(self._connection)

    def replace_terms(self, terms: Mapping[tuple[str, Signal], str]) -> None:
        """Take these terms of packages in place of all that were set."""
        signal_tables.replace_terms(self._connection, terms)

    def publish(self) -> None:
        """Swap what has been written so far into place, and go on writing."""
        self._connection.execute("CHECKPOINT")
        self._connection.close()
        arriving = self.path.with_name(self.path.name + ".arriving")
        shutil.copyfile(self._work, arriving)
        arriving.replace(self.path)
        self._open()

    def _open(self) -> None:
        self._connection = duckdb.connect(
            str(self._work), config={"threads": 2, "memory_limit": _MEMORY_LIMIT}
        )
        self._connection.execute("SET enable_progress_bar = false")

    def _create(self, cube: Cube) -> None:
        period = "TIMESTAMP" if cube.grain is Grain.HOUR else "DATE"
        dimensions = "".join(f"{name} VARCHAR NOT NULL, " for name in cube.dimensions)
        self._connection.execute(
            f"CREATE TABLE IF NOT EXISTS {cube.name} "
            f"(period {period} NOT NULL, {dimensions}downloads BIGINT NOT NULL)"
        )


def _attach(path: Path) -> duckdb.DuckDBPyConnection:
    """An in-memory database with the store attached read-only and the outside world shut off."""
    connection = duckdb.connect(config={"threads": 2, "memory_limit": _MEMORY_LIMIT})
    try:
        connection.execute(f"ATTACH {_quoted(str(path))} AS store (READ_ONLY)")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        version = _layout_version(connection)
    except duckdb.Error as error:
        raise StoreError(
            f"{path.name} is not a store of PyPI Pulse. Move it away, or name another with "
            "PULSE_STORE."
        ) from error
    if version != LAYOUT_VERSION:
        raise StoreError(
            f"The store {path.name} has layout {version}; this version reads layout "
            f"{LAYOUT_VERSION}. Move it away and fill a new one: `python -m lib sample` for the "
            "sample, `python -m lib import` for files."
        )
    return connection


def _cursor_on(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    cursor = connection.cursor()
    cursor.execute("USE store")
    return cursor


def _layout_version(connection: duckdb.DuckDBPyConnection) -> int:
    row = connection.execute("SELECT version FROM store.store_layout").fetchone()
    return int(row[0]) if row else 0


def _quoted(text: str) -> str:
    """An SQL string literal: ATTACH takes no bound value."""
    return "'" + text.replace("'", "''") + "'"


def _read_coverage(connection: duckdb.DuckDBPyConnection) -> tuple[Coverage, ...]:
    found = connection.execute("SELECT * FROM coverage ORDER BY cube, first, written_at")
    names = [column[0] for column in found.description or ()]
    rows = (dict(zip(names, row, strict=True)) for row in found.fetchall())
    return tuple(
        Coverage(
            cube_named(row["cube"]),
            row["first"],
            row["last"],
            tuple(row["packages"]) if row["packages"] is not None else None,
            row["source"],
            row["written_at"],
            row["bytes_billed"],
            row.get("fingerprint") or "",
        )
        for row in rows
    )


def _read_note(connection: duckdb.DuckDBPyConnection, name: str) -> str | None:
    row = connection.execute("SELECT content FROM note WHERE name = ?", [name]).fetchone()
    return str(row[0]) if row else None


def _cube_tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute(
        "SELECT table_name FROM information_schema.tables WHERE table_catalog = "
        "current_database() AND starts_with(table_name, 'cube_') ORDER BY 1"
    ).fetchall()
    return [name for (name,) in rows]


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(row[0]) if row else 0


def lock(path: Path, suffix: str) -> IO[bytes]:
    """A lock beside a store that ends with the process, so that a killed writer blocks nobody.

    Raises StoreBusy while another process has it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock_file = path.with_name(path.name + suffix).open("wb")
    try:
        fcntl.flock(lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock_file.close()
        raise StoreBusy(
            f"Another process is writing the store {path.name}. Wait until it is done."
        ) from None
    return lock_file


def _discard(path: Path) -> None:
    for name in (path, path.with_name(path.name + ".wal")):
        name.unlink(missing_ok=True)
