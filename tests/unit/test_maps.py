"""The world map: its colors, its deck, its texts and its file."""

from __future__ import annotations

import json
import math
import re
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import pandas as pd
import pytest

from lib import maps
from lib.geography import country_codes
from lib.maps import Color
from lib.selection import Measure

APPEARANCES = pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
MEASURES = pytest.mark.parametrize("measure", list(Measure))
HOSTILE = '<script>alert("1")</script>&\x00\x1b'


def a_frame(*rows: tuple[str, int, float]) -> pd.DataFrame:
    """Rows of country, downloads and preference, as pages have them."""
    frame = pd.DataFrame(list(rows), columns=["country", "downloads", "preference"])
    frame["downloads"] = frame["downloads"].astype("int64")
    frame["preference"] = frame["preference"].astype("float64")
    total = frame["downloads"].sum()
    frame.insert(2, "share", frame["downloads"] / total if total else 0.0)
    return frame


FRAME = a_frame(
    ("US", 7_200_000, 1.0),
    ("DE", 1_200_000, 2.5),
    ("SG", 340_000, 0.3),
    ("CI", 950, math.nan),
    ("FR", 0, math.nan),
    ("unknown", 1_259_050, 1.1),
)
EMPTY = a_frame()
WORLD = a_frame(*((code, 10**9 // (n + 1), 0.37) for n, code in enumerate(country_codes())))


def luminance(color: Color) -> float:
    """Relative luminance of WCAG 2."""
    linear = [
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
        for channel in (value / 255 for value in color)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: Color, other: Color) -> float:
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


def distance(one: Color, other: Color) -> float:
    return math.dist(one, other)


def rgb(color: str) -> Color:
    red, green, blue = bytes.fromhex(color.removeprefix("#"))
    return red, green, blue


def spec(frame: pd.DataFrame, measure: Measure = Measure.DOWNLOADS, **rest: Any) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(
        maps.country_deck(frame, measure, rest.pop("dark", False), **rest).to_json()
    )
    return result


def layer(deck: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(layer for layer in deck["layers"] if layer["id"] == name)
    return found


def looks(deck: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What the deck says of each country and territory."""
    shapes = [shape["properties"] for shape in layer(deck, "countries")["data"]["features"]]
    return {look["iso"]: look for look in [*shapes, *layer(deck, "territories")["data"]]}


@pytest.mark.parametrize("measure", [Measure.DOWNLOADS, Measure.SHARE])
def test_more_downloads_are_darker_on_light_and_brighter_on_dark(measure: Measure) -> None:
    values = pd.Series([1.5**step for step in range(40)])
    light = [luminance(color) for color in maps.color_scale(values, measure, dark=False)]
    dark = [luminance(color) for color in maps.color_scale(values, measure, dark=True)]
    assert light == sorted(light, reverse=True)
    assert dark == sorted(dark)


@APPEARANCES
def test_preference_departs_from_one_in_two_directions(dark: bool) -> None:
    values = pd.Series([0.25, 0.5, 1.0, 2.0, 4.0])
    colors = maps.color_scale(values, Measure.PREFERENCE, dark)
    center = luminance(colors[2])
    departures = [abs(luminance(color) - center) for color in colors]
    assert departures[0] > departures[1] > 0 < departures[3] < departures[4]
    assert colors[0][0] > colors[0][2], "below the world is orange"
    assert colors[4][2] > colors[4][0], "above the world is blue"


def test_preference_beyond_the_scale_keeps_its_last_color() -> None:
    values = pd.Series([0.001, 0.25, 4.0, 1000.0])
    colors = maps.color_scale(values, Measure.PREFERENCE, dark=False)
    assert colors[0] == colors[1]
    assert colors[2] == colors[3]


@MEASURES
@APPEARANCES
def test_no_data_looks_like_no_value_of_the_scale(measure: Measure, dark: bool) -> None:
    values = pd.Series([*(1.1**step for step in range(-40, 41)), 0.0, math.nan, math.inf])
    *shown, zero, missing, infinite = maps.color_scale(values, measure, dark)
    assert zero == missing == infinite
    assert min(distance(color, zero) for color in shown) > 24


@APPEARANCES
def test_every_color_stands_out_from_the_sea(dark: bool) -> None:
    sea = tuple(layer(spec(FRAME, dark=dark), "sea")["getFillColor"])
    values = pd.Series([1.5**step for step in range(40)])
    colors = maps.color_scale(values, Measure.DOWNLOADS, dark)
    assert all(contrast(color, sea) > 1.18 for color in colors)
    assert contrast(colors[-1], sea) > 7


@APPEARANCES
def test_the_selected_outline_stands_out_from_the_sea(dark: bool) -> None:
    deck = spec(FRAME, dark=dark, selected="US")
    outline = tuple(layer(deck, "selected")["getLineColor"])
    assert contrast(outline, tuple(layer(deck, "sea")["getFillColor"])) > 4


def test_a_scale_spans_four_decades_at_most() -> None:
    colors = maps.color_scale(pd.Series([1, 10, 10**5]), Measure.DOWNLOADS, dark=False)
    assert colors[0] == colors[1]


def test_a_single_value_and_no_value_have_colors() -> None:
    assert len(maps.color_scale(pd.Series([5]), Measure.DOWNLOADS, dark=False)) == 1
    assert maps.color_scale(pd.Series([], dtype="float64"), Measure.SHARE, dark=True) == []


def test_a_country_says_its_numbers() -> None:
    look = looks(spec(FRAME))["US"]
    texts = [look[key] for key in ("name", "downloads", "share", "preference")]
    assert texts == ["United States", "7.20\u202fM", "72.0\u202f%", "×1"]
    assert looks(spec(FRAME))["CI"]["preference"] == "–"


def test_a_tiny_share_is_not_called_zero() -> None:
    frame = a_frame(("US", 10**9, 1.0), ("CI", 1, 1.0), ("FR", 0, 1.0))
    assert looks(spec(frame))["CI"]["share"] == "< 0.01\u202f%"
    assert looks(spec(frame))["FR"]["share"] == "0\u202f%"


def test_a_country_that_the_frame_omits_is_drawn_without_data() -> None:
    shown = looks(spec(FRAME))
    assert shown["BR"]["downloads"] == "0"
    assert shown["BR"]["fill"] == shown["FR"]["fill"] != shown["DE"]["fill"]


def test_unknown_downloads_do_not_stretch_the_scale() -> None:
    flooded = pd.concat([FRAME, a_frame(("unknown", 10**12, 1.0))], ignore_index=True)
    assert looks(spec(FRAME))["US"]["fill"] == looks(spec(flooded))["US"]["fill"]
    assert maps.legend(FRAME, Measure.DOWNLOADS, False) == maps.legend(
        flooded, Measure.DOWNLOADS, False
    )


def test_a_territory_without_downloads_has_a_point_only_when_selected() -> None:
    frame = a_frame(("US", 10, 1.0), ("MT", 0, math.nan))
    assert layer(spec(frame), "territories")["data"] == []
    [point] = layer(spec(frame, selected="MT"), "territories")["data"]
    assert point["iso"] == "MT"


@pytest.mark.parametrize(
    ("selected", "outlines"), [("DE", 1), ("SG", 0), ("unknown", 0), ("QQ", 0), ("", 0), (None, 0)]
)
def test_only_a_country_with_polygons_is_outlined(selected: str | None, outlines: int) -> None:
    deck = spec(FRAME, selected=selected)
    drawn = [shape for shape in layer(deck, "selected")["data"]["features"] if selected]
    assert len(drawn) == outlines


@MEASURES
@APPEARANCES
def test_the_deck_is_compact_and_names_no_host(measure: Measure, dark: bool) -> None:
    text = maps.country_deck(WORLD, measure, dark, selected="US").to_json()
    assert len(text.encode()) < 160_000
    assert "\n" not in text
    assert not re.search(r"https?:|//|cartocdn|mapbox|mapStyle", text)


def test_the_deck_has_no_base_map() -> None:
    deck = maps.country_deck(FRAME, Measure.DOWNLOADS, dark=False)
    assert deck.map_provider is None
    assert spec(FRAME)["views"][0]["@@type"] == "OrbitView"


def test_the_camera_fits_the_map_into_any_container() -> None:
    state = spec(FRAME)["initialViewState"]
    (west, south, _), (east, north, _) = state["maxBounds"]
    diagonal = math.hypot(east - west, north - south)
    padding = {side: float(text[:-1]) / 100 for side, text in state["maxBoundsPadding"].items()}
    for width, height in [(360, 180), (700, 540), (1240, 540), (1900, 540)]:
        inner = min(
            width * (1 - padding["left"] - padding["right"]),
            height * (1 - padding["top"] - padding["bottom"]),
        )
        scale = inner / diagonal
        fitting = min(width / (east - west), height / (north - south))
        assert scale == pytest.approx(fitting / 1.01, rel=0.01)
        assert 2 ** state["zoom"] < scale < 2 ** state["maxZoom"]


def test_the_tooltip_holds_nothing_but_placeholders() -> None:
    tooltip = maps.country_deck(FRAME, Measure.SHARE, dark=True)._tooltip
    keys = set(re.findall(r"{(\w+)}", tooltip["html"]))
    assert keys <= set(looks(spec(FRAME))["US"])
    assert set(re.findall(r"<(\w+)", tooltip["html"])) == {"b", "br"}


@MEASURES
def test_a_hostile_code_reaches_neither_map_nor_file(measure: Measure) -> None:
    frame = a_frame(("US", 10, 1.0), (HOSTILE, 10, 1.0), ("", 10, 1.0))
    assert "script" not in maps.country_deck(frame, measure, False, selected=HOSTILE).to_json()
    assert "script" not in maps.map_svg(frame, measure, False, "Downloads")
    assert "script" not in maps.map_alt(frame, measure)


def test_rows_without_a_place_are_reported() -> None:
    frame = a_frame(("US", 5, 1.0), ("unknown", 4, 1.0), ("QQ", 3, 1.0), ("AQ", 2, 1.0))
    assert list(maps.off_map(frame)["country"]) == ["unknown", "QQ", "AQ"]
    assert list(maps.off_map(frame).columns) == list(frame.columns)


def test_an_empty_frame_has_no_rows_off_the_map() -> None:
    assert maps.off_map(EMPTY).empty


@MEASURES
@APPEARANCES
def test_an_empty_frame_still_has_a_map(measure: Measure, dark: bool) -> None:
    assert len(looks(spec(EMPTY, measure, dark=dark))) > 170
    assert [label for label, _ in maps.legend(EMPTY, measure, dark)] == ["No data"]
    assert maps.map_alt(EMPTY, measure).endswith("No country has data.")
    ElementTree.fromstring(maps.map_svg(EMPTY, measure, dark, "Nothing"))


@pytest.mark.parametrize(
    ("measure", "labels"),
    [
        (Measure.DOWNLOADS, ["1\u202fk", "10\u202fk", "100\u202fk", "1\u202fM", "7.20\u202fM"]),
        (Measure.SHARE, ["0.01\u202f%", "0.10\u202f%", "1\u202f%", "10\u202f%", "72\u202f%"]),
        (Measure.PREFERENCE, ["≤ ×¼", "×½", "×1", "×2", "≥ ×4"]),
    ],
)
def test_the_legend_marks_round_values_and_the_highest(measure: Measure, labels: list[str]) -> None:
    marks = maps.legend(FRAME, measure, dark=False)
    assert [label for label, _ in marks] == [*labels, "No data"]


def test_the_legend_of_a_narrow_range_marks_both_ends() -> None:
    frame = a_frame(("US", 80, 1.0), ("DE", 30, 1.0))
    labels = [label for label, _ in maps.legend(frame, Measure.DOWNLOADS, dark=False)]
    assert labels == ["30", "80", "No data"]


@MEASURES
@APPEARANCES
def test_the_legend_has_the_colors_of_the_map(measure: Measure, dark: bool) -> None:
    colors = [rgb(color) for _, color in maps.legend(FRAME, measure, dark)]
    assert all(distance(one, other) > 20 for one, other in pairwise(colors))
    shown = looks(spec(FRAME, measure, dark=dark))
    assert colors[-1] == tuple(shown["FR"]["fill"])
    if measure is not Measure.PREFERENCE:
        assert colors[-2] == tuple(shown["US"]["fill"])


@pytest.mark.parametrize(
    ("agent", "height"),
    [
        (None, maps.HEIGHT),
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0 Safari/537.36", maps.HEIGHT),
        ("Mozilla/5.0 (iPhone) AppleWebKit/605 Mobile/15E148", maps.PHONE_HEIGHT),
    ],
)
def test_the_map_is_low_on_a_phone(agent: str | None, height: int) -> None:
    assert maps.map_height(agent) == height


def test_a_page_may_ask_for_another_height_but_on_a_phone() -> None:
    assert maps.map_height(None, wide=400) == 400
    assert maps.map_height("Mobile", wide=400) == maps.PHONE_HEIGHT


def test_the_text_for_the_blind_names_the_three_highest() -> None:
    assert maps.map_alt(FRAME, Measure.SHARE) == (
        "World map of share by country. Highest: United States 72.0\u202f%, Germany 12.0\u202f%, "
        "Singapore 3.4\u202f%. 4 countries have data."
    )
    assert "Germany ×2.5" in maps.map_alt(FRAME, Measure.PREFERENCE)


@MEASURES
@APPEARANCES
def test_the_file_is_well_formed_and_described(measure: Measure, dark: bool) -> None:
    root = ElementTree.fromstring(maps.map_svg(WORLD, measure, dark, "Downloads of numpy"))
    names = {"svg": "http://www.w3.org/2000/svg"}
    assert root.findtext("svg:title", namespaces=names) == "Downloads of numpy"
    assert root.findtext("svg:desc", namespaces=names) == maps.map_alt(WORLD, measure)
    assert len(root.findall("svg:g/svg:path", names)) > 170
    texts = [text.text for text in root.findall("svg:text", names)]
    assert {label for label, _ in maps.legend(WORLD, measure, dark)} <= set(texts)


def test_the_file_escapes_a_hostile_title() -> None:
    text = maps.map_svg(FRAME, Measure.DOWNLOADS, False, HOSTILE)
    root = ElementTree.fromstring(text)
    assert "<script" not in text
    assert root.findtext("{http://www.w3.org/2000/svg}title") == '<script>alert("1")</script>&'


def test_the_file_asks_no_host_for_anything() -> None:
    text = maps.map_svg(FRAME, Measure.DOWNLOADS, False, "Downloads")
    assert re.findall(r"https?://[^\"]+", text) == ["http://www.w3.org/2000/svg"]
