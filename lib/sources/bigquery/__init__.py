"""The statements that ask BigQuery for PyPI's downloads, and the cubes that they fill."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

from lib.bigquery import PaidStatement, Value
from lib.cubes import ALL_DIMENSIONS, Cube, Grain

SOURCE = "bigquery"

TABLE = "bigquery-public-data.pypi.file_downloads"

WATCH_LIST_CUBE = Cube(Grain.DAY, ALL_DIMENSIONS)
"""What `watch_list_day` fills."""

ALL_PACKAGES_CUBE = Cube(Grain.DAY, ("project", "country"))
"""What `all_packages_day` fills."""

LAST_DAY_WITH_METADATA = date(2026, 8, 24)
"""From the next day on PyPI logs wheels, `.tar.gz` and `.zip` alone (its blog of 2026-08-31)."""

_FOLDER = Path(__file__).with_name("sql")


@cache
def text(name: str) -> str:
    """The GoogleSQL of the statement of this name, as its file has it."""
    return (_FOLDER / f"{name}.sql").read_text(encoding="utf-8")


def watch_list_day(day: date, packages: Iterable[str]) -> PaidStatement:
    """The downloads of named packages on one UTC day, by every dimension.

    Raises ValueError where no package is named.
    """
    named = tuple(packages)
    if not named:
        raise ValueError("A watch list names at least one package.")
    name = "watch_list_day_with_metadata" if day <= LAST_DAY_WITH_METADATA else "watch_list_day"
    values: Mapping[str, Value] = {"day": day, "packages": named}
    return PaidStatement(name, text(name), values, clustered=True, resumable=True)


def all_packages_day(day: date) -> PaidStatement:
    """The downloads of every package on one UTC day, by package and country."""
    name = "all_packages_day"
    return PaidStatement(name, text(name), {"day": day}, resumable=True)


def partitions(days: Iterable[date]) -> PaidStatement:
    """The rows that the raw table holds of each of `days`, and when that last changed.

    Raises ValueError where no day is given.
    """
    identifiers = tuple(f"{day:%Y%m%d}" for day in days)
    if not identifiers:
        raise ValueError("Partitions are asked for by at least one day.")
    return PaidStatement("partitions", text("partitions"), {"partitions": identifiers})


def live_minutes(
    packages: Iterable[str], since: datetime, until: datetime, versions_from: datetime
) -> PaidStatement:
    """The downloads of named packages by minute from `since` to before `until` (aware, UTC).

    Versions are told of those since `versions_from` alone, or an answer since midnight would be
    many times as long. Never resumed: the rows of an hour ago are no answer about now. Raises
    ValueError where no package is named, and for times of more than one UTC day, which would
    read, and bill, two.
    """
    named = tuple(packages)
    if not named:
        raise ValueError("Live minutes are of at least one package.")
    midnight = since.replace(hour=0, minute=0, second=0, microsecond=0)
    if not midnight <= since < until <= midnight + timedelta(days=1):
        raise ValueError(f"{since} to {until} is not within one UTC day.")
    values: Mapping[str, Value] = {
        "packages": named,
        "since": since,
        "until": until,
        "versions_from": versions_from,
    }
    return PaidStatement("live_minutes", text("live_minutes"), values, clustered=True)


def live_sample(day: date) -> PaidStatement:
    """Downloads of every package in a block sample of one UTC day, by all but the package."""
    return PaidStatement("live_sample", text("live_sample"), {"day": day})


def check_project_day(day: date, package: str) -> PaidStatement:
    """The downloads of a package on one UTC day, found by `project`: is the filter cheap?"""
    values: Mapping[str, Value] = {"day": day, "package": package}
    return PaidStatement("check_project_day", text("check_project_day"), values, clustered=True)


def check_file_project_day(day: date, package: str) -> PaidStatement:
    """The downloads of a package on one UTC day, found by `file.project`: is that as cheap?

    Not declared clustered: whether it is so in effect is what the check finds out.
    """
    values: Mapping[str, Value] = {"day": day, "package": package}
    return PaidStatement("check_file_project_day", text("check_file_project_day"), values)


def check_sample_day(day: date) -> PaidStatement:
    """Downloads by country in a block sample of one UTC day: which blocks are charged for?"""
    return PaidStatement("check_sample_day", text("check_sample_day"), {"day": day})
