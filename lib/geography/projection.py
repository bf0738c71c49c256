"""From degrees to the map: Equal Earth, and rings cut so that they fit onto it."""

from __future__ import annotations

import math
from collections.abc import Iterator

WORLD_WIDTH = 3600
"""Width of the whole projected world, in map units."""

NORTH, SOUTH = 84.5, -58.0
"""Latitudes in degrees where the sea is cut: nobody downloads from the ice beyond them."""

Place = tuple[float, float]
Ring = list[Place]


def project(longitude: float, latitude: float) -> Place:
    """Equal Earth: degrees to map units, x to the east and y to the north of (0°, 0°).

    Equations 9 and 10 of Šavrič, Patterson and Jenny, "The Equal Earth map projection",
    International Journal of Geographical Information Science, 2018. Longitudes beyond ±180° go on
    in the same direction, so that a shape can be handled whole before it is cut.
    """
    a1, a2, a3, a4 = 1.340264, -0.081106, 0.000893, 0.003796
    theta = math.asin(math.sqrt(3) / 2 * math.sin(math.radians(latitude)))
    square = theta * theta
    sixth = square**3
    slope = 9 * a4 * sixth * square + 7 * a3 * sixth + 3 * a2 * square + a1
    x = 2 * math.sqrt(3) * math.radians(longitude) * math.cos(theta) / (3 * slope)
    y = theta * (a4 * sixth * square + a3 * sixth + a2 * square + a1)
    # Half the equator is 2√3·π / 3·a1 long on a globe of radius 1.
    unit = WORLD_WIDTH / 2 / (2 * math.sqrt(3) * math.pi / (3 * a1))
    return x * unit, y * unit


def unwrapped(line: Ring) -> Ring:
    """The line with longitudes that never jump by more than half the globe."""
    result: Ring = []
    for longitude, latitude in line:
        turns = round((result[-1][0] - longitude) / 360) if result else 0
        result.append((longitude + 360 * turns, latitude))
    return result


def clipped(ring: Ring, limit: float, side: int) -> Ring:
    """The ring's part west (`side` 1) or east (-1) of a meridian: Sutherland and Hodgman, 1974."""
    result: Ring = []
    for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True):
        inside, inside_next = side * x1 <= side * limit, side * x2 <= side * limit
        if inside:
            result.append((x1, y1))
        if inside != inside_next:
            result.append((limit, y1 + (y2 - y1) * (limit - x1) / (x2 - x1)))
    return result


def clipped_by_latitude(polygon: list[Ring], limit: float, side: int) -> list[Ring]:
    """The polygon's part south (`side` 1) or north (-1) of a parallel."""
    turned = [[(y, x) for x, y in ring] for ring in polygon]
    return [[(x, y) for y, x in clipped(ring, limit, side)] for ring in turned]


def cut_at_date_line(polygon: list[Ring]) -> Iterator[list[Ring]]:
    """The polygon's parts on either side of ±180°, each with longitudes from -180 to 180."""
    for turn in (-360, 0, 360):
        moved = [[(x + turn, y) for x, y in ring] for ring in polygon]
        part = [clipped(clipped(ring, 180, 1), -180, -1) for ring in moved]
        if part[0]:
            yield [ring for ring in part if ring]


def whole_units(ring: Ring) -> list[tuple[int, int]]:
    """The ring projected and rounded, without points that fall on the one before; closed."""
    points = [project(*point) for point in ring]
    result: list[tuple[int, int]] = []
    for x, y in points:
        rounded = (round(x), round(y))
        if not result or rounded != result[-1]:
            result.append(rounded)
    return result if result[0] == result[-1] else [*result, result[0]]
