"""What may be sent to BigQuery: one statement that bounds each partitioned table by constants."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import product
from pathlib import Path

import pytest

from lib.aggregate import AggregateQuery, Engine, Filter, compile_query
from lib.bigquery.bounds import require_bounds
from lib.cubes import Cube, Grain
from lib.errors import BigQueryError
from lib.sources import bigquery

RAW = "`bigquery-public-data.pypi.file_downloads`"

CUBE = "`my-project.pulse.cube_day_project`"

BOUNDS = "timestamp >= TIMESTAMP(@first) AND timestamp < TIMESTAMP(@after)"

OF_CUBE = "period >= @first AND period < @after"


def of(alias: str) -> str:
    """The bounds of the table of this name."""
    return BOUNDS.replace("timestamp ", f"{alias}.timestamp ")


@pytest.mark.parametrize(
    "path", sorted(Path(bigquery.__file__).parent.glob("sql/*.sql")), ids=lambda path: path.stem
)
def test_every_statement_of_the_source_may_be_sent(path: Path) -> None:
    assert require_bounds(path.read_text(encoding="utf-8")) == 1


def queries() -> Iterator[tuple[AggregateQuery, Cube]]:
    """Queries of every shape, each with a cube that answers it."""
    dimensions: tuple[tuple[str, ...], ...] = ((), ("country",), ("project", "country"))
    filters: tuple[tuple[Filter, ...], ...] = (
        (),
        (Filter("project", ("numpy", "x'); DROP TABLE y")),),
        (Filter("country", ("US",)), Filter("project", ("numpy",), excluded=True)),
    )
    grains = (Grain.HOUR, Grain.DAY, Grain.MONTH)
    for stored, by, where in product(grains, dimensions, filters):
        cube = Cube(stored, ("project", "country"))
        for grain in (None, *(grain for grain in Grain if stored.sums_to(grain))):
            for top in (None, 5) if by else (None,):
                first, last = date(2026, 1, 1), date(2026, 10, 31)
                yield AggregateQuery(first, last, grain, by, where, top), cube
            if by:
                yield AggregateQuery(first, last, grain, by, where, rank_of="numpy"), cube


def test_every_compiled_query_may_be_sent() -> None:
    engine = Engine("bigquery", "my-project", "pulse")
    sent = [compile_query(query, cube, engine).sql for query, cube in queries()]
    assert len(set(sent)) > 50
    assert {require_bounds(sql) for sql in sent} == {1}


@pytest.mark.parametrize(
    ("sql", "tables"),
    [
        (f"SELECT COUNT(*) FROM {RAW} WHERE {BOUNDS}", 1),
        (f"SELECT COUNT(*) FROM bigquery-public-data.pypi.file_downloads WHERE {BOUNDS}", 1),
        (f"SELECT COUNT(*) FROM `bigquery-public-data`.`pypi`.`file_downloads` WHERE {BOUNDS}", 1),
        (f"SELECT COUNT(*) FROM {RAW} WHERE {BOUNDS};", 1),
        (f"SELECT COUNT(*) FROM {RAW} WHERE project = 'x' AND ({BOUNDS})", 1),
        (f"SELECT COUNT(*) FROM {RAW} WHERE {BOUNDS} AND (project = 'a' OR project = 'b')", 1),
        (f"SELECT COUNT(*) FROM {RAW} AS t WHERE {of('t')}", 1),
        (f"SELECT COUNT(*) FROM {RAW} t WHERE {BOUNDS}", 1),
        (f"SELECT COUNT(*) FROM {RAW} WHERE {of('file_downloads')}", 1),
        (f"SELECT COUNT(*) FROM {RAW} TABLESAMPLE SYSTEM (1 PERCENT) WHERE {BOUNDS}", 1),
        (f"SELECT COUNT(*) FROM {RAW} WHERE timestamp = TIMESTAMP '2026-11-19 00:00:00'", 1),
        (
            f"SELECT COUNT(*) FROM {RAW} WHERE timestamp >= TIMESTAMP_SUB(TIMESTAMP(@after), "
            "INTERVAL 1 DAY) AND timestamp < TIMESTAMP_TRUNC('2026-11-20', DAY)",
            1,
        ),
        (f"SELECT * FROM {CUBE} WHERE {OF_CUBE}", 1),
        (f"SELECT * FROM {CUBE} WHERE period = DATE '2026-11-19'", 1),
        (f"SELECT * FROM {CUBE} WHERE period > DATE '2026-11-18' AND period <= @last", 1),
        (f"SELECT * FROM {RAW} a JOIN {RAW} b USING (url) WHERE {of('a')} AND {of('b')}", 2),
        (f"SELECT * FROM (SELECT * FROM {RAW} WHERE {BOUNDS}) WHERE project = 'x'", 1),
        (f"WITH a AS (SELECT * FROM {RAW} WHERE {BOUNDS}) SELECT * FROM a JOIN a AS b ON TRUE", 1),
        (
            f"SELECT * FROM (SELECT 1 FROM {RAW} WHERE {BOUNDS} UNION ALL "
            f"SELECT 1 FROM {CUBE} WHERE {OF_CUBE})",
            2,
        ),
        (f"INSERT INTO {CUBE} (period) SELECT @first FROM {RAW} WHERE {BOUNDS}", 1),
        ("INSERT INTO `my-project.pulse.coverage` (cube) VALUES ('cube_day_project')", 0),
        (f"DELETE FROM {CUBE} WHERE {OF_CUBE}", 1),
        (f"DELETE FROM {CUBE} AS c WHERE c.period = @first AND project IN UNNEST(@packages)", 1),
        ("DELETE FROM `my-project.pulse.coverage` WHERE TRUE", 1),
        ("SELECT * FROM `my-project.pulse.note`", 1),
        ("SELECT * FROM `bigquery-public-data.pypi.INFORMATION_SCHEMA.PARTITIONS`", 1),
        ("SELECT * FROM `bigquery-public-data`.pypi.INFORMATION_SCHEMA.PARTITIONS", 1),
        ("SELECT 1", 0),
    ],
)
def test_what_is_bounded_may_be_sent_and_its_tables_are_counted(sql: str, tables: int) -> None:
    assert require_bounds(sql) == tables


FIRST = "timestamp >= TIMESTAMP(@first)"

AFTER = "timestamp < TIMESTAMP(@after)"

UNBOUNDED = {
    "no filter": f"SELECT COUNT(*) FROM {RAW}",
    "a filter on something else": f"SELECT COUNT(*) FROM {RAW} WHERE project = 'numpy'",
    "no upper bound": f"SELECT COUNT(*) FROM {RAW} WHERE {FIRST}",
    "no lower bound": f"SELECT COUNT(*) FROM {RAW} WHERE {AFTER}",
    "two lower bounds": f"SELECT COUNT(*) FROM {RAW} WHERE {FIRST} AND {FIRST}",
    "either bound": f"SELECT COUNT(*) FROM {RAW} WHERE {FIRST} OR {AFTER}",
    "bounds or anything": f"SELECT COUNT(*) FROM {RAW} WHERE {BOUNDS} OR TRUE",
    "bounds in one arm": f"SELECT COUNT(*) FROM {RAW} WHERE ({BOUNDS}) OR project = 'x'",
    "a denied bound": f"SELECT COUNT(*) FROM {RAW} WHERE NOT ({BOUNDS})",
    "one denied bound": f"SELECT COUNT(*) FROM {RAW} WHERE {FIRST} AND NOT {AFTER}",
    "a bound made no bound": f"SELECT COUNT(*) FROM {RAW} WHERE ({FIRST}) IS NOT NULL AND {AFTER}",
    "bounds as a choice": f"SELECT COUNT(*) FROM {RAW} WHERE IF(@all, TRUE, {BOUNDS})",
    "bounds of another column": (
        f"SELECT COUNT(*) FROM {RAW} WHERE {BOUNDS.replace('timestamp', 'upload_time')}"
    ),
    "bounds of a field": f"SELECT COUNT(*) FROM {RAW} WHERE {of('details')}",
    "bounds of a deep field": f"SELECT COUNT(*) FROM {RAW} AS t WHERE {of('t.details')}",
    "bounds of a field of a table called like it": (
        f"SELECT COUNT(*) FROM {RAW} AS details WHERE {of('details.details')}"
    ),
    "bounds of the days of timestamps": (
        f"SELECT COUNT(*) FROM {RAW} WHERE DATE(timestamp) = @first"
    ),
    "bounds of converted timestamps": (
        f"SELECT COUNT(*) FROM {RAW} WHERE {BOUNDS.replace('timestamp ', 'DATE(timestamp) ')}"
    ),
    "bounds on the wrong side": (
        f"SELECT COUNT(*) FROM {RAW} WHERE TIMESTAMP(@first) >= timestamp AND {AFTER}"
    ),
    # Its upper end belongs to it: the partition of the next day would be read, and paid for.
    "between": (
        f"SELECT COUNT(*) FROM {RAW} WHERE timestamp BETWEEN TIMESTAMP(@first) AND "
        "TIMESTAMP(@after)"
    ),
    "a list": f"SELECT COUNT(*) FROM {RAW} WHERE timestamp IN UNNEST(@times)",
    "comments of two dashes": f"SELECT COUNT(*) FROM {RAW} -- WHERE {BOUNDS}",
    "comments of a hash": f"SELECT COUNT(*) FROM {RAW} # WHERE {BOUNDS}",
    "comments in the text": f"SELECT COUNT(*) FROM {RAW} /* WHERE {BOUNDS} */",
    "comments in comments": f"SELECT 1 /* /* */ FROM {RAW} # */ FROM (SELECT 1)",
    "text that looks like a filter": f"SELECT ' WHERE {BOUNDS}' FROM {RAW}",
    "a group's filter": f"SELECT timestamp FROM {RAW} GROUP BY 1 HAVING {BOUNDS}",
    "a window's filter": f"SELECT timestamp FROM {RAW} WHERE TRUE QUALIFY {BOUNDS}",
    "an outer query's filter": f"SELECT * FROM (SELECT * FROM {RAW}) WHERE {BOUNDS}",
    "a named query's reader": f"WITH t AS (SELECT * FROM {RAW}) SELECT * FROM t WHERE {BOUNDS}",
    "an inner query's filter": (
        f"SELECT 1 FROM {RAW} WHERE EXISTS (SELECT 1 FROM {CUBE} WHERE {BOUNDS} AND {OF_CUBE})"
    ),
    "one of two tables": f"SELECT 1 FROM {RAW} AS a JOIN {RAW} AS b ON TRUE WHERE {of('a')}",
    "one of two tables by a comma": f"SELECT 1 FROM {RAW} AS a, {RAW} AS b WHERE {of('a')}",
    "bounds of no named table": (
        f"SELECT 1 FROM {RAW} AS a JOIN `my-project.pulse.note` AS b ON TRUE WHERE {BOUNDS}"
    ),
    "a join's condition": f"SELECT 1 FROM {CUBE} AS a JOIN {RAW} AS b ON {of('b')} "
    "WHERE a.period >= @first AND a.period < @after",
    "an outer join": (
        f"SELECT 1 FROM `my-project.pulse.note` AS a LEFT JOIN {RAW} AS b ON TRUE WHERE {of('b')}"
    ),
    "a name given to other times": (
        f"SELECT 1 FROM {RAW} AS t, UNNEST([TIMESTAMP '2026-11-19']) AS timestamp WHERE {BOUNDS}"
    ),
    "a pivoted table": (
        f"SELECT * FROM {RAW} PIVOT (COUNT(*) FOR project IN ('numpy')) WHERE {BOUNDS}"
    ),
    "one arm of a union": (
        f"SELECT * FROM (SELECT 1 FROM {RAW} WHERE {BOUNDS} UNION ALL SELECT 1 FROM {RAW})"
    ),
    "a number in the columns": f"SELECT (SELECT COUNT(*) FROM {RAW}) FROM {CUBE} WHERE {OF_CUBE}",
    "an array in the columns": f"SELECT ARRAY(SELECT project FROM {RAW})",
    "a list of packages": (
        f"SELECT 1 FROM {CUBE} WHERE {OF_CUBE} AND project IN (SELECT project FROM {RAW})"
    ),
    "rows that are inserted": f"INSERT INTO {CUBE} (project) SELECT project FROM {RAW}",
    "a value that is inserted": f"INSERT INTO {CUBE} (n) VALUES ((SELECT COUNT(*) FROM {RAW}))",
    "rows that are deleted": f"DELETE FROM {CUBE} WHERE TRUE",
    "rows deleted by other rows": (
        f"DELETE FROM {CUBE} WHERE {OF_CUBE} AND project IN (SELECT project FROM {RAW})"
    ),
    "a cube": f"SELECT * FROM {CUBE}",
    "a cube by timestamps": f"SELECT * FROM {CUBE} WHERE {BOUNDS}",
    "a table named like a query, with a dot": (f"WITH {RAW} AS (SELECT 1) SELECT * FROM {RAW}"),
}


@pytest.mark.parametrize("sql", UNBOUNDED.values(), ids=UNBOUNDED.keys())
def test_what_is_not_bounded_is_not_sent(sql: str) -> None:
    with pytest.raises(BigQueryError, match="must name its first and last day as constants"):
        require_bounds(sql)


@pytest.mark.parametrize(
    "value",
    [
        "TIMESTAMP(CURRENT_DATE())",
        "TIMESTAMP(CURRENT_DATE)",
        "TIMESTAMP(CURRENT_DATE('UTC'))",
        "CURRENT_TIMESTAMP()",
        "TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 1 DAY)",
        "TIMESTAMP(CURRENT_DATETIME())",
        "(SELECT MAX(changed) FROM `my-project.pulse.note`)",
        "(SELECT TIMESTAMP '2026-11-19')",
        "ANY_VALUE(timestamp)",
        "timestamp",
        "file.upload_time",
        "TIMESTAMP(project)",
        "my_project.functions.midnight()",
        "midnight()",
        "TIMESTAMP_MICROS(CAST(RAND() AS INT64))",
        "TIMESTAMP(SESSION_USER())",
        "@@script.creation_time",
        "ALL (UNNEST(@times))",
        "IF(project = 'numpy', TIMESTAMP(@first), TIMESTAMP(@after))",
    ],
)
def test_a_bound_that_is_not_known_before_the_query_runs_is_none(value: str) -> None:
    for sql in (
        f"SELECT 1 FROM {RAW} WHERE timestamp >= {value} AND {AFTER}",
        f"SELECT 1 FROM {RAW} WHERE {FIRST} AND timestamp < {value}",
    ):
        with pytest.raises(BigQueryError):
            require_bounds(sql)


@pytest.mark.parametrize(
    "table",
    [
        "`bigquery-public-data.pypi.file_downloads*`",
        "`bigquery-public-data.pypi.*`",
        "`bigquery-public-data.pypi.file_downloads$20261119`",
        "`my-project.pulse.cube_*`",
        "`bigquery-public-data.pypi.simple_requests`",
        "`bigquery-public-data.pypi.INFORMATION_SCHEMA.TABLES`",
        "`region-us.INFORMATION_SCHEMA.JOBS`",
        "`my-project.other.partitions`",
        "unqualified",
        "EXTERNAL_QUERY('connection', 'SELECT 1')",
        "`my-project.pulse.coverage`()",
        f"VECTOR_SEARCH(TABLE {RAW}, 'x', TABLE {RAW})",
        f"ML.PREDICT(MODEL my_project.pulse.model, TABLE {RAW})",
        f"APPENDS(TABLE {RAW}, NULL, NULL)",
        "",
    ],
)
def test_what_is_no_table_of_the_project_is_not_asked(table: str) -> None:
    with pytest.raises(BigQueryError):
        require_bounds(f"SELECT 1 FROM {table} WHERE {BOUNDS} AND {OF_CUBE}")


@pytest.mark.parametrize(
    "sql",
    [
        "",
        "-- only a comment",
        "SELEC 1",
        f"SELECT 1; SELECT 1 FROM {CUBE} WHERE {OF_CUBE}",
        f"SELECT 1 FROM {RAW} WHERE {BOUNDS} UNION ALL SELECT 1 FROM {RAW} WHERE {BOUNDS}",
        f"CREATE TABLE `my-project.pulse.t` AS SELECT 1 FROM {RAW} WHERE {BOUNDS}",
        f"DROP TABLE {CUBE}",
        f"TRUNCATE TABLE {CUBE}",
        f"UPDATE {CUBE} SET downloads = 0 WHERE {OF_CUBE}",
        f"MERGE {CUBE} USING (SELECT 1) ON FALSE WHEN NOT MATCHED THEN INSERT ROW",
        f"EXPORT DATA OPTIONS (uri = 'gs://x') AS SELECT 1 FROM {RAW} WHERE {BOUNDS}",
        f"BEGIN SELECT 1 FROM {RAW} WHERE {BOUNDS}; END",
        "EXECUTE IMMEDIATE 'SELECT 1'",
        "CALL my_project.pulse.procedure()",
        f"TABLE {RAW}",
        "INSERT INTO `my-project.other.precious` (a) VALUES (1)",
        # What sqlglot makes of pipes, and where a comment ends, is not BigQuery's to follow.
        f"FROM {RAW} |> WHERE {BOUNDS} |> AGGREGATE COUNT(*)",
        f"SELECT project FROM {RAW} WHERE {BOUNDS} |> JOIN {RAW} USING (project)",
        f"SELECT 1 FROM {RAW} -- \rWHERE {BOUNDS}",
        f"SELECT 1 FROM {RAW} -- \u2028WHERE {BOUNDS}",
    ],
)
def test_what_is_not_one_select_insert_or_delete_is_not_sent(sql: str) -> None:
    with pytest.raises(BigQueryError, match="sent"):
        require_bounds(sql)


def test_a_refusal_says_what_is_missing() -> None:
    with pytest.raises(BigQueryError) as refused:
        require_bounds(f"SELECT COUNT(*) FROM {RAW}")
    assert str(refused.value) == (
        "A query of file_downloads must name its first and last day as constants of `timestamp`: "
        "without them it would read, and bill, every day there is. It was not sent."
    )
