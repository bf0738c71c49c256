"""Turns texts into typed rows, and refuses the file where a row is wrong or comes twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import duckdb

from lib.cubes import Cube, Grain
from lib.errors import ImportRejected
from lib.router import Period, first_of_next_month
from lib.sources.files.columns import DOWNLOADS, PERIOD, PROJECT
from lib.sources.files.meanings import (
    GROUPED,
    Meaning,
    gathers,
    make_values,
    meanings_of,
    remark,
)
from lib.sources.files.reading import MOST_LISTED, RawRows, listed
from lib.sources.files.values import shown

_WHOLE_NUMBER = r"^\s*\d+(\.0*)?\s*$"

_LARGEST = 2**63 - 1


@dataclass(frozen=True)
class CheckedRows:
    """What a table of checked rows holds.

    Its columns are `row`, `period`, the cube's dimensions, `downloads`, and for each dimension
    in `grouped` a column `…_key` with what the file has in place of the class.
    """

    table: str
    raw: RawRows
    rows: int
    period: Period
    packages: tuple[str, ...]
    grouped: tuple[str, ...]
    remarks: tuple[str, ...]

    @property
    def cube(self) -> Cube:
        """The cube that the rows belong to."""
        return self.raw.layout.cube

    @property
    def rows_sql(self) -> str:
        """A SELECT of the rows as the cube holds them, in the order in which it keeps them."""
        dimensions = ", ".join(self.cube.dimensions)
        downloads, group = "downloads", ""
        if self.grouped:
            downloads, group = "CAST(sum(downloads) AS BIGINT) AS downloads", "GROUP BY ALL"
        others = "".join(f", {name}" for name in self.cube.dimensions if name != PROJECT)
        return (
            f"SELECT period, {dimensions}, {downloads} FROM {self.table} "  # noqa: S608
            f"{group} ORDER BY {PROJECT}, period{others}"
        )


def checked_rows(
    connection: duckdb.DuckDBPyConnection, raw: RawRows, table: str, today: date
) -> CheckedRows:
    """Make `table` of the table `raw`, which is dropped.

    Raises ImportRejected naming the rows that are wrong, and those that come twice.
    """
    meanings = meanings_of(raw.layout, today)
    for column, meaning in meanings.items():
        make_values(connection, column, meaning)
    classes = [name for name in GROUPED if name in meanings]
    grouped = tuple(name for name in classes if gathers(connection, name))
    connection.execute(_typed_sql(raw, table, grouped))
    _refuse_wrong_rows(connection, raw, table, meanings)
    _refuse_repeated_rows(connection, raw, table, grouped)
    _refuse_large_sums(connection, table, raw.layout.cube, grouped)
    connection.execute("DROP TABLE raw")
    remarks = [remark(connection, raw.layout, name) for name in classes]
    packages = connection.execute(
        "SELECT DISTINCT value FROM value_project ORDER BY value"
    ).fetchall()
    return CheckedRows(
        table,
        raw,
        *_extent(connection, table, raw.layout.grain),
        grouped=grouped,
        remarks=tuple(text for text in remarks if text),
        packages=tuple(name for (name,) in packages),
    )


def _typed_sql(raw: RawRows, table: str, grouped: Sequence[str]) -> str:
    """The statement that makes the table of rows, with NULL for every text without a meaning."""
    dimensions = raw.layout.dimensions
    values = [f"CAST(value_{PERIOD}.value AS DATE) AS {PERIOD}"]
    values += [f"value_{name}.value AS {name}" for name in dimensions]
    values += [f"value_{name}.key AS {name}_key" for name in grouped]
    joins = [
        f"JOIN value_{name} ON value_{name}.text = raw.{name}" for name in (PERIOD, *dimensions)
    ]
    return (
        f"CREATE TABLE {table} AS SELECT raw.rowid AS row, {', '.join(values)}, "  # noqa: S608
        f"CASE WHEN regexp_matches(raw.downloads, '{_WHOLE_NUMBER}') THEN "
        "TRY_CAST(split_part(trim(raw.downloads), '.', 1) AS BIGINT) END AS downloads "
        f"FROM raw {' '.join(joins)}"
    )


def _refuse_wrong_rows(
    connection: duckdb.DuckDBPyConnection,
    raw: RawRows,
    table: str,
    meanings: dict[str, Meaning],
) -> None:
    columns = raw.layout.columns
    wrong = connection.execute(
        f"SELECT row, downloads IS NULL, count(*) OVER () FROM {table} "  # noqa: S608
        f"WHERE {' OR '.join(f'{column} IS NULL' for column in columns)} "
        f"ORDER BY row LIMIT {MOST_LISTED}"
    ).fetchall()
    if not wrong:
        return
    texts = connection.execute(
        f"SELECT {', '.join(columns)} FROM raw "  # noqa: S608 - known columns
        "WHERE rowid IN (SELECT unnest($rows)) ORDER BY rowid",
        {"rows": [row for row, _, _ in wrong]},
    ).fetchall()
    problems = [
        f"{raw.name(row)}: {'; '.join(_reasons(raw, found, meanings, no_count=no_count))}."
        for (row, no_count, _), found in zip(wrong, texts, strict=True)
    ]
    total = wrong[0][2]
    rows = "1 row is" if total == 1 else f"{total:,} rows are"
    raise ImportRejected(f"{rows} wrong." + listed(problems, total))


def _reasons(
    raw: RawRows, texts: Sequence[str], meanings: dict[str, Meaning], *, no_count: bool
) -> list[str]:
    """Why a row was refused, every wrong column with its own name in the file."""
    reasons = []
    for column, header, text in zip(raw.layout.columns, raw.layout.headers, texts, strict=True):
        if column != DOWNLOADS:
            reason = _why(meanings[column], text)
        else:
            reason = _why_no_count(text) if no_count else None
        if reason:
            reasons.append(f"{header}: {reason}")
    return reasons


def _why(meaning: Meaning, text: str) -> str | None:
    try:
        meaning(text)
    except ValueError as error:
        return str(error)
    return None


def _why_no_count(text: str) -> str:
    if not text.strip():
        return "it is empty"
    return f"{shown(text)} is not a whole number from 0 to {_LARGEST}"


def _refuse_repeated_rows(
    connection: duckdb.DuckDBPyConnection, raw: RawRows, table: str, grouped: Sequence[str]
) -> None:
    keys = ", ".join(
        f"{name}_key" if name in grouped else name for name in (PERIOD, *raw.layout.dimensions)
    )
    repeated = connection.execute(
        "SELECT min(row), sum(count(*) - 1) OVER () "  # noqa: S608 - known columns
        f"FROM {table} GROUP BY {keys} HAVING count(*) > 1 "
        f"ORDER BY min(row) LIMIT {MOST_LISTED}"
    ).fetchall()
    if not repeated:
        return
    pairs = connection.execute(
        f"SELECT a.row, min(b.row) FROM {table} a JOIN {table} b USING ({keys}) "  # noqa: S608
        "WHERE a.row IN (SELECT unnest($rows)) AND b.row > a.row GROUP BY a.row ORDER BY a.row",
        {"rows": [row for row, _ in repeated]},
    ).fetchall()
    problems = [
        f"{raw.name(second)} repeats {raw.name(first)}: "
        f"{named_row(connection, table, raw.layout.cube, first)}."
        for first, second in pairs
    ]
    raise ImportRejected(
        "rows come twice, and which of them counts cannot be known."
        + listed(problems, int(repeated[0][1]))
    )


def _refuse_large_sums(
    connection: duckdb.DuckDBPyConnection, table: str, cube: Cube, grouped: Sequence[str]
) -> None:
    """Refuse rows that count in one class and are together more than the store can hold."""
    keys = ", ".join((PERIOD, *cube.dimensions))
    if (
        grouped
        and connection.execute(
            f"SELECT 1 FROM {table} GROUP BY {keys} "  # noqa: S608 - known columns
            f"HAVING sum(downloads) > {_LARGEST} LIMIT 1"
        ).fetchone()
    ):
        raise ImportRejected(f"rows of one {' and '.join(grouped)} add up to over {_LARGEST}.")


def named_row(connection: duckdb.DuckDBPyConnection, table: str, cube: Cube, row: int) -> str:
    """The period and the dimensions of a row, as a person reads them."""
    values = connection.execute(
        f"SELECT period, {', '.join(cube.dimensions)} FROM {table} WHERE row = $row",  # noqa: S608
        {"row": row},
    ).fetchone()
    return ", ".join(str(value) for value in values or ())


def _extent(connection: duckdb.DuckDBPyConnection, table: str, grain: Grain) -> tuple[int, Period]:
    """How many rows there are, and the days that they are about."""
    counted = connection.execute(
        f"SELECT count(*), min(period), max(period) FROM {table}"  # noqa: S608
    ).fetchone()
    assert counted is not None, "an aggregate always has one row"
    rows, first, last = counted
    if grain is Grain.MONTH:
        last = first_of_next_month(last) - timedelta(days=1)
    return rows, Period(first, last)
