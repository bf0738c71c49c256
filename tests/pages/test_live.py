"""The Live page without a browser: its controls, its address, its pause, and a feed that fails."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from math import nan
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Multiselect

from lib.errors import FeedNotReady, PulseError
from lib.live import BlockSample, Look, Span, Trouble, Where, naive
from lib.progress import Progress, fetch_progress
from lib.sources.sample import build_sample
from tests.conftest import YESTERDAY
from tests.pages.conftest import OpenPage
from tests.recorded_look import NOON, RecordedLook, minute_row

HOSTILE = [
    {"group": "<script>alert(1)</script>"},
    {"country": ["DE", "../../etc/passwd", "<b>"]},
    {"system": "Linux\x00"},
    {"installer": ["pip"] * 500},
    {"window": "forever", "pace": "1ms"},
    {"package": "no-such-package"},
    {"package": "'; DROP TABLE cube_day_project; --"},
    {"present": "yes"},
    {"present": ["1", "0"]},
    {"x" * 500: "y" * 5000},
]


def metric(app: AppTest, label: str) -> str:
    return next(str(found.value) for found in app.metric if found.label == label)


def filter_on(app: AppTest, label: str) -> Multiselect:
    """The widget that filters by a dimension."""
    return next(box for box in app.multiselect if box.label == label)


def asked(app: AppTest, name: str) -> str:
    """The one value of a parameter of the address."""
    value = app.query_params[name]
    return value if isinstance(value, str) else ",".join(value)


def test_the_page_answers_the_four_questions_at_first_sight(
    open_page: OpenPage, sample_store: Path
) -> None:
    app = open_page("live.py", sample_store)
    assert not app.exception
    assert float(metric(app, "Downloads a second").replace(",", "")) > 0
    assert float(metric(app, "Downloads today so far").replace(",", "")) > 0
    assert 0 < int(metric(app, "Packages being downloaded")) <= 24
    top = metric(app, "On top now")
    headings = [heading.value for heading in app.subheader]
    assert any(heading.startswith(top.replace("-", "\\-")) for heading in headings)
    assert len(app.get("deck_gl_json_chart")) == 1


def test_how_fresh_the_figures_are_is_always_said(open_page: OpenPage, sample_store: Path) -> None:
    app = open_page("live.py", sample_store)
    assert any(
        "Simulated downloads up to **12:00:00** UTC, lag 0" in text.value for text in app.markdown
    )


def test_a_link_restores_what_is_watched(open_page: OpenPage, sample_store: Path) -> None:
    app = open_page(
        "live.py", sample_store, country=["DE", "FR"], window="24h", pace="15s", package="numpy"
    )
    assert filter_on(app, "Country").value == ["DE", "FR"]
    assert next(box.value for box in app.selectbox if box.label == "Package") == "numpy"
    assert any("Only Country" in text.value.replace("\\", "") for text in app.markdown)
    assert any(text.value.startswith("numpy by country") for text in app.subheader)


def test_filters_apply_at_once_and_stand_in_the_address(
    open_page: OpenPage, sample_store: Path
) -> None:
    app = open_page("live.py", sample_store)
    before = metric(app, "Downloads a second")
    filter_on(app, "Country").set_value(["DE"]).run()
    assert not app.exception
    assert asked(app, "country") == "DE"
    after = metric(app, "Downloads a second")
    assert 0 < float(after.replace(",", "")) < float(before.replace(",", ""))


def test_reset_watches_everything_again(open_page: OpenPage, sample_store: Path) -> None:
    app = open_page("live.py", sample_store, country="DE", system="Linux", pace="60s")
    next(button for button in app.button if button.label == "Reset").click().run()
    assert filter_on(app, "Country").value == []
    assert not app.query_params


def test_pausing_is_said_and_going_on_takes_the_pace_of_before(
    open_page: OpenPage, sample_store: Path
) -> None:
    app = open_page("live.py", sample_store, pace="15s")
    app.button(key="live_pause").click().run()
    assert asked(app, "paused") == "1"
    assert any("paused" in text.value for text in app.markdown)
    app.button(key="live_pause").click().run()
    assert asked(app, "pace") == "15s"
    assert "paused" not in app.query_params


def test_while_paused_the_figures_stay_though_the_clock_goes_on(
    open_page: OpenPage, sample_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page("live.py", sample_store, paused="1")
    before = metric(app, "Downloads today so far")
    monkeypatch.setenv("PULSE_NOW", "2026-11-22T13:30:00")
    app.run()
    assert metric(app, "Downloads today so far") == before
    app.button(key="live_pause").click().run()
    assert metric(app, "Downloads today so far") != before


def test_presenter_mode_has_no_sidebar_and_can_be_left(
    open_page: OpenPage, sample_store: Path
) -> None:
    app = open_page("live.py", sample_store, present="1", country="DE")
    assert not app.sidebar.multiselect
    assert app.button(key="live_present").label == "Leave"
    app.button(key="live_present").click().run()
    assert app.sidebar.multiselect
    assert asked(app, "country") == "DE"
    assert "present" not in app.query_params


@pytest.mark.parametrize("parameters", HOSTILE, ids=str)
def test_a_hostile_address_gives_a_working_page(
    open_page: OpenPage, sample_store: Path, parameters: dict[str, str | list[str]]
) -> None:
    app = open_page("live.py", sample_store, **parameters)
    assert not app.exception
    assert not app.error
    assert app.metric
    assert not any("<script" in element.value for element in app.markdown)


@dataclass
class RecordedFeed:
    """A feed that gives the looks it was made with, one after the other, and then the last."""

    looks: list[Look]

    def look(self) -> Look:
        return self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]


def open_with(
    open_page: OpenPage,
    monkeypatch: pytest.MonkeyPatch,
    store: Path,
    *looks: RecordedLook,
    **asked: str,
) -> AppTest:
    """The page with a feed of these looks."""
    feed = RecordedFeed(list(looks))
    monkeypatch.setattr("lib.live_page.feeds.shared_feed", lambda settings: feed)
    return open_page("live.py", store, **asked)


def minutes(*, weeks: int = 5) -> pd.DataFrame:
    """An hour of one package, and the same hour of earlier weeks."""
    noon = NOON.replace(second=0)
    return pd.DataFrame(
        minute_row(noon - timedelta(weeks=week, minutes=back), 600 + back % 7)
        for week in range(weeks)
        for back in range(1, 91)
    )


def test_a_feed_that_fails_says_why_and_shows_its_last_good_minutes_in_gray(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, sample_store: Path
) -> None:
    trouble = Trouble("BigQuery does not answer: `timeout`.", NOON + timedelta(seconds=90))
    look = RecordedLook(minutes(), feed="bigquery", trouble=trouble, world_trouble=trouble)
    app = open_with(open_page, monkeypatch, sample_store, look)
    assert not app.exception
    assert "does not answer" in app.warning[0].value
    assert "Trying again" in app.warning[0].value
    assert len(app.warning) == 1
    assert not any("Simulated" in text.value for text in app.markdown)


def test_where_only_the_free_counter_is_read_there_are_no_empty_cards(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, sample_store: Path
) -> None:
    class OnlyCounter(RecordedLook):
        """As the real feed answers where nothing may be spent: no packages, all of PyPI."""

        def options(self, dimension: str) -> tuple[str, ...]:
            return ()

        def counted(self, span: Span, where: Where = ()) -> float:
            return nan

        def world_counted(self, span: Span) -> float:
            return super().counted(span)

        def world_series(self, span: Span, step: timedelta) -> pd.Series:
            starts = pd.date_range(naive(span.first), naive(span.after), freq=step)[:-1]
            return pd.Series(600.0, index=starts.as_unit("s"))

    look = OnlyCounter(
        minutes(),
        feed="bigquery",
        scope="no packages counted",
        world="all of PyPI",
        notices=("No packages are counted. Set `PULSE_FETCH_FROM_APP=yes` to have them counted.",),
    )
    app = open_with(open_page, monkeypatch, sample_store, look, country="DE")
    assert not app.exception
    assert [found.label for found in app.metric] == [
        "Downloads a second",
        "Downloads today so far",
    ]
    assert "no packages are counted" in app.warning[0].value
    assert len(app.get("plotly_chart")) == 1
    assert not app.get("deck_gl_json_chart")
    assert "PULSE_FETCH_FROM_APP" in app.info[0].value
    assert not app.sidebar.multiselect


def test_a_block_sample_is_shown_as_one(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, sample_store: Path
) -> None:
    frame = pd.DataFrame(
        {
            "dimension": ["country", "country", "system"],
            "value": ["US", "unknown", "Linux"],
            "downloads": [70, 30, 100],
        }
    )
    sample = BlockSample(frame, 100, 0.1, NOON)
    look = RecordedLook(minutes(), feed="bigquery", block_sample=sample)
    app = open_with(open_page, monkeypatch, sample_store, look)
    assert not app.exception
    assert any("block sample of 0\\.1" in heading.value for heading in app.subheader)
    assert any("error of a share is not known" in text.value for text in app.caption)


def test_an_error_of_a_later_look_is_said_in_a_sentence(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, sample_store: Path
) -> None:
    class Failing(RecordedFeed):
        def look(self) -> Look:
            if len(self.looks) == 1:
                raise PulseError("The feed cannot be read.")
            return super().look()

    feed = Failing([RecordedLook(minutes()), RecordedLook(minutes())])
    monkeypatch.setattr("lib.live_page.feeds.shared_feed", lambda settings: feed)
    app = open_page("live.py", sample_store)
    assert not app.exception
    assert app.error[0].value == "The feed cannot be read."


def test_a_feed_that_is_not_ready_says_what_is_awaited(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, sample_store: Path
) -> None:
    class NotReady:
        def look(self) -> Look:
            raise FeedNotReady("Asking BigQuery for the first reading.")

    monkeypatch.setattr("lib.live_page.feeds.shared_feed", lambda settings: NotReady())
    app = open_page("live.py", sample_store)
    assert not app.exception
    assert "first reading" in app.info[0].value
    assert not app.metric


def test_a_group_that_the_feed_does_not_hold_is_told_and_not_dropped_in_silence(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, sample_store: Path
) -> None:
    look = RecordedLook(minutes())
    app = open_with(open_page, monkeypatch, sample_store, look, group="Data apps")
    assert not app.exception
    assert "Data apps \\(not watched\\)" in app.warning[0].value
    assert not app.query_params


def test_a_failed_fetch_is_said_on_the_page_too(open_page: OpenPage, tmp_path: Path) -> None:
    store = tmp_path / "pulse.duckdb"
    build_sample(store, YESTERDAY, days=40, packages=3, progress=lambda fraction, text: None)
    fetch_progress(store).write(Progress(1.0, "The fetch failed.", failed=True))
    app = open_page("live.py", store)
    assert not app.exception
    assert not app.get("alert") or app.metric
    assert app.metric


def test_a_store_of_files_says_that_nothing_is_downloaded_there(
    open_page: OpenPage, monthly_store: Path
) -> None:
    app = open_page("live.py", monthly_store)
    assert not app.exception
    assert "PULSE_LIVE" in app.info[0].value
    assert not app.metric
