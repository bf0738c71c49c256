"""Every page, by a table: its file, its heading, and the widgets that it must have."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib.stores.duckdb import StoreWriter
from tests.pages.conftest import ROOT, OpenPage

PAGES = [
    ("overview.py", "How Python packages are downloaded", {"metric": 4}),
    (
        "historical.py",
        "Downloads of all packages",
        {"metric": 4, "multiselect": 8, "selectbox": 1, "button_group": 6},
    ),
    (
        "live.py",
        "Being downloaded now",
        {"metric": 4, "multiselect": 3, "selectbox": 2, "plotly_chart": 5, "deck_gl_json_chart": 1},
    ),
    ("package.py", "Package", {"selectbox": 2, "page_link": 24}),
    (
        "rankings.py",
        "Top packages",
        {"button_group": 3, "selectbox": 1, "multiselect": 2, "text_input": 1, "plotly_chart": 2},
    ),
    ("questions.py", "Questions", {"text_input": 1, "page_link": 24}),
    ("data.py", "Data", {"metric": 4}),
]

ABOUT_THE_STORE = [file for file, _, _ in PAGES if file != "live.py"]
"""The pages that show what a store holds; the Live page shows what a feed gives."""

HOSTILE = [
    {"packages": "<script>alert(1)</script>"},
    {"packages": ["numpy"] * 200},
    {"packages": "numpy'; DROP TABLE cube_day_project; --"},
    {"packages": "no-such-package"},
    {"packages": ["numpy", "nunpy"]},
    {"period": "2026-02-30..2026-01-01"},
    {"period": "2016-01-01..2016-01-02"},
    {"period": "2099-01-01..2099-12-31"},
    {"period": "2026-11-21..2026-11-21"},
    {"grain": "decade"},
    {"grain": "hour", "period": "all"},
    {"country": "XX"},
    {"country": ["DE", "../../etc/passwd"]},
    {"python": "3.9\x00"},
    {"system": "Linux", "python": "3.12", "country": "US", "period": "all"},
    {"version": "1.0.0"},
    {"counting": "everyone"},
    {"counting": "mirrors", "view": "share"},
    {"view": "3d", "split": "__class__", "shape": "{}", "measure": "%s"},
    {"view": "indexed", "period": "30d"},
    {"view": "mean", "grain": "hour", "period": "2026-11-20..2026-11-21"},
    {"split": "version"},
    {"split": "project", "shape": "shares"},
    {"x" * 500: "y" * 5000},
]


@pytest.mark.parametrize(("file", "heading", "widgets"), PAGES)
def test_a_page_has_its_heading_and_its_widgets(
    open_page: OpenPage, sample_store: Path, file: str, heading: str, widgets: dict[str, int]
) -> None:
    app = open_page(file, sample_store)
    assert not app.exception
    assert not app.error
    assert app.title[0].value == heading
    for kind, least in widgets.items():
        assert len(app.get(kind)) >= least, kind


def test_every_page_is_in_the_table() -> None:
    assert {file for file, _, _ in PAGES} == {path.name for path in (ROOT / "pages").glob("*.py")}


@pytest.mark.parametrize("file", [file for file, _, _ in PAGES])
def test_a_page_of_the_sample_says_that_it_is_simulated(
    open_page: OpenPage, sample_store: Path, file: str
) -> None:
    app = open_page(file, sample_store)
    assert any("Simulated sample data" in text.value for text in app.markdown)


@pytest.mark.parametrize("file", [file for file, _, _ in PAGES])
def test_a_page_works_on_a_store_of_months(
    open_page: OpenPage, monthly_store: Path, file: str
) -> None:
    app = open_page(file, monthly_store)
    assert not app.exception
    assert not app.error
    assert not any("Simulated" in text.value for text in app.markdown)


@pytest.mark.parametrize("file", ABOUT_THE_STORE)
def test_a_page_works_on_a_store_of_several_files(
    open_page: OpenPage, mixed_store: Path, file: str
) -> None:
    app = open_page(file, mixed_store)
    assert not app.exception
    assert not app.error
    of_the_sample = next(widgets for name, _, widgets in PAGES if name == file)
    assert len(app.metric) >= of_the_sample.get("metric", 0) - 1


@pytest.mark.parametrize(
    ("parameters", "drawn"),
    [
        ({"packages": "seaborn"}, True),
        ({"packages": "bokeh"}, True),
        ({"packages": ["plotly", "bokeh"], "period": "all"}, True),
        ({"packages": "plotly", "python": "3.12", "period": "2025-01-01..2025-12-31"}, True),
        ({"packages": "plotly", "period": "2026-01-15..2026-01-15"}, True),
        ({"packages": "vispy"}, False),
        ({"packages": ["seaborn", "vispy"]}, False),
    ],
    ids=str,
)
def test_what_one_of_several_files_holds_is_drawn_and_the_rest_explained(
    open_page: OpenPage,
    mixed_store: Path,
    parameters: dict[str, str | list[str]],
    drawn: bool,
) -> None:
    app = open_page("historical.py", mixed_store, **parameters)
    assert not app.exception
    assert not app.error
    assert bool(app.get("plotly_chart")) == drawn
    assert drawn or app.info


@pytest.mark.parametrize("file", [file for file, _, _ in PAGES])
def test_an_empty_store_says_how_to_fill_it(open_page: OpenPage, tmp_path: Path, file: str) -> None:
    path = tmp_path / "pulse.duckdb"
    with StoreWriter(path):
        pass
    app = open_page(file, path)
    assert not app.exception
    assert "python -m lib import" in app.info[0].value


@pytest.mark.parametrize("parameters", HOSTILE, ids=str)
def test_a_hostile_address_gives_a_working_page(
    open_page: OpenPage, sample_store: Path, parameters: dict[str, str | list[str]]
) -> None:
    app = open_page("historical.py", sample_store, **parameters)
    assert not app.exception
    assert not app.error
    assert app.title[0].value.startswith("Downloads of")
    assert not any("<script" in element.value for element in app.markdown)


@pytest.mark.parametrize("file", [file for file, _, _ in PAGES])
def test_a_store_of_another_layout_is_said_and_not_thrown(
    open_page: OpenPage, tmp_path: Path, file: str
) -> None:
    broken = tmp_path / "pulse.duckdb"
    broken.write_bytes(b"no database")
    app = open_page(file, broken)
    assert not app.exception
    assert "PULSE_STORE" in app.error[0].value
