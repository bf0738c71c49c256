"""Google's own analyzer and reference engine of GoogleSQL, run without a network.

Importing this module skips the importing test module where `zetasql` is not installed
(`requirements-sql.txt`). The analyzer knows every feature of the language, of which BigQuery has
nearly all: what it rejects, BigQuery rejects, but not the other way around.
"""

from __future__ import annotations

import os
import platform
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pyarrow as pa
import pytest
from google.cloud.bigquery import SchemaField
from google.protobuf.timestamp_pb2 import Timestamp

from lib.cubes import Cube, Grain
from tests.integration.public_table import PUBLIC_TABLE, SCHEMA

pytest.importorskip("zetasql", reason="zetasql is not installed: see requirements-sql.txt")

from wasmtime import Engine, Module, WasmtimeError
from zetasql import types
from zetasql.api import TypeFactory
from zetasql.core import ZetaSqlLocalService
from zetasql.core.exceptions import ServerError

COMPILED_MODULES = Path(__file__).parents[2] / ".cache" / "zetasql"


class Rejected(Exception):
    """What the analyzer says of a statement that is not GoogleSQL, or does not fit the tables."""


@dataclass(frozen=True)
class Table:
    """A table that statements may name: its full name with dots, and its columns."""

    name: str
    columns: tuple[SchemaField, ...]


FILE_DOWNLOADS = Table(PUBLIC_TABLE, SCHEMA)

PARTITIONS = Table(
    "bigquery-public-data.pypi.INFORMATION_SCHEMA.PARTITIONS",
    (
        SchemaField("table_catalog", "STRING"),
        SchemaField("table_schema", "STRING"),
        SchemaField("table_name", "STRING"),
        SchemaField("partition_id", "STRING"),
        SchemaField("total_rows", "INTEGER"),
        SchemaField("total_logical_bytes", "INTEGER"),
        SchemaField("total_billable_bytes", "INTEGER"),
        SchemaField("last_modified_time", "TIMESTAMP"),
        SchemaField("storage_tier", "STRING"),
    ),
)


def cube_table(cube: Cube, dataset: str = "project.dataset") -> Table:
    """The table that holds a cube in a dataset."""
    period = SchemaField("period", "DATETIME" if cube.grain is Grain.HOUR else "DATE")
    dimensions = (SchemaField(name, "STRING") for name in cube.dimensions)
    downloads = SchemaField("downloads", "INTEGER")
    return Table(f"{dataset}.{cube.name}", (period, *dimensions, downloads))


def analyze(sql: str, parameters: Mapping[str, str], tables: Iterable[Table]) -> dict[str, str]:
    """The columns that a statement yields and their types, as in `{"downloads": "INT64"}`.

    `parameters` gives the types of the values that it binds: `DATE`, `ARRAY<STRING>`. A table is
    found as `` `a.b.c` `` and as `` `a`.`b`.`c` ``. Raises Rejected.
    """
    options, catalog = _options(parameters), _catalog(tables)
    try:
        answer = _service().analyze(sql_statement=sql, options=options, simple_catalog=catalog)
    except ServerError as error:
        raise Rejected(str(error)) from error
    columns = answer.resolved_statement.output_column_list
    return {column.name: _name_of(column.column.type) for column in columns}


def execute(
    sql: str,
    parameters: Mapping[str, tuple[str, Any]],
    table: Table,
    rows: pa.Table,
) -> list[tuple[Any, ...]]:
    """What the reference engine answers from `rows` of a table, in no order of its own.

    `parameters` gives a type and a value for each name. It takes about a second for 1,000 rows.
    """
    answer = _service().evaluate_query(
        sql=sql,
        options=_options({name: kind for name, (kind, _) in parameters.items()}),
        simple_catalog=_catalog([table]),
        table_content={table.name: _content(table, rows)},
        params=[
            types.Parameter(name=name, value=_bound(kind, value))
            for name, (kind, value) in parameters.items()
        ],
    )
    return [tuple(map(_python, row.cell)) for row in answer.content.table_data.row]


@cache
def _service() -> ZetaSqlLocalService:
    with patch.object(Module, "from_file", _compiled):
        return ZetaSqlLocalService.get_instance()


def _compiled(engine: Engine, path: str) -> Module:
    """The module at `path`, compiled only once for all runs: that takes 18 s and 1.1 GB."""
    versions = "-".join((version("zetasql"), version("wasmtime"), platform.machine()))
    kept = COMPILED_MODULES / f"{versions}.module"
    if kept.exists():
        try:
            return Module.deserialize_file(engine, str(kept))
        except WasmtimeError:
            # Compiled on a machine with instructions that this one lacks.
            kept.unlink(missing_ok=True)
    module = Module(engine, Path(path).read_bytes())
    COMPILED_MODULES.mkdir(parents=True, exist_ok=True)
    descriptor, part = tempfile.mkstemp(dir=COMPILED_MODULES)
    with os.fdopen(descriptor, "wb") as file:
        file.write(module.serialize())
    Path(part).replace(kept)
    return module


@cache
def _language() -> types.LanguageOptions:
    _service()
    language = types.LanguageOptions.maximum_features()
    language.product_mode = types.ProductMode.PRODUCT_EXTERNAL
    language.reserved_keywords = ["QUALIFY"]
    return language


def _options(parameters: Mapping[str, str]) -> types.AnalyzerOptions:
    return types.AnalyzerOptions(
        language_options=_language(),
        # The analyzer's own default is Los Angeles, BigQuery's is UTC.
        default_timezone="UTC",
        query_parameters=[
            types.AnalyzerOptions.QueryParameter(name=name, type=_type(kind))
            for name, kind in parameters.items()
        ],
    )


def _catalog(tables: Iterable[Table]) -> types.SimpleCatalog:
    """The tables, each at the top by its full name and within catalogs by its parts."""
    catalog = types.SimpleCatalog(
        name="bigquery",
        builtin_function_options=types.ZetaSQLBuiltinFunctionOptions(language_options=_language()),
    )
    for table in tables:
        catalog.table.append(_simple_table(table, table.name))
        *folders, name = table.name.split(".")
        inner = catalog
        for folder in folders:
            inner = _within(inner, folder)
        inner.table.append(_simple_table(table, name))
    return catalog


def _within(catalog: types.SimpleCatalog, name: str) -> types.SimpleCatalog:
    for inner in catalog.catalog:
        if inner.name == name:
            return inner
    catalog.catalog.append(types.SimpleCatalog(name=name))
    return catalog.catalog[-1]


def _simple_table(table: Table, name: str) -> types.SimpleTable:
    columns = [types.SimpleColumn(name=f.name, type=_field_type(f)) for f in table.columns]
    return types.SimpleTable(name=name, column=columns)


def _field_type(field: SchemaField) -> types.Type:
    if field.field_type == "RECORD":
        fields = [(inner.name, _field_type(inner)) for inner in field.fields]
        return TypeFactory.create_struct_type(fields)
    kind = _type(_STANDARD_NAMES.get(field.field_type, field.field_type))
    return TypeFactory.create_array_type(kind) if field.mode == "REPEATED" else kind


_STANDARD_NAMES = {"INTEGER": "INT64", "BOOLEAN": "BOOL", "FLOAT": "DOUBLE"}
"""How GoogleSQL calls the types that schemas call otherwise."""


def _type(kind: str) -> types.Type:
    if kind.startswith("ARRAY<"):
        return TypeFactory.create_array_type(_type(_element(kind)))
    return TypeFactory.create_simple_type(types.TypeKind[f"TYPE_{kind}"])


def _element(kind: str) -> str:
    return kind.removeprefix("ARRAY<").removesuffix(">")


def _name_of(kind: types.Type) -> str:
    return types.TypeKind(kind.type_kind).name.removeprefix("TYPE_")


def _content(table: Table, rows: pa.Table) -> types.TableContent:
    lines = [
        types.TableData.Row(cell=[_cell(field, row[field.name]) for field in table.columns])
        for row in rows.to_pylist()
    ]
    return types.TableContent(table_data=types.TableData(row=lines))


def _cell(field: SchemaField, value: Any) -> types.Value:
    if field.field_type == "RECORD" and value is not None:
        fields = [_cell(inner, value[inner.name]) for inner in field.fields]
        return types.Value(struct_value=types.Value.Struct(field=fields))
    return _bound(field.field_type, value)


_EPOCH = date(1970, 1, 1)


def _bound(kind: str, value: Any) -> types.Value:
    if kind.startswith("ARRAY<"):
        elements = [_bound(_element(kind), element) for element in value]
        return types.Value(array_value=types.Value.Array(element=elements))
    match value:
        case None:
            return types.Value()
        case bool():
            return types.Value(bool_value=value)
        case int():
            return types.Value(int64_value=value)
        case str():
            return types.Value(string_value=value)
        case datetime():
            moment = Timestamp()
            moment.FromDatetime(value)
            return types.Value(timestamp_value=moment)
        case date():
            return types.Value(date_value=(value - _EPOCH).days)
    raise TypeError(f"No value of GoogleSQL is made of {value!r}.")


def _python(value: types.Value) -> str | int | date | None:
    """A value of the few types that this project's statements yield."""
    if value.date_value is not None:
        return _EPOCH + timedelta(days=value.date_value)
    return value.string_value if value.int64_value is None else value.int64_value
