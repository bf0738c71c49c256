"""What the Live page costs an hour while somebody looks, reckoned without asking BigQuery.

`python -m lib.live.bigquery.costs` prints it for the default settings, beside what it would cost
to ask naively.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from lib.budget import DOLLARS_PER_TIB, FREE_BYTES_A_MONTH, LEAST_BILLED, dollars, gigabytes
from lib.live.bigquery.known import DAY_ROWS, MINUTES, SAMPLE
from lib.live.bigquery.worker import READ_EVERY
from lib.settings import Settings
from lib.sources.bigquery import text
from lib.sources.bigquery.widths import ROWS_A_DAY, WIDTHS, expected_bytes, small_package_bytes

LARGE_PACKAGE_ROWS = 60_000_000
"""About what boto3, the most downloaded, has a day (ClickPy's reports of May 2026)."""

_FLOOR = "4.6 M rows a small package (cmeans/pypi-winnow-downloads, May 2026) x widths.py"
_DAY = "5 billion rows a day (PyPI's blog, 2026-08-31, 4.5 to 7 billion) x widths.py"


@dataclass(frozen=True)
class Cost:
    """What one thing costs: `bytes` are billed each time that it is refreshed.

    `is_default` where the page does it at the default settings; the others stand for comparison.
    """

    what: str
    every: timedelta
    bytes: int
    source: str
    is_default: bool = True

    @property
    def refreshes(self) -> float:
        """How often an hour."""
        return timedelta(hours=1) / self.every

    @property
    def hourly(self) -> int:
        """Bytes an hour."""
        return round(self.bytes * self.refreshes)

    @property
    def free_hours(self) -> float:
        """Hours a month that cost nothing, if nothing else is asked; endless for what is free."""
        return FREE_BYTES_A_MONTH / self.hourly if self.hourly else float("inf")


def costs(packages: int) -> tuple[Cost, ...]:
    """What each part of the page costs at its interval, for so many small packages.

    Today's partition is taken as whole, as it is at the end of the day: at noon the sample, a
    large package and the naive form cost half as much.
    """
    minutes = packages * small_package_bytes("live_minutes")
    large = expected_bytes(text("live_minutes"), LARGE_PACKAGE_ROWS)
    sample = max(expected_bytes(text("live_sample"), ROWS_A_DAY), LEAST_BILLED)
    naive = round(ROWS_A_DAY * (WIDTHS["timestamp"] + WIDTHS["project"]))
    large_source = "60 M rows a day (ClickPy, May 2026) x widths.py"
    return (
        Cost("all of PyPI as a number", READ_EVERY, 0, "tables.get reads no rows"),
        Cost("today's rows, at most", DAY_ROWS.every, LEAST_BILLED, "10 MiB, the least billed"),
        Cost(f"minutes of {packages} small packages", MINUTES.every, minutes, _FLOOR),
        Cost("minutes of boto3 alone", MINUTES.every, large, large_source, is_default=False),
        Cost("block sample of 0.1 %", SAMPLE.every, sample, _DAY),
        Cost("naive: by package, each minute", timedelta(minutes=1), naive, _DAY, is_default=False),
    )


def _print_table() -> None:
    settings = Settings()
    listed = costs(len(settings.live_packages))
    print(
        f"While somebody looks, at ${DOLLARS_PER_TIB} a TiB; the first TiB of a month is free.\n\n"
        "| what | a refresh | refreshes an hour | GB an hour | $ an hour | free hours a month | "
        "source |\n| --- | ---: | ---: | ---: | ---: | ---: | --- |"
    )
    for cost in listed:
        free = "all" if cost.hourly == 0 else f"{min(cost.free_hours, 744):,.1f}"
        print(
            f"| {cost.what} | {gigabytes(cost.bytes)} | {cost.refreshes:,.0f} | "
            f"{cost.hourly / 1e9:,.2f} | {dollars(cost.hourly):,.2f} | {free} | {cost.source} |"
        )
    hourly = sum(cost.hourly for cost in listed if cost.is_default)
    print(
        f"\nAll at the default settings: {gigabytes(hourly)} an hour, ${dollars(hourly):,.2f} at "
        f"list price. The cap of {gigabytes(settings.live_bytes)} a day lasts for "
        f"{settings.live_bytes / hourly * 60:,.0f} minutes of looking; used up every day it is "
        f"{gigabytes(31 * settings.live_bytes)} a month, within the free TiB if nothing else is "
        "asked."
    )


if __name__ == "__main__":
    _print_table()
