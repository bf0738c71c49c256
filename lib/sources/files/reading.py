"""Reads plain copies of files into a staging table of texts, one row for each of theirs."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa
from pyarrow import parquet

from lib.errors import ImportRejected
from lib.sources.files.columns import DOWNLOADS, PERIOD, Layout, layout_of
from lib.sources.files.opening import Kind, PlainFile
from lib.sources.files.values import shown

MOST_LISTED = 5
"""How many offending rows a refusal names; it counts the others."""

_LONGEST_HEADER = 100_000

_MOST_REJECTS = 1000

_READ_CSV = f"""
CREATE TABLE raw AS SELECT coalesce(COLUMNS(*), '') FROM read_csv(
    $path, columns = $columns, delim = $delimiter, quote = '"', escape = '"', new_line = '\\n',
    header = false, skip = 1, auto_detect = false, all_varchar = true, compression = 'none',
    strict_mode = true, null_padding = false,
    store_rejects = true, rejects_limit = {_MOST_REJECTS}
)
"""  # noqa: S608 - a number of this module

_READ_LINES = """
CREATE TABLE text_line AS SELECT coalesce(line, '') AS line FROM read_csv(
    $path, columns = {'line': 'VARCHAR'}, delim = '\x01', quote = '', escape = '',
    new_line = '\\n', header = false, auto_detect = false, all_varchar = true,
    compression = 'none', strict_mode = true, store_rejects = true
)
"""
"""JSON holds no control characters, so the delimiter is in no line that is JSON."""

_REJECTS = f"""
SELECT line, min_by(CAST(error_type AS VARCHAR), coalesce(column_idx, 0)),
    count(*) OVER (), sum(count(*)) OVER ()
FROM reject_errors GROUP BY line ORDER BY line LIMIT {MOST_LISTED}
"""  # noqa: S608 - a number of this module

_REJECT_REASONS = {
    "MISSING COLUMNS": "it has fewer values than the header has columns",
    "TOO MANY COLUMNS": "it has more values than the header has columns",
    "UNQUOTED VALUE": "a quotation mark is not closed, or text follows it",
    "LINE SIZE OVER MAXIMUM": "it is longer than any row could be",
}

_NOT_OBJECTS = f"""
SELECT rowid, count(*) OVER () FROM text_line
WHERE CASE
    WHEN NOT json_valid(line) THEN true
    WHEN json_type(line) <> 'OBJECT' THEN true
    ELSE len(json_keys(line)) <> len(list_distinct(json_keys(line)))
END
ORDER BY rowid LIMIT {MOST_LISTED}
"""  # noqa: S608 - a number of this module


@dataclass(frozen=True)
class RawRows:
    """What the table `raw` holds: the columns of a file as text, '' for a missing value.

    A row's `rowid` is its place in the file, from 0; `first` is the number of the first row for
    a person, who counts in `unit`.
    """

    layout: Layout
    unit: str
    first: int

    def name(self, row: int) -> str:
        """What a person calls a row: `line 7`, or `record 6`."""
        return f"{self.unit} {row + self.first}"


def read_rows(connection: duckdb.DuckDBPyConnection, file: PlainFile) -> RawRows:
    """Fill the table `raw` with the rows of a file.

    Raises ImportRejected for columns that are not understood and for rows that cannot be told
    apart into columns.
    """
    readers: dict[Kind, Callable[[duckdb.DuckDBPyConnection, PlainFile], RawRows]] = {
        Kind.CSV: _read_csv,
        Kind.JSONL: _read_jsonl,
        Kind.PARQUET: _read_parquet,
    }
    connection.execute("DROP TABLE IF EXISTS raw")
    try:
        raw = readers[file.kind](connection, file)
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error as error:
        raise ImportRejected(f"it is damaged, or not really {file.kind}.") from error
    if _count(connection, "SELECT count(*) FROM raw") == 0:
        raise ImportRejected("it has no rows.")
    return raw


def listed(problems: Sequence[str], total: int, *, at_least: bool = False) -> str:
    """The first problems, each on a line of its own, and how many more there are."""
    lines = [f"\n  {problem}" for problem in problems]
    if total > len(problems):
        prefix = "at least " if at_least else ""
        lines.append(f"\n  and {prefix}{total - len(problems):,} more.")
    return "".join(lines)


def _read_csv(connection: duckdb.DuckDBPyConnection, file: PlainFile) -> RawRows:
    with file.path.open(encoding="utf-8") as text:
        header = text.readline(_LONGEST_HEADER).rstrip("\n")
    if not header.strip():
        raise ImportRejected("line 1: it is empty; it must name the columns.")
    delimiter = max(",;\t", key=header.count)
    layout = layout_of(next(csv.reader([header], delimiter=delimiter)))
    connection.execute(
        _READ_CSV,
        {
            "path": str(file.path),
            "delimiter": delimiter,
            "columns": dict.fromkeys(layout.columns, "VARCHAR"),
        },
    )
    _refuse_rejects(connection)
    if _count(connection, "SELECT count(*) FROM raw") != file.lines - 1:
        raise ImportRejected(_broken_line(file))
    return RawRows(layout, "line", 2)


def _refuse_rejects(connection: duckdb.DuckDBPyConnection) -> None:
    rejects = connection.execute(_REJECTS).fetchall()
    if rejects:
        problems = [
            f"line {line}: {_REJECT_REASONS.get(kind, 'it is not a row of CSV')}."
            for line, kind, _, _ in rejects
        ]
        lines, found = rejects[0][2:]
        more = listed(problems, lines, at_least=found >= _MOST_REJECTS)
        raise ImportRejected("its lines are not all rows." + more)


def _broken_line(file: PlainFile) -> str:
    """Why there are fewer rows than lines: an empty line, or a value that spans lines."""
    with file.path.open(encoding="utf-8") as text:
        for number, line in enumerate(text, start=1):
            if not line.strip():
                return f"line {number}: it is empty."
            if line.count('"') % 2:
                return f"line {number}: a value in quotation marks goes on in the next line."
    return "a value in quotation marks spans several lines."


def _read_jsonl(connection: duckdb.DuckDBPyConnection, file: PlainFile) -> RawRows:
    connection.execute("DROP TABLE IF EXISTS text_line")
    connection.execute(_READ_LINES, {"path": str(file.path)})
    if _count(connection, "SELECT count(*) FROM text_line") != file.lines:
        raise ImportRejected("it holds control characters, which JSON does not allow.")
    wrong = connection.execute(_NOT_OBJECTS).fetchall()
    if wrong:
        reason = "it is not one JSON object with each name once"
        problems = [f"record {row + 1}: {reason}." for row, _ in wrong]
        raise ImportRejected(
            "each line must be a row as a JSON object." + listed(problems, wrong[0][1])
        )
    keys = connection.execute(
        "SELECT DISTINCT unnest(json_keys(line)) AS key FROM text_line ORDER BY key"
    ).fetchall()
    layout = layout_of([key for (key,) in keys])
    for column, header in zip(layout.columns, layout.headers, strict=True):
        _refuse_json_types(connection, column, header)
    values = ", ".join(
        f"coalesce(json_extract_string(line, ${column}), '') AS {column}"
        for column in layout.columns
    )
    connection.execute(
        f"CREATE TABLE raw AS SELECT {values} FROM text_line",  # noqa: S608 - known columns
        {
            column: _pointer(header)
            for column, header in zip(layout.columns, layout.headers, strict=True)
        },
    )
    connection.execute("DROP TABLE text_line")
    return RawRows(layout, "record", 1)


def _refuse_json_types(connection: duckdb.DuckDBPyConnection, column: str, header: str) -> None:
    """Refuse nested values, and numbers with a point where 3.1 and 3.10 must differ."""
    refused = ["OBJECT", "ARRAY"]
    if column not in {PERIOD, DOWNLOADS}:
        refused.append("DOUBLE")
    rows = connection.execute(
        "SELECT rowid, count(*) OVER () FROM text_line "
        "WHERE json_type(line, $pointer) IN (SELECT unnest($refused)) "
        "ORDER BY rowid LIMIT $most",
        {"pointer": _pointer(header), "refused": refused, "most": MOST_LISTED},
    ).fetchall()
    if rows:
        problems = [f"record {row + 1}." for row, _ in rows]
        raise ImportRejected(
            f"{shown(header)} must be written as text, in quotation marks."
            + listed(problems, rows[0][1])
        )


def _pointer(header: str) -> str:
    """The JSON pointer to a member of an object."""
    return "/" + header.replace("~", "~0").replace("/", "~1")


def _read_parquet(connection: duckdb.DuckDBPyConnection, file: PlainFile) -> RawRows:
    try:
        schema = parquet.read_schema(file.path)
    except (pa.ArrowException, OSError) as error:
        raise ImportRejected("it is a damaged Parquet file.") from error
    layout = layout_of(schema.names)
    for column, field in zip(layout.columns, schema, strict=True):
        _refuse_parquet_type(column, field)
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(
        "CREATE TABLE raw AS SELECT coalesce(CAST(COLUMNS(*) AS VARCHAR), '') "  # noqa: S608
        "FROM read_parquet($path, binary_as_string = true) "
        f"AS file({', '.join(layout.columns)})",
        {"path": str(file.path)},
    )
    return RawRows(layout, "record", 1)


def _refuse_parquet_type(column: str, field: pa.Field) -> None:
    """Refuse types that do not hold one exact value."""
    if pa.types.is_nested(field.type):
        raise ImportRejected(f"column {shown(field.name)} holds lists or records.")
    if column == DOWNLOADS and (pa.types.is_float16(field.type) or pa.types.is_float32(field.type)):
        raise ImportRejected(
            f"column {shown(field.name)} is stored as {field.type}, which cannot hold large "
            "counts exactly: store it as integers."
        )
    if column not in {PERIOD, DOWNLOADS} and pa.types.is_floating(field.type):
        raise ImportRejected(
            f"column {shown(field.name)} is stored as {field.type}, where 3.1 and 3.10 are "
            "the same: store it as text."
        )


def _count(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = connection.execute(sql).fetchone()
    return int(row[0]) if row else 0
