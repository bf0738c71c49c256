"""What INFORMATION_SCHEMA.PARTITIONS tells of the days of PyPI's table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from statistics import mean

from lib.bigquery.asking import BigQuery
from lib.budget import LEAST_BILLED, gigabytes
from lib.periods import PROVISIONAL_DAYS
from lib.sources.bigquery import LAST_DAY_WITH_METADATA, partitions
from lib.sources.bigquery.checks.finding import Finding, Verdict, is_near, verdict
from lib.sources.bigquery.checks.prices import LIKELY_ROWS
from lib.sources.bigquery.checks.spending import bill

_DAY = timedelta(days=1)

_WEEK = timedelta(days=7)


def of_days(asking: BigQuery, yesterday: date, reckoned: int | None) -> Iterator[Finding]:
    """Look at two weeks and at the days around the change of 2026.

    `reckoned` is how many rows the prices tell of yesterday.
    """
    days = _days(yesterday)
    listed = bill(asking, partitions(days))
    rows = {row["partition_id"]: row for row in listed.rows if row["total_rows"]}
    found = {day: row for day in days if (row := rows.get(f"{day:%Y%m%d}"))}
    counts = {day: int(row["total_rows"]) for day, row in found.items()}
    changed = {day: row["last_modified_time"] for day, row in found.items()}
    yield Finding(
        f"INFORMATION_SCHEMA.PARTITIONS can be read for {gigabytes(LEAST_BILLED)}",
        f"{len(counts)} days with rows, {gigabytes(listed.billed)} billed",
        verdict(listed.billed <= LEAST_BILLED if counts and listed.billed else None),
    )
    if not counts:
        return
    last = counts.get(yesterday)
    yield Finding(
        "Yesterday has rows by now",
        f"{last:,}, last changed {changed[yesterday]:%Y-%m-%d %H:%M}" if last else "it has none",
        verdict(bool(last)),
    )
    if last and reckoned:
        yield Finding(
            "The price of a day tells its rows",
            f"{reckoned:,} by the price, {last:,} by PARTITIONS",
            verdict(is_near(reckoned, last, 0.01)),
        )
    yield from _of_weeks(counts, yesterday)
    yield _of_late_rows(changed, yesterday)


def _days(yesterday: date) -> list[date]:
    recent = [yesterday - number * _DAY for number in range(14)]
    around = [LAST_DAY_WITH_METADATA + number * _DAY for number in range(-6, 8)]
    return sorted({*recent, *around})


def _of_weeks(counts: Mapping[date, int], yesterday: date) -> Iterator[Finding]:
    """Rows a day before and after PyPI began to count fewer files, and now."""
    last = LAST_DAY_WITH_METADATA
    before, after, recent = (_week(counts, end) for end in (last, last + _WEEK, yesterday))
    if before and after:
        change = mean(after) / mean(before) - 1
        yield Finding(
            f"Fewer rows are logged since {last + _DAY}",
            f"{_billions(before)} a day, then {_billions(after)} ({change:+.0%})",
            verdict(change < 0),
        )
    if recent:
        low, high = LIKELY_ROWS
        yield Finding(
            f"The last week has {low / 1e9:.1f} to {high / 1e9:.1f} billion rows a day",
            f"{_billions(recent)} a day, {min(recent) / 1e9:.2f} to {max(recent) / 1e9:.2f}",
            verdict(low <= mean(recent) <= high),
        )


def _week(counts: Mapping[date, int], last: date) -> list[int]:
    """The rows of the seven days up to `last`, as far as they are known."""
    return [count for day, count in counts.items() if last - _WEEK < day <= last]


def _billions(counts: Iterable[int]) -> str:
    return f"{mean(counts) / 1e9:.2f} billion"


def _of_late_rows(changed: Mapping[date, datetime], yesterday: date) -> Finding:
    assumption = f"A day changes for no more than {PROVISIONAL_DAYS} days after its end"
    # Younger days may change yet; of those around the change of 2026 only this fortnight's count.
    oldest, youngest = yesterday - 13 * _DAY, yesterday - PROVISIONAL_DAYS * _DAY
    final = [day for day in changed if oldest <= day <= youngest]
    if not final:
        return Finding(assumption, "no day is old enough to tell", Verdict.NOT_KNOWN)
    late = max(changed[day] - datetime.combine(day + _DAY, time(), UTC) for day in final)
    found = f"for {max(late / _DAY, 0):.1f} days at most, of {len(final)} days"
    return Finding(assumption, found, verdict(late <= PROVISIONAL_DAYS * _DAY))
