"""The doubles of BigQuery do what the real service is known to do."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from google.api_core.exceptions import (
    Conflict,
    Forbidden,
    GoogleAPICallError,
    InternalServerError,
    NotFound,
    Unauthorized,
)
from google.cloud import bigquery

from tests.integration import rest_stub
from tests.integration.emulator import environment_of
from tests.integration.public_table import (
    ARROW_SCHEMA,
    FIRST_DAY,
    HOSTILE_VERSION,
    LAST_DAY,
    MEANING,
    PACKAGE_WEIGHTS,
    PUBLIC_TABLE,
    SCHEMA,
    counted,
    rows,
    table_definition,
)
from tests.integration.rest_stub import MEBIBYTE, Answer, BigQueryStub, Failure, StubTable

SQL = "SELECT project FROM downloads WHERE project = @project"
ANSWER = Answer(
    [bigquery.SchemaField(name, kind) for name, kind in (("day", "DATE"), ("downloads", "INT64"))],
    [(date(2026, 8, 29), 3), (None, 4)],
)


def config(**options: object) -> bigquery.QueryJobConfig:
    """How a statement is sent, with one parameter bound."""
    parameter = bigquery.ScalarQueryParameter("project", "STRING", "plotly")
    return bigquery.QueryJobConfig(query_parameters=[parameter], **options)


class TestRows:
    def test_are_the_same_each_time(self) -> None:
        assert rows(20_000).equals(rows(20_000))
        assert not rows(20_000).equals(rows(20_000, seed=1))

    def test_fit_the_schema(self, public_rows: pa.Table) -> None:
        public_rows.validate(full=True)
        assert public_rows.num_rows == 100_000
        assert [field.name for field in SCHEMA] == public_rows.column_names

    def test_hold_every_trap(self, public_rows: pa.Table) -> None:
        traps: Counter[str] = Counter()
        for row in public_rows.slice(0, 20_000).to_pylist():
            details, file = row["details"] or {}, row["file"]
            installer = details.get("installer")
            seconds = row["timestamp"].strftime("%H:%M:%S")
            traps += Counter(
                name
                for name, holds in {
                    "no details": row["details"] is None,
                    "no installer": bool(details) and installer is None,
                    "no name": bool(installer)
                    and installer["name"] is None
                    and installer["version"] is not None,
                    "ci": details.get("ci") is True,
                    "no ci": bool(details) and details["ci"] is None,
                    "not ci": details.get("ci") is False,
                    "metadata": file["filename"].endswith(".metadata")
                    and file["type"] == "bdist_wheel",
                    "raw name": file["project"] != row["project"],
                    "no country": row["country_code"] is None,
                    "first second": seconds == "00:00:00",
                    "last second": seconds == "23:59:59",
                    "hostile": file["version"] == HOSTILE_VERSION,
                    f"python {details.get('python')}": bool(details),
                    f"installer {installer and installer['name']}": True,
                    f"package {row['project']}": True,
                }.items()
                if holds
            )
        pythons = (None, "3.12.4", "3.9", "2.7.18", "3.13.0rc1", "3")
        expected = [
            "no details", "no installer", "no name", "ci", "no ci", "not ci", "metadata",
            "raw name", "no country", "first second", "last second", "hostile",
            *(f"python {version}" for version in pythons),
            *(f"installer {name}" for name in ("bandersnatch", "Browser", "pip", "uv")),
            *(f"package {name}" for name in PACKAGE_WEIGHTS),
        ]  # fmt: skip
        assert [name for name in expected if not traps[name]] == []

    def test_are_counted_by_what_they_mean(self) -> None:
        noon = datetime(2026, 8, 22, 12, tzinfo=UTC)
        file = {"filename": "a.whl.metadata", "project": "A", "version": "1", "type": "bdist_wheel"}
        raw = {"timestamp": noon, "country_code": None, "url": "/", "project": "a", "file": file}
        says = {"installer": {"name": None}, "python": "3.13.0rc1", "ci": False}
        table = pa.Table.from_pylist(
            [{**raw, "details": None}, {**raw, "details": says}], schema=ARROW_SCHEMA
        )
        unknown = ("unknown",) * 5
        assert counted(table, list(MEANING)) == {
            (noon.date(), "a", "1", "unknown", python, *unknown, "metadata"): 1
            for python in ("unknown", "3.13")
        }
        assert counted(table, ["ci"], packages=["a"], last=date(2026, 8, 22)).total() == 2
        assert not counted(table, ["ci"], packages=["b"])
        assert not counted(table, ["ci"], last=date(2026, 8, 21))


class TestEmulator:
    def test_holds_the_rows_of_each_day(
        self, emulator_client: bigquery.Client, public_rows: pa.Table
    ) -> None:
        found = emulator_client.query_and_wait(
            f"SELECT DATE(timestamp), COUNT(*) FROM `{PUBLIC_TABLE}` GROUP BY 1"
        )
        expected = counted(public_rows, [])
        assert {(row[0],): row[1] for row in found} == expected
        assert (min(expected)[0], max(expected)[0]) == (FIRST_DAY, LAST_DAY)

    def test_describes_the_table(self, emulator_client: bigquery.Client) -> None:
        table = emulator_client.get_table(PUBLIC_TABLE)
        assert table.schema == list(SCHEMA)
        assert table.clustering_fields == ["project"]
        assert table.time_partitioning.field == "timestamp"
        assert table.num_rows == 100_000

    def test_counts_what_was_inserted_by_a_statement(
        self, emulator_client: bigquery.Client, fresh_dataset: Callable[[], str]
    ) -> None:
        names = [fresh_dataset(), fresh_dataset()]
        assert len(set(names)) == 2
        for name in names:
            emulator_client.create_dataset(name)
            emulator_client.query_and_wait(f"CREATE TABLE {name}.t (downloads INT64)")
            emulator_client.query_and_wait(f"INSERT INTO {name}.t (downloads) VALUES (1), (2)")
            [[downloads]] = emulator_client.query_and_wait(f"SELECT COUNT(*) FROM {name}.t")
            assert downloads == 2

    def test_is_reached_from_another_process(self, bigquery_emulator: str) -> None:
        code = (
            "from google.auth.credentials import AnonymousCredentials as Anonymous\n"
            "from google.cloud.bigquery import Client\n"
            "client = Client(credentials=Anonymous())\n"
            f"print(client.project, client.get_table('{PUBLIC_TABLE}').num_rows)"
        )
        run = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, **environment_of(bigquery_emulator)},
            capture_output=True, text=True, check=True, timeout=60,
        )  # fmt: skip
        assert run.stdout.split() == ["mine", "100000"]

    def test_says_nothing(
        self, emulator_client: bigquery.Client, capfd: pytest.CaptureFixture[str]
    ) -> None:
        with pytest.raises(NotFound):
            emulator_client.get_table("mine.none.none")
        assert capfd.readouterr() == ("", "")


class TestPrices:
    def test_a_dry_run_names_the_estimate(
        self, bigquery_stub: BigQueryStub, stub_client: bigquery.Client
    ) -> None:
        bigquery_stub.estimate = lambda sql, values: len(sql) * len(values["project"] or "")
        job = stub_client.query(SQL, job_config=config(dry_run=True, use_query_cache=False))
        assert job.total_bytes_processed == len(SQL) * len("plotly")
        assert job.state == "DONE"
        assert [run.sql for run in bigquery_stub.dry_runs] == [SQL]
        assert bigquery_stub.jobs == {}

    def test_what_is_billed_is_rounded_up_or_said(
        self, bigquery_stub: BigQueryStub, stub_client: bigquery.Client
    ) -> None:
        bigquery_stub.estimate = lambda sql, values: 20 * MEBIBYTE + 1
        rounded = stub_client.query(SQL, job_config=config())
        rounded.result()
        assert rounded.total_bytes_billed == 21 * MEBIBYTE
        bigquery_stub.billed = lambda sql, values: 7
        said = stub_client.query(SQL, job_config=config())
        said.result()
        assert said.total_bytes_billed == 7
        assert said.total_bytes_processed == 20 * MEBIBYTE + 1

    def test_a_cap_below_the_rounded_estimate_fails(
        self, bigquery_stub: BigQueryStub, stub_client: bigquery.Client
    ) -> None:
        estimate = 20 * MEBIBYTE + 1
        bigquery_stub.estimate = lambda sql, values: estimate
        job = stub_client.query(SQL, job_config=config(maximum_bytes_billed=estimate))
        with pytest.raises(InternalServerError) as caught:
            job.result()
        assert (caught.value.code, caught.value.errors[0]["reason"]) == (
            500, "bytesBilledLimitExceeded",
        )  # fmt: skip
        assert bigquery_stub.jobs[job.job_id].billed == 0
        with pytest.raises(InternalServerError, match="higher required"):
            stub_client.query_and_wait(SQL, job_config=config(maximum_bytes_billed=estimate))
        stub_client.query(SQL, job_config=config(maximum_bytes_billed=21 * MEBIBYTE)).result()


class TestAnswers:
    def test_come_as_rows_and_as_arrow(
        self, bigquery_stub: BigQueryStub, stub_client: bigquery.Client
    ) -> None:
        bigquery_stub.answer = lambda sql, values: ANSWER
        waited = stub_client.query_and_wait(SQL, job_config=config())
        assert [tuple(row) for row in waited] == ANSWER.rows
        job = stub_client.query(SQL, job_config=config())
        paged = job.result(page_size=1)
        assert [tuple(row) for row in paged] == ANSWER.rows
        table = job.result().to_arrow(create_bqstorage_client=False)
        assert pc.sum(table["downloads"]).as_py() == 7

    def test_of_every_type(self, bigquery_stub: BigQueryStub, stub_client: bigquery.Client) -> None:
        values = (True, datetime(2026, 11, 19, 1, 2, 3, 4, UTC), 0.5, ["a", "b"], "ü")
        kinds = ("BOOL", "TIMESTAMP", "FLOAT64", "STRING", "STRING")
        schema = [
            bigquery.SchemaField(f"c{number}", kind, "REPEATED" if number == 3 else "NULLABLE")
            for number, kind in enumerate(kinds)
        ]
        bigquery_stub.answer = lambda sql, values_: Answer(schema, [values])
        assert [tuple(row) for row in stub_client.query_and_wait(SQL)] == [values]
        assert [tuple(row) for row in stub_client.query(SQL).result()] == [values]

    def test_of_a_statement_that_changes_rows(
        self, bigquery_stub: BigQueryStub, stub_client: bigquery.Client
    ) -> None:
        bigquery_stub.answer = lambda sql, values: Answer(rows_changed=5)
        job = stub_client.query("DELETE FROM t WHERE TRUE")
        assert list(job.result()) == []
        assert (job.statement_type, job.num_dml_affected_rows) == ("DELETE", 5)

    def test_everything_received_is_kept(
        self, bigquery_stub: BigQueryStub, stub_client: bigquery.Client
    ) -> None:
        days = bigquery.ArrayQueryParameter("days", "DATE", [date(2026, 11, 19)])
        labels = {"app": "pulse"}
        job = stub_client.query(
            SQL, bigquery.QueryJobConfig(query_parameters=[days], labels=labels), job_id_prefix="p_"
        )
        received = bigquery_stub.jobs[job.job_id]
        assert received.values == {"days": ["2026-11-19"]}
        assert received.labels == labels
        assert received.maximum_bytes_billed is None
        assert [(request.method, request.path) for request in bigquery_stub.requests] == [
            ("POST", "projects/mine/jobs")
        ]

    def test_a_table_is_described_and_listed(
        self, bigquery_stub: BigQueryStub, stub_client: bigquery.Client
    ) -> None:
        modified = datetime(2026, 11, 20, 1, 30, tzinfo=UTC)
        bigquery_stub.tables[PUBLIC_TABLE] = StubTable(table_definition(), 10**12, modified)
        table = stub_client.get_table(PUBLIC_TABLE)
        assert (table.num_rows, table.modified) == (10**12, modified)
        assert table.clustering_fields == ["project"]
        assert table.time_partitioning.field == "timestamp"
        small = bigquery.Table("mine.pulse.days", schema=ANSWER.schema)
        bigquery_stub.tables["mine.pulse.days"] = StubTable(small, 2, modified, ANSWER.rows)
        listed = stub_client.list_rows("mine.pulse.days", ANSWER.schema, page_size=1)
        assert [tuple(row) for row in listed] == ANSWER.rows
        with pytest.raises(NotFound):
            stub_client.get_table("mine.pulse.none")


class TestFailures:
    @pytest.mark.parametrize(
        ("failure", "error"),
        [
            (rest_stub.ACCESS_DENIED, Forbidden),
            (rest_stub.API_DISABLED, Forbidden),
            (rest_stub.BILLING_DISABLED, Forbidden),
            (rest_stub.QUOTA_EXCEEDED, Forbidden),
            (rest_stub.PROJECT_NOT_FOUND, NotFound),
            (rest_stub.DATASET_NOT_FOUND, NotFound),
        ],
        ids=lambda value: getattr(value, "reason", None),
    )
    def test_that_stay_are_raised(
        self,
        bigquery_stub: BigQueryStub,
        stub_client: bigquery.Client,
        failure: Failure,
        error: type[Exception],
    ) -> None:
        bigquery_stub.fail_next(failure)
        with pytest.raises(error, match=failure.message) as caught:
            stub_client.query(SQL, job_config=config())
        assert caught.value.errors[0]["reason"] == failure.reason
        assert len(bigquery_stub.requests) == 1

    def test_without_authentication_the_client_asks_three_times(
        self, bigquery_stub: BigQueryStub, stub_client: bigquery.Client
    ) -> None:
        bigquery_stub.fail_next(rest_stub.UNAUTHENTICATED, times=3)
        with pytest.raises(Unauthorized):
            stub_client.query(SQL, job_config=config())
        assert len(bigquery_stub.requests) == 3

    @pytest.mark.parametrize(
        "failure",
        [
            rest_stub.RATE_LIMIT_EXCEEDED,
            rest_stub.INTERNAL_ERROR,
            rest_stub.BACKEND_ERROR,
            rest_stub.CONNECTION_DROPPED,
        ],
        ids=lambda failure: failure.reason or "connection",
    )
    def test_that_pass_are_tried_again_by_the_client(
        self, bigquery_stub: BigQueryStub, stub_client: bigquery.Client, failure: Failure
    ) -> None:
        bigquery_stub.fail_next(failure, path="POST .*/jobs$")
        stub_client.query(SQL, job_config=config()).result()
        assert [request.method for request in bigquery_stub.requests][:2] == ["POST", "POST"]
        assert len(bigquery_stub.jobs) == 1

    def test_a_lost_response_leaves_a_job_that_is_found_by_its_id(
        self, bigquery_stub: BigQueryStub, stub_client: bigquery.Client
    ) -> None:
        bigquery_stub.fail_next(rest_stub.CONNECTION_DROPPED, processed=True)
        with pytest.raises(Conflict):
            stub_client.query(SQL, job_config=config(), job_id="mine_1", job_retry=None)
        assert stub_client.get_job("mine_1").state == "DONE"
        assert list(bigquery_stub.jobs) == ["mine_1"]

    def test_of_a_job_and_of_its_dry_run(
        self, bigquery_stub: BigQueryStub, stub_client: bigquery.Client
    ) -> None:
        bigquery_stub.job_failure = lambda sql, values: rest_stub.INVALID_QUERY
        message = "Unrecognized name"
        with pytest.raises(GoogleAPICallError, match=message):
            stub_client.query(SQL, job_config=config()).result()
        with pytest.raises(GoogleAPICallError, match=message):
            stub_client.query(SQL, job_config=config(dry_run=True))


class TestSlowJobs:
    @pytest.mark.parametrize("slowness", [{"running_polls": 3}, {"running_seconds": 0.1}])
    def test_are_waited_for(
        self,
        bigquery_stub: BigQueryStub,
        stub_client: bigquery.Client,
        slowness: Mapping[str, float],
    ) -> None:
        for name, value in slowness.items():
            setattr(bigquery_stub, name, value)
        bigquery_stub.answer = lambda sql, values: ANSWER
        job = stub_client.query(SQL, job_config=config())
        assert job.state == "RUNNING"
        assert [tuple(row) for row in job.result()] == ANSWER.rows
        waited: Sequence[bigquery.Row] = list(stub_client.query_and_wait(SQL, job_config=config()))
        assert [tuple(row) for row in waited] == ANSWER.rows

    def test_time_out_and_are_canceled(
        self, bigquery_stub: BigQueryStub, stub_client: bigquery.Client
    ) -> None:
        bigquery_stub.running_seconds = 60
        job = stub_client.query(SQL, job_config=config())
        with pytest.raises(TimeoutError):
            job.result(timeout=0.1)
        assert not bigquery_stub.jobs[job.job_id].is_done
        job.cancel()
        assert bigquery_stub.jobs[job.job_id].canceled
        with pytest.raises(GoogleAPICallError) as caught:
            job.result(timeout=5)
        assert (caught.value.code, caught.value.errors[0]["reason"]) == (200, "stopped")

    def test_are_found_by_another_client(
        self, bigquery_stub: BigQueryStub, stub_client: bigquery.Client
    ) -> None:
        bigquery_stub.running_seconds = 0.1
        bigquery_stub.answer = lambda sql, values: ANSWER
        stub_client.query(
            SQL, job_config=config(labels={"run": "1"}), job_id="mine_1", job_retry=None
        )
        later = stub_client.get_job("mine_1")
        assert (later.state, later.labels) == ("RUNNING", {"run": "1"})
        assert [tuple(row) for row in later.result()] == ANSWER.rows
        assert stub_client.get_job("mine_1").total_bytes_billed == 10 * MEBIBYTE
        with pytest.raises(NotFound):
            stub_client.get_job("mine_2")
