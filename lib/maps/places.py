"""Where on the map the circle of each country stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise
from types import MappingProxyType

from lib.geography import Line, Point, world


@cache
def places() -> Mapping[str, Point]:
    """A point in map units for every country on the map, by its code, in the order of codes.

    Small territories have theirs on record. Another country has the centroid of its largest
    polygon, or, where a bay or a neighbor is there instead, the middle of the widest stretch of
    land at the same height.
    """
    inner = {code: _inner_point(shapes) for code, shapes in world().countries.items() if code}
    return MappingProxyType(dict(sorted({**inner, **world().territories}.items())))


def _inner_point(polygons: tuple[tuple[Line, ...], ...]) -> Point:
    """A point on the land of the largest of these polygons."""
    polygon = max(polygons, key=lambda polygon: abs(_doubled_area(polygon[0])))
    x, y = _centroid(polygon[0])
    stretches = list(_stretches(polygon, y))
    if not any(west <= x <= east for west, east in stretches):
        west, east = max(stretches, key=lambda stretch: stretch[1] - stretch[0])
        x = (west + east) / 2
    return round(x), round(y)


def _doubled_area(ring: Line) -> float:
    """Twice the area of a closed ring, negative where it turns clockwise (the shoelace formula)."""
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise(ring))


def _centroid(ring: Line) -> tuple[float, float]:
    """The center of gravity of what a closed ring encloses."""
    x = y = 0.0
    for (x1, y1), (x2, y2) in pairwise(ring):
        slice_ = x1 * y2 - x2 * y1
        x, y = x + (x1 + x2) * slice_, y + (y1 + y2) * slice_
    scale = 3 * _doubled_area(ring)
    return x / scale, y / scale


def _stretches(polygon: tuple[Line, ...], y: float) -> Iterator[tuple[float, float]]:
    """Where the polygon is cut by the horizontal line at `y`: from west to east, by the pair."""
    crossings = sorted(
        x1 + (x2 - x1) * (y - y1) / (y2 - y1)
        for ring in polygon
        for (x1, y1), (x2, y2) in pairwise(ring)
        if (y1 > y) != (y2 > y)
    )
    return zip(crossings[::2], crossings[1::2], strict=True)
