"""Keeps readings and counted hours in an SQLite file beside the store, over restarts."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pyarrow as pa
from pyarrow import feather

from lib.live.bigquery.counting import SUMS_KEPT_FOR, aged
from lib.live.bigquery.minutes import Hour, Minutes
from lib.live.bigquery.readings import KEPT_FOR, Reading, Readings

_log = logging.getLogger(__name__)

_TABLES = (
    "CREATE TABLE IF NOT EXISTS reading "
    "(modified TEXT PRIMARY KEY, row_count INTEGER NOT NULL, created TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS hour "
    "(first TEXT PRIMARY KEY, after TEXT NOT NULL, counted_at TEXT NOT NULL, "
    "packages TEXT NOT NULL, sums BLOB NOT NULL, split BLOB)",
)


def kept_path(store: Path, project: str) -> Path:
    """Where the readings of a project stand: one file for all stores of a folder."""
    return store.with_name(f"{project.replace(':', '_') or 'no-project'}.readings")


@dataclass(frozen=True)
class Kept:
    """What was kept, and when minutes were last counted."""

    readings: Readings
    minutes: Minutes
    counted_at: datetime | None = None


class KeptFile:
    """What the feed has read. Losing it costs no more than waiting and one query.

    Nothing here raises: where the file cannot be used, the feed goes on without it and `notice`
    says so. One that is damaged is set aside. Each hour is kept in two forms: split by all
    dimensions for today and the day before, so that a restart neither pays nor waits to show
    them, and as sums for the weeks that the usual is reckoned from. Processes may share the file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.notice = ""

    def load(self, packages: tuple[str, ...], now: datetime) -> Kept:
        """What was kept, as far as it is of these packages and not too old."""
        with self._trying():
            try:
                return self._loaded(packages, now)
            except (sqlite3.DatabaseError, pa.ArrowInvalid, ValueError, KeyError) as error:
                if isinstance(error, sqlite3.OperationalError):
                    raise
                self._set_aside(error)
        return Kept(Readings(), Minutes(packages))

    def keep_reading(self, reading: Reading) -> None:
        """Keep a reading, and forget those of many weeks ago."""

        def write(connection: sqlite3.Connection) -> None:
            connection.execute(
                "DELETE FROM reading WHERE modified < ?", (_text(reading.modified - KEPT_FOR),)
            )
            # Where the table was replaced by an older one, later readings are of the one before.
            connection.execute(
                "DELETE FROM reading WHERE modified >= ? AND created < ?",
                (_text(reading.modified), _text(reading.created)),
            )
            connection.execute(
                "INSERT OR REPLACE INTO reading VALUES (?, ?, ?)",
                (_text(reading.modified), reading.rows, _text(reading.created)),
            )

        self._write(write)

    def keep_hours(self, hours: Iterable[Hour], now: datetime) -> None:
        """Keep hours in place of what was kept of them, and forget what is too old."""
        rows = [
            (_text(hour.first), _text(hour.after), _text(now), ",".join(sorted(hour.packages)),
             _packed(hour.sums), None if hour.split is None else _packed(hour.split))
            for hour in hours
        ]  # fmt: skip
        yesterday = now - timedelta(days=1)

        def write(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM hour WHERE first < ?", (_text(now - SUMS_KEPT_FOR),))
            connection.execute(
                "UPDATE hour SET split = NULL WHERE split IS NOT NULL AND first < ?",
                (yesterday.date().isoformat(),),
            )
            connection.executemany("INSERT OR REPLACE INTO hour VALUES (?, ?, ?, ?, ?, ?)", rows)

        self._write(write)

    def _loaded(self, packages: tuple[str, ...], now: datetime) -> Kept:
        with self._connection() as connection:
            readings = connection.execute(
                "SELECT row_count, modified, created FROM reading WHERE modified >= ? "
                "ORDER BY modified",
                (_text(now - KEPT_FOR),),
            ).fetchall()
            hours = connection.execute(
                "SELECT first, after, packages, sums, split FROM hour"
            ).fetchall()
            (counted_at,) = connection.execute("SELECT MAX(counted_at) FROM hour").fetchone()
        taken = tuple(
            Reading(int(rows), _time(modified), _time(created))
            for rows, modified, created in readings
        )
        stored = (
            Hour(_time(first), _time(after), frozenset(named.split(",")), _unpacked(sums),
                 None if split is None else _unpacked(split)).of(frozenset(packages))
            for first, after, named, sums, split in hours
        )  # fmt: skip
        by_hour = {hour.first: hour for hour in stored if hour.packages}
        minutes = aged(Minutes(packages, by_hour), now)
        return Kept(Readings(taken), minutes, _time(counted_at) if counted_at else None)

    def _write(self, write: Callable[[sqlite3.Connection], None]) -> None:
        with self._trying(), self._connection() as connection:
            write(connection)

    @contextmanager
    def _trying(self) -> Iterator[None]:
        """Go on without the file where it cannot be used."""
        try:
            yield
        except (sqlite3.Error, OSError):
            if not self.notice:
                _log.warning("%s cannot be used.", self.path, exc_info=True)
            self.notice = (
                f"What is read live cannot be kept in {self.path.name}: after a restart the "
                "page knows only what comes from then on."
            )

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self.path, timeout=30)) as connection, connection:
            for table in _TABLES:
                connection.execute(table)
            yield connection

    def _set_aside(self, error: Exception) -> None:
        aside = self.path.with_name(f"{self.path.name}.damaged")
        self.path.replace(aside)
        _log.warning("%s is damaged (%s) and was set aside as %s.", self.path, error, aside)
        self.notice = (
            f"The file of earlier live readings was damaged and was set aside as {aside}; the "
            "page knows only what came since."
        )


def _text(time: datetime) -> str:
    """A time whose order as text is its order in time."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds")


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _packed(frame: pd.DataFrame) -> bytes:
    sink = pa.BufferOutputStream()
    feather.write_feather(frame, sink, compression="zstd")
    return sink.getvalue().to_pybytes()  # type: ignore[no-any-return]


def _unpacked(packed: bytes) -> pd.DataFrame:
    return feather.read_feather(pa.BufferReader(packed))  # type: ignore[no-any-return]
