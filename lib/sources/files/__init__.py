"""The source `files`: imports files of download counts into a store, whole or not at all."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pyarrow as pa

from lib.cubes import Coverage, Cube
from lib.errors import ImportRejected, StoreError
from lib.router import Period
from lib.sources.files.checking import CheckedRows, checked_rows, named_row
from lib.sources.files.opening import plain_copy
from lib.sources.files.reading import MOST_LISTED, listed, read_rows
from lib.stores.duckdb import DuckDBStore, StoreWriter

SOURCE = "files"

_NOTE = "imports"

_ROWS_AT_ONCE = 250_000

_STAGING: dict[str, str | bool | int | float | list[str]] = {
    "threads": 2,
    "memory_limit": "350MB",
}


@dataclass(frozen=True)
class Imported:
    """What one file has added: `rows` of its own, about `packages`, to `cube`."""

    file: str
    cube: Cube
    rows: int
    packages: int
    period: Period


@dataclass(frozen=True)
class _StagedFile:
    """A file whose rows are checked and wait in the staging database."""

    path: Path
    checked: CheckedRows

    @property
    def imported(self) -> Imported:
        checked = self.checked
        return Imported(
            self.path.name, checked.cube, checked.rows, len(checked.packages), checked.period
        )


def import_files(
    paths: Sequence[Path],
    store: Path,
    written_at: datetime,
    progress: Callable[[str], None],
) -> tuple[Imported, ...]:
    """Add files of download counts to the store, which is made where there is none.

    `written_at` is the time of the import (UTC where it has no zone); only periods that are over
    by then are accepted. `progress` is told what is being done. Every file is checked before
    the store is touched, and the store changes only when all are in.

    Raises ImportRejected, naming file, row and reason, where a file cannot be taken as it is or
    the store holds rows of another source; StoreError where the store cannot be read or written.
    """
    if not paths:
        raise ImportRejected("No file was named.")
    written_at = _in_utc(written_at)
    if store.exists():
        _refuse_other_rows(DuckDBStore(store).coverage(), store, paths)
    with TemporaryDirectory(prefix="pulse-import-") as folder:
        try:
            with duckdb.connect(str(Path(folder, "staging")), config=_STAGING) as staging:
                files = [
                    _staged(staging, path, f"file_{number}", written_at.date(), progress)
                    for number, path in enumerate(paths)
                ]
                with StoreWriter(store) as writer:
                    _refuse_other_rows(writer.coverage(), store, paths)
                    _write(staging, writer, files, written_at, progress)
        except duckdb.Error as error:
            raise StoreError(
                f"The files could not be written to {store}: perhaps memory or disk space ran "
                "out. The store is as it was."
            ) from error
    return tuple(file.imported for file in files)


def _in_utc(time: datetime) -> datetime:
    """The same time in UTC, without a zone, as the store keeps it."""
    return time.astimezone(UTC).replace(tzinfo=None) if time.tzinfo else time


def _refuse_other_rows(coverage: Sequence[Coverage], store: Path, paths: Sequence[Path]) -> None:
    others = {row.source for row in coverage} - {SOURCE}
    if others:
        names = shlex.join(str(path) for path in paths)
        held = "the simulated sample" if others == {"sample"} else f"rows from {min(others)}"
        raise ImportRejected(
            f"The store at {store} holds {held}; counts from files mixed with that would make "
            "both worthless. Name another store: "
            f"`PULSE_STORE=store/mine.duckdb python -m lib import {names}`."
        )


def _staged(
    staging: duckdb.DuckDBPyConnection,
    path: Path,
    table: str,
    today: date,
    progress: Callable[[str], None],
) -> _StagedFile:
    """Read and check a file into a table of the staging database."""
    progress(f"Reading {path.name} …")
    try:
        with TemporaryDirectory(prefix="pulse-import-") as folder:
            raw = read_rows(staging, plain_copy(path, Path(folder)))
        checked = checked_rows(staging, raw, table, today)
    except ImportRejected as refusal:
        raise ImportRejected(f"{path}: {refusal}") from refusal.__cause__
    progress(f"{path.name}: {raw.layout}; {checked.rows:,} rows.")
    for remark in checked.remarks:
        progress(f"{path.name}: {remark}.")
    return _StagedFile(path, checked)


def _write(
    staging: duckdb.DuckDBPyConnection,
    writer: StoreWriter,
    files: Sequence[_StagedFile],
    written_at: datetime,
    progress: Callable[[str], None],
) -> None:
    """Add checked files to the store. Raises ImportRejected where a row is already there."""
    notes = json.loads(writer.note(_NOTE) or "[]")
    for number, file in enumerate(files):
        progress(f"Writing {file.path.name} …")
        checked = file.checked
        held = any(row.cube == checked.cube for row in writer.coverage())
        with staging.cursor() as reader:
            for batch in reader.sql(checked.rows_sql).to_arrow_reader(_ROWS_AT_ONCE):
                writer.insert(checked.cube, pa.Table.from_batches([batch]))
        if held:
            _refuse_held_rows(staging, writer, file, files[:number])
        writer.add_coverage(
            Coverage(
                checked.cube, checked.period.first, checked.period.last, checked.packages,
                SOURCE, written_at,
            )
        )  # fmt: skip
        notes.append(_note(file, written_at))
    writer.set_note(_NOTE, json.dumps(notes))


def _note(file: _StagedFile, written_at: datetime) -> dict[str, object]:
    """What the store remembers of an import."""
    imported = file.imported
    return {
        "file": imported.file,
        "cube": imported.cube.name,
        "rows": imported.rows,
        "packages": imported.packages,
        "first": imported.period.first.isoformat(),
        "last": imported.period.last.isoformat(),
        "written_at": written_at.isoformat(timespec="seconds") + "Z",
    }


def _refuse_held_rows(
    staging: duckdb.DuckDBPyConnection,
    writer: StoreWriter,
    file: _StagedFile,
    earlier: Sequence[_StagedFile],
) -> None:
    """Refuse a file of which the store, or an earlier file, had rows: seen once they are in."""
    checked = file.checked
    keys = ", ".join(("period", *checked.cube.dimensions))
    twice = writer.query(
        f"SELECT {keys}, count(*) OVER () AS total FROM {checked.cube.name} "  # noqa: S608
        "WHERE period BETWEEN $first AND $last "
        f"GROUP BY {keys} HAVING count(*) > 1 ORDER BY {keys} LIMIT {MOST_LISTED}",
        {"first": checked.period.first, "last": checked.period.last},
    )
    if twice.empty:
        return
    keys_twice = twice.drop(columns="total").itertuples(index=False, name=None)
    problems = [_held_row(staging, file, earlier, key) for key in keys_twice]
    total = int(twice["total"].iloc[0])
    raise ImportRejected(
        f"{file.path}: it repeats rows that are already held." + listed(problems, total)
    )


def _held_row(
    staging: duckdb.DuckDBPyConnection,
    file: _StagedFile,
    earlier: Sequence[_StagedFile],
    key: Sequence[object],
) -> str:
    """Which row of a file was held before, and where."""
    checked = file.checked
    row = _row_with(staging, checked, key) or 0
    place = "is in the store"
    for other in earlier:
        if other.checked.cube == checked.cube:
            first = _row_with(staging, other.checked, key)
            if first is not None:
                place = f"is {other.checked.raw.name(first)} of {other.path}"
    named = named_row(staging, checked.table, checked.cube, row)
    return f"{checked.raw.name(row)}: {named} {place}."


def _row_with(
    staging: duckdb.DuckDBPyConnection, checked: CheckedRows, key: Sequence[object]
) -> int | None:
    """The first row of a file with a key, or None."""
    conditions = " AND ".join(f"{name} = ?" for name in ("period", *checked.cube.dimensions))
    row = staging.execute(
        f"SELECT min(row) FROM {checked.table} WHERE {conditions}",  # noqa: S608
        list(key),
    ).fetchone()
    return None if row is None or row[0] is None else int(row[0])
