"""The cards of the Package page that tell a finding: each says it, or what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.cubes import ALL_DIMENSIONS, Cube, Grain
from lib.sidebar import key
from tests.conftest import YESTERDAY, raw_row
from tests.pages.conftest import OpenPage
from tests.pages.test_historical import query, texts
from tests.profile_stores import store_of

TITLES = {
    "versions": "Share of each feature version: numpy",
    "pythons": "Share of each Python version: numpy",
    "makeup": "What downloads are made of: numpy",
    "changed": "What changed last: numpy",
    "alike": "What moves like it: numpy",
}


def said(app: AppTest) -> str:
    """What the page says, without what Markdown needs to show it as it is."""
    return texts(app).replace("\\", "").replace("\u202f", " ")


def works(app: AppTest) -> bool:
    return not app.exception and not app.error


def store_by(
    path: Path, rows: list[Mapping[str, object]], *dimensions: str, grain: Grain = Grain.DAY
) -> Path:
    """A store of numpy by these dimensions, from BigQuery's rows."""
    days = [row["period"] for row in rows]
    cubes = [Cube(grain, ("project", *split)) for split in ((), *((name,) for name in dimensions))]
    store_of(
        path, rows, *cubes, first=min(days), last=max(days),  # type: ignore[type-var, arg-type]
        packages=("numpy",), source="bigquery",
    )  # fmt: skip
    return path


def test_each_card_tells_its_finding_of_what(open_page: OpenPage, sample_store: Path) -> None:
    app = open_page("package.py", sample_store, name="numpy")
    assert works(app)
    told = said(app)
    for title in TITLES.values():
        assert title in told
    for finding in (
        "of its first download, half of the downloads of numpy are of a new feature version",
        "can be dropped:",
        "under the 2 % chosen",
        "Of numpy's downloads,",
        "In Oct 2026, numpy had",
        "23 other packages",
        "have no known Python version",
        "What is not marked as CI may still be CI",
        "To move alike is no cause",
    ):
        assert finding in told
    assert "because" not in told


def test_the_threshold_is_in_the_address_and_answers(
    open_page: OpenPage, sample_store: Path
) -> None:
    app = open_page("package.py", sample_store, name="numpy", drop="5")
    assert app.session_state[key("drop")] == "5"
    assert "under the 5 % chosen" in said(app)
    assert query(app) == {"name": ["numpy"], "drop": ["5"]}
    app.segmented_control(key=key("drop")).set_value("10").run()
    assert "under the 10 % chosen" in said(app)
    assert query(app)["drop"] == ["10"]
    app.segmented_control(key=key("drop")).set_value("2").run()
    assert query(app) == {"name": ["numpy"]}


@pytest.mark.parametrize("drop", ["3", "<b>"])
def test_any_other_threshold_is_ignored_and_said_to_be(
    open_page: OpenPage, monthly_store: Path, drop: str
) -> None:
    app = open_page("package.py", monthly_store, name="plotly", drop=drop)
    assert works(app)
    assert "drop=" in said(app)
    assert query(app) == {"name": ["plotly"]}


def test_months_alone_say_what_is_missing_and_tell_the_change(
    open_page: OpenPage, monthly_store: Path
) -> None:
    app = open_page("package.py", monthly_store, name="seaborn")
    assert works(app)
    told = said(app)
    assert "In Dec 2025, seaborn had" in told
    for label in ("package version", "Python version", "system"):
        assert label.lower() in told.lower()
    assert "can be dropped" not in told


def test_a_package_without_downloads_has_cards_without_figures(
    open_page: OpenPage, mixed_store: Path
) -> None:
    app = open_page("package.py", mixed_store, name="vispy")
    assert works(app)
    assert "What changed last: vispy" in said(app)
    assert "surely" not in said(app)


def test_one_day_of_data_is_shown_and_tells_no_change(open_page: OpenPage, tmp_path: Path) -> None:
    rows = [
        raw_row(YESTERDAY, "numpy", 100, version="2.1.0", python="3.12", system="Linux"),
        raw_row(YESTERDAY, "numpy", 50, version="odd!", installer="pip"),
    ]
    path = store_by(tmp_path / "pulse.duckdb", rows, *ALL_DIMENSIONS[1:])
    app = open_page("package.py", path, name="numpy")
    assert works(app)
    told = said(app)
    assert "66.7 % come from Linux" in told
    assert "is needed to compare its parts" in told
    assert "No new feature version of numpy appeared" in told
    assert "fewer are held" in told


def test_a_million_downloads_from_one_country_on_one_day_move_no_card_to_a_cause(
    open_page: OpenPage, tmp_path: Path
) -> None:
    days = [YESTERDAY - timedelta(days=number) for number in range(80)]
    rows = [
        raw_row(day, "numpy", 1000 + day.toordinal() * 37 % 90, country=country, python="3.12")
        for day in days
        for country in ("DE", "US")
    ]
    rows.append(raw_row(date(2026, 10, 7), "numpy", 1_000_000, country="SG"))
    path = store_by(tmp_path / "pulse.duckdb", rows, "country", "python")
    app = open_page("package.py", path, name="numpy")
    assert works(app)
    told = said(app)
    assert "which is no sure change" in told
    assert "concentrated by" not in told
    assert "System" in told or "system" in told
