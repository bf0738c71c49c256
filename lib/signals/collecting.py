"""Brings fetched values into the series that are held, and keeps those now and then."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import pandas as pd

from lib.cubes import Grain
from lib.errors import SignalError, StoreBusy
from lib.signals import UNITS, Signal, SignalSeries
from lib.signals.kept import keep

_KEPT_EVERY = timedelta(seconds=30)
"""How often what was fetched is kept: each time the store's file is written anew."""


@dataclass(frozen=True)
class Value:
    """What a source says of one period; `flagged` where it says so less exactly."""

    amount: float
    flagged: bool = False


class Collecting:
    """The series of one signal from one source: those held, with what is fetched now.

    `held` are all series of the file at `path`. `now` gives the time in UTC.
    """

    def __init__(
        self,
        path: Path,
        held: Iterable[SignalSeries],
        *,
        signal: Signal,
        grain: Grain,
        source: str,
        now: Callable[[], datetime],
    ) -> None:
        self._path = path
        self._signal = signal
        self._grain = grain
        self._source = source
        self._now = now
        self._kept_at = now()
        self._series = {one.term: one for one in held if one.signal is signal}
        self._arrived: dict[str, dict[date, Value]] = {}

    def series(self, term: str) -> SignalSeries | None:
        """What is held of a term and is added to; None where there is nothing real.

        Raises SignalError where it is held at another grain, to which nothing can be added.
        """
        found = self._series.get(term)
        if found is None or found.simulated:
            return None
        if found.grain is not self._grain:
            raise SignalError(
                f"{found.name} is held by {found.grain} from {found.source}. Remove it before it "
                f"is fetched by {self._grain}."
            )
        return found

    def periods(self, term: str) -> frozenset[date]:
        """The periods that are held of a term. Raises as `series` does."""
        found = self.series(term)
        return frozenset() if found is None else frozenset(found.frame["period"].dt.date)

    def add(self, term: str, values: Mapping[date, Value]) -> None:
        """Take values in place of what is held of their periods; now and then all is kept."""
        self._arrived.setdefault(term, {}).update(values)
        if self._now() - self._kept_at > _KEPT_EVERY:
            # The store may be being written by another: at the end, that is told.
            with suppress(StoreBusy):
                self.keep()

    def keep(self) -> None:
        """Keep what was fetched, whole or not at all. Raises StoreBusy and StoreError."""
        found = [self._merged(term, values) for term, values in self._arrived.items() if values]
        if found:
            keep(self._path, found)
        self._series.update({one.term: one for one in found})
        self._arrived.clear()
        self._kept_at = self._now()

    def _merged(self, term: str, values: Mapping[date, Value]) -> SignalSeries:
        held = self.series(term)
        rows = {pd.Timestamp(day): (value.amount, value.flagged) for day, value in values.items()}
        source = self._source
        if held is not None:
            before = held.frame.itertuples(index=False, name=None)
            rows = {period: (value, flagged) for period, value, flagged in before} | rows
            # An import may have had these months too, and the copy in BigQuery others.
            source = held.source if source in held.source else f"{held.source}; {source}"
        frame = pd.DataFrame(
            [(period, *rows[period]) for period in sorted(rows)],
            columns=["period", "value", "flagged"],
        )
        unit = UNITS[self._signal]
        fetched_at = self._now().replace(tzinfo=None)
        return SignalSeries(self._signal, term, self._grain, unit, source, fetched_at, frame)
