"""The badge: an SVG that any text leaves whole, and the command that writes it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.__main__ import main
from lib.badge import badge
from lib.cubes import Cube, Grain
from lib.data import Downloads
from lib.profile.badges import NoBadge, badge_of
from lib.profile.levels import Span
from lib.stores.duckdb import DuckDBStore
from tests.conftest import raw_row
from tests.profile_stores import store_of

SVG = "{http://www.w3.org/2000/svg}"

LAST = date(2026, 11, 21)

readable = st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn", "Co")), max_size=40)


def words(svg: str) -> list[str]:
    return [text.text or "" for text in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def title(svg: str) -> str:
    found = ElementTree.fromstring(svg).find(f"{SVG}title")
    assert found is not None
    return found.text or ""


@given(readable, readable, readable)
def test_any_text_stands_in_the_badge_as_it_is(label: str, value: str, note: str) -> None:
    svg = badge(label, value, note)
    assert words(svg) == [label, value, *([note] if note else [])]
    assert ElementTree.fromstring(svg).get("aria-label") == title(svg)


def test_markup_in_a_text_stays_text() -> None:
    svg = badge("<script>alert(1)</script>", '"/><image href="https://foreign.example"/>')
    kinds = {element.tag.removeprefix(SVG) for element in ElementTree.fromstring(svg).iter()}
    assert kinds == {"svg", "title", "clipPath", "rect", "g", "text"}
    assert "<script" not in svg


def test_the_fields_stand_beside_each_other_and_fill_the_badge() -> None:
    root = ElementTree.fromstring(badge("downloads", "12.3M/month", "simulated"))
    boxes = list(root.findall(f"{SVG}g")[0])
    ends = [int(box.get("x", "")) + int(box.get("width", "")) for box in boxes]
    assert [int(box.get("x", "")) for box in boxes] == [0, *ends[:-1]]
    assert ends[-1] == int(root.get("width", ""))


@pytest.fixture
def real(tmp_path: Path) -> Path:
    """Thirty days of 100,000 downloads of one package, from BigQuery."""
    rows = [raw_row(LAST - timedelta(n), "alpha", 100_000) for n in range(30)]
    store_of(
        tmp_path / "pulse.duckdb", rows, Cube(Grain.DAY, ("project",)),
        first=LAST - timedelta(29), last=LAST, packages=("alpha",), source="bigquery",
    )  # fmt: skip
    return tmp_path / "pulse.duckdb"


@pytest.mark.parametrize(
    ("span", "value"),
    [(Span.DAY, "100k/day"), (Span.WEEK, "700k/week"), (Span.MONTH, "3.00M/month")],
)
def test_a_badge_tells_the_newest_downloads_and_their_source(
    real: Path, span: Span, value: str
) -> None:
    svg = badge_of(Downloads(DuckDBStore(real)), "alpha", span)
    assert words(svg) == ["downloads", value]
    assert "alpha" in title(svg)
    assert "21 Nov 2026 UTC, PyPI in BigQuery" in title(svg)


def test_a_badge_of_the_sample_says_that_it_is_simulated(sample_store: Path) -> None:
    svg = badge_of(Downloads(DuckDBStore(sample_store)), "numpy", Span.MONTH)
    assert words(svg)[-1] == "simulated"
    assert "simulated" in title(svg)


def test_months_have_a_badge_of_the_month_alone(monthly_store: Path) -> None:
    found = Downloads(DuckDBStore(monthly_store))
    assert words(badge_of(found, "seaborn", Span.MONTH)) == ["downloads", "48.0k/month"]
    with pytest.raises(NoBadge, match="--period month"):
        badge_of(found, "seaborn", Span.WEEK)


def test_the_command_writes_the_badge(
    real: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PULSE_STORE", str(real))
    assert main(["badge", "Alpha", "--period", "week"]) == 0
    assert words(capsys.readouterr().out) == ["downloads", "700k/week"]


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [("beta", 1, "No package beta is held"), ("<script>", 2, "not a package name")],
)
def test_the_command_says_which_package_it_cannot_tell_of(
    real: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    code: int,
    said: str,
) -> None:
    monkeypatch.setenv("PULSE_STORE", str(real))
    assert main(["badge", name]) == code
    told = capsys.readouterr()
    assert said in told.err
    assert told.out == ""
