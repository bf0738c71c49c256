"""The money guard: prices, the month's budget, and the ledger of what was asked and paid."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from lib.errors import OverBudget, StoreError
from lib.settings import GIGABYTE, Settings

_log = logging.getLogger(__name__)

TEBIBYTE = 2**40

DOLLARS_PER_TIB = 6.25
"""BigQuery's list price of a query on demand (Google's pricing page, 2026)."""

FREE_BYTES_A_MONTH = TEBIBYTE
"""What a billing account may query for nothing each month (Google's pricing page, 2026)."""

_MEBIBYTE = 2**20

LEAST_BILLED = 10 * _MEBIBYTE
"""A query is billed for at least this much of each table that it names."""


def dollars(number: int) -> float:
    """The list price of querying so many bytes, before anything that is free."""
    return number / TEBIBYTE * DOLLARS_PER_TIB


def gigabytes(number: int) -> str:
    """Bytes as a person reads a price: `12.3 GB`, `0.01 GB`, `0 GB`."""
    amount = number / GIGABYTE
    if 0 < amount < 0.01:
        return "under 0.01 GB"
    return f"{amount:,.0f} GB" if amount >= 100 or amount == 0 else f"{amount:,.3g} GB"


def priced(number: int) -> str:
    """Bytes with their list price: `122 GB ($0.69)`."""
    price = dollars(number)
    return f"{gigabytes(number)} ({'under $0.01' if 0 < price < 0.01 else f'${price:,.2f}'})"


@dataclass(frozen=True)
class Estimate:
    """What BigQuery says before a query that it would read, of so many tables.

    `upper_bound` where the table is clustered by what the query filters: it may read far less.
    """

    bytes: int
    upper_bound: bool
    tables: int = 1

    @property
    def cap(self) -> int:
        """The least that `maximum_bytes_billed` must be for the query to be let through.

        BigQuery rounds what it bills up to whole mebibytes, at least ten of them for each table.
        It is never 0, which some programs take for no limit at all.
        """
        return -(-self.bytes // _MEBIBYTE) * _MEBIBYTE + max(self.tables, 1) * LEAST_BILLED

    @property
    def words(self) -> str:
        """The estimate as a person reads it."""
        said = priced(self.bytes)
        return f"up to {said}, an upper bound" if self.upper_bound else said


@dataclass(frozen=True)
class Entry:
    """A line of the ledger: one paid query. `billed` is None until its end is known."""

    job: str
    statement: str
    who: str
    project: str
    started_at: datetime
    estimate: int
    upper_bound: bool
    cap: int
    sql_hash: str
    billed: int | None = None

    @property
    def counted(self) -> int:
        """The bytes that count against the budget: all that it may cost until its end is known."""
        return self.cap if self.billed is None else self.billed


class Ledger(Protocol):
    """Where paid queries are written down, before they are sent and when they have ended."""

    def add(self, entry: Entry, *, most: int) -> bool:
        """Write down a query, unless the month of `entry` would then count more than `most`."""
        ...

    def settle(self, job: str, billed: int) -> None:
        """Write down what a query was billed."""
        ...

    def since(self, time: datetime) -> tuple[Entry, ...]:
        """The queries started since a time (UTC), newest first."""
        ...


class LedgerFile:
    """The ledger of a machine's own store: an SQLite file beside it.

    Beside and not inside, because a store is swapped whole: what a killed process had written
    into its copy would be forgotten, and money that was spent must not be.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, entry: Entry, *, most: int) -> bool:
        """Write down a query in one step with the look at what the month has cost."""
        with self._transaction() as connection:
            month = _select(connection, month_of(entry.started_at))
            if sum(earlier.counted for earlier in month) + entry.cap > most:
                return False
            connection.execute(
                "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    entry.job,
                    entry.statement,
                    entry.who,
                    entry.project,
                    _text(entry.started_at),
                    entry.estimate,
                    entry.upper_bound,
                    entry.cap,
                    entry.sql_hash,
                    entry.billed,
                ),
            )
        return True

    def settle(self, job: str, billed: int) -> None:
        """Write down what a query was billed."""
        with self._transaction() as connection:
            connection.execute("UPDATE entry SET billed = ? WHERE job = ?", (billed, job))

    def since(self, time: datetime) -> tuple[Entry, ...]:
        """The queries started since a time (UTC), newest first; none where nothing was asked."""
        if not self.path.exists():
            return ()
        with self._transaction() as connection:
            return _select(connection, time)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """A connection that no other process writes beside; what it did is kept as a whole."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self._connection() as connection:
                yield connection
        except (sqlite3.Error, OSError) as error:
            _log.error("The ledger %s cannot be used: %s", self.path, error)
            raise StoreError(
                f"The ledger of paid queries, {self.path.name}, cannot be used, and nothing is "
                "paid for without it. Make room on the disk, or let this user write there; one "
                "that is damaged can be moved away, and what it knew was spent is then forgotten."
            ) from error

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self.path, timeout=30, isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(
                "CREATE TABLE IF NOT EXISTS entry (job TEXT PRIMARY KEY, statement TEXT, who TEXT, "
                "project TEXT, started_at TEXT, estimate INTEGER, upper_bound INTEGER, "
                "cap INTEGER, sql_hash TEXT, billed INTEGER)"
            )
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")


@dataclass(frozen=True)
class Budget:
    """How many bytes may be billed a month and a query, and what has been counted so far."""

    ledger: Ledger
    monthly: int
    per_query: int
    now: Callable[[], datetime]

    def entries(self) -> tuple[Entry, ...]:
        """The queries of this UTC month, newest first."""
        return self.ledger.since(month_of(self.now()))

    def spent(self) -> int:
        """The bytes counted this month: billed, or the cap of those whose end is not known."""
        return sum(entry.counted for entry in self.entries())

    def left(self) -> int:
        """The bytes that may still be billed this month."""
        return max(self.monthly - self.spent(), 0)

    def check(self, estimate: Estimate) -> None:
        """Raise OverBudget where a query may not be sent."""
        if estimate.bytes > self.per_query:
            raise OverBudget(
                f"This query may read {estimate.words}, more than the {gigabytes(self.per_query)} "
                f"that one query is allowed. It was not sent. {_advice(estimate, 'PULSE_QUERY_GB')}"
            )
        if estimate.cap > self.left():
            raise self._exceeded(estimate)

    def reserve(self, entry: Entry, estimate: Estimate) -> None:
        """Write a query down before it is sent. Raises OverBudget where it may not be."""
        self.check(estimate)
        if not self.ledger.add(entry, most=self.monthly):
            raise self._exceeded(estimate)

    def _exceeded(self, estimate: Estimate) -> OverBudget:
        return OverBudget(
            f"This query may read {estimate.words}, and {gigabytes(self.left())} of this month's "
            f"{gigabytes(self.monthly)} are left. It was not sent. Wait for the next month. "
            f"{_advice(estimate, 'PULSE_MONTHLY_GB')}"
        )


def _advice(estimate: Estimate, setting: str) -> str:
    if estimate.upper_bound:
        return f"Raise {setting}: the bound is the same however few packages are chosen."
    return f"Choose less, or raise {setting}."


def ledger_path(store: Path, project: str) -> Path:
    """Where the ledger of a project stands: one for all stores of a folder, for it pays for all."""
    return store.with_name(f"{project.replace(':', '_') or 'no-project'}.ledger")


def budget_of(settings: Settings, ledger: Ledger | None = None) -> Budget:
    """The budget that the settings allow, counted in `ledger` or in the file beside the store."""
    return Budget(
        ledger or LedgerFile(ledger_path(settings.store, settings.bigquery_project)),
        settings.monthly_bytes,
        settings.query_bytes,
        settings.now,
    )


def month_of(time: datetime) -> datetime:
    """The start of the UTC month that a time is in."""
    return time.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _text(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="seconds")


def _select(connection: sqlite3.Connection, since: datetime) -> tuple[Entry, ...]:
    rows = connection.execute(
        "SELECT job, statement, who, project, started_at, estimate, upper_bound, cap, sql_hash, "
        "billed FROM entry WHERE started_at >= ? ORDER BY started_at DESC, rowid DESC",
        (_text(since),),
    )
    return tuple(
        Entry(job, statement, who, project, datetime.fromisoformat(started), estimate,
              bool(bound), cap, sql_hash, billed)
        for job, statement, who, project, started, estimate, bound, cap, sql_hash, billed in rows
    )  # fmt: skip
