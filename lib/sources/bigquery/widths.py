"""How many bytes a scan of the raw table reads, reckoned without asking BigQuery.

For people without credentials, and for comparing the assumption with what BigQuery says.
`python -m lib.sources.bigquery.widths` prints what the statements cost beside naive ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, partial
from math import prod

from sqlglot import exp, parse_one

from lib.budget import LEAST_BILLED, TEBIBYTE, dollars
from lib.settings import GIGABYTE
from lib.sources.bigquery import TABLE, text

WIDTHS: Mapping[str, float] = {
    # Google's sizes of data types: a TIMESTAMP takes 8 bytes, a STRING 2 and its UTF-8.
    "timestamp": 8,
    # Bytes billed with and without the column: 46.63 and 58.21 GiB (hugovk/top-pypi-packages#36).
    "project": 12.5,
    "file.project": 12.5,
    # Bytes billed with and without the column: 116.15 and 150.40 GiB (README of ofek/pypinfo).
    "country_code": 3.9,
    # The same queries, by the lengths of the names that pypinfo lists.
    "details.installer.name": 5.1,
    # By lengths of values and how many rows have one: less sure than what was billed.
    "details.system.name": 6.6,
    "details.python": 7.4,
    "details.cpu": 7.4,
    "file.version": 7.6,
    "file.type": 12.5,
    "file.filename": 40,
    "details.ci": 0.25,
    # A judgment: versions of pip and uv since 2023 have 5.1 to 5.5 characters as released and
    # are used most in their last patches, so 5.5; and 99 % of rows name an installer.
    "details.installer.version": 7.4,
}
"""Bytes that a row takes for each column as BigQuery counts them; NULL takes none."""

ROW_WIDTH = 390
"""Bytes of a row with every column: 440 TB for 1.07e12 to 1.18e12 rows in December 2024
(tylerhillery.com, a dry run of SELECT *), the middle of what follows from that."""

ROWS_A_DAY = 5_000_000_000
"""The middle of what is likely for a day since 2026-08-24: 3.5 to 6.5 billion. PyPI published
4.5 to just over 7 billion for the weeks before (its blog, 2026-08-31), and no figure since."""

ROWS_TO_2026_05 = 2_260_000_000_000
"""At least so many rows had the whole table at the end of May 2026: 1.07e12 in December 2024
(13.39 TB of `project` alone, tylerhillery.com) and 1.19e12 from July 2025 to May 2026 (ClickPy's
reports by month). January to June 2025, for which no such report is known, is left out."""


SMALL_PACKAGE_ROWS = 4_600_000
"""The rows that a query of a small package and day touches at least: 4.6 GB were billed for 31
days of five columns (documentation of cmeans/pypi-winnow-downloads, May 2026)."""


def expected_bytes(sql: str, rows: int) -> int:
    """The bytes that a statement reads of `rows` rows of the raw table, without any clustering.

    Of a block sample, those of its percentage. Raises ValueError for a statement that does not
    read the raw table alone, or that names a column whose width is not known.
    """
    tree = parse_one(sql, dialect="bigquery")
    tables = {_path(table) for table in tree.find_all(exp.Table)}
    if tables != {TABLE}:
        raise ValueError(f"Not a statement on {TABLE} alone: {sorted(tables)}.")
    if any(query.is_star for query in tree.find_all(exp.Select)):
        raise ValueError("The columns are not named, so their widths are not known.")
    columns = {_path(column) for column in tree.find_all(exp.Column)}
    if unknown := columns - WIDTHS.keys():
        raise ValueError(f"Columns with no known width: {', '.join(sorted(unknown))}.")
    width = sum(WIDTHS[column] for column in columns)
    return round(rows * width * prod(_sampled(part) for part in tree.find_all(exp.TableSample)))


@cache
def small_package_bytes(statement: str = "watch_list_day") -> int:
    """What a statement on a day of one small package is likely to be billed at least."""
    return expected_bytes(text(statement), SMALL_PACKAGE_ROWS)


def _path(node: exp.Column | exp.Table) -> str:
    return ".".join(part.name for part in node.parts)


def _sampled(sample: exp.TableSample) -> float:
    """The part of the rows that a block sample takes."""
    return float(sample.args["percent"].name) / 100


@dataclass(frozen=True)
class Price:
    """What one way of asking costs: `form` is `as written`, or says how a naive one differs."""

    statement: str
    form: str
    bytes: int

    @property
    def gigabytes(self) -> float:
        """The bytes in units of 10⁹."""
        return self.bytes / GIGABYTE

    @property
    def dollars(self) -> float:
        """The list price, before what a month has free."""
        return dollars(self.bytes)


AS_WRITTEN = "as written"


def price_list(rows: int = ROWS_A_DAY) -> tuple[Price, ...]:
    """What each statement costs for a day of `rows` rows, each followed by naive forms of it.

    Nothing here knows of clustering, in neither form: what filters packages costs less.
    """
    watch_list = partial(Price, "watch_list_day")
    with_metadata = partial(Price, "watch_list_day_with_metadata")
    all_packages = partial(Price, "all_packages_day")
    of_watch_list = expected_bytes(text("watch_list_day"), rows)
    of_all_packages = expected_bytes(text("all_packages_day"), rows)
    two_scans = rows * (2 * WIDTHS["timestamp"] + WIDTHS["project"] + WIDTHS["country_code"])
    whole_table = expected_bytes(text("all_packages_day"), ROWS_TO_2026_05)
    live = ("live_minutes", "live_sample")
    checks = ("check_project_day", "check_file_project_day", "check_sample_day")
    return (
        watch_list(AS_WRITTEN, of_watch_list),
        watch_list("the last 24 hours at the end of a day: two partitions", 2 * of_watch_list),
        watch_list("SELECT * of the day", rows * ROW_WIDTH),
        with_metadata(AS_WRITTEN, expected_bytes(text("watch_list_day_with_metadata"), rows)),
        all_packages(AS_WRITTEN, of_all_packages),
        all_packages("project and country in two scans", round(two_scans)),
        all_packages("the last 24 hours at the end of a day: two partitions", 2 * of_all_packages),
        all_packages("SELECT * of the day", rows * ROW_WIDTH),
        all_packages("no bounds of time: the whole table of May 2026, at least", whole_table),
        Price("partitions", AS_WRITTEN, LEAST_BILLED),
        *(Price(name, AS_WRITTEN, expected_bytes(text(name), rows)) for name in live),
        *(Price(name, AS_WRITTEN, expected_bytes(text(name), rows)) for name in checks),
    )


def _print_table() -> None:
    prices = price_list()
    written = {price.statement: price.bytes for price in prices if price.form == AS_WRITTEN}
    print(f"A day of {ROWS_A_DAY:,} rows at ${dollars(TEBIBYTE)} a TiB, without clustering.\n")
    print("| statement | form | GB | $ | times as written |")
    print("| --- | --- | ---: | ---: | ---: |")
    for price in prices:
        times = price.bytes / written[price.statement]
        cost = "under 0.01" if price.dollars < 0.01 else f"{price.dollars:,.2f}"
        amount = f"{price.gigabytes:,.{3 if price.gigabytes < 1 else 1}f}"
        print(f"| {price.statement} | {price.form} | {amount} | {cost} | {times:,.1f} |")


if __name__ == "__main__":
    _print_table()
