"""Asking BigQuery: priced before, paid for once, written down, and every failure in one sentence.

The real client speaks to a stub of the REST API. The pauses that the client itself makes between
repeats pass on a clock of the test's own.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)
from google.api_core.retry import retry_base, retry_unary
from google.auth import exceptions as auth
from google.cloud import bigquery

from lib.bigquery import PaidStatement
from lib.bigquery.asking import Answered, BigQuery
from lib.bigquery.connection import connect, storage_client
from lib.bigquery.failures import in_words
from lib.budget import Budget, Entry, Estimate, LedgerFile
from lib.errors import BigQueryError, OverBudget
from lib.settings import GIGABYTE, Settings
from tests.integration import rest_stub
from tests.integration.emulator import client_of
from tests.integration.rest_stub import (
    BACKEND_ERROR,
    CONNECTION_DROPPED,
    INVALID_QUERY,
    MEBIBYTE,
    RATE_LIMIT_EXCEEDED,
    Answer,
    BigQueryStub,
    Failure,
    StubTable,
)

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)

DAY = PaidStatement(
    "watch_list_day",
    "SELECT project, COUNT(*) AS downloads FROM `bigquery-public-data.pypi.file_downloads` "
    "WHERE timestamp >= TIMESTAMP(@day) "
    "AND timestamp < TIMESTAMP(DATE_ADD(@day, INTERVAL 1 DAY)) "
    "AND project IN UNNEST(@packages) GROUP BY 1",
    {"day": date(2026, 11, 19), "packages": ("numpy", "pandas")},
    clustered=True,
)

RESUMABLE = replace(DAY, resumable=True)

ROWS = Answer(
    [
        bigquery.SchemaField("project", "STRING"),
        bigquery.SchemaField("downloads", "INTEGER"),
    ],
    [("numpy", 7), ("pandas", 5)],
)

DRY_RUN_OR_INSERT = r"^POST projects/mine/jobs$"


@dataclass
class Clock:
    """The time of the ledger, which stands still, and that of pauses, which pass at once."""

    now: datetime = NOON
    passed: float = 0.0
    pauses: list[float] = field(default_factory=list)

    def monotonic(self) -> float:
        return self.passed

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.passed += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    for module in (retry_base, retry_unary):
        monkeypatch.setattr(module, "time", clock)
    return clock


@pytest.fixture
def ledger(tmp_path: Path) -> LedgerFile:
    return LedgerFile(tmp_path / "pulse.duckdb.ledger")


@dataclass
class Asking:
    """BigQuery as one process asks it, and what it left behind."""

    stub: BigQueryStub
    bigquery: BigQuery
    ledger: LedgerFile
    pauses: list[float]

    def run(self, statement: PaidStatement = DAY) -> Answered:
        return self.bigquery.run(statement)

    def failing(self, statement: PaidStatement = DAY) -> str:
        """The sentence that a failed run ends with."""
        with pytest.raises(BigQueryError) as failed:
            self.bigquery.run(statement)
        return str(failed.value)

    @property
    def lines(self) -> tuple[Entry, ...]:
        return self.ledger.since(NOON - timedelta(days=400))

    @property
    def sent(self) -> list[str]:
        """The statements sent to be paid for."""
        return [job.sql for job in self.stub.jobs.values()]


NewProcess = Callable[..., Asking]


@pytest.fixture
def new_process(
    bigquery_stub: BigQueryStub, ledger: LedgerFile, clock: Clock
) -> Iterator[NewProcess]:
    clients = []
    bigquery_stub.answer = lambda sql, values: ROWS
    bigquery_stub.estimate = lambda sql, values: 40 * MEBIBYTE + 1

    def make(monthly: int = 900 * GIGABYTE, query: int = 500 * GIGABYTE, **options: Any) -> Asking:
        clients.append(client_of(bigquery_stub.url))
        pauses: list[float] = []
        budget = Budget(ledger, monthly, query, lambda: clock.now)
        asking = BigQuery(clients[-1], budget, who="Anna@Home", sleep=pauses.append, **options)
        return Asking(bigquery_stub, asking, ledger, pauses)

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def asking(new_process: NewProcess) -> Asking:
    return new_process()


class TestAQuery:
    def test_is_priced_before_it_is_sent_and_that_costs_nothing(self, asking: Asking) -> None:
        estimate = asking.bigquery.estimate(DAY)
        assert estimate == Estimate(40 * MEBIBYTE + 1, upper_bound=True, tables=1)
        assert estimate.words == "up to 0.0419 GB (under $0.01), an upper bound"
        assert (asking.sent, asking.lines) == ([], ())
        asking.run()
        inserted = [r.body["configuration"].get("dryRun", False) for r in asking.stub.requests
                    if re.search(DRY_RUN_OR_INSERT, f"{r.method} {r.path}")]  # fmt: skip
        assert inserted == [True, True, False]

    def test_whose_table_is_not_clustered_has_an_exact_price(self, asking: Asking) -> None:
        assert not asking.bigquery.estimate(replace(DAY, clustered=False)).upper_bound

    def test_is_sent_with_its_cap_its_labels_and_its_values(self, asking: Asking) -> None:
        asking.run()
        [dry_run], [job] = asking.stub.dry_runs, asking.stub.jobs.values()
        assert dry_run.maximum_bytes_billed is None
        assert job.maximum_bytes_billed == Estimate(40 * MEBIBYTE + 1, True).cap == 51 * MEBIBYTE
        labels = {"app": "pypi-pulse", "statement": "watch_list_day", "who": "anna-home"}
        assert job.labels == dry_run.labels == labels
        assert job.values == dry_run.values
        assert job.values == {"day": "2026-11-19", "packages": ["numpy", "pandas"]}
        assert job.configuration["query"]["useQueryCache"] is False

    def test_is_answered_with_its_rows_and_its_price(self, asking: Asking) -> None:
        answered = asking.run()
        assert answered.table().to_pylist() == [
            {"project": "numpy", "downloads": 7},
            {"project": "pandas", "downloads": 5},
        ]
        assert (answered.billed, answered.asked_at) == (41 * MEBIBYTE, NOON)
        assert asking.bigquery.billed == 41 * MEBIBYTE

    def test_gives_its_rows_a_part_at_a_time(self, asking: Asking) -> None:
        parts = list(asking.run().batches())
        assert [row for part in parts for row in part.to_pylist()][1]["project"] == "pandas"

    def test_that_changes_rows_has_none(self, asking: Asking) -> None:
        asking.stub.answer = lambda sql, values: Answer(rows_changed=3)
        delete = PaidStatement(
            "delete", "DELETE FROM `mine.pulse.cube_day_all` WHERE period = @day",
            {"day": date(2026, 11, 19)},
        )  # fmt: skip
        assert asking.run(delete).table().num_rows == 0
        assert sum(part.num_rows for part in asking.run(delete).batches()) == 0

    def test_stands_in_the_ledger_while_it_runs_and_is_settled_after(self, asking: Asking) -> None:
        seen: list[Entry] = []

        def answer(sql: str, values: object) -> Answer:
            # A dry run is answered too, before anything is written down.
            seen.extend(asking.lines)
            return ROWS

        asking.stub.answer = answer
        asking.run()
        [while_it_ran], [after] = seen, asking.lines
        assert while_it_ran == replace(after, billed=None)
        assert while_it_ran.counted == 51 * MEBIBYTE
        assert (after.billed, after.counted) == (41 * MEBIBYTE, 41 * MEBIBYTE)
        [job] = asking.stub.jobs.values()
        assert re.fullmatch(r"[0-9a-f]{64}", after.sql_hash)
        assert after == Entry(
            job.id, "watch_list_day", "Anna@Home", "mine", NOON, 40 * MEBIBYTE + 1, True,
            51 * MEBIBYTE, after.sql_hash, 41 * MEBIBYTE,
        )  # fmt: skip

    def test_of_other_values_has_another_hash(self, asking: Asking) -> None:
        asking.run()
        asking.run()
        asking.run(replace(DAY, values={**DAY.values, "day": date(2026, 11, 18)}))
        hashes = [line.sql_hash for line in asking.lines]
        assert hashes[1] == hashes[2] != hashes[0]

    def test_without_bounds_is_not_even_priced(self, asking: Asking) -> None:
        unbounded = replace(DAY, sql=DAY.sql.split("WHERE")[0])
        assert "must name its first and last day" in asking.failing(unbounded)
        with pytest.raises(BigQueryError, match="must name its first and last day"):
            asking.bigquery.estimate(unbounded)
        assert asking.stub.requests == []


class TestTheBudget:
    def test_lets_nothing_be_sent_that_the_month_cannot_pay(self, new_process: NewProcess) -> None:
        asking = new_process(monthly=51 * MEBIBYTE - 1)
        with pytest.raises(OverBudget, match=r"It was not sent.*PULSE_MONTHLY_GB"):
            asking.run()
        assert (asking.sent, asking.lines, len(asking.stub.dry_runs)) == ([], (), 1)

    def test_lets_nothing_be_sent_above_the_cap_of_one_query(self, new_process: NewProcess) -> None:
        asking = new_process(query=40 * MEBIBYTE)
        with pytest.raises(OverBudget, match=r"up to .* It was not sent.*PULSE_QUERY_GB"):
            asking.run()
        assert (asking.sent, asking.lines) == ([], ())

    def test_counts_what_was_billed_before(self, new_process: NewProcess) -> None:
        asking = new_process(monthly=100 * MEBIBYTE)
        asking.run()
        asking.run()
        with pytest.raises(OverBudget, match="It was not sent"):
            new_process(monthly=100 * MEBIBYTE).run()
        assert len(asking.sent) == 2

    def test_of_one_command_lets_nothing_more_be_sent(self, new_process: NewProcess) -> None:
        asking = new_process(most=60 * MEBIBYTE)
        asking.run()
        with pytest.raises(OverBudget) as refused:
            asking.run()
        assert str(refused.value) == (
            "The next query may read 0.0419 GB (under $0.01), which with the 0.043 GB (under "
            "$0.01) billed before is more than --max-gb allows. That is an upper bound: BigQuery "
            "can skip what belongs to other packages, but does not promise to. It was not sent; "
            "what was fetched before is kept."
        )
        assert len(asking.sent) == len(asking.lines) == 1

    def test_of_one_command_counts_what_may_yet_be_billed(self, new_process: NewProcess) -> None:
        asking = new_process(most=60 * MEBIBYTE, patience=0.05)
        asking.stub.running_seconds = 60
        asking.stub.fail_next(INVALID_QUERY, path="cancel")
        asking.failing()
        asking.stub.running_seconds = 0
        with pytest.raises(OverBudget, match="--max-gb"):
            asking.run()


@dataclass(frozen=True)
class Fault:
    """What goes wrong at BigQuery, and words that the sentence about it must hold."""

    happen: Callable[[BigQueryStub], None]
    words: str


def refused(failure: Failure, times: int = 1) -> Callable[[BigQueryStub], None]:
    """Every request is answered with a failure."""
    return lambda stub: stub.fail_next(failure, times)


def not_sent(failure: Failure, times: int = 1) -> Callable[[BigQueryStub], None]:
    """The price is told, and then the query itself is refused."""

    def happen(stub: BigQueryStub) -> None:
        stub.estimate = lambda sql, values: stub.fail_next(failure, times) or 40 * MEBIBYTE + 1

    return happen


def failed(failure: Failure) -> Callable[[BigQueryStub], None]:
    """The query is taken, and then fails."""

    def happen(stub: BigQueryStub) -> None:
        stub.job_failure = lambda sql, values: failure if stub.dry_runs else None

    return happen


def grown(stub: BigQueryStub) -> None:
    """The table is greater when the query comes than it was when it was priced."""
    stub.estimate = lambda sql, values: (1 + len(stub.dry_runs)) * 40 * MEBIBYTE


def problem(status: int, reason: str, message: str) -> Failure:
    return Failure(status, reason, message)


WRONG_ID = problem(400, "invalid", "Invalid project ID 'mine'. Project IDs must contain 6-63 ...")

LOCATION = "was not found in location US"

ALWAYS = 1000

FAULTS: Mapping[str, Fault] = {
    "wrong project": Fault(
        refused(rest_stub.PROJECT_NOT_FOUND), "no project mine. Correct PULSE_BIGQUERY_PROJECT"
    ),
    "a project's name and not its id": Fault(refused(WRONG_ID), "Correct PULSE_BIGQUERY_PROJECT"),
    "API disabled": Fault(
        refused(rest_stub.API_DISABLED),
        "`gcloud services enable bigquery.googleapis.com --project mine`",
    ),
    "access denied": Fault(refused(rest_stub.ACCESS_DENIED), "the roles BigQuery Job User"),
    "access denied after the price": Fault(not_sent(rest_stub.ACCESS_DENIED), "denied access"),
    "credentials refused": Fault(
        refused(rest_stub.UNAUTHENTICATED, ALWAYS), "`gcloud auth application-default login`"
    ),
    "no billing account": Fault(refused(rest_stub.BILLING_DISABLED), "no billing account"),
    "quota used up": Fault(refused(rest_stub.QUOTA_EXCEEDED), "A quota of the project mine"),
    "quota used up after the price": Fault(not_sent(rest_stub.QUOTA_EXCEEDED), "A quota of"),
    "quota used up while it ran": Fault(failed(rest_stub.QUOTA_EXCEEDED), "A quota of the project"),
    "dataset missing": Fault(
        refused(problem(404, "notFound", f"Not found: Dataset mine:pulse {LOCATION}")),
        "no such dataset in the location US",
    ),
    "table missing": Fault(
        refused(problem(404, "notFound", f"Not found: Table mine:pulse.cube_day_all {LOCATION}")),
        "A table is missing",
    ),
    "statement refused": Fault(refused(INVALID_QUERY), "The log says what it answered"),
    "cap reached": Fault(grown, "more than its cap"),
    "too large": Fault(
        failed(problem(403, "responseTooLarge", "Response too large to return.")), "too large"
    ),
    "canceled by another": Fault(
        failed(problem(499, "stopped", "Job execution was cancelled")), "canceled before its end"
    ),
    "overloaded for long": Fault(refused(BACKEND_ERROR, ALWAYS), "overloaded or out of order"),
    "out of order for long": Fault(
        refused(problem(500, "", "Internal Server Error"), ALWAYS), "overloaded or out of order"
    ),
    "rate limit for long": Fault(refused(RATE_LIMIT_EXCEEDED, ALWAYS), "overloaded or out of"),
    "query fails for long": Fault(failed(BACKEND_ERROR), "overloaded or out of order"),
    "no network": Fault(refused(CONNECTION_DROPPED, ALWAYS), "cannot be reached from here"),
    "network lost after the price": Fault(
        not_sent(CONNECTION_DROPPED, ALWAYS), "cannot be reached from here"
    ),
}


class TestAFault:
    @pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
    def test_ends_in_one_sentence_that_says_what_to_do(self, asking: Asking, fault: Fault) -> None:
        fault.happen(asking.stub)
        sentence = asking.failing()
        assert fault.words in sentence
        assert not re.search(r"https?://|Traceback|\b[45]\d\d\b|pulse_watch|SELECT", sentence)

    @pytest.mark.parametrize("name", FAULTS)
    def test_leaves_no_line_that_counts_where_nothing_was_billed(
        self, asking: Asking, name: str
    ) -> None:
        FAULTS[name].happen(asking.stub)
        asking.failing()
        if name == "network lost after the price":
            assert [line.billed for line in asking.lines] == [None]
        else:
            assert {line.billed for line in asking.lines} <= {0}
            assert asking.bigquery.budget.spent() == 0

    def test_of_a_table_or_its_rows_ends_in_the_same_sentences(self, asking: Asking) -> None:
        for ask in (asking.bigquery.table, asking.bigquery.rows):
            asking.stub.fail_next(rest_stub.ACCESS_DENIED)
            with pytest.raises(BigQueryError, match="Google denied access"):
                ask("mine.pulse.coverage")
            with pytest.raises(BigQueryError, match="A table is missing"):
                ask("mine.pulse.coverage")

    def test_while_rows_are_fetched_ends_in_a_sentence(self, asking: Asking) -> None:
        for fetch in (Answered.table, lambda answered: list(Answered.batches(answered))):
            answered = asking.run()
            answered._rows._first_page_response = None
            asking.stub.fail_next(rest_stub.ACCESS_DENIED, path="^GET .*queries")
            with pytest.raises(BigQueryError, match="Google denied access"):
                fetch(answered)

    def test_is_told_in_full_to_the_log_alone(
        self, asking: Asking, caplog: pytest.LogCaptureFixture
    ) -> None:
        asking.stub.job_failure = lambda sql, values: INVALID_QUERY
        assert "projct" not in asking.failing()
        assert "Unrecognized name: projct" in caplog.text

    def test_of_renewing_credentials_ends_in_a_sentence(self) -> None:
        revoked = auth.RefreshError("invalid_grant: Token has been expired or revoked.")
        assert "did not accept the credentials" in str(in_words(revoked, "mine"))
        unreachable = auth.TransportError("Failed to resolve oauth2.googleapis.com")
        assert "cannot be reached" in str(in_words(unreachable, "mine"))
        passing = auth.RefreshError("internal_failure", retryable=True)
        assert "overloaded or out of order" in str(in_words(passing, "mine"))


PASSING = {
    "503": BACKEND_ERROR,
    "500": problem(500, "internalError", "An internal error occurred."),
    "429": problem(429, "rateLimitExceeded", "Too many requests"),
    "rate limit": RATE_LIMIT_EXCEEDED,
    "backend error": rest_stub.INTERNAL_ERROR,
}


class TestAPassingFault:
    @pytest.mark.parametrize("failure", PASSING.values(), ids=PASSING.keys())
    def test_of_a_query_is_tried_again_after_growing_pauses(
        self, asking: Asking, failure: Failure
    ) -> None:
        asking.stub.job_failure = lambda sql, values: (
            failure if asking.stub.dry_runs and len(asking.stub.jobs) < 3 else None
        )
        assert asking.run().billed == 41 * MEBIBYTE
        assert [line.billed for line in asking.lines] == [41 * MEBIBYTE, 0, 0, 0]
        assert len(asking.pauses) == 3
        assert asking.pauses == sorted(asking.pauses)
        assert 1 <= asking.pauses[0] <= 2
        assert len({line.job for line in asking.lines}) == 4

    @pytest.mark.parametrize("failure", PASSING.values(), ids=PASSING.keys())
    def test_of_a_call_is_repeated_by_the_client_and_sends_one_query(
        self, asking: Asking, clock: Clock, failure: Failure
    ) -> None:
        for path in (DRY_RUN_OR_INSERT, "^GET .*/jobs/", "^GET .*/queries/"):
            asking.stub.fail_next(failure, 3, path=path)
        assert asking.run().billed == 41 * MEBIBYTE
        assert (len(asking.sent), len(asking.lines), asking.pauses) == (1, 1, [])
        assert len(clock.pauses) >= 3

    def test_is_tried_five_times_and_no_more(self, asking: Asking) -> None:
        asking.stub.job_failure = lambda sql, values: (
            BACKEND_ERROR if asking.stub.dry_runs else None
        )
        assert "several attempts failed" in asking.failing()
        assert (len(asking.sent), len(asking.pauses)) == (5, 4)

    def test_of_the_service_alone_ends_within_minutes(self, asking: Asking, clock: Clock) -> None:
        asking.stub.fail_next(BACKEND_ERROR, ALWAYS)
        asking.failing()
        assert clock.passed <= 60

    def test_that_hides_a_query_which_was_taken_does_not_send_it_again(
        self, asking: Asking
    ) -> None:
        asking.bigquery.estimate(DAY)
        path = DRY_RUN_OR_INSERT

        def estimate(sql: str, values: object) -> int:
            if len(asking.stub.dry_runs) == 1:
                asking.stub.fail_next(BACKEND_ERROR, ALWAYS, path=path, processed=True)
            return 40 * MEBIBYTE + 1

        asking.stub.estimate = estimate
        sentence = asking.failing(RESUMABLE)
        assert "overloaded or out of order" in sentence
        assert asking.pauses == []
        asking.stub._failures.clear()
        asking.run(RESUMABLE)
        assert len(asking.sent) == len(asking.lines) == 1
        assert [line.billed for line in asking.lines] == [41 * MEBIBYTE]

    def test_of_the_cap_is_not_tried_again(self, asking: Asking) -> None:
        grown(asking.stub)
        assert "Try again." in asking.failing()
        assert (len(asking.sent), asking.pauses) == (1, [])
        assert [line.billed for line in asking.lines] == [0]

    def test_while_a_query_is_waited_for_leaves_it_open_and_sends_no_other(
        self, asking: Asking
    ) -> None:
        asking.stub.running_polls = 10**6
        asking.stub.fail_next(BACKEND_ERROR, ALWAYS, path="^GET ")
        assert "try again in some minutes" in asking.failing()
        assert [line.billed for line in asking.lines] == [None]
        assert (len(asking.sent), asking.pauses) == (1, [])

    def test_of_credentials_while_a_query_is_waited_for_leaves_it_open(
        self, asking: Asking
    ) -> None:
        asking.stub.running_polls = 10**6
        asking.stub.fail_next(rest_stub.UNAUTHENTICATED, ALWAYS, path="^GET ")
        assert "did not accept the credentials" in asking.failing()
        assert [line.billed for line in asking.lines] == [None]


class TestASlowQuery:
    def test_is_waited_for(self, asking: Asking) -> None:
        asking.stub.running_polls = 4
        assert asking.run().table().num_rows == 2

    def test_is_canceled_when_patience_ends_and_its_price_is_written_down(
        self, new_process: NewProcess
    ) -> None:
        asking = new_process(patience=0.05)
        asking.stub.running_seconds = 60
        assert asking.failing() == (
            "BigQuery did not answer within 0 seconds, and the query was canceled; what it had "
            "read by then may be billed. Try again later, or ask for less."
        )
        [job] = asking.stub.jobs.values()
        assert job.canceled
        assert [line.billed for line in asking.lines] == [job.billed]
        assert asking.bigquery.billed == job.billed

    def test_that_cannot_be_canceled_stays_open(self, new_process: NewProcess) -> None:
        asking = new_process(patience=0.05)
        asking.stub.running_seconds = 0.3
        asking.stub.fail_next(CONNECTION_DROPPED, ALWAYS, path="/cancel$")
        assert "did not answer" in asking.failing()
        assert [line.billed for line in asking.lines] == [None]
        asking.stub.running_seconds = 0
        [job] = asking.stub.jobs.values()
        job.seconds = 0
        asking.bigquery.settle_unfinished()
        assert [line.billed for line in asking.lines] == [41 * MEBIBYTE]


class TestALostConnection:
    def test_leaves_a_line_that_is_closed_when_its_end_is_known(self, asking: Asking) -> None:
        asking.stub.fail_next(CONNECTION_DROPPED, ALWAYS, path="^GET ")
        asking.stub.running_polls = 1
        assert "cannot be reached" in asking.failing()
        assert [line.billed for line in asking.lines] == [None]
        assert asking.bigquery.budget.spent() == 51 * MEBIBYTE
        asking.stub._failures.clear()
        asking.bigquery.settle_unfinished()
        assert [line.billed for line in asking.lines] == [41 * MEBIBYTE]
        assert asking.bigquery.billed == 41 * MEBIBYTE

    def test_before_bigquery_had_the_query_costs_nothing_in_the_end(
        self, asking: Asking, clock: Clock
    ) -> None:
        not_sent(CONNECTION_DROPPED, ALWAYS)(asking.stub)
        assert "cannot be reached" in asking.failing()
        asking.stub._failures.clear()
        # Another process may be about to send it: a young line is not closed.
        asking.bigquery.settle_unfinished()
        assert [line.billed for line in asking.lines] == [None]
        clock.now += timedelta(minutes=6)
        asking.bigquery.settle_unfinished()
        assert [line.billed for line in asking.lines] == [0]

    def test_leaves_a_line_open_though_the_query_is_not_there_yet(self, asking: Asking) -> None:
        asking.stub.estimate = lambda sql, values: (
            asking.stub.fail_next(CONNECTION_DROPPED, ALWAYS, path="^POST ") or MEBIBYTE
        )
        assert "cannot be reached" in asking.failing()
        assert [line.billed for line in asking.lines] == [None]

    def test_after_bigquery_had_the_query_takes_it_up(self, asking: Asking) -> None:
        def lose(sql: str, values: object) -> int:
            asking.stub.fail_next(CONNECTION_DROPPED, path=DRY_RUN_OR_INSERT, processed=True)
            return 40 * MEBIBYTE + 1

        asking.bigquery.estimate(DAY)
        estimate = asking.stub.estimate
        asking.stub.estimate = lambda sql, values: (
            lose(sql, values) if len(asking.stub.dry_runs) == 1 else estimate(sql, values)
        )
        assert asking.run().billed == 41 * MEBIBYTE
        inserts = [r for r in asking.stub.requests if r.path == "projects/mine/jobs"]
        assert len(inserts) == 4
        assert (len(asking.sent), len(asking.lines)) == (1, 1)

    def test_to_a_query_that_is_hidden_for_a_moment_takes_it_up_too(self, asking: Asking) -> None:
        missing = problem(404, "notFound", "Not found: Job mine:US.pulse")
        first = True

        def estimate(sql: str, values: object) -> int:
            nonlocal first
            if first:
                first = False
                asking.stub.fail_next(CONNECTION_DROPPED, path=DRY_RUN_OR_INSERT, processed=True)
                asking.stub.fail_next(missing, 2, path="^GET .*/jobs/")
            return 40 * MEBIBYTE + 1

        asking.bigquery.estimate(DAY)
        asking.stub.estimate = estimate
        assert asking.run().billed == 41 * MEBIBYTE
        assert (len(asking.sent), len(asking.lines)) == (1, 1)

    def test_to_a_query_that_may_not_be_looked_at_leaves_its_line_open(
        self, asking: Asking
    ) -> None:
        seen: list[str] = []

        def estimate(sql: str, values: object) -> int:
            if not seen:
                seen.append(sql)
                asking.stub.fail_next(CONNECTION_DROPPED, path=DRY_RUN_OR_INSERT, processed=True)
                asking.stub.fail_next(rest_stub.ACCESS_DENIED, ALWAYS, path="^GET .*/jobs/")
            return 40 * MEBIBYTE + 1

        asking.stub.estimate = estimate
        assert "Google denied access" in asking.failing()
        assert [line.billed for line in asking.lines] == [None]

    def test_to_everything_does_not_stop_what_else_is_done_at_the_end(self, asking: Asking) -> None:
        asking.ledger.add(open_line("killed"), most=GIGABYTE)
        asking.stub.fail_next(CONNECTION_DROPPED, ALWAYS)
        asking.bigquery.settle_unfinished()
        assert [line.billed for line in asking.lines] == [None]


def open_line(job: str, at: datetime = NOON) -> Entry:
    return Entry(job, "watch_list_day", "Anna", "mine", at, 1, True, MEBIBYTE, "5e1f")


def kill_while_running(asking: Asking, statement: PaidStatement) -> str:
    """Send a statement from a process that is killed before it hears of its end; its job's id."""

    class Killed(BaseException):
        """Nothing catches it, as nothing catches SIGKILL."""

    def killed(*args: object, **options: object) -> None:
        raise Killed

    with pytest.MonkeyPatch.context() as patch, pytest.raises(Killed):
        patch.setattr(bigquery.QueryJob, "result", killed)
        asking.run(statement)
    return asking.lines[0].job


class TestAQueryOfAKilledProcess:
    def test_is_taken_up_and_neither_sent_nor_paid_again(self, new_process: NewProcess) -> None:
        job = kill_while_running(new_process(), RESUMABLE)
        later = new_process()
        assert [line.billed for line in later.lines] == [None]
        answered = later.run(RESUMABLE)
        assert answered.table().num_rows == 2
        assert (answered.job, answered.billed) == (job, 41 * MEBIBYTE)
        assert [(line.job, line.billed) for line in later.lines] == [(job, 41 * MEBIBYTE)]
        assert (len(later.sent), len(later.stub.dry_runs)) == (1, 1)

    def test_is_taken_up_while_it_still_runs(self, new_process: NewProcess) -> None:
        asking = new_process()
        asking.stub.running_polls = 4
        job = kill_while_running(asking, RESUMABLE)
        assert new_process().run(RESUMABLE).job == job
        assert len(asking.sent) == 1

    def test_is_taken_up_after_the_month_ended(self, new_process: NewProcess, clock: Clock) -> None:
        clock.now = datetime(2026, 11, 30, 23, 59, tzinfo=UTC)
        job = kill_while_running(new_process(), RESUMABLE)
        clock.now += timedelta(minutes=2)
        assert new_process().run(RESUMABLE).job == job

    def test_is_sent_again_where_its_rows_may_not_be_taken(self, new_process: NewProcess) -> None:
        job = kill_while_running(new_process(), DAY)
        later = new_process()
        assert later.run(DAY).job != job
        assert [line.billed for line in later.lines] == [41 * MEBIBYTE, None]
        later.bigquery.settle_unfinished()
        assert [line.billed for line in later.lines] == [41 * MEBIBYTE] * 2
        assert later.bigquery.billed == 41 * MEBIBYTE

    def test_is_sent_again_where_it_asked_for_something_else(self, new_process: NewProcess) -> None:
        job = kill_while_running(new_process(), RESUMABLE)
        other = replace(RESUMABLE, values={**DAY.values, "packages": ("plotly",)})
        assert new_process().run(other).job != job

    def test_is_sent_again_after_a_day(self, new_process: NewProcess, clock: Clock) -> None:
        job = kill_while_running(new_process(), RESUMABLE)
        clock.now += timedelta(days=1)
        assert new_process().run(RESUMABLE).job != job

    def test_is_sent_again_where_its_rows_have_changed_since(self, new_process: NewProcess) -> None:
        job = kill_while_running(new_process(), RESUMABLE)
        answered = new_process().bigquery.run(RESUMABLE, since=NOON + timedelta(minutes=1))
        assert answered.job != job

    def test_is_sent_again_where_it_failed(self, new_process: NewProcess) -> None:
        asking = new_process()
        asking.stub.job_failure = lambda sql, values: (
            INVALID_QUERY if asking.stub.dry_runs else None
        )
        job = kill_while_running(asking, RESUMABLE)
        asking.stub.job_failure = lambda sql, values: None
        later = new_process()
        assert later.run(RESUMABLE).job != job
        assert [line.billed for line in later.lines] == [41 * MEBIBYTE, 0]

    def test_that_was_never_sent_is_sent(self, new_process: NewProcess, clock: Clock) -> None:
        asking = new_process()
        kill_while_running(asking, RESUMABLE)
        asking.stub.jobs.clear()
        clock.now += timedelta(minutes=6)
        later = new_process()
        later.run(RESUMABLE)
        assert [line.billed for line in later.lines] == [41 * MEBIBYTE, 0]

    @pytest.mark.parametrize(
        ("failure", "words"),
        [
            (CONNECTION_DROPPED, "cannot be reached"),
            (BACKEND_ERROR, "overloaded or out of order"),
            (rest_stub.ACCESS_DENIED, "Google denied access"),
        ],
    )
    def test_is_not_paid_again_where_it_cannot_be_asked_about(
        self, new_process: NewProcess, failure: Failure, words: str
    ) -> None:
        kill_while_running(new_process(), RESUMABLE)
        later = new_process()
        later.stub.fail_next(failure, ALWAYS)
        assert words in later.failing(RESUMABLE)
        assert [line.billed for line in later.lines] == [None]
        assert len(later.sent) == 1

    def test_is_canceled_too_when_patience_ends(self, new_process: NewProcess) -> None:
        asking = new_process()
        asking.stub.running_seconds = 60
        kill_while_running(asking, RESUMABLE)
        assert "was canceled" in new_process(patience=0.05).failing(RESUMABLE)
        [job] = asking.stub.jobs.values()
        assert job.canceled


class TestWhatIsFree:
    def test_is_neither_priced_nor_written_down(
        self, asking: Asking, bigquery_stub: BigQueryStub
    ) -> None:
        schema = [bigquery.SchemaField("cube", "STRING")]
        definition = bigquery.Table("mine.pulse.coverage", schema)
        bigquery_stub.tables["mine.pulse.coverage"] = StubTable(
            definition, 1, NOON, [("cube_day_all",)]
        )
        assert asking.bigquery.table("mine.pulse.coverage").num_rows == 1
        assert asking.bigquery.rows("mine.pulse.coverage") == [{"cube": "cube_day_all"}]
        assert (asking.lines, asking.sent, asking.stub.dry_runs) == ((), [], [])


def pem(
    key: rsa.RSAPrivateKey,
    encryption: KeySerializationEncryption | None = None,
) -> str:
    return key.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption()
    ).decode()


@pytest.fixture(scope="module")
def private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def key(private_key: rsa.RSAPrivateKey) -> dict[str, Any]:
    """A service account's key that could be one."""
    return {
        "type": "service_account",
        "project_id": "mine",
        "private_key_id": "0123456789",
        "private_key": pem(private_key),
        "client_email": "pulse@mine.iam.gserviceaccount.com",
        "token_uri": "https://oauth2.googleapis.com/token",
    }


def settings_of(key: Mapping[str, Any] | None) -> Settings:
    return Settings(bigquery_project="mine", service_account=json.dumps(key) if key else "")


class TestCredentials:
    @pytest.fixture(autouse=True)
    def _bare_machine(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """A machine where Google's library finds nothing."""
        for name in (
            "GOOGLE_APPLICATION_CREDENTIALS", "BIGQUERY_EMULATOR_HOST", "CLOUDSDK_CONFIG",
            "GOOGLE_CLOUD_PROJECT",
        ):  # fmt: skip
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("NO_GCE_CHECK", "true")

    def test_may_be_missing_which_is_said(self) -> None:
        with pytest.raises(BigQueryError) as failed:
            connect(settings_of(None))
        assert str(failed.value) == (
            "There are no Google credentials on this machine. Run `gcloud auth "
            "application-default login`, or put a service account's key into "
            ".streamlit/secrets.toml as [gcp_service_account]."
        )

    def test_of_no_project_are_not_looked_for(self) -> None:
        with pytest.raises(BigQueryError, match="PULSE_BIGQUERY_PROJECT=my-project"):
            connect(Settings())

    @pytest.mark.parametrize("text", [None, "{", '{"type": "other"}'])
    def test_in_a_file_that_is_none_are_said_to_be_missing(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str | None
    ) -> None:
        path = tmp_path / "key.json"
        if text is not None:
            path.write_text(text)
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(path))
        with pytest.raises(BigQueryError, match="There are no Google credentials"):
            connect(settings_of(None))

    def test_of_a_service_account_are_taken_from_the_secrets(self, key: dict[str, Any]) -> None:
        client = connect(settings_of(key))
        assert (client.project, client.location) == ("mine", "US")

    @pytest.mark.parametrize(
        "damage",
        [
            *({name: None} for name in ("client_email", "token_uri", "private_key")),
            {"private_key": ""},
            {"private_key": 12},
            {"private_key": "-----BEGIN PRIVATE KEY-----\nhush\n-----END PRIVATE KEY-----\n"},
            {"private_key": "hush"},
            {"private_key": "cut"},
            {"private_key": "encrypted"},
            {"type": "authorized_user", "client_email": None},
        ],
        ids=str,
    )
    def test_that_are_damaged_are_said_to_be_and_never_shown(
        self,
        key: dict[str, Any],
        private_key: rsa.RSAPrivateKey,
        damage: dict[str, Any],
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        caplog.set_level(logging.DEBUG)
        special = {
            "cut": key["private_key"][:400],
            "encrypted": pem(private_key, BestAvailableEncryption(b"hush")),
        }
        damaged = {**key, **damage}
        damaged["private_key"] = special.get(damaged["private_key"], damaged["private_key"])
        damaged = {name: value for name, value in damaged.items() if value is not None}
        for use in (connect, storage_client):
            with pytest.raises(BigQueryError, match="key in the secrets is incomplete") as failed:
                use(settings_of(damaged))
            shown = f"{failed.value!r} {failed.value.__cause__!r} {caplog.text}"
            assert "hush" not in shown
            assert key["private_key"][100:160] not in shown

    def test_are_in_no_message_and_no_log_when_the_network_fails(
        self,
        key: dict[str, Any],
        ledger: LedgerFile,
        clock: Clock,
        caplog: pytest.LogCaptureFixture,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        caplog.set_level(logging.DEBUG)
        monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
        budget = Budget(ledger, GIGABYTE, GIGABYTE, lambda: NOON)
        asking = BigQuery(connect(settings_of(key)), budget, who="Anna")
        with pytest.raises(BigQueryError, match="cannot be reached from here") as failed:
            asking.run(DAY)
        shown = f"{failed.value} {caplog.text}"
        assert not any(line in shown for line in key["private_key"].split("\n")[1:-2])
        assert ledger.since(NOON) == ()
