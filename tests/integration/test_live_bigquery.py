"""The live feed asks BigQuery when something is due, within its cap, and tells what it knows.

The real client speaks to a stub that says rows, prices and failures, and to an emulator that
counts. Time is the test's own.
"""

from __future__ import annotations

import io
import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from google.api_core.retry import retry_base, retry_unary
from google.cloud import bigquery
from google.cloud.bigquery import SchemaField

from lib.aggregate import Filter
from lib.bigquery.asking import BigQuery
from lib.budget import Budget, Entry, LedgerFile
from lib.errors import FeedNotReady
from lib.live import DIMENSIONS, MINUTE, Span
from lib.live.bigquery import open_bigquery_feed
from lib.live.bigquery.feed import BigQueryFeed, Work
from lib.live.bigquery.kept import KeptFile
from lib.live.bigquery.look import BigQueryLook
from lib.live.bigquery.spending import WHO
from lib.live.bigquery.terms import Terms
from lib.live.bigquery.worker import Worker
from lib.settings import GIGABYTE, Settings
from lib.sources.bigquery import TABLE
from tests.integration.emulator import client_of, emulator, load_public_table
from tests.integration.public_table import MEANING, PUBLIC_TABLE, rows, table_definition
from tests.integration.rest_stub import (
    ACCESS_DENIED,
    BACKEND_ERROR,
    MEBIBYTE,
    Answer,
    BigQueryStub,
    StubTable,
)

LookAt = Callable[[datetime], BigQueryLook]

HOUR = timedelta(hours=1)

SECOND = timedelta(seconds=1)

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)

MIDNIGHT = NOON - 12 * HOUR

PACKAGES = ("plotly", "polars")

GET_TABLE = "^GET .*/tables/file_downloads$"

MINUTE_COLUMNS = (
    SchemaField("minute", "TIMESTAMP"),
    *(SchemaField(name, "STRING") for name in (*DIMENSIONS, "version")),
    SchemaField("downloads", "INTEGER"),
    SchemaField("newest", "TIMESTAMP"),
)

SAMPLE_COLUMNS = (
    *(SchemaField(name, "STRING") for name in DIMENSIONS[1:]),
    SchemaField("downloads", "INTEGER"),
)

PARTITION_COLUMNS = (
    SchemaField("partition_id", "STRING"),
    SchemaField("total_rows", "INTEGER"),
    SchemaField("last_modified_time", "TIMESTAMP"),
)


@dataclass
class Clock:
    """The time of the feed, which a test sets; the client's pauses pass at once."""

    now: datetime = NOON
    passed: float = 0.0

    def monotonic(self) -> float:
        return self.passed

    def sleep(self, seconds: float) -> None:
        self.passed += seconds


@dataclass
class Scene:
    """A stub of BigQuery, the time, and what feeds share on this machine."""

    stub: BigQueryStub
    client: bigquery.Client
    clock: Clock
    folder: Path
    ledger: LedgerFile
    billed: dict[str, int] = field(default_factory=dict)

    def feed(
        self,
        *,
        spending: bool = True,
        daily: int = 20 * GIGABYTE,
        monthly: int = 900 * GIGABYTE,
        packages: tuple[str, ...] = PACKAGES,
        start: Callable[[Work], None] = lambda work: work(),
    ) -> BigQueryFeed:
        """A feed of a new process, whose work is done within the look unless `start` says else."""
        budget = Budget(self.ledger, monthly, 900 * GIGABYTE, self.now)
        terms = Terms(packages, spending, daily)
        worker = Worker(
            lambda: BigQuery(self.client, budget, who=WHO, sleep=self.clock.sleep),
            KeptFile(self.folder / "mine.readings"),
            terms,
            self.now,
            Random(7),
        )
        return BigQueryFeed(worker, terms, self.now, start)

    def now(self) -> datetime:
        return self.clock.now

    @property
    def table(self) -> StubTable:
        return self.stub.tables[TABLE]

    def load(self, rows: int, *, at: datetime | None = None) -> None:
        """Rows are loaded into the table."""
        self.table.num_rows += rows
        self.table.modified = at or self.clock.now

    def after(self, time: timedelta) -> None:
        self.clock.now += time

    @property
    def readings(self) -> int:
        """How often the table's metadata were asked for."""
        return sum("/tables/" in request.path for request in self.stub.requests)

    @property
    def paid(self) -> list[str]:
        """The names of the statements that were sent to be paid for."""
        return [job.labels["statement"] for job in self.stub.jobs.values()]


@pytest.fixture
def scene(
    bigquery_stub: BigQueryStub,
    stub_client: bigquery.Client,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Scene:
    clock = Clock()
    for module in (retry_base, retry_unary):
        monkeypatch.setattr(module, "time", clock)
    ledger = LedgerFile(tmp_path / "mine.ledger")
    found = Scene(bigquery_stub, stub_client, clock, tmp_path, ledger)
    bigquery_stub.tables[TABLE] = StubTable(table_definition(), 10**12, NOON - 90 * SECOND)
    bigquery_stub.estimate = lambda sql, values: (
        200 * GIGABYTE if "@packages" in sql else 10 * MEBIBYTE
    )
    bigquery_stub.billed = lambda sql, values: 2 * GIGABYTE if "@packages" in sql else 10 * MEBIBYTE
    bigquery_stub.answer = lambda sql, values: answer(found.clock.now, sql)
    return found


def answer(now: datetime, sql: str) -> Answer:
    """Seven downloads, the newest of them five minutes old; a small sample; a day's rows."""
    if "@packages" in sql:
        minute = (now - 5 * MINUTE).replace(second=0)
        split = ("US", "Linux", "3.12", "uv", "6.0")
        lines = [
            (minute, name, *split, downloads, minute + 30 * SECOND)
            for name, downloads in (("plotly", 5), ("polars", 2))
        ]
        columns = ("minute", "project", "country", "system", "python", "installer", "version",
                   "downloads", "newest")  # fmt: skip
        by_name = {column.name: column for column in MINUTE_COLUMNS}
        return Answer([by_name[name] for name in columns], lines)
    if "TABLESAMPLE" in sql:
        lines = [("US", "Linux", "3.12", "pip", 60), ("DE", "Linux", "3.13", "uv", 40)]
        return Answer(SAMPLE_COLUMNS, lines)
    return Answer(PARTITION_COLUMNS, [(f"{now:%Y%m%d}", 2_000_000_000, now - 2 * MINUTE)])


class TestThoseWhoMayNotSpend:
    def test_have_only_the_free_counter_read(self, scene: Scene) -> None:
        free = scene.feed().free()
        for _ in range(4):
            look = free.look()
            scene.after(2 * HOUR)
        assert scene.readings == 4
        assert not scene.stub.jobs
        assert not scene.stub.dry_runs
        assert any("while an admin has this page open" in one for one in look.notices)

    def test_see_what_was_counted_while_an_admin_looks(self, scene: Scene) -> None:
        feed = scene.feed()
        counted = feed.look()
        paid = list(scene.paid)
        seen = feed.free().look()
        assert paid
        assert scene.paid == paid
        assert seen.up_to == counted.up_to
        assert seen.options("project") == counted.options("project")
        assert not any("admin" in one for one in seen.notices)


class TestWithoutSpending:
    def test_the_rate_of_all_of_pypi_is_told_by_rows_between_changes(self, scene: Scene) -> None:
        feed = scene.feed(spending=False)
        feed.look()
        for _ in range(3):
            scene.after(2 * MINUTE)
            scene.load(7_200_000)
            look = feed.look()
        first = NOON - 90 * SECOND
        assert look.world_up_to == scene.clock.now
        assert look.world_counted(Span(first, scene.clock.now)) == 3 * 7_200_000
        series = look.world_series(Span(NOON + 2 * MINUTE, NOON + 6 * MINUTE), MINUTE)
        assert list(series) == [3_600_000] * 4
        assert (look.up_to, look.world) == (look.world_up_to, "all of PyPI")

    def test_no_change_between_readings_changes_nothing(self, scene: Scene) -> None:
        feed = scene.feed(spending=False)
        before = feed.look()
        scene.after(MINUTE)
        again = feed.look()
        assert scene.readings == 2
        assert again.version == before.version
        assert again.world_up_to == NOON - 90 * SECOND
        scene.load(1)
        scene.after(MINUTE)
        assert feed.look().version != before.version

    def test_a_table_that_was_replaced_gives_no_rate_across(self, scene: Scene) -> None:
        feed = scene.feed(spending=False)
        feed.look()
        scene.after(MINUTE)
        scene.load(-(10**11))
        scene.after(MINUTE)
        feed.look()
        scene.after(MINUTE)
        scene.table.created = scene.clock.now
        scene.load(5 * 10**11)
        look = feed.look()
        series = look.world_series(Span(NOON - 2 * MINUTE, NOON + 3 * MINUTE), MINUTE)
        assert series.isna().all()
        scene.after(MINUTE)
        scene.load(60)
        assert feed.look().world_counted(Span(NOON + 3 * MINUTE, NOON + 4 * MINUTE)) == 60

    def test_a_late_clock_gives_no_negative_lag_and_is_told_of(self, scene: Scene) -> None:
        feed = scene.feed(spending=False)
        scene.load(1, at=NOON + 95 * SECOND)
        look = feed.look()
        assert look.world_up_to == look.looked_at
        assert any("at least 95 seconds behind BigQuery's" in one for one in look.notices)
        scene.after(4 * MINUTE)
        scene.load(1)
        assert not any("clock" in one for one in feed.look().notices)

    def test_nothing_is_paid_for_and_the_reader_is_told_how(self, scene: Scene) -> None:
        feed = scene.feed(spending=False)
        for _ in range(4):
            look = feed.look()
            scene.after(2 * HOUR)
        assert not scene.stub.jobs
        assert not scene.stub.dry_runs
        assert all(request.method == "GET" for request in scene.stub.requests)
        assert look.scope == "no packages counted"
        assert "PULSE_FETCH_FROM_APP=yes" in look.notices[0]
        span = Span(NOON, NOON + HOUR)
        assert look.series(span, MINUTE).isna().all()
        assert look.latest(5).empty
        assert math.isnan(look.world_counted(Span(MIDNIGHT, NOON)))


class TestTrouble:
    def test_grows_rarer_and_ends_with_the_next_answer(self, scene: Scene) -> None:
        feed = scene.feed(spending=False)
        known = feed.look()
        scene.stub.fail_next(BACKEND_ERROR, times=500, path=GET_TABLE)
        pauses = []
        for _ in range(7):
            scene.after(15 * MINUTE)
            look = feed.look()
            assert look.world_trouble
            assert "overloaded or out of order" in look.world_trouble.sentence
            assert look.world_up_to == known.world_up_to
            pauses.append(look.world_trouble.retry_at - look.looked_at)
            asked = scene.readings
            for _ in range(5):
                assert feed.look().world_trouble == look.world_trouble
            assert scene.readings == asked
        assert all(early < late for early, late in pairwise(pauses[:5]))
        assert timedelta(minutes=10) <= pauses[-1] <= timedelta(minutes=12.5)
        scene.stub.fail_no_more()
        scene.after(15 * MINUTE)
        scene.load(1)
        recovered = feed.look()
        assert recovered.world_trouble is None
        assert recovered.world_up_to == scene.clock.now

    def test_at_the_very_first_is_the_reason_for_waiting(self, scene: Scene) -> None:
        scene.stub.fail_next(ACCESS_DENIED, path=GET_TABLE)
        feed = scene.feed(spending=False)
        with pytest.raises(FeedNotReady, match="denied access to the project mine"):
            feed.look()
        scene.after(MINUTE)
        assert feed.look().world_trouble is None

    def test_without_a_project_is_said_in_a_sentence(self, tmp_path: Path) -> None:
        settings = Settings(store=tmp_path / "pulse.duckdb")
        feed = open_bigquery_feed(settings, lambda work: work())
        with pytest.raises(FeedNotReady, match="No Google project is set"):
            feed.look()

    def test_nobody_foresaw_is_said_and_does_not_end_the_feed(self, scene: Scene) -> None:
        feed = scene.feed()
        scene.stub.answer = lambda sql, values: Answer([SchemaField("odd", "STRING")], [("odd",)])
        look = feed.look()
        assert look.trouble
        assert "not foreseen" in look.trouble.sentence
        assert look.world_up_to == NOON - 90 * SECOND
        scene.stub.answer = lambda sql, values: answer(scene.clock.now, sql)
        scene.after(MINUTE)
        assert feed.look().trouble is None


class TestLooks:
    def test_of_twenty_viewers_at_once_cost_as_one(self, scene: Scene) -> None:
        ended = threading.Event()

        def start(work: Work) -> None:
            def run() -> None:
                work()
                ended.set()

            threading.Thread(target=run).start()

        feed = scene.feed(start=start)
        viewers = [threading.Thread(target=lambda: self.glance(feed)) for _ in range(20)]
        for viewer in viewers:
            viewer.start()
        for viewer in viewers:
            viewer.join()
        assert ended.wait(30)
        for _ in range(20):
            feed.look()
        assert scene.readings == 1
        assert sorted(scene.paid) == ["live_minutes", "live_sample", "partitions"]

    def test_wait_for_the_first_reading(self, scene: Scene) -> None:
        begun: list[Work] = []
        feed = scene.feed(start=begun.append)
        with pytest.raises(FeedNotReady, match="Asking BigQuery for the first reading"):
            feed.look()
        begun.pop()()
        assert feed.look().feed == "bigquery"

    def test_never_begin_what_hangs_a_second_time_and_tell_of_it(self, scene: Scene) -> None:
        begun: list[Work] = []
        feed = scene.feed(start=begun.append)
        for _ in range(3):
            self.glance(feed)
            scene.after(4 * MINUTE)
        assert len(begun) == 1
        with pytest.raises(FeedNotReady, match="has not answered for 12 minutes"):
            feed.look()
        begun[0]()
        assert feed.look().trouble is None

    def test_after_a_sleep_of_hours_ask_each_thing_once(self, scene: Scene) -> None:
        feed = scene.feed()
        feed.look()
        assert (scene.readings, len(scene.paid)) == (1, 3)
        scene.after(8 * HOUR)
        scene.load(9)
        for _ in range(10):
            feed.look()
        assert scene.readings == 2
        # The rows since midnight are known: of the day no partition has to be asked for again.
        assert sorted(scene.paid[3:]) == ["live_minutes", "live_sample"]

    def test_that_stop_stop_the_calls(self, scene: Scene) -> None:
        feed = scene.feed()
        feed.look()
        received = len(scene.stub.requests)
        scene.after(HOUR)
        assert len(scene.stub.requests) == received

    @staticmethod
    def glance(feed: BigQueryFeed) -> None:
        try:
            feed.look()
        except FeedNotReady:
            return

    def test_are_due_at_their_intervals(self, scene: Scene) -> None:
        feed = scene.feed(daily=100 * GIGABYTE)
        for _ in range(121):
            feed.look()
            scene.after(30 * SECOND)
            scene.load(1)
        assert scene.readings == 121
        assert scene.paid.count("live_minutes") == 13
        assert scene.paid.count("live_sample") == 3
        assert scene.paid.count("partitions") == 1


class TestWithSpending:
    def test_packages_are_counted_and_the_day_is_whole(self, scene: Scene) -> None:
        look = scene.feed().look()
        assert look.scope == "2 packages watched"
        newest = NOON - 5 * MINUTE + 30 * SECOND
        assert look.up_to == newest + SECOND
        assert look.settled_to == look.up_to - 10 * MINUTE
        assert look.counted(Span(MIDNIGHT, look.up_to)) == 7
        only = (Filter("project", ("polars",)),)
        series = look.series(Span(NOON - 10 * MINUTE, NOON), MINUTE, only)
        assert list(series.dropna()) == [0] * 5
        assert look.totals(Span(NOON - HOUR, NOON), ("project",)).values.tolist() == [
            ["plotly", 5],
            ["polars", 2],
        ]
        assert look.options("installer") == ("uv",)
        assert look.notices == ()

    def test_the_day_so_far_is_told_by_its_partition_and_the_rows_since(self, scene: Scene) -> None:
        feed = scene.feed()
        feed.look()
        scene.after(MINUTE)
        scene.load(500)
        look = feed.look()
        assert look.world_counted(Span(MIDNIGHT, look.world_up_to)) == 2_000_000_500
        partition = next(job for job in scene.stub.jobs.values() if "partitions" in job.id)
        assert partition.values == {"partitions": ["20261118"]}

    def test_a_reading_near_midnight_saves_asking_for_the_partition(self, scene: Scene) -> None:
        scene.clock.now = MIDNIGHT - 2 * MINUTE
        scene.load(1)
        feed = scene.feed()
        feed.look()
        assert scene.paid.count("partitions") == 1
        for _ in range(4):
            scene.after(2 * MINUTE)
            scene.load(1_200)
            look = feed.look()
        assert scene.paid.count("partitions") == 1
        assert look.world_counted(Span(MIDNIGHT, look.world_up_to)) == 3_600

    def test_a_block_sample_says_what_it_is(self, scene: Scene) -> None:
        sample = scene.feed().look().block_sample
        assert sample is not None
        assert (sample.rows, sample.percent, sample.read_at) == (100, 0.1, NOON)
        shares = sample.frame.set_index(["dimension", "value"])["downloads"]
        assert shares["country"].to_dict() == {"US": 60, "DE": 40}
        assert shares["installer"].to_dict() == {"pip": 60, "uv": 40}
        assert set(sample.frame["dimension"]) == {"country", "system", "python", "installer"}

    def test_an_empty_sample_does_not_replace_the_last(self, scene: Scene) -> None:
        feed = scene.feed()
        drawn = feed.look().block_sample
        scene.stub.answer = lambda sql, values: (
            Answer(SAMPLE_COLUMNS, []) if "TABLESAMPLE" in sql else answer(scene.clock.now, sql)
        )
        scene.after(HOUR)
        assert feed.look().block_sample is drawn
        assert scene.paid.count("live_sample") == 2

    def test_a_restart_neither_pays_again_nor_forgets(self, scene: Scene) -> None:
        first = scene.feed().look()
        scene.after(2 * MINUTE)
        scene.load(5)
        second = scene.feed().look()
        assert scene.paid.count("live_minutes") == 1
        span = Span(NOON - 2 * HOUR, NOON - HOUR)
        pd.testing.assert_series_equal(second.series(span, MINUTE), first.series(span, MINUTE))
        assert second.world_counted(Span(NOON - 90 * SECOND, scene.clock.now)) == 5
        # The versions of the last half hour are not kept: they come with the next count.
        assert second.latest(9).empty

    def test_a_statement_is_sent_with_its_day_bound(self, scene: Scene) -> None:
        feed = scene.feed()
        feed.look()
        scene.after(6 * MINUTE)
        feed.look()
        early, late = (job.values for job in scene.stub.jobs.values() if "minutes" in job.id)
        assert early["since"] == "2026-11-18 00:00:00+00:00"
        assert early["until"] == late["until"] == "2026-11-19 00:00:00+00:00"
        assert late["since"] == "2026-11-18 11:35:00+00:00"
        assert early["packages"] == list(PACKAGES)


class TestTheCap:
    def test_stops_what_costs_money_until_midnight_and_nothing_else(self, scene: Scene) -> None:
        feed = scene.feed(daily=5 * GIGABYTE)
        for _ in range(4):
            look = feed.look()
            scene.after(6 * MINUTE)
        # The first two are billed 2 GB each; a third would pass the cap.
        assert scene.paid.count("live_minutes") == 2
        (notice,) = look.notices
        assert "5 GB a UTC day" in notice
        assert "4.02 GB were billed" in notice or "4.03 GB were billed" in notice
        assert "expected to read 2 GB" in notice
        assert "00:00 UTC" in notice
        sent, read = len(scene.stub.jobs), scene.readings
        for _ in range(10):
            scene.after(HOUR / 2)
            scene.load(3)
            look = feed.look()
        assert len(scene.stub.jobs) == sent
        assert scene.readings == read + 10
        assert look.world_up_to == scene.clock.now
        assert look.trouble is None
        scene.clock.now = MIDNIGHT + 24 * HOUR + 20 * MINUTE
        look = feed.look()
        assert scene.paid.count("live_minutes") == 3
        assert look.notices == ()

    def test_counts_the_first_query_at_what_small_packages_cost(self, scene: Scene) -> None:
        # Two packages cost about 0.47 GB.
        feed = scene.feed(daily=GIGABYTE // 4)
        look = feed.look()
        assert "live_minutes" not in scene.paid
        assert "live_minutes is expected to read 0.47 GB, more than the 0.25 GB" in look.notices[0]
        assert "live_sample" in scene.paid

    def test_of_nothing_lets_nothing_be_sent(self, scene: Scene) -> None:
        look = scene.feed(daily=0).look()
        assert not scene.stub.jobs
        assert not scene.stub.dry_runs
        assert look.scope == "no packages counted"
        assert "PULSE_LIVE_GB above 0" in look.notices[0]
        assert look.world_counted(Span(look.world_up_to, look.world_up_to)) == 0

    def test_holds_over_restarts_and_for_processes_together(self, scene: Scene) -> None:
        for _ in range(4):
            scene.feed(daily=5 * GIGABYTE).look()
            (scene.folder / "mine.readings").unlink()
        assert scene.paid.count("live_minutes") == 2

    def test_does_not_count_what_others_asked_or_what_was_yesterday(self, scene: Scene) -> None:
        others = [
            ("sync", "live_minutes", NOON),
            ("live", "watch_list_day", NOON),
            ("live", "live_minutes", MIDNIGHT - SECOND),
        ]
        for who, statement, at in others:
            self.enter(scene, who, statement, at, billed=50 * GIGABYTE)
        scene.feed(daily=5 * GIGABYTE).look()
        assert scene.paid.count("live_minutes") == 1

    def test_does_not_take_a_bound_for_a_bill_while_another_process_waits(
        self, scene: Scene
    ) -> None:
        self.enter(scene, "live", "live_minutes", NOON, billed=None)
        scene.feed(daily=5 * GIGABYTE).look()
        assert scene.paid.count("live_minutes") == 1

    def test_refuses_a_sample_that_is_priced_by_the_whole_table(self, scene: Scene) -> None:
        scene.stub.estimate = lambda sql, values: (
            75 * GIGABYTE if "TABLESAMPLE" in sql else 10 * MEBIBYTE
        )
        feed = scene.feed()
        look = feed.look()
        assert "live_sample is expected to read 75 GB" in look.notices[0]
        scene.after(6 * MINUTE)
        feed.look()
        assert scene.paid.count("live_minutes") == 2
        assert "live_sample" not in scene.paid

    @staticmethod
    def enter(scene: Scene, who: str, statement: str, at: datetime, *, billed: int | None) -> None:
        bound = 200 * GIGABYTE
        entry = Entry(f"{who}{statement}{at}", statement, who, "mine", at, bound, True, bound, "")
        assert scene.ledger.add(entry, most=10**15)
        if billed is not None:
            scene.ledger.settle(entry.job, billed)

    def test_a_month_that_is_used_up_is_said_and_stops_nothing_free(self, scene: Scene) -> None:
        feed = scene.feed(monthly=100 * GIGABYTE)
        look = feed.look()
        assert "live_minutes" not in scene.paid
        assert any("this month's 100 GB are left" in one for one in look.notices)
        assert look.trouble is None
        scene.after(MINUTE)
        scene.load(8)
        assert feed.look().world_up_to == scene.clock.now


class TestCountsOfTheEmulator:
    midnight = datetime(2026, 8, 28, tzinfo=UTC)
    packages = ("numpy", "pandas", "polars", "scikit-learn")

    @pytest.fixture
    def new_look(self, tmp_path: Path) -> Callable[[bigquery.Client], LookAt]:
        """What one feed of a client knows at a time: it looks at each time that it is asked for."""

        def new(client: bigquery.Client) -> LookAt:
            at = [self.midnight]
            ledger = LedgerFile(tmp_path / "mine.ledger")
            budget = Budget(ledger, 900 * GIGABYTE, 900 * GIGABYTE, lambda: at[0])
            terms = Terms(self.packages, True, 20 * GIGABYTE)
            kept = KeptFile(tmp_path / "mine.readings")
            asking = BigQuery(client, budget, who=WHO)
            worker = Worker(lambda: asking, kept, terms, lambda: at[0], Random(7))
            feed = BigQueryFeed(worker, terms, lambda: at[0], lambda work: work())

            def look(time: datetime) -> BigQueryLook:
                at[0] = time
                return feed.look()

            return look

        return new

    def watched(self, table: pa.Table) -> list[dict[str, Any]]:
        """The raw rows of the packages."""
        return [row for row in table.to_pylist() if row["project"] in self.packages]

    def test_are_those_of_the_raw_rows_counted_one_by_one(
        self,
        new_look: Callable[[bigquery.Client], LookAt],
        emulator_client: bigquery.Client,
        public_rows: pa.Table,
    ) -> None:
        known = new_look(emulator_client)(self.midnight - 9 * HOUR)
        day = Span(self.midnight - 24 * HOUR, self.midnight - 9 * HOUR)
        rows = [
            row for row in self.watched(public_rows) if day.first <= row["timestamp"] < day.after
        ]
        assert len(rows) > 1_000
        by_minute = pd.Series([row["timestamp"].replace(tzinfo=None) for row in rows])
        expected = by_minute.dt.floor("min").value_counts()
        series = known.series(day, MINUTE)
        assert series.sum() == len(rows)
        assert series[series > 0].to_dict() == expected.to_dict()
        for name in DIMENSIONS:
            values = pd.Series([MEANING[name](row) or "unknown" for row in rows])
            totals = known.totals(day, (name,)).set_index(name)["downloads"]
            assert totals.to_dict() == values.value_counts().to_dict()

    def test_take_up_late_rows_and_go_on_over_midnight(
        self, new_look: Callable[[bigquery.Client], LookAt]
    ) -> None:
        """Rows come 3 to 15 minutes after their time, while the feed looks every 5 minutes."""
        first, count = self.midnight - HOUR, 3_000
        random = Random(3)
        seconds = [random.randrange(100 * 60) for _ in range(count)]
        times = pa.array([first + second * SECOND for second in seconds])
        raw = rows(count).set_column(0, "timestamp", times.cast(pa.timestamp("us", tz="UTC")))
        loaded_at = [first + (second + random.randrange(180, 900)) * SECOND for second in seconds]
        watched = [
            (row, at)
            for row, at in zip(raw.to_pylist(), loaded_at, strict=True)
            if row["project"] in self.packages
        ]
        closing = self.midnight + 20 * MINUTE
        with emulator() as url:
            client = client_of(url)
            load_public_table(url, raw.slice(0, 0))
            look, before = new_look(client), first - HOUR
            for step in range(8, 18):
                now = first + step * 5 * MINUTE
                append(client, raw.filter(pa.array([before < at <= now for at in loaded_at])))
                before, known = now, look(now)
                assert known.trouble is None
                here = [row for row, at in watched if at <= now]
                today = max(first, now.replace(hour=0, minute=0))
                span = Span(today, max(known.up_to.replace(second=0), today))
                there = [row for row in here if span.first <= row["timestamp"] < span.after]
                # At twenty past midnight the day before is asked for, and not this one again.
                assert known.counted(span) == len(there) or now == closing
            client.close()
        whole = Span(first, known.up_to.replace(second=0))
        expected = pd.Series([row["timestamp"].replace(tzinfo=None) for row in here])
        expected = expected[expected < whole.after.replace(tzinfo=None)]
        series = known.series(whole, MINUTE)
        assert series.notna().all()
        assert series[series > 0].to_dict() == expected.dt.floor("min").value_counts().to_dict()


def append(client: bigquery.Client, table: pa.Table) -> None:
    """Load rows into the emulator's public table, as PyPI's own jobs do."""
    parquet = io.BytesIO()
    pq.write_table(table, parquet)
    configuration = bigquery.LoadJobConfig(
        source_format=bigquery.SourceFormat.PARQUET, write_disposition="WRITE_APPEND"
    )
    client.load_table_from_file(
        parquet, PUBLIC_TABLE, rewind=True, job_config=configuration
    ).result()
