"""What the metadata of PyPI's table tell, for nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from google.cloud.bigquery import SchemaField, Table

from lib.bigquery.asking import BigQuery
from lib.bigquery.connection import LOCATION
from lib.errors import BigQueryError
from lib.sources.bigquery import TABLE
from lib.sources.bigquery.checks.finding import Finding, Verdict, is_refusal, said, verdict
from lib.sources.bigquery.widths import ROWS_TO_2026_05, WIDTHS

_FRESH = timedelta(hours=1)
"""Loads come every few minutes; they lag for longer after midnight, and when something failed."""

_STRING = frozenset({"STRING"})

_OTHER_TYPES = {
    "timestamp": frozenset({"TIMESTAMP"}),
    "details.ci": frozenset({"BOOLEAN", "BOOL"}),
}

_IN_EVERY_ROW = ("timestamp", "file.filename", "file.project", "file.version", "file.type")

_ONLY_CHECKED = "file.project"
"""The one column that no statement names but a check."""


def of_metadata(asking: BigQuery) -> Iterator[Finding]:
    """Compare what BigQuery says of the table with what is assumed of it."""
    assumption = "PyPI's public table can be read"
    try:
        table = asking.table(TABLE)
    except BigQueryError as error:
        if not is_refusal(error):
            raise
        yield Finding(assumption, said(error), Verdict.DIFFERS, essential=True)
        return
    yield Finding(assumption, TABLE, Verdict.HOLDS, essential=True)
    yield from _of_table(table)
    yield _freshness(table.modified, asking.budget.now())
    yield from _of_columns({column.name: column for column in _columns(table.schema)})


def _of_table(table: Table) -> Iterator[Finding]:
    """How the table is kept."""
    location = table.location
    yield Finding(
        f"It is kept in the location {LOCATION}",
        location or "BigQuery does not say",
        verdict(location == LOCATION if location else None),
    )
    parts = table.time_partitioning
    yield Finding(
        "Each day of timestamp is a partition of it",
        f"by {parts.type_} of {parts.field or 'loading'}" if parts else "it has no partitions",
        verdict(parts is not None and (parts.type_, parts.field) == ("DAY", "timestamp")),
    )
    keys = table.clustering_fields or []
    yield Finding(
        "It is clustered by project",
        f"by {', '.join(keys)}" if keys else "it is not clustered",
        verdict(keys[:1] == ["project"]),
    )
    required = bool(table.require_partition_filter)
    yield Finding(
        "It takes queries without bounds of time, so the app must refuse them itself",
        "BigQuery refuses them too" if required else "it takes them",
        verdict(not required),
    )
    rows = table.num_rows or 0
    yield Finding(
        f"It has more than {ROWS_TO_2026_05 / 1e9:,.0f} billion rows",
        f"{rows / 1e9:,.1f} billion",
        verdict(rows > ROWS_TO_2026_05),
    )


def _freshness(modified: datetime | None, now: datetime) -> Finding:
    assumption = "New rows arrive all day: some within the last hour"
    if modified is None or modified > now:
        found = "the clock of this machine is not right" if modified else "BigQuery does not say"
        return Finding(assumption, found, Verdict.NOT_KNOWN)
    minutes = (now - modified) // timedelta(minutes=1)
    age = f"{minutes} minutes" if minutes < 120 else f"{minutes / 60:,.1f} hours"
    return Finding(assumption, f"it last changed {age} ago", verdict(now - modified <= _FRESH))


def _of_columns(columns: dict[str, SchemaField]) -> Iterator[Finding]:
    """Whether the columns that the statements name are as the statements need them."""
    wrong = {name: fault for name in WIDTHS if (fault := _fault(name, columns.get(name)))}
    for name, fault in wrong.items():
        yield Finding(f"{name} is a column", fault, Verdict.DIFFERS, name != _ONLY_CHECKED)
    if not wrong:
        assumption = f"It has the {len(WIDTHS)} columns that statements name"
        yield Finding(assumption, "each, with its type", Verdict.HOLDS, essential=True)
    modes = {name: column.mode for name, column in columns.items()}
    nullable = [name for name in _IN_EVERY_ROW if modes.get(name) != "REQUIRED"]
    yield Finding(
        "timestamp and the columns of file have a value in every row",
        f"not required: {', '.join(nullable)}" if nullable else "each is REQUIRED",
        verdict(not nullable),
    )
    mode = modes.get("project")
    yield Finding(
        "A row may come without its project",
        f"the mode of project is {mode}" if mode else "there is no such column",
        verdict(mode == "NULLABLE"),
    )
    subcommand = columns.get("details.installer.subcommand")
    yield Finding(
        "details.installer.subcommand is there (not used so far)",
        f"it is: {subcommand.field_type}, {subcommand.mode}" if subcommand else "it is not",
        verdict(subcommand is not None),
    )


def _columns(
    schema: Iterable[SchemaField], above: str = "", repeated: bool = False
) -> Iterator[SchemaField]:
    """Every column under its path. What is in a repeated record counts as repeated too."""
    for field in schema:
        path, again = above + field.name, repeated or field.mode == "REPEATED"
        yield SchemaField(path, field.field_type, "REPEATED" if again else field.mode)
        yield from _columns(field.fields, f"{path}.", again)


def _fault(name: str, column: SchemaField | None) -> str:
    """What is wrong with a column; empty where nothing is."""
    if column is None:
        return "it is missing"
    is_right = column.field_type in _OTHER_TYPES.get(name, _STRING) and column.mode != "REPEATED"
    return "" if is_right else f"its type is {column.field_type}, {column.mode}"
