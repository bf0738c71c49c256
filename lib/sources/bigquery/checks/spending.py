"""Pays for the queries of checks, within what all of them may cost."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from lib.bigquery import PaidStatement
from lib.bigquery.asking import BigQuery
from lib.budget import LEAST_BILLED, Entry, gigabytes
from lib.errors import OverBudget, PulseError
from lib.settings import GIGABYTE
from lib.sources.bigquery.checks.finding import TOLERANCE, Finding, is_refusal, said, verdict
from lib.sources.bigquery.checks.statements import OF_CHECKS

MOST_SPENT = GIGABYTE
"""The checks are billed no more than this in all."""

MOST_ON_CAP = 50_000_000
"""What the one query may read whose cap is too low, should BigQuery run it all the same."""


@dataclass(frozen=True)
class Bill:
    """What a query was to read, what was billed for it, and its rows."""

    price: int
    billed: int
    rows: list[dict[str, Any]]

    @property
    def skipped(self) -> bool:
        """Whether BigQuery read clearly less than it said before."""
        return 0 < self.billed < max(self.price, LEAST_BILLED) * (1 - TOLERANCE)

    @property
    def words(self) -> str:
        """The bill as a person reads it."""
        return f"{gigabytes(self.billed)} billed of {gigabytes(self.price)}"


def bill(asking: BigQuery, statement: PaidStatement) -> Bill:
    """Send a query. Raises OverBudget where it may pass what is left, and BigQueryError."""
    # Under a name of its own: a sync tells from earlier bills of a name what it will likely cost.
    name = OF_CHECKS + statement.name.removeprefix(OF_CHECKS)
    statement = replace(statement, name=name, resumable=False)
    estimate = asking.estimate(statement)
    left = MOST_SPENT - MOST_ON_CAP - asking.billed
    if estimate.cap > left:
        raise OverBudget(
            f"its upper bound is {gigabytes(estimate.cap)}, and {gigabytes(left)} of "
            f"{gigabytes(MOST_SPENT)} are left for checks"
        )
    answered = asking.run(statement)
    return Bill(estimate.bytes, answered.billed, answered.table().to_pylist())


def attempted(assumption: str, check: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    """What a check finds, or why it could not be made: one does not stop the others."""
    try:
        yield from check()
    except PulseError as error:
        holds = False if is_refusal(error) else None
        yield Finding(assumption, f"not run: {said(error)}", verdict(holds))


def paid(asking: BigQuery, begun: datetime) -> list[Entry]:
    """The ledger's lines of the checks since they began."""
    # The ledger knows no parts of a second.
    entries = asking.budget.ledger.since(begun.replace(microsecond=0))
    return [entry for entry in entries if entry.statement.startswith(OF_CHECKS)]
