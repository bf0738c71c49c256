"""The money guard: what a query costs, what a month may cost, and what is written down of it."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from lib.budget import (
    FREE_BYTES_A_MONTH,
    Budget,
    Entry,
    Estimate,
    Ledger,
    LedgerFile,
    budget_of,
    dollars,
    gigabytes,
    ledger_path,
    month_of,
    priced,
)
from lib.errors import OverBudget, StoreError
from lib.settings import GIGABYTE, Settings

MEBIBYTE = 2**20

ROOT = Path(__file__).resolve().parents[2]

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def ledger(tmp_path: Path) -> LedgerFile:
    return LedgerFile(tmp_path / "store" / "pulse.duckdb.ledger")


def entry_of(job: str, cap: int = GIGABYTE, at: datetime = NOON) -> Entry:
    """A query that was written down before it was sent."""
    return Entry(job, "watch_list_day", "anna", "my-project", at, cap - 1, True, cap, "5e1f")


def budget(
    ledger: Ledger, gigabytes: float = 900, per_query: float = 500, at: datetime = NOON
) -> Budget:
    return Budget(ledger, round(gigabytes * GIGABYTE), round(per_query * GIGABYTE), now=lambda: at)


class TestPrices:
    def test_a_tebibyte_has_the_list_price(self) -> None:
        assert dollars(2**40) == 6.25
        assert dollars(2**39) == 3.125
        assert dollars(0) == 0

    @pytest.mark.parametrize(
        ("number", "words"),
        [
            (0, "0 GB"),
            (1, "under 0.01 GB"),
            (10**7, "0.01 GB"),
            (12_345_678_901, "12.3 GB"),
            (99_960_000_000, "100 GB"),
            (122 * GIGABYTE, "122 GB"),
            (1_234_567_890_123, "1,235 GB"),
        ],
    )
    def test_bytes_are_said_in_gigabytes(self, number: int, words: str) -> None:
        assert gigabytes(number) == words

    @pytest.mark.parametrize(
        ("number", "words"),
        [
            (0, "0 GB ($0.00)"),
            (10 * MEBIBYTE, "0.0105 GB (under $0.01)"),
            (122 * GIGABYTE, "122 GB ($0.69)"),
            (593 * GIGABYTE, "593 GB ($3.37)"),
            (440_000 * GIGABYTE, "440,000 GB ($2,501.11)"),
        ],
    )
    def test_bytes_are_said_with_their_price(self, number: int, words: str) -> None:
        assert priced(number) == words

    def test_an_upper_bound_is_said_to_be_one(self) -> None:
        assert (
            Estimate(122 * GIGABYTE, upper_bound=True).words
            == "up to 122 GB ($0.69), an upper bound"
        )
        assert Estimate(122 * GIGABYTE, upper_bound=False).words == "122 GB ($0.69)"


class TestTheCapOfAQuery:
    def test_is_the_estimate_in_whole_mebibytes_and_ten_more_for_each_table(self) -> None:
        assert Estimate(25 * MEBIBYTE, False).cap == 35 * MEBIBYTE
        assert Estimate(25 * MEBIBYTE + 1, False).cap == 36 * MEBIBYTE
        assert Estimate(25 * MEBIBYTE, False, tables=3).cap == 55 * MEBIBYTE

    def test_lets_through_what_is_billed_for_thirteen_tables(self) -> None:
        # A query that failed with its own estimate as its cap (exmergo/dex#320).
        estimated, billed = 163_595_928, 164_626_432
        assert estimated < billed <= Estimate(estimated, False, tables=13).cap

    def test_lets_through_the_least_that_is_billed(self) -> None:
        assert Estimate(1, False).cap >= 10 * MEBIBYTE

    def test_is_never_0_for_that_may_mean_no_cap_at_all(self) -> None:
        assert Estimate(0, False, tables=0).cap == 10 * MEBIBYTE


class TestAMonth:
    @pytest.mark.parametrize(
        ("time", "start"),
        [
            (datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)),
            (datetime(2026, 12, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)),
            # Half past one in Berlin is still the day before in UTC.
            (
                datetime(2026, 12, 1, 0, 30, tzinfo=timezone(timedelta(hours=1))),
                datetime(2026, 11, 1, tzinfo=UTC),
            ),
            (
                datetime(2026, 11, 30, 20, tzinfo=timezone(timedelta(hours=-5))),
                datetime(2026, 12, 1, tzinfo=UTC),
            ),
        ],
    )
    def test_begins_at_midnight_utc(self, time: datetime, start: datetime) -> None:
        assert month_of(time) == start

    def test_counts_only_its_own_queries(self, ledger: LedgerFile) -> None:
        last_second = datetime(2026, 10, 31, 23, 59, 59, tzinfo=UTC)
        first_second = datetime(2026, 11, 1, tzinfo=UTC)
        assert ledger.add(entry_of("october", at=last_second), most=10 * GIGABYTE)
        assert ledger.add(entry_of("november", at=first_second), most=10 * GIGABYTE)
        assert [entry.job for entry in budget(ledger).entries()] == ["november"]
        assert budget(ledger).spent() == GIGABYTE
        assert budget(ledger, at=datetime(2026, 12, 1, tzinfo=UTC)).spent() == 0

    def test_may_cost_less_than_what_is_free_by_default(self) -> None:
        assert Settings().monthly_bytes == 900 * GIGABYTE < FREE_BYTES_A_MONTH

    def test_cannot_have_less_than_nothing_left(self, ledger: LedgerFile) -> None:
        ledger.add(entry_of("job"), most=GIGABYTE)
        ledger.settle("job", 3 * GIGABYTE)
        assert budget(ledger, gigabytes=2).left() == 0


class TestAQuery:
    def test_counts_as_much_as_it_may_cost_until_its_end_is_known(self, ledger: LedgerFile) -> None:
        ledger.add(entry_of("job", cap=5 * GIGABYTE), most=10 * GIGABYTE)
        assert (budget(ledger).spent(), budget(ledger, 9).left()) == (5 * GIGABYTE, 4 * GIGABYTE)
        ledger.settle("job", 2 * GIGABYTE)
        assert (budget(ledger).spent(), budget(ledger, 9).left()) == (2 * GIGABYTE, 7 * GIGABYTE)

    def test_that_was_billed_nothing_counts_nothing(self, ledger: LedgerFile) -> None:
        ledger.add(entry_of("job"), most=GIGABYTE)
        ledger.settle("job", 0)
        assert budget(ledger).spent() == 0

    def test_is_read_as_it_was_written(self, ledger: LedgerFile) -> None:
        written = entry_of(
            "job", at=datetime(2026, 11, 22, 13, tzinfo=timezone(timedelta(hours=1)))
        )
        ledger.add(written, most=GIGABYTE)
        ledger.add(entry_of("later", cap=0, at=NOON + timedelta(seconds=1)), most=GIGABYTE)
        assert ledger.since(NOON)[1] == written
        assert [entry.job for entry in ledger.since(NOON)] == ["later", "job"]
        assert [entry.job for entry in ledger.since(NOON + timedelta(seconds=1))] == ["later"]

    def test_that_fits_exactly_is_written_down(self, ledger: LedgerFile) -> None:
        estimate = Estimate(90 * MEBIBYTE, False)
        entry = entry_of("job", cap=estimate.cap)
        Budget(ledger, 100 * MEBIBYTE, 90 * MEBIBYTE, lambda: NOON).reserve(entry, estimate)
        assert ledger.since(NOON) == (entry,)

    def test_above_the_cap_of_one_query_is_refused(self, ledger: LedgerFile) -> None:
        with pytest.raises(OverBudget) as refused:
            budget(ledger).reserve(entry_of("job"), Estimate(593 * GIGABYTE, upper_bound=True))
        assert str(refused.value) == (
            "This query may read up to 593 GB ($3.37), an upper bound, more than the 500 GB that "
            "one query is allowed. It was not sent. Raise PULSE_QUERY_GB: the bound is the same "
            "however few packages are chosen."
        )
        assert ledger.since(NOON) == ()

    def test_above_what_the_month_has_left_is_refused(self, ledger: LedgerFile) -> None:
        ledger.add(entry_of("before", cap=800 * GIGABYTE), most=900 * GIGABYTE)
        with pytest.raises(OverBudget) as refused:
            budget(ledger).reserve(entry_of("job"), Estimate(122 * GIGABYTE, upper_bound=False))
        assert str(refused.value) == (
            "This query may read 122 GB ($0.69), and 100 GB of this month's 900 GB are left. It "
            "was not sent. Wait for the next month. Choose less, or raise PULSE_MONTHLY_GB."
        )
        assert [entry.job for entry in ledger.since(NOON)] == ["before"]

    def test_of_nothing_is_refused_where_nothing_may_be_spent(self, ledger: LedgerFile) -> None:
        with pytest.raises(OverBudget, match="0 GB of this month's 0 GB are left"):
            budget(ledger, gigabytes=0).check(Estimate(0, upper_bound=False))


SPENDING = """
import sys
from pathlib import Path
from lib.budget import LedgerFile
from tests.unit.test_budget import GIGABYTE, entry_of
sys.stdin.readline()
got = 0
while LedgerFile(Path(sys.argv[1])).add(entry_of(f"{sys.argv[2]}_{got}"), most=10 * GIGABYTE):
    got += 1
print(got)
"""
"""What a process of its own does when told to start: ask for 1 GB at a time until refused."""


def kill_after(work: Callable[[], object]) -> None:
    """Let a process of its own do some work, and be killed without a chance to clean up."""
    if (child := os.fork()) == 0:
        try:
            work()
            os.kill(os.getpid(), signal.SIGKILL)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL


class TestTheLedger:
    def test_is_made_beside_the_store_when_first_written(self, tmp_path: Path) -> None:
        store = tmp_path / "new" / "pulse.duckdb"
        kept = budget_of(Settings(store=store, frozen_now=NOON, bigquery_project="mine-project"))
        path = ledger_path(store, "mine-project")
        assert (kept.spent(), kept.entries()) == (0, ())
        assert not path.exists()
        kept.reserve(entry_of("job", cap=Estimate(1, False).cap), Estimate(1, False))
        assert path == store.parent / "mine-project.ledger"
        assert path.exists()

    def test_is_one_for_all_stores_that_a_project_pays_for(self, tmp_path: Path) -> None:
        stores = [
            Settings(store=tmp_path / name, frozen_now=NOON, bigquery_project="mine-project")
            for name in ("one.duckdb", "two.duckdb")
        ]
        budget_of(stores[0]).reserve(entry_of("job", cap=GIGABYTE), Estimate(1, False))
        assert budget_of(stores[1]).spent() == GIGABYTE

    def test_lets_two_threads_never_both_spend_the_last(self, ledger: LedgerFile) -> None:
        ledger.add(entry_of("before", cap=0), most=GIGABYTE)
        entered: list[bool] = []
        start = threading.Barrier(8)

        def spend(number: int) -> None:
            start.wait()
            entered.append(ledger.add(entry_of(f"job_{number}"), most=GIGABYTE))

        threads = [threading.Thread(target=spend, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(entered) == [False] * 7 + [True]

    def test_lets_processes_never_spend_more_than_the_month_has(self, ledger: LedgerFile) -> None:
        ledger.add(entry_of("before", cap=0), most=GIGABYTE)
        processes = [
            subprocess.Popen(
                [sys.executable, "-c", SPENDING, str(ledger.path), name],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for name in ("one", "two")
        ]
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("start\n")
            process.stdin.flush()
        got = [int(process.communicate(timeout=60)[0]) for process in processes]
        assert sum(got) == 10
        assert budget(ledger).spent() == 10 * GIGABYTE

    def test_keeps_a_query_whose_process_was_killed_before_its_end(
        self, ledger: LedgerFile
    ) -> None:
        kill_after(lambda: ledger.add(entry_of("killed", cap=7 * GIGABYTE), most=10 * GIGABYTE))
        [entry] = ledger.since(NOON)
        assert (entry.job, entry.billed, entry.counted) == ("killed", None, 7 * GIGABYTE)
        assert not ledger.add(entry_of("more", cap=4 * GIGABYTE), most=10 * GIGABYTE)

    def test_forgets_what_was_written_half(self, ledger: LedgerFile) -> None:
        ledger.add(entry_of("whole"), most=10 * GIGABYTE)

        def write_half() -> None:
            with ledger._transaction() as connection:
                connection.execute("UPDATE entry SET billed = 0")
                os.kill(os.getpid(), signal.SIGKILL)

        kill_after(write_half)
        assert budget(ledger).spent() == GIGABYTE

    def test_does_not_take_one_job_twice(self, ledger: LedgerFile) -> None:
        ledger.add(entry_of("job"), most=10 * GIGABYTE)
        with pytest.raises(StoreError):
            ledger.add(replace(entry_of("job"), cap=0), most=10 * GIGABYTE)
        assert budget(ledger).spent() == GIGABYTE

    @pytest.mark.parametrize(
        "ask",
        [
            lambda ledger: ledger.add(entry_of("job"), most=GIGABYTE),
            lambda ledger: ledger.settle("job", 0),
            lambda ledger: ledger.since(NOON),
        ],
        ids=["add", "settle", "since"],
    )
    def test_that_cannot_be_used_says_so_in_a_sentence(
        self, ledger: LedgerFile, ask: Callable[[LedgerFile], object]
    ) -> None:
        ledger.path.parent.mkdir()
        ledger.path.write_bytes(b"This is no database." * 1000)
        with pytest.raises(StoreError, match="nothing is paid for without it") as failed:
            ask(ledger)
        assert ledger.path.name in str(failed.value)
        # A page says it too: the folder and what SQLite said are in the log.
        assert str(ledger.path.parent) not in str(failed.value)
        assert isinstance(failed.value.__cause__, sqlite3.Error)

    def test_that_has_no_place_says_so_in_a_sentence(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("in the way")
        with pytest.raises(StoreError, match="cannot be used"):
            LedgerFile(tmp_path / "file" / "ledger").add(entry_of("job"), most=GIGABYTE)
