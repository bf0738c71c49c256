"""What the Live page says and draws of a look: titles, rises and their makers, the running list."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count, pairwise

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from lib.live import DIMENSIONS, Span, Trouble
from lib.live.bigquery.counting import Count, aged, next_count, with_answer
from lib.live.bigquery.known import Known
from lib.live.bigquery.look import BigQueryLook
from lib.live.bigquery.minutes import Minutes
from lib.live.bigquery.readings import Reading, Readings, World
from lib.live.watch import Watch, Window
from lib.live_charts import Mark, rate_chart, share_bars
from lib.live_page.headline import duration
from lib.live_page.packages import risers_told, top_packages
from lib.live_page.places import country_rates
from lib.live_page.rate import told_rate
from lib.live_page.running import ROWS, shown
from lib.live_page.scene import Scene, filter_words, floored, only, scene_of, times
from lib.theme import DARK, LIGHT
from tests.recorded_look import NOON, RecordedLook, minute_row

MINUTE = timedelta(minutes=1)


def steady(
    *, weeks: int = 5, minutes: int = 90, extra: dict[int, dict[str, object]] | None = None
) -> pd.DataFrame:
    """Three packages with steady downloads before noon of this and earlier weeks.

    `extra` adds to this week's minutes, counted back from noon, a row each.
    """
    noise = np.random.default_rng(4)
    rows = []
    for week in range(weeks):
        for back in range(minutes):
            minute = NOON.replace(second=0) - timedelta(weeks=week) - (back + 1) * MINUTE
            for name, level in (("boto3", 3000), ("numpy", 1000), ("flask", 200)):
                for country, share in (("US", 0.7), ("DE", 0.3)):
                    downloads = int(noise.poisson(level * share))
                    rows.append(minute_row(minute, downloads, project=name, country=country))
    for back, values in (extra or {}).items():
        minute = NOON.replace(second=0) - (back + 1) * MINUTE
        rows.append(minute_row(minute, int(values.pop("downloads")), **values))
    return pd.DataFrame(rows)


def risen() -> pd.DataFrame:
    """Steady minutes in which numpy rises in Singapore for the last ten."""
    return steady(
        extra={b: {"downloads": 2500, "project": "numpy", "country": "SG"} for b in range(10)}
    )


def scene(rows: pd.DataFrame, watch: Watch | None = None, **look: object) -> Scene:
    return scene_of(RecordedLook(rows, **look), watch or Watch(), LIGHT)


def test_a_steady_rate_is_called_usual_and_nothing_is_marked() -> None:
    told = told_rate(scene(steady()))
    assert told.title.endswith("a second, as usual at this time")
    assert not told.figure.layout.shapes
    assert len(told.notes) == 1


def test_a_rise_is_named_by_the_package_and_country_that_made_it() -> None:
    told = told_rate(scene(risen()))
    assert " above usual since 11:50 UTC" in told.title
    assert "mostly numpy, and that mostly from Singapore" in told.notes[0]
    marked = [note.text for note in told.figure.layout.annotations]
    assert any("▲ numpy, Singapore" in text for text in marked)


def test_a_rise_outside_the_filters_is_not_seen() -> None:
    told = told_rate(scene(risen(), Watch(country=("US",))))
    assert told.title.endswith("as usual at this time")


def test_without_earlier_weeks_the_usual_is_said_not_to_be_known() -> None:
    told = told_rate(scene(steady(weeks=1), known_from=NOON - timedelta(days=2)))
    assert told.title.endswith("what is usual is not known yet")
    assert "Usual range" not in [trace.name for trace in told.figure.data]


def test_minutes_that_are_not_known_are_a_gap_and_no_fall() -> None:
    told = told_rate(scene(steady(), known_from=NOON.replace(second=0) - 30 * MINUTE))
    now = next(trace for trace in told.figure.data if trace.name == "Downloads")
    assert np.isnan(np.array(now.y, dtype=float)).sum() == 30


def test_where_nothing_is_known_no_figure_is_drawn() -> None:
    told = told_rate(scene(steady(), known_from=NOON))
    assert told.figure is None


def test_the_same_version_is_drawn_once_for_every_viewer_and_another_version_anew() -> None:
    first, second = scene(steady(), version="a"), scene(steady(), version="a")
    assert told_rate(first).figure is told_rate(second).figure
    assert told_rate(scene(steady(), version="b")).figure is not told_rate(first).figure


def test_minutes_that_may_still_grow_are_neither_unusual_nor_ranked() -> None:
    class Unsettled(RecordedLook):
        @property
        def settled_to(self) -> datetime:
            return NOON.replace(second=0) - 10 * MINUTE

    rows = steady()
    late = rows["minute"] >= NOON.replace(second=0) - 10 * MINUTE
    rows.loc[late, "downloads"] //= 2
    look = Unsettled(rows, world="all of PyPI")
    filtered = scene_of(look, Watch(country=("US", "DE")), LIGHT)
    told = told_rate(filtered)
    assert told.title.endswith("as usual at this time")
    assert "Still coming in" in [trace.name for trace in told.figure.data]
    assert filtered.now.after == NOON.replace(second=0) - 10 * MINUTE
    assert risers_told(filtered).empty


def test_a_choice_that_does_not_concern_a_card_leaves_it_the_same() -> None:
    look = RecordedLook(steady())
    one = scene_of(look, Watch(package="numpy", window=Window.DAY), LIGHT)
    other = scene_of(look, Watch(package="flask", window=Window.HOUR), LIGHT)
    assert only(one) == only(other)
    assert only(one, "package") != only(other, "package")


def test_minutes_are_old_where_the_feed_fails_or_half_an_hour_has_passed() -> None:
    trouble = Trouble("No answer.", NOON)

    class Behind(RecordedLook):
        @property
        def up_to(self) -> datetime:
            return NOON - timedelta(minutes=31)

    rows = steady(minutes=1)
    assert not scene(rows).is_old and not scene(rows).is_rate_old
    assert scene(rows, trouble=trouble).is_old
    assert not scene(rows, trouble=trouble).is_rate_old
    assert scene(rows, world_trouble=trouble).is_rate_old
    assert not scene(rows, world_trouble=trouble).is_old
    assert scene_of(Behind(rows), Watch(), LIGHT).is_old
    assert scene_of(Behind(rows), Watch(country=("US",)), LIGHT).is_rate_old


def test_a_stage_has_more_contrast() -> None:
    assert scene(steady(), Watch(present=True)).theme.muted == LIGHT.text


def test_top_packages_move_by_what_was_an_hour_ago() -> None:
    rows = steady(
        minutes=90,
        extra={b: {"downloads": 9000, "project": "flask", "country": "US"} for b in range(15)},
    )
    frame = top_packages(scene(rows))
    assert list(frame["project"]) == ["flask", "boto3", "numpy"]
    assert list(frame["moved"]) == ["▲ 2", "▼ 1", "▼ 1"]
    assert frame["share"].sum() == pytest.approx(1)


def test_a_package_that_was_not_there_an_hour_ago_is_new() -> None:
    rows = steady(extra={b: {"downloads": 9, "project": "newcomer"} for b in range(15)})
    frame = top_packages(scene(rows)).set_index("project")
    assert frame.loc["newcomer", "moved"] == "new"


def test_a_riser_is_told_with_where_it_mostly_comes_from() -> None:
    frame = risers_told(scene(risen()))
    assert list(frame["project"]) == ["numpy"]
    assert list(frame["from"]) == ["Singapore"]


def test_the_running_list_plays_the_last_minute_again_from_its_first_to_its_last() -> None:
    minute = pd.Timestamp("2026-11-23T11:59:00")
    rows = pd.DataFrame({"at": [minute + pd.Timedelta(seconds=s / 2) for s in range(119, -1, -1)]})
    seen = []
    for second in range(60):
        look = RecordedLook(steady(minutes=1), looked_at=NOON.replace(second=second))
        seen.append(shown(rows, look)["at"])
    assert all(len(times) == ROWS for times in seen)
    assert seen[0].min() == rows["at"].min()
    assert seen[-1].max() == rows["at"].max()
    assert all(one.max() < later.max() for one, later in pairwise(seen))


def test_few_downloads_are_all_listed_at_any_second() -> None:
    rows = pd.DataFrame({"at": [pd.Timestamp("2026-11-23T11:59:30")] * 3})
    for second in (0, 30, 59):
        look = RecordedLook(steady(minutes=1), looked_at=NOON.replace(second=second))
        assert len(shown(rows, look)) == 3


def test_an_older_minute_is_listed_as_it_is() -> None:
    minute = pd.Timestamp("2026-11-23T11:40:00")
    rows = pd.DataFrame({"at": [minute] * 20})

    class Late(RecordedLook):
        @property
        def up_to(self) -> datetime:
            return NOON - timedelta(minutes=8)

    assert len(shown(rows, Late(steady(minutes=1)))) == ROWS


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0\u202fs"),
        (-3, "0\u202fs"),
        (59.9, "59\u202fs"),
        (125, "2\u202fmin 5\u202fs"),
        (3600, "1\u202fh"),
        (93_784, "1\u202fd 2\u202fh"),
    ],
)
def test_a_lag_is_told_in_its_two_greatest_units(seconds: float, text: str) -> None:
    assert duration(timedelta(seconds=seconds)) == text


def test_a_window_ends_with_the_last_whole_step() -> None:
    at = datetime(2026, 11, 23, 0, 7, 59, tzinfo=UTC)
    assert floored(at, MINUTE) == at.replace(second=0)
    assert floored(at, 10 * MINUTE) == at.replace(minute=0, second=0)
    look = RecordedLook(steady(minutes=1), looked_at=at)
    window = scene_of(look, Watch(window=Window.DAY), LIGHT).window
    assert window == Span(
        at.replace(minute=0, second=0) - timedelta(days=1), at.replace(minute=0, second=0)
    )


def test_filters_are_told_in_words() -> None:
    watch = Watch(group="Plotting", country=("DE", "unknown"), system=("Linux",))
    assert filter_words(watch) == "Plotting · Country: Germany, Unknown · System: Linux"
    assert filter_words(Watch()) == ""


def test_a_hostile_value_is_text_in_every_figure() -> None:
    hostile = "<b onload=alert(1)>x</b>"
    frame = pd.DataFrame({"installer": [hostile], "downloads": [5], "share": [1.0]})
    bars = share_bars(frame, "installer", DARK)
    assert not any(hostile in note.text for note in bars.layout.annotations)
    index = pd.DatetimeIndex(["2026-11-23T11:00", "2026-11-23T11:01"], name="period")
    band = pd.DataFrame(dict.fromkeys(("downloads", "usual", "low", "high"), 5.0), index=index)
    mark = Mark(NOON, NOON + MINUTE, hostile, above=True)
    figure = rate_chart(band, MINUTE, [mark], DARK, "", settled_to=NOON)
    assert not any(hostile in note.text for note in figure.layout.annotations)


def test_minutes_that_may_still_grow_are_dotted_and_joined_to_the_others() -> None:
    index = pd.date_range("2026-11-23T11:00", periods=10, freq="min", name="period")
    band = pd.DataFrame(dict.fromkeys(("downloads", "usual", "low", "high"), 60.0), index=index)
    settled = datetime(2026, 11, 23, 11, 7, tzinfo=UTC)
    figure = rate_chart(band, MINUTE, [], LIGHT, "", settled_to=settled)
    lines = {trace.name: trace for trace in figure.data}
    assert np.isnan(lines["Downloads"].y[7:]).all() and not np.isnan(lines["Downloads"].y[:7]).any()
    assert lines["Still coming in"].line.dash == "dot"
    assert list(np.isnan(lines["Still coming in"].y)) == [True] * 6 + [False] * 4


def test_ranks_of_an_hour_that_is_not_known_are_not_called_new() -> None:
    rows = steady(minutes=30)
    frame = top_packages(scene(rows, known_from=NOON - timedelta(minutes=40)))
    assert set(frame["moved"]) == {"–"}


def test_the_country_of_a_rise_is_that_of_the_package_that_made_it() -> None:
    rises = [("numpy", "SG", 900), ("numpy", "US", 1100), ("flask", "SG", 1600)]
    rows = pd.concat(
        [steady()]
        + [
            pd.DataFrame(
                minute_row(NOON.replace(second=0) - b * MINUTE, n, project=p, country=c)
                for b in range(1, 11)
            )
            for p, c, n in rises
        ]
    )
    note = told_rate(scene(rows)).notes[0]
    assert "mostly numpy, and that mostly from United States" in note


def test_times_name_their_day_where_it_is_not_that_of_the_look() -> None:
    look = RecordedLook(steady(minutes=1))
    hour = Span(NOON.replace(hour=9, second=0), NOON.replace(hour=10, second=0))
    assert times(hour, look) == "09:30 to 10:30 UTC".replace(":30", ":00")
    yesterday = Span(hour.first - timedelta(days=1), hour.after - timedelta(days=1))
    assert times(yesterday, look) == "22 Nov 2026, 09:00 to 10:00 UTC"


class TestBigQuery:
    """What the page makes of a look of the real feed, in the states that it comes in."""

    def test_where_only_the_free_counter_is_read_no_packages_are_counted(self) -> None:
        seen = scene_of(bigquery_look(Minutes(())), Watch(), LIGHT)
        assert not seen.is_counted
        assert told_rate(seen).title.startswith("1.00\u202fk a second")

    def test_a_watch_list_that_is_not_counted_yet_is_not_told_as_none(self) -> None:
        assert not scene_of(bigquery_look(Minutes(("numpy",))), Watch(), LIGHT).is_counted

    def test_what_is_not_kept_of_earlier_weeks_is_not_known_and_not_zero(self) -> None:
        minutes = Minutes(("numpy",))
        for weeks in range(4, -1, -1):
            now = NOON.replace(second=0) - timedelta(weeks=weeks)
            for back in (timedelta(hours=3), timedelta()):
                count = next_count(minutes, now - back)
                minutes = with_answer(minutes, count, numpy_minutes(count), now - back)
        minutes = aged(minutes, NOON)
        seen = scene_of(bigquery_look(minutes), Watch(), LIGHT)
        assert seen.is_counted
        assert len(seen.known_weeks(seen.now, "project", ())) == 4
        assert seen.known_weeks(seen.now, "country", ()) == ()
        assert country_rates(seen)["usual"].isna().all()
        filtered = scene_of(bigquery_look(minutes), Watch(country=("US",)), LIGHT)
        assert risers_told(filtered).empty


def bigquery_look(minutes: Minutes) -> BigQueryLook:
    """A look at noon; all of PyPI loads a thousand rows a second."""
    created = NOON - timedelta(days=100)
    readings = Readings()
    for back in range(100, -1, -2):
        at = NOON - back * MINUTE
        readings = readings.after(Reading(int((at - created).total_seconds()) * 1000, at, created))
    known = Known(minutes, World(readings))
    scope = f"{len(minutes.packages)} packages watched"
    return BigQueryLook(f"{next(_versions)}", NOON, scope, None, None, (), known)


_versions = count(1)


def numpy_minutes(asked: Count) -> pa.Table:
    """What BigQuery answers where numpy has a hundred downloads from the US in every minute."""
    starts = pd.date_range(asked.since.replace(second=0), asked.until, freq="min", inclusive="left")
    frame = pd.DataFrame({"minute": starts, "downloads": 100, "newest": starts})
    values = dict(zip(DIMENSIONS, ("numpy", "US", "Linux", "3.12", "pip"), strict=True))
    return pa.Table.from_pandas(frame.assign(**values, version=""), preserve_index=False)
