"""How often a free service may be asked in an hour, counted across processes."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from lib.errors import ClickHouseError, StoreError

_log = logging.getLogger(__name__)

_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Allowance:
    """The queries of the last hour, kept in a file beside the store; `most` may be sent."""

    path: Path
    most: int
    now: Callable[[], datetime]

    def used(self) -> int:
        """How many queries were sent in the last hour."""
        if not self.path.exists():
            return 0
        with self._opened() as connection:
            return self._count(connection)

    def left(self) -> int:
        """How many may still be sent."""
        return max(self.most - self.used(), 0)

    def take(self) -> None:
        """Count one query that is about to be sent. Raises ClickHouseError where none is left."""
        with self._opened() as connection:
            connection.execute("BEGIN IMMEDIATE")
            if self._count(connection) >= self.most:
                connection.execute("ROLLBACK")
                raise ClickHouseError(
                    f"{self.most} queries were sent to ClickHouse in the last hour, which is what "
                    "its free service allows. What was fetched is kept: run the same command "
                    "again in an hour."
                )
            connection.execute("DELETE FROM asked WHERE at <= ?", [self._start()])
            connection.execute("INSERT INTO asked VALUES (?)", [self.now().timestamp()])
            connection.execute("COMMIT")

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with closing(
                sqlite3.connect(self.path, timeout=30, isolation_level=None)
            ) as connection:
                connection.execute("CREATE TABLE IF NOT EXISTS asked (at REAL)")
                yield connection
        except (sqlite3.Error, OSError) as error:
            _log.error("The count of queries %s cannot be used: %s", self.path, error)
            raise StoreError(
                f"The count of queries, {self.path.name}, cannot be used. Make room on the disk, "
                "let this user write there, or move the file away if it is damaged."
            ) from error

    def _count(self, connection: sqlite3.Connection) -> int:
        found = connection.execute("SELECT count(*) FROM asked WHERE at > ?", [self._start()])
        return int(found.fetchone()[0])

    def _start(self) -> float:
        return (self.now() - _HOUR).timestamp()
