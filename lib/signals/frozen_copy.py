"""Questions on Stack Overflow by tag and month, from BigQuery's public copy, which ends in 2022.

One statement reads all months of all tags, behind the budget as every paid query.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from lib.bigquery import PaidStatement, Value
from lib.errors import SignalError
from lib.router import first_of_next_month

if TYPE_CHECKING:
    from lib.bigquery.asking import BigQuery

TABLE = "bigquery-public-data.stackoverflow.posts_questions"

LOADED_LAST = date(2022, 11, 25)
"""When Google loaded the copy for the last time."""

SOURCE = f"BigQuery's copy of Stack Overflow, frozen {LOADED_LAST}"

NEWEST_MONTH = date(2022, 10, 1)
"""No later month can be whole; whether this one is, the answer tells."""

_SQL = Path(__file__).with_name("sql")


@cache
def text() -> str:
    """The GoogleSQL of the statement, as its file has it."""
    return (_SQL / "stack_overflow_months.sql").read_text(encoding="utf-8")


def questions_by_month(tags: Sequence[str], first: date, last: date) -> PaidStatement:
    """The questions of named tags from the month of `first` to that of `last`.

    Resumable: the copy never changes. Raises ValueError where no tag is named.
    """
    if not tags:
        raise ValueError("Questions are asked for by at least one tag.")
    values: Mapping[str, Value] = {
        "tags": tuple(sorted(tags)),
        "first": first.replace(day=1),
        "after": first_of_next_month(last),
    }
    return PaidStatement("stack_overflow_months", text(), values, resumable=True)


def read(
    asking: BigQuery, tags: Sequence[str], first: date, last: date
) -> dict[str, dict[date, int]]:
    """The questions of each tag in each month that the copy has whole, by its first day.

    A tag without questions in such a month has zero. Raises OverBudget, BigQueryError, and
    SignalError where the copy has none of the months whole.
    """
    rows = asking.run(questions_by_month(tags, first, last)).table().to_pylist()
    newest = max((row["newest"] for row in rows), default=None)
    months = sorted({row["period"] for row in rows})
    whole = [month for month in months if newest is not None and _is_whole(month, newest)]
    if not whole:
        raise SignalError(
            f"{SOURCE}, has no whole month from {first:%Y-%m} to {last:%Y-%m}. It begins with "
            "2008-08 and ends in 2022."
        )
    counted = {(row["tag"], row["period"]): int(row["questions"]) for row in rows}
    return {tag: {month: counted.get((tag, month), 0) for month in whole} for tag in tags}


def _is_whole(month: date, newest: datetime) -> bool:
    """Whether the copy goes on to a month's last day: there is a question every few seconds."""
    return newest.date() >= first_of_next_month(month) - timedelta(days=1)
