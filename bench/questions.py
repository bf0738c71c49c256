"""The questions that pages ask, each also as hand-written SQL, ClickHouse SQL and pandas."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from bench.rows import FIRST, LAST, package_name
from bench.stores import CUBE
from lib.aggregate import REST
from lib.cubes import UNKNOWN, Grain
from lib.data import Answer, Downloads
from lib.router import Period
from lib.selection import Selection

Condition = tuple[str, str, object]

Read = Callable[[Sequence[str], Sequence[Condition]], pd.DataFrame]
"""Reads columns of the Parquet file, of the rows that meet all conditions."""


@dataclass(frozen=True)
class Question:
    """One question in four forms. Each answers with the columns `keys` and `downloads`."""

    name: str
    keys: tuple[str, ...]
    ask: Callable[[Downloads], Answer]
    duckdb: str
    clickhouse: str
    pandas: Callable[[Read], pd.DataFrame]


_ONE = package_name(120)
_FIVE = tuple(package_name(rank) for rank in (3, 60, 120, 700, 1500))
_COUNTRY = "DE"

_WHOLE = Period(FIRST, LAST)
_YEAR = Period(LAST - timedelta(days=364), LAST)
_QUARTER = Period(LAST - timedelta(days=89), LAST)
_MONTH = Period(LAST - timedelta(days=29), LAST)

_TABLE = f"store.{CUBE.name}"


def _between(column: str, period: Period) -> str:
    return f"{column} BETWEEN '{period.first}' AND '{period.last}'"


def _named(names: Sequence[str]) -> str:
    return "project IN (" + ", ".join(f"'{name}'" for name in names) + ")"


def _since(first: date) -> list[Condition]:
    return [("period", ">=", pd.Timestamp(first))]


def _week(period: pd.Series) -> pd.Series:
    return period - pd.to_timedelta(period.dt.dayofweek, unit="D")


def _month(period: pd.Series) -> pd.Series:
    return period - pd.to_timedelta(period.dt.day - 1, unit="D")


def _summed(frame: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    return frame.groupby(keys, as_index=False, observed=True)["downloads"].sum()


def _by_week(name: str, packages: tuple[str, ...]) -> Question:
    return Question(
        name,
        ("period", "series"),
        lambda found: found.over_time(Selection(packages), _YEAR, Grain.WEEK),
        f"""
        SELECT date_trunc('week', period) AS period, project AS series,
            SUM(downloads)::BIGINT AS downloads
        FROM {_TABLE} WHERE {_between("period", _YEAR)} AND {_named(packages)}
        GROUP BY ALL ORDER BY ALL
        """,
        f"""
        SELECT toStartOfWeek(date, 1) AS period, project AS series, sum(downloads) AS downloads
        FROM bench.downloads WHERE {_between("date", _YEAR)} AND {_named(packages)}
        GROUP BY period, series ORDER BY period, series
        """,
        lambda read: _packages_by_week(read, packages),
    )


def _packages_by_week(read: Read, packages: tuple[str, ...]) -> pd.DataFrame:
    frame = read(
        ["period", "project", "downloads"],
        [("project", "in", packages), *_since(_YEAR.first)],
    )
    frame["period"] = _week(frame["period"])
    return _summed(frame.rename(columns={"project": "series"}), ["period", "series"])


def _all_by_month() -> Question:
    return Question(
        "All packages by month",
        ("period",),
        lambda found: found.over_time(Selection(), _WHOLE, Grain.MONTH),
        f"""
        SELECT date_trunc('month', period) AS period, SUM(downloads)::BIGINT AS downloads
        FROM {_TABLE} GROUP BY ALL ORDER BY ALL
        """,
        """
        SELECT toStartOfMonth(date) AS period, sum(downloads) AS downloads
        FROM bench.downloads GROUP BY period ORDER BY period
        """,
        _pandas_all_by_month,
    )


def _pandas_all_by_month(read: Read) -> pd.DataFrame:
    frame = _summed(read(["period", "downloads"], []), ["period"])
    frame["period"] = _month(frame["period"])
    return _summed(frame, ["period"])


def _countries_of_one() -> Question:
    return Question(
        "Countries of one package",
        ("country",),
        lambda found: found.totals(Selection((_ONE,)), _YEAR, "country"),
        f"""
        SELECT country, SUM(downloads)::BIGINT AS downloads
        FROM {_TABLE} WHERE {_between("period", _YEAR)} AND {_named([_ONE])}
        GROUP BY ALL ORDER BY downloads DESC, country
        """,
        f"""
        SELECT country, sum(downloads) AS downloads
        FROM bench.downloads WHERE {_between("date", _YEAR)} AND {_named([_ONE])}
        GROUP BY country ORDER BY downloads DESC, country
        """,
        lambda read: _summed(
            read(["country", "downloads"], [("project", "==", _ONE), *_since(_YEAR.first)]),
            ["country"],
        ),
    )


def _totals_of_all(name: str, dimension: str, period: Period) -> Question:
    return Question(
        name,
        (dimension,),
        lambda found: found.totals(Selection(), period, dimension),
        f"""
        SELECT {dimension}, SUM(downloads)::BIGINT AS downloads
        FROM {_TABLE} WHERE {_between("period", period)}
        GROUP BY ALL ORDER BY downloads DESC, {dimension}
        """,
        f"""
        SELECT {dimension}, sum(downloads) AS downloads
        FROM bench.downloads WHERE {_between("date", period)}
        GROUP BY {dimension} ORDER BY downloads DESC, {dimension}
        """,
        lambda read: _summed(read([dimension, "downloads"], _since(period.first)), [dimension]),
    )


def _packages_of_one_country() -> Question:
    return Question(
        "One country's packages, 90 days",
        ("project",),
        lambda found: found.totals(
            Selection().with_values("country", [_COUNTRY]), _QUARTER, "project"
        ),
        f"""
        SELECT project, SUM(downloads)::BIGINT AS downloads
        FROM {_TABLE} WHERE {_between("period", _QUARTER)} AND country = '{_COUNTRY}'
        GROUP BY ALL ORDER BY downloads DESC, project
        """,
        f"""
        SELECT project, sum(downloads) AS downloads
        FROM bench.downloads WHERE {_between("date", _QUARTER)} AND country = '{_COUNTRY}'
        GROUP BY project ORDER BY downloads DESC, project
        """,
        lambda read: _summed(
            read(
                ["project", "downloads"],
                [("country", "==", _COUNTRY), *_since(_QUARTER.first)],
            ),
            ["project"],
        ),
    )


def _days_of_one() -> Question:
    return Question(
        "One package by day, two years",
        ("period",),
        lambda found: found.answer(Selection((_ONE,)).query(_WHOLE, grain=Grain.DAY)),
        f"""
        SELECT period, SUM(downloads)::BIGINT AS downloads
        FROM {_TABLE} WHERE {_named([_ONE])} GROUP BY ALL ORDER BY ALL
        """,
        f"""
        SELECT date AS period, sum(downloads) AS downloads
        FROM bench.downloads WHERE {_named([_ONE])} GROUP BY period ORDER BY period
        """,
        lambda read: _summed(read(["period", "downloads"], [("project", "==", _ONE)]), ["period"]),
    )


_TOP = 9


def _split_of_all() -> Question:
    return Question(
        "Split of all packages by country, by week",
        ("period", "series"),
        lambda found: found.split_over_time(Selection(), _YEAR, Grain.WEEK, "country", _TOP),
        f"""
        WITH sums AS (
            SELECT date_trunc('week', period) AS period, country,
                SUM(downloads)::BIGINT AS downloads
            FROM {_TABLE} WHERE {_between("period", _YEAR)} GROUP BY ALL
        ), leaders AS (
            SELECT country FROM sums WHERE country <> '{UNKNOWN}'
            GROUP BY ALL ORDER BY SUM(downloads) DESC, country LIMIT {_TOP}
        )
        SELECT period,
            CASE WHEN country = '{UNKNOWN}' OR country IN (FROM leaders)
                THEN country ELSE '{REST}' END AS series,
            SUM(downloads)::BIGINT AS downloads
        FROM sums GROUP BY ALL ORDER BY ALL
        """,
        f"""
        WITH sums AS (
            SELECT toStartOfWeek(date, 1) AS week, country, sum(downloads) AS total
            FROM bench.downloads WHERE {_between("date", _YEAR)} GROUP BY week, country
        ), leaders AS (
            SELECT country FROM sums WHERE country <> '{UNKNOWN}'
            GROUP BY country ORDER BY sum(total) DESC, country LIMIT {_TOP}
        )
        SELECT week AS period,
            if(country = '{UNKNOWN}' OR country IN leaders, toString(country), '{REST}') AS series,
            sum(total) AS downloads
        FROM sums GROUP BY period, series ORDER BY period, series
        """,
        _pandas_split_of_all,
    )


def _pandas_split_of_all(read: Read) -> pd.DataFrame:
    days = _summed(
        read(["period", "country", "downloads"], _since(_YEAR.first)), ["period", "country"]
    )
    totals = days[days["country"] != UNKNOWN].groupby("country", observed=True)["downloads"].sum()
    kept = {UNKNOWN, *totals.nlargest(_TOP).index}
    days["series"] = days["country"].astype("str").where(days["country"].isin(kept), REST)
    days["period"] = _week(days["period"])
    return _summed(days, ["period", "series"])


QUESTIONS: tuple[Question, ...] = (
    _by_week("One package by week", (_ONE,)),
    _by_week("Five packages by week", _FIVE),
    _all_by_month(),
    _countries_of_one(),
    _totals_of_all("Countries of all packages", "country", _YEAR),
    _totals_of_all("Ranking of all packages, 30 days", "project", _MONTH),
    _packages_of_one_country(),
    _days_of_one(),
    _split_of_all(),
)
