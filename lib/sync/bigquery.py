"""Fills a store from BigQuery day by day: priced first, paid for once, resumed after a kill."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from lib.bigquery import PaidStatement
from lib.bigquery.asking import Answered, BigQuery
from lib.budget import Entry, gigabytes, priced
from lib.cubes import Coverage, Cube
from lib.errors import BigQueryError, OverBudget
from lib.progress import Report
from lib.router import Period
from lib.sources.bigquery import (
    ALL_PACKAGES_CUBE,
    SOURCE,
    WATCH_LIST_CUBE,
    all_packages_day,
    partitions,
    watch_list_day,
)
from lib.sync.landing import PUBLISHED_EVERY, Landing
from lib.sync.plan import (
    Part,
    cheapest_batches,
    first_provisional,
    merged,
    missing_parts,
    newest_loaded,
)

if TYPE_CHECKING:
    from lib.stores.bigquery import DatasetWriter

_log = logging.getLogger(__name__)

_AT_ONCE = 8

_CLOCKS_APART = timedelta(minutes=5)
"""So far this machine's clock may be from BigQuery's."""

_UNTOLD = "not told"
"""The fingerprint of a day that was read while BigQuery did not tell when it had changed."""


@dataclass(frozen=True)
class Wish:
    """The days wanted, of the named packages with every dimension, or of all of PyPI by country."""

    period: Period
    packages: tuple[str, ...] | None

    @property
    def cube(self) -> Cube:
        """The cube that holds what is wanted."""
        return ALL_PACKAGES_CUBE if self.packages is None else WATCH_LIST_CUBE


@dataclass(frozen=True)
class PartitionState:
    """What BigQuery tells of a day of the raw table: its rows, and when it last changed (UTC)."""

    rows: int
    changed_at: datetime

    @property
    def fingerprint(self) -> str:
        """Another text whenever the day has changed."""
        return f"{self.rows} rows, changed {self.changed_at.isoformat()}"


@dataclass(frozen=True)
class Step:
    """One paid query of a sync, the bytes that BigQuery says it may read, and what it is about."""

    part: Part
    statement: PaidStatement
    bytes: int


@dataclass(frozen=True)
class Plan:
    """What a sync will do, and what it may cost.

    `likely` is what queries of this kind were billed before, applied to this one; None where the
    estimate is exact or none was sent before. `absent` are the days that PyPI has no rows of yet.
    """

    steps: tuple[Step, ...]
    absent: tuple[date, ...]
    final: tuple[Coverage, ...]
    states: dict[date, PartitionState]
    upper_bound: bool
    likely: int | None

    @property
    def bytes(self) -> int:
        """What all of it may read."""
        return sum(step.bytes for step in self.steps)

    @property
    def words(self) -> str:
        """The price as a person reads it before deciding."""
        if not self.steps:
            return "Nothing is missing: no query is needed."
        days = len({step.part.day for step in self.steps})
        amount = f"{len(self.steps)} queries for {days} days" if days > 1 else "One day"
        if len(self.steps) == 1:
            amount = "One query"
        if not self.upper_bound:
            return f"{amount}: {priced(self.bytes)}."
        most = max(step.bytes for step in self.steps)
        likely = (
            f" Earlier queries like these suggest about {priced(self.likely)}."
            if self.likely is not None
            else " BigQuery skips what belongs to other packages, and bills far less as a rule."
        )
        return f"{amount}: upper bound {priced(self.bytes)}, {gigabytes(most)} at a time.{likely}"


class Filling(Protocol):
    """A store that takes days from BigQuery, each wholly or not at all."""

    def recover(self) -> None:
        """Keep what an earlier process had paid for when it was killed."""
        ...

    def coverage(self) -> tuple[Coverage, ...]:
        """What is held."""
        ...

    def fill(self, coverage: Coverage, select: PaidStatement, since: datetime | None) -> Coverage:
        """Take the rows of `select`, which are what `coverage` says; returned with its price."""
        ...

    def publish(self) -> None:
        """Let readers see what was taken."""
        ...

    def finish(self, final: Iterable[Coverage]) -> None:
        """Let readers see what was taken. Days in `final` will not be read again."""
        ...


class LocalFilling:
    """Takes days into a DuckDB store, through files that survive a kill.

    `unpaid` opens a way to BigQuery that may bill nothing.
    """

    def __init__(self, asking: BigQuery, landing: Landing, unpaid: Callable[[], BigQuery]) -> None:
        self._asking = asking
        self._landing = landing
        self._unpaid = unpaid

    def recover(self) -> None:
        """Bring into the store what landed before a kill, and what had been paid for by then.

        Before anything is planned: the next plan may be for other packages or in other batches,
        so that its statements would not find the one that was paid for, or cost more than is left
        of the budget that this one has used.
        """
        claimed = self._landing.claimed()
        if claimed is not None:
            try:
                answered = self._unpaid().run(
                    _select(claimed.first, claimed.packages),
                    since=claimed.written_at.replace(tzinfo=UTC) - _CLOCKS_APART,
                )
            except OverBudget:
                self._landing.release()
            else:
                self._land(claimed, answered)
        self._landing.publish()

    def coverage(self) -> tuple[Coverage, ...]:
        """What is held or has landed."""
        return self._landing.coverage()

    def fill(self, coverage: Coverage, select: PaidStatement, since: datetime | None) -> Coverage:
        """Fetch the rows of a day and keep them in a file."""
        self._landing.claim(coverage)
        return self._land(coverage, self._asking.run(select, since=since))

    def publish(self) -> None:
        """Swap what landed into the store."""
        self._landing.publish()

    def finish(self, final: Iterable[Coverage]) -> None:
        """Swap what landed into the store, and record which days will not be read again."""
        self._landing.publish()
        rows = tuple(final)
        if rows:
            self._landing.settle(rows)

    def _land(self, coverage: Coverage, answered: Answered) -> Coverage:
        taken = replace(coverage, bytes_billed=coverage.bytes_billed + answered.billed)
        self._landing.land(taken, answered.batches())
        return taken


class DatasetFilling:
    """Takes days into a dataset of BigQuery, without moving a row here."""

    def __init__(self, writer: DatasetWriter) -> None:
        self._writer = writer

    def recover(self) -> None:
        """Make what the dataset lacks, and finish what a killed process had begun."""
        self._writer.create()
        self._writer.recover()

    def coverage(self) -> tuple[Coverage, ...]:
        """What is held."""
        return self._writer.coverage()

    def fill(self, coverage: Coverage, select: PaidStatement, since: datetime | None) -> Coverage:
        """Have BigQuery insert the rows of a day: what it reads is what it finds then."""
        return self._writer.fill(coverage, select)

    def publish(self) -> None:
        """Nothing is left to do: every day is seen as soon as it is in."""

    def finish(self, final: Iterable[Coverage]) -> None:
        """Record which days will not be read again, and tell the same days in fewer rows."""
        parts = set(final)
        held = self.coverage()
        rows = merged(replace(row, fingerprint="") if row in parts else row for row in held)
        if parts or len(rows) < len(held):
            self._writer.rewrite_coverage(rows)


def partition_states(
    asking: BigQuery, filling: Filling, wish: Wish, say: Callable[[str], None]
) -> dict[date, PartitionState]:
    """What BigQuery tells of the days that may have changed since they were read, or are new.

    The one paid query of a plan, of 10 MB. Nothing, and a word, where BigQuery does not tell.
    """
    now = asking.budget.now()
    new = [part.day for part in _missing(filling, wish, now) if part.day >= first_provisional(now)]
    days = sorted({*new, *(row.first for row in _provisional(filling, wish))})
    if not days:
        return {}
    try:
        rows = asking.run(partitions(days)).table().to_pylist()
    except BigQueryError:
        say("BigQuery does not tell which days have changed: none is read again now.")
        return {}
    states = dict.fromkeys(new, PartitionState(0, now))
    for row in rows:
        day = datetime.strptime(row["partition_id"], "%Y%m%d").date()
        states[day] = PartitionState(row["total_rows"], row["last_modified_time"])
    return states


def plan_sync(
    asking: BigQuery,
    filling: Filling,
    wish: Wish,
    states: dict[date, PartitionState],
    report: Report,
) -> Plan:
    """What is missing of a wish and what it may cost, asked for nothing.

    Days of the last week that changed since they were read are read again, as `states` say.
    """
    now = asking.budget.now()
    held = _provisional(filling, wish)
    missing = _missing(filling, wish, now)
    absent = tuple(p.day for p in missing if _is_absent(p.day, states, now))
    parts = [part for part in missing if part.day not in absent]
    parts += [
        Part(wish.cube, row.first, row.packages, replaces=row)
        for row in held
        if row.first in states and states[row.first].fingerprint != row.fingerprint
    ]
    again = {part.replaces for part in parts}
    final = tuple(
        row
        for row in held
        if row not in again
        and row.first < first_provisional(now)
        and (row.first in states or row.fingerprint == _UNTOLD)
    )
    ordered = sorted(parts, key=lambda part: (part.replaces is not None, part.day))
    steps = _priced(asking, ordered, report)
    bounded = wish.packages is not None
    likely = _likely(asking.budget.entries(), steps) if bounded else None
    return Plan(tuple(steps), absent, final, states, bounded, likely)


def price_of_rereading(asking: BigQuery, filling: Filling, wish: Wish) -> tuple[int, int]:
    """How many days of a wish are held but may have changed, and the bytes of reading all again."""
    held = _provisional(filling, wish)
    parts = [Part(wish.cube, row.first, row.packages, replaces=row) for row in held]
    steps = _priced(asking, parts, lambda fraction, text: None)
    return len({part.day for part in parts}), sum(step.bytes for step in steps)


def require_affordable(plan: Plan, asking: BigQuery, most: int | None) -> None:
    """Raise OverBudget where an exact price is more than may be spent: half of it helps nobody.

    An upper bound says little about the price; each of its queries is checked when it is sent.
    """
    allowed = asking.budget.left() if most is None else min(most, asking.budget.left())
    if not plan.upper_bound and plan.bytes > allowed:
        raise OverBudget(
            f"These days would read {priced(plan.bytes)}, and {gigabytes(allowed)} may be spent. "
            "Nothing was sent. Choose fewer days, or allow more with --max-gb and "
            "PULSE_MONTHLY_GB."
        )


def run_sync(asking: BigQuery, filling: Filling, plan: Plan, report: Report) -> None:
    """Read every step of a plan into the store.

    What was read is published now and then, and whenever the work ends, whyever it does. Raises
    OverBudget and BigQueryError; running it again goes on where it ended.
    """
    published = asking.budget.now()
    try:
        for number, step in enumerate(plan.steps):
            part = step.part
            report(
                number / len(plan.steps),
                f"{part.day}: {_named(part)}, {gigabytes(asking.billed)} billed so far",
            )
            state = plan.states.get(part.day)
            since = _since(part, state, asking.budget.now())
            filling.fill(_coverage_of(asking, step, state), step.statement, since)
            if asking.budget.now() - published > PUBLISHED_EVERY:
                filling.publish()
                published = asking.budget.now()
    finally:
        filling.finish(plan.final)
        asking.settle_unfinished()
    report(1.0, f"Done: {priced(asking.billed)} billed")


def _is_absent(day: date, states: dict[date, PartitionState], now: datetime) -> bool:
    """Whether BigQuery has no rows of a day yet, or may have none where it does not tell."""
    if day in states:
        return states[day].rows == 0
    return not states and day > newest_loaded(now)


def _missing(filling: Filling, wish: Wish, now: datetime) -> tuple[Part, ...]:
    yesterday = now.date() - timedelta(days=1)
    period = Period(wish.period.first, min(wish.period.last, yesterday))
    return missing_parts(filling.coverage(), wish.cube, wish.packages, period)


def _provisional(filling: Filling, wish: Wish) -> list[Coverage]:
    """What is held of the wish from before its days were final: nothing else is read again."""
    return [row for row in filling.coverage() if row.fingerprint and _concerns(row, wish)]


def _concerns(row: Coverage, wish: Wish) -> bool:
    if row.cube != wish.cube or not wish.period.first <= row.first <= wish.period.last:
        return False
    if row.packages is None or wish.packages is None:
        return row.packages is wish.packages
    return not set(row.packages).isdisjoint(wish.packages)


def _since(part: Part, state: PartitionState | None, now: datetime) -> datetime | None:
    """When the earliest query was sent that may have read all that a day holds now."""
    if state is None:
        return None
    # What is read again was read before, and perhaps after the time that BigQuery names.
    return max(state.changed_at, now) if part.replaces else state.changed_at


def _priced(asking: BigQuery, parts: Sequence[Part], report: Report) -> list[Step]:
    """Each part as the queries that read it most cheaply, with the price of each."""
    batches: dict[tuple[str, ...], tuple[tuple[str, ...], ...]] = {}
    wanted = []
    for part in parts:
        if part.packages is None:
            wanted.append((part, _select(part.day, None)))
            continue
        if part.replaces is not None:
            batches[part.packages] = (part.packages,)
        if part.packages not in batches:
            batches[part.packages] = cheapest_batches(part.packages, _pricing(asking, part.day))
        for batch in batches[part.packages]:
            wanted.append((replace(part, packages=batch), _select(part.day, batch)))
    steps = []
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        estimates = pool.map(lambda one: asking.estimate(one[1]).bytes, wanted)
        for number, ((part, statement), estimate) in enumerate(
            zip(wanted, estimates, strict=True), start=1
        ):
            report(number / len(wanted), f"Asking the price of {part.day}")
            steps.append(Step(part, statement, estimate))
    return steps


def _pricing(asking: BigQuery, day: date) -> Callable[[tuple[str, ...]], int]:
    return lambda packages: asking.estimate(_select(day, packages)).cap


def _select(day: date, packages: tuple[str, ...] | None) -> PaidStatement:
    """What yields the rows of a day, of the named packages or of all of PyPI."""
    return all_packages_day(day) if packages is None else watch_list_day(day, packages)


def _likely(entries: Iterable[Entry], steps: Sequence[Step]) -> int | None:
    """The upper bounds of `steps`, as far as such queries were billed theirs before."""
    names = {step.statement.name for step in steps}
    # Those billed nothing failed, or never came to BigQuery.
    earlier = [entry for entry in entries if entry.statement in names and entry.billed]
    estimated = sum(entry.estimate for entry in earlier)
    if not estimated:
        return None
    billed = sum(entry.counted for entry in earlier)
    return round(sum(step.bytes for step in steps) * billed / estimated)


def _coverage_of(asking: BigQuery, step: Step, state: PartitionState | None) -> Coverage:
    """What the store will hold once a step is done, with the price of what it replaces."""
    part = step.part
    now = asking.budget.now()
    fingerprint = state.fingerprint if state else _UNTOLD
    return Coverage(
        part.cube,
        part.day,
        part.day,
        part.packages,
        SOURCE,
        now.replace(tzinfo=None, microsecond=0),
        part.replaces.bytes_billed if part.replaces else 0,
        fingerprint if part.day >= first_provisional(now) else "",
    )


def _named(part: Part) -> str:
    if part.packages is None:
        return "all packages"
    return part.packages[0] if len(part.packages) == 1 else f"{len(part.packages)} packages"
