"""The Rankings page: what a reader does there, without a browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.rankings.choice import Show
from lib.rankings_page.controls import key
from tests.pages.conftest import OpenPage
from tests.pages.test_historical import query, texts


def names(app: AppTest) -> list[str]:
    """The packages of the list, in its order."""
    return list(app.dataframe[0].value["Package"])


def press(app: AppTest, label: str) -> None:
    next(button for button in app.button if button.label.startswith(label)).click().run()


def test_the_first_thing_told_is_who_leads_with_what_share_of_what(
    open_page: OpenPage, sample_store: Path
) -> None:
    app = open_page("rankings.py", sample_store)
    assert not app.exception
    sentence = next(text.value for text in app.markdown if text.value.startswith("### "))
    said = sentence.replace("\\", "").replace("\u202f", " ")
    assert said.startswith(f"### {names(app)[0]} leads with ")
    assert "of the downloads of all 24 packages held in the 30 days to 21 Nov 2026" in said
    assert query(app) == {}


@pytest.mark.parametrize("show", list(Show))
def test_every_list_has_a_sentence_and_a_rule_or_says_what_to_try(
    open_page: OpenPage, sample_store: Path, show: Show
) -> None:
    app = open_page("rankings.py", sample_store, show=str(show))
    assert not app.exception
    assert not app.error
    assert any(text.value.startswith("### ") for text in app.markdown)
    assert app.dataframe or any(button.label.startswith("Rank ") for button in app.button)
    assert show is Show.TOP or "Rule: " in texts(app).replace("\\", "")


def test_a_choice_is_in_the_address_and_an_address_is_a_choice(
    open_page: OpenPage, sample_store: Path
) -> None:
    app = open_page("rankings.py", sample_store)
    app.multiselect(key=key("country")).set_value(["DE"]).run()
    app.selectbox(key=key("group")).set_value("Dataframes").run()
    app.text_input(key=key("search")).set_value("PA").run()
    asked = {"country": ["DE"], "group": ["Dataframes"], "search": ["PA"]}
    assert query(app) == asked
    assert all("pa" in name for name in names(app))
    again = open_page("rankings.py", sample_store, **asked)
    assert names(again) == names(app)
    assert "the group Dataframes from Germany" in texts(again).replace("\\", "")
    assert query(again) == asked


def test_reset_ranks_what_is_ranked_at_first(open_page: OpenPage, sample_store: Path) -> None:
    app = open_page("rankings.py", sample_store, show="hot", period="7d", country="DE", search="x")
    press(app, "Reset")
    assert query(app) == {}
    assert app.title[0].value == "Top packages"
    assert len(names(app)) == 24


def test_a_search_is_of_text_and_says_that_nothing_is_found(
    open_page: OpenPage, sample_store: Path
) -> None:
    app = open_page("rankings.py", sample_store, search=".*<b>")
    assert not app.dataframe
    assert "No name in this list" in texts(app)
    app.text_input(key=key("search")).set_value("num").run()
    assert names(app) == ["numpy"]


def test_days_across_a_break_are_said_to_be_and_one_click_takes_either_side(
    open_page: OpenPage, sample_store: Path
) -> None:
    app = open_page("rankings.py", sample_store, period="2026-08-01..2026-09-30")
    assert "not counted alike" in app.warning[0].value
    press(app, "Only 24 Aug")
    assert query(app)["period"] == ["2026-08-24..2026-09-30"]
    assert not app.warning
    assert "across a break of the record" in texts(app)
    before = open_page("rankings.py", sample_store, period="2026-08-01..2026-09-30")
    press(before, "Only 1 Aug")
    assert query(before)["period"] == ["2026-08-01..2026-08-23"]


def test_too_few_days_for_an_interval_offer_more(open_page: OpenPage, sample_store: Path) -> None:
    app = open_page("rankings.py", sample_store, show="hot", period="1d")
    assert "two weeks of each period" in texts(app)
    press(app, "Rank 30 days")
    assert query(app) == {"show": ["hot"]}


def test_a_combination_that_is_not_held_offers_what_is(
    open_page: OpenPage, sample_store: Path
) -> None:
    app = open_page("rankings.py", sample_store, period="2030-01-01..2030-01-31")
    assert app.info
    press(app, "Rank ")
    assert app.dataframe
    filtered = open_page(
        "rankings.py", sample_store, country="DE", system="Linux", period="2025-08-01..2025-08-31"
    )
    press(filtered, "Without the filter on System")
    assert query(filtered) == {"country": ["DE"], "period": ["2025-08-01..2025-08-31"]}
    assert filtered.dataframe


def test_what_an_address_asks_in_vain_is_told(open_page: OpenPage, sample_store: Path) -> None:
    app = open_page(
        "rankings.py", sample_store, group="<b>none</b>", country="XX", period="90d", show="best"
    )
    said = app.warning[0].value.replace("\\", "")
    for part in ("group=<b>none</b> (no such group", "country=XX (not held", "period=90d", "show="):
        assert part in said
    assert len(names(app)) == 24


def test_an_own_group_is_ranked_and_reported_on(open_page: OpenPage, sample_store: Path) -> None:
    app = open_page(
        "rankings.py", sample_store, own="Mine:numpy,requests,not-held-here", group="Mine"
    )
    assert not app.exception
    said = texts(app).replace("\\", "")
    assert "the group Mine" in said
    assert "Of this group not held: not-held-here" in said
    assert query(app)["group"] == ["Mine"]


def test_a_store_of_months_is_ranked_by_months(open_page: OpenPage, monthly_store: Path) -> None:
    app = open_page("rankings.py", monthly_store)
    assert query(app) == {"period": ["month"]}
    assert names(app) == ["seaborn", "plotly"]
    assert "Dec 2025" in texts(app)
    assert list(app.dataframe[0].value["Moved"]) == ["=", "="]


def test_the_files_of_the_sample_are_called_simulated(
    open_page: OpenPage, sample_store: Path
) -> None:
    app = open_page("rankings.py", sample_store)
    charts = [chart.proto.config for chart in app.get("plotly_chart")]
    assert charts
    assert all("simulated-rankings-2026-10-23-2026-11-21" in config for config in charts)
