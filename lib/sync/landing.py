"""Rows that have been fetched and are not in the store yet: files that survive a kill."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from lib.cubes import Coverage, Grain, cube_named
from lib.errors import StoreBusy, StoreError
from lib.sources import require_source
from lib.stores.duckdb import DuckDBStore, StoreWriter, lock
from lib.sync.plan import merged

PUBLISHED_EVERY = timedelta(seconds=30)
"""How often what landed is brought into the store: each time the whole file is written anew."""

_COVERAGE = b"coverage"

_LOCK = ".sync.lock"

_PUBLISHED = "landed"
"""The note in the store that names the files of its last `publish`, swapped in with their rows."""


def is_meant_for_real_rows(store: Path) -> bool:
    """Whether rows have been fetched for a store, or somebody tried to."""
    return store.with_name(store.name + _LOCK).exists()


def is_fetching(store: Path) -> bool:
    """Whether some process is fetching into a store."""
    if not is_meant_for_real_rows(store):
        return False
    try:
        lock(store, _LOCK).close()
    except StoreBusy:
        return True
    return False


class Landing:
    """The place beside a DuckDB store where fetched rows land, for one process at a time.

    What has been paid for is first written to a file of its own, whole or not at all, and comes
    into the store with the next `publish`. A killed process leaves its files to the next one, and
    a claim on what it was about to pay for. Raises StoreBusy while another process fetches into
    the same store.
    """

    def __init__(self, store: Path) -> None:
        self.store = store
        self._folder = store.with_name(store.name + ".landed")
        self._claim = self._folder / "claim.json"
        self._held = DuckDBStore(store)
        self._lock: IO[bytes] | None = None

    def __enter__(self) -> Self:
        self._lock = lock(self.store, _LOCK)
        self._folder.mkdir(parents=True, exist_ok=True)
        waiting = self._files()
        for left in self._folder.iterdir():
            if left not in waiting and left != self._claim:
                left.unlink()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._lock is not None:
            self._lock.close()

    def coverage(self) -> tuple[Coverage, ...]:
        """What the store holds, and what has landed beside it."""
        landed = []
        for path in self._files():
            # Another process may publish meanwhile: the store, read after, then has it.
            with suppress(FileNotFoundError):
                landed.append(_read(path))
        held = self._held.coverage() if self.store.exists() else ()
        replaced = {_part(row) for row in landed}
        return (*(row for row in held if _part(row) not in replaced), *landed)

    def claim(self, coverage: Coverage) -> None:
        """Record what is about to be paid for, in place of an earlier claim."""
        arriving = self._claim.with_suffix(".arriving")
        arriving.write_text(_text(coverage), encoding="utf-8")
        arriving.replace(self._claim)

    def claimed(self) -> Coverage | None:
        """What a killed process was about to pay for, or had paid for and not landed."""
        if not self._claim.exists():
            return None
        return _coverage_of(self._claim.read_text(encoding="utf-8"))

    def release(self) -> None:
        """Let go of the claim: what it was about has landed, or was never paid for."""
        self._claim.unlink(missing_ok=True)

    def land(self, coverage: Coverage, batches: Iterable[pa.RecordBatch]) -> None:
        """Keep the rows of `coverage`: columns `period`, the cube's dimensions, `downloads`.

        The claim on them is let go of.
        """
        with _on_disk(self.store):
            self._keep(coverage, batches)
        self.release()

    def publish(self) -> None:
        """Bring what has landed into the store, in one swap.

        Raises StoreError where the store holds rows of another source by now.
        """
        files = self._files()
        if not files:
            return
        with _on_disk(self.store), StoreWriter(self.store) as writer:
            for path in files:
                coverage = _read(path)
                require_source(writer.coverage(), coverage.source, str(self.store))
                writer.replace(coverage, pq.read_table(path).replace_schema_metadata())
            writer.rewrite_coverage(merged(writer.coverage()))
            writer.set_note(_PUBLISHED, json.dumps([path.name for path in files]))
        for path in files:
            path.unlink()

    def settle(self, final: Iterable[Coverage]) -> None:
        """Record that these days will not be read again: the source adds no more rows to them."""
        parts = {_part(row) for row in final}
        with _on_disk(self.store), StoreWriter(self.store) as writer:
            rows = [
                replace(row, fingerprint="") if _part(row) in parts else row
                for row in writer.coverage()
            ]
            writer.rewrite_coverage(merged(rows))

    def _keep(self, coverage: Coverage, batches: Iterable[pa.RecordBatch]) -> None:
        """Write rows to a file of their own, whole or not at all."""
        schema = _schema(coverage)
        number = max((int(path.stem[:8]) for path in self._files()), default=0) + 1
        path = self._folder / f"{number:08}-{uuid.uuid4().hex}.parquet"
        arriving = path.with_suffix(".arriving")
        with pq.ParquetWriter(arriving, schema, compression="zstd") as writer:
            for batch in batches:
                rows = pa.Table.from_batches([batch]).select(schema.names).cast(schema)
                writer.write_table(rows.replace_schema_metadata(schema.metadata))
        arriving.replace(path)

    def _files(self) -> list[Path]:
        """What has landed and is not in the store yet, in order.

        A process that was killed after its swap leaves files whose rows the store has: taken once
        more, their price would count twice.
        """
        found = sorted(self._folder.glob("*.parquet"))
        note = self._held.note(_PUBLISHED) if found and self.store.exists() else None
        published = set(json.loads(note or "[]"))
        return [path for path in found if path.name not in published]


@contextmanager
def _on_disk(store: Path) -> Iterator[None]:
    """Says what to do where files cannot be written or read."""
    try:
        yield
    except (duckdb.Error, pa.ArrowException, OSError) as error:
        raise StoreError(
            f"What was fetched could not be written into {store.name}: most likely the disk is "
            "full. Make room, and run the same command again: what was paid for is kept."
        ) from error


def _part(row: Coverage) -> tuple[str, date, date, tuple[str, ...] | None]:
    return row.cube.name, row.first, row.last, row.packages


def _schema(coverage: Coverage) -> pa.Schema:
    """The columns of a file, with the coverage that it is about as text beside them."""
    period = pa.timestamp("us") if coverage.cube.grain is Grain.HOUR else pa.date32()
    dimensions = [(name, pa.string()) for name in coverage.cube.dimensions]
    columns = [("period", period), *dimensions, ("downloads", pa.int64())]
    return pa.schema(columns, metadata={_COVERAGE: _text(coverage).encode()})


def _read(path: Path) -> Coverage:
    """The coverage that a landed file is about."""
    return _coverage_of(pq.read_schema(path).metadata[_COVERAGE])


def _text(coverage: Coverage) -> str:
    return json.dumps({**asdict(coverage), "cube": coverage.cube.name}, default=str)


def _coverage_of(text: str | bytes) -> Coverage:
    found = json.loads(text)
    return Coverage(
        cube_named(found["cube"]),
        date.fromisoformat(found["first"]),
        date.fromisoformat(found["last"]),
        None if found["packages"] is None else tuple(found["packages"]),
        found["source"],
        datetime.fromisoformat(found["written_at"]),
        found["bytes_billed"],
        found["fingerprint"],
    )
