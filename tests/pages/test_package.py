"""The Package page: what a reader does there, without a browser."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.cubes import Cube, Grain
from lib.package_page import cards
from lib.router import NotHeld, Period
from lib.selection import Selection
from lib.sidebar import key
from tests.conftest import YESTERDAY, raw_row
from tests.pages.conftest import OpenPage
from tests.pages.test_historical import query, texts
from tests.profile_stores import store_of


def metrics(app: AppTest) -> dict[str, str]:
    return {str(each.label): str(each.value) for each in app.metric}


def click(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def works(app: AppTest) -> bool:
    return not app.exception and not app.error


def test_a_link_restores_the_package_with_period_and_filters(
    open_page: OpenPage, sample_store: Path
) -> None:
    app = open_page("package.py", sample_store, name="NumPy", period="90d", country="DE")
    assert works(app)
    assert app.title[0].value == "numpy"
    assert app.session_state[key("name")] == "numpy"
    assert app.session_state[key("period")] == "90d"
    assert "Only Country" in texts(app).replace("\\", "")
    assert query(app) == {"name": ["numpy"], "period": ["90d"], "country": ["DE"]}


def test_the_headline_has_day_week_month_and_all_held(
    open_page: OpenPage, sample_store: Path
) -> None:
    app = open_page("package.py", sample_store, name="numpy")
    assert {"Last day", "Last 7 days", "Last 30 days", "All held"} <= set(metrics(app))
    assert "provisional" in texts(app)
    assert "simulated sample data" in texts(app)
    ranks = [value for label, value in metrics(app).items() if label.startswith("Last whole")]
    assert ranks[0].startswith("#")
    assert any("of 24 packages held" in each.proto.delta_description for each in app.metric)


def test_another_package_is_one_choice_away_and_back_returns(
    open_page: OpenPage, sample_store: Path
) -> None:
    app = open_page("package.py", sample_store, name="numpy", period="90d")
    app.selectbox(key=key("name")).set_value("torch").run()
    assert app.title[0].value == "torch"
    assert query(app) == {"name": ["torch"], "period": ["90d"]}
    app.query_params["name"] = ["numpy"]
    app.run()
    assert app.title[0].value == "numpy"
    assert query(app) == {"name": ["numpy"], "period": ["90d"]}


@pytest.mark.parametrize("spelling", ["Typing_Extensions", "typing.extensions"])
def test_a_name_is_found_in_any_spelling(
    open_page: OpenPage, sample_store: Path, spelling: str
) -> None:
    app = open_page("package.py", sample_store, name=spelling)
    assert app.title[0].value.replace("\\", "") == "typing-extensions"
    assert query(app) == {"name": ["typing-extensions"]}


def test_the_search_box_of_the_start_leads_to_a_package(
    open_page: OpenPage, sample_store: Path
) -> None:
    app = open_page("package.py", sample_store)
    app.selectbox(key="package_search").set_value("numpy").run()
    assert app.title[0].value == "numpy"
    assert query(app) == {"name": ["numpy"]}


def test_a_misspelled_name_is_mended_with_one_click(
    open_page: OpenPage, sample_store: Path
) -> None:
    app = open_page("package.py", sample_store, name="nunpy")
    assert works(app)
    assert "No package **nunpy** is held" in texts(app)
    assert query(app) == {"name": ["nunpy"]}
    click(app, "numpy")
    assert query(app) == {"name": ["numpy"]}
    assert app.metric


@pytest.mark.parametrize(
    "name",
    ["<script>alert(1)</script>", "../../etc/passwd", "numpy'; DROP TABLE x", "x" * 5000, "\x00"],
    ids=["script", "path", "sql", "long", "null"],
)
def test_a_hostile_name_is_ignored_and_said(
    open_page: OpenPage, sample_store: Path, name: str
) -> None:
    app = open_page("package.py", sample_store, name=name)
    assert works(app)
    assert "no package name" in app.warning[0].value
    assert app.title[0].value == "Package"
    assert query(app) == {}
    assert not any("<script" in element.value for element in app.markdown)


def test_one_package_is_shown_of_several_named(open_page: OpenPage, sample_store: Path) -> None:
    app = open_page("package.py", sample_store, name=["numpy", "torch"])
    assert app.title[0].value == "numpy"
    assert "name=torch (one package at a time)" in app.warning[0].value.replace("\\", "")


def test_without_a_name_the_most_downloaded_and_the_groups_are_offered_with_their_numbers(
    open_page: OpenPage, sample_store: Path
) -> None:
    app = open_page("package.py", sample_store)
    links = {link.proto.label: link.proto for link in app.get("page_link")}
    assert len(links) >= 24
    first = next(iter(links))
    assert ":gray[" in first
    assert any(label.startswith("**Deep learning**") for label in links)
    assert links[first].query_string == f"name={first.partition(' ')[0]}"


def test_who_comes_by_the_menu_sees_the_first_package_chosen_elsewhere(
    open_page: OpenPage, sample_store: Path
) -> None:
    app = open_page("historical.py", sample_store, packages=["torch", "numpy"], period="90d")
    app.query_params.clear()
    app.switch_page("pages/package.py").run()
    assert app.title[0].value == "torch"
    assert query(app) == {"name": ["torch"], "period": ["90d"]}
    app.selectbox(key=key("name")).set_value("numpy").run()
    app.segmented_control(key=key("period")).set_value("30d").run()
    app.query_params.clear()
    app.switch_page("pages/historical.py").run()
    assert app.title[0].value == "Downloads of torch and numpy"
    assert query(app) == {"packages": ["torch", "numpy"], "period": ["30d"]}
    app.query_params.clear()
    app.switch_page("pages/package.py").run()
    assert app.title[0].value == "numpy"
    app.query_params.clear()
    app.switch_page("pages/historical.py").run()
    app.multiselect(key=key("packages")).set_value(["pandas"]).run()
    app.query_params.clear()
    app.switch_page("pages/package.py").run()
    assert app.title[0].value == "pandas"


def test_reset_keeps_the_package(open_page: OpenPage, sample_store: Path) -> None:
    app = open_page("package.py", sample_store, name="numpy", period="30d", country="DE")
    click(app, "Reset")
    assert query(app) == {"name": ["numpy"]}


def test_a_view_of_several_packages_is_shown_as_downloads(
    open_page: OpenPage, sample_store: Path
) -> None:
    app = open_page("package.py", sample_store, name="numpy", view="share")
    assert works(app)
    assert app.session_state[key("view")] == "absolute"
    app.segmented_control(key=key("view")).set_value("log").run()
    assert query(app) == {"name": ["numpy"], "view": ["log"]}


def test_months_have_month_and_year_and_say_what_they_cannot_tell(
    open_page: OpenPage, monthly_store: Path
) -> None:
    app = open_page("package.py", monthly_store, name="seaborn")
    assert works(app)
    found = metrics(app)
    assert found["Last month"] == "48.0\u202fk"
    assert found["Last 12 months"] == "444\u202fk"
    assert found["All held"] == "600\u202fk"
    assert found["Last whole month: Dec 2025"] == "#1"
    assert "weekdays and days cannot be told" in texts(app)


def test_a_package_without_downloads_says_so(open_page: OpenPage, mixed_store: Path) -> None:
    app = open_page("package.py", mixed_store, name="vispy")
    assert works(app)
    assert metrics(app)["All held"] == "0"
    assert "No downloads match" in texts(app)


def test_one_day_of_data_makes_a_page(open_page: OpenPage, tmp_path: Path) -> None:
    path = tmp_path / "pulse.duckdb"
    rows = [raw_row(YESTERDAY, "alpha", 1000), raw_row(YESTERDAY, "beta", 10)]
    store_of(
        path, rows, Cube(Grain.DAY, ("project",)), first=YESTERDAY, last=YESTERDAY,
        packages=("alpha", "beta"),
    )  # fmt: skip
    app = open_page("package.py", path, name="alpha")
    assert works(app)
    found = metrics(app)
    assert found["Last day"] == "1.00\u202fk"
    assert found["Last 7 days"] == "not held"
    assert found["Last 30 days: 21 Nov 2026"] == "#1"


def test_a_million_downloads_from_one_country_on_one_day_are_named_unusual(
    open_page: OpenPage, tmp_path: Path
) -> None:
    path = tmp_path / "pulse.duckdb"
    first, peak = YESTERDAY - timedelta(days=80), YESTERDAY - timedelta(days=20)
    days = [first + timedelta(days=passed) for passed in range(81)]
    rows = [
        raw_row(day, name, 1000 + 37 * day.day, country="DE")
        for day in days
        for name in ("alpha", "beta")
    ]
    rows.append(raw_row(peak, "alpha", 1_000_000, country="KI"))
    cubes = (Cube(Grain.DAY, ("project",)), Cube(Grain.DAY, ("project", "country")))
    store_of(path, rows, *cubes, first=first, last=YESTERDAY, packages=("alpha", "beta"))
    app = open_page("package.py", path, name="alpha", period="all")
    assert works(app)
    told = texts(app).replace("\\", "")
    assert "▼ Unusual days: 1 Nov 2026, up to " in told
    assert any(table.value.iloc[0, 0] == "Kiribati" for table in app.dataframe)


def test_a_card_that_cannot_be_drawn_hides_no_other(
    open_page: OpenPage, sample_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_context: object) -> None:
        raise NotHeld(Selection().query(Period(YESTERDAY, YESTERDAY)), None)

    monkeypatch.setattr(cards, "CARDS", (refuse, *cards.CARDS))
    app = open_page("package.py", sample_store, name="numpy")
    assert works(app)
    assert "not held for these packages" in texts(app).replace("\\", "")
    assert app.metric


@pytest.mark.parametrize("embed", ["1", "true", "True"])
def test_an_embedded_page_is_the_chart_alone(
    open_page: OpenPage, sample_store: Path, embed: str
) -> None:
    app = open_page("package.py", sample_store, name="numpy", period="90d", embed=embed)
    for _ in range(2):
        assert works(app)
        assert app.title[0].value == "Downloads of numpy"
        assert len(app.get("plotly_chart")) == 1
        assert not app.sidebar.children
        assert not app.metric
        assert "**simulated**" in texts(app)
        assert "24 Aug – 21 Nov 2026" in texts(app)
        assert query(app) == {"name": ["numpy"], "period": ["90d"], "embed": [embed]}
        app.run()


@pytest.mark.parametrize("parameters", [{}, {"name": "nunpy"}, {"name": "<b>"}], ids=str)
def test_an_embedded_page_without_a_package_says_so(
    open_page: OpenPage, sample_store: Path, parameters: dict[str, str]
) -> None:
    app = open_page("package.py", sample_store, embed="1", **parameters)
    assert works(app)
    assert not app.get("plotly_chart")
    assert not app.sidebar.children
    assert "names no package" in texts(app) or "is held" in texts(app)


def test_embed_that_is_not_asked_for_leaves_the_page_whole(
    open_page: OpenPage, sample_store: Path
) -> None:
    app = open_page("package.py", sample_store, name="numpy", embed="no")
    assert works(app)
    assert app.sidebar.selectbox


def test_badge_link_and_frame_are_offered(open_page: OpenPage, sample_store: Path) -> None:
    app = open_page("package.py", sample_store, name="numpy", period="90d")
    shown = "\n".join(element.value for element in app.code)
    assert "[![Downloads of numpy](numpy-downloads.svg)](" in shown
    assert "python -m lib badge numpy --period month" in shown
    assert "<iframe src=" in shown
    assert "name=numpy&amp;period=90d&amp;embed=true" in shown
