"""The statements on BigQuery's raw table: bounded, as the dimensions say, and of a known price."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp, parse_one

from lib.bigquery import PaidStatement
from lib.budget import LEAST_BILLED, dollars, priced
from lib.cubes import DIMENSION, UNKNOWN, Cube
from lib.sources import bigquery
from lib.sources.bigquery import checks
from lib.sources.bigquery.widths import (
    AS_WRITTEN,
    ROWS_A_DAY,
    WIDTHS,
    expected_bytes,
    price_list,
)

DAY = date(2026, 11, 19)

MIDNIGHT = datetime.combine(DAY, time(), UTC)

FILES = sorted(Path(bigquery.__file__).parent.glob("sql/*.sql"))

STATEMENTS = (
    bigquery.watch_list_day(DAY, ["numpy", "pandas"]),
    bigquery.watch_list_day(bigquery.LAST_DAY_WITH_METADATA, ["numpy", "pandas"]),
    bigquery.all_packages_day(DAY),
    bigquery.partitions([DAY, date(2026, 1, 2)]),
    bigquery.check_project_day(DAY, "numpy"),
    bigquery.check_file_project_day(DAY, "numpy"),
    bigquery.check_sample_day(DAY),
    checks.rows_day(DAY),
    bigquery.live_minutes(["numpy"], MIDNIGHT, MIDNIGHT + timedelta(days=1), MIDNIGHT),
    bigquery.live_sample(DAY),
)

ON_RAW_TABLE = tuple(statement for statement in STATEMENTS if statement.name != "partitions")


def tree_of(sql: str) -> exp.Expr:
    return parse_one(sql, dialect="bigquery")


def named(statement: PaidStatement) -> str:
    return statement.name


def test_every_file_has_a_statement() -> None:
    assert [path.stem for path in FILES] == sorted(statement.name for statement in STATEMENTS)


@pytest.mark.parametrize("statement", STATEMENTS, ids=named)
def test_a_file_is_one_statement_under_a_line_on_what_it_answers_and_costs(
    statement: PaidStatement,
) -> None:
    first, *rest = statement.sql.splitlines()
    assert first.startswith("-- ")
    assert re.search(r"Costs|Reads", first)
    assert not any(line.startswith("--") for line in rest)
    assert [type(tree) for tree in sqlglot.parse(statement.sql, dialect="bigquery")] == [exp.Select]


@pytest.mark.parametrize("statement", STATEMENTS, ids=named)
def test_a_statement_binds_what_it_names(statement: PaidStatement) -> None:
    parameters = {node.name for node in tree_of(statement.sql).find_all(exp.Parameter)}
    assert parameters == set(statement.values)


@pytest.mark.parametrize("statement", ON_RAW_TABLE, ids=named)
def test_a_statement_on_the_raw_table_reads_one_day(statement: PaidStatement) -> None:
    tree = tree_of(statement.sql)
    assert len(list(tree.find_all(exp.Select))) == 1
    conditions = list(tree.find(exp.Where).this.flatten())
    day = ("TIMESTAMP(@day)", "TIMESTAMP(DATE_ADD(@day, INTERVAL 1 DAY))")
    # That both are of one day is looked at where the statement is made.
    bounds = ("@since", "@until") if statement.name == "live_minutes" else day
    first = tree_of(f"SELECT timestamp >= {bounds[0]}").selects[0]
    after = tree_of(f"SELECT timestamp < {bounds[1]}").selects[0]
    assert isinstance(tree.find(exp.Where).this, exp.And)
    assert first in conditions
    assert after in conditions


FORBIDDEN = {
    "COUNTIF": "NULL and not 0 in DuckDB, where tests run it",
    "CURRENT_": "bounds that are not constant prune no partition before the query runs",
    r"\bNOT\b": "NOT IN drops rows whose value is missing",
    r"DATE\s*\(\s*timestamp": "the day is bound on the raw timestamp",
    "APPROX_": "counts are exact",
    "DAYOFWEEK": "1 to 7 here and 0 to 6 in DuckDB",
    r"SELECT\s+\*": "every column is paid for",
    r"\bLIMIT\b": "makes nothing cheaper",
}


@pytest.mark.parametrize("pattern", FORBIDDEN)
@pytest.mark.parametrize("statement", STATEMENTS, ids=named)
def test_nothing_forbidden_occurs(statement: PaidStatement, pattern: str) -> None:
    sql = statement.sql.split("\n", 1)[1]
    assert not re.search(pattern, sql, re.IGNORECASE), FORBIDDEN[pattern]


@pytest.mark.parametrize(
    ("statement", "cube", "instead"),
    [
        # No `.metadata` files are logged any more: their test would cost a third and find none.
        (STATEMENTS[0], bigquery.WATCH_LIST_CUBE, {"file_type": "file.type"}),
        (STATEMENTS[1], bigquery.WATCH_LIST_CUBE, {}),
        (STATEMENTS[2], bigquery.ALL_PACKAGES_CUBE, {}),
    ],
    ids=["watch_list_day", "watch_list_day_with_metadata", "all_packages_day"],
)
def test_a_statement_splits_as_the_dimensions_of_its_cube_say(
    statement: PaidStatement, cube: Cube, instead: dict[str, str]
) -> None:
    columns = (
        f"COALESCE({instead.get(name, DIMENSION[name].expression)}, '{UNKNOWN}') AS {name}"
        for name in cube.dimensions
    )
    expected = tree_of(f"SELECT @day AS period, {', '.join(columns)}, COUNT(*) AS downloads")
    tree = tree_of(statement.sql)
    assert tree.selects == expected.selects
    ordinals = [int(node.name) for node in tree.args["group"].expressions]
    assert ordinals == list(range(2, 2 + len(cube.dimensions)))


def test_only_a_filter_on_the_clustering_key_makes_a_price_an_upper_bound() -> None:
    clustered = [statement.name for statement in STATEMENTS if statement.clustered]
    days = ["watch_list_day", "watch_list_day_with_metadata", "check_project_day"]
    assert clustered == [*days, "live_minutes"]


def test_names_of_files_are_read_only_of_days_with_metadata_files() -> None:
    last = bigquery.LAST_DAY_WITH_METADATA
    assert "filename" in bigquery.watch_list_day(last, ["numpy"]).sql
    after = bigquery.watch_list_day(last + timedelta(days=1), ["numpy"]).sql
    assert "filename" not in after.split("\n", 1)[1]


def test_values_are_bound_and_never_pasted() -> None:
    statement = bigquery.watch_list_day(DAY, iter(["numpy", "x'); DROP TABLE y"]))
    assert statement.values == {"day": DAY, "packages": ("numpy", "x'); DROP TABLE y")}
    assert statement.sql == bigquery.watch_list_day(date(2026, 9, 1), ["pandas"]).sql


def test_partitions_are_named_by_their_days() -> None:
    assert STATEMENTS[3].values == {"partitions": ("20261119", "20260102")}


def test_nothing_is_asked_for_nothing() -> None:
    with pytest.raises(ValueError, match="at least one package"):
        bigquery.watch_list_day(DAY, [])
    with pytest.raises(ValueError, match="at least one day"):
        bigquery.partitions([])


def test_statements_need_nothing_of_google() -> None:
    code = (
        "import sys, lib.sources.bigquery.widths;"
        "sys.exit(any(name.startswith('google.') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# What a scan reads, by hand.

ROWS = 1_000_000


@pytest.mark.parametrize(
    ("name", "width"),
    [
        (
            "watch_list_day",
            # timestamp, project, version, country, python, system, cpu, installer, its version,
            # ci, type
            8 + 12.5 + 7.6 + 3.9 + 7.4 + 6.6 + 7.4 + 5.1 + 7.4 + 0.25 + 12.5,
        ),
        (
            "watch_list_day_with_metadata",
            8 + 12.5 + 7.6 + 3.9 + 7.4 + 6.6 + 7.4 + 5.1 + 7.4 + 0.25 + 40 + 12.5,
        ),
        ("all_packages_day", 8 + 12.5 + 3.9),
        ("check_project_day", 8 + 12.5),
        ("check_file_project_day", 8 + 12.5),
        ("check_sample_day", (8 + 3.9) / 100),
        ("check_rows_day", 8),
        # timestamp, project, country, system, python, installer, version
        ("live_minutes", 8 + 12.5 + 3.9 + 6.6 + 7.4 + 5.1 + 7.6),
        ("live_sample", (8 + 3.9 + 6.6 + 7.4 + 5.1) / 1000),
    ],
)
def test_a_scan_reads_the_columns_that_the_statement_names(name: str, width: float) -> None:
    assert expected_bytes(bigquery.text(name), ROWS) == round(ROWS * width)


def test_a_column_is_read_once_however_often_it_is_named() -> None:
    sql = f"SELECT project, UPPER(project) FROM `{bigquery.TABLE}` WHERE project > 'a'"
    assert expected_bytes(sql, 10) == 125


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        (f"SELECT url, project FROM `{bigquery.TABLE}`", "no known width: url"),
        (f"SELECT details.distro.libc.lib FROM `{bigquery.TABLE}`", "details.distro.libc.lib"),
        (f"SELECT * FROM `{bigquery.TABLE}`", "not named"),
        (f"SELECT t.* FROM `{bigquery.TABLE}` AS t", "not named"),
        ("SELECT project FROM `mine.pulse.cube_day_all`", "mine.pulse.cube_day_all"),
        (bigquery.text("partitions"), "INFORMATION_SCHEMA"),
    ],
)
def test_what_cannot_be_reckoned_is_refused(sql: str, reason: str) -> None:
    with pytest.raises(ValueError, match=re.escape(reason)):
        expected_bytes(sql, ROWS)


@pytest.mark.parametrize(
    "name",
    [
        "watch_list_day", "watch_list_day_with_metadata", "all_packages_day", "live_minutes",
        "live_sample",
    ],
)  # fmt: skip
def test_the_price_in_a_file_is_the_price_reckoned(name: str) -> None:
    amount = expected_bytes(bigquery.text(name), ROWS_A_DAY)
    assert priced(amount) in bigquery.text(name).split("\n", 1)[0]


def test_the_prices_agree_with_those_of_the_reference() -> None:
    written = {price.statement: price for price in price_list() if price.form == AS_WRITTEN}
    # The rows of a day are told by a price alone: that statement is never sent.
    assert {*written, "check_rows_day"} == {statement.name for statement in STATEMENTS}
    assert written["all_packages_day"].gigabytes == pytest.approx(122, rel=0.01)
    assert written["all_packages_day"].dollars == pytest.approx(0.69, abs=0.01)
    assert written["check_project_day"].gigabytes == pytest.approx(102.5, rel=0.01)
    assert written["partitions"].bytes == LEAST_BILLED
    # The reference's 71 bytes a row leave out a column that it has no calibrated width of.
    left_out = WIDTHS["details.installer.version"]
    width = written["watch_list_day"].bytes / ROWS_A_DAY - left_out
    assert width == pytest.approx(71, rel=0.01)
    assert width * ROWS_A_DAY / 10**9 == pytest.approx(356, rel=0.01)


def test_no_naive_form_is_cheaper() -> None:
    prices = price_list()
    written = {price.statement: price.bytes for price in prices if price.form == AS_WRITTEN}
    naive = [price for price in prices if price.form != AS_WRITTEN]
    assert {price.statement for price in naive} == {"watch_list_day", "all_packages_day"}
    for price in naive:
        assert price.bytes > written[price.statement] * 1.3
        assert price.dollars == dollars(price.bytes)
