"""The Questions page: what a reader does there, without a browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.questions.registry import questions
from lib.questions_page.parameters import key
from tests.pages.conftest import OpenPage
from tests.pages.test_historical import query, texts


def test_the_catalog_links_to_every_question(open_page: OpenPage, sample_store: Path) -> None:
    app = open_page("questions.py", sample_store)
    assert not app.exception
    assert app.title[0].value == "Questions"
    linked = {link.label.strip("*").replace("\\", "") for link in app.get("page_link")}
    assert {question.prompt for question in questions().values()} <= linked


@pytest.mark.parametrize("name", questions())
def test_every_question_answers_or_says_what_is_missing(
    open_page: OpenPage, sample_store: Path, name: str
) -> None:
    app = open_page("questions.py", sample_store, q=name)
    assert not app.exception
    assert not app.error
    assert query(app)["q"] == [name]
    assert ".." in query(app)["period"][0]
    if app.title:
        assert "simulated" in texts(app)
        assert app.get("plotly_chart")
        assert app.code
    else:
        assert app.info


def test_a_finding_keeps_its_days_and_offers_the_latest(
    open_page: OpenPage, sample_store: Path
) -> None:
    app = open_page(
        "questions.py", sample_store, q="rate-over-time", period="2026-01-01..2026-01-31",
        packages="numpy",
    )  # fmt: skip
    assert query(app)["period"] == ["2026-01-01..2026-01-31"]
    assert "numpy" in app.title[0].value
    latest = next(button for button in app.button if button.label.startswith("Run for the latest"))
    latest.click().run()
    assert query(app)["period"] == ["2026-10-22..2026-11-21"]
    assert not any(button.label.startswith("Run for the latest") for button in app.button)


def test_another_package_changes_sentence_and_address(
    open_page: OpenPage, sample_store: Path
) -> None:
    app = open_page("questions.py", sample_store, q="rate-over-time", packages="numpy")
    app.multiselect(key=key("packages")).set_value(["torch"]).run()
    assert query(app)["packages"] == ["torch"]
    assert "torch" in app.title[0].value


def test_another_question_is_asked_about_the_same_packages(
    open_page: OpenPage, sample_store: Path
) -> None:
    app = open_page("questions.py", sample_store, q="rate-over-time", packages="numpy")
    app.selectbox(key="question_picked").set_value("weekly-dip").run()
    assert query(app)["q"] == ["weekly-dip"]
    assert query(app)["packages"] == ["numpy"]


def test_a_question_that_is_not_in_the_catalog_is_told(
    open_page: OpenPage, sample_store: Path
) -> None:
    app = open_page("questions.py", sample_store, q="<b>nonsense</b>")
    assert "no such question" in texts(app).replace("\\", "")
    assert app.title[0].value == "Questions"


def test_a_package_that_is_not_held_is_told_with_a_way_on(
    open_page: OpenPage, sample_store: Path
) -> None:
    app = open_page("questions.py", sample_store, q="rate-over-time", packages=["nunpy", "torch"])
    assert "nunpy" in texts(app)
    next(button for button in app.button if button.label == "numpy").click().run()
    assert query(app)["packages"] == ["numpy", "torch"]


def test_a_cube_that_is_missing_is_named_with_ways_to_get_it(
    open_page: OpenPage, monthly_store: Path
) -> None:
    app = open_page("questions.py", monthly_store, q="weekly-dip")
    said = texts(app).replace("\\", "")
    assert "This question needs day × package" in said
    assert "python -m lib import" in said
    assert not app.title


def reset(app: AppTest) -> None:
    next(button for button in app.button if button.label == "Reset").click().run()


def test_reset_asks_what_the_question_asks_at_first(
    open_page: OpenPage, sample_store: Path
) -> None:
    app = open_page(
        "questions.py", sample_store, q="rate-over-time", packages="numpy",
        period="2026-01-01..2026-01-31", country="DE",
    )  # fmt: skip
    reset(app)
    assert set(query(app)) == {"q", "period"}
