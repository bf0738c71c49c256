"""The Live page's map of the world: day and night, and a circle for each country that pulses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pandas as pd
import pydeck as pdk

from lib.cubes import UNKNOWN
from lib.formats import percent
from lib.geography import country_name
from lib.maps.colors import Palette, off_map, on_map, palette_for, rgb
from lib.maps.daylight import night_on_map
from lib.maps.places import places
from lib.maps.pulse import SMALLEST, Pulse, pulses_of, rate_text, tones_for
from lib.maps.scene import compact_json, layer, scene, sea

LAND = "app/static/land.json"
"""Where the browser finds the land, once for all updates.

Relative, because an app may be served below a path of its host.
"""

TWILIGHTS = (0, 6, 12)
"""How many degrees under the horizon the sun is where the night grows a shade darker."""

GLIDE = {"type": "spring", "stiffness": 0.04, "damping": 0.28}
"""How circles find their new sizes: deck.gl's spring, which overshoots a little."""


@dataclass(frozen=True)
class Ground:
    """What the circles lie on: the color of land, and of one shade of night with its opacity."""

    land: str
    night: tuple[int, int, int, int]


LIGHT = Ground(land="#D8DFE6", night=(20, 42, 80, 16))

DARK = Ground(land="#33424F", night=(2, 5, 12, 44))

_HALOS = 20
"""How many countries have a halo: smaller circles are mere points."""

_BEAT = 1500
"""Milliseconds in which halos widen or narrow: a little less than between two looks."""

_TOOLTIP = "<b>{name}</b><br>Downloads: {rate}<br>Against usual: {usual}"


def live_deck(
    rates: pd.DataFrame,
    at: datetime,
    dark: bool,
    chosen: str | None = None,
    *,
    beat: bool = False,
) -> pdk.Deck:
    """The map for `st.pydeck_chart`: it glides to its next state when drawn again with its key.

    `rates` has a row for each country, with the columns `country` (ISO 3166-1 alpha-2 or
    `unknown`), `downloads` in the window, `rate` in downloads a second and `usual`, the rate usual
    at this time or NaN. The night is that of `at`, which is aware. `chosen` is the code of the
    country to ring. Halos around the largest circles widen on a `beat` and narrow on the next, so
    that the map moves with every look.

    The area of a circle is proportional to the rate, from a smallest that can still be seen; its
    color is the rate against the usual, see `live_legend`. Circles are the layer `pulses`, whose
    objects carry their country's name as `object["name"]`.
    """
    palette = palette_for(dark)
    pulses = pulses_of(rates)
    ground = DARK if dark else LIGHT
    layers = [
        sea(palette),
        _land(ground, palette),
        _night(at, ground),
        _halos(pulses, palette, beat=beat),
        _circles(pulses, palette),
        _ring(pulses, chosen, palette),
    ]
    return scene(layers, _TOOLTIP, dark)


def _land(ground: Ground, palette: Palette) -> str:
    """The layer of land, which the browser asks the app for."""
    return layer(
        "GeoJsonLayer",
        "land",
        compact_json(LAND),
        pickable=False,
        getFillColor=rgb(ground.land),
        getLineColor=rgb(palette.sea),
        getLineWidth=0.7,
        lineWidthUnits="pixels",
        lineJointRounded=True,
    )


def _night(at: datetime, ground: Ground) -> str:
    """The layer of the night, over which lie darker ones where the sun is lower."""
    rings = [{"ring": ring} for depth in TWILIGHTS for ring in night_on_map(at, depth)]
    return layer(
        "SolidPolygonLayer",
        "night",
        compact_json(rings),
        getPolygon="@@=ring",
        getFillColor=ground.night,
        pickable=False,
    )


def _halos(pulses: dict[str, Pulse], palette: Palette, *, beat: bool) -> str:
    """The layer of halos around the largest circles, wide and faint or narrow and strong."""
    largest = sorted(pulses, key=lambda code: (-pulses[code].radius, code))[:_HALOS]
    circles = [
        {"at": pulses[code].at, "radius": pulses[code].radius, "tone": pulses[code].tone}
        for code in sorted(largest)
    ]
    widening, strength = (1.7, 36) if beat else (1.15, 110)
    colors = compact_json([[*rgb(color), strength] for color in tones_for(palette.base.dark)])
    return layer(
        "ScatterplotLayer",
        "halos",
        compact_json(circles),
        pickable=False,
        getPosition="@@=at",
        getFillColor=f"@@=({colors})[tone]",
        getRadius=f"@@=radius * {widening}",
        radiusUnits="common",
        transitions={"getRadius": _BEAT, "getFillColor": _BEAT},
    )


def _circles(pulses: dict[str, Pulse], palette: Palette) -> str:
    """The layer of circles, one for every country there is, in the order of codes.

    deck.gl tells circles apart by their place in the list: those of countries without downloads
    are there too, as nothing, so that a country that comes or goes moves no other.
    """
    circles = [
        vars(pulses[code]) if code in pulses else {"at": place} for code, place in places().items()
    ]
    # deck.gl takes an index only of what stands in parentheses.
    colors = compact_json([rgb(color) for color in tones_for(palette.base.dark)])
    return layer(
        "ScatterplotLayer",
        "pulses",
        compact_json(circles),
        pickable=True,
        autoHighlight=True,
        highlightColor=[*rgb(palette.base.text), 60],
        opacity=0.88,
        stroked=True,
        getPosition="@@=at",
        getFillColor=f"@@=({colors})[tone || 0]",
        getRadius="@@=radius || 0",
        radiusUnits="common",
        getLineColor=rgb(palette.border),
        getLineWidth="@@=radius ? 2.4 : 0",
        lineWidthUnits="common",
        transitions={"getRadius": GLIDE, "getFillColor": 600},
    )


def _ring(pulses: dict[str, Pulse], chosen: str | None, palette: Palette) -> str:
    """The layer with a ring around the circle of the chosen country, or around its place."""
    rings = [
        {"at": place, "radius": pulses[code].radius if code in pulses else SMALLEST}
        for code, place in places().items()
        if code == chosen
    ]
    return layer(
        "ScatterplotLayer",
        "chosen",
        compact_json(rings),
        pickable=False,
        filled=False,
        stroked=True,
        getPosition="@@=at",
        getRadius="@@=radius",
        radiusUnits="common",
        radiusMinPixels=5,
        getLineColor=rgb(palette.selected),
        getLineWidth=2.5,
        lineWidthUnits="pixels",
        transitions={"getRadius": GLIDE},
    )


def live_map_alt(rates: pd.DataFrame) -> str:
    """What the map shows, for those who cannot see it."""
    placed = on_map(rates)
    shown = placed[placed["rate"].gt(0)]
    if shown.empty:
        return "World map of downloads a second by country. No country has downloads."
    total = float(rates["rate"].sum())
    highest = shown.nlargest(3, "rate")
    ranked = ", ".join(
        f"{country_name(code)} {rate_text(rate)} ({percent(rate / total)})"
        for code, rate in zip(highest["country"], highest["rate"], strict=True)
    )
    count = "1 country has" if len(shown) == 1 else f"{len(shown)} countries have"
    return f"World map of downloads a second by country. Highest: {ranked}. {count} downloads."


def live_note(rates: pd.DataFrame) -> str:
    """What has no place on the map, as sentences; empty where everything has one."""
    outside = off_map(rates)
    unknown = outside["country"].eq(UNKNOWN)
    parts = [
        ("from unknown countries", float(outside.loc[unknown, "rate"].sum())),
        ("from places that the map leaves out", float(outside.loc[~unknown, "rate"].sum())),
    ]
    total = float(rates["rate"].sum())
    return " ".join(
        f"{rate_text(rate)} ({percent(rate / total)}) come {whence}."
        for whence, rate in parts
        if rate > 0
    )
