"""What only bills tell: of a cap, of clustering, of packages at once, and of a block sample."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lib.bigquery import PaidStatement
from lib.bigquery.asking import BigQuery
from lib.bigquery.failures import reason_of
from lib.budget import LEAST_BILLED, Estimate, gigabytes
from lib.errors import BigQueryError, OverBudget
from lib.sources.bigquery import (
    check_file_project_day,
    check_project_day,
    check_sample_day,
    watch_list_day,
)
from lib.sources.bigquery.checks.days import of_days
from lib.sources.bigquery.checks.finding import Finding, Verdict, is_near, verdict
from lib.sources.bigquery.checks.spending import (
    MOST_ON_CAP,
    MOST_SPENT,
    Bill,
    attempted,
    bill,
    paid,
)
from lib.sources.bigquery.checks.statements import PACKAGES
from lib.sources.bigquery.widths import expected_bytes

SMALL_DAY = date(2021, 11, 27)
"""A day of which PyPI lost nearly all rows; 0.78 million are left (linehaul-cloud-function#54)."""

_OLD_DAYS = (date(2016, 6, 15), date(2016, 12, 14), date(2017, 6, 14), SMALL_DAY)
"""Days from when PyPI was small. Which of them has how many rows is told by its price."""

_ROWS_A_BLOCK = 4_600_000
"""The fewest rows that BigQuery was seen to read of a package and day (docs of
cmeans/pypi-winnow-downloads, May 2026): of a day with few such blocks it can skip little."""

_MOST_ON_CLUSTERING = 600_000_000

_CAP = "A query is refused whose cap is below its price"

_BY_PROJECT = "A filter on project is billed less than its price"

_BY_FILE = "A filter on file.project is billed as one on project"

_AT_ONCE = f"{len(PACKAGES)} packages at once are billed no more than one by one"

_SAMPLE = "A block sample of 1 % is billed as 1 % of its day"


def of_bills(asking: BigQuery, yesterday: date, rows: int | None) -> Iterator[Finding]:
    """Compare bills with prices, and the ledger with bills. Yesterday has so many `rows`."""
    begun = asking.budget.now()
    capped = _LeastCapped(asking.client, asking.budget, who="check-bigquery")
    yield from attempted(_CAP, lambda: _of_cap(asking, capped))
    # Where a cap stops nothing, nothing more is spent.
    if not capped.billed:
        yield from attempted(
            "INFORMATION_SCHEMA.PARTITIONS can be read", lambda: of_days(asking, yesterday, rows)
        )
        yield from attempted(_BY_PROJECT, lambda: _of_clustering(asking))
        yield from attempted(_AT_ONCE, lambda: _of_packages(asking))
        yield from attempted(_SAMPLE, lambda: _of_sample(asking, yesterday, rows))
    asking.settle_unfinished()
    entries, billed = paid(asking, begun), asking.billed + capped.billed
    counted = sum(entry.counted for entry in entries)
    yield Finding(
        "The ledger has what BigQuery billed",
        f"{len(entries)} queries: {gigabytes(counted)} in the ledger, {gigabytes(billed)} billed",
        verdict(counted == billed),
    )


class _LeastCapped(BigQuery):
    """Believes that no statement reads anything, so that the cap of each is the least there is."""

    def estimate(self, statement: PaidStatement) -> Estimate:
        """Nothing of one table."""
        return Estimate(0, statement.clustered, 1)


def _of_cap(asking: BigQuery, capped: BigQuery) -> Iterator[Finding]:
    """Whether the last guard of money holds: a query that reads more than its cap costs nothing."""
    statement = check_project_day(SMALL_DAY, PACKAGES[0])
    price = asking.estimate(statement).bytes
    if not LEAST_BILLED < price <= MOST_ON_CAP:
        raise OverBudget(f"its price on {SMALL_DAY} is {gigabytes(price)}")
    try:
        outcome = f"{gigabytes(capped.run(statement).billed)} billed"
    except BigQueryError as error:
        if not error.__cause__ or reason_of(error.__cause__) != "bytesBilledLimitExceeded":
            raise
        outcome = "refused"
    found = f"cap {gigabytes(LEAST_BILLED)}, price {gigabytes(price)}: {outcome}"
    yield Finding(_CAP, found, verdict(outcome == "refused"))


def _of_clustering(asking: BigQuery) -> Iterator[Finding]:
    """Whether a filter on either column lets BigQuery skip, on the largest day within means."""
    by_day = {day: check_project_day(day, PACKAGES[0]) for day in _OLD_DAYS}
    prices = {day: asking.estimate(statement).bytes for day, statement in by_day.items()}
    affordable = [day for day, price in prices.items() if price * 2 <= _MOST_ON_CLUSTERING]
    if not affordable:
        raise OverBudget(
            f"its upper bound is {gigabytes(2 * min(prices.values()))}, and "
            f"{gigabytes(_MOST_ON_CLUSTERING)} of {gigabytes(MOST_SPENT)} are for it"
        )
    day = max(affordable, key=lambda one: prices[one])
    by_project = bill(asking, by_day[day])
    few_blocks = by_project.price < expected_bytes(by_day[day].sql, 3 * _ROWS_A_BLOCK)
    too_small = few_blocks and not by_project.skipped
    yield Finding(
        _BY_PROJECT,
        f"{by_project.words}, on {day}" + (", too small a day to tell" if too_small else ""),
        verdict(None if too_small else by_project.skipped),
    )
    yield from attempted(_BY_FILE, lambda: _of_file_project(asking, day, by_project))


def _of_file_project(asking: BigQuery, day: date, by_project: Bill) -> Iterator[Finding]:
    by_file = bill(asking, check_file_project_day(day, PACKAGES[0]))
    yield Finding(
        _BY_FILE,
        f"{by_file.words}, and {gigabytes(by_project.billed)} by project",
        verdict(is_near(by_file.billed, by_project.billed) if by_project.skipped else None),
    )
    counts = [row["downloads"] for one in (by_project, by_file) for row in one.rows]
    yield Finding(
        "project and file.project name the same package",
        " and ".join(f"{count:,}" for count in counts) + f" downloads of {PACKAGES[0]}",
        verdict(len(set(counts)) == 1 if any(counts) else None),
    )


def _of_packages(asking: BigQuery) -> Iterator[Finding]:
    one = bill(asking, watch_list_day(SMALL_DAY, PACKAGES[:1]))
    many = bill(asking, watch_list_day(SMALL_DAY, PACKAGES))
    found = f"one: {one.words}; {len(PACKAGES)}: {gigabytes(many.billed)}"
    yield Finding(
        _AT_ONCE,
        found if one.skipped else f"{found}, on {SMALL_DAY}, too small a day to tell",
        verdict(many.billed <= len(PACKAGES) * one.billed if one.skipped else None),
    )


def _of_sample(asking: BigQuery, yesterday: date, rows: int | None) -> Iterator[Finding]:
    """What a sample of a day with many blocks is billed: one of a small day is read whole."""
    sample = check_sample_day(yesterday)
    paid_for = bill(asking, sample)
    told = f"{paid_for.words}, on {yesterday}"
    if not rows or paid_for.billed <= LEAST_BILLED:
        yield Finding(_SAMPLE, f"{told}, too little to tell", Verdict.NOT_KNOWN)
        return
    percent = paid_for.billed / expected_bytes(sample.sql, rows)
    # Which blocks are taken is drawn by lot, and a day has some hundreds of them.
    yield Finding(_SAMPLE, f"as {percent:,.2g} %: {told}", verdict(0.5 <= percent <= 2))
