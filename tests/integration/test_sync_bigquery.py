"""A sync from BigQuery: every cube equals brute force, and no day is paid for twice."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, NoReturn

import pyarrow as pa
import pytest
from google.cloud import bigquery

from lib.bigquery.asking import Answered
from lib.budget import Entry, LedgerFile, ledger_path
from lib.cubes import ALL_DIMENSIONS, Coverage, Cube
from lib.errors import BigQueryError, OverBudget, StoreBusy, StoreError
from lib.progress import fetch_progress
from lib.router import Period
from lib.settings import GIGABYTE, Settings
from lib.sources.bigquery import ALL_PACKAGES_CUBE, WATCH_LIST_CUBE
from lib.stores.duckdb import DuckDBStore, StoreWriter
from lib.sync.command import Order, RealSource, quote, sync
from lib.sync.landing import Landing
from tests.conftest import raw_row, write_cube
from tests.integration import rest_stub
from tests.integration.emulator import environment_of
from tests.integration.public_table import (
    FIRST_DAY,
    HOSTILE_VERSION,
    LAST_DAY,
    PUBLIC_TABLE,
    counted,
    rows,
)
from tests.integration.rest_stub import MEBIBYTE, Answer, BigQueryStub, Failure, Values

NOON = datetime(2026, 8, 31, 12, tzinfo=UTC)
"""The days up to 2026-08-23 are final then, and 2026-08-30 has no rows yet."""

WEEK_AFTER = datetime(2026, 9, 8, 12, tzinfo=UTC)

PACKAGES = ("polars", "scikit-learn", "zope-interface", "vispy")

Names = tuple[str, ...]


def day(number: int) -> date:
    return date(2026, 8, number)


PAYING_PROJECT = "mine-project"
"""Also what the command line's tests have in their environment."""


def settings_at(
    folder: Path, now: datetime = NOON, monthly: int = 900 * GIGABYTE, query: int = 600 * GIGABYTE
) -> Settings:
    return Settings(
        store=folder / "pulse.duckdb",
        frozen_now=now,
        bigquery_project=PAYING_PROJECT,
        monthly_bytes=monthly,
        query_bytes=query,
    )


def synced(
    settings: Settings,
    packages: Names | None,
    first: date = FIRST_DAY,
    last: date = LAST_DAY,
    *,
    most: int | None = None,
    dry_run: bool = False,
) -> list[str]:
    """Sync, and what it said."""
    said: list[str] = []
    order = Order(RealSource.BIGQUERY, packages, Period(first, last), "ada", most, dry_run)
    sync(settings, order, lambda fraction, text: None, said.append)
    return said


def held(settings: Settings, cube: Cube) -> Counter[tuple[Any, ...]]:
    """The rows of a cube as downloads by (day, *dimensions), each key once."""
    frame = DuckDBStore(settings.store).query(f"SELECT * FROM {cube.name}")
    frame["period"] = frame["period"].dt.date
    keys = list(frame[["period", *cube.dimensions]].itertuples(index=False, name=None))
    assert len(set(keys)) == len(keys)
    return Counter(dict(zip(keys, frame["downloads"].tolist(), strict=True)))


def coverage(settings: Settings, cube: Cube = WATCH_LIST_CUBE) -> list[Coverage]:
    return [row for row in DuckDBStore(settings.store).coverage() if row.cube == cube]


def entries(settings: Settings) -> list[Entry]:
    """The ledger, oldest first."""
    return list(
        LedgerFile(ledger_path(settings.store, settings.bigquery_project)).since(
            datetime(2026, 1, 1, tzinfo=UTC)
        )
    )[::-1]


def raw_queries(settings: Settings) -> list[Entry]:
    """The paid queries of the raw table."""
    return [entry for entry in entries(settings) if entry.statement != "partitions"]


def leftovers(store: Path) -> list[str]:
    """What a finished sync must not leave: torn, landed and private files."""
    folder = store.with_name(store.name + ".landed")
    landed = [path.name for path in folder.iterdir()] if folder.exists() else []
    suffixes = (".arriving", ".writing", ".wal", ".fetching")
    return landed + [path.name for path in store.parent.iterdir() if path.suffix in suffixes]


class PublicTable:
    """The public table as the stub answers from it, counted by brute force."""

    def __init__(self, raw: pa.Table) -> None:
        self.raw = raw
        self.changed = dict.fromkeys(range(1, 32), datetime(2026, 8, 30, tzinfo=UTC))
        self._answers: dict[tuple[Any, ...], Answer] = {}

    def answer(self, sql: str, values: Values) -> Answer:
        """What a statement of the project yields."""
        if "INFORMATION_SCHEMA" in sql:
            return self._partitions([str(name) for name in values["partitions"] or ()])
        packages = values.get("packages")
        key = (str(values["day"]), packages and tuple(packages), self.raw.num_rows)
        if key not in self._answers:
            when, dimensions = date.fromisoformat(key[0]), ALL_PACKAGES_CUBE.dimensions
            if packages is not None:
                dimensions = WATCH_LIST_CUBE.dimensions
            counts = counted(self.raw, dimensions, packages, when, when)
            columns = [("period", "DATE"), *((name, "STRING") for name in dimensions)]
            self._answers[key] = Answer(
                [bigquery.SchemaField(*column) for column in (*columns, ("downloads", "INTEGER"))],
                [(*row, downloads) for row, downloads in counts.items()],
            )
        return self._answers[key]

    def _partitions(self, names: list[str]) -> Answer:
        held = Counter(f"{moment:%Y%m%d}" for moment in self.raw["timestamp"].to_pylist())
        kinds = {
            "partition_id": "STRING",
            "total_rows": "INTEGER",
            "last_modified_time": "TIMESTAMP",
        }
        found = [(name, held[name], self.changed[int(name[6:])]) for name in names if held[name]]
        return Answer([bigquery.SchemaField(*column) for column in kinds.items()], found)

    def add(self, when: date, package: str, downloads: int) -> None:
        """Add downloads to a day, half an hour after noon."""
        alike = self.raw.filter(pa.compute.equal(self.raw["project"], package)).slice(0, 1)
        moment = datetime(when.year, when.month, when.day, 12, tzinfo=UTC)
        column = pa.array([moment], pa.timestamp("us", tz="UTC"))
        added = alike.set_column(0, self.raw.schema.field("timestamp"), column)
        self.raw = pa.concat_tables([self.raw, *[added] * downloads])
        self.changed[when.day] = NOON + timedelta(minutes=30)


def asked(stub: BigQueryStub) -> list[tuple[int, Names | None]]:
    """The raw queries that the server was sent and did not refuse: day of August, packages."""
    return [
        (
            int(str(job.values["day"])[-2:]),
            tuple(found) if (found := job.values.get("packages")) else None,
        )
        for job in stub.jobs.values()
        if "day" in job.values and job.failure is None
    ]


def bought(stub: BigQueryStub) -> Counter[tuple[int, str | None]]:
    """How often the server was asked for each (day, package)."""
    return Counter((day, name) for day, names in asked(stub) for name in names or (None,))


@pytest.fixture(scope="module")
def small_rows() -> pa.Table:
    return rows(4_000)


@pytest.fixture
def table(
    small_rows: pa.Table, bigquery_stub: BigQueryStub, monkeypatch: pytest.MonkeyPatch
) -> PublicTable:
    """The public table that the stub answers from; syncs of the test speak to it."""
    found = PublicTable(small_rows)
    bigquery_stub.answer = found.answer
    # Without, each of the stub's answers waits 40 ms for an acknowledgment.
    monkeypatch.setattr(BaseHTTPRequestHandler, "disable_nagle_algorithm", True)
    for name, value in environment_of(bigquery_stub.url).items():
        monkeypatch.setenv(name, value)
    return found


@pytest.fixture
def emulated(bigquery_emulator: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Syncs of the test speak to the emulator."""
    for name, value in environment_of(bigquery_emulator).items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="module")
def filled_store(
    bigquery_emulator: str, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[str]]:
    """A store filled from the emulator with both cubes, and what was said; only to be copied."""
    folder = tmp_path_factory.mktemp("filled")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment_of(bigquery_emulator).items():
            patch.setenv(name, value)
        settings = settings_at(folder)
        said = synced(settings, PACKAGES, last=day(31)) + synced(settings, None, last=day(31))
    return folder, said


@pytest.fixture
def filled(filled_store: tuple[Path, list[str]], emulated: None, tmp_path: Path) -> Settings:
    """A copy of the filled store, with its ledger."""
    folder = tmp_path / "copy"
    shutil.copytree(filled_store[0], folder)
    return settings_at(folder)


class TestASyncFromTheEmulator:
    def test_holds_named_packages_by_every_dimension(
        self, filled: Settings, public_rows: pa.Table
    ) -> None:
        expected = counted(public_rows, ALL_DIMENSIONS, PACKAGES)
        assert any(HOSTILE_VERSION in key for key in expected)
        assert held(filled, WATCH_LIST_CUBE) == expected

    def test_holds_all_packages_by_country(self, filled: Settings, public_rows: pa.Table) -> None:
        assert held(filled, ALL_PACKAGES_CUBE) == counted(public_rows, ("project", "country"))

    def test_leaves_out_a_day_without_rows_and_says_so(
        self, filled: Settings, filled_store: tuple[Path, list[str]]
    ) -> None:
        left_out = "2026-08-30 is left out: BigQuery has no rows of it yet."
        assert filled_store[1].count(left_out) == 2
        assert max(row.last for row in DuckDBStore(filled.store).coverage()) == LAST_DAY

    def test_marks_the_days_of_the_last_week_and_no_other(self, filled: Settings) -> None:
        for cube in (WATCH_LIST_CUBE, ALL_PACKAGES_CUBE):
            told = [(r.first.day, r.last.day, bool(r.fingerprint)) for r in coverage(filled, cube)]
            assert told == [(20, 23, False), *((n, n, True) for n in range(24, 30))]

    def test_leaves_nothing_behind(self, filled: Settings) -> None:
        assert leftovers(filled.store) == []
        assert all(entry.billed is not None for entry in entries(filled))

    def test_once_more_sends_no_query_of_the_raw_table(self, filled: Settings) -> None:
        before, content = raw_queries(filled), filled.store.read_bytes()
        assert "Nothing is missing: no query is needed." in synced(filled, PACKAGES)
        assert "Nothing is missing: no query is needed." in synced(filled, None)
        assert "Nothing is missing: no query is needed." in synced(filled, PACKAGES[:2])
        assert raw_queries(filled) == before
        assert filled.store.read_bytes() == content

    def test_of_more_packages_reads_only_those(
        self, filled: Settings, public_rows: pa.Table
    ) -> None:
        before = len(raw_queries(filled))
        said = synced(filled, (*PACKAGES, "bokeh"), first=day(28))
        assert said[0].startswith("2 queries for 2 days")
        assert len(raw_queries(filled)) == before + 2
        expected = counted(public_rows, ALL_DIMENSIONS, PACKAGES)
        expected += counted(public_rows, ALL_DIMENSIONS, ["bokeh"], day(28))
        assert held(filled, WATCH_LIST_CUBE) == expected

    def test_after_the_week_settles_the_days_and_reads_nothing(
        self, filled: Settings, public_rows: pa.Table
    ) -> None:
        before = raw_queries(filled)
        later = replace(filled, frozen_now=WEEK_AFTER)
        synced(later, PACKAGES)
        (row,) = coverage(later)
        assert (row.first, row.last, row.fingerprint) == (FIRST_DAY, LAST_DAY, "")
        assert raw_queries(later) == before
        assert held(later, WATCH_LIST_CUBE) == counted(public_rows, ALL_DIMENSIONS, PACKAGES)
        asked_before = len(entries(later))
        synced(later, PACKAGES)
        assert len(entries(later)) == asked_before

    def test_reads_a_day_again_that_has_got_rows(
        self,
        filled: Settings,
        public_rows: pa.Table,
        emulator_client: bigquery.Client,
    ) -> None:
        before = len(raw_queries(filled))
        settled = replace(filled, store=filled.store.parent / "settled" / filled.store.name)
        settled.store.parent.mkdir()
        shutil.copyfile(filled.store, settled.store)
        synced(replace(settled, frozen_now=WEEK_AFTER), PACKAGES)
        with added_rows(emulator_client):
            said = synced(filled, PACKAGES)
            synced(replace(settled, frozen_now=WEEK_AFTER + timedelta(1)), PACKAGES)
        assert said[0].startswith("One query")
        assert len(raw_queries(filled)) == before + 1
        expected = counted(public_rows, ALL_DIMENSIONS, PACKAGES)
        key = (day(28), "vispy", "9.9", "DE", *["unknown"] * 6, "sdist")
        assert held(filled, WATCH_LIST_CUBE) == expected + Counter({key: 2})
        assert [r.bytes_billed for r in coverage(filled) if r.first == day(28)] == [0]
        # A day that was final is not read again, whatever becomes of it.
        assert raw_queries(settled) == []
        assert held(settled, WATCH_LIST_CUBE) == expected

    def test_touches_nothing_that_it_was_not_asked_for(
        self, filled: Settings, emulator_client: bigquery.Client
    ) -> None:
        before = len(raw_queries(filled))
        with added_rows(emulator_client):
            dry = synced(filled, ("bokeh",), first=day(28), dry_run=True)
            synced(filled, ("bokeh",), first=day(28))
            again = synced(filled, PACKAGES, first=day(28), dry_run=True)
        assert [text for text in dry if "read again" in text] == []
        assert len(raw_queries(filled)) == before + 2
        assert [text.split(":")[0] for text in again if "read again" in text] == [
            "2 days held are read again if they have changed"
        ]

    def test_as_a_dry_run_writes_nothing(self, emulated: None, tmp_path: Path) -> None:
        said = synced(settings_at(tmp_path), PACKAGES, first=day(28), dry_run=True)
        assert said[0].startswith("2 queries for 2 days: upper bound")
        assert list(tmp_path.iterdir()) == []

    def test_as_a_dry_run_changes_nothing(self, filled: Settings) -> None:
        before = {
            path: path.read_bytes() for path in filled.store.parent.glob("*.*") if path.is_file()
        }
        synced(filled, (*PACKAGES, "bokeh"), first=day(29), dry_run=True)
        assert before == {
            path: path.read_bytes() for path in filled.store.parent.glob("*.*") if path.is_file()
        }


@contextmanager
def added_rows(client: bigquery.Client) -> Iterator[None]:
    """Two late downloads in the emulator's public table, while the block runs."""
    file = "STRUCT('a.tar.gz' AS filename, 'vispy' AS project, '9.9' AS version, 'sdist' AS type)"
    row = f"(TIMESTAMP '2026-08-28 10:00:00 UTC', 'DE', '/late', 'vispy', {file})"
    columns = "timestamp, country_code, url, project, file"
    client.query(f"INSERT INTO `{PUBLIC_TABLE}` ({columns}) VALUES {row}, {row}").result()
    try:
        yield
    finally:
        client.query(f"DELETE FROM `{PUBLIC_TABLE}` WHERE url = '/late'").result()


class TestAStoreOfOtherRows:
    @pytest.mark.parametrize("source", ["sample", "files", "clickhouse"])
    def test_is_refused_with_another_name(
        self, table: PublicTable, bigquery_stub: BigQueryStub, tmp_path: Path, source: str
    ) -> None:
        settings = settings_at(tmp_path)
        filled_with(settings.store, source)
        content = settings.store.read_bytes()
        with pytest.raises(StoreError, match=r"PULSE_STORE=store/bigquery\.duckdb"):
            synced(settings, PACKAGES)
        assert bigquery_stub.requests == []
        assert settings.store.read_bytes() == content

    def test_takes_nothing_of_what_had_landed_for_another(
        self, table: PublicTable, tmp_path: Path
    ) -> None:
        settings = settings_at(tmp_path)
        with killed_in(Landing, "publish"):
            synced(settings, ("polars",), last=day(20))
        filled_with(settings.store, "sample")
        with pytest.raises(StoreError, match="sample"):
            synced(settings, ("polars",), last=day(20))
        assert {row.source for row in DuckDBStore(settings.store).coverage()} == {"sample"}
        settings.store.unlink()
        synced(settings, ("polars",), last=day(20))
        assert held(settings, WATCH_LIST_CUBE)


def filled_with(store: Path, source: str) -> None:
    with StoreWriter(store) as writer:
        write_cube(
            writer, ALL_PACKAGES_CUBE, [raw_row(day(1), "numpy", 1)], first=day(1), last=day(1),
            packages=("numpy",), source=source,
        )  # fmt: skip


class Killed(BaseException):
    """Stands for SIGKILL in this process: nothing is kept, paid or told after it."""


@contextmanager
def killed_in(owner: type, name: str, *, after: bool = False) -> Iterator[None]:
    """The block ends in a method as if the process were killed: before what it does, or after."""
    work = getattr(owner, name)

    def kill(*given: Any, **named: Any) -> NoReturn:
        if after:
            work(*given, **named)
        raise Killed

    with pytest.MonkeyPatch.context() as patch, pytest.raises(Killed):
        patch.setattr(owner, name, kill)
        yield


class TestMoney:
    def test_stops_before_a_query_that_could_cost_more_and_keeps_what_was_read(
        self, table: PublicTable, bigquery_stub: BigQueryStub, tmp_path: Path
    ) -> None:
        bigquery_stub.estimate = lambda sql, values: 100 * MEBIBYTE
        bigquery_stub.billed = lambda sql, values: 20 * MEBIBYTE
        settings = settings_at(tmp_path)
        with pytest.raises(OverBudget, match=r"--max-gb.*kept"):
            # After four of 20 MiB, a fifth that is capped at 110 MiB could pass 180.
            synced(settings, ("polars",), last=day(26), most=180 * MEBIBYTE)
        # The partitions that may have changed are one of the four.
        assert [number for number, _ in asked(bigquery_stub)] == [20, 21, 22]
        assert sum(job.billed for job in bigquery_stub.jobs.values()) == 80 * MEBIBYTE
        expected = counted(table.raw, ALL_DIMENSIONS, ["polars"], FIRST_DAY, day(22))
        assert held(settings, WATCH_LIST_CUBE) == expected
        synced(settings, ("polars",), last=day(26))
        assert set(bought(bigquery_stub).values()) == {1}
        assert len(asked(bigquery_stub)) == 7

    @pytest.mark.parametrize(("most", "monthly"), [(GIGABYTE, 900), (None, 1)])
    def test_refuses_an_exact_price_above_what_may_be_spent_before_anything_is_sent(
        self,
        table: PublicTable,
        bigquery_stub: BigQueryStub,
        tmp_path: Path,
        most: int | None,
        monthly: int,
    ) -> None:
        bigquery_stub.estimate = lambda sql, values: GIGABYTE // 3
        settings = settings_at(tmp_path, monthly=monthly * GIGABYTE)
        with pytest.raises(OverBudget, match=r"would read 1\.33 GB.*Nothing was sent"):
            synced(settings, None, last=day(23), most=most)
        assert bigquery_stub.jobs == {}
        assert not settings.store.exists()

    def test_says_what_earlier_queries_suggest(
        self, table: PublicTable, bigquery_stub: BigQueryStub, tmp_path: Path
    ) -> None:
        bigquery_stub.estimate = lambda sql, values: 100 * GIGABYTE
        bigquery_stub.billed = lambda sql, values: GIGABYTE
        settings = settings_at(tmp_path)
        said = synced(settings, ("polars",), last=day(20), dry_run=True)
        assert said[0] == (
            "One query: upper bound 100 GB ($0.57), 100 GB at a time. BigQuery skips what belongs "
            "to other packages, and bills far less as a rule."
        )
        synced(settings, ("polars",), last=day(20))
        # A query that failed was billed nothing, and says nothing about the price of others.
        bigquery_stub.job_failure = lambda sql, values: rest_stub.INVALID_QUERY
        with pytest.raises(BigQueryError):
            synced(settings, ("polars",), last=day(21))
        bigquery_stub.job_failure = lambda sql, values: None
        said = synced(settings, ("polars",), last=day(23), dry_run=True)
        assert said[0] == (
            "3 queries for 3 days: upper bound 300 GB ($1.71), 100 GB at a time. Earlier queries "
            "like these suggest about 3 GB ($0.02)."
        )
        order = Order(RealSource.BIGQUERY, ("polars",), Period(day(20), day(23)), "ada")
        price = quote(settings, order)
        assert (price.days, price.bytes, price.likely) == (3, 300 * GIGABYTE, 3 * GIGABYTE)

    def test_says_an_exact_price_of_all_packages(
        self, table: PublicTable, bigquery_stub: BigQueryStub, tmp_path: Path
    ) -> None:
        bigquery_stub.estimate = lambda sql, values: 122 * GIGABYTE
        said = synced(settings_at(tmp_path), None, last=day(22), dry_run=True)
        assert said[0] == "3 queries for 3 days: 366 GB ($2.08)."

    def test_asks_for_packages_one_by_one_where_the_estimate_is_lower(
        self, table: PublicTable, bigquery_stub: BigQueryStub, tmp_path: Path
    ) -> None:
        settings = settings_at(tmp_path)
        bigquery_stub.estimate = lambda sql, values: (
            len(values.get("packages") or ()) ** 2 * 100 * MEBIBYTE
        )
        synced(settings, PACKAGES, last=day(20))
        assert asked(bigquery_stub) == [(20, (name,)) for name in PACKAGES]
        bigquery_stub.estimate = lambda sql, values: 100 * MEBIBYTE
        synced(settings, PACKAGES, last=day(21))
        assert asked(bigquery_stub)[4:] == [(21, PACKAGES)]
        assert held(settings, WATCH_LIST_CUBE) == counted(
            table.raw, ALL_DIMENSIONS, PACKAGES, FIRST_DAY, day(21)
        )

    def test_tells_the_price_of_each_day_in_the_store(
        self, table: PublicTable, bigquery_stub: BigQueryStub, tmp_path: Path
    ) -> None:
        settings = settings_at(tmp_path)
        synced(settings, ("polars",), last=day(25))
        table.add(day(25), "polars", 3)
        synced(settings, ("polars",), last=day(25))
        told = {row.first.day: row.bytes_billed for row in coverage(settings)}
        assert told == {20: 40 * MEBIBYTE, 24: 10 * MEBIBYTE, 25: 20 * MEBIBYTE}
        assert sum(entry.billed or 0 for entry in entries(settings)) == sum(
            job.billed for job in bigquery_stub.jobs.values()
        )


def untold(sql: str, values: Values) -> Failure | None:
    """Fails what asks which days have changed."""
    return rest_stub.ACCESS_DENIED if "INFORMATION_SCHEMA" in sql else None


class TestProvisionalDays:
    def test_are_read_again_only_where_they_have_changed(
        self, table: PublicTable, bigquery_stub: BigQueryStub, tmp_path: Path
    ) -> None:
        settings = settings_at(tmp_path)
        synced(settings, PACKAGES)
        table.add(day(20), "polars", 5)
        table.add(day(26), "vispy", 7)
        before = len(asked(bigquery_stub))
        synced(settings, PACKAGES)
        assert asked(bigquery_stub)[before:] == [(26, PACKAGES)]
        found = held(settings, WATCH_LIST_CUBE)
        assert found.total() == counted(table.raw, ["project"], PACKAGES).total() - 5
        synced(settings, PACKAGES)
        assert len(asked(bigquery_stub)) == before + 1

    def test_are_read_again_a_last_time_after_the_week(
        self, table: PublicTable, bigquery_stub: BigQueryStub, tmp_path: Path
    ) -> None:
        settings = settings_at(tmp_path)
        synced(settings, PACKAGES, day(27))
        table.add(day(28), "vispy", 7)
        before = len(asked(bigquery_stub))
        later = replace(settings, frozen_now=WEEK_AFTER)
        synced(later, PACKAGES, day(27))
        synced(later, PACKAGES, day(27))
        assert asked(bigquery_stub)[before:] == [(28, PACKAGES)]
        (row,) = coverage(settings)
        assert (row.first, row.last, row.fingerprint) == (day(27), day(29), "")
        expected = counted(table.raw, ALL_DIMENSIONS, PACKAGES, day(27))
        assert held(settings, WATCH_LIST_CUBE) == expected

    def test_that_got_rows_while_the_first_reading_ran_are_read_again(
        self,
        table: PublicTable,
        bigquery_stub: BigQueryStub,
        tmp_path: Path,
    ) -> None:
        """A reading that is taken up after a kill keeps the state that it was planned for."""
        settings = settings_at(tmp_path)
        with killed_in(Landing, "land"):
            synced(settings, PACKAGES, day(28), day(28))
        table.add(day(28), "vispy", 7)
        synced(replace(settings, frozen_now=NOON + timedelta(hours=1)), PACKAGES, day(28), day(28))
        assert len(asked(bigquery_stub)) == 2
        expected = counted(table.raw, ALL_DIMENSIONS, PACKAGES, day(28), day(28))
        assert held(settings, WATCH_LIST_CUBE) == expected

    def test_are_not_taken_for_read_again_by_the_first_reading(
        self,
        table: PublicTable,
        bigquery_stub: BigQueryStub,
        tmp_path: Path,
    ) -> None:
        """Killed between the claim and the query, the rows of the earlier query are not enough."""
        settings = settings_at(tmp_path)
        synced(settings, PACKAGES, day(28), day(28))
        table.add(day(28), "vispy", 7)
        later = replace(settings, frozen_now=NOON + timedelta(hours=2))
        with killed_in(Landing, "claim", after=True):
            synced(later, PACKAGES, day(28), day(28))
        synced(replace(settings, frozen_now=NOON + timedelta(hours=3)), PACKAGES, day(28), day(28))
        assert len(asked(bigquery_stub)) == 2
        expected = counted(table.raw, ALL_DIMENSIONS, PACKAGES, day(28), day(28))
        assert held(settings, WATCH_LIST_CUBE) == expected

    def test_are_read_where_bigquery_does_not_tell_of_changes(
        self, table: PublicTable, bigquery_stub: BigQueryStub, tmp_path: Path
    ) -> None:
        settings = settings_at(tmp_path)
        bigquery_stub.job_failure = untold
        synced(settings, PACKAGES, day(27), day(30))
        synced(settings, PACKAGES, day(27), day(30))
        assert [number for number, _ in asked(bigquery_stub)] == [27, 28, 29, 30]
        # That they are whole is not known: a day without rows may only not have come yet.
        assert all(row.fingerprint for row in coverage(settings))
        later = replace(settings, frozen_now=WEEK_AFTER)
        synced(later, PACKAGES, day(27), day(30))
        (row,) = coverage(settings)
        assert (row.first, row.last, row.fingerprint) == (day(27), day(30), "")
        assert len(asked(bigquery_stub)) == 4

    def test_are_read_again_once_bigquery_tells_of_changes(
        self, table: PublicTable, bigquery_stub: BigQueryStub, tmp_path: Path
    ) -> None:
        settings = settings_at(tmp_path)
        bigquery_stub.job_failure = untold
        synced(settings, PACKAGES, day(29), day(30))
        table.add(day(30), "polars", 4)
        bigquery_stub.job_failure = lambda sql, values: None
        later = replace(settings, frozen_now=NOON + timedelta(days=1))
        synced(later, PACKAGES, day(29), day(30))
        expected = counted(table.raw, ALL_DIMENSIONS, PACKAGES, day(29), day(30))
        assert held(settings, WATCH_LIST_CUBE) == expected
        before = len(asked(bigquery_stub))
        synced(later, PACKAGES, day(29), day(30))
        assert len(asked(bigquery_stub)) == before

    def test_are_not_final_as_long_as_it_is_not_known_that_they_are_whole(
        self, table: PublicTable, bigquery_stub: BigQueryStub, tmp_path: Path
    ) -> None:
        settings = settings_at(tmp_path)
        synced(settings, PACKAGES, day(28))
        table.add(day(29), "polars", 4)
        later = replace(settings, frozen_now=WEEK_AFTER)
        bigquery_stub.job_failure = untold
        synced(later, PACKAGES, day(28))
        assert all(row.fingerprint for row in coverage(settings))
        bigquery_stub.job_failure = lambda sql, values: None
        synced(later, PACKAGES, day(28))
        expected = counted(table.raw, ALL_DIMENSIONS, PACKAGES, day(28))
        assert held(settings, WATCH_LIST_CUBE) == expected


class TestFailures:
    def test_that_pass_leave_the_day_there_once(
        self, table: PublicTable, bigquery_stub: BigQueryStub, tmp_path: Path
    ) -> None:
        settings = settings_at(tmp_path)
        failures = [rest_stub.BACKEND_ERROR]

        def fail_once(sql: str, values: Values) -> Failure | None:
            sent = len(bigquery_stub.jobs) == 1
            return failures.pop() if sent and failures else None

        bigquery_stub.estimate = lambda sql, values: (
            (
                bigquery_stub.fail_next(rest_stub.BACKEND_ERROR, path="GET .*queries")
                if len(bigquery_stub.jobs) == 2
                else None
            )
            or 10 * MEBIBYTE
        )
        bigquery_stub.job_failure = fail_once
        synced(settings, ("polars",), last=day(22))
        assert failures == []
        assert bought(bigquery_stub) == dict.fromkeys(
            [(20, "polars"), (21, "polars"), (22, "polars")], 1
        )
        expected = counted(table.raw, ALL_DIMENSIONS, ["polars"], FIRST_DAY, day(22))
        assert held(settings, WATCH_LIST_CUBE) == expected

    def test_in_the_middle_of_the_rows_keep_the_days_before_and_cost_nothing_again(
        self,
        table: PublicTable,
        bigquery_stub: BigQueryStub,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        settings, whole = settings_at(tmp_path), Answered.batches

        def broken_off(answered: Answered) -> Iterator[pa.RecordBatch]:
            yield from whole(answered)
            if len(asked(bigquery_stub)) == 2:
                raise BigQueryError("The rest of the rows cannot be fetched.")

        with monkeypatch.context() as patch, pytest.raises(BigQueryError, match="The rest"):
            patch.setattr(Answered, "batches", broken_off)
            synced(settings, ("polars",), last=day(22))
        assert [(row.first, row.last) for row in coverage(settings)] == [(day(20), day(20))]
        assert {key[0] for key in held(settings, WATCH_LIST_CUBE)} == {day(20)}
        synced(settings, ("polars",), last=day(22))
        assert max(bought(bigquery_stub).values()) == 1
        expected = counted(table.raw, ALL_DIMENSIONS, ["polars"], FIRST_DAY, day(22))
        assert held(settings, WATCH_LIST_CUBE) == expected

    def test_are_told_to_pages(
        self, table: PublicTable, bigquery_stub: BigQueryStub, tmp_path: Path
    ) -> None:
        settings = settings_at(tmp_path)
        bigquery_stub.job_failure = lambda sql, values: rest_stub.INVALID_QUERY
        with pytest.raises(BigQueryError) as caught:
            synced(settings, ("polars",), last=day(20))
        told = fetch_progress(settings.store).read()
        assert told is not None and told.failed and told.text == str(caught.value)
        bigquery_stub.job_failure = lambda sql, values: None
        synced(settings, ("polars",), last=day(20))
        assert fetch_progress(settings.store).read() is None


class TestWhatWasPaidForAndNotKept:
    """Killed after a query was sent and before its rows landed, another command may follow."""

    @pytest.fixture
    def killed(self, table: PublicTable, tmp_path: Path) -> Iterator[Settings]:
        settings = settings_at(tmp_path)
        with killed_in(Landing, "land"):
            synced(settings, ("polars", "vispy"), last=day(21))
        assert len(raw_queries(settings)) == 1
        yield replace(settings, frozen_now=NOON + timedelta(minutes=10))

    @pytest.mark.parametrize(
        "packages",
        [
            ("polars", "vispy"),
            ("vispy", "polars"),
            ("boto3", "polars", "vispy"),
            ("vispy",),
            ("boto3",),
        ],
        ids=["the same", "in another order", "more", "fewer", "others"],
    )
    def test_is_kept_whatever_packages_are_asked_for_then(
        self, killed: Settings, table: PublicTable, bigquery_stub: BigQueryStub, packages: Names
    ) -> None:
        synced(killed, packages, last=day(21))
        assert set(bought(bigquery_stub).values()) == {1}
        expected = counted(table.raw, ALL_DIMENSIONS, packages, FIRST_DAY, day(21))
        expected |= counted(table.raw, ALL_DIMENSIONS, ["polars", "vispy"], FIRST_DAY, FIRST_DAY)
        assert held(killed, WATCH_LIST_CUBE) == expected
        assert leftovers(killed.store) == []

    def test_is_kept_whatever_price_the_batches_have_then(
        self, killed: Settings, bigquery_stub: BigQueryStub
    ) -> None:
        bigquery_stub.estimate = lambda sql, values: (
            len(values.get("packages") or ()) ** 2 * 100 * MEBIBYTE
        )
        synced(killed, ("polars", "vispy"), last=day(21))
        assert asked(bigquery_stub) == [
            (20, ("polars", "vispy")), (21, ("polars",)), (21, ("vispy",)),
        ]  # fmt: skip

    def test_is_kept_in_another_cube_than_is_asked_for_then(
        self, killed: Settings, bigquery_stub: BigQueryStub
    ) -> None:
        synced(killed, None, last=day(21))
        assert [row.first for row in coverage(killed)] == [FIRST_DAY]
        assert len(asked(bigquery_stub)) == 3

    def test_needs_no_budget_a_second_time(
        self,
        table: PublicTable,
        bigquery_stub: BigQueryStub,
        tmp_path: Path,
    ) -> None:
        bigquery_stub.estimate = lambda sql, values: 122 * GIGABYTE
        settings = settings_at(tmp_path, monthly=130 * GIGABYTE)
        with killed_in(Landing, "land"):
            synced(settings, None, last=day(20))
        synced(settings, None, last=day(20), most=0)
        assert held(settings, ALL_PACKAGES_CUBE) == counted(
            table.raw, ("project", "country"), None, FIRST_DAY, FIRST_DAY
        )
        assert len(bigquery_stub.jobs) == 1

    def test_is_let_go_of_where_it_was_never_sent(
        self,
        table: PublicTable,
        bigquery_stub: BigQueryStub,
        tmp_path: Path,
    ) -> None:
        settings = settings_at(tmp_path)
        with killed_in(Landing, "claim", after=True):
            synced(settings, ("polars",), last=day(20))
        synced(settings, ("vispy",), last=day(20))
        assert asked(bigquery_stub) == [(20, ("vispy",))]
        assert leftovers(settings.store) == []


class TestTwoSyncs:
    def test_do_not_disturb_each_other(self, table: PublicTable, tmp_path: Path) -> None:
        settings = settings_at(tmp_path)
        seen = []

        def another(fraction: float, text: str) -> None:
            before = fetch_progress(settings.store).read()
            with pytest.raises(StoreBusy, match="Wait until it is done"):
                synced(settings, ("polars",), last=day(20))
            synced(settings, ("polars",), last=day(20), dry_run=True)
            assert fetch_progress(settings.store).read() == before is not None
            seen.append(before)

        order = Order(RealSource.BIGQUERY, ("polars",), Period(FIRST_DAY, FIRST_DAY), "ada")
        sync(settings, order, another, lambda text: None)
        assert seen
        assert fetch_progress(settings.store).read() is None
