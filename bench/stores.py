"""Builds what is measured on, once: rows as a store, as Parquet and in ClickHouse; the sample."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from bench.rows import FIRST, LAST, batches, package_name
from lib.cubes import Coverage, Cube, Grain
from lib.sources import sample as sample_source
from lib.stores.duckdb import LAYOUT_VERSION, StoreWriter

_VERSION = 1
"""Raised by one whenever the same call would build something else."""

DATA = Path(__file__).parent / "data"

_SAMPLE_CODE = Path(sample_source.__file__).parent

CUBE = Cube(Grain.DAY, ("project", "country"))

NOW = "2026-11-22T12:00:00"
"""When the app under measurement believes to run: the day after the last of its sample."""

LAST_SAMPLE_DAY = date(2026, 11, 21)

_CURRENT_DAYS = 90

PACKAGES = 2_000
FEW_PACKAGES = 200

_PARQUET_TYPES = pa.schema(
    [
        ("period", pa.timestamp("ms")),
        ("project", pa.string()),
        ("country", pa.string()),
        ("downloads", pa.int64()),
    ]
)

_CLICKHOUSE_TABLE = """
CREATE TABLE bench.downloads (
    project LowCardinality(String), date Date, country LowCardinality(String), downloads Int64
) ENGINE = MergeTree ORDER BY (project, date, country)
"""


@dataclass(frozen=True)
class Places:
    """Where the rows are in a folder: 2,000 packages in three forms, and 200 of them in a store."""

    folder: Path

    @property
    def store(self) -> Path:
        """The DuckDB file with all rows."""
        return self.folder / "store.duckdb"

    @property
    def small_store(self) -> Path:
        """The DuckDB file with a tenth of the rows."""
        return self.folder / "small_store.duckdb"

    @property
    def parquet(self) -> Path:
        """All rows as one Parquet file."""
        return self.folder / "rows.parquet"

    @property
    def clickhouse(self) -> Path:
        """The folder of a chdb session that holds all rows in `bench.downloads`."""
        return self.folder / "clickhouse"


def generated() -> Places:
    """The generated rows in each form, built where they are not there yet."""
    return Places(_once("rows", f"{_VERSION}-{LAYOUT_VERSION}", _write_rows))


def sample() -> Path:
    """The store of the app's own sample, as a reader has it who starts the app at `NOW`."""
    write = partial(_write_sample, until=LAST_SAMPLE_DAY)
    return _once("sample", _code_of_sample(), write) / "pulse.duckdb"


def current_sample() -> Path:
    """The sample's newest days up to yesterday by the clock, for a server whose clock runs.

    What the Live page replays does not depend on how far back the store goes.
    """
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    write = partial(_write_sample, until=yesterday, days=_CURRENT_DAYS)
    version = f"{yesterday}-{_CURRENT_DAYS}-{_code_of_sample()}"
    return _once("current", version, write) / "pulse.duckdb"


def _code_of_sample() -> str:
    """A digest of all that decides what the sample's store holds."""
    files = sorted(path for path in _SAMPLE_CODE.iterdir() if path.is_file())
    content = b"".join(path.read_bytes() for path in files)
    return f"{LAYOUT_VERSION}-{sha256(content).hexdigest()[:12]}"


def _once(kind: str, version: str, write: Callable[[Path], None]) -> Path:
    """A folder of a kind, written unless it is there; whole, or not at all.

    Those of other versions are removed first.
    """
    folder = DATA / f"{kind}-{version}"
    if not folder.exists():
        print(f"Building bench/data/{folder.name}, once", flush=True)
        for other in DATA.glob(f"*{kind}-*"):
            shutil.rmtree(other)
        arriving = DATA / f"arriving-{folder.name}"
        arriving.mkdir(parents=True)
        write(arriving)
        arriving.rename(folder)
    return folder


def _write_rows(folder: Path) -> None:
    places = Places(folder)
    _write_store(places.store, PACKAGES)
    _write_store(places.small_store, FEW_PACKAGES)
    _write_parquet(places.parquet)
    _write_clickhouse(places.clickhouse, places.parquet)


def _write_sample(folder: Path, *, until: date, days: int | None = None) -> None:
    sample_source.build_sample(
        folder / "pulse.duckdb", until, days=days, progress=lambda part, text: None
    )


def _write_store(path: Path, packages: int) -> None:
    names = tuple(package_name(rank) for rank in range(1, packages + 1))
    written_at = datetime.now(UTC).replace(tzinfo=None)
    with StoreWriter(path, fresh=True) as writer:
        for batch in batches(packages):
            writer.insert(CUBE, batch)
        writer.add_coverage(Coverage(CUBE, FIRST, LAST, names, "files", written_at))


def _write_parquet(path: Path) -> None:
    with pq.ParquetWriter(path, _PARQUET_TYPES, compression="zstd") as writer:
        for batch in batches(PACKAGES):
            writer.write_table(batch.cast(_PARQUET_TYPES))


def _write_clickhouse(path: Path, parquet: Path) -> None:
    from chdb.session import Session

    session = Session(str(path))
    session.query("CREATE DATABASE bench ENGINE = Atomic")
    session.query(_CLICKHOUSE_TABLE)
    session.query(
        "INSERT INTO bench.downloads SELECT project, toDate(period), country, downloads "
        f"FROM file('{parquet}', Parquet) SETTINGS max_threads = 1, max_insert_threads = 1, "
        "max_parsing_threads = 1"
    )
    session.query("OPTIMIZE TABLE bench.downloads FINAL")
    session.close()
