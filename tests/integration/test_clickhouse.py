"""The ClickHouse source against ClickPy's own tables: whole, checked, and plain about failures."""

from __future__ import annotations

import re
import socket
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from threading import Thread
from typing import Any

import pyarrow as pa
import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import (
    DatabaseError,
    Error,
    OperationalError,
    StreamFailureError,
)
from clickhouse_connect.driver.models import SettingDef
from urllib3.exceptions import ProtocolError, ReadTimeoutError

from lib.cubes import Cube, Grain
from lib.errors import ClickHouseError
from lib.sources.clickhouse import (
    CUBES,
    QUERIES_TO_CONNECT,
    Address,
    ClickHouse,
    DayCount,
    Plan,
    connect,
)
from tests.integration.clickpy import (
    FIRST,
    HOSTILE,
    LAST,
    PACKAGES,
    QUIET_DAY,
    chdb_client,
    clickpy,
    counted_by_hand,
    hidden,
    http_face,
    insert,
)

PROJECT = Cube(Grain.DAY, ("project",))
COUNTRY = Cube(Grain.DAY, ("project", "country"))
PYTHON = Cube(Grain.DAY, ("project", "python"))
SYSTEM = Cube(Grain.DAY, ("project", "system"))
FILE_TYPE = Cube(Grain.DAY, ("project", "installer", "file_type"))
VERSION = Cube(Grain.DAY, ("project", "version"))

DAYS = (LAST - FIRST).days + 1

RawRows = list[dict[str, object]]


@pytest.fixture(scope="module")
def raw() -> Iterator[RawRows]:
    """The downloads that the database holds, a row each."""
    with clickpy() as rows:
        yield rows


@dataclass
class Asked:
    """Counts the queries that are announced, and says stop after `at_most`."""

    at_most: int = 10_000
    queries: int = 0

    def __call__(self) -> None:
        if self.queries == self.at_most:
            raise ClickHouseError("The budget of this hour is used up.")
        self.queries += 1


def failing(told: str) -> pytest.RaisesExc[ClickHouseError]:
    """Expects the error that a reader sees, with these words in it."""
    return pytest.raises(ClickHouseError, match=re.escape(told))


def unhurried(seconds: float) -> None:
    """In place of waiting."""


@contextmanager
def service(rows_at_once: int = 10_000, **settings: object) -> Iterator[tuple[ClickHouse, Asked]]:
    """The source on a client with these settings, and the count of its queries."""
    asked = Asked()
    with chdb_client(**settings) as client:
        yield (
            ClickHouse(client, asking=asked, rows_at_once=rows_at_once, sleep=unhurried),
            asked,
        )


def fetched_all(
    source: ClickHouse,
    cube: Cube,
    packages: tuple[str, ...] = PACKAGES,
    first: date = FIRST,
    last: date = LAST,
) -> pa.Table:
    plan = source.plan(cube, packages, first, last)
    return pa.concat_tables(fetched.rows for fetched in source.fetch(plan))


def keyed(rows: pa.Table) -> Counter[tuple[object, ...]]:
    """Downloads by period and dimensions; each key must stand once."""
    *keys, downloads = rows.to_pydict().values()
    counted = Counter(dict(zip(zip(*keys, strict=True), downloads, strict=True)))
    assert len(counted) == rows.num_rows
    return counted


# What is fetched


@pytest.mark.parametrize("cube", CUBES, ids=lambda cube: cube.name)
@pytest.mark.parametrize("rows_at_once", [10_000, 40])
def test_every_cube_equals_a_count_by_hand(raw: RawRows, cube: Cube, rows_at_once: int) -> None:
    with service(rows_at_once) as (source, _):
        rows = fetched_all(source, cube)
    assert keyed(rows) == counted_by_hand(raw, cube, PACKAGES)


def test_the_cubes_are_those_of_the_daily_history() -> None:
    assert CUBES == (PROJECT, COUNTRY, PYTHON, SYSTEM, FILE_TYPE, VERSION)


def test_columns_are_those_that_a_store_takes(raw: RawRows) -> None:
    with service() as (source, _):
        rows = fetched_all(source, FILE_TYPE)
    assert dict(zip(rows.schema.names, rows.schema.types, strict=True)) == {
        "period": pa.date32(),
        "project": pa.string(),
        "installer": pa.string(),
        "file_type": pa.string(),
        "downloads": pa.int64(),
    }


def test_missing_values_are_the_class_unknown_and_none_is_dropped(raw: RawRows) -> None:
    with service() as (source, _):
        by_system = keyed(fetched_all(source, SYSTEM))
    missing = sum(1 for row in raw if row["system"] in ("", "unknown"))
    assert sum(n for (_, _, system), n in by_system.items() if system == "unknown") == missing
    assert by_system.total() == len(raw)


def test_a_python_without_a_minor_version_is_unknown_as_in_bigquery(raw: RawRows) -> None:
    with service() as (source, _):
        pythons = {python for _, _, python in keyed(fetched_all(source, PYTHON))}
    assert pythons == {"3.11", "3.12", "3.14", "2.7", "unknown"}


def test_file_types_do_not_come_from_the_rollup_whose_key_lacks_them(raw: RawRows) -> None:
    narrow = "pypi_downloads_per_day_by_version_by_installer_by_type"
    with chdb_client() as client:
        found = client.query(f"SELECT type, sum(count) FROM {narrow} GROUP BY type").result_rows
    by_hand = Counter(row["type"] for row in raw)
    assert dict(found) != dict(by_hand), "ClickPy has mended its table: the narrow one will do."
    with service() as (source, _):
        by_type: Counter[object] = Counter()
        for (_, _, _, file_type), downloads in keyed(fetched_all(source, FILE_TYPE)).items():
            by_type[file_type] += downloads
    assert by_type == Counter(row["type"] or "unknown" for row in raw)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_that_tries_sql_is_only_a_name(raw: RawRows, name: str) -> None:
    with service() as (source, _):
        rows = fetched_all(source, VERSION, (name,))
    assert keyed(rows) == counted_by_hand(raw, VERSION, (name,))
    assert set(rows["project"].to_pylist()) == {name}


def test_only_the_days_asked_for_come(raw: RawRows) -> None:
    first, last = FIRST + timedelta(days=2), FIRST + timedelta(days=5)
    with service() as (source, _):
        rows = fetched_all(source, COUNTRY, ("numpy",), first, last)
    assert keyed(rows) == counted_by_hand(raw, COUNTRY, ("numpy",), first, last)


# Plans


def test_a_plan_has_every_day_once_in_chunks_that_fit_one_answer(raw: RawRows) -> None:
    with service(rows_at_once=700) as (source, asked):
        plan = source.plan(VERSION, PACKAGES, FIRST, LAST)
    assert asked.queries == 1
    assert [day.day for chunk in plan.chunks for day in chunk] == [
        FIRST + timedelta(days=n) for n in range(DAYS)
    ]
    assert len(plan.chunks) > 1
    assert all(sum(day.rows for day in chunk) <= 700 for chunk in plan.chunks)
    assert (plan.rows, plan.downloads) == (
        len(counted_by_hand(raw, VERSION, PACKAGES)),
        len(raw),
    )


def test_a_day_that_is_longer_than_an_answer_is_a_chunk_of_its_own(raw: RawRows) -> None:
    with service(rows_at_once=1) as (source, _):
        plan = source.plan(VERSION, PACKAGES, FIRST, LAST)
    full = [chunk for chunk in plan.chunks if sum(day.rows for day in chunk) > 1]
    assert len(full) == DAYS
    assert all(sum(day.rows > 0 for day in chunk) == 1 for chunk in full)


def test_fetching_sends_the_queries_that_the_plan_says(raw: RawRows) -> None:
    with service(rows_at_once=300) as (source, asked):
        plan = source.plan(VERSION, PACKAGES, FIRST, LAST)
        planned = asked.queries
        fetched = list(source.fetch(plan))
        assert asked.queries - planned == plan.queries
    assert [(part.first, part.last) for part in fetched] == [
        (chunk[0].day, chunk[-1].day) for chunk in plan.chunks
    ]


def test_days_without_downloads_are_fetched_without_a_query(raw: RawRows) -> None:
    with service() as (source, asked):
        plan = source.plan(COUNTRY, ("numpy",), QUIET_DAY, QUIET_DAY)
        (fetched,) = source.fetch(plan)
        nobody = list(source.fetch(source.plan(COUNTRY, ("no-such-package",), FIRST, LAST)))
    assert asked.queries == 2
    assert (fetched.first, fetched.last, fetched.rows.num_rows) == (QUIET_DAY, QUIET_DAY, 0)
    assert [(part.first, part.last, part.rows.num_rows) for part in nobody] == [(FIRST, LAST, 0)]


def test_a_day_that_is_not_loaded_is_absent_from_a_plan_and_no_chunk_spans_it(
    raw: RawRows,
) -> None:
    missing = FIRST + timedelta(days=6)
    with service(additional_table_filters=hidden(f"date != '{missing}'")) as (source, asked):
        plan = source.plan(VERSION, ("numpy", "no-such-package"), FIRST, LAST)
        fetched = list(source.fetch(plan))
    assert asked.queries == 1 + plan.queries
    assert (plan.absent, missing in plan.days, len(plan.days)) == ((missing,), False, DAYS - 1)
    day = timedelta(days=1)
    assert [(part.first, part.last) for part in fetched] == [
        (FIRST, missing - day),
        (missing + day, LAST),
    ]


def test_days_are_loaded_in_each_rollup_for_itself(raw: RawRows) -> None:
    filters = hidden(f"date != '{LAST}'", "pypi_downloads_per_day_by_version_by_country")
    with service(additional_table_filters=filters) as (source, _):
        assert source.plan(COUNTRY, ("numpy",), FIRST, LAST).absent == (LAST,)
        assert source.plan(VERSION, ("numpy",), FIRST, LAST).absent == ()


def test_only_the_days_that_are_wanted_are_planned(raw: RawRows) -> None:
    days = (FIRST, FIRST + timedelta(days=2))
    with service() as (source, _):
        plan = source.plan(COUNTRY, PACKAGES, FIRST, LAST, wanted=lambda count: count.day in days)
    assert ([len(chunk) for chunk in plan.chunks], plan.days) == ([1, 1], days)


def test_a_plan_of_nothing_is_refused(raw: RawRows) -> None:
    with service() as (source, asked):
        with pytest.raises(ValueError, match="a package and a day"):
            source.plan(PROJECT, (), FIRST, LAST)
        with pytest.raises(ValueError, match="a package and a day"):
            source.plan(PROJECT, PACKAGES, LAST, FIRST)
        with pytest.raises(KeyError):
            source.plan(Cube(Grain.DAY, ("project", "ci")), PACKAGES, FIRST, LAST)
    assert asked.queries == 0


def test_nothing_is_sent_when_the_budget_is_used_up(raw: RawRows) -> None:
    with chdb_client() as client:
        source = ClickHouse(client, asking=Asked(at_most=1), rows_at_once=40)
        plan = source.plan(VERSION, PACKAGES, FIRST, LAST)
        with failing("budget"):
            next(source.fetch(plan))


# The newest day


def test_the_latest_day_is_one_that_every_rollup_holds(raw: RawRows) -> None:
    next_day = LAST + timedelta(days=1)
    with service() as (source, asked), chdb_client() as client:
        assert source.latest_day() == LAST
        client.command(f"INSERT INTO pypi_downloads_per_day VALUES ('{next_day}', 'six', 5)")
        assert source.latest_day() == LAST
        client.command(f"DELETE FROM pypi_downloads_per_day WHERE date = '{next_day}'")
    assert asked.queries == 2


def test_a_service_without_downloads_has_no_latest_day(raw: RawRows) -> None:
    filters = hidden("count < 0", "pypi_downloads_per_day")
    with service(additional_table_filters=filters) as (source, _), failing("newest day is not kno"):
        source.latest_day()


# Answers that are cut

CUT = {"result_overflow_mode": "break", "max_block_size": 50}
"""With `max_result_rows`: ClickHouse stops at the end of a block, and says nothing."""


def longest_day(raw: RawRows, cube: Cube) -> int:
    """The most rows that a day of a cube has."""
    return max(Counter(day for day, *_ in counted_by_hand(raw, cube, PACKAGES)).values())


@pytest.mark.parametrize("cube", [VERSION, FILE_TYPE], ids=lambda cube: cube.name)
def test_a_cut_answer_is_asked_again_in_halves(raw: RawRows, cube: Cube) -> None:
    most = longest_day(raw, cube) + 60
    with service(max_result_rows=most, **CUT) as (source, asked):
        plan = source.plan(cube, PACKAGES, FIRST, LAST)
        assert plan.queries == 1 and plan.rows > most
        (fetched,) = source.fetch(plan)
    assert keyed(fetched.rows) == counted_by_hand(raw, cube, PACKAGES)
    assert asked.queries > 3


def test_the_cut_is_silent(raw: RawRows) -> None:
    systems = "pypi_downloads_per_day_by_version_by_system"
    statement = f"SELECT date, version, system, sum(count) FROM {systems} GROUP BY ALL ORDER BY ALL"
    with chdb_client() as client:
        whole = client.query(statement).row_count
    with chdb_client(max_result_rows=100, **CUT) as client:
        assert 0 < client.query(statement).row_count < whole


def test_an_answer_that_is_refused_for_its_length_is_asked_again_in_halves(raw: RawRows) -> None:
    with service(max_result_rows=longest_day(raw, VERSION)) as (source, _):
        rows = fetched_all(source, VERSION)
    assert keyed(rows) == counted_by_hand(raw, VERSION, PACKAGES)


def test_answers_as_long_as_one_that_was_cut_are_not_asked_for_again(raw: RawRows) -> None:
    most = longest_day(raw, VERSION)
    with service(max_result_rows=most, max_block_size=10) as (source, asked):
        plan = source.plan(VERSION, PACKAGES, FIRST, LAST)
        list(source.fetch(plan))
        first_time = asked.queries
        list(source.fetch(plan))
    assert asked.queries - first_time < first_time - 1


@pytest.mark.parametrize("cut", [{**CUT, "max_result_rows": 20}, {"limit": 70}, {"limit": 1}])
def test_a_day_that_stays_cut_is_an_error_and_nothing_of_it_is_returned(
    raw: RawRows, cut: Mapping[str, object]
) -> None:
    with service(**cut) as (source, _):
        fetching = source.fetch(source.plan(VERSION, PACKAGES, FIRST, LAST))
        with pytest.raises(ClickHouseError) as failure:
            next(fetching)
    told = str(failure.value)
    assert f"on {FIRST} in cube_day_project_version and answered with" in told
    assert "in silence. Nothing of the day was kept. Ask for fewer packages at a time." in told


def test_a_day_that_is_refused_for_its_length_is_an_error(raw: RawRows) -> None:
    told = "gives no answer as long as this one. Ask for fewer packages at a time."
    with service(max_result_rows=20) as (source, _), failing(told):
        fetched_all(source, VERSION)


def test_counts_are_one_row_that_no_limit_on_rows_can_cut(raw: RawRows) -> None:
    with service(max_result_rows=1, limit=1, **CUT) as (source, _):
        plan = source.plan(VERSION, PACKAGES, FIRST, LAST)
    assert plan.downloads == len(raw)


def test_a_reading_that_would_stop_half_way_is_an_error_and_no_smaller_number(
    raw: RawRows,
) -> None:
    limits = {"max_rows_to_read": 16_000, "read_overflow_mode": "break"}
    first, last = date(2010, 1, 1), date(2010, 1, 1) + timedelta(days=4_999)
    bulk = tuple(f"bulk-{number}" for number in range(1, 9))
    with chdb_client() as client:
        client.command(
            "INSERT INTO pypi_downloads_per_day SELECT toDate('2010-01-01') + number % 5000, "
            "'bulk-' || toString(intDiv(number, 5000)), 1 FROM numbers(500000)"
        )
        client.command(
            "INSERT INTO pypi_downloads_per_day "
            "SELECT toDate('2010-01-01') + number, 'six', 1 FROM numbers(5000)"
        )
    downloads = (
        "SELECT sum(count) FROM pypi_downloads_per_day WHERE project IN {names:Array(String)}"
    )
    with chdb_client(**limits) as client:
        assert 0 < client.query(downloads, {"names": list(bulk)}).first_row[0] < 8 * 5_000
    told = "would have had to read more than it allows for this question. Ask for fewer packages"
    with service(**limits) as (source, _), failing(told):
        source.plan(PROJECT, bulk, first, last)
    with service() as (source, _):
        assert source.plan(PROJECT, bulk, first, last).downloads == 8 * 5_000


def test_a_day_that_was_loaded_since_it_was_counted_is_counted_anew(raw: RawRows) -> None:
    with service() as (source, _):
        plan = source.plan(PROJECT, PACKAGES, FIRST, LAST)
        stale = Plan(
            plan.cube,
            plan.packages,
            tuple(
                tuple(
                    DayCount(day.day, day.rows, day.downloads - (day.day == FIRST)) for day in chunk
                )
                for chunk in plan.chunks
            ),
        )
        (fetched,) = source.fetch(stale)
    assert keyed(fetched.rows) == counted_by_hand(raw, PROJECT, PACKAGES)


# Failures: a stub stands for what an embedded ClickHouse cannot do


class StubClient:
    """In place of a client: raises or answers with what it is given, one by one."""

    uri = "https://sql-clickhouse.clickhouse.com:443"
    database = "pypi"

    def __init__(self, *answers: Exception | list[list[object]], **settings: SettingDef) -> None:
        self.server_settings = settings
        self.answers = list(answers)

    def query(self, *_: object, **__: object) -> StubClient:
        return self

    @property
    def result_columns(self) -> list[list[object]]:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


@dataclass
class Waited:
    """Keeps how long was to be waited."""

    seconds: list[float] = field(default_factory=list)

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


def stubbed(*answers: Any, **settings: SettingDef) -> tuple[ClickHouse, Asked, Waited]:
    asked, waited = Asked(), Waited()
    client: Any = StubClient(*answers, **settings)
    return ClickHouse(client, asking=asked, sleep=waited), asked, waited


def refused(code: int, name: str, text: str = "") -> DatabaseError:
    """An error as clickhouse-connect makes it of ClickHouse's answer."""
    told = f"Received ClickHouse exception, code: {code}, server response: Code: {code}. "
    return DatabaseError(f"{told}DB::Exception: {text} ({name})", code=code, name=name)


def beneath(cause: Exception) -> OperationalError:
    """A failure of the network, as clickhouse-connect wraps it."""
    error = OperationalError("Error executing HTTP request")
    error.__cause__ = cause
    return error


QUOTA = (
    "Quota for user `demo` for 3600s has been exceeded: queries = 301/300. "
    "Interval will end at 2026-09-03 07:00:00. Name of quota template: `demo`."
)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            refused(201, "QUOTA_EXCEEDED", QUOTA),
            "has been asked as often as its quota allows (queries = 301/300). "
            "Wait until 2026-09-03 07:00:00, the server's time, and try again.",
        ),
        (refused(201, "QUOTA_EXCEEDED"), "quota allows. Wait an hour and try again."),
        (
            refused(516, "AUTHENTICATION_FAILED"),
            "refused the user or the password. Check PULSE_CLICKHOUSE_USER and",
        ),
        (refused(60, "UNKNOWN_TABLE"), "no such tables as ClickPy's in this database. Check"),
        (refused(81, "UNKNOWN_DATABASE"), "(database pypi) has no database of this name. Check"),
        (refused(47, "UNKNOWN_IDENTIFIER"), "layout has changed. Update PyPI Pulse"),
        (refused(497, "ACCESS_DENIED"), "does not let this user read ClickPy's tables. Check"),
        (refused(164, "READONLY"), "Name another user with PULSE_CLICKHOUSE_USER."),
        (refused(241, "MEMORY_LIMIT_EXCEEDED"), "ran out of memory over this question. Ask for"),
        (refused(999, "KEEPER_EXCEPTION"), "with its error 999 (KEEPER_EXCEPTION). Try again"),
        (
            DatabaseError("HTTP driver received HTTP status 404"),
            "HTTP status 404, which ClickHouse",
        ),
        (OperationalError("Unexpected response"), "answer that could not be read. Check PULSE_CLI"),
    ],
    ids=lambda value: value.name if isinstance(value, Error) else "",
)
def test_a_failure_says_what_happened_and_what_to_do(error: Exception, told: str) -> None:
    source, asked, waited = stubbed(error)
    with pytest.raises(ClickHouseError) as failure:
        source.latest_day()
    assert told in str(failure.value)
    assert str(failure.value).startswith("ClickHouse at https://sql-clickhouse.clickhouse.com:443")
    assert failure.value.__cause__ is error
    assert (asked.queries, waited.seconds) == (1, [])


PASSING = [
    (refused(202, "TOO_MANY_SIMULTANEOUS_QUERIES"), "too busy with other questions. Try again"),
    (refused(159, "TIMEOUT_EXCEEDED"), "took longer than it allows for this question. Ask for"),
    (DatabaseError("HTTP driver received HTTP status 502"), "out of service (HTTP status 502)."),
    (OperationalError("HTTP driver received HTTP status 429"), "out of service (HTTP status 429)."),
    (beneath(ProtocolError("Connection aborted.")), "broke the connection off. Try again later."),
    (beneath(ReadTimeoutError(None, "", "Read timed out.")), "did not answer in time. Try again"),  # type: ignore[arg-type]
    (StreamFailureError("Stream ended unexpectedly"), "broke the connection off. Try again later."),
]


@pytest.mark.parametrize(("error", "told"), PASSING)
def test_a_failure_that_stays_is_told_after_some_attempts(error: Exception, told: str) -> None:
    source, asked, waited = stubbed(*[error] * 4)
    with pytest.raises(ClickHouseError) as failure:
        source.latest_day()
    assert told in str(failure.value)
    assert (asked.queries, waited.seconds) == (4, [1.0, 4.0, 15.0])


@pytest.mark.parametrize("error", [error for error, _ in PASSING])
def test_a_failure_that_passes_is_not_noticed(error: Exception) -> None:
    source, asked, waited = stubbed(error, error, [[LAST]])
    assert source.latest_day() == LAST
    assert (asked.queries, waited.seconds) == (3, [1.0, 4.0])


def test_attempts_end_when_the_budget_is_used_up() -> None:
    client: Any = StubClient(*[PASSING[0][0]] * 4)
    source = ClickHouse(client, asking=Asked(at_most=2), sleep=unhurried)
    with failing("budget"):
        source.latest_day()
    assert len(client.answers) == 2


def counted(rows: int, downloads: int) -> list[list[object]]:
    """The server's count of the first day, which it has loaded."""
    return [[[(FIRST, rows, downloads)]], [[FIRST]]]


def test_a_day_that_is_taken_away_while_it_is_read_is_an_error_and_not_no_downloads() -> None:
    nothing: list[list[object]] = [[], [], []]
    source, _, _ = stubbed(counted(1, 10), nothing, [[[]], [[]]], nothing)
    plan = source.plan(PROJECT, ("numpy",), FIRST, FIRST)
    with failing("it is being loaded. Nothing of the day was kept."):
        next(source.fetch(plan))


def test_a_day_that_changes_while_it_is_read_is_an_error() -> None:
    columns = [[FIRST], ["numpy"]]
    source, asked, _ = stubbed(counted(1, 10), [*columns, [11]], counted(1, 11), [*columns, [12]])
    plan = source.plan(PROJECT, ("numpy",), FIRST, FIRST)
    with failing("it is being loaded. Nothing of the day was kept."):
        next(source.fetch(plan))
    assert asked.queries == 4


@pytest.mark.parametrize("nothing", [[], [[]]])
def test_no_counts_are_an_error_and_not_no_downloads(nothing: list[list[object]]) -> None:
    source, _, _ = stubbed(nothing)
    with failing("gave no counts to check its rows by"):
        source.plan(PROJECT, ("numpy",), FIRST, LAST)


def test_a_user_whose_readings_are_cut_unchangeably_is_refused() -> None:
    with failing("read_overflow_mode is break, and may not be chang"):
        stubbed(read_overflow_mode=SettingDef("read_overflow_mode", "break", 1))


def test_a_user_who_may_change_nothing_is_sent_no_settings() -> None:
    sent: list[object] = []

    class ReadOnly(StubClient):
        def query(self, *_: object, **options: object) -> StubClient:
            sent.append(options["settings"])
            return self

    modes = ("read_overflow_mode", "timeout_overflow_mode", "group_by_overflow_mode")
    client: Any = ReadOnly([[LAST]], **{mode: SettingDef(mode, "throw", 1) for mode in modes})
    assert ClickHouse(client, asking=Asked()).latest_day() == LAST
    assert sent == [{}]


# The real ClickHouse's own errors


def test_a_wrong_database_is_named(raw: RawRows) -> None:
    asked = Asked()
    with chdb_client() as client:
        client.database = "pipy"
        with failing("(database pipy) has no database of this nam"):
            ClickHouse(client, asking=asked).latest_day()
        client.database = "default"
        with failing("(database default) has no such tables as Cl"):
            ClickHouse(client, asking=asked).latest_day()


def test_a_changed_layout_is_told(raw: RawRows) -> None:
    table = "pypi_downloads_per_day_by_version_by_country"
    with service() as (source, _), chdb_client() as client:
        client.command(f"RENAME TABLE {table} TO aside")
        client.command(f"CREATE VIEW {table} AS SELECT * EXCEPT country_code FROM aside")
        try:
            with failing("layout has changed. Update PyPI Pulse"):
                source.plan(COUNTRY, PACKAGES, FIRST, LAST)
        finally:
            client.command(f"DROP VIEW {table}")
            client.command(f"RENAME TABLE aside TO {table}")


# The connection

SECRET = "swordfish"


def at(port: int, **parts: Any) -> Address:
    return Address(host="127.0.0.1", port=port, password=SECRET, secure=False, **parts)


def test_the_default_is_the_public_service() -> None:
    assert Address() == Address("sql-clickhouse.clickhouse.com", 443, "demo", "", "pypi", True)
    assert Address().url == "https://sql-clickhouse.clickhouse.com:443"


def test_no_password_is_shown() -> None:
    assert SECRET not in repr(Address(password=SECRET))


def test_a_connection_over_http_fetches_what_the_rollups_hold(raw: RawRows) -> None:
    asked = Asked()
    with http_face() as face:
        client: Client = connect(at(face.port), asking=asked)
        assert asked.queries == len(face.requests) == QUERIES_TO_CONNECT
        source = ClickHouse(client, asking=asked, rows_at_once=300)
        assert keyed(fetched_all(source, VERSION)) == counted_by_hand(raw, VERSION, PACKAGES)
        client.close()
    assert asked.queries == len(face.requests)
    questions = face.requests[QUERIES_TO_CONNECT:]
    assert {request["read_overflow_mode"] for request in questions} == {"throw"}
    assert not any("numpy" in request["query"] for request in questions)
    assert not any("session_id" in request for request in face.requests)


def test_hundreds_of_packages_fit_into_a_question(raw: RawRows) -> None:
    many = tuple(f"a-package-with-a-long-name-{number}" for number in range(3_000))
    with http_face() as face:
        client = connect(at(face.port), asking=Asked())
        source = ClickHouse(client, asking=Asked())
        rows = fetched_all(source, PROJECT, (*many, "six"))
        client.close()
    assert keyed(rows) == counted_by_hand(raw, PROJECT, ("six",))


def test_a_refused_user_is_told_without_the_password(raw: RawRows) -> None:
    text = f"Code: 516. DB::Exception: demo: Authentication failed: password is incorrect {SECRET}"
    with http_face() as face:
        face.refusals.append((403, 516, text))
        with pytest.raises(ClickHouseError) as failure:
            connect(at(face.port), asking=Asked())
    assert "refused the user or the password" in str(failure.value)
    assert SECRET not in str(failure.value)


def test_a_service_that_is_down_for_a_moment_is_asked_again(raw: RawRows) -> None:
    asked, waited = Asked(), Waited()
    with http_face() as face:
        face.refusals.append((503, None, "Service Unavailable"))
        connect(at(face.port), asking=asked, sleep=waited).close()
    assert (asked.queries, waited.seconds) == (2 * QUERIES_TO_CONNECT, [1.0])


def test_each_question_that_is_asked_again_is_counted(raw: RawRows) -> None:
    asked, waited = Asked(), Waited()
    with http_face() as face:
        client = connect(at(face.port), asking=asked)
        face.refusals += [(503, None, "Service Unavailable"), (500, 202, "Code: 202. Too many")]
        assert ClickHouse(client, asking=asked, sleep=waited).latest_day() == LAST
        client.close()
    assert asked.queries == len(face.requests) == QUERIES_TO_CONNECT + 3
    assert waited.seconds == [1.0, 4.0]


def test_an_unknown_database_is_found_on_connecting(raw: RawRows) -> None:
    with http_face() as face, failing("(database pipy) has no database of this name. Check"):
        connect(at(face.port, database="pipy"), asking=Asked())


def test_no_connection_is_opened_when_the_budget_is_used_up() -> None:
    with http_face() as face, failing("budget"):
        connect(at(face.port), asking=Asked(at_most=QUERIES_TO_CONNECT - 1))
    assert face.requests == []


def test_an_unknown_host_is_told() -> None:
    address = Address(host="clickhouse.invalid", password=SECRET)
    with pytest.raises(ClickHouseError) as failure:
        connect(address, asking=Asked())
    assert str(failure.value) == (
        "ClickHouse at https://clickhouse.invalid:443 (database pypi) was not found: its name is "
        "unknown. Check PULSE_CLICKHOUSE_HOST and the network."
    )


def test_a_host_where_nobody_listens_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with failing("could not be reached. Check PULSE_CLICKHOUSE_HOST"):
        connect(at(port), asking=Asked())


def test_a_host_without_tls_is_told() -> None:
    with http_face() as face:
        address = Address(host="127.0.0.1", port=face.port, secure=True)
        with failing("could not prove who it is (TLS). Check"):
            connect(address, asking=Asked())


def test_a_connection_that_breaks_off_is_asked_again_and_then_told() -> None:
    waited = Waited()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def hang_up() -> None:
            while True:
                try:
                    taken, _ = server.accept()
                except OSError:
                    return
                taken.recv(65_536)
                taken.close()

        Thread(target=hang_up, daemon=True).start()
        with failing("broke the connection off. Try again later."):
            connect(at(server.getsockname()[1]), asking=Asked(), sleep=waited)
    assert waited.seconds == [1.0, 4.0, 15.0]


def test_rows_that_come_later_are_fetched_by_a_new_plan(raw: RawRows) -> None:
    day = LAST + timedelta(days=5)
    late = [{**raw[0], "date": day, "project": "late-package"}]
    with chdb_client() as client:
        insert(client, [*late, {**raw[0], "date": day, "project": "six"}])
        source = ClickHouse(client, asking=Asked())
        rows = fetched_all(source, COUNTRY, ("late-package",), day, day)
    assert keyed(rows) == counted_by_hand(late, COUNTRY, ("late-package",), day, day)
