"""The tables of a dataset that holds a store: their columns, and the small rows kept in them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, cast

from google.api_core.exceptions import NotFound
from google.cloud import bigquery
from google.cloud.bigquery import ArrayQueryParameter, ScalarQueryParameter, SchemaField
from google.cloud.bigquery.retry import DEFAULT_RETRY

from lib.bigquery.failures import KINDS, in_words, out_of_patience
from lib.cubes import Coverage, Cube, Grain, cube_named
from lib.errors import BigQueryError
from lib.settings import Dataset

LAYOUT_VERSION = 1
"""Raised by one whenever a table changes so that an earlier version would misread it."""

LAYOUT, COVERAGE, NOTE, PENDING, LEDGER = "store_layout", "coverage", "note", "pending", "ledger"

_COVERAGE_COLUMNS = (
    SchemaField("id", "STRING", "REQUIRED"),
    SchemaField("cube", "STRING", "REQUIRED"),
    SchemaField("grain", "STRING", "REQUIRED"),
    SchemaField("first", "DATE", "REQUIRED"),
    SchemaField("last", "DATE", "REQUIRED"),
    # An array is never NULL in BigQuery: all of PyPI and no package would look the same.
    SchemaField("all_packages", "BOOL", "REQUIRED"),
    SchemaField("packages", "STRING", "REPEATED"),
    SchemaField("source", "STRING", "REQUIRED"),
    SchemaField("written_at", "TIMESTAMP", "REQUIRED"),
    SchemaField("bytes_billed", "INT64", "REQUIRED"),
    SchemaField("fingerprint", "STRING", "REQUIRED"),
)

TABLES: Mapping[str, tuple[SchemaField, ...]] = {
    LAYOUT: (SchemaField("version", "INT64", "REQUIRED"),),
    # Rows named in `replaces` of another count no more: one INSERT is a swap.
    COVERAGE: (*_COVERAGE_COLUMNS, SchemaField("replaces", "STRING", "REPEATED")),
    NOTE: (
        SchemaField("id", "STRING", "REQUIRED"),
        SchemaField("name", "STRING", "REQUIRED"),
        SchemaField("content", "STRING", "REQUIRED"),
        SchemaField("written_at", "TIMESTAMP", "REQUIRED"),
    ),
    PENDING: (
        *_COVERAGE_COLUMNS,
        SchemaField("statement", "STRING", "REQUIRED"),
        SchemaField("begun_at", "TIMESTAMP", "REQUIRED"),
    ),
    LEDGER: (
        SchemaField("job", "STRING", "REQUIRED"),
        SchemaField("statement", "STRING", "REQUIRED"),
        SchemaField("who", "STRING", "REQUIRED"),
        SchemaField("project", "STRING", "REQUIRED"),
        SchemaField("started_at", "TIMESTAMP", "REQUIRED"),
        SchemaField("estimate", "INT64", "REQUIRED"),
        SchemaField("upper_bound", "BOOL", "REQUIRED"),
        SchemaField("cap", "INT64", "REQUIRED"),
        SchemaField("sql_hash", "STRING", "REQUIRED"),
        SchemaField("billed", "INT64"),
    ),
}
"""The columns of the small tables by the tables' names."""

Row = Mapping[str, Any]

_ROWS_AT_ONCE = 500
"""A statement binds at most 10,000 values, and a row of coverage has twelve."""

_MOST_BILLED = 100 * 2**20
"""The cap of a statement on one small table: 100,000 rows of coverage, and at most $0.0006."""

_PATIENCE = 120.0
"""Seconds that a statement on a small table may take."""


def cube_table(dataset: Dataset, cube: Cube) -> bigquery.Table:
    """The table of a cube as it is created: a partition for each day, clustered by package."""
    period = "DATETIME" if cube.grain is Grain.HOUR else "DATE"
    schema = [
        SchemaField("period", period, "REQUIRED"),
        *(SchemaField(name, "STRING", "REQUIRED") for name in cube.dimensions),
        SchemaField("downloads", "INT64", "REQUIRED"),
    ]
    table = bigquery.Table(f"{dataset}.{cube.name}", schema=schema)
    table.time_partitioning = bigquery.TimePartitioning(type_="DAY", field="period")
    if "project" in cube.dimensions:
        table.clustering_fields = ["project"]
    return table


def new_id() -> str:
    """A name for a row that no other row has."""
    return uuid.uuid4().hex


def row_of(coverage: Coverage, id: str) -> dict[str, Any]:
    """Coverage as a row of the tables `coverage` and `pending`, known by `id`."""
    return {
        "id": id,
        "cube": coverage.cube.name,
        "grain": str(coverage.cube.grain),
        "first": coverage.first,
        "last": coverage.last,
        "all_packages": coverage.packages is None,
        "packages": list(coverage.packages or ()),
        "source": coverage.source,
        "written_at": coverage.written_at,
        "bytes_billed": coverage.bytes_billed,
        "fingerprint": coverage.fingerprint,
    }


def coverage_of(row: Row) -> Coverage:
    """The coverage that a row of `coverage` or `pending` tells; `written_at` is UTC, no zone."""
    return Coverage(
        cube_named(row["cube"]),
        row["first"],
        row["last"],
        None if row["all_packages"] else tuple(row["packages"]),
        row["source"],
        row["written_at"].astimezone(UTC).replace(tzinfo=None),
        row["bytes_billed"],
        row["fingerprint"],
    )


def counting(rows: Iterable[Row]) -> dict[str, Coverage]:
    """The coverage of those rows that count, by their ids, in the order of cubes and days.

    Not those that others replaced. Of several about the same part the newest counts: two
    processes may have recorded the end of one INSERT.
    """
    listed = list(rows)
    replaced = {id for row in listed for id in row["replaces"]}
    told = {row["id"]: coverage_of(row) for row in listed if row["id"] not in replaced}
    newest: dict[object, str] = {}
    for id, row in sorted(told.items(), key=lambda item: (item[1].written_at, item[0])):
        newest[(row.cube, row.first, row.last, row.packages, row.source)] = id
    kept = [(id, told[id]) for id in newest.values()]
    return dict(sorted(kept, key=lambda item: (item[1].cube.name, item[1].first, item[0])))


def newest_notes(rows: Iterable[Row]) -> dict[str, str]:
    """The content of each note by its name."""
    ordered = sorted(rows, key=lambda row: row["written_at"])
    return {row["name"]: row["content"] for row in ordered}


class SmallTables:
    """Lists, appends and removes rows of a dataset's small tables.

    Listing costs nothing. Statements are not written into the ledger, which is itself such a
    table; each carries a cap. Every method raises BigQueryError.
    """

    def __init__(self, client: bigquery.Client, dataset: Dataset) -> None:
        self._client = client
        self._dataset = dataset

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Every row of a table, in no order."""
        try:
            listed = self._client.list_rows(f"{self._dataset}.{table}", retry=DEFAULT_RETRY)
            return [dict(row) for row in listed]
        except KINDS as error:
            raise in_words(error, self._client.project) from error

    def append(self, table: str, rows: Sequence[Row]) -> None:
        """Add rows: up to 500 all at once, beyond that the last ones last."""
        columns = TABLES[table]
        names = ", ".join(f"`{column.name}`" for column in columns)
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            part = rows[start : start + _ROWS_AT_ONCE]
            places = [
                "(" + ", ".join(f"@{column.name}_{number}" for column in columns) + ")"
                for number in range(len(part))
            ]
            values = [
                _parameter(column, f"{column.name}_{number}", row.get(column.name))
                for number, row in enumerate(part)
                for column in columns
            ]
            # The names come from this module; the values are bound.
            sql = f"INSERT INTO {self._quoted(table)} ({names}) VALUES "  # noqa: S608
            self._send(sql + ", ".join(places), values)

    def remove(self, table: str, ids: Iterable[str]) -> None:
        """Remove the rows of these ids; those that are not there are no error."""
        named = list(ids)
        if named:
            self._send(
                f"DELETE FROM {self._quoted(table)} WHERE id IN UNNEST(@ids)",  # noqa: S608
                [ArrayQueryParameter("ids", "STRING", named)],
            )

    def _quoted(self, table: str) -> str:
        return f"`{self._dataset}.{table}`"

    def _send(self, sql: str, values: Sequence[ScalarQueryParameter | ArrayQueryParameter]) -> None:
        configuration = bigquery.QueryJobConfig(
            query_parameters=list(values),
            maximum_bytes_billed=_MOST_BILLED,
            labels={"app": "pypi-pulse", "statement": "bookkeeping"},
        )
        try:
            self._client.query(sql, job_config=configuration).result(timeout=_PATIENCE)
        except KINDS as error:
            raise in_words(error, self._client.project) from error
        except TimeoutError as error:
            raise out_of_patience(_PATIENCE) from error


def is_missing(error: BigQueryError) -> bool:
    """Whether BigQuery failed because a dataset or a table does not exist."""
    return isinstance(error.__cause__, NotFound)


_Value = str | int | bool | datetime | date | Sequence[str] | None


def _parameter(
    column: SchemaField, name: str, value: _Value
) -> ScalarQueryParameter | ArrayQueryParameter:
    if column.mode == "REPEATED":
        return ArrayQueryParameter(name, column.field_type, list(cast(Sequence[str], value or ())))
    if isinstance(value, datetime) and value.tzinfo is None:
        value = value.replace(tzinfo=UTC)
    return ScalarQueryParameter(name, column.field_type, cast(str, value))
