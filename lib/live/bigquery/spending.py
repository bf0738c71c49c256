"""What the Live page may be billed on a UTC day, and when a query would pass that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from lib.bigquery import PaidStatement
from lib.budget import LEAST_BILLED, Entry, gigabytes
from lib.live import midnight
from lib.sources.bigquery.widths import small_package_bytes

if TYPE_CHECKING:
    from lib.bigquery.asking import BigQuery

WHO = "live"
"""Who asks, as the ledger has it."""


@dataclass(frozen=True)
class Refusal:
    """Why a statement may not be sent today, and whether nothing else that costs may be either."""

    sentence: str
    of_all: bool


@dataclass(frozen=True)
class Allowance:
    """How many bytes may be billed to the Live page, that watches `packages`, on a UTC day.

    What was billed counts, and not the upper bounds that the month's budget reserves: those of a
    clustered table are a hundred times as much, and the first would use up any daily cap.
    """

    daily: int
    packages: int

    def refusal(
        self, bigquery: BigQuery, statement: PaidStatement, now: datetime
    ) -> Refusal | None:
        """Why a statement may not be sent today, or None. Raises PulseError.

        A statement on a clustered table is expected to be billed what it was last today, or, for
        the first time, what so many small packages cost at least; any other what BigQuery says.
        """
        today = [one for one in bigquery.budget.ledger.since(midnight(now)) if _is_ours(one)]
        spent = sum(self._billed(entry, today) for entry in today)
        if statement.clustered:
            expected = self._likely(statement.name, today)
        else:
            expected = max(bigquery.estimate(statement).bytes, LEAST_BILLED)
        if spent + expected <= self.daily:
            return None
        if expected > self.daily:
            sentence = (
                f"The query {statement.name} is expected to read {gigabytes(expected)}, more than "
                f"the {gigabytes(self.daily)} that the Live page may be billed a UTC day, and is "
                "not sent. The cap is set by PULSE_LIVE_GB."
            )
            return Refusal(sentence, of_all=False)
        sentence = (
            f"The Live page may be billed {gigabytes(self.daily)} a UTC day: {gigabytes(spent)} "
            f"were billed, and the next query is expected to read {gigabytes(expected)}. Until "
            "00:00 UTC only the number of all downloads, which costs nothing, goes on. The cap is "
            "set by PULSE_LIVE_GB."
        )
        return Refusal(sentence, of_all=True)

    def _billed(self, entry: Entry, today: Sequence[Entry]) -> int:
        """What a query was billed, or is likely to be where another process waits for it."""
        if entry.billed is not None:
            return entry.billed
        return self._likely(entry.statement, today) if entry.upper_bound else entry.cap

    def _likely(self, statement: str, today: Sequence[Entry]) -> int:
        for entry in today:
            # Nothing was billed to a query that failed.
            if entry.statement == statement and entry.billed:
                return entry.billed
        return self.packages * small_package_bytes(statement)


def _is_ours(entry: Entry) -> bool:
    return entry.who == WHO and entry.statement.startswith(("live_", "partitions"))
