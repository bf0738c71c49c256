"""Fills a store from ClickHouse's public copy: named packages, each day of each cube once.

Only days of the last week are counted again, and read again where the count has changed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from lib.cubes import Coverage, Cube
from lib.errors import ClickHouseError
from lib.progress import Report
from lib.router import Period
from lib.sources.clickhouse import CUBES, SOURCE, ClickHouse, DayCount, Fetched, Plan
from lib.sync.landing import PUBLISHED_EVERY, Landing
from lib.sync.plan import batches_of, first_provisional, missing_parts, newest_loaded, runs


@dataclass(frozen=True)
class FetchPlan:
    """What will be fetched: a plan for each cube and run of days that the store lacks.

    `again` are plans of days that are held and have changed, `final` what is held and will not
    change. `period` is what can be had of the days `wanted`.
    """

    plans: tuple[Plan, ...]
    again: tuple[Plan, ...]
    final: tuple[Coverage, ...]
    period: Period
    wanted: Period

    @property
    def queries(self) -> int:
        """How many queries it takes where no answer is cut."""
        return sum(plan.queries for plan in (*self.plans, *self.again))

    @property
    def absent(self) -> tuple[date, ...]:
        """The days that the store lacks in some cube and ClickHouse has not loaded."""
        return tuple(sorted({day for plan in self.plans for day in plan.absent}))

    @property
    def words(self) -> str:
        """What it takes, as a person reads it before deciding."""
        plans = (*self.plans, *self.again)
        again = {day for plan in self.again for day in plan.days}
        told = []
        if any(plan.chunks for plan in plans):
            rows = sum(plan.rows for plan in plans)
            told.append(f"{rows:,} rows in {self.queries} queries of ClickHouse's free service.")
        elif not self.absent:
            told.append("Nothing is missing: no query is needed.")
        if again:
            told.append(_about(again, "read again: ClickHouse has changed"))
        if self.absent:
            told.append(_about(self.absent, "left out: ClickHouse has not loaded"))
        if self.period != self.wanted:
            told.append(f"ClickHouse has no whole day after {self.period.last} yet.")
        return " ".join(told)


def _about(days: Collection[date], text: str) -> str:
    """A sentence on days: one by its date, several by their number."""
    if len(days) == 1:
        return f"{min(days)} is {text} it."
    return f"{len(days)} days are {text} them."


def plan_fetch(
    source: ClickHouse,
    landing: Landing,
    packages: tuple[str, ...],
    period: Period,
    *,
    now: datetime,
    report: Report,
) -> FetchPlan:
    """What the store lacks of the packages and days, as far as ClickHouse has them whole.

    Days that were held while they might still change are counted again: one query for each cube
    and the packages that were fetched together.

    Raises ClickHouseError where it has none of the days.
    """
    report(0.0, "Asking what ClickHouse holds")
    latest = min(source.latest_day(), newest_loaded(now))
    if latest < period.first:
        raise ClickHouseError(
            f"ClickHouse holds days up to {latest} only. Ask for earlier ones, or wait: a day "
            "arrives some hours after it is over."
        )
    wanted, period = period, Period(period.first, min(period.last, latest))
    coverage = landing.coverage()
    plans: list[Plan] = []
    again: list[Plan] = []
    final: list[Coverage] = []
    for number, cube in enumerate(CUBES):
        report(number / len(CUBES), "Counting what will be fetched")
        for days, lacking in runs(missing_parts(coverage, cube, packages, period)):
            for names in batches_of(lacking or ()):
                plans.append(source.plan(cube, names, days.first, days.last))
        for names, held in _provisional(coverage, cube, packages, period).items():
            changed = _changed(source, cube, names, held)
            again.append(changed)
            agreeing = held.keys() - {*changed.days, *changed.absent}
            final += (held[day] for day in agreeing if day < first_provisional(now))
    return FetchPlan(tuple(plans), tuple(again), tuple(final), period, wanted)


def _provisional(
    coverage: Iterable[Coverage], cube: Cube, packages: tuple[str, ...], period: Period
) -> dict[tuple[str, ...], dict[date, Coverage]]:
    """What is held of a wish from before its days were final, by its packages and day."""
    found: dict[tuple[str, ...], dict[date, Coverage]] = {}
    for row in coverage:
        concerned = row.cube == cube and period.first <= row.first <= period.last
        if concerned and row.fingerprint and not set(row.packages or ()).isdisjoint(packages):
            found.setdefault(row.packages or (), {})[row.first] = row
    return found


def _changed(
    source: ClickHouse, cube: Cube, packages: tuple[str, ...], held: dict[date, Coverage]
) -> Plan:
    """A plan of the days held whose count is not what it was."""

    def differs(count: DayCount) -> bool:
        return count.day in held and held[count.day].fingerprint != count.fingerprint

    return source.plan(cube, packages, min(held), max(held), wanted=differs)


def run_fetch(
    source: ClickHouse,
    landing: Landing,
    plan: FetchPlan,
    now: Callable[[], datetime],
    report: Report,
) -> None:
    """Fetch a plan into the store.

    What was fetched is published now and then, and whenever the work ends, whyever it does.
    Raises ClickHouseError; running it again goes on where it ended.
    """
    published = now()
    plans = (*plan.plans, *plan.again)
    done, chunks = 0, sum(len(one.chunks) for one in plans)
    try:
        for number, one in enumerate(plans):
            for fetched in source.fetch(one):
                report(done / chunks, f"Fetched {fetched.cube.name} to {fetched.last}")
                # What is held day by day is replaced day by day.
                held = number >= len(plan.plans)
                for part in fetched.split(date.min if held else first_provisional(now())):
                    landing.land(_coverage_of(part, now()), part.rows.to_batches())
                done += 1
                if now() - published > PUBLISHED_EVERY:
                    landing.publish()
                    published = now()
    finally:
        landing.publish()
        if plan.final:
            landing.settle(plan.final)
    report(1.0, f"Done: {done} answers, each checked against the server's own count")


def _coverage_of(fetched: Fetched, now: datetime) -> Coverage:
    """What the store will hold, with the count of a day that may still change."""
    return Coverage(
        fetched.cube,
        fetched.first,
        fetched.last,
        fetched.packages,
        SOURCE,
        now.replace(tzinfo=None, microsecond=0),
        fingerprint=fetched.fingerprint if fetched.last >= first_provisional(now) else "",
    )
