"""The Questions page: what a reader does there, without a browser."""

from __future__ import annotations

import json
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
def test_every_question_answers_or_says_what_is_missing_and_its_link_gives_that_again(
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
    again = open_page("questions.py", sample_store, **query(app))
    assert query(again) == query(app)
    assert [title.value for title in again.title] == [title.value for title in app.title]


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
    assert "This question needs downloads by day × package" in said
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


def test_packages_of_which_none_is_held_are_not_answered_for_all_others(
    open_page: OpenPage, sample_store: Path
) -> None:
    app = open_page("questions.py", sample_store, q="weekly-dip", packages="nunpy")
    assert "None of the packages asked about is held" in texts(app)
    assert not app.title
    next(button for button in app.button if button.label == "numpy").click().run()
    assert "numpy" in app.title[0].value


def test_days_that_are_too_few_are_told_with_a_way_to_all_days(
    open_page: OpenPage, sample_store: Path
) -> None:
    app = open_page(
        "questions.py", sample_store, q="technology-trends", period="2026-11-20..2026-11-20"
    )
    assert not app.exception
    assert "No whole month lies in the days asked about" in texts(app).replace("\\", "")
    everything = next(button for button in app.button if button.label == "Ask about all days held")
    everything.click().run()
    assert app.title
    assert not query(app)["period"][0].startswith("2026-11-20")


def test_days_that_are_not_held_are_no_reason_to_import(
    open_page: OpenPage, sample_store: Path
) -> None:
    app = open_page("questions.py", sample_store, q="rate", period="2030-01-01..2030-02-01")
    assert any(button.label.startswith("Ask about") for button in app.button)
    assert "lib import" not in texts(app).replace("\\", "")


def test_a_set_that_is_too_few_is_told(open_page: OpenPage, sample_store: Path) -> None:
    app = open_page("questions.py", sample_store, q="framework", set=["Mine:torch", "Bad"])
    said = texts(app).replace("\\", "")
    assert "set=Bad (no such group" in said
    assert "set=Mine (this question takes 2 sets or more)" in said


def test_shares_in_the_table_are_written_as_in_the_sentence(
    open_page: OpenPage, sample_store: Path
) -> None:
    app = open_page("questions.py", sample_store, q="top-packages")
    columns = json.loads(app.dataframe[0].proto.columns)
    assert columns["Share"]["type_config"]["format"] == "percent"
    assert columns["Downloads"]["type_config"]["format"] == "%,d"


def test_percent_signs_stay_with_their_numbers(open_page: OpenPage, sample_store: Path) -> None:
    app = open_page("questions.py", sample_store, q="weekly-dip")
    assert "95 %" not in texts(app)
    assert "95\u202f%" in texts(app)


def test_words_with_markup_are_shown_as_they_were_typed(
    open_page: OpenPage, sample_store: Path
) -> None:
    app = open_page("questions.py", sample_store, ask="zzz[boo] :red[x]" + " qqq" * 60)
    badges = [each.value for each in app.markdown if "-badge[" in each.value]
    assert any("zzz(boo" in badge.replace("\\", "") for badge in badges)
    assert all(badge.count("[") == 1 and len(badge) < 200 for badge in badges)
