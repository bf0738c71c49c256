"""The one way to BigQuery: a statement is bounded, priced, reserved, sent, and written down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

Value = str | date | int | tuple[str, ...] | tuple[date, ...]
"""What a statement can bind: a tuple becomes an array."""


@dataclass(frozen=True)
class PaidStatement:
    """GoogleSQL that can cost money, with the values that it binds by name.

    `clustered` says that its filter is on a clustering key: the price that BigQuery names before
    is then only an upper bound, for the blocks that it can skip are known while it runs.
    `resumable` says that its rows may be taken from the same statement sent less than a day ago,
    by a process that was killed before it could keep them, rather than be paid for again.
    """

    name: str
    sql: str
    values: Mapping[str, Value] = field(default_factory=dict)
    clustered: bool = False
    resumable: bool = False
