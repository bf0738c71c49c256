"""The sample feed follows the clock, agrees with the store, and always comes out the same."""

from __future__ import annotations

import json
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lib.aggregate import Filter
from lib.errors import FeedNotReady
from lib.live import DIMENSIONS, EARLIER_WEEKS, MINUTE, WEEK, Span, Where
from lib.live.sample import SampleFeed, folder_beside, keep_days, open_sample_feed
from lib.live.sample.counting import Counting
from lib.live.sample.courses import courses
from lib.live.sample.days import Days, days_around
from lib.live.sample.hours import SECONDS, hour_of_day
from lib.live.sample.kept import KEPT_DAYS
from lib.live.sample.look import SampleLook
from lib.live.sample.simulating import Day
from lib.live.sample.spikes import Spike, spikes_of
from lib.sources.sample import MODEL_VERSION, NOTE
from lib.sources.sample.recipe import Recipe, simulations_of
from lib.stores.duckdb import DuckDBStore
from tests.conftest import YESTERDAY

ROOT = Path(__file__).parents[2]
RECIPE = Recipe(1, 24, 500)
TODAY = YESTERDAY + timedelta(days=1)
HOUR = timedelta(hours=1)
AFTERNOON = datetime(2026, 11, 22, 14, 23, 7, 250_000, UTC)
NO_FILTER: Where = ()
FILTERS = {
    "none": NO_FILTER,
    "package": (Filter("project", ("numpy",)),),
    "packages": (Filter("project", ("numpy", "pandas", "no-such-package")),),
    "country": (Filter("country", ("DE",)),),
    "system": (Filter("system", ("Windows", "unknown")),),
    "python": (Filter("python", ("3.12",)),),
    "installer": (Filter("installer", ("uv",)),),
    "without a package": (Filter("project", ("boto3",), excluded=True),),
    "without two countries": (Filter("country", ("US", "unknown"), excluded=True),),
    "several": (
        Filter("country", ("US", "IN")),
        Filter("system", ("Linux",)),
        Filter("installer", ("pip",), excluded=True),
    ),
    "nothing": (Filter("country", ("nowhere",)),),
}


class Clock:
    """A clock that stands where it is set."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def at(day: date, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute, second), UTC)


def feed_at(now: datetime, folder: Path | None) -> SampleFeed:
    return SampleFeed(RECIPE, Clock(now), folder)


@pytest.fixture(scope="session")
def folder(sample_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The days that building the sample kept, to read and to add to."""
    copied = tmp_path_factory.mktemp("live") / "kept"
    shutil.copytree(folder_beside(sample_store), copied)
    return copied


@pytest.fixture(scope="module")
def days(folder: Path) -> Days:
    return Days(RECIPE, folder)


@pytest.fixture(scope="module")
def look(folder: Path) -> SampleLook:
    return feed_at(AFTERNOON, folder).look()


def hour_totals(day: Day, hour: int, spikes: tuple[Spike, ...]) -> pd.Series:
    """Downloads of an hour by project and country, summed from its minutes."""
    found = hour_of_day(day, hour, RECIPE.seed, spikes)
    bounds = [found.before(second) for second in range(0, SECONDS + 1, 60)]
    minutes = np.diff(bounds, axis=0)
    assert minutes.min() >= 0
    return by_pair(day, found.cells, minutes.sum(axis=0))


def by_pair(day: Day, cells: np.ndarray, counts: np.ndarray) -> pd.Series:
    cells_of = day.cells
    frame = pd.DataFrame(
        {
            name: np.array(cells_of.values[name])[cells_of.codes[name][cells]]
            for name in ("project", "country")
        }
    )
    summed = frame.assign(downloads=counts).groupby(["project", "country"])["downloads"].sum()
    return summed[summed > 0].astype(np.int64)


def stored_hours(store: Path, day: date) -> pd.DataFrame:
    return DuckDBStore(store).query(
        "SELECT hour(period) AS hour, project, country, downloads::BIGINT AS downloads "
        "FROM cube_hour_project_country WHERE period::DATE = $day",
        {"day": day},
    )


@cache
def finest(folder: Path, first_hour: int, hours: int) -> pd.DataFrame:
    """Downloads by minute and all dimensions, straight from the cells of some of today's hours."""
    day = Days(RECIPE, folder).day(TODAY)
    spikes = spikes_of(day, RECIPE.seed)
    parts = []
    for hour in range(first_hour, first_hour + hours):
        mine = [spike for spike in spikes if spike.hour == hour]
        found = hour_of_day(day, hour, RECIPE.seed, mine)
        minutes = np.diff([found.before(s) for s in range(0, SECONDS + 1, 60)], axis=0)
        minute, place = np.nonzero(minutes)
        parts.append(
            pd.DataFrame(
                {
                    name: np.array(day.cells.values[name])[day.cells.codes[name]][
                        found.cells[place]
                    ]
                    for name in DIMENSIONS
                }
                | {"minute": hour * 60 + minute, "downloads": minutes[minute, place]}
            )
        )
    return pd.concat(parts)


def satisfying(frame: pd.DataFrame, where: Where) -> pd.DataFrame:
    for condition in where:
        named = frame[condition.dimension].isin(condition.values)
        frame = frame[~named if condition.excluded else named]
    return frame


# The store's hours


def test_the_minutes_of_a_day_sum_to_the_hours_of_the_store(days: Days, sample_store: Path) -> None:
    day = days.day(YESTERDAY)
    stored = stored_hours(sample_store, YESTERDAY)
    assert sorted(stored["hour"].unique()) == list(range(24))
    for hour, rows in stored.groupby("hour"):
        expected = rows.set_index(["project", "country"])["downloads"].sort_index()
        found = hour_totals(day, int(hour), ()).sort_index()
        pd.testing.assert_series_equal(found, expected, check_names=False)


def test_spikes_come_on_top_of_the_stores_hours_and_stay_under_a_part_of_the_day(
    look: SampleLook, days: Days, sample_store: Path
) -> None:
    day = days.day(YESTERDAY)
    stored = stored_hours(sample_store, YESTERDAY)
    for spike_hour in range(24):
        span = Span(at(YESTERDAY, spike_hour), at(YESTERDAY, spike_hour) + HOUR)
        found = look.totals(span, ("project", "country")).set_index(["project", "country"])
        rows = stored[stored["hour"] == spike_hour].set_index(["project", "country"])
        extra = found["downloads"].sub(rows["downloads"], fill_value=0)
        expected: dict[tuple[str, str], int] = {}
        for spike in spikes_of(day, RECIPE.seed):
            if spike.hour == spike_hour:
                for pair, count in zip(spike.pairs, spike.counts, strict=True):
                    expected[named(day, pair)] = count
        assert extra[extra != 0].astype(int).to_dict() == expected
    whole = Span(at(YESTERDAY), at(TODAY))
    assert 1 < look.counted(whole) / stored["downloads"].sum() < 1.015


def named(day: Day, pair: int) -> tuple[str, str]:
    first = day.cells.starts[pair]
    project, country = (day.cells.codes[name][first] for name in ("project", "country"))
    return day.cells.values["project"][project], day.cells.values["country"][country]


def test_the_cells_of_a_day_sum_to_its_hours_by_package_and_country(days: Days) -> None:
    day = days.day(YESTERDAY)
    cells = np.add.reduceat(day.counts.astype(np.int64), day.cells.starts)
    assert (cells == day.hours[1:25].sum(axis=0)).all()


def test_the_cell_that_a_spike_falls_into_is_pip_on_linux_without_a_ci_flag(days: Days) -> None:
    cells = days.day(YESTERDAY).cells
    assert not cells.flagged[cells.starts].any()
    for name, value in (("installer", "pip"), ("system", "Linux")):
        found = np.array(cells.values[name])[cells.codes[name][cells.starts]]
        assert set(found) == {value}


# The same whoever asks


def rows_of(frame: pd.DataFrame) -> list[list[object]]:
    return [list(row) for row in frame.itertuples(index=False)]


def answers(feed: SampleFeed, backwards: bool = False) -> dict[str, object]:
    """A handful of answers of all kinds, in one order or the other."""
    look = feed.look()
    now = look.up_to
    minute = now.replace(second=0)
    last = Span(minute - 90 * MINUTE, minute)
    where = FILTERS["several"]
    asked: dict[str, Callable[[], object]] = {
        "minutes": lambda: look.series(last, MINUTE).tolist(),
        "a week ago": lambda: look.series(last.back(1), 5 * MINUTE, where).tolist(),
        "seconds": lambda: look.counted(Span(at(now.date()), now), where),
        "packages": lambda: rows_of(look.totals(last.back(4), ("project", "system"))),
        "latest": lambda: rows_of(look.latest(30).astype(str)),
        "options": lambda: look.options("country"),
        "version": lambda: look.version,
    }
    names = list(asked)[::-1] if backwards else list(asked)
    found = {name: asked[name]() for name in names}
    return {name: found[name] for name in sorted(found)}


def test_two_feeds_agree_whatever_order_they_are_asked_in(folder: Path) -> None:
    alone = feed_at(AFTERNOON, None)
    kept = feed_at(AFTERNOON, folder)
    assert answers(alone) == answers(kept, backwards=True)


def test_another_process_gives_the_same_answers(folder: Path) -> None:
    program = (
        "import json; from tests.unit.test_live_sample import *; "
        "print(json.dumps(answers(feed_at(AFTERNOON, None))))"
    )
    told = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "4711"},
        capture_output=True,
        check=True,
        text=True,
    )
    mine = answers(feed_at(AFTERNOON, folder))
    assert json.loads(told.stdout) == json.loads(json.dumps(mine))


def test_many_threads_share_one_simulation_and_get_the_same_numbers() -> None:
    shared = Days(RECIPE, None)
    feed = feed_at(AFTERNOON, None)
    with ThreadPoolExecutor(12) as pool:
        same = list(pool.map(lambda _: shared.day(TODAY), range(12)))
        found = list(pool.map(lambda _: answers(feed), range(12)))
    assert len({id(day) for day in same}) == 1
    assert all(answer == found[0] for answer in found)


def test_a_day_is_the_same_whichever_days_are_simulated_with_it(days: Days) -> None:
    alone = Days(RECIPE, None).day(YESTERDAY)
    among = days.day(YESTERDAY)
    assert (alone.counts == among.counts).all()
    assert (alone.hours == among.hours).all()
    assert (alone.versions[alone.version] == among.versions[among.version]).all()


def test_another_seed_gives_other_minutes() -> None:
    clock = Clock(AFTERNOON)
    span = Span(AFTERNOON.replace(minute=0, second=0, microsecond=0) - HOUR, at(TODAY, 14))
    mine, theirs = (
        SampleFeed(Recipe(seed, 3, None), clock, None).look().series(span, MINUTE)
        for seed in (1, 2)
    )
    assert (mine != theirs).mean() > 0.9


# Steps, totals and seconds


@pytest.mark.parametrize("where", FILTERS.values(), ids=FILTERS)
@pytest.mark.parametrize("minutes", [1, 5, 10, 60])
def test_series_are_the_sums_of_the_finest_counts(
    minutes: int, where: Where, look: SampleLook, folder: Path
) -> None:
    span = Span(at(TODAY, 11), at(TODAY, 14))
    found = look.series(span, minutes * MINUTE, where)
    frame = satisfying(finest(folder, 11, 3), where)
    summed = frame.groupby(frame["minute"] // minutes)["downloads"].sum()
    steps = range(11 * 60 // minutes, 14 * 60 // minutes)
    assert found.tolist() == summed.reindex(steps, fill_value=0).tolist()
    assert found.index[0] == pd.Timestamp("2026-11-22T11:00")
    assert (found.index.name, str(found.index.dtype)) == ("period", "datetime64[s]")
    assert found.index.tz is None


@pytest.mark.parametrize("where", FILTERS.values(), ids=FILTERS)
@pytest.mark.parametrize(
    "by", [(), *((name,) for name in DIMENSIONS), ("country", "project"), DIMENSIONS]
)
def test_totals_are_the_sums_of_the_finest_counts(
    by: tuple[str, ...], where: Where, look: SampleLook, folder: Path
) -> None:
    span = Span(at(TODAY, 11, 50), at(TODAY, 13, 5))
    frame = satisfying(finest(folder, 11, 3), where)
    frame = frame[(frame["minute"] >= 11 * 60 + 50) & (frame["minute"] < 13 * 60 + 5)]
    found = look.totals(span, by, where)
    assert list(found.columns) == [*by, "downloads"]
    assert found["downloads"].sum() == frame["downloads"].sum() == look.counted(span, where)
    if by and len(frame):
        summed = frame.groupby(list(by), as_index=False)["downloads"].sum()
        order = summed.sort_values(["downloads", *by], ascending=[False, *(True for _ in by)])
        pd.testing.assert_frame_equal(found, order.reset_index(drop=True), check_dtype=False)


def test_steps_may_begin_beside_the_clocks(look: SampleLook) -> None:
    span = Span(at(TODAY, 12, 53), at(TODAY, 13, 13))
    minutes = look.series(span, MINUTE)
    found = look.series(span, 10 * MINUTE)
    assert found.tolist() == minutes.to_numpy().reshape(2, 10).sum(axis=1).tolist()
    assert list(found.index) == list(minutes.index[::10])


@pytest.mark.parametrize("where", [NO_FILTER, FILTERS["several"]], ids=["none", "several"])
def test_seconds_never_fall_and_sum_to_their_minutes(where: Where, look: SampleLook) -> None:
    first = at(TODAY, 13, 58)
    moments = [first + timedelta(seconds=second) for second in range(241)]
    counts = [look.counted(Span(at(TODAY), moment), where) for moment in moments]
    steps = np.diff(counts)
    assert (steps >= 0).all()
    assert steps.sum() > 0
    minutes = look.series(Span(first, first + 4 * MINUTE), MINUTE, where)
    assert steps.reshape(4, 60).sum(axis=1).tolist() == minutes.tolist()


def test_the_world_is_the_same_as_the_packages(look: SampleLook) -> None:
    span = Span(at(TODAY, 12), at(TODAY, 13))
    assert look.scope == look.world == "24 simulated packages"
    assert look.world_counted(span) == look.counted(span)
    assert look.world_series(span, 5 * MINUTE).tolist() == look.series(span, 5 * MINUTE).tolist()


def test_options_come_with_the_most_downloaded_first(look: SampleLook) -> None:
    last = Span(at(TODAY, 13, 23), at(TODAY, 14, 23))
    for name in DIMENSIONS:
        assert look.options(name) == tuple(look.totals(last, (name,))[name])
    assert look.options("country")[0] == "US"
    assert set(look.options("project")) <= set(project_names())


@cache
def project_names() -> tuple[str, ...]:
    return tuple(found.package.name for found in simulations_of(RECIPE, TODAY))


# The clock


def test_a_look_says_that_it_knows_all_up_to_its_second(look: SampleLook) -> None:
    assert look.feed == "sample"
    assert look.looked_at == AFTERNOON
    assert look.up_to == look.settled_to == look.world_up_to == at(TODAY, 14, 23, 7)
    assert (look.trouble, tuple(look.notices), look.block_sample) == (None, (), None)


def test_looks_of_one_minute_have_one_version(folder: Path) -> None:
    clock = Clock(AFTERNOON)
    feed = SampleFeed(RECIPE, clock, folder)
    first = feed.look().version
    clock.now += timedelta(seconds=40)
    assert feed.look().version == first
    clock.now += timedelta(seconds=20)
    assert feed.look().version != first
    other = SampleFeed(Recipe(2, 1, None), Clock(AFTERNOON), None).look()
    assert other.version != first


def test_a_look_stays_the_same_after_the_clock_moved_on(folder: Path) -> None:
    clock = Clock(AFTERNOON)
    feed = SampleFeed(RECIPE, clock, folder)
    old = feed.look()
    hour = Span(at(TODAY, 14), at(TODAY, 15))
    before = (old.series(hour, MINUTE).tolist(), old.latest(5), old.version, old.up_to)
    clock.now += timedelta(days=1, hours=3)
    new = feed.look()
    assert np.isfinite(new.series(hour, MINUTE)).all()
    after = (old.series(hour, MINUTE).tolist(), old.latest(5), old.version, old.up_to)
    np.testing.assert_array_equal(before[0], after[0])
    pd.testing.assert_frame_equal(before[1], after[1])
    assert before[2:] == after[2:]


def test_what_is_still_to_come_is_not_known(look: SampleLook) -> None:
    hour = Span(at(TODAY, 14), at(TODAY, 15))
    minutes = look.series(hour, MINUTE)
    assert minutes.notna().tolist() == [True] * 23 + [False] * 37
    assert look.series(hour, 5 * MINUTE).notna().tolist() == [True] * 4 + [False] * 8
    assert look.series(Span(at(TODAY, 15), at(TODAY, 16)), 10 * MINUTE).isna().all()
    assert np.isfinite(look.counted(Span(hour.first, look.up_to)))
    assert np.isnan(look.counted(Span(hour.first, look.up_to + timedelta(seconds=1))))
    assert look.totals(hour, ())["downloads"].sum() == minutes.sum()
    assert look.totals(Span(at(TODAY, 15), at(TODAY, 16)), ("project",)).empty


def test_what_is_long_over_is_not_known(look: SampleLook) -> None:
    oldest = at(TODAY - timedelta(days=KEPT_DAYS))
    assert np.isfinite(look.counted(Span(oldest, oldest + MINUTE)))
    assert np.isnan(look.counted(Span(oldest - timedelta(seconds=1), oldest + MINUTE)))
    found = look.series(Span(oldest - 2 * MINUTE, oldest + MINUTE), MINUTE)
    assert found.notna().tolist() == [False, False, True]


@pytest.mark.parametrize("second", [0, 1])
def test_a_day_begins_at_nought(second: int, folder: Path) -> None:
    look = feed_at(at(TODAY, 0, 0, second), folder).look()
    today = look.counted(Span(at(TODAY), look.up_to))
    assert (today == 0) is (second == 0)
    around = Span(at(YESTERDAY, 23, 59, 30), look.up_to)
    assert look.counted(around) == today + look.counted(Span(around.first, at(TODAY)))
    last_hour = look.series(Span(at(YESTERDAY, 23), at(TODAY)), MINUTE)
    assert last_hour.notna().all()
    assert str(look.latest(3)["at"].max())[:16] == "2026-11-21 23:59"


@pytest.mark.parametrize("moment", [at(TODAY, 14), at(TODAY, 13, 59, 59), at(TODAY, 14, 0, 1)])
def test_looks_on_both_sides_of_an_hour_agree(moment: datetime, folder: Path) -> None:
    look = feed_at(moment, folder).look()
    later = feed_at(at(TODAY, 16), folder).look()
    span = Span(at(TODAY, 13, 50), moment)
    assert look.counted(span) == later.counted(span)
    minutes = Span(at(TODAY, 13, 50), moment.replace(second=0))
    assert look.series(minutes, MINUTE).tolist() == later.series(minutes, MINUTE).tolist()


def test_the_clock_may_tell_the_time_of_any_zone(folder: Path, look: SampleLook) -> None:
    elsewhere = AFTERNOON.astimezone(datetime(2026, 1, 1, tzinfo=UTC).astimezone().tzinfo)
    assert feed_at(elsewhere, folder).look().up_to == look.up_to
    assert feed_at(elsewhere, folder).look().version == look.version


# Single downloads


def test_the_latest_downloads_are_of_the_latest_whole_minute(look: SampleLook) -> None:
    found = look.latest(200)
    assert list(found.columns) == ["at", "project", "version", "country", "system", "installer"]
    assert len(found) == 200
    assert found["at"].is_monotonic_decreasing
    assert found["at"].min() >= pd.Timestamp("2026-11-22T14:22:00")
    assert found["at"].max() < pd.Timestamp("2026-11-22T14:23:00")
    assert found["at"].dt.second.nunique() > 30
    pd.testing.assert_frame_equal(found, look.latest(200))


def test_downloads_are_drawn_in_proportion_to_their_counts(look: SampleLook) -> None:
    """Within 2 points: the standard error of a share among 20,000 is under 0.4 points."""
    minute = Span(at(TODAY, 14, 22), at(TODAY, 14, 23))
    drawn = look.latest(20_000)
    for name in ("project", "country", "system", "installer"):
        totals = look.totals(minute, (name,)).set_index(name)["downloads"]
        shares = drawn[name].value_counts(normalize=True)
        assert (shares.sub(totals / totals.sum(), fill_value=0).abs() < 0.02).all()


def test_where_fewer_were_downloaded_than_asked_for_each_is_drawn_once(
    look: SampleLook,
) -> None:
    where = (Filter("project", ("numpy",)), Filter("country", ("BR",)))
    minute = Span(at(TODAY, 14, 22), at(TODAY, 14, 23))
    totals = look.totals(minute, ("system", "installer"), where)
    drawn = look.latest(1_000_000, where)
    counts = drawn.value_counts(["system", "installer"]).to_dict()
    assert counts == totals.set_index(["system", "installer"])["downloads"].to_dict()
    assert look.latest(10, FILTERS["nothing"]).empty


def test_versions_are_those_that_the_store_knows_of_the_day(
    folder: Path, sample_store: Path
) -> None:
    drawn = feed_at(at(TODAY), folder).look().latest(2000)
    stored = DuckDBStore(sample_store).query(
        "SELECT DISTINCT project, version FROM cube_day_project_version WHERE period = $day",
        {"day": YESTERDAY},
    )
    known = set(stored.itertuples(index=False, name=None))
    assert set(drawn[["project", "version"]].itertuples(index=False, name=None)) <= known


# What the minutes look like


def test_scheduled_jobs_start_on_the_hour_and_on_its_quarters(look: SampleLook) -> None:
    week = look.series(Span(at(TODAY) - WEEK, at(TODAY)), MINUTE)
    minutes = week.to_numpy().reshape(-1, 60).mean(axis=0)
    usual = np.median(minutes)
    for minute in (0, 15, 30, 45):
        assert minutes[minute] > 1.05 * usual
        assert minutes[minute] > max(minutes[minute - 1], minutes[minute + 3])
    assert minutes[0] > minutes[15] > max(minutes[30], minutes[45])


def test_working_hours_follow_the_sun(look: SampleLook) -> None:
    """The hour with most downloads on the median of five working days, which no spike moves."""
    workdays = Span(at(date(2026, 11, 16)), at(YESTERDAY))
    peaks = {}
    for country in ("IN", "DE", "US"):
        hours = look.series(workdays, HOUR, (Filter("country", (country,)),)).to_numpy()
        peaks[country] = int(np.median(hours.reshape(5, 24), axis=0).argmax())
    assert 6 <= peaks["IN"] < peaks["DE"] < peaks["US"]


def test_neighboring_hours_join_without_a_step(days: Days) -> None:
    """Within 1 percent, which the damping of small counts leaves; bursts and noise aside."""
    day, after = days.day(YESTERDAY), days.day(TODAY)
    assert (day.hours[25] == after.hours[1]).all()
    assert (day.hours[24] == after.hours[0]).all()
    empty = np.empty((0, 61))
    large = day.hours[1:25].min(axis=0) > 1000
    for hour in range(23):
        here = courses(day.cells, 1, hour, day.hours[hour : hour + 3], empty)
        there = courses(day.cells, 1, hour + 1, day.hours[hour + 1 : hour + 4], empty)
        end = day.hours[hour + 1] * (1 + here.lean[1])
        start = day.hours[hour + 2] * (1 + there.lean[0])
        assert np.allclose(end[large], start[large], rtol=0.01)


def test_large_packages_come_in_more_evenly_than_small_ones(look: SampleLook) -> None:
    span = Span(at(TODAY, 12), at(TODAY, 14))
    totals = look.totals(span, ("project",))["project"]

    def spread(name: str) -> float:
        minutes = look.series(span, MINUTE, (Filter("project", (name,)),)).to_numpy()
        quiet = minutes.reshape(2, 60)[:, 3:14]
        return float((quiet.std(axis=1) / quiet.mean(axis=1)).mean())

    assert spread(totals.iloc[0]) < 0.05
    assert spread(totals.iloc[0]) < spread(totals.iloc[-1])


# Spikes


def test_a_spike_appears_in_the_totals_under_its_package_and_country(
    look: SampleLook, days: Days
) -> None:
    day = days.day(YESTERDAY)
    spikes = spikes_of(day, RECIPE.seed)
    assert spikes
    for spike in spikes:
        project, country = named(day, spike.pairs[0])
        where = (Filter("project", (project,)), Filter("country", (country,)))
        begin = at(YESTERDAY, spike.hour, spike.first)
        found = look.totals(Span(begin, begin + spike.length * MINUTE), ("project", "country"))
        mine = found[(found["project"] == project) & (found["country"] == country)]
        quiet = by_pair_in(day, spike)
        assert int(mine["downloads"].iloc[0]) == quiet.get((project, country), 0) + spike.counts[0]
        assert look.totals(Span(begin, begin + MINUTE), ("system",), where)["system"].iloc[0]


def by_pair_in(day: Day, spike: Spike) -> dict[tuple[str, str], int]:
    """The usual downloads by project and country in the minutes of a spike."""
    hour = hour_of_day(day, spike.hour, RECIPE.seed, ())
    begin, end = spike.first * 60, (spike.first + spike.length) * 60
    return by_pair(day, hour.cells, hour.before(end) - hour.before(begin)).to_dict()


def test_spikes_come_every_few_hours_are_short_and_stay_within_their_hour(days: Days) -> None:
    """Of 30 days: one spike in two to three hours is 240 to 360, and the standard error is 13."""
    wanted = [TODAY - timedelta(days=back) for back in range(30)]
    found = {day: spikes_of(day, RECIPE.seed) for day in Days(RECIPE, None).all_of(wanted)}
    spikes = [spike for of_day in found.values() for spike in of_day]
    assert 230 < len(spikes) < 350
    large = 0
    for day, of_day in found.items():
        total = int(day.counts.sum())
        assert sum(sum(spike.counts) for spike in of_day) < 0.015 * total
        for spike in of_day:
            assert 6 <= spike.length <= 25
            assert spike.first + spike.length <= 60
            assert spike.parts()[0] == 0
            assert spike.parts()[-1] == 1
            assert (np.diff(spike.parts()) >= 0).all()
            height = 2 * sum(spike.counts) / spike.length
            usual = day.hours[spike.hour + 1].sum() / 60
            assert height < 0.201 * usual
            assert named(day, spike.pairs[0])[1] != "unknown"
            assert height < 0.041 * usual or height > 0.049 * usual
            large += height > 0.045 * usual
    assert 0.4 * len(spikes) < large < 0.6 * len(spikes)


# Files


def test_building_a_sample_keeps_the_days_that_the_page_will_want(sample_store: Path) -> None:
    tomorrow = TODAY + timedelta(days=1)
    wanted = {day.isoformat() for day in days_around(YESTERDAY, TODAY, tomorrow)}
    kept = folder_beside(sample_store)
    assert {path.name[:10] for path in kept.glob("????-??-??-*.npz")} == wanted
    assert len(wanted) == 3 * (EARLIER_WEEKS + 1)


def torn(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flipped(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 255
    path.write_bytes(bytes(content))


def of_another_recipe(path: Path) -> None:
    with np.load(path) as arrays:
        np.savez(path, **{**arrays, "key": np.array("another")})


def of_other_cells(path: Path) -> None:
    with np.load(path) as arrays:
        np.savez(path, **{**arrays, "counts": arrays["counts"][:-1]})


def foreign(path: Path) -> None:
    path.write_text("nothing that numpy could read")


def emptied(path: Path) -> None:
    path.write_bytes(b"")


OF_ANY_FILE = (torn, flipped, of_another_recipe, foreign, emptied, Path.unlink)


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        *(("cells", damage) for damage in OF_ANY_FILE),
        *((TODAY.isoformat(), damage) for damage in (*OF_ANY_FILE, of_other_cells)),
    ],
)
def test_a_damaged_file_is_made_anew(
    name: str, damage: Callable[[Path], None], folder: Path, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    shutil.copytree(folder, kept)
    (path,) = kept.glob(f"{name}-*.npz")
    sound = path.read_bytes()
    damage(path)
    broken = Days(RECIPE, kept).day(TODAY)
    expected = Days(RECIPE, folder).day(TODAY)
    assert (broken.counts == expected.counts).all()
    assert (broken.hours == expected.hours).all()
    assert path.read_bytes() == sound


def test_a_folder_that_cannot_be_written_is_done_without(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "kept").write_text("a file where the folder should be")
    recipe = Recipe(1, 2, None)
    with caplog.at_level(logging.WARNING):
        keep_days(
            tmp_path / "kept", recipe, YESTERDAY, lambda: simulations_of(recipe, TODAY + WEEK)
        )
    assert "cannot be kept" in caplog.text
    feed = SampleFeed(recipe, Clock(AFTERNOON), tmp_path / "kept")
    assert feed.look().counted(Span(at(TODAY), at(TODAY, 14))) > 0


def test_days_that_are_long_over_are_deleted(tmp_path: Path) -> None:
    recipe, other = Recipe(1, 1, None), Recipe(2, 1, None)
    old, recent = TODAY - timedelta(days=KEPT_DAYS + 1), TODAY - timedelta(days=KEPT_DAYS)
    Days(other, tmp_path).day(old)
    Days(recipe, tmp_path).all_of([old, recent])
    (tmp_path / "notes.txt").write_text("not ours")
    left_behind = tmp_path / "killed.arriving"
    left_behind.write_bytes(b"half")
    os.utime(left_behind, (0, 0))
    Days(recipe, tmp_path).day(TODAY)
    found = {path.name.split("-" + Days(recipe, None).key)[0] for path in tmp_path.iterdir()}
    assert found == {"cells", recent.isoformat(), TODAY.isoformat(), "notes.txt"}


def test_kept_days_are_not_simulated_again(folder: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    shutil.copytree(folder, kept)
    before = {path: path.stat().st_mtime_ns for path in kept.iterdir()}
    counting = Counting(Days(RECIPE, kept))
    counting.prepare(int(at(YESTERDAY).timestamp()), int(at(TODAY, 14).timestamp()))
    assert {path: path.stat().st_mtime_ns for path in kept.iterdir()} == before


# Opening


def test_a_feed_is_opened_by_the_note_of_a_store(sample_store: Path, look: SampleLook) -> None:
    note = DuckDBStore(sample_store).note(NOTE) or ""
    opened = open_sample_feed(note, Clock(AFTERNOON), sample_store).look()
    assert opened.version == look.version
    span = Span(at(TODAY, 13), at(TODAY, 14))
    assert opened.counted(span) == look.counted(span)


def test_without_a_sample_the_reader_is_told_what_to_do(sample_store: Path) -> None:
    with pytest.raises(FeedNotReady, match="python -m lib sample"):
        open_sample_feed("", Clock(AFTERNOON), sample_store)


@pytest.mark.parametrize("change", [{"complete": False}, {"model_version": MODEL_VERSION - 1}])
def test_a_sample_that_is_not_whole_is_not_replayed(
    change: dict[str, object], sample_store: Path
) -> None:
    note = json.loads(DuckDBStore(sample_store).note(NOTE) or "")
    with pytest.raises(FeedNotReady, match="still being built"):
        open_sample_feed(json.dumps({**note, **change}), Clock(AFTERNOON), sample_store)
