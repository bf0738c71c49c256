"""The checks of BigQuery find every planted difference, nothing else, and spend a gigabyte at most.

Prices and bills come from a stub that reckons them as the widths say, unless a test says otherwise.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
import sqlglot
from google.cloud import bigquery as google
from google.cloud.bigquery import SchemaField
from sqlglot import exp

from lib.__main__ import main
from lib.bigquery.asking import BigQuery
from lib.budget import Budget, LedgerFile
from lib.errors import BigQueryError
from lib.sources import bigquery
from lib.sources.bigquery import checks
from lib.sources.bigquery.checks import bills
from lib.sources.bigquery.checks.finding import Finding, Verdict, in_columns
from lib.sources.bigquery.widths import WIDTHS, expected_bytes
from tests.integration import rest_stub
from tests.integration.emulator import client_of
from tests.integration.public_table import PUBLIC_TABLE, SCHEMA, table_definition
from tests.integration.rest_stub import (
    MEBIBYTE,
    Answer,
    BigQueryStub,
    Failure,
    StubTable,
    Values,
    billable,
)

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

YESTERDAY = date(2026, 11, 21)

OLD_ROWS = {
    date(2016, 6, 15): 9_000_000,
    date(2016, 12, 14): 11_000_000,
    date(2017, 6, 14): 14_500_000,
    bills.SMALL_DAY: 780_000,
}

DENIED = Failure(
    403,
    "accessDenied",
    "Access Denied: Table bigquery-public-data:pypi.INFORMATION_SCHEMA.PARTITIONS: User does not "
    "have permission to query it.",
)


bytes_expected = cache(expected_bytes)
"""Statements are few, and parsing one takes longer than everything else about its price."""


@dataclass
class Service:
    """What the stub says of PyPI's table; as it stands, every assumption holds."""

    schema: tuple[SchemaField, ...] = SCHEMA
    clustering: tuple[str, ...] = ("project",)
    partitioning: str = "DAY"
    location: str = "US"
    requires_filter: bool = False
    modified: datetime = NOW - timedelta(minutes=7)
    num_rows: int = 3_100_000_000_000
    times: int = 1
    rows_a_day: int = 4_900_000_000
    rows_before: int = 6_300_000_000
    late: timedelta = timedelta(days=1.5)
    widened: dict[str, float] = field(default_factory=dict)
    price_sees_clustering: bool = False
    skips: tuple[str, ...] = ("project", "file.project")
    batch: float = 0.05
    one: float = 0.01
    partitions: int = 10 * MEBIBYTE
    sampled: float = 1
    downloads: tuple[int, int] = (4321, 4321)

    def rows_of(self, day: date) -> int:
        old = OLD_ROWS.get(day)
        recent = self.rows_a_day if day > bigquery.LAST_DAY_WITH_METADATA else self.rows_before
        return (old or recent) * self.times

    def price(self, sql: str, values: Values) -> int:
        if "INFORMATION_SCHEMA" in sql:
            return self.partitions
        if not isinstance(values.get("day"), str):
            return 0
        rows = self.rows_of(date.fromisoformat(str(values["day"])))
        more = sum(width for column, width in self.widened.items() if column in paths(sql))
        bytes_read = bytes_expected(sql, rows) + round(
            rows * more / (100 if "TABLESAMPLE" in sql else 1)
        )
        if self.price_sees_clustering and values.get("packages"):
            return round(bytes_read * len(values["packages"] or ()) / 100)
        return bytes_read

    def billed(self, sql: str, values: Values) -> int:
        price = self.price(sql, values)
        if "TABLESAMPLE" in sql:
            return billable(round(price * self.sampled))
        column = "file.project" if "file.project = " in sql else "project"
        if "@package" not in sql or column not in self.skips:
            return billable(price)
        return billable(
            round(price * (self.batch if len(values.get("packages") or "") > 1 else self.one))
        )

    def answer(self, sql: str, values: Values) -> Answer:
        if "INFORMATION_SCHEMA" in sql:
            kinds = {
                "partition_id": "STRING",
                "total_rows": "INTEGER",
                "last_modified_time": "TIMESTAMP",
            }
            days = [
                datetime.strptime(one, "%Y%m%d").replace(tzinfo=UTC)
                for one in values["partitions"] or ()
            ]
            rows = [
                (
                    f"{day:%Y%m%d}",
                    self.rows_of(day.date()),
                    min(day + timedelta(1) + self.late, NOW),
                )
                for day in days
            ]
            return Answer([SchemaField(*pair) for pair in kinds.items()], rows)
        downloads = self.downloads["file.project = " in sql]
        return Answer([SchemaField("downloads", "INTEGER")], [(downloads,)])

    def stand_in(self, stub: BigQueryStub) -> None:
        """Make a stub answer so."""
        table = table_definition()
        table.schema = self.schema
        table.clustering_fields = list(self.clustering) or None
        table.time_partitioning = (
            google.TimePartitioning(type_=self.partitioning, field="timestamp")
            if self.partitioning
            else None
        )
        table.require_partition_filter = self.requires_filter
        table._properties["location"] = self.location
        stub.tables[PUBLIC_TABLE] = StubTable(table, self.num_rows, self.modified)
        stub.estimate, stub.billed, stub.answer = self.price, self.billed, self.answer


@cache
def paths(sql: str) -> frozenset[str]:
    columns = sqlglot.parse_one(sql, dialect="bigquery").find_all(exp.Column)
    return frozenset(".".join(part.name for part in column.parts) for column in columns)


def altered(
    schema: Iterable[SchemaField], path: str, change: Callable[[SchemaField], SchemaField | None]
) -> tuple[SchemaField, ...]:
    """A schema with one column changed, or taken away."""
    name, _, rest = path.partition(".")
    fields: list[SchemaField | None] = []
    for one in schema:
        if one.name != name:
            fields.append(one)
        elif rest:
            inner = altered(one.fields, rest, change)
            fields.append(SchemaField(one.name, one.field_type, one.mode, fields=inner))
        else:
            fields.append(change(one))
    return tuple(one for one in fields if one is not None)


def without(path: str) -> tuple[SchemaField, ...]:
    return altered(SCHEMA, path, lambda one: None)


def as_type(path: str, kind: str, mode: str = "NULLABLE") -> tuple[SchemaField, ...]:
    return altered(SCHEMA, path, lambda one: SchemaField(one.name, kind, mode))


Ask = Callable[..., BigQuery]


@pytest.fixture
def ask(bigquery_stub: BigQueryStub, tmp_path: Path) -> Iterator[Ask]:
    """BigQuery as the command opens it, before a stub that stands in for a service."""
    client = client_of(bigquery_stub.url)

    def asking(service: Service, monthly: int = 10**12) -> BigQuery:
        service.stand_in(bigquery_stub)
        ledger = LedgerFile(tmp_path / "ledger")
        budget = Budget(ledger, monthly, 10**12, lambda: NOW)
        return BigQuery(client, budget, who="me", most=checks.MOST_SPENT, sleep=lambda _: None)

    yield asking
    client.close()


def check(asking: BigQuery, *, spend: bool = False) -> list[Finding]:
    return list(checks.findings(asking, spend=spend))


def of(found: list[Finding], start: str) -> Finding:
    (one,) = [finding for finding in found if finding.assumption.startswith(start)]
    return one


def spent(stub: BigQueryStub) -> int:
    return sum(job.billed for job in stub.jobs.values())


@pytest.mark.parametrize("spend", [False, True])
def test_everything_holds_where_all_is_as_assumed(
    ask: Ask, bigquery_stub: BigQueryStub, spend: bool
) -> None:
    found = check(ask(Service()), spend=spend)
    assert [one for one in found if one.verdict is not Verdict.HOLDS] == []
    assert len(found) == (34 if spend else 21)
    assert len({one.assumption for one in found}) == len(found)
    assert 0 < spent(bigquery_stub) <= 10**9 if spend else not bigquery_stub.jobs


def test_every_statement_has_its_price_asked(ask: Ask, bigquery_stub: BigQueryStub) -> None:
    check(ask(Service()))
    asked = {job.sql for job in bigquery_stub.dry_runs}
    files = Path(bigquery.__file__).parent.glob("sql/*.sql")
    assert {path.read_text() for path in files} <= asked


def test_the_columns_looked_for_are_those_that_statements_name() -> None:
    files = Path(bigquery.__file__).parent.glob("sql/*.sql")
    texts = [path.read_text() for path in files if path.stem != "partitions"]
    assert {column for sql in texts for column in paths(sql)} == set(WIDTHS)


FREE_DIFFERENCES = {
    "a column is gone": (Service(schema=without("details.cpu")), "details.cpu"),
    "a record is gone": (Service(schema=without("file")), "file.filename"),
    "a column of checks is gone": (Service(schema=without("file.project")), "file.project"),
    "a column has another type": (
        Service(schema=as_type("details.ci", "STRING")),
        "details.ci is a column",
    ),
    "a column is repeated": (
        Service(schema=as_type("country_code", "STRING", "REPEATED")),
        "country_code",
    ),
    "a file may lack its version": (
        Service(schema=as_type("file.version", "STRING")),
        "timestamp and the columns of file",
    ),
    "every row has a project": (
        Service(schema=as_type("project", "STRING", "REQUIRED")),
        "A row may come without",
    ),
    "no subcommand": (Service(schema=without("details.installer.subcommand")), "details.installer"),
    "no clustering": (Service(clustering=()), "It is clustered"),
    "clustering by another column first": (
        Service(clustering=("country_code", "project")),
        "It is clustered",
    ),
    "partitions of hours": (Service(partitioning="HOUR"), "Each day of timestamp"),
    "no partitions": (Service(partitioning=""), "Each day of timestamp"),
    "a filter is required": (Service(requires_filter=True), "It takes queries without bounds"),
    "another place": (Service(location="EU"), "It is kept in"),
    "rows were taken away": (Service(num_rows=10**12), "It has more than"),
    "loads have stopped": (Service(modified=NOW - timedelta(hours=5)), "New rows arrive"),
    "fewer rows": (Service(rows_a_day=2_000_000_000), "A day has 3.5"),
    "a wider column": (Service(widened={"country_code": 6}), "all_packages_day reads"),
    "wider names of files": (
        Service(widened={"file.filename": 40}),
        "watch_list_day_with_metadata reads",
    ),
    "partitions cost more": (Service(partitions=50 * MEBIBYTE), "partitions reads"),
    "prices see clustering": (Service(price_sees_clustering=True), "Prices do not see"),
}


@pytest.mark.parametrize("name", FREE_DIFFERENCES)
def test_what_is_free_to_find_is_found(ask: Ask, bigquery_stub: BigQueryStub, name: str) -> None:
    service, assumption = FREE_DIFFERENCES[name]
    found = check(ask(service))
    assert of(found, assumption).verdict is Verdict.DIFFERS
    assert {one.verdict for one in found} == {Verdict.HOLDS, Verdict.DIFFERS}
    assert not bigquery_stub.jobs


@pytest.mark.parametrize(
    ("path", "essential"), [("details.cpu", True), ("project", True), ("file.project", False)]
)
def test_a_missing_column_is_essential_where_the_app_names_it(
    ask: Ask, path: str, essential: bool
) -> None:
    found = of(check(ask(Service(schema=without(path)))), f"{path} is a column")
    assert (found.found, found.essential) == ("it is missing", essential)


def test_a_width_is_right_within_a_fifth(ask: Ask) -> None:
    for more, verdict in ((4.8, Verdict.HOLDS), (5.0, Verdict.DIFFERS)):
        found = check(ask(Service(widened={"country_code": more})))
        assert of(found, "all_packages_day reads 24.4").verdict is verdict
        assert of(found, "check_project_day reads 20.5").verdict is Verdict.HOLDS


def test_rows_are_told_by_another_price_where_a_timestamp_has_none(
    ask: Ask, bigquery_stub: BigQueryStub
) -> None:
    service = Service()
    asking = ask(service)
    bigquery_stub.estimate = lambda sql, values: (
        0 if "MAX(timestamp)" in sql else service.price(sql, values)
    )
    found = check(asking)
    assert "4,900,000,000 on 2026-11-21" in of(found, "A day has 3.5").found
    assert of(found, "all_packages_day reads").verdict is Verdict.NOT_KNOWN
    assert of(found, "watch_list_day reads").verdict is Verdict.HOLDS


PAID_DIFFERENCES = {
    "project is not pruned": (Service(skips=()), "A filter on project"),
    "file.project is not pruned": (Service(skips=("project",)), "A filter on file.project"),
    "project is another name": (Service(downloads=(4321, 4000)), "project and file.project"),
    "batches are dearer": (Service(one=0.12, batch=20 * 0.12), "10 packages at once"),
    "a sample is not drawn within the day": (
        Service(sampled=0.3),
        "A block sample of 1 % is billed",
    ),
    "more files count": (Service(rows_before=4_000_000_000), "Fewer rows are logged"),
    "rows come late": (Service(late=timedelta(days=7.5)), "A day changes for no more"),
    "partitions cost more": (
        Service(partitions=50 * MEBIBYTE),
        "INFORMATION_SCHEMA.PARTITIONS can be read",
    ),
    "fewer rows": (Service(rows_a_day=2_000_000_000), "The last week has"),
}


@pytest.mark.parametrize("name", PAID_DIFFERENCES)
def test_what_a_bill_tells_is_found(ask: Ask, bigquery_stub: BigQueryStub, name: str) -> None:
    service, assumption = PAID_DIFFERENCES[name]
    found = check(ask(service), spend=True)
    assert of(found, assumption).verdict is Verdict.DIFFERS
    assert 0 < spent(bigquery_stub) <= 10**9
    assert of(found, "The ledger has").verdict is Verdict.HOLDS


def test_a_price_that_does_not_tell_the_rows_is_found(
    ask: Ask, bigquery_stub: BigQueryStub
) -> None:
    service = Service()
    asking = ask(service)
    bigquery_stub.estimate = lambda sql, values: (
        service.price(sql, values) * (2 if "MAX(timestamp)" in sql else 1)
    )
    found = check(asking, spend=True)
    assert of(found, "The price of a day").verdict is Verdict.DIFFERS


def test_a_small_day_does_not_tell_of_clustering(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bills, "_OLD_DAYS", (bills.SMALL_DAY,))
    found = check(ask(Service(skips=())), spend=True)
    assert of(found, "A filter on project").verdict is Verdict.NOT_KNOWN
    assert "too small a day" in of(found, "A filter on project").found
    assert of(found, "10 packages at once").verdict is Verdict.NOT_KNOWN


def test_denied_partitions_do_not_stop_the_others(ask: Ask, bigquery_stub: BigQueryStub) -> None:
    asking = ask(Service())
    bigquery_stub.job_failure = lambda sql, values: DENIED if "INFORMATION_SCHEMA" in sql else None
    found = check(asking, spend=True)
    denied = of(found, "INFORMATION_SCHEMA.PARTITIONS can be read")
    assert denied.verdict is Verdict.DIFFERS
    assert "User does not have permission" in denied.found
    refused = of(found, "BigQuery takes the statement partitions")
    assert (refused.verdict, refused.essential) == (Verdict.DIFFERS, False)
    assert of(found, "A filter on project").verdict is Verdict.HOLDS


def test_what_would_not_fit_is_not_run(ask: Ask, bigquery_stub: BigQueryStub) -> None:
    tenfold = check(ask(Service(times=10)), spend=True)
    for start in ("A query is refused", "10 packages", "A block sample of 1 % is billed"):
        assert of(tenfold, start).verdict is Verdict.NOT_KNOWN
        assert of(tenfold, start).found.startswith("not run: its")
    assert "its upper bound is 0.936 GB" in of(tenfold, "10 packages").found
    assert f"on {bills.SMALL_DAY}" in of(tenfold, "A filter on project").found
    skipped = check(ask(Service(times=100)), spend=True)
    for start in (
        "A query is refused",
        "A filter on project",
        "10 packages",
        "A block sample of 1 % is b",
    ):
        assert of(skipped, start).verdict is Verdict.NOT_KNOWN
        assert of(skipped, start).found.startswith("not run: its")
    assert "its upper bound is 9.27 GB" in of(skipped, "10 packages").found
    assert spent(bigquery_stub) <= 10**9


@pytest.mark.parametrize("times", [1, 3, 5, 13])
@pytest.mark.parametrize("skips", [(), ("project", "file.project")])
def test_no_more_than_a_gigabyte_is_billed(
    ask: Ask, bigquery_stub: BigQueryStub, times: int, skips: tuple[str, ...]
) -> None:
    asking = ask(Service(times=times, skips=skips))
    found = check(asking, spend=True)
    assert spent(bigquery_stub) <= 10**9
    assert of(found, "The ledger has").verdict is Verdict.HOLDS
    assert sum(entry.counted for entry in asking.budget.entries()) == spent(bigquery_stub)


def test_nothing_more_is_spent_where_a_cap_stops_nothing(
    ask: Ask, bigquery_stub: BigQueryStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rest_stub.Job, "maximum_bytes_billed", None)
    found = check(ask(Service()), spend=True)
    assert of(found, "A query is refused").verdict is Verdict.DIFFERS
    (job,) = bigquery_stub.jobs.values()
    assert job.billed < 50_000_000
    assert of(found, "The ledger has").verdict is Verdict.HOLDS


def test_a_month_without_money_sends_nothing(ask: Ask, bigquery_stub: BigQueryStub) -> None:
    found = check(ask(Service(), monthly=0), spend=True)
    assert not bigquery_stub.jobs
    assert "PULSE_MONTHLY_GB" in of(found, "10 packages").found


def test_queries_of_checks_do_not_teach_a_sync_what_it_costs(ask: Ask) -> None:
    asking = ask(Service())
    check(asking, spend=True)
    names = {entry.statement for entry in asking.budget.entries()}
    assert all(name.startswith("check_") for name in names)
    assert "check_watch_list_day_with_metadata" in names


def test_lines_are_read_in_a_hundred_characters(ask: Ask) -> None:
    found = check(ask(Service(schema=without("details.cpu"))), spend=True)
    printed = [line for one in found for line in in_columns(one).splitlines()]
    assert max(map(len, printed)) <= 100
    long = Finding("a" * 300, "b " * 300, Verdict.NOT_KNOWN)
    assert max(map(len, in_columns(long).splitlines())) <= 100
    assert "".join(in_columns(long).split()).count("b") == 300


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def environment(
    bigquery_stub: BigQueryStub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What points the command at the stub."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", bigquery_stub.url)
    monkeypatch.setenv("PULSE_BIGQUERY_PROJECT", "my-project")
    monkeypatch.setenv("PULSE_STORE", str(tmp_path / "pulse.duckdb"))
    monkeypatch.setenv("PULSE_NOW", NOW.isoformat())


@pytest.fixture
def run(environment: None, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the command as a person does."""

    def command(*arguments: str) -> tuple[int, str, str]:
        code = main(["check-bigquery", *arguments])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return command


def test_the_command_prints_findings_and_a_summary(run: Run, bigquery_stub: BigQueryStub) -> None:
    Service().stand_in(bigquery_stub)
    code, out, err = run()
    assert (code, err) == (0, "")
    assert out.splitlines()[0].split() == ["Assumption", "Found", "Verdict"]
    assert "21 hold, 0 differ, 0 not known; 0 GB ($0.00) billed." in out
    assert "--spend" in out.splitlines()[-1]
    assert not bigquery_stub.jobs


def test_the_command_spends_with_leave(
    run: Run, bigquery_stub: BigQueryStub, tmp_path: Path
) -> None:
    Service(clustering=()).stand_in(bigquery_stub)
    code, out, _ = run("--spend")
    assert code == 0
    billed = re.search(r"^33 hold, 1 differ, 0 not known; (\S+) GB", out, re.MULTILINE)
    assert billed
    assert float(billed[1]) == pytest.approx(spent(bigquery_stub) / 1e9, rel=0.01)
    entries = LedgerFile(tmp_path / "my-project.ledger").since(NOW - timedelta(days=1))
    assert sum(entry.billed or 0 for entry in entries) == spent(bigquery_stub)


@pytest.mark.parametrize(
    ("service", "code"),
    [
        (Service(schema=without("details.cpu")), 1),
        (Service(schema=without("file.project")), 0),
        (Service(partitioning=""), 0),
    ],
)
def test_the_exit_code_is_1_where_the_app_cannot_work(
    run: Run, bigquery_stub: BigQueryStub, service: Service, code: int
) -> None:
    service.stand_in(bigquery_stub)
    ended, out, err = run()
    assert ended == code
    assert "not known;" in out
    assert len(err.splitlines()) == code
    assert bool(code) == ("details.cpu is a column" in err)


def test_a_refused_statement_of_the_app_is_essential(run: Run, bigquery_stub: BigQueryStub) -> None:
    Service().stand_in(bigquery_stub)
    bigquery_stub.job_failure = lambda sql, values: (
        rest_stub.INVALID_QUERY if "details.python" in sql else None
    )
    code, out, err = run()
    assert code == 1
    assert "Unrecognized name" in out
    assert "watch_list_day" in err


def test_no_table_is_essential(run: Run, bigquery_stub: BigQueryStub) -> None:
    Service().stand_in(bigquery_stub)
    bigquery_stub.tables.clear()
    code, out, err = run()
    assert code == 1
    assert "Not found: Table" in out
    assert "PyPI's public table can be read" in err


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (rest_stub.UNAUTHENTICATED, "credentials"),
        (rest_stub.ACCESS_DENIED, "denied access to the project"),
        (rest_stub.API_DISABLED, "switched off"),
        (rest_stub.PROJECT_NOT_FOUND, "knows no project"),
    ],
    ids=lambda value: getattr(value, "reason", None),
)
def test_without_access_one_sentence_is_all(
    run: Run, bigquery_stub: BigQueryStub, failure: Failure, words: str
) -> None:
    bigquery_stub.fail_next(failure, times=10)
    code, out, err = run("--spend")
    assert code == 1
    assert out == ""
    assert len(err.splitlines()) == 1
    assert words in err


def test_the_command_asks_for_a_store_in_a_dataset_too(
    run: Run, bigquery_stub: BigQueryStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    Service().stand_in(bigquery_stub)
    monkeypatch.setenv("PULSE_STORE", "bigquery://my-project.pulse")
    code, out, _ = run()
    assert code == 0
    assert "21 hold" in out


def test_without_a_project_one_sentence_is_all(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PULSE_BIGQUERY_PROJECT")
    code, out, err = run()
    assert (code, out) == (1, "")
    assert "PULSE_BIGQUERY_PROJECT" in err


def test_bad_usage_is_2(run: Run) -> None:
    with pytest.raises(SystemExit) as ended:
        run("--spend", "2")
    assert ended.value.code == 2


def test_a_process_says_one_line_where_it_fails(
    environment: None, bigquery_stub: BigQueryStub
) -> None:
    """Without pytest's own handlers, a failure that is logged must not be printed in between."""
    Service().stand_in(bigquery_stub)
    bigquery_stub.tables.clear()
    ended = subprocess.run(
        [sys.executable, "-m", "lib", "check-bigquery"],
        check=False, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip
    assert ended.returncode == 1
    assert len(ended.stderr.splitlines()) == 1
    assert "hold, 1 differ" in ended.stdout


@pytest.fixture(scope="module")
def emulated(bigquery_emulator: str, tmp_path_factory: pytest.TempPathFactory) -> list[Finding]:
    """What all checks find before the emulator."""
    ledger = LedgerFile(tmp_path_factory.mktemp("checks") / "ledger")
    budget = Budget(ledger, 10**12, 10**12, lambda: NOW)
    client = client_of(bigquery_emulator)
    found = check(BigQuery(client, budget, who="me", most=10**9), spend=True)
    client.close()
    return found


class TestEmulator:
    """It knows no bytes: what depends on them is not known, and the rest is as in the real one."""

    def test_the_schema_holds(self, emulated: list[Finding]) -> None:
        for start in (
            "Google takes",
            "PyPI's public table",
            "Each day of timestamp",
            "It is clustered",
            "It has the 13 columns",
            "details.installer.subcommand",
        ):
            assert of(emulated, start).verdict is Verdict.HOLDS

    def test_no_bytes_are_no_verdict(self, emulated: list[Finding]) -> None:
        for start in (
            "A day has 3.5",
            "watch_list_day reads",
            "watch_list_day_with_metadata reads",
            "all_packages_day reads",
            "check_project_day reads",
            "A block sample of 1 % has",
            "partitions reads",
            "Prices do not see",
            "A query is refused",
            "INFORMATION_SCHEMA.PARTITIONS can be read",
            "A filter on project",
            "10 packages at once",
            "A block sample of 1 % is billed",
        ):
            assert of(emulated, start).verdict is Verdict.NOT_KNOWN, start

    def test_nothing_is_refused(self, emulated: list[Finding]) -> None:
        assert not [one for one in emulated if one.assumption.startswith("BigQuery takes")]


def test_a_lost_connection_ends_the_checks(
    ask: Ask, bigquery_stub: BigQueryStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lib.bigquery.asking._CALL_PATIENCE", 0.01)
    asking = ask(Service())
    bigquery_stub.fail_next(rest_stub.CONNECTION_DROPPED, times=1000, path="GET .*/tables/")
    with pytest.raises(BigQueryError, match="cannot be reached"):
        check(asking)
