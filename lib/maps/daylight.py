"""Where it is night on Earth at a moment."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise

from lib.geography import Line
from lib.geography.projection import (
    NORTH,
    SOUTH,
    Place,
    Ring,
    clipped,
    clipped_by_latitude,
    cut_at_date_line,
    unwrapped,
    whole_units,
)

STEP = 4
"""Degrees between the points of an outline: on the map the chords stay within a unit of it."""

STRAIGHT = 160
"""Twice the area in square map units of a triangle too flat to show."""

_NOON_OF_2000 = datetime(2000, 1, 1, 12, tzinfo=UTC)


def sun_overhead(at: datetime) -> Place:
    """Longitude and latitude in degrees of the place that has the sun in the zenith.

    The latitude is the sun's declination. The longitude follows from mean solar time, which is UTC
    here, and the equation of time. Both are from the U.S. Naval Observatory's "Computing
    Approximate Solar Coordinates" (aa.usno.navy.mil/faq/sun_approx), good to about 1′ from 1800 to
    2200. `at` is aware.
    """
    days = (at - _NOON_OF_2000).total_seconds() / 86400
    anomaly = math.radians(357.529 + 0.98560028 * days)
    mean_longitude = 280.459 + 0.98564736 * days
    longitude = math.radians(
        mean_longitude + 1.915 * math.sin(anomaly) + 0.020 * math.sin(2 * anomaly)
    )
    tilt = math.radians(23.439 - 0.00000036 * days)
    ascension = math.degrees(math.atan2(math.cos(tilt) * math.sin(longitude), math.cos(longitude)))
    declination = math.degrees(math.asin(math.sin(tilt) * math.sin(longitude)))
    # Whole days since a noon are whole turns; the equation of time is in degrees, 1° for 4 minutes.
    equation_of_time = mean_longitude - ascension
    return _half_turn(-360 * days - equation_of_time), declination


def _half_turn(degrees: float) -> float:
    """The same direction from -180 up to but not including 180."""
    return (degrees + 180) % 360 - 180


def _circle(center: Place, radius: float) -> Iterator[Place]:
    """Longitude and latitude of points around a place, eastward from the northernmost; closed.

    The direct problem of spherical trigonometry (Snyder, "Map Projections: A Working Manual", USGS
    Professional Paper 1395, 1987, equations 5-5 and 5-6). The points nearest to the poles are among
    them, so that no two neighbors are more than half a turn apart, however close a pole is.
    """
    middle, reach = math.radians(center[1]), math.radians(radius)
    for azimuth in map(math.radians, range(0, 360 + STEP, STEP)):
        height = math.sin(middle) * math.cos(reach)
        height += math.cos(middle) * math.sin(reach) * math.cos(azimuth)
        east = math.sin(reach) * math.sin(azimuth)
        north = math.cos(middle) * math.cos(reach)
        north -= math.sin(middle) * math.sin(reach) * math.cos(azimuth)
        latitude = math.asin(min(max(height, -1.0), 1.0))
        yield center[0] + math.degrees(math.atan2(east, north)), math.degrees(latitude)


def night(at: datetime, depth: float = 0.0) -> list[Ring]:
    """Outlines in degrees, from -180 to 180, of where the sun is lower than `depth` under 0°.

    A depth of 6 degrees is the end of civil twilight, 12 that of nautical twilight. Refraction and
    the sun's own width, which make it set some minutes later, are left out.
    """
    longitude, latitude = sun_overhead(at)
    rim = unwrapped(list(_circle((_half_turn(longitude + 180), -latitude), 90 - depth)))
    turns = round((rim[-1][0] - rim[0][0]) / 360)
    if not turns:
        return [polygon[0] for polygon in cut_at_date_line([rim])]
    # The outline goes around a pole, and all from there to the pole is in the dark.
    rim = [(x + 360 * turns * turn, y) for turn in (-1, 0, 1) for x, y in rim]
    pole = math.copysign(90, -latitude)
    around = [(rim[0][0], pole), *rim, (rim[-1][0], pole)]
    return [clipped(clipped(around, 180, 1), -180, -1)]


def night_on_map(at: datetime, depth: float = 0.0) -> list[Line]:
    """The outlines of `night` in map units, cut where the sea is; see `lib.geography.World`."""
    parts = [clipped_by_latitude([ring], NORTH, 1) for ring in night(at, depth)]
    cut = [clipped_by_latitude(part, SOUTH, -1)[0] for part in parts if part[0]]
    return [_thin(whole_units(list(_dense(ring)))) for ring in cut if ring]


def _dense(ring: Ring) -> Iterator[Place]:
    """The ring with more points along meridians: those are curved on the map."""
    for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True):
        pieces = max(math.ceil(abs(y2 - y1) / STEP), 1)
        for piece in range(pieces):
            yield x1 + (x2 - x1) * piece / pieces, y1 + (y2 - y1) * piece / pieces


def _thin(ring: list[tuple[int, int]]) -> Line:
    """The closed ring without points that lie, within half a unit or so, on the way to the next."""
    kept = ring[:1]
    for (x, y), (next_x, next_y) in pairwise(ring[1:]):
        last_x, last_y = kept[-1]
        triangle = (x - last_x) * (next_y - last_y) - (y - last_y) * (next_x - last_x)
        if abs(triangle) > STRAIGHT:
            kept.append((x, y))
    return (*kept, ring[-1])
