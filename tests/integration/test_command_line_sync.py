"""`python -m lib sync` as a person runs it, and as it goes on after being killed."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pyarrow as pa
import pytest

from lib.__main__ import main
from lib.cubes import ALL_DIMENSIONS
from lib.sources.bigquery import ALL_PACKAGES_CUBE, WATCH_LIST_CUBE
from tests.integration import rest_stub
from tests.integration.emulator import environment_of
from tests.integration.public_table import PACKAGE_WEIGHTS, counted, rows
from tests.integration.rest_stub import BigQueryStub, Json, Request, serving
from tests.integration.test_sync_bigquery import (
    NOON,
    PublicTable,
    bought,
    day,
    entries,
    held,
    leftovers,
    raw_queries,
    settings_at,
)

ROOT = Path(__file__).parents[2]

EVERY_PACKAGE = tuple(PACKAGE_WEIGHTS)
"""More than one query reads, so that a day is read in two."""

Line = tuple[int, str, str]
"""What a command ended with, and said on standard output and on standard error."""


@pytest.fixture(scope="module")
def small_rows() -> pa.Table:
    return rows(4_000)


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Iterator[DeadlyStub]:
    # Without, each of its answers waits 40 ms for an acknowledgment.
    monkeypatch.setattr(BaseHTTPRequestHandler, "disable_nagle_algorithm", True)
    with serving(DeadlyStub()) as found:
        yield found  # type: ignore[misc]


@pytest.fixture
def table(small_rows: pa.Table, stub: DeadlyStub) -> PublicTable:
    """The public table that the stub answers from."""
    found = PublicTable(small_rows)
    stub.answer = found.answer
    return found


@pytest.fixture
def environment(
    table: PublicTable, stub: DeadlyStub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Mapping[str, str]:
    """What the environment of a command must say for it to speak to the stub; it does, here."""
    found = environment_for(stub.url, tmp_path)
    for name, value in found.items():
        monkeypatch.setenv(name, value)
    return found


def environment_for(url: str, folder: Path) -> dict[str, str]:
    return {
        **environment_of(url),
        "PULSE_STORE": str(settings_at(folder).store),
        "PULSE_NOW": NOON.isoformat(),
        "PULSE_BIGQUERY_PROJECT": "mine-project",
    }


@dataclass
class DeadlyStub(BigQueryStub):
    """Kills its client when a request comes that `deadly` finds, before or after it has effect."""

    deadly: Callable[[Request], bool] = lambda request: False
    processed: bool = True
    victim: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def respond(self, request: Request) -> tuple[int, Json]:
        """Answer as a stub does, or never."""
        if self.victim is None or not self.deadly(request):
            return super().respond(request)
        if self.processed:
            super().respond(request)
        self.victim.kill()
        self.victim = None
        return 0, {}


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> Line:
    """A command in this process."""
    try:
        code = main(["sync", *arguments])
    except SystemExit as ended:
        code = int(str(ended.code))
    told = capsys.readouterr()
    return code, told.out, told.err


@contextmanager
def started(
    environment: Mapping[str, str], *arguments: str, minutes: int = 0
) -> Iterator[subprocess.Popen[bytes]]:
    """`python -m lib sync` in a process of its own, so many minutes after noon."""
    process = subprocess.Popen(
        [sys.executable, "-m", "lib", "sync", *arguments],
        cwd=ROOT,
        env={
            **os.environ,
            **environment,
            "PULSE_NOW": (NOON + timedelta(minutes=minutes)).isoformat(),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def finished(environment: Mapping[str, str], *arguments: str, minutes: int = 0) -> Line:
    """`python -m lib sync` in a process of its own, once it has ended."""
    with started(environment, *arguments, minutes=minutes) as process:
        out, error = process.communicate(timeout=60)
    return process.returncode, out.decode(), error.decode()


def killed_when(
    happened: Callable[[], bool], environment: Mapping[str, str], *arguments: str, minutes: int
) -> bool:
    """Kill a sync as soon as something has happened; whether it was killed before its end."""
    with started(environment, *arguments, minutes=minutes) as process:
        while process.poll() is None and not happened():
            time.sleep(0.001)
        process.kill()
        process.wait()
        assert process.returncode in (0, -9), process.stderr and process.stderr.read()
        return process.returncode == -9


class TestBadUsage:
    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            ("--packages numpy", "--from"),
            ("--from 2026-02-30", "is not a day such as"),
            ("--from yesterday", "is not a day such as"),
            ("--from 2026-08-20 --to 2026-08-19", "--to comes before --from."),
            ("--from 2026-08-31 --to 2026-08-31", "Only UTC days that are over"),
            ("--from 2026-08-20 --max-gb much", "is not a number of gigabytes"),
            ("--from 2026-08-20 --max-gb -1", "is not a number of gigabytes"),
            ("--from 2026-08-20 --max-gb nan", "is not a number of gigabytes"),
            ("--from 2026-08-20 --packages numpy,-x-", "is not a package name"),
            ("--from 2026-08-20 --source pypi", "invalid choice"),
        ],
    )
    def test_ends_with_2_and_says_what_is_wrong(
        self,
        environment: Mapping[str, str],
        stub: DeadlyStub,
        capsys: pytest.CaptureFixture[str],
        tmp_path: Path,
        arguments: str,
        told: str,
    ) -> None:
        code, out, error = run(capsys, *arguments.split())
        assert (code, out) == (2, "")
        assert told in error
        assert stub.requests == []
        assert list(tmp_path.iterdir()) == []


DAYS = ("--from", "2026-08-20", "--to", "2026-08-22")
POLARS = ("--packages", "polars", *DAYS)


class TestAFailure:
    def test_for_want_of_a_project_ends_with_1_and_one_line(
        self,
        environment: Mapping[str, str],
        capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.delenv("PULSE_BIGQUERY_PROJECT")
        code, out, error = run(capsys, *POLARS, "--source", "bigquery")
        assert (code, out) == (1, "")
        assert error.splitlines() == [
            "No Google project is set. Name the one that pays for queries: "
            "PULSE_BIGQUERY_PROJECT=my-project."
        ]

    def test_for_want_of_credentials_ends_with_1_and_one_line(
        self,
        environment: Mapping[str, str],
        capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
        tmp_path: Path,
    ) -> None:
        for name in ("BIGQUERY_EMULATOR_HOST", "GOOGLE_APPLICATION_CREDENTIALS"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
        monkeypatch.setenv("NO_GCE_CHECK", "true")
        code, out, error = run(capsys, *POLARS)
        assert (code, out) == (1, "")
        assert len(error.splitlines()) == 1
        assert "There are no Google credentials on this machine" in error

    def test_for_want_of_money_ends_with_1_and_a_line_after_the_price(
        self, environment: Mapping[str, str], stub: DeadlyStub, capsys: pytest.CaptureFixture[str]
    ) -> None:
        stub.estimate = lambda sql, values: 122 * 10**9
        code, out, error = run(capsys, *DAYS, "--max-gb", "300")
        assert code == 1
        assert out.splitlines()[0] == "3 queries for 3 days: 366 GB ($2.08)."
        assert error.splitlines()[-1].startswith("These days would read 366 GB ($2.08), and 300 GB")
        assert stub.jobs == {}

    def test_of_bigquery_ends_with_1_and_one_line_after_the_progress(
        self, environment: Mapping[str, str], stub: DeadlyStub
    ) -> None:
        stub.job_failure = lambda sql, values: rest_stub.INVALID_QUERY
        code, _, error = finished(environment, *POLARS)
        assert code == 1
        *progress, last = error.splitlines()
        assert last.startswith("BigQuery refused the query.")
        assert "Traceback" not in error
        assert [line for line in progress if "%" not in line] == []


class TestASync:
    def test_ends_with_0_and_tells_its_price_and_how_far_it_is(
        self,
        environment: Mapping[str, str],
        table: PublicTable,
        capsys: pytest.CaptureFixture[str],
        tmp_path: Path,
    ) -> None:
        code, out, error = run(capsys, *POLARS, "--max-gb", "1")
        assert code == 0
        assert out.splitlines()[0].startswith("3 queries for 3 days: upper bound 0.0315 GB")
        assert out.splitlines()[-1] == "900 GB of this month's budget are left."
        assert error.splitlines()[-4:] == [
            "  0% 2026-08-20: polars, 0 GB billed so far",
            " 33% 2026-08-21: polars, 0.0105 GB billed so far",
            " 67% 2026-08-22: polars, 0.021 GB billed so far",
            "100% Done: 0.0315 GB (under $0.01) billed",
        ]
        expected = counted(table.raw, ALL_DIMENSIONS, ["polars"], day(20), day(22))
        assert held(settings_at(tmp_path), WATCH_LIST_CUBE) == expected

    def test_takes_names_in_any_spelling(
        self,
        environment: Mapping[str, str],
        stub: DeadlyStub,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        names = "Scikit_Learn, zope.interface,scikit-learn,"
        assert run(capsys, *DAYS[:3], "2026-08-20", "--packages", names)[0] == 0
        assert set(bought(stub)) == {(20, "scikit-learn"), (20, "zope-interface")}

    def test_is_told_by_status(
        self, environment: Mapping[str, str], capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        run(capsys, *POLARS)
        run(capsys, *DAYS)
        assert main(["status"]) == 0
        first, watch_list, all_packages, money = capsys.readouterr().out.splitlines()[-4:]
        assert str(settings_at(tmp_path).store) in first
        assert "BigQuery" in first
        told = " ".join((watch_list, all_packages))
        assert told.count("2026-08-20 to 2026-08-22") == 2
        assert told.count("0.0315 GB billed") == 2
        assert "all of PyPI" in told and "1 packages" in told
        assert money == "BigQuery this month: 0.0629 GB (under $0.01) of 900 GB"

    def test_as_a_dry_run_tells_the_price_and_writes_nothing(
        self,
        environment: Mapping[str, str],
        stub: DeadlyStub,
        capsys: pytest.CaptureFixture[str],
        tmp_path: Path,
    ) -> None:
        code, out, _ = run(capsys, *DAYS, "--dry-run")
        assert code == 0
        assert out.splitlines()[0] == "3 queries for 3 days: 0.0315 GB (under $0.01)."
        assert stub.jobs == {}
        assert list(tmp_path.iterdir()) == []


def asks_for_price(request: Request) -> bool:
    return bool(request.body.get("configuration", {}).get("dryRun"))


def sends_query(request: Request) -> bool:
    """Whether a request sends a query that is to be paid."""
    return "configuration" in request.body and not asks_for_price(request)


def sends_raw_query(request: Request) -> bool:
    return sends_query(request) and "INFORMATION_SCHEMA" not in str(request.body)


def asks_for_end(request: Request) -> bool:
    """Whether a request asks if a query of the raw table has ended."""
    is_about_query = "/queries/pulse_watch_list" in request.path
    return is_about_query and request.query.get("maxResults") == "0"


def asks_for_rows(request: Request) -> bool:
    is_about_query = "/queries/pulse_watch_list" in request.path
    return is_about_query and request.query.get("maxResults") != "0"


def after_first_request(stub: DeadlyStub, seconds: float) -> Callable[[], bool]:
    """Says whether so many seconds have passed since the first request from now on."""
    before = len(stub.requests)
    first: list[float] = []

    def is_over() -> bool:
        if len(stub.requests) > before and not first:
            first.append(time.monotonic())
        return bool(first) and time.monotonic() > first[0] + seconds

    return is_over


def require_whole(folder: Path, stub: DeadlyStub, table: PublicTable, first: int) -> None:
    """Every download once, each day of each package paid for once, and nothing left over."""
    settings = settings_at(folder)
    expected = counted(table.raw, ALL_DIMENSIONS, EVERY_PACKAGE, day(first))
    assert held(settings, WATCH_LIST_CUBE) == expected
    days = range(first, 30)
    assert bought(stub) == dict.fromkeys(((n, name) for n in days for name in EVERY_PACKAGE), 1)
    assert leftovers(settings.store) == []
    lines = entries(settings)
    assert all(line.billed is not None for line in lines)
    assert sum(line.billed or 0 for line in lines) == sum(j.billed for j in stub.jobs.values())


class TestAfterSIGKILL:
    def test_at_every_step_it_goes_on_and_pays_for_nothing_twice(
        self,
        environment: Mapping[str, str],
        stub: DeadlyStub,
        table: PublicTable,
        tmp_path: Path,
    ) -> None:
        """One sync, killed at nine points one after another."""
        order = (
            "--packages",
            ",".join(EVERY_PACKAGE),
            "--from",
            "2026-08-22",
            "--to",
            "2026-08-30",
        )
        store = settings_at(tmp_path).store
        folder = store.with_name(store.name + ".landed")
        minutes = iter(range(0, 10_000, 10))
        points: list[tuple[str, Callable[[Request], bool], bool]] = [
            ("the partitions were asked for", sends_query, True),
            ("a price was asked for", asks_for_price, True),
            ("a query was written down, and did not arrive", sends_raw_query, False),
            ("a query had arrived", sends_raw_query, True),
            ("a query ran", asks_for_end, True),
            ("rows were fetched", asks_for_rows, True),
        ]
        for name, deadly, processed in points:
            stub.deadly, stub.processed = deadly, processed
            stub.running_seconds = 0.3 if name == "a query ran" else 0
            with started(environment, *order, minutes=next(minutes)) as process:
                stub.victim = process
                process.communicate(timeout=60)
            assert process.returncode == -9, name
        stub.running_seconds = 0

        def has_landed_two() -> bool:
            return len(list(folder.glob("*.parquet"))) >= 2

        def is_writing() -> bool:
            return store.with_name(store.name + ".writing").exists()

        assert killed_when(has_landed_two, environment, *order, minutes=next(minutes))
        assert has_landed_two()
        before = store.stat().st_ino if store.exists() else None
        assert killed_when(is_writing, environment, *order, minutes=next(minutes))

        def has_swapped() -> bool:
            return store.exists() and store.stat().st_ino != before

        assert killed_when(has_swapped, environment, *order, minutes=next(minutes))
        code, _, error = finished(environment, *order, minutes=next(minutes))
        assert code == 0, error
        require_whole(tmp_path, stub, table, 22)

    def test_at_random_moments_it_goes_on_and_pays_for_nothing_twice(
        self,
        environment: Mapping[str, str],
        stub: DeadlyStub,
        table: PublicTable,
        tmp_path: Path,
    ) -> None:
        chance = random.Random(20261122)
        order = ("--packages", ",".join(EVERY_PACKAGE), "--from", "2026-08-20")
        stub.running_seconds = 0.05
        kills, minutes = 0, 0
        for _ in range(7):
            minutes += 10
            is_over = after_first_request(stub, chance.uniform(0, 1.2))
            kills += killed_when(is_over, environment, *order, minutes=minutes)
        code, _, error = finished(environment, *order, minutes=minutes + 10)
        assert code == 0, error
        assert kills >= 5
        require_whole(tmp_path, stub, table, 20)

    def test_the_store_from_the_emulator_equals_brute_force(
        self, bigquery_emulator: str, public_rows: pa.Table, tmp_path: Path
    ) -> None:
        environment = environment_for(bigquery_emulator, tmp_path)
        settings = settings_at(tmp_path)
        order = ("--from", "2026-08-20", "--to", "2026-08-23")
        folder = settings.store.with_name(settings.store.name + ".landed")

        def has_landed_one() -> bool:
            return any(folder.glob("*.parquet"))

        assert killed_when(has_landed_one, environment, *order, minutes=0)
        code, _, error = finished(environment, *order, minutes=10)
        assert code == 0, error
        expected = counted(public_rows, ("project", "country"), None, day(20), day(23))
        assert held(settings, ALL_PACKAGES_CUBE) == expected
        digests = [entry.sql_hash for entry in raw_queries(settings)]
        assert len(digests) == len(set(digests)) == 4
        assert leftovers(settings.store) == []
