"""The Live page's map: where it is night, and the circles that pulse."""

from __future__ import annotations

import json
import math
import random
import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from lib import maps
from lib.geography import Line, Point, country_codes, world
from lib.geography.projection import NORTH, SOUTH, Ring, project
from lib.maps.daylight import night, night_on_map, sun_overhead
from lib.maps.places import places
from lib.maps.pulse import SMALLEST, rate_text
from lib.maps.scene import compact_json
from lib.selection import Measure

ROOT = Path(__file__).resolve().parents[2]
APPEARANCES = pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
HOSTILE = '<script>alert("1")</script>{name}'
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
JUNE_SOLSTICE = datetime(2026, 6, 21, 8, 24, tzinfo=UTC)
DECEMBER_SOLSTICE = datetime(2026, 12, 21, 20, 50, tzinfo=UTC)
MARCH_EQUINOX = datetime(2026, 3, 20, 14, 46, tzinfo=UTC)
SEPTEMBER_EQUINOX = datetime(2026, 9, 23, 0, 5, tzinfo=UTC)

Row = tuple[str, int, float]


def some_rates(*rows: Row, seconds: float = 10) -> pd.DataFrame:
    """Rows of country, downloads in a window, and the rate usual at this time."""
    frame = pd.DataFrame(list(rows), columns=["country", "downloads", "usual"])
    frame = frame.astype({"downloads": "int64", "usual": "float64"})
    frame.insert(2, "rate", frame["downloads"] / seconds)
    return frame


RATES = some_rates(
    ("US", 9000, 1000.0),
    ("SG", 900, 30.0),
    ("DE", 1000, 95.0),
    ("CI", 2, 0.2),
    ("FR", 300, math.nan),
    ("unknown", 798, 80.0),
)
EMPTY = some_rates()
WORLD = some_rates(*((code, 90 + 7 * n, 8.0 + n) for n, code in enumerate(country_codes())))


def spec(rates: pd.DataFrame, at: datetime = NOON, **rest: Any) -> dict[str, Any]:
    deck = maps.live_deck(rates, at, rest.pop("dark", False), **rest)
    result: dict[str, Any] = json.loads(deck.to_json())
    return result


def layer(deck: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(layer for layer in deck["layers"] if layer["id"] == name)
    return found


def circles(rates: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """The circles with downloads, by the name of their country."""
    return {look["name"]: look for look in layer(spec(rates), "pulses")["data"] if "name" in look}


def tone_of(downloads: int, usual: float) -> str:
    """What the color of one country's circle means, beside a large country as usual."""
    rates = some_rates(("US", 10**6, 10**5), ("FR", downloads, usual))
    labels = [label for label, _ in maps.live_legend(rates, dark=False)]
    tone: int = circles(rates)["France"]["tone"]
    return labels[tone - 1] if tone else labels[-1]


def encloses(ring: Ring | Line, x: float, y: float) -> bool:
    """Whether a ring goes around a point, by counting the edges to the east of it."""
    edges = zip(ring, (*ring[1:], ring[0]), strict=True)
    crossed = (
        (y1 > y) != (y2 > y) and x < x1 + (x2 - x1) * (y - y1) / (y2 - y1)
        for (x1, y1), (x2, y2) in edges
    )
    return sum(crossed) % 2 == 1


def altitude(at: datetime, longitude: float, latitude: float) -> float:
    """The sun's altitude in degrees, as a vector to the sun of Meeus's Astronomical Algorithms.

    Chapter 25's series for the sun's longitude (low accuracy) and chapter 12's sidereal time,
    with no use of the equation of time, of declination or of any outline.
    """
    days = (at - datetime(2000, 1, 1, 12, tzinfo=UTC)).total_seconds() / 86400
    t = days / 36525
    m = math.radians(357.52911 + 35999.05029 * t - 0.0001537 * t * t)
    center = (1.914602 - 0.004817 * t) * math.sin(m) + 0.019993 * math.sin(2 * m)
    true = 280.46646 + 36000.76983 * t + 0.0003032 * t * t + center + 0.000289 * math.sin(3 * m)
    node = math.radians(125.04 - 1934.136 * t)
    apparent = math.radians(true - 0.00569 - 0.00478 * math.sin(node))
    tilt = math.radians(23.439291 - 0.0130042 * t + 0.00256 * math.cos(node))
    sun = (
        math.cos(apparent),
        math.sin(apparent) * math.cos(tilt),
        math.sin(apparent) * math.sin(tilt),
    )
    sidereal = math.radians(280.46061837 + 360.98564736629 * days + longitude)
    phi = math.radians(latitude)
    zenith = (
        math.cos(phi) * math.cos(sidereal),
        math.cos(phi) * math.sin(sidereal),
        math.sin(phi),
    )
    return math.degrees(math.asin(sum(a * b for a, b in zip(sun, zenith, strict=True))))


@pytest.mark.parametrize(
    ("at", "latitude"),
    [
        (JUNE_SOLSTICE, 23.44),
        (DECEMBER_SOLSTICE, -23.44),
        (MARCH_EQUINOX, 0.0),
        (SEPTEMBER_EQUINOX, 0.0),
    ],
)
def test_solstices_and_equinoxes_come_when_the_almanac_says(at: datetime, latitude: float) -> None:
    assert sun_overhead(at)[1] == pytest.approx(latitude, abs=0.02)


@pytest.mark.parametrize(
    ("month", "day", "minutes"), [(2, 11, -14.2), (5, 14, 3.7), (7, 26, -6.5), (11, 3, 16.4)]
)
def test_a_sundial_is_ahead_by_the_almanacs_equation_of_time(
    month: int, day: int, minutes: float
) -> None:
    longitude, _ = sun_overhead(datetime(2026, month, day, 12, tzinfo=UTC))
    assert -longitude * 4 == pytest.approx(minutes, abs=0.15)


def test_the_sun_goes_west_by_a_turn_a_day() -> None:
    longitudes = [sun_overhead(NOON + timedelta(hours=hour))[0] for hour in range(25)]
    assert all(-180 <= longitude < 180 for longitude in longitudes)
    steps = [(after - before) % 360 for before, after in pairwise(longitudes)]
    assert steps == pytest.approx([345] * 24, abs=0.02)


def moments() -> list[datetime]:
    """Moments of all kinds: the turns of the year, the sun at the date line, and any."""
    chance = random.Random(7)
    turns = [JUNE_SOLSTICE, DECEMBER_SOLSTICE, MARCH_EQUINOX, SEPTEMBER_EQUINOX]
    near = [turn + timedelta(minutes=minutes) for turn in turns for minutes in (-300, -1, 0, 1)]
    line = [datetime(2026, month, 15, hour, tzinfo=UTC) for month in (1, 4, 9) for hour in (0, 12)]
    any_time = [NOON + timedelta(minutes=chance.uniform(-3e6, 3e6)) for _ in range(60)]
    return near + line + any_time


@pytest.mark.parametrize("depth", [0, 6, 12])
def test_the_night_is_where_the_sun_is_down(depth: int) -> None:
    chance = random.Random(depth)
    told = 0
    for at in moments():
        rings = night(at, depth)
        for _ in range(60):
            longitude = chance.uniform(-180, 180)
            latitude = math.degrees(math.asin(chance.uniform(-1, 1)))
            height = altitude(at, longitude, latitude) + depth
            dark = sum(encloses(ring, longitude, latitude) for ring in rings)
            # Chords of four degrees stray from the outline, more so beyond what the map draws.
            if abs(height) > (0.3 if abs(latitude) < NORTH else 1):
                assert dark == (height < 0), (at, longitude, latitude, height)
                told += 1
    assert told > 4500


@pytest.mark.parametrize("depth", [0, 6, 12])
def test_the_night_on_the_map_is_the_night_on_earth(depth: int) -> None:
    chance = random.Random(depth)
    for at in moments()[::3]:
        rings = night_on_map(at, depth)
        for _ in range(40):
            longitude, latitude = (
                chance.uniform(-179.5, 179.5),
                chance.uniform(SOUTH + 1, NORTH - 1),
            )
            height = altitude(at, longitude, latitude) + depth
            dark = sum(encloses(ring, *project(longitude, latitude)) for ring in rings)
            if abs(height) > 1:
                assert dark == (height < 0), (at, longitude, latitude, height)


def test_the_north_is_lit_in_june_and_dark_in_december() -> None:
    def is_dark(at: datetime, latitude: float) -> bool:
        return any(encloses(ring, 12.3, latitude) for ring in night(at))

    hours = [timedelta(hours=hour) for hour in range(24)]
    assert not any(is_dark(JUNE_SOLSTICE + hour, 80) for hour in hours)
    assert all(is_dark(JUNE_SOLSTICE + hour, -80) for hour in hours)
    assert all(is_dark(DECEMBER_SOLSTICE + hour, 80) for hour in hours)
    assert not any(is_dark(DECEMBER_SOLSTICE + hour, -80) for hour in hours)


@pytest.mark.parametrize("at", [MARCH_EQUINOX, SEPTEMBER_EQUINOX])
def test_the_terminator_runs_along_meridians_at_the_equinox(at: datetime) -> None:
    sunset = (sun_overhead(at)[0] + 90) % 360
    rim = [x for ring in night(at) for x, y in ring if abs(y) < 75 and abs(x) < 180]
    ends = [min((x - sunset) % 180, (sunset - x) % 180) for x in rim]
    assert len(ends) > 60
    assert max(ends) < 0.1


def test_half_the_earth_is_dark_at_any_time() -> None:
    chance = random.Random(3)
    for at in moments()[::8]:
        rings = night(at)
        points = [
            (chance.uniform(-180, 180), math.degrees(math.asin(chance.uniform(-1, 1))))
            for _ in range(1500)
        ]
        dark = sum(any(encloses(ring, *point) for ring in rings) for point in points)
        assert dark / len(points) == pytest.approx(0.5, abs=0.06)


def test_the_night_keeps_to_the_drawn_part_of_the_globe() -> None:
    low, high = min(y for _, y in world().sea), max(y for _, y in world().sea)
    for at in moments():
        for ring in (ring for depth in (0, 6, 12) for ring in night_on_map(at, depth)):
            assert ring[0] == ring[-1]
            assert len(ring) > 3
            assert all(low <= y <= high and abs(x) <= 1800 for x, y in ring)


def test_every_country_on_the_map_has_a_place_on_its_own_land() -> None:
    assert list(places()) == sorted({*world().countries, *world().territories} - {""})
    for code, shapes in world().countries.items():
        if code:
            assert any(encloses(shape[0], *places()[code]) for shape in shapes), code
    assert {**places(), **world().territories} == places()


@pytest.mark.parametrize(("code", "longitude", "latitude"), [("US", -98, 39), ("AU", 134, -25)])
def test_a_large_countrys_place_is_its_middle(code: str, longitude: int, latitude: int) -> None:
    assert math.dist(places()[code], project(longitude, latitude)) < 60


def test_the_area_of_a_circle_is_proportional_to_the_rate() -> None:
    shown = circles(RATES)
    rates = {"United States": 900, "Germany": 100, "Singapore": 90, "France": 30}
    areas = [shown[name]["radius"] ** 2 / rate for name, rate in rates.items()]
    assert areas == pytest.approx([areas[0]] * 4, rel=0.01)


def test_a_small_circle_can_still_be_seen_and_a_large_one_covers_no_continent() -> None:
    shown = circles(RATES)
    assert shown["Ivory Coast"]["radius"] == SMALLEST
    flood = circles(some_rates(("US", 10**9, 1.0), ("DE", 10, 1.0)))
    outlines = [[x for x, _ in shape[0]] for shape in world().countries["US"]]
    width = max(max(xs) - min(xs) for xs in outlines)
    assert flood["United States"]["radius"] * 2 < 0.7 * width


def test_the_largest_circle_pulses_and_leaves_the_others_as_they_are() -> None:
    usual = ("DE", 1000, 100.0)
    calm = circles(some_rates(("US", 9000, 1000.0), usual))
    busy = circles(some_rates(("US", 14000, 1000.0), usual))
    assert busy["United States"]["radius"] > 1.2 * calm["United States"]["radius"]
    assert busy["Germany"] == calm["Germany"]


def test_without_any_usual_the_largest_rate_is_the_measure_of_the_others() -> None:
    shown = circles(some_rates(("US", 4000, math.nan), ("DE", 1000, math.nan)))
    assert shown["United States"]["radius"] == pytest.approx(2 * shown["Germany"]["radius"], 0.01)
    assert {look["tone"] for look in shown.values()} == {0}


@pytest.mark.parametrize(
    ("downloads", "usual", "meaning"),
    [
        (1000, 1000.0, "Under half the usual"),
        (6500, 1000.0, "Less than usual"),
        (10_900, 1000.0, "As usual"),
        (15_000, 1000.0, "More than usual"),
        (30_000, 1000.0, "Over twice the usual"),
        (30_000, math.nan, "Usual not known"),
        (30_000, 0.0, "Over twice the usual"),
    ],
)
def test_the_color_is_the_rate_against_the_usual(
    downloads: int, usual: float, meaning: str
) -> None:
    assert tone_of(downloads, usual) == meaning


def test_chance_colors_no_small_country() -> None:
    assert tone_of(3, 0.1) == "As usual"
    assert tone_of(3000, 100.0) == "Over twice the usual"


@APPEARANCES
def test_the_legend_has_the_colors_of_the_circles(dark: bool) -> None:
    colors = [
        list(bytes.fromhex(color.removeprefix("#"))) for _, color in maps.live_legend(RATES, dark)
    ]
    expression = layer(spec(RATES, dark=dark), "pulses")["getFillColor"]
    drawn = json.loads(re.findall(r"\((.*)\)", expression)[0])
    assert colors == [*drawn[1:], drawn[0]]
    assert min(math.dist(a, b) for a, b in pairwise(colors)) > 40


def test_the_legend_tells_of_an_unknown_usual_only_where_there_is_one() -> None:
    known = some_rates(("US", 9000, 1000.0), ("FR", 0, math.nan))
    assert len(maps.live_legend(known, dark=False)) == 5
    unknown = some_rates(("US", 9000, math.nan), ("FR", 10, math.nan))
    assert [label for label, _ in maps.live_legend(unknown, dark=False)] == ["Usual not known"]
    assert len(maps.live_legend(EMPTY, dark=False)) == 5


def test_a_circle_keeps_its_place_in_the_list_whoever_has_downloads() -> None:
    def order(rates: pd.DataFrame) -> list[Point]:
        return [tuple(circle["at"]) for circle in layer(spec(rates), "pulses")["data"]]

    shuffled = RATES.sample(frac=1, random_state=1)
    assert order(RATES) == order(shuffled) == order(EMPTY) == order(WORLD)
    assert order(RATES) == list(places().values())
    assert spec(RATES) == spec(shuffled)


def test_circles_glide_in_size_and_color() -> None:
    assert set(layer(spec(RATES), "pulses")["transitions"]) == {"getRadius", "getFillColor"}


def test_a_circle_says_its_rate_and_how_that_compares() -> None:
    shown = circles(RATES)
    assert (shown["Germany"]["rate"], shown["Germany"]["usual"]) == ("100/s", "+5.3\u202f%")
    assert (shown["France"]["rate"], shown["France"]["usual"]) == ("30/s", "–")


@pytest.mark.parametrize(
    ("rate", "text"), [(1234.5, "1.23\u202fk/s"), (0.1, "0.1/s"), (0.04, "2.4/min"), (0.0, "0/s")]
)
def test_a_low_rate_is_told_by_the_minute(rate: float, text: str) -> None:
    assert rate_text(rate) == text


def test_the_tooltip_holds_nothing_but_placeholders() -> None:
    tooltip = maps.live_deck(RATES, NOON, dark=True)._tooltip
    assert set(re.findall(r"{(\w+)}", tooltip["html"])) <= set(circles(RATES)["Germany"])
    assert set(re.findall(r"<(\w+)", tooltip["html"])) == {"b", "br"}


@pytest.mark.parametrize(
    ("chosen", "ringed"),
    [("DE", ["DE"]), ("BR", ["BR"]), ("SG", ["SG"]), ("unknown", []), ("", []), (None, [])],
)
def test_the_chosen_country_has_a_ring_with_downloads_or_without(
    chosen: str | None, ringed: list[str]
) -> None:
    drawn = layer(spec(RATES, chosen=chosen), "chosen")["data"]
    assert [tuple(ring["at"]) for ring in drawn] == [places()[code] for code in ringed]


def test_a_ring_is_as_large_as_its_circle() -> None:
    [ring] = layer(spec(RATES, chosen="DE"), "chosen")["data"]
    assert ring["radius"] == circles(RATES)["Germany"]["radius"]


def test_a_hostile_code_reaches_neither_map_nor_words() -> None:
    rates = some_rates(("US", 10, 1.0), (HOSTILE, 10, 1.0), ("", 10, 1.0))
    assert "script" not in maps.live_deck(rates, NOON, False, chosen=HOSTILE).to_json()
    assert "script" not in maps.live_map_alt(rates) + maps.live_note(rates)


@pytest.mark.parametrize(
    "rates",
    [EMPTY, some_rates(("unknown", 500, 50.0)), some_rates(("US", 0, math.nan), ("DE", 0, 3.0))],
    ids=["empty", "unknown only", "silent"],
)
@APPEARANCES
def test_a_map_without_downloads_is_still_a_map(rates: pd.DataFrame, dark: bool) -> None:
    deck = spec(rates, dark=dark, chosen="DE")
    assert not any("name" in circle for circle in layer(deck, "pulses")["data"])
    assert layer(deck, "night")["data"]
    assert maps.live_map_alt(rates).endswith("No country has downloads.")


def test_the_text_for_the_blind_names_the_three_highest() -> None:
    assert maps.live_map_alt(RATES) == (
        "World map of downloads a second by country. Highest: United States 900/s (75.0\u202f%), "
        "Germany 100/s (8.3\u202f%), Singapore 90/s (7.5\u202f%). 5 countries have downloads."
    )


def test_what_has_no_place_on_the_map_is_told() -> None:
    rates = some_rates(("US", 700, 70.0), ("unknown", 200, 9.0), ("AQ", 60, 1.0), ("QQ", 40, 1.0))
    assert maps.live_note(rates) == (
        "20/s (20.0\u202f%) come from unknown countries. "
        "10/s (10.0\u202f%) come from places that the map leaves out."
    )
    assert maps.live_note(some_rates(("US", 700, 70.0))) == maps.live_note(EMPTY) == ""


@APPEARANCES
def test_an_update_is_small_and_names_no_host(dark: bool) -> None:
    sizes = {
        count: max(
            len(
                maps.live_deck(WORLD.sample(count, random_state=1), at, dark, "DE")
                .to_json()
                .encode()
            )
            for at in moments()[::5]
        )
        for count in (113, 250)
    }
    assert sizes[113] < 21_000, "as many countries as the sample has"
    assert sizes[250] < 31_000, "every country there is"
    text = maps.live_deck(WORLD, NOON, dark, "DE").to_json()
    assert "\n" not in text
    assert not re.search(r"https?:|//|cartocdn|mapbox|mapStyle", text)
    assert maps.live_deck(RATES, NOON, dark).map_provider is None


def test_the_land_is_asked_for_below_the_apps_own_path() -> None:
    address = layer(spec(RATES), "land")["data"]
    assert address == "app/static/land.json"
    assert (ROOT / address.removeprefix("app/")).is_file()


def test_the_land_is_every_outline_of_the_world() -> None:
    outlines = [polygon for shapes in world().countries.values() for polygon in shapes]
    expected = compact_json({"type": "MultiPolygon", "coordinates": outlines})
    assert (ROOT / "static" / "land.json").read_text(encoding="utf-8") == expected + "\n"


def test_the_camera_is_that_of_the_country_map() -> None:
    frame = pd.DataFrame({"country": [], "downloads": [], "share": [], "preference": []})
    other = json.loads(maps.country_deck(frame, Measure.SHARE, dark=False).to_json())
    for part in ("views", "initialViewState"):
        assert spec(RATES)[part] == other[part]


def test_a_beat_changes_the_halos_and_nothing_else() -> None:
    narrow, wide = spec(RATES), spec(RATES, beat=True)
    changed = [one["id"] for one in narrow["layers"] if one != layer(wide, str(one["id"]))]
    assert changed == ["halos"]
    assert layer(narrow, "halos")["data"] == layer(wide, "halos")["data"]
