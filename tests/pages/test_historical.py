"""The Historical page: what a reader does there, without a browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.sidebar import key
from tests.pages.conftest import OpenPage


def texts(app: AppTest) -> str:
    """Everything that the page says in words."""
    kinds = (app.caption, app.info, app.warning, app.markdown, app.subheader)
    return "\n".join(element.value for kind in kinds for element in kind)


def query(app: AppTest) -> dict[str, list[str]]:
    """The address that the page has written."""
    return {
        name: [value] if isinstance(value, str) else list(value)
        for name, value in app.query_params.items()
    }


def test_a_link_restores_the_view(open_page: OpenPage, sample_store: Path) -> None:
    app = open_page(
        "historical.py", sample_store, packages=["torch", "tensorflow"], view="share",
        period="90d", country="DE", split="system",
    )  # fmt: skip
    assert app.title[0].value == "Downloads of torch and tensorflow"
    assert app.session_state[key("packages")] == ["torch", "tensorflow"]
    assert app.session_state[key("country")] == ["DE"]
    assert app.session_state[key("split")] == "system"
    assert "Share of the downloads" in texts(app)
    assert query(app)["packages"] == ["torch", "tensorflow"]


def test_what_the_reader_chooses_is_in_the_address(open_page: OpenPage, sample_store: Path) -> None:
    app = open_page("historical.py", sample_store)
    assert query(app) == {}
    app.multiselect(key=key("packages")).set_value(["numpy"]).run()
    app.multiselect(key=key("country")).set_value(["FR", "JP"]).run()
    assert query(app) == {"packages": ["numpy"], "country": ["FR", "JP"]}
    assert app.title[0].value == "Downloads of numpy"


def test_a_click_with_the_address_of_before_loses_no_choice(
    open_page: OpenPage, sample_store: Path
) -> None:
    app = open_page("historical.py", sample_store, packages="numpy")
    before = query(app)
    app.segmented_control(key=key("view")).set_value("share").run()
    app.query_params.clear()
    app.query_params["packages"] = before["packages"]
    app.segmented_control(key=key("period")).set_value("90d").run()
    assert query(app) == {"packages": ["numpy"], "period": ["90d"], "view": ["share"]}


def test_back_takes_the_last_choice_back(open_page: OpenPage, sample_store: Path) -> None:
    app = open_page("historical.py", sample_store, packages="numpy")
    app.segmented_control(key=key("period")).set_value("90d").run()
    assert query(app) == {"packages": ["numpy"], "period": ["90d"]}
    app.query_params.clear()
    app.query_params["packages"] = ["numpy"]
    app.run()
    assert query(app) == {"packages": ["numpy"]}
    assert app.session_state[key("period")] == "1y"


def test_reset_takes_everything_back(open_page: OpenPage, sample_store: Path) -> None:
    app = open_page("historical.py", sample_store, packages="numpy", period="30d", view="log")
    next(button for button in app.button if button.label == "Reset").click().run()
    assert query(app) == {}
    assert app.title[0].value == "Downloads of all packages"


def test_a_misspelled_name_is_mended_with_one_click(
    open_page: OpenPage, sample_store: Path
) -> None:
    app = open_page("historical.py", sample_store, packages="nunpy")
    assert "nunpy" in texts(app)
    assert not app.metric
    next(button for button in app.button if button.label == "numpy").click().run()
    assert app.title[0].value == "Downloads of numpy"
    assert app.metric


def test_what_is_left_out_is_printed(open_page: OpenPage, sample_store: Path) -> None:
    app = open_page("historical.py", sample_store, counting=["installers", "unknown"])
    assert "Left out: **" in texts(app)


def test_a_part_that_is_not_held_is_said_and_the_held_part_drawn(
    open_page: OpenPage, sample_store: Path
) -> None:
    app = open_page(
        "historical.py", sample_store, country="DE", python="3.12", period="1y", packages="numpy"
    )
    assert "held for these days only" in texts(app)
    assert app.get("plotly_chart")


def test_a_combination_that_is_not_held_says_the_way_on(
    open_page: OpenPage, sample_store: Path
) -> None:
    app = open_page("historical.py", sample_store, python="3.12", period="2026-01-01..2026-01-31",
                    country="DE")  # fmt: skip
    assert "held from" in texts(app)
    assert not app.get("plotly_chart")
    next(button for button in app.button if button.label.startswith("Show")).click().run()
    assert query(app)["period"] == ["2026-08-24..2026-11-21"]
    assert app.get("plotly_chart")


def test_a_filter_in_the_way_is_dropped_with_one_click(
    open_page: OpenPage, sample_store: Path
) -> None:
    app = open_page("historical.py", sample_store, python="3.12", period="2026-01-01..2026-01-31",
                    country="DE")  # fmt: skip
    label = "Without the filter on Country"
    next(button for button in app.button if button.label == label).click().run()
    assert query(app) == {"python": ["3.12"], "period": ["2026-01-01..2026-01-31"]}
    assert app.get("plotly_chart")


def test_a_change_across_a_break_is_not_computed(open_page: OpenPage, sample_store: Path) -> None:
    app = open_page("historical.py", sample_store, period="90d")
    assert app.metric[0].delta == ""
    assert "PyPI redefined a download" in app.metric[0].help


def test_months_say_why_nothing_finer_is_offered(open_page: OpenPage, monthly_store: Path) -> None:
    app = open_page("historical.py", monthly_store, grain="day", packages=["plotly", "seaborn"])
    assert "nothing finer can be shown" in texts(app)
    assert "weekdays and days cannot be told" in texts(app)
    assert app.session_state[key("grain")] == "auto"


@pytest.mark.parametrize("file", ["overview.py", "data.py"])
def test_the_selection_survives_a_visit_to_another_page(
    open_page: OpenPage, sample_store: Path, file: str
) -> None:
    app = open_page("historical.py", sample_store, packages="numpy", period="30d")
    app.query_params.clear()
    app.switch_page(f"pages/{file}").run()
    app.query_params.clear()
    app.switch_page("pages/historical.py").run()
    assert app.title[0].value == "Downloads of numpy"
    assert query(app) == {"packages": ["numpy"], "period": ["30d"]}


def test_a_group_is_compared_with_one_choice(open_page: OpenPage, sample_store: Path) -> None:
    app = open_page("historical.py", sample_store)
    app.selectbox(key="group").set_value("Deep learning").run()
    assert "torch" in app.session_state[key("packages")]
    assert app.session_state["group"] is None
    assert query(app)["packages"] == app.session_state[key("packages")]
