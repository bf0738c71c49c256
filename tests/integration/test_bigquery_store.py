"""A store in a dataset: its answers, its filling wherever that is killed, and its ledger."""

from __future__ import annotations

import io
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from google.cloud import bigquery
from hypothesis import HealthCheck, given, settings

from lib.aggregate import AggregateQuery
from lib.bigquery import PaidStatement
from lib.bigquery.asking import BigQuery
from lib.budget import Budget, Entry, Ledger, LedgerFile, month_of
from lib.cubes import ALL_DIMENSIONS, Coverage, Cube, Grain
from lib.data import Downloads
from lib.errors import BigQueryError, OverBudget, StoreBusy, StoreError, StoreMissing
from lib.router import Period
from lib.selection import Selection
from lib.settings import Dataset, Settings
from lib.sources.bigquery import all_packages_day, watch_list_day
from lib.stores import bigquery as store_module
from lib.stores import open_store
from lib.stores.bigquery import BigQueryStore, DatasetWriter, dataset_writer
from lib.stores.bigquery_ledger import DatasetLedger
from lib.stores.bigquery_tables import (
    COVERAGE,
    LAYOUT,
    LEDGER,
    NOTE,
    PENDING,
    TABLES,
    SmallTables,
    cube_table,
    new_id,
    row_of,
)
from tests.integration.emulator import PROJECT, client_of, environment_of
from tests.integration.public_table import FIRST_DAY, LAST_DAY, PACKAGE_WEIGHTS, counted
from tests.integration.rest_stub import INVALID_QUERY, BigQueryStub, StubTable
from tests.store_properties import (
    answer_is_the_sum_of_the_raw_rows,
    grains,
    periods,
    selections,
    shown_sql_gives_the_same_answer,
    splits,
    texts,
    top_and_rest_make_the_whole,
    tops,
    write_cubes,
)

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
WRITTEN_AT = NOW.replace(tzinfo=None)
DAY = LAST_DAY - timedelta(1)
WATCHED = ("numpy", "polars")
WATCH_LIST = Cube(Grain.DAY, ALL_DIMENSIONS)
BY_COUNTRY = Cube(Grain.DAY, ("project", "country"))
MEGABYTE = 10**6


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def asking_of(
    client: bigquery.Client, ledger: Ledger, monthly: int = 10**12, **options: Any
) -> BigQuery:
    budget = Budget(ledger, monthly, 10**12, lambda: NOW)
    return BigQuery(client, budget, who="tests", sleep=lambda seconds: None, **options)


@pytest.fixture
def asking(emulator_client: bigquery.Client, tmp_path: Path) -> BigQuery:
    return asking_of(emulator_client, LedgerFile(tmp_path / "ledger"))


@pytest.fixture
def dataset(fresh_dataset: Callable[[], str]) -> Dataset:
    return Dataset(PROJECT, fresh_dataset())


@pytest.fixture
def writer(asking: BigQuery, dataset: Dataset) -> DatasetWriter:
    found = DatasetWriter(asking, dataset, sleep=lambda seconds: None)
    found.create()
    return found


def part(
    day: date = DAY, packages: tuple[str, ...] | None = WATCHED, fingerprint: str = ""
) -> Coverage:
    cube = BY_COUNTRY if packages is None else WATCH_LIST
    return Coverage(cube, day, day, packages, "bigquery", WRITTEN_AT, 0, fingerprint)


def fill(writer: DatasetWriter, coverage: Coverage) -> Coverage:
    day, packages = coverage.first, coverage.packages
    select = all_packages_day(day) if packages is None else watch_list_day(day, packages)
    return writer.fill(coverage, select)


def rows_held(client: bigquery.Client, dataset: Dataset, cube: Cube) -> Counter[tuple[Any, ...]]:
    """Downloads in a cube's table by its period and dimensions; a row held twice counts twice."""
    rows = client.list_rows(f"{dataset}.{cube.name}")
    total: Counter[tuple[Any, ...]] = Counter()
    for row in rows:
        *key, downloads = tuple(row)
        total[tuple(key)] += downloads
    return total


def expected(rows: pa.Table, coverage: Coverage) -> Counter[tuple[Any, ...]]:
    """What a part holds, counted row by row."""
    dimensions = coverage.cube.dimensions
    return counted(rows, dimensions, coverage.packages, coverage.first, coverage.last)


@pytest.fixture(scope="module")
def downloads(
    bigquery_emulator: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Downloads]:
    client = client_of(bigquery_emulator)
    dataset = Dataset(PROJECT, "pulse_properties")
    asking = asking_of(client, LedgerFile(tmp_path_factory.mktemp("ledger") / "ledger"))
    DatasetWriter(asking, dataset).create()
    write_cubes(Loading(client, dataset))
    yield Downloads(BigQueryStore(asking, dataset))
    client.close()


class Loading:
    """Takes what `write_cube` writes into a dataset."""

    def __init__(self, client: bigquery.Client, dataset: Dataset) -> None:
        self._client = client
        self._dataset = dataset

    def insert(self, cube: Cube, rows: pa.Table) -> None:
        table = cube_table(self._dataset, cube)
        self._client.create_table(table)
        parquet = io.BytesIO()
        pq.write_table(rows, parquet)
        options = bigquery.LoadJobConfig(source_format=bigquery.SourceFormat.PARQUET)
        self._client.load_table_from_file(
            parquet, table.reference, rewind=True, job_config=options
        ).result()

    def add_coverage(self, coverage: Coverage) -> None:
        row = {**row_of(coverage, new_id()), "replaces": []}
        SmallTables(self._client, self._dataset).append(COVERAGE, [row])


class TestProperties:
    """The same as of a store in a DuckDB file."""

    quick = settings(
        max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )

    @quick
    @given(selection=selections, period=periods, grain=grains, by=splits)
    def test_every_answer_is_the_sum_of_the_raw_rows(
        self,
        downloads: Downloads,
        selection: Selection,
        period: Period,
        grain: Grain | None,
        by: tuple[str, ...],
    ) -> None:
        answer_is_the_sum_of_the_raw_rows(downloads, selection, period, grain, by)

    @quick
    @given(selection=selections, period=periods, top=tops)
    def test_the_top_and_the_rest_make_the_whole_and_unknown_stands_alone(
        self, downloads: Downloads, selection: Selection, period: Period, top: int
    ) -> None:
        top_and_rest_make_the_whole(downloads, selection, period, top)

    @quick
    @given(texts)
    def test_the_sql_that_is_shown_gives_the_same_answer(
        self, downloads: Downloads, emulator_client: bigquery.Client, text: str
    ) -> None:
        def console(sql: str) -> pd.DataFrame:
            return emulator_client.query(sql).to_arrow(create_bqstorage_client=False).to_pandas()

        shown_sql_gives_the_same_answer(downloads, text, console)


class TestReading:
    def test_pages_get_their_answers(
        self, writer: DatasetWriter, asking: BigQuery, dataset: Dataset, public_rows: pa.Table
    ) -> None:
        for number in range(2):
            fill(writer, part(DAY + timedelta(number), None))
        downloads = Downloads(BigQueryStore(asking, dataset))
        period = Period(DAY, DAY + timedelta(1))
        by_day = counted(public_rows, ["project"], first=period.first, last=period.last)
        chosen = Selection(("numpy", "boto3"))
        over_time = downloads.over_time(chosen, period, Grain.DAY).frame
        assert {
            (row.period.date(), row.series): row.downloads for row in over_time.itertuples()
        } == {key: value for key, value in by_day.items() if key[1] in chosen.packages}
        countries = downloads.countries(chosen, period).frame
        by_country = counted(public_rows, ["country"], chosen.packages, period.first, period.last)
        totals: Counter[str] = Counter()
        for (_, country), value in by_country.items():
            totals[str(country)] += value
        assert dict(zip(countries["country"], countries["downloads"], strict=True)) == totals
        assert countries["preference"].notna().all()
        assert set(downloads.packages()) == set(PACKAGE_WEIGHTS)
        assert downloads.held() == period
        assert downloads.total(Selection(), period) == sum(by_day.values())

    def test_rows_that_are_not_covered_are_not_counted(
        self, writer: DatasetWriter, asking: BigQuery, emulator_client: bigquery.Client,
        dataset: Dataset,
    ) -> None:  # fmt: skip
        fill(writer, part(packages=("numpy",)))
        before = Downloads(BigQueryStore(asking, dataset)).total(Selection(), Period(DAY, DAY))
        table = f"`{dataset}.{Cube(Grain.DAY, ALL_DIMENSIONS).name}`"
        names = ", ".join(("period", *ALL_DIMENSIONS, "downloads"))
        torn = ", ".join([f"DATE '{DAY}'", *["'torn'"] * len(ALL_DIMENSIONS), "7"])
        emulator_client.query(f"INSERT INTO {table} ({names}) VALUES ({torn})").result()
        downloads = Downloads(BigQueryStore(asking, dataset))
        assert downloads.total(Selection(), Period(DAY, DAY)) == before > 0

    def test_the_frame_is_typed_like_that_of_duckdb(
        self, writer: DatasetWriter, asking: BigQuery, dataset: Dataset
    ) -> None:
        fill(writer, part(packages=None))
        downloads = Downloads(BigQueryStore(asking, dataset))
        query = AggregateQuery(DAY, DAY, Grain.DAY, ("project",))
        frame = downloads.answer(query).frame
        assert frame.dtypes.astype(str).to_dict() == {
            "period": "datetime64[s]", "project": "str", "downloads": "int64",
        }  # fmt: skip
        none = Selection(("none",)).query(Period(DAY, DAY))
        assert downloads.answer(none).frame["downloads"].isna().all()

    def test_of_hours_by_day(
        self, writer: DatasetWriter, asking: BigQuery, emulator_client: bigquery.Client,
        dataset: Dataset,
    ) -> None:  # fmt: skip
        cube = Cube(Grain.HOUR, ("project",))
        select = PaidStatement(
            "hours",
            "SELECT DATETIME_TRUNC(DATETIME(timestamp), HOUR) AS period, project, COUNT(*) AS "
            "downloads FROM `bigquery-public-data.pypi.file_downloads` WHERE timestamp >= "
            "TIMESTAMP(@day) AND timestamp < TIMESTAMP(DATE_ADD(@day, INTERVAL 1 DAY)) "
            "GROUP BY 1, 2",
            {"day": DAY},
        )
        writer.fill(replace(part(packages=None), cube=cube), select)
        writer.fill(replace(part(packages=None), cube=cube), select)
        downloads = Downloads(BigQueryStore(asking, dataset))
        period = Period(DAY, DAY)
        [row] = downloads.over_time(Selection(), period, Grain.DAY).frame.itertuples()
        held = rows_held(emulator_client, dataset, cube)
        assert row.downloads == sum(held.values())
        assert len(downloads.over_time(Selection(), period, Grain.HOUR).frame) == 24

    def test_a_change_is_seen_within_half_a_minute(
        self, writer: DatasetWriter, asking: BigQuery, dataset: Dataset
    ) -> None:
        clock = Clock()
        store = BigQueryStore(asking, dataset, clock=clock)
        with pytest.raises(StoreMissing, match="python -m lib sync"):
            store.version()
        first = fill(writer, part())
        version = store.version()
        assert store.coverage() == (first,)
        second = fill(writer, part(DAY + timedelta(1)))
        assert store.version() == version
        clock.seconds = 31
        assert store.version() != version
        assert store.coverage() == (first, second)
        version = store.version()
        writer.set_note("imports", "one")
        writer.set_note("imports", "it's two; --")
        clock.seconds = 62
        assert store.version() != version
        assert (store.note("imports"), store.note("sample")) == ("it's two; --", None)
        assert writer.note("imports") == "it's two; --"

    def test_looking_is_free_and_asked_once_by_many(
        self, writer: DatasetWriter, asking: BigQuery, dataset: Dataset
    ) -> None:
        fill(writer, part())
        store = BigQueryStore(asking, dataset, clock=Clock())
        before = len(asking.budget.entries())
        requests = Requests(asking.client)
        threads = [Thread(target=store.version) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(requests.sent) == 6
        assert {request["method"] for request in requests.sent} == {"GET"}
        assert len(asking.budget.entries()) == before

    @pytest.mark.parametrize("exists", [True, False])
    def test_of_nothing_says_what_to_do(
        self, asking: BigQuery, emulator_client: bigquery.Client, dataset: Dataset, exists: bool
    ) -> None:
        if exists:
            emulator_client.create_dataset(dataset.name)
        with pytest.raises(StoreMissing, match="Fill it with `python -m lib sync`"):
            BigQueryStore(asking, dataset).coverage()

    def test_of_a_later_layout_is_refused(
        self, writer: DatasetWriter, asking: BigQuery, dataset: Dataset
    ) -> None:
        SmallTables(asking.client, dataset).append(LAYOUT, [{"version": 2}])
        with pytest.raises(StoreError, match="layout 2; this version reads layout 1"):
            BigQueryStore(asking, dataset).version()

    def test_beyond_the_budget_is_refused(
        self, writer: DatasetWriter, emulator_client: bigquery.Client, dataset: Dataset,
        tmp_path: Path,
    ) -> None:  # fmt: skip
        fill(writer, part())
        poor = asking_of(emulator_client, LedgerFile(tmp_path / "poor"), monthly=MEGABYTE)
        downloads = Downloads(BigQueryStore(poor, dataset))
        with pytest.raises(OverBudget, match="It was not sent"):
            downloads.total(Selection(WATCHED), Period(DAY, DAY))

    def test_sizes_come_from_the_metadata(self, bigquery_stub: BigQueryStub) -> None:
        store = stubbed_store(bigquery_stub, [row_of(part(), "a")])
        table = cube_table(STUBBED, WATCH_LIST)
        table._properties["numBytes"] = "4711"
        bigquery_stub.tables[f"{STUBBED}.{WATCH_LIST.name}"] = StubTable(table, 12, NOW)
        assert store.row_counts() == {WATCH_LIST.name: 12}
        assert store.size() == 4711
        assert not bigquery_stub.jobs


STUBBED = Dataset(PROJECT, "pulse")


def stub_table(stub: BigQueryStub, name: str, rows: list[dict[str, Any]]) -> None:
    columns = TABLES[name]
    definition = bigquery.Table(f"{STUBBED}.{name}", schema=list(columns))
    listed = [
        [row.get(column.name, [] if column.mode == "REPEATED" else None) for column in columns]
        for row in rows
    ]
    stub.tables[f"{STUBBED}.{name}"] = StubTable(definition, len(rows), NOW, listed)


def stubbed_store(stub: BigQueryStub, coverage: list[dict[str, Any]]) -> BigQueryStore:
    stub_table(stub, LAYOUT, [{"version": 1}])
    stub_table(stub, COVERAGE, coverage)
    stub_table(stub, NOTE, [])
    ledger = DatasetLedger(client_of(stub.url), STUBBED)
    return BigQueryStore(asking_of(client_of(stub.url), ledger), STUBBED)


class TestFilling:
    def test_takes_what_is_counted_row_by_row(
        self, writer: DatasetWriter, emulator_client: bigquery.Client, dataset: Dataset,
        public_rows: pa.Table,
    ) -> None:  # fmt: skip
        parts = [part(packages=None), part(), part(FIRST_DAY), part(packages=("boto3",))]
        filled = [fill(writer, one) for one in parts]
        assert set(filled) == set(parts) == set(writer.coverage())
        assert rows_held(emulator_client, dataset, BY_COUNTRY) == expected(public_rows, parts[0])
        watched = sum((expected(public_rows, one) for one in parts[1:]), Counter())
        assert rows_held(emulator_client, dataset, WATCH_LIST) == watched

    def test_creating_again_changes_nothing(
        self, writer: DatasetWriter, emulator_client: bigquery.Client, dataset: Dataset
    ) -> None:
        fill(writer, part())
        writer.create()
        assert writer.coverage() == (part(),)
        assert len(list(emulator_client.list_rows(f"{dataset}.{LAYOUT}"))) == 1
        table = emulator_client.get_table(f"{dataset}.{WATCH_LIST.name}")
        assert table.time_partitioning.field == "period"
        assert table.clustering_fields == ["project"]
        assert {field.mode for field in table.schema} == {"REQUIRED"}

    def test_nothing_is_held_before_it_is_created(self, asking: BigQuery, dataset: Dataset) -> None:
        assert DatasetWriter(asking, dataset).coverage() == ()

    def test_in_another_location_is_refused(
        self, asking: BigQuery, emulator_client: bigquery.Client, dataset: Dataset
    ) -> None:
        elsewhere = bigquery.Dataset(str(dataset))
        elsewhere.location = "EU"
        emulator_client.create_dataset(elsewhere)
        with pytest.raises(BigQueryError, match="stands in EU"):
            DatasetWriter(asking, dataset).create()

    def test_all_of_pypi_is_not_no_package(self, writer: DatasetWriter, dataset: Dataset) -> None:
        both = (part(packages=None), replace(part(), packages=()))
        for coverage in both:
            row = {**row_of(coverage, new_id()), "replaces": []}
            SmallTables(writer.asking.client, dataset).append(COVERAGE, [row])
        assert set(writer.coverage()) == set(both)

    def test_a_day_read_again_replaces_the_first_reading(
        self, writer: DatasetWriter, emulator_client: bigquery.Client, dataset: Dataset,
        public_rows: pa.Table,
    ) -> None:  # fmt: skip
        fill(writer, part(DAY - timedelta(1)))
        earlier = replace(watch_list_day(DAY, WATCHED), values={"day": DAY, "packages": ("numpy",)})
        writer.fill(part(fingerprint="10 rows"), earlier)
        later = replace(part(fingerprint="20 rows"), bytes_billed=7)
        assert fill(writer, later) == later
        assert set(writer.coverage()) == {part(DAY - timedelta(1)), later}
        both = expected(public_rows, part(DAY - timedelta(1))) + expected(public_rows, part())
        assert rows_held(emulator_client, dataset, WATCH_LIST) == both

    def test_a_part_of_what_is_held_is_refused(self, writer: DatasetWriter) -> None:
        fill(writer, part())
        with pytest.raises(ValueError, match="held together with other"):
            fill(writer, part(packages=("numpy",)))
        assert writer.coverage() == (part(),)

    def test_beyond_the_budget_leaves_the_first_reading(
        self, writer: DatasetWriter, emulator_client: bigquery.Client, dataset: Dataset,
        tmp_path: Path,
    ) -> None:  # fmt: skip
        fill(writer, part(fingerprint="10 rows"))
        held = rows_held(emulator_client, dataset, WATCH_LIST)
        ledger = LedgerFile(tmp_path / "poor")
        for poor in (
            asking_of(emulator_client, ledger, monthly=MEGABYTE),
            asking_of(emulator_client, ledger, most=MEGABYTE),
        ):
            with pytest.raises(OverBudget):
                fill(DatasetWriter(poor, dataset), part(fingerprint="20 rows"))
            assert writer.coverage() == (part(fingerprint="10 rows"),)
            assert rows_held(emulator_client, dataset, WATCH_LIST) == held
        assert not SmallTables(emulator_client, dataset).rows(PENDING)

    def test_another_process_on_the_same_part_is_noticed(
        self, writer: DatasetWriter, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tables = SmallTables(writer.asking.client, dataset)
        foreign = {**row_of(part(), "other"), "statement": "watch_list_day", "begun_at": NOW}
        monkeypatch.setattr(writer, "_recovered", lambda: tables.append(PENDING, [foreign]) or [])
        with pytest.raises(StoreBusy, match="Another process is filling"):
            fill(writer, part())
        assert [row["id"] for row in tables.rows(PENDING)] == ["other"]
        assert writer.coverage() == ()

    def test_coverage_is_swapped_for_fewer_rows(
        self, writer: DatasetWriter, emulator_client: bigquery.Client, dataset: Dataset
    ) -> None:
        for number in range(3):
            fill(writer, part(DAY + timedelta(number)))
        whole = replace(part(), last=DAY + timedelta(2))
        extra = part(FIRST_DAY)
        requests = Requests(emulator_client)
        seen = []
        requests.after = lambda: seen.append(set(writer.coverage()))
        writer.rewrite_coverage([extra, whole])
        assert set(writer.coverage()) == {extra, whole}
        assert {row for rows in seen for row in rows} >= {extra, whole}
        assert all(rows in ({extra, whole}, seen[0]) for rows in seen)
        assert len(SmallTables(emulator_client, dataset).rows(COVERAGE)) == 2
        writer.rewrite_coverage([])
        assert writer.coverage() == ()

    def test_many_rows_are_told_in_several_statements(
        self, writer: DatasetWriter, dataset: Dataset
    ) -> None:
        rows = [part(FIRST_DAY - timedelta(number)) for number in range(510)]
        writer.rewrite_coverage(rows)
        assert set(writer.coverage()) == set(rows)


class Killed(BaseException):
    """The end of a process: nothing that it could catch."""


class Requests:
    """What a client sends; once `fatal` requests have changed something, its process is dead.

    What the last one changed is there, and its answer is lost. A death after a request that
    changes nothing leaves what one before it leaves.
    """

    def __init__(self, client: bigquery.Client, fatal: int = 10**9) -> None:
        self.sent: list[dict[str, Any]] = []
        self.after: Callable[[], object] = lambda: None
        send = client._connection.api_request
        watching = True

        def request(**options: Any) -> Any:
            nonlocal watching
            if not watching:
                return send(**options)
            if len(self.changing) >= fatal:
                raise Killed
            self.sent.append(options)
            answer = send(**options)
            if len(self.changing) >= fatal:
                raise Killed
            watching = False
            self.after()
            watching = True
            return answer

        client._connection.api_request = request

    @property
    def changing(self) -> list[dict[str, Any]]:
        """The requests that are no questions: neither GET nor dry run."""
        return [
            request
            for request in self.sent
            if request["method"] == "POST"
            and not request["data"].get("configuration", {}).get("dryRun")
        ]

    @property
    def paid_inserts(self) -> int:
        """How many statements were sent that read the raw table."""
        return sum("file_downloads" in str(request["data"]) for request in self.changing)


@pytest.fixture(scope="module")
def truth(public_rows: pa.Table) -> dict[tuple[Any, ...], Counter[tuple[Any, ...]]]:
    """What is counted row by row, by day and package."""
    found: dict[tuple[Any, ...], Counter[tuple[Any, ...]]] = defaultdict(Counter)
    for key, downloads in counted(public_rows, ALL_DIMENSIONS).items():
        found[key[:2]][key] = downloads
    return found


class TestKilled:
    """A process ends after each of its requests in turn; the next one finds a whole store."""

    @pytest.mark.parametrize("again", [False, True], ids=["first reading", "read again"])
    def test_anywhere(
        self,
        bigquery_emulator: str,
        dataset: Dataset,
        truth: dict[tuple[Any, ...], Counter[tuple[Any, ...]]],
        again: bool,
    ) -> None:
        def process(fatal: int = 10**9) -> tuple[DatasetWriter, Requests]:
            client = client_of(bigquery_emulator)
            requests = Requests(client, fatal)
            asking = asking_of(client, DatasetLedger(client, dataset))
            return DatasetWriter(asking, dataset, sleep=lambda seconds: None), requests

        looking, _ = process()
        looking.create()
        client = client_of(bigquery_emulator)

        def held() -> dict[tuple[Any, ...], Counter[tuple[Any, ...]]]:
            found: dict[tuple[Any, ...], Counter[tuple[Any, ...]]] = defaultdict(Counter)
            for key, downloads in rows_held(client, dataset, WATCH_LIST).items():
                found[key[:2]][key] = downloads
            return found

        done = []
        for fatal, key in enumerate(sorted(truth)):
            day, package = key
            wanted = part(day, (package,), "20 rows")
            if again or fatal == 0:
                fill(looking, replace(wanted, fingerprint="10 rows"))
            dying, before = process(fatal)
            try:
                fill(dying, wanted)
            except Killed:
                ended = False
            else:
                ended = True
            rows = held()
            for row in looking.coverage():
                assert rows[row.first, row.packages[0]] == truth[row.first, row.packages[0]]
            following, after = process()
            following.recover()
            if wanted not in following.coverage():
                assert fill(following, wanted) == wanted
            done.append(wanted)
            assert set(looking.coverage()) == set(done)
            assert len(looking.coverage()) == len(done)
            assert before.paid_inserts + after.paid_inserts == 1
            assert not SmallTables(client, dataset).rows(PENDING)
            if ended:
                break
        rows = held()
        assert all(rows[key] == truth[key] for key in sorted(truth)[: len(done)])
        assert ended
        assert fatal >= 8

    def test_filling_again_without_recovery_pays_nothing(
        self, bigquery_emulator: str, writer: DatasetWriter, asking: BigQuery, dataset: Dataset,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        def killed(*options: object) -> None:
            raise Killed

        dying = DatasetWriter(asking, dataset)
        monkeypatch.setattr(dying, "_finish", killed)
        with pytest.raises(Killed):
            fill(dying, part(fingerprint="10 rows"))
        requests = Requests(asking.client)
        assert fill(writer, part(fingerprint="10 rows")) == part(fingerprint="10 rows")
        assert requests.paid_inserts == 0
        fill(writer, part(fingerprint="20 rows"))
        assert requests.paid_inserts == 1

    def test_a_day_without_downloads_is_not_paid_twice(
        self, writer: DatasetWriter, asking: BigQuery, dataset: Dataset,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        def killed(*options: object) -> None:
            raise Killed

        empty = part(packages=("none-of-this-name",))
        dying = DatasetWriter(asking, dataset)
        monkeypatch.setattr(dying, "_finish", killed)
        with pytest.raises(Killed):
            fill(dying, empty)
        requests = Requests(asking.client)
        writer.recover()
        assert writer.coverage() == (empty,)
        assert requests.paid_inserts == 0

    def test_an_insert_recorded_twice_counts_once(
        self, writer: DatasetWriter, dataset: Dataset
    ) -> None:
        tables = SmallTables(writer.asking.client, dataset)
        for name in ("mine", "theirs"):
            tables.append(COVERAGE, [{**row_of(part(), name), "replaces": []}])
        assert writer.coverage() == (part(),)

    def test_before_the_coverage_was_told_in_fewer_rows(
        self, writer: DatasetWriter, dataset: Dataset
    ) -> None:
        fill(writer, part())
        tables = SmallTables(writer.asking.client, dataset)
        [row] = tables.rows(COVERAGE)
        claim = {**row_of(part(), row["id"]), "statement": "watch_list_day", "begun_at": NOW}
        tables.append(PENDING, [claim])
        merged = {**row_of(replace(part(), last=LAST_DAY), "merged"), "replaces": [row["id"]]}
        tables.append(COVERAGE, [merged])
        writer.recover()
        assert not tables.rows(PENDING)
        assert [found["id"] for found in tables.rows(COVERAGE) if not found["replaces"]] == [
            row["id"]
        ]
        assert writer.coverage() == (replace(part(), last=LAST_DAY),)


class TestUnfinishedInsert:
    """An INSERT that a killed process left running, or that failed: jobs that only a stub has."""

    @pytest.fixture
    def left(self, bigquery_stub: BigQueryStub) -> BigQueryStub:
        claim = {**row_of(part(), "abc"), "statement": "watch_list_day", "begun_at": NOW}
        stub_table(bigquery_stub, PENDING, [claim])
        stub_table(bigquery_stub, COVERAGE, [])
        client = client_of(bigquery_stub.url)
        for job, mark in (("other", "claim xyz"), ("mine", "claim abc")):
            client.query(f"-- {mark}\nINSERT INTO t SELECT 1", job_id=job, job_retry=None)
            bigquery_stub.jobs[job].billed = 5 * MEGABYTE
        entries = [entry(job, 10**9) for job in ("other", "mine", "never sent")]
        stub_table(bigquery_stub, LEDGER, [asdict(one) for one in entries])
        return bigquery_stub

    def writer(self, stub: BigQueryStub) -> tuple[DatasetWriter, list[float]]:
        slept: list[float] = []
        asking = asking_of(client_of(stub.url), DatasetLedger(client_of(stub.url), STUBBED))
        return DatasetWriter(asking, STUBBED, sleep=slept.append), slept

    def sent(self, stub: BigQueryStub) -> list[tuple[str, Any]]:
        """The statements on small tables as their beginnings, with what each is about."""
        jobs = [job for name, job in stub.jobs.items() if name not in {"mine", "other"}]
        return [
            (" ".join(job.sql.split()[:3]), job.values.get("ids") or job.values.get("billed_0")
             or job.values.get("bytes_billed_0"))
            for job in jobs
        ]  # fmt: skip

    def test_is_waited_for(self, left: BigQueryStub) -> None:
        left.jobs["mine"].polls = 3
        writer, slept = self.writer(left)
        writer.recover()
        assert slept
        assert self.sent(left) == [
            ("INSERT INTO `mine.pulse.ledger`", str(5 * MEGABYTE)),
            ("INSERT INTO `mine.pulse.coverage`", str(5 * MEGABYTE)),
            ("DELETE FROM `mine.pulse.pending`", ["abc"]),
        ]
        assert {job.maximum_bytes_billed for job in left.jobs.values()} == {None, 100 * 2**20}

    def test_is_let_go_where_it_failed(self, left: BigQueryStub) -> None:
        left.jobs["mine"].failure = INVALID_QUERY
        left.jobs["mine"].billed = 0
        writer, _ = self.writer(left)
        writer.recover()
        assert [sql for sql, _ in self.sent(left)] == [
            "INSERT INTO `mine.pulse.ledger`",
            "DELETE FROM `mine.pulse.pending`",
        ]

    def test_that_takes_too_long_is_left_to_the_next_run(
        self, left: BigQueryStub, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("lib.stores.bigquery_writer._LONGEST_WAIT", 20.0)
        left.jobs["mine"].polls = 10**6
        writer, slept = self.writer(left)
        with pytest.raises(StoreBusy, match="still filling"):
            writer.recover()
        assert sum(slept) >= 20
        assert self.sent(left) == []


def entry(job: str, cap: int, *, statement: str = "watch_list_day", minute: int = 0) -> Entry:
    started = NOW + timedelta(minutes=minute)
    return Entry(job, statement, "tests", PROJECT, started, cap, True, cap, "hash")


def small(job: str, minute: int = 0) -> Entry:
    return entry(job, 20 * MEGABYTE, statement="store_read", minute=minute)


MOST = 10**12


class TestLedger:
    @pytest.fixture
    def clock(self) -> Clock:
        return Clock()

    @pytest.fixture
    def ledger(
        self, writer: DatasetWriter, emulator_client: bigquery.Client, dataset: Dataset,
        clock: Clock,
    ) -> DatasetLedger:  # fmt: skip
        return DatasetLedger(emulator_client, dataset, clock=clock)

    @pytest.fixture
    def colleague(
        self, ledger: DatasetLedger, emulator_client: bigquery.Client, dataset: Dataset,
        clock: Clock,
    ) -> DatasetLedger:  # fmt: skip
        return DatasetLedger(emulator_client, dataset, clock=clock)

    def written(self, client: bigquery.Client, dataset: Dataset) -> int:
        return len(SmallTables(client, dataset).rows(LEDGER))

    def test_keeps_what_began_and_how_it_ended(
        self, ledger: DatasetLedger, colleague: DatasetLedger
    ) -> None:
        one, two = entry("one", 10**9), entry("two", 10**10, minute=1)
        assert ledger.add(one, most=MOST)
        assert ledger.add(two, most=MOST)
        ledger.settle("one", 5 * 10**8)
        ledger.settle("nobody's", 1)
        expected = (two, replace(one, billed=5 * 10**8))
        assert ledger.since(NOW) == colleague.since(NOW) == expected
        assert ledger.since(NOW + timedelta(seconds=1)) == (two,)

    def test_is_shared_and_refuses_beyond_the_month(
        self, ledger: DatasetLedger, colleague: DatasetLedger
    ) -> None:
        assert colleague.since(NOW) == ()
        assert ledger.add(entry("one", 6 * 10**9), most=10**10)
        assert not colleague.add(entry("two", 5 * 10**9), most=10**10)
        assert colleague.add(
            replace(entry("next month", 5 * 10**9), started_at=datetime(2026, 12, 1, tzinfo=UTC)),
            most=10**10,
        )
        ledger.settle("one", 0)
        assert colleague.add(entry("two", 5 * 10**9), most=10**10)
        assert [found.job for found in ledger.since(NOW)] == ["next month", "two", "one"]

    def test_two_at_once_are_never_let_through_together(
        self, ledger: DatasetLedger, colleague: DatasetLedger, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write = ledger._write

        def both(entries: list[Entry]) -> None:
            monkeypatch.setattr(ledger, "_write", write)
            assert colleague.add(entry("theirs", 6 * 10**9), most=10**10)
            write(entries)

        monkeypatch.setattr(ledger, "_write", both)
        assert not ledger.add(entry("mine", 6 * 10**9), most=10**10)
        counted = {found.job: found.counted for found in ledger.since(NOW)}
        assert counted == {"mine": 0, "theirs": 6 * 10**9}

    def test_small_reads_wait_and_are_written_together(
        self, ledger: DatasetLedger, colleague: DatasetLedger, clock: Clock,
        emulator_client: bigquery.Client, dataset: Dataset,
    ) -> None:  # fmt: skip
        for number in range(19):
            assert ledger.add(small(f"read {number}", number), most=MOST)
            ledger.settle(f"read {number}", 10 * MEGABYTE)
        assert len(ledger.since(NOW)) == 19
        assert self.written(emulator_client, dataset) == 0
        ledger.add(small("read 19"), most=MOST)
        requests = Requests(emulator_client)
        ledger.settle("read 19", 10 * MEGABYTE)
        assert sum(request["method"] == "POST" for request in requests.sent) == 1
        assert self.written(emulator_client, dataset) == 20
        assert sum(found.counted for found in colleague.since(NOW)) == 200 * MEGABYTE
        assert ledger.since(NOW) == colleague.since(NOW)

    def test_small_reads_count_before_they_are_written(self, ledger: DatasetLedger) -> None:
        assert ledger.add(small("one"), most=50 * MEGABYTE)
        assert ledger.add(small("two"), most=50 * MEGABYTE)
        assert not ledger.add(small("three"), most=50 * MEGABYTE)
        ledger.settle("one", 10 * MEGABYTE)
        assert ledger.add(small("three"), most=50 * MEGABYTE)

    def test_small_reads_wait_for_a_minute_at_most(
        self, ledger: DatasetLedger, clock: Clock, emulator_client: bigquery.Client,
        dataset: Dataset,
    ) -> None:  # fmt: skip
        ledger.add(small("one"), most=MOST)
        clock.seconds = 59
        ledger.since(NOW)
        assert self.written(emulator_client, dataset) == 0
        clock.seconds = 60
        ledger.since(NOW)
        assert self.written(emulator_client, dataset) == 1
        ledger.settle("one", 7)
        ledger.flush()
        ledger.flush()
        assert self.written(emulator_client, dataset) == 2
        assert [found.billed for found in ledger.since(NOW)] == [7]

    def test_others_are_looked_at_now_and_then_or_before_anything_large(
        self, ledger: DatasetLedger, colleague: DatasetLedger, clock: Clock
    ) -> None:
        month = month_of(NOW)
        assert ledger.since(month) == ()
        colleague.add(entry("theirs", 10**10), most=MOST)
        assert ledger.since(month) == ()
        assert ledger.add(small("read"), most=10**10)
        assert not ledger.add(entry("mine", 10**9), most=10**10)
        assert len(ledger.since(month)) == 2
        clock.seconds = 31
        assert not ledger.add(small("later"), most=10**10)

    def test_the_job_of_another_process_is_never_missed(
        self, ledger: DatasetLedger, colleague: DatasetLedger
    ) -> None:
        assert ledger.since(month_of(NOW)) == ()
        theirs = entry("theirs", 10**10)
        colleague.add(theirs, most=MOST)
        assert ledger.since(NOW) == (theirs,)

    def test_a_look_before_it_was_sent_does_not_make_it_free(
        self, ledger: DatasetLedger, colleague: DatasetLedger
    ) -> None:
        ledger.add(entry("one", 10**9), most=MOST)
        colleague.settle("one", 0)
        ledger.settle("one", 10**8)
        colleague.settle("one", 0)
        assert [found.billed for found in ledger.since(NOW)] == [10**8]

    def test_is_empty_where_there_is_no_dataset(
        self, emulator_client: bigquery.Client, dataset: Dataset
    ) -> None:
        assert DatasetLedger(emulator_client, dataset).since(NOW) == ()


class TestOpening:
    def test_by_the_settings(
        self,
        bigquery_emulator: str,
        dataset: Dataset,
        monkeypatch: pytest.MonkeyPatch,
        public_rows: pa.Table,
    ) -> None:
        for name, value in environment_of(bigquery_emulator).items():
            monkeypatch.setenv(name, value)
        at_exit: list[Callable[[], None]] = []
        monkeypatch.setattr(
            store_module.atexit, "register", lambda call, *o: at_exit.append(lambda: call(*o))
        )
        settings = Settings(dataset=dataset, bigquery_project=PROJECT, frozen_now=NOW)
        writer = dataset_writer(settings, "tests", most=10**9)
        writer.create()
        fill(writer, part())
        store = open_store(settings, "reader")
        assert (store.name, store.coverage()) == (f"bigquery://{dataset}", (part(),))
        total = Downloads(store).total(Selection(WATCHED), Period(DAY, DAY))
        assert total == sum(expected(public_rows, part()).values())
        [flush] = at_exit
        tables = SmallTables(writer.asking.client, dataset)
        assert [row["statement"] for row in tables.rows(LEDGER)] == ["watch_list_day"] * 2
        flush()
        found = {(row["statement"], row["who"]) for row in tables.rows(LEDGER)}
        assert found >= {("store_read", "reader"), ("store_delete", "tests")}
