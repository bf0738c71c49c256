"""Fixtures that tests share: small stores with rows that can be counted by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from lib.cubes import ALL_DIMENSIONS, Coverage, Cube, Grain
from lib.stores.duckdb import StoreWriter

WRITTEN_AT = datetime(2026, 11, 22, tzinfo=UTC).replace(tzinfo=None)

Row = Mapping[str, object]


def write_cube(
    writer: StoreWriter,
    cube: Cube,
    rows: Sequence[Row],
    *,
    first: date,
    last: date,
    packages: tuple[str, ...] | None,
    source: str = "files",
) -> None:
    """Sum raw rows into a cube, and record what it covers."""
    frame = pd.DataFrame(rows, columns=["period", *ALL_DIMENSIONS, "downloads"])
    if cube.grain is Grain.MONTH:
        frame["period"] = [day.replace(day=1) for day in frame["period"]]
    keys = ["period", *cube.dimensions]
    sums = frame.groupby(keys, as_index=False)["downloads"].sum()
    writer.insert(cube, pa.Table.from_pandas(sums.sort_values(keys), preserve_index=False))
    writer.add_coverage(Coverage(cube, first, last, packages, source, WRITTEN_AT))


def raw_row(period: date, project: str, downloads: int, **values: str) -> Row:
    """One raw row: `unknown` in every dimension that is not given."""
    row: dict[str, object] = dict.fromkeys(ALL_DIMENSIONS, "unknown")
    return {**row, "period": period, "project": project, "downloads": downloads, **values}


@pytest.fixture
def empty_store(tmp_path: Path) -> Path:
    """Where a store may be written; nothing is there yet."""
    return tmp_path / "pulse.duckdb"
