"""A stub of BigQuery's REST API, for the prices and failures that the emulator does not have.

The real client speaks to it. It runs no SQL: a test says what statements cost and answer, and which
requests fail, and reads what was received from `requests`, `dry_runs` and `jobs`.
"""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from google.cloud.bigquery import SchemaField, Table

MEBIBYTE = 2**20
WAIT_SECONDS = 0.02
"""How long a request for the results of a running job hangs; the real one hangs up to 10 s."""

Json = dict[str, Any]
Values = Mapping[str, str | list[str] | None]
"""What a statement binds by name, as it was sent: text, or a list of text for an array."""


@dataclass(frozen=True)
class Failure:
    """What goes wrong: an error as the real API words it, or a dropped connection (no status)."""

    status: int
    reason: str
    message: str

    @property
    def body(self) -> Json:
        """The error as the body of an HTTP response."""
        error = {"reason": self.reason, "message": self.message, "domain": "global"}
        return {"error": {"code": self.status, "message": self.message, "errors": [error]}}


UNAUTHENTICATED = Failure(401, "authError", "Request had invalid authentication credentials.")
ACCESS_DENIED = Failure(
    403, "accessDenied", "Access Denied: Project mine: User does not have bigquery.jobs.create"
)
API_DISABLED = Failure(
    403, "accessNotConfigured", "BigQuery API has not been used in project mine or it is disabled."
)
BILLING_DISABLED = Failure(
    403, "billingNotEnabled", "Billing has not been enabled for this project. DML is not allowed."
)
QUOTA_EXCEEDED = Failure(
    403, "quotaExceeded", "Quota exceeded: Your project exceeded quota for free query bytes scanned"
)
RATE_LIMIT_EXCEEDED = Failure(403, "rateLimitExceeded", "Exceeded rate limits: too many requests")
PROJECT_NOT_FOUND = Failure(404, "notFound", "Not found: Project mine")
DATASET_NOT_FOUND = Failure(404, "notFound", "Not found: Dataset mine:pulse was not found in US")
INVALID_QUERY = Failure(400, "invalidQuery", "Unrecognized name: projct at [1:8]")
INTERNAL_ERROR = Failure(500, "backendError", "An internal error occurred. Try again.")
BACKEND_ERROR = Failure(503, "backendError", "Error encountered during execution. Retrying may do.")
CONNECTION_DROPPED = Failure(0, "", "")

STOPPED = Failure(499, "stopped", "Job execution was cancelled: User requested cancellation")


@dataclass(frozen=True)
class Answer:
    """The rows of a statement as Python values, or the number of rows that it changed."""

    schema: Sequence[SchemaField] = ()
    rows: Sequence[Sequence[Any]] = ()
    rows_changed: int | None = None


@dataclass
class StubTable:
    """What `tables.get` and `tabledata.list` say of a table."""

    definition: Table
    num_rows: int
    modified: datetime
    rows: Sequence[Sequence[Any]] = ()
    created: datetime = datetime(2016, 1, 22, tzinfo=UTC)


@dataclass(frozen=True)
class Request:
    """One request as it was received."""

    method: str
    path: str
    query: Mapping[str, str]
    body: Json


@dataclass
class Job:
    """One query job, or a dry run of one."""

    id: str
    project: str
    configuration: Json
    estimate: int
    billed: int
    answer: Answer
    failure: Failure | None
    polls: int
    seconds: float
    created: float = field(default_factory=time.time)
    canceled: bool = False

    @property
    def sql(self) -> str:
        """The statement."""
        return self.configuration["query"]["query"]

    @property
    def values(self) -> Values:
        """What the statement binds."""
        return _values(self.configuration["query"])

    @property
    def labels(self) -> Mapping[str, str]:
        """The labels that it was sent with."""
        return self.configuration.get("labels", {})

    @property
    def maximum_bytes_billed(self) -> int | None:
        """The cap that it was sent with."""
        cap = self.configuration["query"].get("maximumBytesBilled")
        return None if cap is None else int(cap)

    @property
    def is_done(self) -> bool:
        """Whether it runs no more: finished, failed or canceled."""
        finished = self.polls <= 0 and time.time() >= self.created + self.seconds
        return self.canceled or self.failure is not None or finished


def billable(bytes_read: int) -> int:
    """Bytes as they are billed for one table: whole mebibytes, at least ten, none for none."""
    return max(10, -(-bytes_read // MEBIBYTE)) * MEBIBYTE if bytes_read else 0


@dataclass
class BigQueryStub:
    """The state of the stub: a test sets the first part, and reads the second.

    `estimate` gives the bytes that a dry run names; `billed` those that a job is billed, by default
    the estimate rounded up. A job whose estimate, rounded up, exceeds its cap fails as a real one
    does, unbilled. `job_failure` fails other jobs (and dry runs) after they were accepted. A job
    runs for `running_polls` looks at it and for `running_seconds`.
    """

    estimate: Callable[[str, Values], int] = lambda sql, values: 10 * MEBIBYTE
    billed: Callable[[str, Values], int] | None = None
    answer: Callable[[str, Values], Answer] = lambda sql, values: Answer()
    job_failure: Callable[[str, Values], Failure | None] = lambda sql, values: None
    running_polls: int = 0
    running_seconds: float = 0
    tables: dict[str, StubTable] = field(default_factory=dict)

    url: str = ""
    requests: list[Request] = field(default_factory=list)
    dry_runs: list[Job] = field(default_factory=list)
    jobs: dict[str, Job] = field(default_factory=dict)

    _failures: list[tuple[re.Pattern[str], Failure, bool]] = field(default_factory=list)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def fail_next(
        self, failure: Failure, times: int = 1, path: str = "", *, processed: bool = False
    ) -> None:
        """Fail the next requests whose `METHOD path` the regular expression `path` finds.

        With `processed` the request takes effect and only its response is lost. The client itself
        tries again what may pass, for ten minutes (rate limits, backend errors, connections), and
        asks three times when it is not authenticated.
        """
        self._failures += [(re.compile(path), failure, processed)] * times

    def fail_no_more(self) -> None:
        """Let requests succeed that were to fail."""
        with self._lock:
            self._failures.clear()

    def respond(self, request: Request) -> tuple[int, Json]:
        """The status and body that answer a request; status 0 drops the connection."""
        with self._lock:
            self.requests.append(request)
            failure, processed = self._take_failure(request)
            if failure and not processed:
                return _error(failure)
            response = self._route(request)
            return _error(failure) if failure else response

    def _take_failure(self, request: Request) -> tuple[Failure | None, bool]:
        for position, (path, failure, processed) in enumerate(self._failures):
            if path.search(f"{request.method} {request.path}"):
                del self._failures[position]
                return failure, processed
        return None, False

    def _route(self, request: Request) -> tuple[int, Json]:
        routes: Sequence[tuple[str, Callable[..., tuple[int, Json]]]] = (
            (r"POST projects/([^/]+)/queries", self._query),
            (r"POST projects/([^/]+)/jobs", self._insert),
            (r"GET projects/([^/]+)/jobs/([^/]+)", self._get_job),
            (r"POST projects/([^/]+)/jobs/([^/]+)/cancel", self._cancel),
            (r"GET projects/([^/]+)/queries/([^/]+)", self._results),
            (r"GET projects/([^/]+)/datasets/([^/]+)/tables/([^/]+)", self._get_table),
            (r"GET projects/([^/]+)/datasets/([^/]+)/tables/([^/]+)/data", self._table_rows),
        )
        for pattern, handle in routes:
            if found := re.fullmatch(pattern, f"{request.method} {request.path}"):
                return handle(request, *found.groups())
        return _error(Failure(501, "notImplemented", f"The stub does not serve {request.path}."))

    def _new_job(self, project: str, job_id: str, configuration: Json) -> Job:
        sql, values = configuration["query"]["query"], _values(configuration["query"])
        estimate = self.estimate(sql, values)
        billed = self.billed(sql, values) if self.billed else billable(estimate)
        job = Job(
            job_id, project, configuration, estimate, billed, self.answer(sql, values),
            self.job_failure(sql, values), self.running_polls, self.running_seconds,
        )  # fmt: skip
        if configuration.get("dryRun"):
            job.billed = 0
            self.dry_runs.append(job)
            return job
        cap, needed = job.maximum_bytes_billed, billable(estimate)
        if cap is not None and needed > cap:
            message = f"Query exceeded limit for bytes billed: {cap}. {needed} or higher required."
            job.failure = Failure(500, "bytesBilledLimitExceeded", message)
        if job.failure:
            job.billed = 0
        self.jobs[job_id] = job
        return job

    def _insert(self, request: Request, project: str) -> tuple[int, Json]:
        job_id = request.body["jobReference"]["jobId"]
        if job_id in self.jobs:
            return _error(Failure(409, "duplicate", f"Already Exists: Job {project}:US.{job_id}"))
        job = self._new_job(project, job_id, request.body["configuration"])
        if job.failure and job.configuration.get("dryRun"):
            return _error(job.failure)
        return 200, _job_body(job)

    def _query(self, request: Request, project: str) -> tuple[int, Json]:
        top_level = ("dryRun", "labels", "jobTimeoutMs")
        configuration: Json = {key: request.body[key] for key in top_level if key in request.body}
        configuration["query"] = request.body
        return self._outcome(
            self._new_job(project, f"job_{request.body['requestId']}", configuration), request
        )

    def _get_job(self, request: Request, project: str, job_id: str) -> tuple[int, Json]:
        job = self._look_at(job_id)
        return (200, _job_body(job)) if job else _missing(f"Job {project}:US.{job_id}")

    def _cancel(self, request: Request, project: str, job_id: str) -> tuple[int, Json]:
        job = self.jobs.get(job_id)
        if job is None:
            return _missing(f"Job {project}:US.{job_id}")
        if not job.is_done:
            job.canceled, job.failure = True, STOPPED
        return 200, {"job": _job_body(job)}

    def _results(self, request: Request, project: str, job_id: str) -> tuple[int, Json]:
        job = self._look_at(job_id)
        return self._outcome(job, request) if job else _missing(f"Job {project}:US.{job_id}")

    def _look_at(self, job_id: str) -> Job | None:
        job = self.jobs.get(job_id)
        if job is not None:
            job.polls -= 1
        return job

    def _outcome(self, job: Job, request: Request) -> tuple[int, Json]:
        """The response with the rows of a job, or the error that the job ended with."""
        if job.failure:
            return _error(job.failure)
        dry = bool(job.configuration.get("dryRun"))
        body: Json = {
            "jobComplete": dry or job.is_done,
            "totalBytesProcessed": str(job.estimate),
        }
        if not dry:
            body["jobReference"] = _reference(job)
        if not body["jobComplete"] or dry:
            return 200, body
        if job.answer.rows_changed is not None:
            return 200, {**body, "numDmlAffectedRows": str(job.answer.rows_changed)}
        schema = {"fields": [column.to_api_repr() for column in job.answer.schema]}
        options = {**request.body, **request.query}
        return 200, {**body, "schema": schema, **_page(job.answer.rows, options)}

    def _get_table(self, request: Request, *path: str) -> tuple[int, Json]:
        table = self.tables.get(".".join(path))
        if table is None:
            return _missing("Table {}:{}.{}".format(*path))
        return 200, {
            **table.definition.to_api_repr(),
            "type": "TABLE",
            "numRows": str(table.num_rows),
            "lastModifiedTime": str(int(table.modified.timestamp() * 1000)),
            "creationTime": str(int(table.created.timestamp() * 1000)),
        }

    def _table_rows(self, request: Request, *path: str) -> tuple[int, Json]:
        table = self.tables.get(".".join(path))
        if table is None:
            return _missing("Table {}:{}.{}".format(*path))
        return 200, _page(table.rows, request.query)


def _error(failure: Failure) -> tuple[int, Json]:
    return failure.status, failure.body


def _missing(what: str) -> tuple[int, Json]:
    return _error(Failure(404, "notFound", f"Not found: {what}"))


def _reference(job: Job) -> Json:
    return {"projectId": job.project, "jobId": job.id, "location": "US"}


def _job_body(job: Job) -> Json:
    """A job as `jobs.get` gives it."""
    done = job.is_done or bool(job.configuration.get("dryRun"))
    created = str(int(job.created * 1000))
    query: Json = {
        "statementType": job.sql.split(maxsplit=1)[0].upper(),
        "totalBytesProcessed": str(job.estimate),
        "cacheHit": False,
    }
    statistics: Json = {"creationTime": created, "startTime": created, "query": query}
    status: Json = {"state": "DONE" if done else "RUNNING"}
    if done:
        statistics["endTime"] = str(int(time.time() * 1000))
        query["totalBytesBilled"] = str(job.billed)
        if job.answer.rows_changed is not None:
            query["numDmlAffectedRows"] = str(job.answer.rows_changed)
    if job.failure:
        status["errorResult"] = {"reason": job.failure.reason, "message": job.failure.message}
        status["errors"] = [status["errorResult"]]
    return {
        "id": f"{job.project}:US.{job.id}",
        "jobReference": _reference(job),
        "configuration": {"jobType": "QUERY", **job.configuration},
        "statistics": statistics,
        "status": status,
    }


def _values(query: Json) -> Values:
    """The named parameters of a statement."""
    values: dict[str, str | list[str] | None] = {}
    for parameter in query.get("queryParameters", []):
        value = parameter["parameterValue"]
        if "ARRAY" in str(parameter["parameterType"].get("type")):
            values[parameter["name"]] = [item["value"] for item in value.get("arrayValues", [])]
        else:
            values[parameter["name"]] = value.get("value")
    return values


def _page(rows: Sequence[Sequence[Any]], options: Mapping[str, Any]) -> Json:
    """The part of rows that a request asks for, as the API writes them."""
    start = int(options.get("pageToken") or options.get("startIndex") or 0)
    stop = min(start + int(options.get("maxResults", len(rows))), len(rows))
    body: Json = {"totalRows": str(len(rows))}
    if start < stop:
        body["rows"] = [{"f": [{"v": _cell(value)} for value in row]} for row in rows[start:stop]]
        if stop < len(rows):
            body["pageToken"] = str(stop)
    return body


def _cell(value: Any) -> Any:
    """A Python value as the API writes it in JSON."""
    if value is None:
        return None
    if isinstance(value, list | tuple):
        return [{"v": _cell(item)} for item in value]
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return str(round(value.replace(tzinfo=value.tzinfo or UTC).timestamp() * 1_000_000))
    return value.isoformat() if isinstance(value, date) else str(value)


@contextmanager
def serving(stub: BigQueryStub) -> Iterator[BigQueryStub]:
    """Serve a stub on a free port of this machine; its `url` says where."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        # Sent in two parts, a response takes 40 ms more: the second waits for receipt of the first.
        wbufsize = -1

        def _respond(self) -> None:
            split = urlsplit(self.path)
            content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            path = split.path.removeprefix("/bigquery/v2/")
            request = Request(
                self.command, path, dict(parse_qsl(split.query)), json.loads(content or b"{}")
            )
            status, body = stub.respond(request)
            if not status:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            if body.get("jobComplete") is False:
                time.sleep(WAIT_SECONDS)
            encoded = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(encoded)))
            self.end_headers()
            self.wfile.write(encoded)

        # The names that http.server calls.
        do_GET = _respond  # noqa: N815
        do_POST = _respond  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: requests are recorded."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    stub.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield stub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
