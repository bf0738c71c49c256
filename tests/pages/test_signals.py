"""Signals on the pages: dropped, understood, kept, drawn beside the downloads, and edited."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import parse_qs

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from lib.data import Downloads
from lib.holdings.term_editing import own_terms
from lib.questions.registry import questions
from lib.sidebar import key
from lib.signals import Signal
from lib.signals.kept import keep, keep_terms
from lib.stores.duckdb import DuckDBStore, StoreWriter
from tests.logins import ADMIN, VIEWER
from tests.pages.conftest import OpenPage
from tests.unit.test_signals_kept import made

HOSTILE = "<script>alert(1)</script> [x](javascript:alert(1))"


def texts(app: AppTest) -> str:
    """Everything that the page says in words."""
    kinds = (app.caption, app.info, app.warning, app.success, app.error, app.markdown)
    return "\n".join(element.value for kind in (*kinds, app.subheader) for element in kind)


def export(*terms: str, weeks: int = 60) -> bytes:
    """An export of Google Trends, as the browser of a reader gives it."""
    first = date(2025, 9, 28)
    header = ",".join(f'"{term}: (Worldwide)"' for term in terms)
    lines = [
        ",".join(
            [str(first + timedelta(weeks=i)), *(str(20 + (i + n) % 50) for n in range(len(terms)))]
        )
        for i in range(weeks)
    ]
    return f"Category: All categories\n\nWeek,{header}\n{chr(10).join(lines)}\n".encode()


def drop(app: AppTest, *files: tuple[str, bytes]) -> AppTest:
    app.file_uploader[0].set_value([(name, content, "text/csv") for name, content in files])
    return app.run()


def links(app: AppTest) -> dict[str, str]:
    """Where each link of the page leads, by its label."""
    return {one.proto.label: one.proto.query_string for one in app.get("page_link")}


def pressed(app: AppTest, label: str) -> AppTest:
    return next(one for one in app.button if one.label == label).click().run()


@pytest.fixture
def own_store(sample_store: Path, tmp_path: Path) -> Path:
    """A copy of the sample that a test may write."""
    return Path(shutil.copyfile(sample_store, tmp_path / "pulse.duckdb"))


def test_a_file_is_shown_kept_and_linked(open_page: OpenPage, own_store: Path) -> None:
    before = own_store.read_bytes()
    app = drop(open_page("data.py", own_store), ("multiTimeline.csv", export("polars", "numpy")))
    assert not app.exception
    assert "search terms polars, numpy, Worldwide: 60 weeks" in texts(app).replace("\\", "")
    assert own_store.read_bytes() == before

    pressed(app, "Keep")
    assert not app.exception
    assert "Kept: Google Trends: polars, Google Trends: numpy" in texts(app).replace("\\", "")
    held = Downloads(DuckDBStore(own_store)).signal(Signal.GOOGLE_TRENDS, "polars")
    assert held is not None
    assert not held.simulated
    assert len(held.frame) == 60 or len(held.frame) == 59
    assert not app.file_uploader[0].value
    found = links(app)
    overlay = found["See Google Trends\\: polars beside the downloads of polars"]
    assert "packages=polars" in overlay
    assert "signals=google-trends" in overlay
    question = parse_qs(found["Does interest lead or follow?"])
    assert question["q"][0] in questions()


def test_a_term_that_no_package_is_known_by_is_asked_for(
    open_page: OpenPage, own_store: Path
) -> None:
    app = drop(open_page("data.py", own_store), ("trends.csv", export("panda frames")))
    asked = next(one for one in app.selectbox if "panda frames" in one.label)
    asked.set_value("pandas").run()
    pressed(app, "Keep")
    found = Downloads(DuckDBStore(own_store))
    assert found.own_terms() == {("pandas", Signal.GOOGLE_TRENDS): "panda frames"}
    app = open_page("historical.py", own_store, packages="pandas", signals="google-trends")
    assert "Google Trends: panda frames" in texts(app).replace("\\", "")
    assert not app.exception


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"Category: All categories\n\nRegion,polars: (1/2/20 - 1/2/21)\nGermany,3\n", "map"),
        (b"date,project,downloads\n2026-01-01,numpy,5\n", "neither Google Trends"),
        (b"\x00\x01", "no text"),
        (b"", "neither Google Trends"),
    ],
    ids=["map", "downloads", "binary", "empty"],
)
def test_a_file_of_another_shape_is_refused_and_nothing_kept(
    open_page: OpenPage, sample_store: Path, content: bytes, why: str
) -> None:
    before = sample_store.stat()
    app = drop(open_page("data.py", sample_store), ("a.csv", content), ("b.csv", export("polars")))
    assert not app.exception
    assert len(app.error) == 1
    assert why in app.error[0].value
    assert not [one for one in app.button if one.label == "Keep"]
    assert sample_store.stat() == before


def test_hostile_terms_and_names_are_text(open_page: OpenPage, own_store: Path) -> None:
    app = drop(open_page("data.py", own_store), (f"{HOSTILE}.csv", export(HOSTILE)))
    assert not app.exception
    assert HOSTILE not in texts(app)
    assert "](javascript" not in texts(app)
    pressed(app, "Keep")
    assert not app.exception
    assert "](javascript" not in texts(app)
    keep_terms(own_store, {("numpy", Signal.GOOGLE_TRENDS): HOSTILE})
    app = open_page("historical.py", own_store, packages="numpy", signals="google-trends")
    assert not app.exception
    assert app.get("plotly_chart")
    assert HOSTILE not in texts(app)


def test_a_store_that_is_being_written_says_so(open_page: OpenPage, own_store: Path) -> None:
    app = drop(open_page("data.py", own_store), ("trends.csv", export("polars")))
    with StoreWriter(own_store):
        pressed(app, "Keep")
    assert "Another process is writing" in texts(app)
    assert app.file_uploader[0].value
    held = Downloads(DuckDBStore(own_store)).signal(Signal.GOOGLE_TRENDS, "polars")
    assert held is not None
    assert held.simulated


def test_viewers_look_and_do_not_change(
    open_page_as: Callable[[str], OpenPage], sample_store: Path
) -> None:
    app = open_page_as(VIEWER)("data.py", sample_store)
    assert not app.exception
    assert not app.file_uploader
    assert "Only an admin may add signals" in texts(app)
    assert any("Signal" in one.value.columns for one in app.dataframe)
    admin = open_page_as(ADMIN)("data.py", sample_store)
    assert admin.file_uploader


def test_signals_are_drawn_in_a_figure_of_their_own(
    open_page: OpenPage, sample_store: Path
) -> None:
    plain_page = open_page("historical.py", sample_store, packages="polars")
    app = open_page(
        "historical.py", sample_store, packages="polars",
        signals=["google-trends", "stack-overflow"],
    )  # fmt: skip
    assert not app.exception
    assert len(app.get("plotly_chart")) == len(plain_page.get("plotly_chart")) + 1
    told = texts(app).replace("\\", "")
    assert "Stack Overflow and Google Trends beside the downloads of polars" in told
    assert "Index by month, 100 = " in told
    for source in ("Google Trends: polars", "Stack Overflow: python-polars"):
        assert f"**{source}**" in told
    assert told.count("modeled and not fetched") == 2
    assert "fetched 2026-11-22 00:00 UTC" in told


def test_the_choice_of_signals_is_in_the_address(open_page: OpenPage, sample_store: Path) -> None:
    app = open_page("historical.py", sample_store, packages="polars", signals="wikipedia,nonsense")
    assert app.session_state[key("signals")] == ["wikipedia"]
    assert "signals=nonsense" in texts(app).replace("\\", "")
    app.button_group(key=key("signals")).set_value(["wikipedia", "google-trends"]).run()
    assert app.query_params["signals"] == ["google-trends", "wikipedia"]
    app.button_group(key=key("signals")).set_value([]).run()
    assert "signals" not in app.query_params


@pytest.mark.parametrize(
    ("parameters", "why"),
    [
        ({"signals": "google-trends"}, "Choose a package"),
        ({"signals": "wikipedia", "packages": "streamlit"}, "no article is known for streamlit"),
        ({"signals": "google-trends", "packages": "requests"}, "no values of the search term"),
        ({"signals": "stack-overflow", "packages": "polars", "period": "30d"}, "no whole month"),
        ({"signals": "google-trends", "packages": "polars", "period": "2018-01-01..2018-03-01"},
         "held from"),
    ],
    ids=["no-package", "no-term", "not-held", "short", "before"],
)  # fmt: skip
def test_what_is_lacking_is_said(
    open_page: OpenPage, sample_store: Path, parameters: dict[str, str], why: str
) -> None:
    app = open_page("historical.py", sample_store, **parameters)
    assert not app.exception
    assert why in texts(app).replace("\\", "")


def test_a_store_without_signals_offers_none(open_page: OpenPage, monthly_store: Path) -> None:
    app = open_page("historical.py", monthly_store, packages="plotly")
    assert not [one for one in app.button_group if one.label == "Beside the downloads"]
    app = open_page("historical.py", monthly_store, packages="plotly", signals="wikipedia")
    assert not app.exception
    assert "no values of the article Plotly are held" in texts(app).replace("\\", "")


def test_a_filter_of_downloads_is_said_not_to_be_one_of_signals(
    open_page: OpenPage, sample_store: Path
) -> None:
    app = open_page(
        "historical.py", sample_store, packages="polars", signals="google-trends", country="DE"
    )
    assert "Downloads are filtered (Country: DE); signals are not" in texts(app).replace("\\", "")


def test_real_signals_beside_simulated_downloads_are_said(
    open_page: OpenPage, own_store: Path
) -> None:
    keep(own_store, [made(values=tuple(range(20, 60)))])
    app = open_page(
        "historical.py", own_store, packages="polars", signals="google-trends", period="1y"
    )
    assert not app.exception
    assert "what they have in common means nothing" in texts(app)


def test_terms_are_edited_and_kept(open_page: OpenPage, own_store: Path) -> None:
    app = open_page("data.py", own_store)
    app.session_state["signal_terms_list"] = True
    app.run()
    assert not app.exception
    assert "is not the animal" in texts(app)
    assert not [one for one in app.button if one.label == "Keep these terms"]


def open_form(app: AppTest) -> AppTest:
    app.session_state["fetch_signals_form"] = True
    return app.run()


def test_fetching_says_what_it_takes_before_it_is_done(
    open_page: OpenPage, own_store: Path
) -> None:
    app = open_form(open_page("data.py", own_store))
    assert "Name a package to see what its signals take" in texts(app)
    assert not [one for one in app.button if one.label == "Fetch"]
    app.multiselect(key="fetch_signals_packages").set_value(["polars"]).run()
    assert not app.exception
    assert "Requests of the Stack Exchange API" in texts(app)
    assert "simulated. What is fetched here is real" in texts(app).replace("\\", "")
    assert [one for one in app.button if one.label == "Fetch"]
    app.segmented_control(key="fetch_signals_from").set_value("wikipedia").run()
    assert not app.exception
    assert "Wikimedia's pageviews API" in texts(app)


def test_nothing_is_fetched_where_that_is_switched_off(
    open_page: OpenPage, own_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULSE_SIGNALS", "off")
    app = open_form(open_page("data.py", own_store))
    assert "PULSE\\_SIGNALS is off" in texts(app)
    assert not app.multiselect


COLUMNS = ["Package", "Stack Overflow: tag", "Google Trends: search term", "Wikipedia: article"]


def test_an_edited_table_of_terms_says_what_differs() -> None:
    rows = [
        ["polars", "python-polars", "polars dataframe", ""],
        ["New_Package", "new", None, None],
        [None, None, None, None],
    ]
    own = own_terms(pd.DataFrame(rows, columns=COLUMNS))
    assert own["polars", Signal.GOOGLE_TRENDS] == "polars dataframe"
    assert own["polars", Signal.WIKIPEDIA] == ""
    assert ("polars", Signal.STACK_OVERFLOW) not in own
    assert own["new-package", Signal.STACK_OVERFLOW] == "new"
    assert own["numpy", Signal.WIKIPEDIA] == ""


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([["", "tag", "", ""]], "no package"),
        ([["a b", "tag", "", ""]], "is not a package name"),
        ([["a", "tag", "", ""], ["A", "other", "", ""]], "has two rows"),
        ([["a", "t" * 101, "", ""]], "is no tag"),
    ],
    ids=["nameless", "no-name", "twice", "long"],
)
def test_a_wrong_table_of_terms_is_refused_in_words(rows: list[list[str]], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        own_terms(pd.DataFrame(rows, columns=COLUMNS))
