"""A store in a dataset of BigQuery, and how one is opened for reading and for writing."""

from __future__ import annotations

import atexit
import hashlib
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import Any, cast

import pandas as pd
from google.cloud import bigquery

from lib.aggregate import Engine
from lib.bigquery import PaidStatement, Value
from lib.bigquery.asking import BigQuery
from lib.bigquery.connection import connect, open_bigquery
from lib.cubes import Coverage
from lib.errors import BigQueryError, StoreError, StoreMissing
from lib.settings import Dataset, Settings
from lib.signals.kept import signals_file
from lib.stores.bigquery_ledger import DatasetLedger
from lib.stores.bigquery_tables import (
    COVERAGE,
    LAYOUT,
    LAYOUT_VERSION,
    NOTE,
    counting,
    is_missing,
    newest_notes,
)
from lib.stores.bigquery_writer import DatasetWriter
from lib.stores.duckdb import DuckDBStore

__all__ = ["BigQueryStore", "DatasetWriter", "dataset_ledger", "dataset_writer", "open_dataset"]

_log = logging.getLogger(__name__)

_KNOWN_SECONDS = 30.0
"""For so long what the dataset holds is not looked up again."""


@dataclass(frozen=True)
class _Held:
    """What a dataset held when it was last looked at."""

    version: str
    coverage: tuple[Coverage, ...]
    notes: Mapping[str, str]
    looked_at: float


class BigQueryStore:
    """Reads a store in a dataset. Threads may share it.

    What it holds is listed, which costs nothing, at most every 30 seconds. A query costs what it
    reads, and at least 10 MB: the answers are kept by `lib.data`.
    """

    def __init__(
        self,
        asking: BigQuery,
        dataset: Dataset,
        *,
        beside: DuckDBStore | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.beside = beside
        self.engine = Engine("bigquery", dataset.project, dataset.name)
        self._asking = asking
        self._dataset = dataset
        self._clock = clock
        self._lock = Lock()
        self._seen: _Held | None = None

    @property
    def name(self) -> str:
        """The dataset, as the settings name it."""
        return f"bigquery://{self._dataset}"

    def version(self) -> str:
        """Names what the dataset holds: another after every change.

        Raises StoreMissing where there is no dataset or nothing is in it, and BigQueryError.
        """
        return self._held().version

    def query(self, sql: str, values: Mapping[str, object] | None = None) -> pd.DataFrame:
        """Run one SELECT with bound values and return its rows.

        Raises OverBudget before anything is spent, and BigQueryError.
        """
        bound = cast(Mapping[str, Value], dict(values or {}))
        answer = self._asking.run(PaidStatement("store_read", sql, bound, clustered=True))
        return cast(pd.DataFrame, answer.table().to_pandas(date_as_object=False))

    def coverage(self) -> tuple[Coverage, ...]:
        """What the dataset holds, a row for each cube, period and source."""
        return self._held().coverage

    def note(self, name: str) -> str | None:
        """A text that a source left beside its cubes, or None."""
        return self._held().notes.get(name)

    def row_counts(self) -> dict[str, int]:
        """The number of rows of each cube, which costs nothing to ask."""
        return {name: int(table.num_rows or 0) for name, table in self._cube_tables().items()}

    def size(self) -> int:
        """Bytes of the cubes as BigQuery counts them for storage and queries."""
        return sum(int(table.num_bytes or 0) for table in self._cube_tables().values())

    def _cube_tables(self) -> dict[str, bigquery.Table]:
        names = sorted({row.cube.name for row in self._held().coverage})
        return {name: self._asking.table(f"{self._dataset}.{name}") for name in names}

    def _held(self) -> _Held:
        with self._lock:
            now = self._clock()
            if self._seen is None or now - self._seen.looked_at >= _KNOWN_SECONDS:
                self._seen = self._looked_up(now)
            return self._seen

    def _looked_up(self, now: float) -> _Held:
        if self._seen is None:
            self._check_layout()
        coverage = tuple(counting(self._rows(COVERAGE)).values())
        if not coverage:
            raise self._missing()
        notes = newest_notes(self._rows(NOTE))
        told = f"{coverage!r} {sorted(notes.items())!r}"
        version = hashlib.sha256(told.encode()).hexdigest()
        return _Held(version, coverage, notes, now)

    def _check_layout(self) -> None:
        layouts = {row["version"] for row in self._rows(LAYOUT)}
        if layouts - {LAYOUT_VERSION}:
            raise StoreError(
                f"The store in the dataset {self._dataset} has layout {max(layouts)}; this version "
                f"reads layout {LAYOUT_VERSION}. Name a new dataset in PULSE_STORE and fill it."
            )

    def _rows(self, table: str) -> list[dict[str, Any]]:
        try:
            return self._asking.rows(f"{self._dataset}.{table}")
        except BigQueryError as error:
            if is_missing(error):
                raise self._missing() from error
            raise

    def _missing(self) -> StoreMissing:
        return StoreMissing(
            f"The dataset {self._dataset} holds no store. Fill it with `python -m lib sync`, or "
            "correct its name in PULSE_STORE."
        )


def open_dataset(settings: Settings, who: str) -> BigQueryStore:
    """The store in the dataset of the settings; `who` asks it.

    Raises BigQueryError where no project is set or there are no credentials.
    """
    asking = open_bigquery(settings, who=who, ledger=dataset_ledger(settings))
    beside = DuckDBStore(signals_file(settings))
    return BigQueryStore(asking, _dataset(settings), beside=beside)


def dataset_writer(settings: Settings, who: str, most: int | None = None) -> DatasetWriter:
    """What fills the dataset of the settings, billed at most `most` bytes. Raises BigQueryError."""
    asking = open_bigquery(settings, who=who, most=most, ledger=dataset_ledger(settings))
    return DatasetWriter(asking, _dataset(settings))


def _dataset(settings: Settings) -> Dataset:
    if settings.dataset is None:
        raise ValueError("The settings name no dataset.")
    return settings.dataset


@lru_cache(maxsize=4)
def dataset_ledger(settings: Settings) -> DatasetLedger:
    """One ledger for all of a process, so that small entries wait together."""
    ledger = DatasetLedger(connect(settings), _dataset(settings))
    atexit.register(_flush, ledger)
    return ledger


def _flush(ledger: DatasetLedger) -> None:
    try:
        ledger.flush()
    except BigQueryError:
        _log.exception("The last small reads could not be written into the ledger.")
