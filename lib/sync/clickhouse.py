"""Fills a store from ClickHouse's public copy: named packages, each day of each cube once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from lib.cubes import Coverage
from lib.errors import ClickHouseError
from lib.progress import Report
from lib.router import Period
from lib.sources.clickhouse import CUBES, SOURCE, ClickHouse, Plan
from lib.sync.landing import PUBLISHED_EVERY, Landing
from lib.sync.plan import missing_parts, runs

_LOADED_AFTER = timedelta(hours=12)
"""A day is whole so long after its end: by 07:34 UTC in hugovk/top-pypi-packages, March 2026."""

_BATCH = 10
"""The packages of one question: a day of their versions must fit into one answer."""


@dataclass(frozen=True)
class FetchPlan:
    """What will be fetched: a plan for each cube and run of days that the store lacks."""

    plans: tuple[Plan, ...]
    period: Period

    @property
    def queries(self) -> int:
        """How many queries it takes where no answer is cut."""
        return sum(plan.queries for plan in self.plans)

    @property
    def words(self) -> str:
        """What it takes, as a person reads it before deciding."""
        rows = sum(plan.rows for plan in self.plans)
        if not self.plans:
            return "Nothing is missing: no query is needed."
        return f"{rows:,} rows in {self.queries} queries of ClickHouse's free service."


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

    Raises ClickHouseError where it has none of the days.
    """
    report(0.0, "Asking what ClickHouse holds")
    loaded = (now - _LOADED_AFTER).date() - timedelta(days=1)
    latest = min(source.latest_day(), loaded)
    if latest < period.first:
        raise ClickHouseError(
            f"ClickHouse holds days up to {latest} only. Ask for earlier ones, or wait: a day "
            "arrives some hours after it is over."
        )
    period = Period(period.first, min(period.last, latest))
    coverage = landing.coverage()
    plans = []
    for number, cube in enumerate(CUBES):
        report(number / len(CUBES), "Counting what will be fetched")
        for days, lacking in runs(missing_parts(coverage, cube, packages, period)):
            for names in _batched(lacking or ()):
                plans.append(source.plan(cube, names, days.first, days.last))
    return FetchPlan(tuple(plans), period)


def _batched(packages: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The packages, a few at a time."""
    return [packages[start : start + _BATCH] for start in range(0, len(packages), _BATCH)]


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
    done, chunks = 0, sum(len(one.chunks) for one in plan.plans)
    try:
        for one in plan.plans:
            for fetched in source.fetch(one):
                report(done / chunks, f"Fetched {fetched.cube.name} to {fetched.last}")
                written_at = now().replace(tzinfo=None, microsecond=0)
                coverage = Coverage(
                    fetched.cube, fetched.first, fetched.last, fetched.packages, SOURCE, written_at
                )
                landing.land(coverage, fetched.rows.to_batches())
                done += 1
                if now() - published > PUBLISHED_EVERY:
                    landing.publish()
                    published = now()
    finally:
        landing.publish()
    report(1.0, f"Done: {done} answers, each checked against the server's own count")
