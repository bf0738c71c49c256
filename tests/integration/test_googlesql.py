"""Google's own analyzer takes every statement on the raw table, and rejects what it must."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from lib.aggregate import AggregateQuery, Engine, Filter, compile_query, written_out
from lib.cubes import ALL_DIMENSIONS, Cube, Grain
from lib.sources import bigquery
from tests.integration.googlesql import (
    FILE_DOWNLOADS,
    PARTITIONS,
    Rejected,
    analyze,
    cube_table,
    execute,
)
from tests.integration.public_table import counted, rows

pytestmark = pytest.mark.xdist_group("googlesql")

PARAMETERS = {
    "day": "DATE",
    "package": "STRING",
    "packages": "ARRAY<STRING>",
    "partitions": "ARRAY<STRING>",
}

DAY = date(2026, 8, 26)

DAY_WITH_METADATA = date(2026, 8, 21)

PACKAGES = ("boto3", "scikit-learn", "polars")

STATEMENTS = sorted(path.stem for path in Path(bigquery.__file__).parent.glob("sql/*.sql"))


def columns(sql: str) -> dict[str, str]:
    return analyze(sql, PARAMETERS, [FILE_DOWNLOADS, PARTITIONS])


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_statement_is_google_sql(name: str) -> None:
    assert columns(bigquery.text(name))


@pytest.mark.parametrize(
    ("name", "cube"),
    [
        ("watch_list_day", bigquery.WATCH_LIST_CUBE),
        ("watch_list_day_with_metadata", bigquery.WATCH_LIST_CUBE),
        ("all_packages_day", bigquery.ALL_PACKAGES_CUBE),
    ],
)
def test_a_statement_yields_the_columns_of_the_cube_that_it_fills(name: str, cube: Cube) -> None:
    dimensions = dict.fromkeys(cube.dimensions, "STRING")
    expected = {"period": "DATE", **dimensions, "downloads": "INT64"}
    assert list(columns(bigquery.text(name)).items()) == list(expected.items())


def test_partitions_say_how_many_rows_and_when_they_changed() -> None:
    found = columns(bigquery.text("partitions"))
    expected = {"partition_id": "STRING", "total_rows": "INT64", "last_modified_time": "TIMESTAMP"}
    assert found == expected


RAW = f"FROM `{bigquery.TABLE}` WHERE "


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        (f"SELECT projct {RAW} TRUE", "Unrecognized name: projct"),
        (f"SELECT file.nme {RAW} TRUE", "Field name nme does not exist"),
        (f"SELECT project {RAW} timestamp >= @day", "No matching signature for operator >="),
        (f"SELECT project {RAW} project = @unbound", "Query parameter 'unbound' not found"),
        (f"SELECT strftime(timestamp, '%Y') {RAW} TRUE", "Function not found: strftime"),
        (f"SELECT project::STRING {RAW} TRUE", "Syntax error"),
        (f"SELECT project, COUNT(*) {RAW} TRUE", "neither grouped nor aggregated"),
        ("SELECT 1 FROM `bigquery-public-data.pypi.file_uploads`", "Table not found"),
    ],
)
def test_what_is_not_google_sql_is_rejected(sql: str, reason: str) -> None:
    with pytest.raises(Rejected, match=reason):
        columns(sql)


@pytest.mark.parametrize(
    "name", ["`project.dataset.cube_day_all`", "`project`.`dataset`.`cube_day_all`"]
)
def test_a_table_is_found_by_either_way_of_quoting(name: str) -> None:
    cube = cube_table(Cube(Grain.DAY, ALL_DIMENSIONS))
    sql = f"SELECT period, SUM(downloads) AS downloads FROM {name} GROUP BY 1"
    assert analyze(sql, {}, [cube]) == {"period": "DATE", "downloads": "INT64"}


ENGINE = Engine("bigquery", "project", "dataset")

WATCH_LIST = Cube(Grain.DAY, ALL_DIMENSIONS)
BY_HOUR = Cube(Grain.HOUR, ("project", "country"))
BY_MONTH = Cube(Grain.MONTH, ("project",))

HOSTILE = 'it\'s \\ a; "system" `--'


@pytest.mark.parametrize(
    ("cube", "grain", "by", "where", "top"),
    [
        (WATCH_LIST, None, (), (), None),
        (WATCH_LIST, Grain.DAY, ("project",), (Filter("project", ("numpy", "pandas")),), None),
        (WATCH_LIST, Grain.WEEK, ("python",), (Filter("system", (HOSTILE,), excluded=True),), 3),
        (WATCH_LIST, Grain.MONTH, ("project", "country"), (), 2),
        (WATCH_LIST, None, ("version",), (Filter("ci", ("true",)),), 5),
        (BY_HOUR, Grain.HOUR, ("country",), (), 3),
        (BY_HOUR, Grain.DAY, (), (Filter("country", ("DE",)),), None),
        (BY_HOUR, Grain.WEEK, ("project",), (), None),
        (BY_MONTH, Grain.MONTH, ("project",), (), None),
    ],
)
def test_every_shape_of_question_about_a_dataset_is_google_sql(
    cube: Cube,
    grain: Grain | None,
    by: tuple[str, ...],
    where: tuple[Filter, ...],
    top: int | None,
) -> None:
    query = AggregateQuery(date(2026, 8, 1), date(2026, 8, 31), grain, by, where, top)
    statement = compile_query(query, cube, ENGINE)
    parameters = {
        name: "DATE" if isinstance(value, date) else "STRING"
        for name, value in statement.values.items()
    }
    period = "DATETIME" if cube.grain is Grain.HOUR else "DATE"
    expected = {"period": period} if grain else {}
    expected |= dict.fromkeys(by, "STRING") | {"downloads": "INT64"}
    table = cube_table(cube)
    assert list(analyze(statement.sql, parameters, [table]).items()) == list(expected.items())
    assert analyze(written_out(query, cube, ENGINE), {}, [table]) == expected


@pytest.fixture(scope="module")
def raw_rows() -> pa.Table:
    """Rows of ten days, the first and the last second of each among them."""
    return rows(1_000)


@pytest.mark.parametrize(
    ("name", "cube", "packages", "day"),
    [
        ("watch_list_day", bigquery.WATCH_LIST_CUBE, PACKAGES, DAY),
        (
            "watch_list_day_with_metadata",
            bigquery.WATCH_LIST_CUBE,
            PACKAGES,
            DAY_WITH_METADATA,
        ),
        ("all_packages_day", bigquery.ALL_PACKAGES_CUBE, None, DAY),
    ],
)
def test_the_reference_engine_counts_as_python_does(
    raw_rows: pa.Table, name: str, cube: Cube, packages: tuple[str, ...] | None, day: date
) -> None:
    parameters: dict[str, tuple[str, Any]] = {"day": ("DATE", day)}
    if packages:
        parameters["packages"] = ("ARRAY<STRING>", packages)
    answered = execute(bigquery.text(name), parameters, FILE_DOWNLOADS, raw_rows)
    expected = counted(raw_rows, cube.dimensions, packages, day, day)
    assert expected.total() > 20
    assert len(answered) == len(expected)
    assert Counter({tuple(key): downloads for *key, downloads in answered}) == expected
