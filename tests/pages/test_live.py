"""The Live page without a browser: its controls, its address, its pause, and a feed that fails."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Multiselect

from tests.pages.conftest import OpenPage

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


def test_a_store_of_files_says_that_nothing_is_downloaded_there(
    open_page: OpenPage, monthly_store: Path
) -> None:
    app = open_page("live.py", monthly_store)
    assert not app.exception
    assert "PULSE_LIVE" in app.info[0].value
    assert not app.metric
