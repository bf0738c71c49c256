"""Writes a store that is a dataset of BigQuery: each part is there wholly or not at all."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from google.api_core.exceptions import NotFound
from google.cloud import bigquery

from lib.bigquery import PaidStatement, Value
from lib.bigquery.asking import BigQuery
from lib.bigquery.connection import LOCATION
from lib.bigquery.failures import KINDS, in_words
from lib.cubes import Coverage, Cube
from lib.errors import BigQueryError, StoreBusy
from lib.settings import Dataset
from lib.stores.bigquery_tables import (
    COVERAGE,
    LAYOUT,
    LAYOUT_VERSION,
    NOTE,
    PENDING,
    TABLES,
    Row,
    SmallTables,
    counting,
    coverage_of,
    cube_table,
    is_missing,
    new_id,
    newest_notes,
    row_of,
)

_log = logging.getLogger(__name__)

_T = TypeVar("_T")

_LONGEST_WAIT = 900.0
"""Seconds for which an INSERT that a killed process left running is waited for."""

_PAUSE = 2.0


@dataclass(frozen=True)
class _Claim:
    """A part that a process is filling, or was filling when it was killed: a row of `pending`."""

    id: str
    coverage: Coverage
    statement: str
    begun_at: datetime


class DatasetWriter:
    """Fills a dataset; one process at a time writes, any number read.

    A part (days and packages of a cube) is filled in steps, each a whole statement:

    1. a claim on the part goes into `pending`;
    2. its coverage from an earlier reading is removed, so that no reader counts on it;
    3. its rows are deleted;
    4. the INSERT, whose text names the claim, is written into the ledger and sent;
    5. the coverage is recorded under the id of the claim;
    6. the claim is removed.

    Whoever comes after a process that was killed finds its claim, and by it the job:

    - Killed in 1 or 2, the earlier reading may still count, and is whole. In 3 or 4, before
      BigQuery had the job: there is none, and nothing was paid. The claim is removed.
    - In 4, with the job running: it is waited for. If it failed, it inserted nothing (an INSERT
      is atomic): the claim is removed. If not, step 5 and 6 follow: nothing is paid again.
    - In 5 or 6, the same; where the coverage stands already, only step 6 is missing.

    Rows without coverage (killed between 2 and 5) are read by no query that names packages, and
    step 3 of the next filling deletes them. Whether the INSERT was done is asked of its job and
    not of the rows: a day without downloads leaves none.
    """

    def __init__(
        self, asking: BigQuery, dataset: Dataset, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.asking = asking
        self._dataset = dataset
        self._sleep = sleep
        self._tables = SmallTables(asking.client, dataset)
        self._cubes: set[Cube] = set()

    def create(self) -> None:
        """Make the dataset and its small tables where they are missing, which costs nothing.

        Raises BigQueryError, also where the dataset stands in another location than PyPI's table.
        """
        found = self._free(self._existing_dataset)
        if found.location != LOCATION:
            raise BigQueryError(
                f"The dataset {self._dataset} stands in {found.location}, and PyPI's table in "
                f"{LOCATION}; BigQuery cannot join the two. Name another in PULSE_STORE."
            )
        for name, columns in TABLES.items():
            self._create(bigquery.Table(f"{self._dataset}.{name}", schema=list(columns)))
        if not self._tables.rows(LAYOUT):
            self._tables.append(LAYOUT, [{"version": LAYOUT_VERSION}])

    def coverage(self) -> tuple[Coverage, ...]:
        """What the dataset holds, a row for each cube, period and source; nothing without one."""
        try:
            return tuple(counting(self._tables.rows(COVERAGE)).values())
        except BigQueryError as error:
            if is_missing(error):
                return ()
            raise

    def note(self, name: str) -> str | None:
        """A text left beside the cubes, or None."""
        return newest_notes(self._tables.rows(NOTE)).get(name)

    def set_note(self, name: str, content: str) -> None:
        """Leave a text beside the cubes, in place of an earlier one of that name."""
        earlier = [row["id"] for row in self._tables.rows(NOTE) if row["name"] == name]
        # The newest counts, so that this is never the project's clock, which may stand still.
        written_at = datetime.now(UTC)
        note = {"id": new_id(), "name": name, "content": content, "written_at": written_at}
        self._tables.append(NOTE, [note])
        self._tables.remove(NOTE, earlier)

    def fill(self, coverage: Coverage, select: PaidStatement) -> Coverage:
        """Take the rows of `select` in place of what the cube holds of the coverage's part.

        BigQuery moves them itself. `select` yields the cube's columns by name. The coverage is
        recorded, and returned, with what this cost added to `bytes_billed`. What a killed process
        had paid for of the same part, at the same `fingerprint`, is returned instead.

        Raises OverBudget before anything is changed, StoreBusy where another process fills the
        same part, BigQueryError, and ValueError where a part is held that overlaps this one and
        is not the same.
        """
        recovered = self._recovered()
        for row in recovered:
            if _part(row) == _part(coverage) and row.fingerprint == coverage.fingerprint:
                return row
        claim = _Claim(new_id(), coverage, select.name, self.asking.budget.now())
        held = counting(self._tables.rows(COVERAGE))
        earlier = [id for id, row in held.items() if _part(row) == _part(coverage)]
        if any(_overlap(row, coverage) for id, row in held.items() if id not in earlier):
            raise ValueError(f"A part of {coverage} is held together with other days or packages.")
        self._create_cube(coverage.cube)
        insert = self._insert(claim, select)
        self.asking.require_allowed(insert)
        self._claim(claim)
        self._tables.remove(COVERAGE, earlier)
        self.asking.run(self._delete(coverage))
        self._require_alone(claim)
        return self._finish(claim, self.asking.run(insert).billed)

    def recover(self) -> None:
        """Finish what a killed process had paid for, and let go of what it had only begun.

        Raises StoreBusy where its INSERT still runs after a quarter of an hour.
        """
        self._recovered()

    def rewrite_coverage(self, rows: Sequence[Coverage]) -> None:
        """Record `rows` in place of all that is recorded: the same days, told in fewer rows.

        The last new row names the rows that it and the others replace, and is written last: at no
        time do readers see less than all, wherever this ends. Cleaning up comes after.
        """
        listed = self._tables.rows(COVERAGE)
        replaced = [row["id"] for row in listed]
        arriving = [{**row_of(row, new_id()), "replaces": []} for row in rows]
        if arriving:
            arriving[-1]["replaces"] = replaced
        self._tables.append(COVERAGE, arriving)
        self._tables.remove(COVERAGE, replaced)

    def _recovered(self) -> list[Coverage]:
        """What killed processes had paid for and not recorded; it is recorded now."""
        claims = [_claim_of(row) for row in self._tables.rows(PENDING)]
        if not claims:
            return []
        rows = self._tables.rows(COVERAGE)
        recorded = {id for row in rows for id in (row["id"], *row["replaces"])}
        finished = []
        for claim in claims:
            billed = None if claim.id in recorded else self._billed(claim)
            if billed is None:
                self._tables.remove(PENDING, [claim.id])
            else:
                _log.info("An earlier process had paid for %s.", claim.coverage)
                finished.append(self._finish(claim, billed))
        return finished

    def _claim(self, claim: _Claim) -> None:
        row = row_of(claim.coverage, claim.id)
        row |= {"statement": claim.statement, "begun_at": claim.begun_at}
        self._tables.append(PENDING, [row])
        self._require_alone(claim)

    def _require_alone(self, claim: _Claim) -> None:
        """Raise StoreBusy where another process fills the same part, or took this for killed."""
        claims = [_claim_of(row) for row in self._tables.rows(PENDING)]
        others = [other for other in claims if other.id != claim.id]
        contested = any(_overlap(other.coverage, claim.coverage) for other in others)
        if contested or len(others) == len(claims):
            self._tables.remove(PENDING, [claim.id])
            raise StoreBusy(
                f"Another process is filling the dataset {self._dataset}. Wait until it is done."
            )

    def _finish(self, claim: _Claim, billed: int) -> Coverage:
        """Record a part whose rows are there, and remove the claim on it."""
        held = claim.coverage
        done = replace(held, bytes_billed=held.bytes_billed + billed)
        self._tables.append(COVERAGE, [{**row_of(done, claim.id), "replaces": []}])
        self._tables.remove(PENDING, [claim.id])
        return done

    def _insert(self, claim: _Claim, select: PaidStatement) -> PaidStatement:
        """The INSERT of a claim, not resumable: after step 3 an earlier one's rows are gone."""
        columns = ", ".join(("period", *claim.coverage.cube.dimensions, "downloads"))
        sql = (
            f"-- {_mark(claim)}\n"
            f"INSERT INTO {self._quoted(claim.coverage.cube)} ({columns})\n"
            f"SELECT {columns} FROM (\n{select.sql}\n)"
        )
        return replace(select, sql=sql, resumable=False)

    def _delete(self, part: Coverage) -> PaidStatement:
        conditions = "period >= @first AND period < @after"
        values: dict[str, Value] = {"first": part.first, "after": part.last + timedelta(days=1)}
        if part.packages is not None:
            conditions += " AND project IN UNNEST(@packages)"
            values["packages"] = part.packages
        sql = f"DELETE FROM {self._quoted(part.cube)} WHERE {conditions}"  # noqa: S608
        return PaidStatement("store_delete", sql, values, clustered=part.packages is not None)

    def _billed(self, claim: _Claim) -> int | None:
        """What the INSERT of a claim was billed; None where it was not sent, or failed."""
        for entry in self.asking.budget.ledger.since(claim.begun_at):
            if entry.statement != claim.statement:
                continue
            job = self._ended(entry.job, entry.project, _mark(claim))
            if job is None:
                continue
            billed = int(job.total_bytes_billed or 0)
            if entry.billed is None:
                self.asking.budget.ledger.settle(entry.job, billed)
            if job.error_result is None:
                return billed
        return None

    def _ended(self, id: str, project: str, mark: str) -> bigquery.QueryJob | None:
        """The job of this id once it runs no more; None where it is not that of the mark."""
        waited = 0.0
        while True:
            job = self._free(lambda: _found(self.asking.client, id, project))
            if job is None or mark not in job.query:
                return None
            if job.state == "DONE":
                return job
            if waited >= _LONGEST_WAIT:
                raise StoreBusy(
                    f"BigQuery is still filling the dataset {self._dataset} for an earlier run, "
                    "which has been paid for. Run the same command again in some minutes."
                )
            self._sleep(_PAUSE)
            waited += _PAUSE

    def _existing_dataset(self) -> bigquery.Dataset:
        client = self.asking.client
        try:
            # Looked for first: who may write into a dataset need not be allowed to make one.
            return client.get_dataset(str(self._dataset))
        except NotFound:
            wanted = bigquery.Dataset(str(self._dataset))
            wanted.location = LOCATION
            return client.create_dataset(wanted, exists_ok=True)

    def _create_cube(self, cube: Cube) -> None:
        if cube not in self._cubes:
            self._create(cube_table(self._dataset, cube))
            self._cubes.add(cube)

    def _create(self, table: bigquery.Table) -> None:
        self._free(lambda: self.asking.client.create_table(table, exists_ok=True))

    def _free(self, call: Callable[[], _T]) -> _T:
        try:
            return call()
        except KINDS as error:
            raise in_words(error, self.asking.project) from error

    def _quoted(self, cube: Cube) -> str:
        return f"`{self._dataset}.{cube.name}`"


def _found(client: bigquery.Client, id: str, project: str) -> bigquery.QueryJob | None:
    try:
        job = client.get_job(id, project=project)
    except NotFound:
        return None
    return job if isinstance(job, bigquery.QueryJob) else None


def _mark(claim: _Claim) -> str:
    """By what the job of a claim is known: it stands in the statement's text."""
    return f"claim {claim.id}"


def _claim_of(row: Row) -> _Claim:
    return _Claim(row["id"], coverage_of(row), row["statement"], row["begun_at"])


def _part(row: Coverage) -> object:
    return row.cube, row.first, row.last, row.packages


def _overlap(one: Coverage, other: Coverage) -> bool:
    """Whether two parts share a row of a cube."""
    if one.cube != other.cube or one.first > other.last or other.first > one.last:
        return False
    if one.packages is None or other.packages is None:
        return True
    return not set(one.packages).isdisjoint(other.packages)
