"""What can be ordered of the live sources of signals: from where, for which packages and days."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum

from lib.cubes import Grain
from lib.signals import Signal, frozen_copy, stack_exchange, wikimedia


class LiveSource(StrEnum):
    """What signals can be fetched from."""

    STACK_OVERFLOW = "stack-overflow"
    WIKIPEDIA = "wikipedia"
    FROZEN_STACK_OVERFLOW = "stack-overflow-bigquery"

    @property
    def signal(self) -> Signal:
        """What is fetched there."""
        return Signal.WIKIPEDIA if self is LiveSource.WIKIPEDIA else Signal.STACK_OVERFLOW

    @property
    def grain(self) -> Grain:
        """The periods that it counts by."""
        return Grain.DAY if self is LiveSource.WIKIPEDIA else Grain.MONTH

    @property
    def name_of_source(self) -> str:
        """What figures name as their source."""
        return {
            LiveSource.STACK_OVERFLOW: stack_exchange.SOURCE,
            LiveSource.WIKIPEDIA: wikimedia.SOURCE,
            LiveSource.FROZEN_STACK_OVERFLOW: frozen_copy.SOURCE,
        }[self]


@dataclass(frozen=True)
class Order:
    """What a person asked to be fetched.

    `packages` are normalized names. Without `first`, from the first day of downloads that the
    store holds; without `last`, up to yesterday. `who` is written into the ledger of what is paid.
    """

    source: LiveSource
    packages: tuple[str, ...]
    who: str
    first: date | None = None
    last: date | None = None
    dry_run: bool = False
    for_pages: bool = False


def _now() -> datetime:
    """The time in UTC, which goes on even where the app's clock is frozen: it is waited by."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Outside:
    """Where the free services are, and by which clock they are waited for."""

    stack_exchange: str = stack_exchange.ADDRESS
    wikimedia: str = wikimedia.ADDRESS
    now: Callable[[], datetime] = _now
    sleep: Callable[[float], None] = time.sleep
