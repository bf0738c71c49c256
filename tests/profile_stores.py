"""Small stores for what is computed about one package, with counts of the test's own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from lib.cubes import Cube
from lib.data import Downloads
from lib.questions.question import Asked, Asking
from lib.router import Period
from lib.selection import Preset, Selection
from lib.stores.duckdb import DuckDBStore, StoreWriter
from tests.conftest import Row, write_cube


def store_of(
    path: Path,
    rows: Sequence[Row],
    *cubes: Cube,
    first: date,
    last: date,
    packages: tuple[str, ...] | None,
    source: str = "files",
) -> Downloads:
    """A store with these rows summed into each of the cubes."""
    with StoreWriter(path) as writer:
        for cube in cubes:
            write_cube(writer, cube, rows, first=first, last=last, packages=packages, source=source)
    return Downloads(DuckDBStore(path))


def asking(
    found: Downloads, name: str, period: Period | None = None, *, yesterday: date, **values: str
) -> Asking:
    """What is asked about one package: a period, or all held, with filters on dimensions."""
    selection = Selection((name,), Preset.ALL)
    for dimension, value in values.items():
        selection = selection.with_values(dimension, (value,))
    fixed = Selection(
        selection.packages, period or found.period(selection), filters=selection.filters
    )
    return Asking(found, Asked(fixed), yesterday)
