"""What the prices of all statements tell, for nothing."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from lib.bigquery import PaidStatement
from lib.bigquery.asking import BigQuery
from lib.budget import LEAST_BILLED, gigabytes, priced
from lib.errors import BigQueryError
from lib.sources.bigquery import (
    LAST_DAY_WITH_METADATA,
    all_packages_day,
    check_file_project_day,
    check_project_day,
    check_sample_day,
    live_minutes,
    live_sample,
    partitions,
    text,
    watch_list_day,
)
from lib.sources.bigquery.checks.finding import (
    NO_BYTES,
    Finding,
    Verdict,
    is_near,
    is_refusal,
    said,
    verdict,
)
from lib.sources.bigquery.checks.statements import OF_CHECKS, PACKAGES, rows_day
from lib.sources.bigquery.widths import expected_bytes

LIKELY_ROWS = (3_500_000_000, 6_500_000_000)
"""Between these lies a day since 2026-08-24, as far as published figures tell (see widths.py)."""

_TIMESTAMP_BYTES = 8


def of_prices(asking: BigQuery, day: date) -> Generator[Finding, None, int | None]:
    """Compare the prices of all statements for one day; returns how many rows that has."""
    after = LAST_DAY_WITH_METADATA + timedelta(days=1)
    midnight = datetime.combine(day, time(), UTC)
    many = _on(day, watch_list_day(after, PACKAGES))
    one = replace(_on(day, watch_list_day(after, PACKAGES[:1])), name="check_one_package")
    scans = (
        all_packages_day(day),
        many,
        _on(day, watch_list_day(LAST_DAY_WITH_METADATA, PACKAGES)),
        check_project_day(day, PACKAGES[0]),
        check_file_project_day(day, PACKAGES[0]),
    )
    live = (
        live_minutes(PACKAGES, midnight, midnight + timedelta(days=1), midnight),
        live_sample(day),
    )
    sample, listed = check_sample_day(day), partitions([day])
    asked = (*scans, sample, rows_day(day), one, listed, *live)
    prices = yield from _asked(asking, asked)
    rows, measure = _rows(prices)
    yield _rows_finding(day, rows, measure)
    for scan in scans:
        if scan.name in prices:
            yield _width(scan, prices[scan.name], None if scan.name == measure else rows)
    if sample.name in prices:
        yield _sample_price(sample, prices[sample.name], rows)
    if listed.name in prices:
        yield _partitions_price(prices[listed.name])
    if many.name in prices and one.name in prices:
        yield _clustering_price(prices[one.name], prices[many.name])
    return rows


def _on(day: date, statement: PaidStatement) -> PaidStatement:
    """A statement as it is written for days of another time."""
    return replace(statement, values={**statement.values, "day": day})


def _asked(
    asking: BigQuery, statements: Iterable[PaidStatement]
) -> Generator[Finding, None, dict[str, int]]:
    """Find the statements that BigQuery refuses; returns the prices of the others by name."""
    prices: dict[str, int] = {}
    for statement in statements:
        try:
            prices[statement.name] = asking.estimate(statement).bytes
        except BigQueryError as error:
            if not is_refusal(error):
                raise
            assumption = f"BigQuery takes the statement {statement.name}"
            essential = not statement.name.startswith((OF_CHECKS, "partitions"))
            yield Finding(assumption, said(error), Verdict.DIFFERS, essential)
    return prices


def _rows(prices: Mapping[str, int]) -> tuple[int | None, str]:
    """How many rows the prices are for, and the name of the statement that tells."""
    if bytes_read := prices.get("check_rows_day"):
        return bytes_read // _TIMESTAMP_BYTES, "check_rows_day"
    # BigQuery may come to know the newest row of a day without reading any.
    if bytes_read := prices.get("all_packages_day"):
        return round(bytes_read / _bytes_a_row(text("all_packages_day"))), "all_packages_day"
    return None, ""


def _rows_finding(day: date, rows: int | None, measure: str) -> Finding:
    low, high = LIKELY_ROWS
    return Finding(
        f"A day has {low / 1e9:.1f} to {high / 1e9:.1f} billion rows since "
        f"{LAST_DAY_WITH_METADATA}",
        f"{rows:,} on {day}, by the price of {measure}" if rows else f"{NO_BYTES} for {day}",
        verdict(low <= rows <= high if rows else None),
    )


def _width(scan: PaidStatement, price: int, rows: int | None) -> Finding:
    expected = _bytes_a_row(scan.sql)
    assumption = f"{scan.name} reads {expected:.1f} bytes of a row"
    if not price or not rows:
        found = f"{priced(price)} for a day of unknown rows" if price else NO_BYTES
        return Finding(assumption, found, Verdict.NOT_KNOWN)
    found = f"{price / rows:.1f}: {priced(price)} for the day"
    return Finding(assumption, found, verdict(is_near(price / rows, expected)))


def _sample_price(sample: PaidStatement, price: int, rows: int | None) -> Finding:
    assumption = "A block sample of 1 % has the price of 1 % of its day"
    if not price or not rows:
        return Finding(assumption, NO_BYTES, Verdict.NOT_KNOWN)
    percent = price / expected_bytes(sample.sql, rows)
    return Finding(
        assumption, f"of {percent:,.3g} %: {priced(price)}", verdict(is_near(percent, 1))
    )


def _partitions_price(price: int) -> Finding:
    return Finding(
        f"partitions reads no more than {gigabytes(LEAST_BILLED)}",
        gigabytes(price) if price else NO_BYTES,
        verdict(price <= LEAST_BILLED if price else None),
    )


def _clustering_price(one: int, many: int) -> Finding:
    known = one and many
    return Finding(
        f"Prices do not see clustering: {len(PACKAGES)} packages have the price of one",
        f"one: {gigabytes(one)}, {len(PACKAGES)}: {gigabytes(many)}" if known else NO_BYTES,
        verdict(is_near(one, many, 0.01) if known else None),
    )


def _bytes_a_row(sql: str) -> float:
    return expected_bytes(sql, 1_000_000) / 1_000_000
