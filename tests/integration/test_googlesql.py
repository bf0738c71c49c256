"""Google's own analyzer takes every statement on the raw table, and rejects what it must."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from lib.aggregate import AggregateQuery, Engine, Filter, compile_query, written_out
from lib.cubes import ALL_DIMENSIONS, UNKNOWN, Cube, Grain
from lib.live import DIMENSIONS as LIVE_DIMENSIONS
from lib.sources import bigquery
from tests.integration.googlesql import (
    FILE_DOWNLOADS,
    PARTITIONS,
    Rejected,
    analyze,
    cube_table,
    execute,
)
from tests.integration.public_table import MEANING, counted, rows

PARAMETERS = {
    "day": "DATE",
    "package": "STRING",
    "packages": "ARRAY<STRING>",
    "partitions": "ARRAY<STRING>",
    "since": "TIMESTAMP",
    "until": "TIMESTAMP",
    "versions_from": "TIMESTAMP",
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


def test_live_minutes_have_what_a_feed_splits_by_and_the_newest_second() -> None:
    split = dict.fromkeys((*LIVE_DIMENSIONS, "version"), "STRING")
    expected = {"minute": "TIMESTAMP", **split, "downloads": "INT64", "newest": "TIMESTAMP"}
    assert columns(bigquery.text("live_minutes")) == expected


def test_a_live_sample_has_all_that_a_feed_splits_by_but_the_package() -> None:
    expected = dict.fromkeys(LIVE_DIMENSIONS[1:], "STRING") | {"downloads": "INT64"}
    assert columns(bigquery.text("live_sample")) == expected


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


@pytest.mark.parametrize("grain", [None, Grain.MONTH], ids=str)
def test_a_question_about_a_rank_is_google_sql(grain: Grain | None) -> None:
    first, last = date(2026, 8, 1), date(2026, 8, 31)
    query = AggregateQuery(first, last, grain, ("project",), rank_of=HOSTILE)
    statement = compile_query(query, WATCH_LIST, ENGINE)
    assert HOSTILE not in statement.sql
    parameters = {"first": "DATE", "after": "DATE", "ranked": "STRING"}
    expected = {"period": "DATE"} if grain else {}
    expected |= dict.fromkeys(("rank", "counted", "downloads"), "INT64")
    table = cube_table(WATCH_LIST)
    assert analyze(statement.sql, parameters, [table]) == expected
    assert analyze(written_out(query, WATCH_LIST, ENGINE), {}, [table]) == expected


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


def test_the_reference_engine_counts_minutes_as_python_does(raw_rows: pa.Table) -> None:
    since = datetime.combine(DAY, time(6), UTC)
    until, versions_from = since + timedelta(hours=12), since + timedelta(hours=9)
    statement = bigquery.live_minutes(PACKAGES, since, until, versions_from)
    kinds = {name: PARAMETERS[name] for name in statement.values}
    parameters = {name: (kinds[name], value) for name, value in statement.values.items()}
    seconds = "UNIX_SECONDS(minute) AS minute, UNIX_SECONDS(newest) AS newest"
    sql = f"SELECT * REPLACE ({seconds}) FROM (\n{statement.sql}\n)"
    answered = execute(sql, parameters, FILE_DOWNLOADS, raw_rows)
    expected, newest = Counter[tuple[Any, ...]](), 0
    for row in raw_rows.to_pylist():
        at = row["timestamp"]
        if not (since <= at < until and row["project"] in PACKAGES):
            continue
        split = (MEANING[name](row) or UNKNOWN for name in LIVE_DIMENSIONS)
        version = row["file"]["version"] if at >= versions_from else ""
        expected[int(at.timestamp()) // 60 * 60, *split, version] += 1
        newest = max(newest, int(at.timestamp()))
    assert expected.total() > 20
    assert Counter({tuple(key): count for *key, count, _ in answered}) == expected
    assert max(row[-1] for row in answered) == newest


def test_the_reference_engine_reads_a_sample_of_one_day(raw_rows: pa.Table) -> None:
    every_block = bigquery.text("live_sample").replace("(0.1 PERCENT)", "(100 PERCENT)")
    answered = execute(every_block, {"day": ("DATE", DAY)}, FILE_DOWNLOADS, raw_rows)
    expected = counted(raw_rows, LIVE_DIMENSIONS[1:], None, DAY, DAY)
    # It draws rows where BigQuery draws blocks, and all of them at 100 percent.
    assert Counter({(DAY, *key): downloads for *key, downloads in answered}) == expected
