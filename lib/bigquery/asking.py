"""Sends statements to BigQuery: each is bounded, priced, reserved, sent and written down."""

from __future__ import annotations

import hashlib
import json
import logging
import random
import re
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeVar, cast

import pyarrow as pa
from google.api_core import exceptions as google
from google.api_core.retry import Retry
from google.cloud import bigquery
from google.cloud.bigquery.retry import DEFAULT_RETRY
from google.cloud.bigquery.table import RowIterator
from google.cloud.bigquery_storage import BigQueryReadClient

from lib.bigquery import PaidStatement, Value
from lib.bigquery.bounds import require_bounds
from lib.bigquery.failures import KINDS, in_words, is_lost, is_passing, out_of_patience
from lib.budget import Budget, Entry, Estimate, priced
from lib.errors import BigQueryError, OverBudget

_log = logging.getLogger(__name__)

_T = TypeVar("_T")

StorageClient = Callable[[], BigQueryReadClient | None]

_ATTEMPTS = 5

_LONGEST_PAUSE = 60.0

_CALL_PATIENCE = 60.0
"""Seconds for which one call is repeated while the network or the service fails."""

_ANSWER_PATIENCE = 60.0
"""Seconds for which one request waits to be answered: without, a silent network hangs for ever."""

_RECEIVED_WITHIN = timedelta(minutes=5)
"""A query written down longer ago than this was received by BigQuery, or never will be."""

_KEPT = timedelta(hours=23)
"""BigQuery keeps the rows of an answer for 24 hours."""

_ASKED_ABOUT = timedelta(days=32)
"""Queries of the month before are asked about too: the last may have ended in this one."""

_MANY_ROWS = 50_000
"""More rows than this are fetched through the Storage Read API, which is many times faster."""


@dataclass(frozen=True)
class Answered:
    """What a paid query gave: its rows, what was billed, and when it was asked (UTC)."""

    job: str
    billed: int
    asked_at: datetime
    _rows: RowIterator
    _storage: StorageClient
    _project: str

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows, a part at a time. Raises BigQueryError where the rest cannot be fetched."""
        try:
            yield from self._rows.to_arrow_iterable(bqstorage_client=self._fast_client())
        except KINDS as error:
            _log.exception("The rows of %s could not be fetched.", self.job)
            raise in_words(error, self._project) from error

    def table(self) -> pa.Table:
        """The rows whole, for an answer that fits into memory. Raises BigQueryError."""
        try:
            return self._rows.to_arrow(
                bqstorage_client=self._fast_client(), create_bqstorage_client=False
            )
        except KINDS as error:
            _log.exception("The rows of %s could not be fetched.", self.job)
            raise in_words(error, self._project) from error

    def _fast_client(self) -> BigQueryReadClient | None:
        """The client of the Storage Read API, for an answer that is worth its start."""
        return self._storage() if (self._rows.total_rows or 0) > _MANY_ROWS else None


class BigQuery:
    """Asks BigQuery for one person or process, behind the budget.

    `most` bounds what may be billed here in all, beside the month's budget. `storage` gives the
    client through which large answers come. `patience` is how many seconds a query may run.
    """

    def __init__(
        self,
        client: bigquery.Client,
        budget: Budget,
        *,
        who: str,
        most: int | None = None,
        storage: StorageClient = lambda: None,
        patience: float = 900.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.client = client
        self.budget = budget
        self.billed = 0
        self._open: dict[str, int] = {}
        self._who = who
        self._most = most
        self._storage = storage
        self._patience = patience
        self._sleep = sleep

    @property
    def project(self) -> str:
        """The project that pays."""
        return str(self.client.project)

    def estimate(self, statement: PaidStatement) -> Estimate:
        """What a statement would read, asked for nothing. Raises BigQueryError."""
        tables = require_bounds(statement.sql)
        configuration = self._configuration(statement)
        configuration.dry_run = True
        job = self._call(
            lambda: self.client.query(
                statement.sql,
                job_config=configuration,
                retry=_retry(),
                job_retry=None,
                timeout=_ANSWER_PATIENCE,
            )
        )
        return Estimate(int(job.total_bytes_processed or 0), statement.clustered, tables)

    def require_allowed(self, statement: PaidStatement) -> None:
        """Raise OverBudget where a statement would not be sent, and BigQueryError."""
        estimate = self.estimate(statement)
        self._check_most(estimate)
        self.budget.check(estimate)

    def run(self, statement: PaidStatement, *, since: datetime | None = None) -> Answered:
        """The answer to a statement, paid for at most once.

        A resumable one may be answered by an earlier job, but by none begun before `since`, when
        the rows that it reads last changed. A passing failure is tried again a few times, with
        growing pauses. Raises OverBudget before anything is spent, and BigQueryError.
        """
        digest = _digest(statement)
        if statement.resumable and (earlier := self._resumed(statement, digest, since)):
            return earlier
        estimate = self.estimate(statement)
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return self._sent(statement, estimate, digest)
            except KINDS as error:
                _log.warning("BigQuery failed on %s (attempt %d).", statement.name, attempt)
                if attempt == _ATTEMPTS or not is_passing(error):
                    _log.exception("BigQuery answered %s.", statement.name)
                    raise in_words(error, self.project) from error
                self._sleep(min(2**attempt, _LONGEST_PAUSE) * random.uniform(0.5, 1.0))  # noqa: S311
        raise AssertionError("The last attempt returns or raises.")

    def settle_unfinished(self) -> None:
        """Ask what became of queries whose end was never written down.

        Where BigQuery cannot be asked they stay open, and count as much as they may cost.
        """
        for entry in self.budget.ledger.since(self.budget.now() - _ASKED_ABOUT):
            if entry.billed is not None:
                continue
            try:
                job = self._job(entry)
            except BigQueryError as error:
                _log.warning("What became of unfinished queries is not known: %s", error)
                return
            if self._was_never_received(entry) if job is None else job.state == "DONE":
                if entry.job in self._open:
                    self._settle(entry, _billed(job))
                else:
                    self.budget.ledger.settle(entry.job, _billed(job))

    def table(self, name: str) -> bigquery.Table:
        """A table's metadata, which cost nothing."""
        return self._call(
            lambda: self.client.get_table(name, retry=_retry(), timeout=_ANSWER_PATIENCE)
        )

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Every row of a small table, which costs nothing: they are listed and not queried."""

        def listed() -> list[dict[str, Any]]:
            rows = self.client.list_rows(table, retry=_retry(), timeout=_ANSWER_PATIENCE)
            return [dict(row) for row in rows]

        return self._call(listed)

    def _sent(self, statement: PaidStatement, estimate: Estimate, digest: str) -> Answered:
        entry = Entry(
            job=f"pulse_{statement.name}_{uuid.uuid4().hex}",
            statement=statement.name,
            who=self._who,
            project=self.project,
            started_at=self.budget.now(),
            estimate=estimate.bytes,
            upper_bound=estimate.upper_bound,
            cap=estimate.cap,
            sql_hash=digest,
        )
        self._check_most(estimate)
        self.budget.reserve(entry, estimate)
        self._open[entry.job] = entry.cap
        return self._answered(statement, entry)

    def _answered(self, statement: PaidStatement, entry: Entry) -> Answered:
        """The answer to a statement that stands in the ledger, sent as the job of that line."""
        configuration = self._configuration(statement)
        configuration.maximum_bytes_billed = entry.cap
        job: bigquery.QueryJob | None = None
        try:
            job = self._begun(statement, configuration, entry)
            rows = job.result(timeout=self._patience, retry=_retry(), job_retry=None)
        except TimeoutError as error:
            self._cancel(entry, job)
            raise out_of_patience(self._patience) from error
        except KINDS as error:
            if self._has_failed(entry, job, error):
                raise
            # It may run on, or have ended well: sent once more, it would be paid for twice.
            _log.exception("What became of the query %s is not known.", entry.job)
            raise in_words(error, self.project) from error
        return self._settled(entry, job, rows)

    def _begun(
        self, statement: PaidStatement, configuration: bigquery.QueryJobConfig, entry: Entry
    ) -> bigquery.QueryJob:
        try:
            return self.client.query(
                statement.sql,
                job_config=configuration,
                job_id=entry.job,
                retry=_retry(),
                job_retry=None,
                timeout=_ANSWER_PATIENCE,
            )
        except google.Conflict:
            # The connection was lost after BigQuery had taken the job, and the call was repeated.
            # For a moment such a job may not be found, though it is there.
            retry = _retry().with_predicate(_is_hidden_or_passing)
            found = self._call(lambda: self.client.get_job(entry.job, retry=retry))
            return cast(bigquery.QueryJob, found)

    def _settled(self, entry: Entry, job: bigquery.QueryJob, rows: RowIterator) -> Answered:
        billed = _billed(job)
        self._settle(entry, billed)
        return Answered(entry.job, billed, entry.started_at, rows, self._storage, self.project)

    def _settle(self, entry: Entry, billed: int) -> None:
        """Write down what a query was billed, unless that was done before."""
        if entry.billed is None:
            self.budget.ledger.settle(entry.job, billed)
            self._open.pop(entry.job, None)
            self.billed += billed

    def _has_failed(
        self, entry: Entry, job: bigquery.QueryJob | None, error: BaseException
    ) -> bool:
        """Whether a query is known to have failed, and not only the calls that ask about it.

        Its price is written down as soon as it is known to run no more.
        """
        if job is None and isinstance(error, google.ClientError):
            self._settle(entry, 0)
            return True
        if job is None or job.state != "DONE":
            if is_lost(error):
                return False
            try:
                found = self._job(entry, again=False)
            except BigQueryError:
                return False
            if found is None and job is not None:
                return False
            job = found
        if job is not None and job.state != "DONE":
            return False
        self._settle(entry, _billed(job))
        return job is None or job.error_result is not None

    def _was_never_received(self, entry: Entry) -> bool:
        """Whether a query that BigQuery does not know will not come to it any more either.

        Another process may have written it down this moment, and be about to send it.
        """
        return self.budget.now() - entry.started_at > _RECEIVED_WITHIN

    def _resumed(
        self, statement: PaidStatement, digest: str, since: datetime | None
    ) -> Answered | None:
        """The rows of the same statement, sent by a process that was killed before it kept them."""
        for entry in self.budget.ledger.since(self.budget.now() - _KEPT):
            if entry.sql_hash != digest:
                continue
            job = self._job(entry)
            if job is None:
                if not self._was_never_received(entry):
                    # It may still be on its way: as the same job it can arrive only once.
                    return self._answered(statement, entry)
                self._settle(entry, 0)
                continue
            begun = min(entry.started_at, job.created or entry.started_at)
            if since is not None and begun < since:
                continue
            try:
                rows = job.result(timeout=self._patience, retry=_retry(), job_retry=None)
            except TimeoutError as error:
                self._cancel(entry, job)
                raise out_of_patience(self._patience) from error
            except KINDS as error:
                if self._has_failed(entry, job, error) or isinstance(error, google.NotFound):
                    continue
                raise in_words(error, self.project) from error
            _log.info("Took up the query %s, which an earlier process had paid for.", entry.job)
            return self._settled(entry, job, rows)
        return None

    def _job(self, entry: Entry, *, again: bool = True) -> bigquery.QueryJob | None:
        """The job of a ledger's line, or None where BigQuery never received it."""
        retry = _retry() if again else _retry().with_predicate(lambda error: False)
        try:
            found = self.client.get_job(entry.job, project=entry.project, retry=retry)
            return cast(bigquery.QueryJob, found)
        except google.NotFound:
            return None
        except KINDS as error:
            raise in_words(error, self.project) from error

    def _cancel(self, entry: Entry, job: bigquery.QueryJob | None) -> None:
        if job is None:
            return
        try:
            job.cancel(retry=_retry(), timeout=_ANSWER_PATIENCE)
        except KINDS:
            _log.exception("The query %s could not be canceled.", job.job_id)
        if job.state == "DONE":
            self._settle(entry, _billed(job))

    def _check_most(self, estimate: Estimate) -> None:
        before = self.billed + sum(self._open.values())
        if self._most is None or before + estimate.cap <= self._most:
            return
        bound = (
            " That is an upper bound: BigQuery can skip what belongs to other packages, but does "
            "not promise to."
            if estimate.upper_bound
            else ""
        )
        raise OverBudget(
            f"The next query may read {priced(estimate.bytes)}, which with the "
            f"{priced(before)} billed before is more than --max-gb allows.{bound} It was not "
            "sent; what was fetched before is kept."
        )

    def _configuration(self, statement: PaidStatement) -> bigquery.QueryJobConfig:
        return bigquery.QueryJobConfig(
            query_parameters=[_parameter(name, value) for name, value in statement.values.items()],
            use_query_cache=False,
            labels={
                "app": "pypi-pulse",
                "statement": _label(statement.name),
                "who": _label(self._who),
            },
        )

    def _call(self, call: Callable[[], _T]) -> _T:
        """The result of a free call. Raises BigQueryError."""
        try:
            return call()
        except KINDS as error:
            _log.exception("BigQuery could not be asked.")
            raise in_words(error, self.project) from error


def _retry() -> Retry:
    return DEFAULT_RETRY.with_timeout(_CALL_PATIENCE)


def _is_hidden_or_passing(error: Exception) -> bool:
    return isinstance(error, google.NotFound) or is_passing(error) or is_lost(error)


def _billed(job: bigquery.QueryJob | None) -> int:
    return int(getattr(job, "total_bytes_billed", None) or 0)


def _digest(statement: PaidStatement) -> str:
    values = json.dumps(dict(statement.values), default=str, sort_keys=True)
    return hashlib.sha256(f"{statement.sql}\n{values}".encode()).hexdigest()


def _parameter(
    name: str, value: Value
) -> bigquery.ArrayQueryParameter | bigquery.ScalarQueryParameter:
    if isinstance(value, tuple):
        kind = _kind(value[0]) if value else "STRING"
        return bigquery.ArrayQueryParameter(name, kind, list(value))
    return bigquery.ScalarQueryParameter(name, _kind(value), value)


def _kind(value: object) -> str:
    if isinstance(value, datetime):
        return "TIMESTAMP"
    if isinstance(value, date):
        return "DATE"
    return "INT64" if isinstance(value, int) else "STRING"


def _label(text: str) -> str:
    """`text` as BigQuery takes labels: lowercase letters, digits, - and _, at most 63."""
    return re.sub(r"[^a-z0-9_-]", "-", text.lower())[:63]
