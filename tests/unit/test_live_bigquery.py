"""What the feed from BigQuery makes of readings and counts, against brute force and restarts."""

from __future__ import annotations

import math
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.aggregate import Filter
from lib.live import DIMENSIONS, MINUTE, Span, Where
from lib.live.bigquery.costs import costs
from lib.live.bigquery.counting import Count, next_count, with_answer
from lib.live.bigquery.kept import KeptFile, kept_path
from lib.live.bigquery.minutes import HOUR, Minutes
from lib.live.bigquery.readings import (
    KEPT_FOR,
    LONGEST_GAP,
    DayRows,
    Reading,
    Readings,
    World,
)
from lib.live.bigquery.schedule import FIRST_PAUSE, JITTER, LONGEST_PAUSE, Turn
from lib.settings import Settings
from lib.sources.bigquery import live_minutes

MIDNIGHT = datetime(2026, 11, 18, tzinfo=UTC)

NOON = MIDNIGHT + 12 * HOUR

CREATED = datetime(2016, 1, 22, tzinfo=UTC)

SECOND = timedelta(seconds=1)


def reading(seconds: int, rows: int, created: datetime = CREATED) -> Reading:
    return Reading(rows, NOON + seconds * SECOND, created)


def read(*taken: Reading) -> Readings:
    readings = Readings()
    for one in taken:
        readings = readings.after(one)
    return readings


def between(first: int, after: int) -> Span:
    return Span(NOON + first * SECOND, NOON + after * SECOND)


class TestReadings:
    def test_tell_the_rate_by_the_rows_between_two_changes(self) -> None:
        readings = read(reading(0, 10_000), reading(120, 22_000), reading(180, 40_000))
        assert readings.counted(between(0, 180)) == 30_000
        assert readings.counted(between(30, 90)) == 6_000
        assert list(readings.series(between(0, 180), MINUTE)) == [6_000, 6_000, 18_000]

    def test_that_find_no_change_tell_nothing_new(self) -> None:
        readings = read(reading(0, 10_000), reading(120, 22_000))
        assert readings.after(reading(120, 22_000)) is readings

    def test_of_a_server_that_lags_behind_are_not_taken(self) -> None:
        readings = read(reading(0, 10_000), reading(120, 22_000))
        assert readings.after(reading(0, 10_000)) is readings

    @pytest.mark.parametrize(
        "replaced",
        [reading(120, 500), reading(120, 90_000, NOON), reading(-60, 90_000, NOON)],
        ids=["rows fall", "made anew", "made anew of older rows"],
    )
    def test_of_a_table_that_was_replaced_are_a_new_baseline(self, replaced: Reading) -> None:
        readings = read(reading(-300, 9_000), reading(0, 10_000)).after(replaced)
        later = Reading(replaced.rows + 600, replaced.modified + MINUTE, replaced.created)
        readings = readings.after(later)
        assert math.isnan(readings.counted(Span(NOON - 300 * SECOND, later.modified)))
        assert readings.counted(Span(replaced.modified, later.modified)) == 600
        assert not (readings.series(between(-300, 180), MINUTE) < 0).any()

    def test_far_apart_tell_only_the_sum(self) -> None:
        gap = int(LONGEST_GAP.total_seconds()) + 60
        readings = read(reading(0, 0), reading(60, 60), reading(gap + 60, 9_060))
        assert math.isnan(readings.counted(between(60, 120)))
        assert readings.counted(between(30, gap + 60)) == 9_030
        assert math.isnan(readings.series(between(60, 600), MINUTE).iloc[0])

    def test_of_earlier_weeks_are_forgotten_in_time(self) -> None:
        old = Reading(5, NOON - KEPT_FOR - SECOND, CREATED)
        assert read(old, reading(0, 10)).taken == (reading(0, 10),)

    def test_none_tell_nothing(self) -> None:
        assert math.isnan(Readings().counted(between(0, 60)))
        assert Readings().series(between(0, 120), MINUTE).isna().all()


@st.composite
def histories(draw: st.DrawFn) -> Readings:
    """Readings with gaps of all lengths and replaced tables among them."""
    readings, second, rows, created = Readings(), draw(st.integers(-600, 600)), 10**12, 0
    for _ in range(draw(st.integers(0, 12))):
        second += draw(st.sampled_from((1, 59, 60, 61, 300, 1799, 1800, 1801, 4000)))
        change = draw(st.sampled_from(("load", "load", "load", "fall", "anew")))
        rows += draw(st.integers(0, 10**8)) * (-1 if change == "fall" else 1)
        created += change == "anew"
        readings = readings.after(reading(second, rows, CREATED + created * SECOND))
    return readings


def brute_force(readings: Readings, span: Span) -> float:
    """The rows in a span, told by walking from reading to reading."""

    def stretch_at(time: datetime) -> tuple[int, float] | None:
        table = 0
        taken = readings.taken
        for number, one in enumerate(taken):
            before = taken[number - 1] if number else None
            was_replaced = before and (before.created != one.created or one.rows < before.rows)
            if before and not was_replaced and before.modified < time < one.modified:
                gap = one.modified - before.modified
                part = (time - before.modified) / gap
                rows = before.rows + part * (one.rows - before.rows)
                return (table, rows) if gap <= LONGEST_GAP else None
            table += bool(was_replaced)
            if one.modified == time:
                return table, one.rows
        return None

    first, after = stretch_at(span.first), stretch_at(span.after)
    if first is None or after is None or first[0] != after[0]:
        return math.nan
    return after[1] - first[1]


@given(histories(), st.integers(-60, 120), st.sampled_from((1, 5, 10, 60)))
def test_the_world_by_step_is_as_walked_from_reading_to_reading(
    readings: Readings, minute: int, length: int
) -> None:
    step = length * MINUTE
    first = NOON + minute * MINUTE
    series = World(readings).series(Span(first, first + 6 * step), step)
    expected = [
        brute_force(readings, Span(first + n * step, first + (n + 1) * step)) for n in range(6)
    ]
    assert list(series) == pytest.approx(expected, nan_ok=True, abs=0.01)
    assert series.index[0] == pd.Timestamp(first.replace(tzinfo=None))
    assert str(series.index.dtype) == "datetime64[s]"


@given(histories(), st.integers(-700, 20_000), st.integers(0, 9_000))
def test_the_world_of_a_span_is_as_walked_and_never_negative(
    readings: Readings, second: int, length: int
) -> None:
    span = between(second, second + length)
    counted = World(readings).counted(span)
    assert counted == pytest.approx(brute_force(readings, span), nan_ok=True, abs=0.01)
    assert not counted < 0


class TestTheRowsOfADay:
    today = DayRows(MIDNIGHT, 2_000_000, NOON)

    def test_stand_in_for_a_reading_near_midnight(self) -> None:
        world = World(read(reading(0, 10**9), reading(60, 10**9 + 600)), self.today)
        assert world.counted(Span(MIDNIGHT, NOON + 30 * SECOND)) == 2_000_300
        assert math.isnan(world.counted(Span(MIDNIGHT + MINUTE, NOON)))
        assert math.isnan(world.counted(Span(MIDNIGHT, NOON - HOUR)))

    def test_are_not_needed_where_there_is_one(self) -> None:
        near = Reading(0, MIDNIGHT, CREATED)
        world = World(read(near, reading(0, 70)), self.today)
        assert world.counted(Span(MIDNIGHT, NOON)) == 70

    def test_say_nothing_of_another_day(self) -> None:
        world = World(read(reading(0, 5), Reading(9, NOON + 24 * HOUR, CREATED)), self.today)
        assert math.isnan(world.counted(Span(MIDNIGHT, NOON + 24 * HOUR)))


class TestATurn:
    def test_comes_once_however_long_it_was_missed(self) -> None:
        turn = Turn(MINUTE)
        assert turn.is_due(NOON)
        turn = turn.done(NOON)
        assert not turn.is_due(NOON + 59 * SECOND)
        assert turn.is_due(NOON + 8 * HOUR)
        assert not turn.done(NOON + 8 * HOUR).is_due(NOON + 8 * HOUR)

    def test_that_fails_comes_later_each_time_up_to_ten_minutes(self) -> None:
        turn, now, random = Turn(MINUTE), NOON, Random(1)
        pauses = []
        for _ in range(12):
            turn = turn.failed("It is out of order.", now, random)
            assert turn.trouble
            pauses.append(turn.trouble.retry_at - now)
            now = turn.trouble.retry_at
        for number, pause in enumerate(pauses):
            least = min(FIRST_PAUSE * 2**number, LONGEST_PAUSE)
            assert least <= pause <= least * JITTER
        assert len(set(pauses)) == len(pauses)
        recovered = turn.done(now)
        assert (recovered.trouble, recovered.failures) == (None, 0)

    def test_does_not_wait_for_a_clock_that_was_set_back(self) -> None:
        assert Turn(MINUTE).done(NOON).is_due(NOON - 24 * HOUR)


PACKAGES = ("duckdb", "plotly", "polars")

VALUES = {
    "project": PACKAGES,
    "country": ("US", "DE", "unknown"),
    "system": ("Linux", "Darwin"),
    "python": ("3.9", "3.12"),
    "installer": ("pip", "uv"),
}

Row = dict[str, Any]


def downloads(first: datetime, hours: int, count: int, seed: int = 1) -> list[Row]:
    """Single downloads, one a row, as the raw table would hold them."""
    random = Random(seed)
    seconds = sorted(random.randrange(hours * 3600) for _ in range(count))
    return [
        {"at": first + second * SECOND, "version": random.choice(("1.0", "2.0"))}
        | {name: random.choice(values) for name, values in VALUES.items()}
        for second in seconds
    ]


def answered(rows: Sequence[Row], count: Count) -> pa.Table:
    """What `live_minutes` answers of these rows."""
    keys = ("minute", *DIMENSIONS, "version")
    sums: Counter[tuple[Any, ...]] = Counter()
    newest: dict[tuple[Any, ...], datetime] = {}
    for row in rows:
        if count.since <= row["at"] < count.until:
            version = row["version"] if row["at"] >= count.versions_from else ""
            minute = row["at"].replace(second=0)
            key = (minute, *(row[name] for name in DIMENSIONS), version)
            sums[key] += 1
            newest[key] = max(newest.get(key, row["at"]), row["at"])
    lines = [
        dict(zip(keys, key, strict=True)) | {"downloads": number, "newest": newest[key]}
        for key, number in sums.items()
    ]
    times = pa.timestamp("us", tz="UTC")
    texts = [(name, pa.string()) for name in (*DIMENSIONS, "version")]
    schema = [("minute", times), *texts, ("downloads", pa.int64()), ("newest", times)]
    return pa.Table.from_pylist(lines, pa.schema(schema))


def counted_at(minutes: Minutes, rows: Sequence[Row], now: datetime) -> Minutes:
    """The minutes after one more count of what the table holds by then."""
    count = next_count(minutes, now)
    live_minutes(minutes.packages, count.since, count.until, count.versions_from)
    return with_answer(minutes, count, answered(rows, count), now)


def until(rows: Sequence[Row], time: datetime) -> list[Row]:
    return [row for row in rows if row["at"] < time]


def matching(rows: Sequence[Row], span: Span, where: Where = ()) -> list[Row]:
    return [
        row
        for row in rows
        if span.first <= row["at"] < span.after
        and all((row[one.dimension] in one.values) != one.excluded for one in where)
    ]


WHERES: tuple[Where, ...] = (
    (),
    (Filter("project", ("plotly", "unheard-of")),),
    (Filter("country", ("US", "unknown")), Filter("project", ("duckdb",), excluded=True)),
    (Filter("python", ("3.9",)), Filter("system", ("Linux",)), Filter("installer", ("uv",))),
)


class TestMinutes:
    rows = downloads(MIDNIGHT, 13, 4_000)

    @pytest.fixture
    def minutes(self) -> Minutes:
        """Counted at ten and again at noon, as it arrives."""
        early = counted_at(Minutes(PACKAGES), until(self.rows, NOON - 2 * HOUR), NOON - 2 * HOUR)
        return counted_at(early, until(self.rows, NOON), NOON)

    @pytest.mark.parametrize("where", WHERES)
    @pytest.mark.parametrize("length", [1, 10, 60])
    def test_by_step_are_as_counted_one_by_one(
        self, minutes: Minutes, where: Where, length: int
    ) -> None:
        step = length * MINUTE
        span = Span(NOON - 3 * HOUR, NOON - HOUR)
        series = minutes.series(span, step, where)
        expected = [
            len(matching(self.rows, Span(first, first + step), where))
            for first in (span.first + n * step for n in range(120 // length))
        ]
        assert list(series) == expected
        assert (series == 0).any() or length > 1 or not where

    def test_are_not_known_after_the_newest_row_and_before_the_first_count(
        self, minutes: Minutes
    ) -> None:
        assert minutes.up_to == until(self.rows, NOON)[-1]["at"] + SECOND
        tail = minutes.series(Span(NOON - 5 * MINUTE, NOON + 5 * MINUTE), MINUTE)
        assert tail.iloc[:4].notna().all()
        assert tail.iloc[5:].isna().all()
        assert minutes.series(Span(MIDNIGHT - HOUR, MIDNIGHT), MINUTE).isna().all()

    @pytest.mark.parametrize("by", [(), ("project",), ("country", "installer"), ("python",)])
    @pytest.mark.parametrize("where", WHERES)
    def test_by_dimension_are_as_counted_one_by_one(
        self, minutes: Minutes, by: tuple[str, ...], where: Where
    ) -> None:
        span = Span(NOON - 90 * MINUTE, NOON - 7 * MINUTE)
        totals = minutes.totals(span, by, where)
        rows = matching(self.rows, span, where)
        expected = Counter(tuple(row[name] for name in by) for row in rows)
        assert list(totals) == [*by, "downloads"]
        found = {tuple(key): number for *key, number in totals.itertuples(index=False)}
        assert found == expected
        assert totals["downloads"].is_monotonic_decreasing

    def test_are_exact_from_midnight_to_the_last_second_known(self, minutes: Minutes) -> None:
        assert minutes.up_to
        whole = Span(MIDNIGHT, minutes.up_to)
        assert minutes.counted(whole) == len(matching(self.rows, whole))
        assert math.isnan(minutes.counted(Span(MIDNIGHT, minutes.up_to + SECOND)))
        assert minutes.counted(Span(NOON, NOON)) == 0

    def test_cut_by_a_span_of_seconds_are_spread_evenly(self, minutes: Minutes) -> None:
        minute = Span(NOON - 10 * MINUTE, NOON - 9 * MINUTE)
        third = Span(minute.first + 20 * SECOND, minute.first + 40 * SECOND)
        assert minutes.counted(third) == pytest.approx(minutes.counted(minute) / 3)

    def test_read_again_take_up_late_rows(self, minutes: Minutes) -> None:
        late = [{**self.rows[0], "at": NOON - number * MINUTE} for number in range(3, 19)]
        rows = until(sorted([*self.rows, *late], key=lambda row: row["at"]), NOON + 5 * MINUTE)
        again = counted_at(minutes, rows, NOON + 5 * MINUTE)
        span = Span(NOON - HOUR, NOON)
        assert again.counted(span) == len(matching(rows, span))
        assert again.counted(span) == minutes.counted(Span(NOON - HOUR, NOON - MINUTE)) + len(
            matching(rows, Span(NOON - MINUTE, NOON))
        ) + len(late)

    def test_give_single_downloads_of_the_latest_whole_minute(self, minutes: Minutes) -> None:
        assert minutes.up_to
        minute = minutes.up_to.replace(second=0) - MINUTE
        rows = matching(self.rows, Span(minute, minute + MINUTE))
        latest = minutes.latest(100)
        columns = ["project", "version", "country", "system", "installer"]
        assert list(latest) == ["at", *columns]
        found = Counter(latest[columns].itertuples(index=False, name=None))
        assert found == Counter(tuple(row[name] for name in columns) for row in rows)
        assert latest["at"].is_monotonic_decreasing
        assert latest["at"].between(*(np.datetime64(t.replace(tzinfo=None)) for t in (
            minute, minute + MINUTE - SECOND))).all()  # fmt: skip
        assert len(minutes.latest(2)) == min(2, len(rows))
        assert minutes.latest(5, (Filter("project", ("unheard-of",)),)).empty

    def test_offer_what_occurred(self, minutes: Minutes) -> None:
        rows = matching(self.rows, Span(NOON - 6 * HOUR, NOON))
        most = [name for name, _ in Counter(row["country"] for row in rows).most_common()]
        assert list(minutes.options("country")) == most
        assert Minutes(PACKAGES).options("project") == PACKAGES
        assert Minutes(PACKAGES).options("country") == ()

    def test_none_are_known_before_the_first_count(self) -> None:
        minutes, span = Minutes(PACKAGES), Span(NOON - HOUR, NOON)
        assert minutes.series(span, MINUTE).isna().all()
        assert math.isnan(minutes.counted(span))
        assert minutes.totals(span, ("country",)).empty
        assert minutes.latest(5).empty


class TestTheNextCount:
    def test_of_a_day_is_since_midnight_and_then_of_the_last_minutes(self) -> None:
        rows = downloads(MIDNIGHT, 12, 5_000)
        first = next_count(Minutes(PACKAGES), NOON)
        assert (first.since, first.until) == (MIDNIGHT, MIDNIGHT + 24 * HOUR)
        known = counted_at(Minutes(PACKAGES), rows, NOON)
        assert known.up_to
        later = next_count(known, NOON + 5 * MINUTE)
        assert later.since == known.up_to.replace(second=0) - 20 * MINUTE

    def test_of_a_new_day_never_reaches_back_over_midnight(self) -> None:
        rows = downloads(MIDNIGHT, 1, 100)
        known = counted_at(Minutes(PACKAGES), until(rows, MIDNIGHT + 9 * MINUTE), NOON)
        assert next_count(known, NOON).since == MIDNIGHT

    def test_after_midnight_closes_the_watched_day_once(self) -> None:
        tomorrow = MIDNIGHT + 24 * HOUR
        rows = downloads(MIDNIGHT, 25, 9_000)
        before = counted_at(
            Minutes(PACKAGES), until(rows, tomorrow - 4 * MINUTE), tomorrow - MINUTE
        )
        now = tomorrow + 5 * MINUTE
        assert next_count(before, now).since == tomorrow
        known = counted_at(before, until(rows, now), now)
        gap = known.series(Span(tomorrow - 10 * MINUTE, tomorrow + 4 * MINUTE), MINUTE)
        assert gap.isna().any()
        assert gap.iloc[-2:].notna().all()
        assert not next_count(known, tomorrow + 19 * MINUTE).closes
        closing = next_count(known, tomorrow + 20 * MINUTE)
        assert closing.closes
        assert closing.until == tomorrow
        closed = counted_at(known, until(rows, now), tomorrow + 20 * MINUTE)
        span = Span(tomorrow - HOUR, tomorrow + 4 * MINUTE)
        assert closed.series(span, MINUTE).notna().all()
        assert closed.counted(span) == len(matching(rows, span))
        assert not next_count(closed, tomorrow + 25 * MINUTE).closes

    def test_of_a_day_that_was_left_early_is_not_paid_for(self) -> None:
        rows = downloads(MIDNIGHT, 12, 5_000)
        known = counted_at(Minutes(PACKAGES), rows, NOON)
        assert next_count(known, NOON + 24 * HOUR).since == MIDNIGHT + 24 * HOUR

    def test_of_a_longer_list_is_since_midnight_again(self) -> None:
        known = counted_at(Minutes(PACKAGES[:2]), downloads(MIDNIGHT, 12, 500), NOON)
        longer = Minutes(PACKAGES, known.hours)
        assert next_count(longer, NOON).since == MIDNIGHT
        only = (Filter("project", PACKAGES[:1]),)
        span = Span(NOON - 2 * HOUR, NOON - HOUR)
        assert longer.series(span, MINUTE).isna().all()
        assert longer.series(span, MINUTE, only).notna().all()

    def test_splits_are_kept_for_two_days_and_sums_for_weeks(self) -> None:
        known = counted_at(Minutes(PACKAGES), downloads(MIDNIGHT, 12, 5_000), NOON)
        span = Span(NOON - 2 * HOUR, NOON - HOUR)
        whole = known.counted(span)
        linux = (Filter("system", ("Linux",)),)
        for days, is_split, is_summed in ((1, True, True), (2, False, True), (30, False, False)):
            later = counted_at(known, [], NOON + days * 24 * HOUR)
            assert math.isnan(later.counted(span, linux)) != is_split
            assert later.counted(span) == whole if is_summed else math.isnan(later.counted(span))


class TestTheKeptFile:
    rows = downloads(MIDNIGHT, 12, 2_000)

    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        return kept_path(tmp_path / "pulse.duckdb", "mine")

    @pytest.fixture
    def minutes(self) -> Minutes:
        return counted_at(Minutes(PACKAGES), self.rows, NOON)

    def test_gives_back_readings_and_minutes_after_a_restart(
        self, path: Path, minutes: Minutes
    ) -> None:
        file = KeptFile(path)
        readings = read(reading(0, 10), reading(60, 30))
        for one in readings.taken:
            file.keep_reading(one)
        file.keep_hours(minutes.hours.values(), NOON)
        kept = KeptFile(path).load(PACKAGES, NOON + MINUTE)
        assert kept.readings == readings
        assert kept.counted_at == NOON
        span = Span(NOON - 3 * HOUR, NOON - HOUR)
        for where in WHERES:
            again = kept.minutes.series(span, MINUTE, where)
            pd.testing.assert_series_equal(again, minutes.series(span, MINUTE, where))
        assert kept.minutes.up_to == minutes.up_to

    def test_forgets_splits_and_then_sums(self, path: Path, minutes: Minutes) -> None:
        file = KeptFile(path)
        file.keep_hours(minutes.hours.values(), NOON)
        file.keep_hours([], NOON + 48 * HOUR)
        hours = KeptFile(path).load(PACKAGES, NOON).minutes.hours
        assert len(hours) == 12
        assert all(hour.split is None for hour in hours.values())
        file.keep_hours([], NOON + 30 * 24 * HOUR)
        assert not KeptFile(path).load(PACKAGES, NOON).minutes.hours

    def test_tells_only_of_the_packages_watched_now(self, path: Path, minutes: Minutes) -> None:
        KeptFile(path).keep_hours(minutes.hours.values(), NOON)
        span = Span(NOON - 3 * HOUR, NOON - HOUR)
        fewer = KeptFile(path).load(("polars",), NOON).minutes
        only = (Filter("project", ("polars",)),)
        assert fewer.counted(span) == len(matching(self.rows, span, only))
        assert not KeptFile(path).load(("numpy",), NOON).minutes.hours

    def test_forgets_readings_of_a_table_that_was_replaced_by_an_older(self, path: Path) -> None:
        file = KeptFile(path)
        readings = read(reading(0, 10), reading(60, 30))
        for one in (*readings.taken, replaced := reading(30, 5, NOON)):
            file.keep_reading(one)
        assert KeptFile(path).load(PACKAGES, NOON).readings == readings.after(replaced)

    @pytest.mark.parametrize("harm", ["no database", "an odd time", "an odd frame"])
    def test_that_is_damaged_is_set_aside_and_said(
        self, path: Path, minutes: Minutes, harm: str
    ) -> None:
        KeptFile(path).keep_hours(minutes.hours.values(), NOON)
        if harm == "no database":
            path.write_bytes(b"This is no database. " * 100)
        else:
            value = "'soon'" if harm == "an odd time" else "x'00'"
            column = "first" if harm == "an odd time" else "sums"
            connection = sqlite3.connect(path)
            connection.execute(f"UPDATE hour SET {column} = {value} WHERE rowid = 1")
            connection.commit()
            connection.close()
        file = KeptFile(path)
        assert not file.load(PACKAGES, NOON).minutes.hours
        assert "damaged" in file.notice
        assert path.with_name("mine.readings.damaged").exists()
        file.keep_reading(reading(0, 10))
        assert KeptFile(path).load(PACKAGES, NOON).readings == read(reading(0, 10))

    def test_that_cannot_be_written_is_done_without(self, tmp_path: Path) -> None:
        (tmp_path / "folder").write_text("This is no folder.")
        file = KeptFile(tmp_path / "folder" / "mine.readings")
        file.keep_reading(reading(0, 10))
        assert file.load(PACKAGES, NOON).readings == Readings()
        assert "cannot be kept" in file.notice


def test_minutes_are_asked_of_one_day_alone() -> None:
    for since, until_ in ((NOON, NOON), (MIDNIGHT - MINUTE, NOON), (NOON, NOON + 24 * HOUR)):
        with pytest.raises(ValueError, match="not within one UTC day"):
            live_minutes(PACKAGES, since, until_, since)
    with pytest.raises(ValueError, match="at least one package"):
        live_minutes([], MIDNIGHT, NOON, MIDNIGHT)


def test_the_default_settings_stay_within_the_free_tebibyte_by_their_cap() -> None:
    by_name = {cost.what: cost for cost in costs(10)}
    assert by_name["all of PyPI as a number"].hourly == 0
    # 51.1 bytes a row, 4.6 million rows, ten packages, twelve times.
    assert by_name["minutes of 10 small packages"].hourly == pytest.approx(28.2e9, rel=0.01)
    naive = by_name["naive: by package, each minute"]
    assert naive.hourly > 200 * by_name["minutes of 10 small packages"].hourly
    assert 31 * Settings().live_bytes < 2**40


def test_opening_the_feed_imports_nothing_of_google() -> None:
    code = (
        "import sys; from lib.live.bigquery import open_bigquery_feed;"
        "from lib.settings import Settings; open_bigquery_feed(Settings());"
        "sys.exit(any(name.startswith('google.') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
