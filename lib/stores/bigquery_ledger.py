"""The ledger of a dataset: a month's paid queries, shared by all who use the dataset."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from datetime import datetime
from threading import RLock

from google.cloud import bigquery

from lib.budget import Entry, month_of
from lib.errors import BigQueryError
from lib.settings import Dataset
from lib.stores.bigquery_tables import LEDGER, Row, SmallTables, is_missing

OF_STORE = "store_"
"""How the names of statements begin that ask nothing but the store's own cubes."""

_SMALL = 100 * 10**6

_WAITING_MOST = 20

_WAITING_SECONDS = 60.0

_LISTED_SECONDS = 30.0


class DatasetLedger:
    """Keeps the ledger in the dataset, so that those who share it share one month's budget.

    Rows are only ever appended: one when a query begins, one when it ends. Reads of the store
    are many and small (names that begin with `OF_STORE`, a cap under 100 MB), and writing a row
    takes a second or two: they wait in memory and are written together, when 20 wait or after a
    minute at the next call; call `flush` when the process ends. All others are written before
    the query is sent. What others did is looked at every 30 seconds, and at once before anything
    large, or where more is asked than what a month has cost.

    Every method raises BigQueryError; threads may share an instance.
    """

    def __init__(
        self,
        client: bigquery.Client,
        dataset: Dataset,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tables = SmallTables(client, dataset)
        self._clock = clock
        self._lock = RLock()
        self._written: dict[str, Entry] = {}
        self._listed_at: float | None = None
        self._waiting: dict[str, Entry] = {}
        self._waiting_since = 0.0

    def add(self, entry: Entry, *, most: int) -> bool:
        """Write down a query, unless the month of `entry` would then count more than `most`.

        Where another process writes at the same time, both are looked at after both are
        written, and both may be refused: never is more let through than `most`.
        """
        with self._lock:
            small = _may_wait(entry)
            self._look(at_once=not small)
            if self._counted(entry.started_at) + entry.cap > most:
                return False
            if small:
                self._wait(entry)
                return True
            self._write([entry])
            self._look(at_once=True)
            if self._counted(entry.started_at) > most:
                self._write([replace(entry, billed=0)])
                return False
            return True

    def settle(self, job: str, billed: int) -> None:
        """Write down what a query was billed."""
        with self._lock:
            if job not in self._entries():
                self._look(at_once=True)
            entry = self._entries().get(job)
            if entry is None:
                return
            ended = replace(entry, billed=billed)
            if _may_wait(entry):
                self._wait(ended)
                self._flush_in_time()
            else:
                self._write([ended])

    def since(self, time: datetime) -> tuple[Entry, ...]:
        """The queries started since a time (UTC), newest first; none without a ledger."""
        with self._lock:
            self._flush_in_time()
            # The start of a month is asked for before every query. Any other time is asked for by
            # who looks for the job of another process, and must not miss one.
            self._look(at_once=time != month_of(time))
            found = [entry for entry in self._entries().values() if entry.started_at >= time]
        return tuple(sorted(found, key=lambda entry: (entry.started_at, entry.job), reverse=True))

    def flush(self) -> None:
        """Write down what still waits in memory."""
        with self._lock:
            if self._waiting:
                self._write(list(self._waiting.values()))
                self._waiting = {}

    def _wait(self, entry: Entry) -> None:
        if not self._waiting:
            self._waiting_since = self._clock()
        self._waiting[entry.job] = entry

    def _flush_in_time(self) -> None:
        waited = self._clock() - self._waiting_since
        if len(self._waiting) >= _WAITING_MOST or waited >= _WAITING_SECONDS:
            self.flush()

    def _write(self, entries: list[Entry]) -> None:
        self._tables.append(LEDGER, [asdict(entry) for entry in entries])
        self._written = _folded((*self._written.values(), *entries))

    def _look(self, *, at_once: bool = False) -> None:
        """List the ledger, where that was not done lately."""
        now = self._clock()
        recent = self._listed_at is not None and now - self._listed_at < _LISTED_SECONDS
        if recent and not at_once:
            return
        try:
            rows = self._tables.rows(LEDGER)
        except BigQueryError as error:
            if not is_missing(error):
                raise
            rows = []
        self._written = _folded(map(_entry_of, rows))
        self._listed_at = now

    def _entries(self) -> dict[str, Entry]:
        return _folded((*self._written.values(), *self._waiting.values()))

    def _counted(self, time: datetime) -> int:
        """The bytes that count in the month of a time."""
        month = month_of(time)
        entries = self._entries().values()
        return sum(entry.counted for entry in entries if month_of(entry.started_at) == month)


def _may_wait(entry: Entry) -> bool:
    return entry.cap < _SMALL and entry.statement.startswith(OF_STORE)


def _entry_of(row: Row) -> Entry:
    return Entry(**row)


def _folded(rows: Iterable[Entry]) -> dict[str, Entry]:
    """One entry for each job.

    What it was billed is the most that any row says: a process that looked for a job before it
    was sent, and found none, has written that it cost nothing.
    """
    entries: dict[str, Entry] = {}
    for entry in rows:
        earlier = entries.get(entry.job, entry)
        known = [billed for billed in (entry.billed, earlier.billed) if billed is not None]
        entries[entry.job] = replace(entry, billed=max(known, default=None))
    return entries
