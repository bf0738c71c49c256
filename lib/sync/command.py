"""Carries out a sync from its settings: opens source and store, prices, asks leave, fills."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from lib.budget import gigabytes, priced
from lib.errors import ClickHouseError, PulseError
from lib.progress import Progress, Report, fetch_progress
from lib.router import Period
from lib.settings import Settings
from lib.sources import require_source
from lib.sync.allowance import Allowance
from lib.sync.landing import Landing

if TYPE_CHECKING:
    from lib.bigquery.asking import BigQuery
    from lib.sources.clickhouse import Address
    from lib.sync.bigquery import Filling

QUERIES_AN_HOUR = 300
"""What ClickHouse's public service lets a user ask (DirendAI/dashdown-pypi-stats, its README)."""


APP = "app"
"""Whose name the ledger has for what pages ask."""


class RealSource(StrEnum):
    """The sources that a sync can fill a store from."""

    BIGQUERY = "bigquery"
    CLICKHOUSE = "clickhouse"


@dataclass(frozen=True)
class Quote:
    """What a sync would take: `bytes` are what it may read in `days` days, `largest` at a time.

    `likely` is what it will be billed: as earlier queries of the kind were, or where none was
    sent (`guessed`) as small packages are.
    """

    days: int
    bytes: int
    largest: int
    upper_bound: bool
    likely: int
    guessed: bool
    left: int


@dataclass(frozen=True)
class Order:
    """What a person asked a sync to do.

    `packages` are normalized names, or None for all of PyPI. `most` bounds the bytes billed.
    `who` is written into the ledger. What was left out is kept `for_pages` to show.
    """

    source: RealSource
    packages: tuple[str, ...] | None
    period: Period
    who: str
    most: int | None = None
    dry_run: bool = False
    for_pages: bool = False


def allowance(settings: Settings) -> Allowance:
    """How often ClickHouse may still be asked from this machine."""
    path = settings.store.with_name(settings.store.name + ".queries")
    return Allowance(path, QUERIES_AN_HOUR, settings.now)


def quote(settings: Settings, order: Order) -> Quote:
    """What an order from BigQuery may cost, asked for nothing. Raises PulseError."""
    from lib.sources.bigquery.widths import small_package_bytes
    from lib.sync.bigquery import Wish, plan_sync

    asking, filling = _filling(settings, order, Landing(settings.store))
    wish = Wish(order.period, order.packages)
    plan = plan_sync(asking, filling, wish, {}, lambda fraction, text: None)
    days = len({step.part.day for step in plan.steps})
    guess = small_package_bytes() * days * len(order.packages or ())
    return Quote(
        days,
        plan.bytes,
        max((step.bytes for step in plan.steps), default=0),
        plan.upper_bound,
        (plan.likely or min(guess, plan.bytes)) if plan.upper_bound else plan.bytes,
        plan.upper_bound and not plan.likely,
        asking.budget.left(),
    )


def sync(settings: Settings, order: Order, report: Report, say: Callable[[str], None]) -> None:
    """Fill the store as ordered; with `dry_run` only say what it would take.

    Its progress is kept for pages to show. Raises PulseError; what was paid for is kept.
    """
    carry_out = _sync_clickhouse if order.source is RealSource.CLICKHOUSE else _sync_bigquery
    landing = Landing(settings.store)
    if order.dry_run:
        carry_out(settings, order, landing, report, say)
        return
    kept = fetch_progress(settings.store)

    def tell(fraction: float, text: str) -> None:
        kept.write(Progress(fraction, text))
        report(fraction, text)

    # Outside of what follows: while another process fetches, the progress is of its work.
    with landing:
        try:
            left_out = carry_out(settings, order, landing, tell, say)
        except PulseError as error:
            kept.write(Progress(1.0, str(error), failed=True))
            raise
        except Exception:
            text = "Fetching failed. The log of the server says why."
            kept.write(Progress(1.0, text, failed=True))
            raise
        except BaseException:
            kept.end()
            raise
        if left_out and order.for_pages:
            kept.write(Progress(1.0, left_out, done=True))
        else:
            kept.end()


def _sync_bigquery(
    settings: Settings,
    order: Order,
    landing: Landing,
    report: Report,
    say: Callable[[str], None],
) -> str:
    """Fill the store from BigQuery. What was left out, in words; usually nothing."""
    from lib.sources.bigquery import SOURCE
    from lib.sync.bigquery import (
        Wish,
        partition_states,
        plan_sync,
        price_of_rereading,
        require_affordable,
        run_sync,
    )

    wish = Wish(order.period, order.packages)
    asking, filling = _filling(settings, order, landing)
    require_source(filling.coverage(), SOURCE, settings.store_name)
    if not order.dry_run:
        filling.recover()
        asking.settle_unfinished()
    report(0.0, "Asking which days are missing or have changed")
    states = {} if order.dry_run else partition_states(asking, filling, wish, say)
    plan = plan_sync(asking, filling, wish, states, report)
    say(plan.words)
    days, again = price_of_rereading(asking, filling, wish) if order.dry_run else (0, 0)
    if days:
        bound = "upper bound " if plan.upper_bound else ""
        say(f"{days} days held are read again if they have changed: {bound}{priced(again)} more.")
    left_out = ", ".join(str(day) for day in plan.absent)
    if left_out:
        them = "are left out: BigQuery has no rows of them yet."
        left_out += (
            f" {them}" if plan.absent[1:] else " is left out: BigQuery has no rows of it yet."
        )
        say(left_out)
    say(f"{gigabytes(asking.budget.left())} of this month's budget are left.")
    if not order.dry_run:
        require_affordable(plan, asking, order.most)
        run_sync(asking, filling, plan, report)
    return left_out


def _filling(settings: Settings, order: Order, landing: Landing) -> tuple[BigQuery, Filling]:
    """BigQuery, and the store that takes days from it."""
    from lib.bigquery.connection import open_bigquery
    from lib.sync.bigquery import DatasetFilling, LocalFilling

    if settings.dataset is None:
        asking = open_bigquery(settings, who=order.who, most=order.most)
        return asking, LocalFilling(
            asking, landing, lambda: open_bigquery(settings, who=order.who, most=0)
        )
    from lib.stores.bigquery import dataset_writer

    writer = dataset_writer(settings, order.who, order.most)
    return writer.asking, DatasetFilling(writer)


def _sync_clickhouse(
    settings: Settings,
    order: Order,
    landing: Landing,
    report: Report,
    say: Callable[[str], None],
) -> str:
    """Fill the store from ClickHouse. What was left out stands in what is said."""
    from lib.sources.clickhouse import SOURCE, Address, ClickHouse, connect
    from lib.sync.clickhouse import plan_fetch, run_fetch

    if settings.dataset is not None:
        raise ClickHouseError(
            "A store in BigQuery is filled from BigQuery's own table. For rows of ClickHouse name "
            "a file: PULSE_STORE=store/clickhouse.duckdb."
        )
    if order.packages is None:
        raise ClickHouseError(
            "ClickHouse's public service is asked about named packages only: all of PyPI would be "
            "more than it gives away. Name some, such as --packages numpy,pandas."
        )
    asked = allowance(settings)
    require_source(landing.coverage(), SOURCE, settings.store_name)
    if not order.dry_run:
        landing.publish()
    client = connect(_address(settings, Address()), asking=asked.take)
    source = ClickHouse(client, asking=asked.take)
    plan = plan_fetch(
        source, landing, order.packages, order.period, now=settings.now(), report=report
    )
    say(plan.words)
    say(f"{asked.left()} of {asked.most} queries are left in this hour.")
    if not order.dry_run:
        run_fetch(source, landing, plan, settings.now, report)
    return ""


def _address(settings: Settings, default: Address) -> Address:
    """Where ClickHouse is: as the settings say, else its public service."""
    return replace(
        default,
        host=settings.clickhouse_host or default.host,
        user=settings.clickhouse_user or default.user,
        password=settings.clickhouse_password,
        database=settings.clickhouse_database or default.database,
    )
