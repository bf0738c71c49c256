"""The countries' codes, names and outlines."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from lib import geography
from lib.geography import Line, code_of, countries, country_codes, country_name, world


def rings(code: str) -> list[Line]:
    return [ring for polygon in world().countries[code] for ring in polygon]


def half_width(y: float) -> float:
    """How far the sea reaches from the middle at this height."""
    east = sorted((py, px) for px, py in world().sea if px > 0)
    for (low, near), (high, far) in pairwise(east):
        if low <= y <= high:
            return near + (far - near) * (y - low) / (high - low)
    raise AssertionError(f"{y} is beyond the sea")


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("US", "United States"),
        ("KR", "South Korea"),
        ("TW", "Taiwan"),
        ("CZ", "Czechia"),
        ("RU", "Russia"),
        ("XK", "Kosovo"),
        ("VN", "Vietnam"),
        ("unknown", "Unknown"),
        ("QQ", "QQ"),
        ("", ""),
    ],
)
def test_a_code_has_the_name_that_people_expect(code: str, name: str) -> None:
    assert country_name(code) == name


def test_every_name_leads_back_to_its_code() -> None:
    assert [code_of(country.name) for country in countries().values()] == list(country_codes())


@pytest.mark.parametrize(
    ("name", "code"),
    [("germany", "DE"), (" FRANCE ", "FR"), ("unknown", "unknown"), ("Atlantis", None)],
)
def test_a_name_is_found_in_any_case(name: str, code: str | None) -> None:
    assert code_of(name) == code


def test_every_iso_country_and_kosovo_is_listed() -> None:
    assert len(country_codes()) == 250
    assert country_codes() == tuple(sorted(country_codes()))


@pytest.mark.parametrize(
    ("code", "hours"), [("US", -5), ("DE", 1), ("IN", 5.5), ("JP", 9), ("BR", -3), ("AU", 10)]
)
def test_offsets_are_standard_time_of_the_business_population(code: str, hours: float) -> None:
    assert countries()[code].utc_offset == hours


def test_every_offset_and_continent_is_plausible() -> None:
    assert all(-12 <= country.utc_offset <= 14 for country in countries().values())
    assert len({country.continent for country in countries().values()}) == 7


@pytest.mark.parametrize(
    ("code", "people"),
    [("US", 327_167_434), ("DE", 82_927_922), ("SG", 5_638_676), ("XK", 1_845_300)],
)
def test_populations_are_those_of_geonames(code: str, people: int) -> None:
    assert countries()[code].population == people


def test_the_world_has_as_many_people_as_the_un_counted_around_2018() -> None:
    assert 7.4e9 < sum(country.population for country in countries().values()) < 7.8e9


def test_only_ice_and_uninhabited_islands_have_no_people() -> None:
    empty = {code for code, country in countries().items() if country.population == 0}
    assert empty == {"AQ", "BV", "HM", "UM"}


def test_the_map_draws_over_170_countries_all_of_them_listed() -> None:
    drawn = [code for code in world().countries if code]
    assert len(drawn) > 170
    assert set(drawn) | set(world().territories) <= set(country_codes())
    assert not set(drawn) & set(world().territories)


@pytest.mark.parametrize("code", ["SG", "HK", "MT", "BH", "MU", "LU", "MO", "GI", "RE", "MV"])
def test_a_small_territory_has_a_point(code: str) -> None:
    assert code in world().territories
    assert world().holds(code)


def test_only_ice_and_uninhabited_islands_have_no_place() -> None:
    assert {code for code in country_codes() if not world().holds(code)} == {"AQ", "BV", "UM"}


@pytest.mark.parametrize("code", ["", "unknown", "QQ"])
def test_what_is_no_country_has_no_place(code: str) -> None:
    assert not world().holds(code)


def test_every_point_lies_on_the_drawn_globe() -> None:
    outlines = [ring for code in world().countries for ring in rings(code)]
    places = [*(point for ring in outlines for point in ring), *world().territories.values()]
    # Half a unit of rounding, and the straight edges between the sea's own points.
    assert all(abs(x) <= half_width(y) + 2 for x, y in places)


def test_every_ring_is_closed_and_has_no_repeated_point() -> None:
    for code in world().countries:
        for ring in rings(code):
            assert ring[0] == ring[-1]
            assert len(ring) >= 4
            assert all(one != other for one, other in pairwise(ring))


def spans(code: str) -> list[tuple[int, int]]:
    """The westernmost and easternmost x of each ring."""
    return [(min(x for x, _ in ring), max(x for x, _ in ring)) for ring in rings(code)]


def test_russia_is_cut_at_the_date_line() -> None:
    assert any(east < -1000 for _, east in spans("RU")), "Chukotka lies in the far west"
    assert all((west < 0) == (east < 0) for west, east in spans("RU"))


def test_fiji_does_not_smear_across_the_map() -> None:
    assert all(east - west < 60 for west, east in spans("FJ"))


def contains(code: str, place: tuple[int, int]) -> bool:
    """Whether the place lies in the country, by the number of edges to its east."""
    x, y = place
    crossed = 0
    for ring in rings(code):
        for (x1, y1), (x2, y2) in pairwise(ring):
            crossed += (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1
    return crossed % 2 == 1


@pytest.mark.parametrize(
    ("place", "x", "y", "code"),
    [
        ("Kansas", -870, 493, "US"),
        ("Simferopol", 298, 571, "UA"),
        ("Hargeisa", 439, 127, "SO"),
        ("Cayenne", -526, 60, "GF"),
        ("Laayoune", -125, 340, "EH"),
        ("Bern", 67, 591, "CH"),
    ],
)
def test_land_belongs_to_whom_iso_assigns_it(place: str, x: int, y: int, code: str) -> None:
    assert contains(code, (x, y)), place
    others = [other for other in world().countries if other != code and contains(other, (x, y))]
    assert not others


def test_the_outlines_stay_small_enough_to_send() -> None:
    folder = Path(geography.__file__).parent
    assert (folder / "world.json").stat().st_size < 110_000
    assert (folder / "countries.csv").stat().st_size < 12_000
