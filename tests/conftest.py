"""Fixtures that tests share: small stores with rows that can be counted by hand."""

from __future__ import annotations

import os

# The matrices of tests are small: to share them among threads costs several times the work itself,
# and more yet where each of several test processes does so. Read when NumPy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from lib.cubes import ALL_DIMENSIONS, Coverage, Cube, Grain
from lib.sources.sample import build_sample
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


NOON = "2026-11-22T12:00:00"
"""The time at which the clock stands still in tests of pages."""

YESTERDAY = date(2026, 11, 21)


@pytest.fixture(scope="session")
def sample_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sample of 24 packages over 500 days, to look at and never to write."""
    path = tmp_path_factory.mktemp("sample") / "pulse.duckdb"
    build_sample(path, YESTERDAY, days=500, packages=24, progress=lambda fraction, text: None)
    return path


@pytest.fixture(scope="session")
def monthly_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of months alone, as an imported file gives: two packages, one month missing."""
    path = tmp_path_factory.mktemp("monthly") / "pulse.duckdb"
    cube = Cube(Grain.MONTH, ("project",))
    rows = [
        raw_row(date(2024 + month // 12, month % 12 + 1, 1), name, 1000 * (month + 1) * size)
        for month in range(24)
        for name, size in (("plotly", 1), ("seaborn", 2))
        if (name, month) != ("plotly", 10)
    ]
    with StoreWriter(path) as writer:
        write_cube(
            writer, cube, rows, first=date(2024, 1, 1), last=date(2025, 12, 31),
            packages=("plotly", "seaborn"),
        )  # fmt: skip
    return path


@pytest.fixture(scope="session")
def mixed_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What several files make: other packages and other days at each grain and split.

    Months of plotly and seaborn, months by Python version of plotly and bokeh, and days by country
    of plotly and of vispy, which has none.
    """
    path = tmp_path_factory.mktemp("mixed") / "pulse.duckdb"
    first, last = date(2025, 1, 1), date(2025, 12, 31)
    months = [date(2025, month, 1) for month in range(1, 13)]
    with StoreWriter(path) as writer:
        pairs = [(month, name) for month in months for name in ("plotly", "seaborn", "altair")]
        rows = [raw_row(month, name, 1000 + month.month) for month, name in pairs]
        by_month = Cube(Grain.MONTH, ("project",))
        names = ("altair", "plotly", "seaborn")
        write_cube(writer, by_month, rows, first=first, last=last, packages=names)
        pythons = [
            raw_row(month, name, 10, python="3.12") for month in months for name in names[1:]
        ] + [raw_row(month, "bokeh", 10, python="3.11") for month in months]
        by_python = Cube(Grain.MONTH, ("project", "python"))
        write_cube(writer, by_python, pythons, first=first, last=last, packages=("bokeh", "plotly"))
        days = [raw_row(date(2026, 1, day), "plotly", day, country="DE") for day in range(1, 32)]
        by_day = Cube(Grain.DAY, ("project", "country"))
        write_cube(
            writer, by_day, days, first=date(2026, 1, 1), last=date(2026, 1, 31),
            packages=("plotly", "vispy"),
        )  # fmt: skip
    return path
