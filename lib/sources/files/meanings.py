"""Works out, once for each distinct text of a column, what it means: tables of values."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import duckdb
import pyarrow as pa

from lib.cubes import UNKNOWN
from lib.sources.files.columns import DOWNLOADS, PERIOD, PROJECT, Layout
from lib.sources.files.reading import MOST_LISTED
from lib.sources.files.values import class_of, package, period_start, shown

GROUPED = ("python", "ci")
"""The dimensions of which one class may gather several values of a file."""

_TEXTS_AT_ONCE = 50_000

_VALUES = pa.schema([("text", pa.string()), ("key", pa.string()), ("value", pa.string())])

Meaning = Callable[[str], tuple[str, str]]
"""From a text to what tells rows apart and what is counted. Raises ValueError."""


def meanings_of(layout: Layout, today: date) -> dict[str, Meaning]:
    """How the texts of each column are understood, but for the downloads."""

    def of_period(text: str) -> tuple[str, str]:
        return (period_start(text, layout.grain, today).isoformat(),) * 2

    def of_project(text: str) -> tuple[str, str]:
        return (package(text),) * 2

    def of_dimension(name: str) -> Meaning:
        return lambda text: class_of(name, text)

    special: dict[str, Meaning] = {PERIOD: of_period, PROJECT: of_project}
    return {
        column: special.get(column) or of_dimension(column)
        for column in layout.columns
        if column != DOWNLOADS
    }


def make_values(connection: duckdb.DuckDBPyConnection, column: str, meaning: Meaning) -> None:
    """Make the table `value_…` of a column of `raw`: text, key and value.

    Key and value are NULL for a text that means nothing.
    """
    connection.execute(
        f"CREATE OR REPLACE TABLE value_{column} (text VARCHAR, key VARCHAR, value VARCHAR)"
    )
    with connection.cursor() as reader:
        reader.execute(f"SELECT DISTINCT {column} FROM raw")  # noqa: S608 - a known column
        while texts := [text for (text,) in reader.fetchmany(_TEXTS_AT_ONCE)]:
            keys, values = zip(*(_meant(meaning, text) for text in texts), strict=True)
            arriving = pa.table([texts, list(keys), list(values)], schema=_VALUES)
            connection.register("arriving", arriving)
            connection.execute(f"INSERT INTO value_{column} SELECT * FROM arriving")  # noqa: S608
            connection.unregister("arriving")


def _meant(meaning: Meaning, text: str) -> tuple[str | None, str | None]:
    try:
        return meaning(text)
    except ValueError:
        return None, None


def gathers(connection: duckdb.DuckDBPyConnection, column: str) -> bool:
    """Whether a value of the column stands for several texts that tell rows apart."""
    counts = connection.execute(
        "SELECT count(DISTINCT key) > count(DISTINCT value) "  # noqa: S608 - a known column
        f"FROM value_{column}"
    ).fetchone()
    return bool(counts and counts[0])


def remark(connection: duckdb.DuckDBPyConnection, layout: Layout, column: str) -> str | None:
    """What a person must know of texts that count as unknown, or None."""
    texts = connection.execute(
        f"SELECT DISTINCT key FROM value_{column} "  # noqa: S608 - a known column
        "WHERE value = $unknown AND key <> '' ORDER BY key",
        {"unknown": UNKNOWN},
    ).fetchall()
    if not texts:
        return None
    names = ", ".join(shown(text) for (text,) in texts[:MOST_LISTED])
    if len(texts) > MOST_LISTED:
        names += f" and {len(texts) - MOST_LISTED} more"
    return f"{layout.header(column)}: {names} counted as {UNKNOWN}"
