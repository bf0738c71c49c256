"""The file that keeps what logins need over a restart: failed attempts, and logins that ended."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from lib.errors import StoreError

_log = logging.getLogger(__name__)

_TABLES = (
    "CREATE TABLE IF NOT EXISTS attempt (who TEXT PRIMARY KEY, failures INTEGER, at REAL)",
    "CREATE TABLE IF NOT EXISTS known (pair TEXT PRIMARY KEY, user TEXT, at REAL)",
    "CREATE TABLE IF NOT EXISTS ended (user TEXT, id TEXT, at REAL, expires REAL)",
)

_PATIENCE_SECONDS = 10


@dataclass(frozen=True)
class AccessFile:
    """An SQLite file, safe for several threads and processes."""

    path: Path

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """One step: all of it is kept, or nothing. Raises StoreError where that cannot be."""
        with self._connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")

    def has(self, query: str, values: tuple[object, ...]) -> bool:
        """Whether a query finds any row; nothing is found where there is no file.

        Raises StoreError where the file cannot be read.
        """
        if not self.path.exists():
            return False
        with self._connection() as connection:
            return connection.execute(query, values).fetchone() is not None

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # What is not committed when it is closed is rolled back.
            with closing(
                sqlite3.connect(self.path, timeout=_PATIENCE_SECONDS, isolation_level=None)
            ) as connection:
                for table in _TABLES:
                    connection.execute(table)
                yield connection
        except (sqlite3.Error, OSError) as error:
            _log.error("The record of logins, %s, cannot be used: %s", self.path, error)
            raise StoreError(
                "The record of logins beside the store cannot be used, and nobody is let in "
                "without it. The log of the server says why."
            ) from None


def access_file(store: Path) -> AccessFile:
    """The record of logins of an app with this store: a file beside it."""
    return AccessFile(store.with_name(store.name + ".logins"))
