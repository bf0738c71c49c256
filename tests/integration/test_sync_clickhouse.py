"""A sync from ClickHouse: every cube equals brute force, and no question is asked twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from lib.cubes import Cube
from lib.errors import ClickHouseError, StoreError
from lib.router import Period
from lib.settings import Dataset, Settings
from lib.sources.clickhouse import CUBES, QUERIES_TO_CONNECT, Address, ClickHouse
from lib.stores.duckdb import DuckDBStore, StoreWriter
from lib.sync.allowance import Allowance
from lib.sync.clickhouse import FetchPlan, plan_fetch, run_fetch
from lib.sync.command import QUERIES_AN_HOUR, Order, RealSource, allowance, sync
from lib.sync.landing import Landing
from tests.conftest import raw_row, write_cube
from tests.integration.clickpy import (
    FIRST,
    LAST,
    PACKAGES,
    HttpFace,
    chdb_client,
    clickpy,
    counted_by_hand,
    hidden,
    http_face,
)

NOON = datetime(2026, 8, 31, 12, tzinfo=UTC)

RawRows = list[dict[str, object]]


@pytest.fixture(scope="module")
def raw() -> Iterator[RawRows]:
    """The downloads that the database holds, a row each."""
    with clickpy() as rows:
        yield rows


@dataclass
class Clock:
    """A clock that is set by hand."""

    time: datetime = NOON

    def __call__(self) -> datetime:
        return self.time


@dataclass
class Fetching:
    """Fetches into a store, over a connection whose queries are counted against an allowance.

    `filters` hide rows that ClickHouse is not to have loaded.
    """

    store: Path
    clock: Clock
    asked: Allowance
    rows_at_once: int = 10_000
    filters: dict[str, str] = field(default_factory=dict)

    def hide(self, days: Sequence[date], package: str | None = None) -> None:
        """Have ClickHouse not loaded these days, or not a package on them."""
        shown = " AND ".join(f"date != '{day}'" for day in days)
        but = shown if package is None else f"({shown}) OR project != '{package}'"
        self.filters = {"additional_table_filters": hidden(but)} if days else {}

    def __call__(
        self,
        packages: Sequence[str] = PACKAGES,
        first: date = FIRST,
        last: date = LAST,
    ) -> FetchPlan:
        with chdb_client(**self.filters) as client, Landing(self.store) as landing:
            source = ClickHouse(client, asking=self.asked.take, rows_at_once=self.rows_at_once)
            plan = plan_fetch(
                source, landing, tuple(packages), Period(first, last), now=self.clock(),
                report=quietly,
            )  # fmt: skip
            run_fetch(source, landing, plan, self.clock, quietly)
        return plan

    def held(self, cube: Cube) -> Counter[tuple[Any, ...]]:
        """The rows of a cube as downloads by (day, *dimensions), each key once."""
        frame = DuckDBStore(self.store).query(f"SELECT * FROM {cube.name}")
        frame["period"] = frame["period"].dt.date
        keys = list(frame[["period", *cube.dimensions]].itertuples(index=False, name=None))
        assert len(set(keys)) == len(keys)
        return Counter(dict(zip(keys, frame["downloads"].tolist(), strict=True)))


def quietly(fraction: float, text: str) -> None:
    """In place of showing progress."""
    assert 0 <= fraction <= 1
    assert text


@pytest.fixture
def fetching(raw: RawRows, empty_store: Path) -> Fetching:
    clock = Clock()
    return Fetching(empty_store, clock, Allowance(empty_store.with_suffix(".queries"), 300, clock))


class TestTheStore:
    @pytest.mark.parametrize("rows_at_once", [10_000, 150])
    def test_holds_every_cube_as_counted_by_hand(
        self, fetching: Fetching, raw: RawRows, rows_at_once: int
    ) -> None:
        fetching.rows_at_once = rows_at_once
        fetching()
        for cube in CUBES:
            assert fetching.held(cube) == counted_by_hand(raw, cube, PACKAGES), cube.name
        told = DuckDBStore(fetching.store).coverage()
        assert {(row.cube, row.first, row.last, row.packages, row.source) for row in told} == {
            (cube, FIRST, LAST, PACKAGES, "clickhouse") for cube in CUBES
        }
        assert [row.fingerprint for row in told] == [""] * len(CUBES)

    def test_is_not_filled_a_second_time(self, fetching: Fetching) -> None:
        fetching()
        content, used = fetching.store.read_bytes(), fetching.asked.used()
        plan = fetching()
        assert plan.words == "Nothing is missing: no query is needed."
        # The newest day is the one question.
        assert fetching.asked.used() == used + 1
        assert fetching.store.read_bytes() == content

    def test_gets_only_the_packages_that_it_lacks(self, fetching: Fetching, raw: RawRows) -> None:
        fetching(["six"])
        plan = fetching(["six", "numpy"])
        assert {one.packages for one in plan.plans} == {("numpy",)}
        for cube in CUBES:
            assert fetching.held(cube) == counted_by_hand(raw, cube, ["six", "numpy"])

    def test_gets_only_the_days_that_it_lacks(self, fetching: Fetching, raw: RawRows) -> None:
        fetching(["six"], FIRST + timedelta(3), FIRST + timedelta(6))
        plan = fetching(["six"])
        days = sorted(day.day for one in plan.plans for chunk in one.chunks for day in chunk)
        lacking = {*range(1, 4), *range(8, 13)}
        assert Counter(day.day for day in days) == dict.fromkeys(lacking, len(CUBES))
        for cube in CUBES:
            assert fetching.held(cube) == counted_by_hand(raw, cube, ["six"])
        assert len(DuckDBStore(fetching.store).coverage()) == len(CUBES)

    def test_ends_with_the_last_day_that_clickhouse_has(self, fetching: Fetching) -> None:
        plan = fetching(["six"], LAST, LAST + timedelta(days=5))
        assert plan.period == Period(LAST, LAST)
        assert plan.words.endswith("ClickHouse has no whole day after 2026-08-12 yet.")
        with pytest.raises(ClickHouseError, match="holds days up to 2026-08-12 only"):
            fetching(["six"], LAST + timedelta(days=1), LAST + timedelta(days=5))

    def test_ends_with_the_last_day_that_is_surely_whole(self, fetching: Fetching) -> None:
        fetching.clock.time = datetime(2026, 8, 12, 11, 59, tzinfo=UTC)
        assert fetching(["six"], FIRST, date(2026, 8, 11)).period.last == date(2026, 8, 10)

    def test_is_swapped_now_and_then(
        self, fetching: Fetching, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        published, land, publish = [], Landing.land, Landing.publish

        def landing_for_a_minute(landing: Landing, *given: Any) -> None:
            land(landing, *given)
            fetching.clock.time += timedelta(seconds=20)

        def counting(landing: Landing) -> None:
            publish(landing)
            published.append(len(DuckDBStore(fetching.store).coverage()))

        monkeypatch.setattr(Landing, "land", landing_for_a_minute)
        monkeypatch.setattr(Landing, "publish", counting)
        fetching(["six"])
        assert published == [2, 4, 6, 6]


class TestADayThatIsNotLoaded:
    MISSING = FIRST + timedelta(days=6)

    def test_is_not_held_and_is_fetched_by_the_next_sync_when_it_has_been_loaded(
        self, fetching: Fetching, raw: RawRows
    ) -> None:
        fetching.hide([self.MISSING])
        plan = fetching()
        assert plan.absent == (self.MISSING,)
        assert plan.words.endswith("2026-08-07 is left out: ClickHouse has not loaded it.")
        day = timedelta(days=1)
        for cube in CUBES:
            told = [row for row in DuckDBStore(fetching.store).coverage() if row.cube == cube]
            assert {(row.first, row.last) for row in told} == {
                (FIRST, self.MISSING - day),
                (self.MISSING + day, LAST),
            }
        fetching.hide([])
        plan = fetching()
        assert {plan.days for plan in plan.plans} == {(self.MISSING,)}
        for cube in CUBES:
            assert fetching.held(cube) == counted_by_hand(raw, cube, PACKAGES)
        assert len(DuckDBStore(fetching.store).coverage()) == len(CUBES)

    def test_is_left_out_as_long_as_it_is_not(self, fetching: Fetching) -> None:
        fetching.hide([self.MISSING, self.MISSING + timedelta(days=2)])
        fetching(["six"])
        content = fetching.store.read_bytes()
        assert fetching(["six"]).words == ("2 days are left out: ClickHouse has not loaded them.")
        assert fetching.store.read_bytes() == content


class TestADayOfTheLastWeek:
    PROVISIONAL = tuple(date(2026, 8, day) for day in range(6, 13))

    @pytest.fixture
    def filled(self, fetching: Fetching) -> Fetching:
        """A store filled on the day after the last, when `numpy` was not wholly loaded."""
        fetching.clock.time = datetime(2026, 8, 13, 13, tzinfo=UTC)
        fetching.hide([date(2026, 8, 9), date(2026, 8, 11)], "numpy")
        fetching()
        return fetching

    def test_is_held_apart_with_its_count(self, filled: Fetching) -> None:
        for cube in CUBES:
            told = [row for row in DuckDBStore(filled.store).coverage() if row.cube == cube]
            final, *provisional = sorted(told, key=lambda row: row.first)
            assert (final.first, final.last, final.fingerprint) == (FIRST, date(2026, 8, 5), "")
            assert [(row.first, row.last) for row in provisional] == [
                (day, day) for day in self.PROVISIONAL
            ]
            by_day = Counter(day for day, *_ in filled.held(cube))
            downloads: Counter[object] = Counter()
            for (day, *_), count in filled.held(cube).items():
                downloads[day] += count
            assert [row.fingerprint for row in provisional] == [
                f"{by_day[day]} rows, {downloads[day]} downloads" for day in self.PROVISIONAL
            ]

    def test_that_grew_is_read_again_and_counted_once(self, filled: Fetching, raw: RawRows) -> None:
        filled.hide([])
        used = filled.asked.used()
        plan = filled()
        assert "2 days are read again: ClickHouse has changed them." in plan.words
        assert {plan.days for plan in plan.again} == {(date(2026, 8, 9), date(2026, 8, 11))}
        # The newest day, a count of each cube, and each day that grew, for they are apart.
        assert filled.asked.used() - used == 1 + len(CUBES) + plan.queries
        assert plan.queries == 2 * len(CUBES)
        for cube in CUBES:
            assert filled.held(cube) == counted_by_hand(raw, cube, PACKAGES)
        told = DuckDBStore(filled.store).coverage()
        assert len(told) == len(CUBES) * (1 + len(self.PROVISIONAL))
        assert filled().words == "Nothing is missing: no query is needed."

    def test_that_did_not_grow_is_counted_and_not_read(self, filled: Fetching) -> None:
        content, used = filled.store.read_bytes(), filled.asked.used()
        assert filled().words == "Nothing is missing: no query is needed."
        assert filled.asked.used() - used == 1 + len(CUBES)
        assert filled.store.read_bytes() == content

    def test_that_is_no_longer_loaded_is_kept(self, filled: Fetching) -> None:
        filled.clock.time += timedelta(days=30)
        held = {cube.name: filled.held(cube) for cube in CUBES}
        filled.hide([date(2026, 8, 9), date(2026, 8, 11)])
        filled()
        assert {cube.name: filled.held(cube) for cube in CUBES} == held
        unsettled = {row.first for row in DuckDBStore(filled.store).coverage() if row.fingerprint}
        assert unsettled == {date(2026, 8, 9), date(2026, 8, 11)}

    @pytest.mark.parametrize("grew", [True, False])
    def test_is_final_after_the_week_and_merged(
        self, filled: Fetching, raw: RawRows, grew: bool
    ) -> None:
        filled.clock.time += timedelta(days=7)
        if grew:
            filled.hide([])
        assert bool(filled().queries) == grew
        told = DuckDBStore(filled.store).coverage()
        assert {(row.first, row.last, row.fingerprint) for row in told} == {(FIRST, LAST, "")}
        assert len(told) == len(CUBES)
        if grew:
            for cube in CUBES:
                assert filled.held(cube) == counted_by_hand(raw, cube, PACKAGES)
        used = filled.asked.used()
        filled()
        assert filled.asked.used() == used + 1

    def test_is_counted_once_for_the_packages_that_were_fetched_together(
        self, filled: Fetching
    ) -> None:
        used = filled.asked.used()
        assert filled(["six"]).words == "Nothing is missing: no query is needed."
        assert filled.asked.used() - used == 1 + len(CUBES)


class TestTheAllowance:
    def test_refuses_the_next_query_keeps_what_was_fetched_and_goes_on_in_an_hour(
        self, fetching: Fetching, raw: RawRows
    ) -> None:
        for _ in range(300 - 20):
            fetching.asked.take()
        fetching.rows_at_once = 150
        refused = "300 queries were sent to ClickHouse in the last hour.*kept: run the same command"
        with pytest.raises(ClickHouseError, match=refused):
            fetching()
        assert (fetching.asked.used(), fetching.asked.left()) == (300, 0)
        kept = {cube.name: fetching.held(cube) for cube in CUBES if is_held(fetching.store, cube)}
        assert 0 < len(kept) < len(CUBES)
        for cube in CUBES:
            expected = counted_by_hand(raw, cube, PACKAGES)
            assert kept.get(cube.name, Counter()).items() <= expected.items()
        with pytest.raises(ClickHouseError, match=refused):
            fetching()
        fetching.clock.time += timedelta(minutes=60)
        plan = fetching()
        fetched_again = {one.cube.name: len(one.chunks) for one in plan.plans}
        first = CUBES[0]
        assert first.name not in fetched_again
        for cube in CUBES:
            assert fetching.held(cube) == counted_by_hand(raw, cube, PACKAGES)

    def test_is_that_of_the_last_sixty_minutes(self, tmp_path: Path) -> None:
        clock = Clock()
        asked = Allowance(tmp_path / "queries", 3, clock)
        assert (asked.used(), list(tmp_path.iterdir())) == (0, [])
        for _ in range(3):
            asked.take()
            clock.time += timedelta(minutes=20)
        assert asked.left() == 1
        asked.take()
        with pytest.raises(ClickHouseError, match="3 queries were sent"):
            asked.take()

    def test_is_shared_by_all_processes(self, tmp_path: Path) -> None:
        first, second = (Allowance(tmp_path / "queries", 5, Clock()) for _ in range(2))
        for _ in range(2):
            first.take()
            second.take()
        assert (first.left(), second.left()) == (1, 1)


def is_held(store: Path, cube: Cube) -> bool:
    return any(row.cube == cube for row in DuckDBStore(store).coverage())


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A store of its own, and ClickHouse on this machine."""
    return Settings(store=tmp_path / "pulse.duckdb", frozen_now=NOON, clickhouse_host="127.0.0.1")


def synced(settings: Settings, packages: tuple[str, ...] | None, *, dry_run: bool = False) -> str:
    """Sync, and what it said."""
    said: list[str] = []
    order = Order(RealSource.CLICKHOUSE, packages, Period(FIRST, LAST), "ada", dry_run=dry_run)
    sync(settings, order, quietly, said.append)
    return "\n".join(said)


class TestTheCommand:
    @contextmanager
    def served(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[HttpFace]:
        """ClickHouse over HTTP, where the command looks for it."""
        with http_face() as face:
            here = partial(Address, port=face.port, secure=False)
            monkeypatch.setattr("lib.sources.clickhouse.Address", here)
            yield face

    def test_fills_a_store(
        self, raw: RawRows, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with self.served(monkeypatch):
            said = synced(settings, ("numpy", "six"))
            # Connecting, the newest day, and the counts of each cube were asked for by then.
            left = QUERIES_AN_HOUR - QUERIES_TO_CONNECT - 1 - len(CUBES)
            assert f"{left} of 300 queries are left in this hour." in said
            assert "rows in 6 queries of ClickHouse's free service." in said
            assert "Nothing is missing" in synced(settings, ("numpy", "six"))
        found = Fetching(settings.store, Clock(), allowance(settings))
        for cube in CUBES:
            assert found.held(cube) == counted_by_hand(raw, cube, ["numpy", "six"])

    def test_as_a_dry_run_writes_nothing_but_what_it_asked(
        self, raw: RawRows, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with self.served(monkeypatch):
            assert "rows in 6 queries" in synced(settings, ("six",), dry_run=True)
        assert [path.name for path in settings.store.parent.iterdir()] == ["pulse.duckdb.queries"]

    def test_brings_in_what_an_earlier_one_had_fetched_when_it_was_killed(
        self, raw: RawRows, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with self.served(monkeypatch) as face:
            with monkeypatch.context() as patch:
                patch.setattr(Landing, "publish", lambda landing: None)
                synced(settings, ("six",))
            assert not settings.store.exists()
            synced(settings, ("six",), dry_run=True)
            assert not settings.store.exists()
            before = len(face.requests)
            assert "Nothing is missing" in synced(settings, ("six",))
            assert len(face.requests) == before + QUERIES_TO_CONNECT + 1
        assert len(DuckDBStore(settings.store).coverage()) == len(CUBES)

    def test_is_refused_for_all_of_pypi(self, settings: Settings) -> None:
        with pytest.raises(ClickHouseError, match=r"named packages only.*--packages numpy,pandas"):
            synced(settings, None)

    def test_is_refused_for_a_store_in_bigquery(self, settings: Settings) -> None:
        dataset = replace(settings, dataset=Dataset("mine-project", "pulse"))
        with pytest.raises(ClickHouseError, match=r"PULSE_STORE=store/clickhouse\.duckdb"):
            synced(dataset, ("six",))

    @pytest.mark.parametrize("source", ["sample", "files", "bigquery"])
    def test_is_refused_for_a_store_of_other_rows(self, settings: Settings, source: str) -> None:
        cube = CUBES[0]
        with StoreWriter(settings.store) as writer:
            rows = [raw_row(FIRST, "six", 1)]
            write_cube(
                writer, cube, rows, first=FIRST, last=FIRST, packages=("six",), source=source
            )
        with pytest.raises(StoreError, match=rf"{source}.*PULSE_STORE=store/clickhouse\.duckdb"):
            synced(settings, ("six",))
        assert allowance(settings).used() == 0
