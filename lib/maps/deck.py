"""The interactive map of a page, fitted to whatever container it is put in."""

from __future__ import annotations

from functools import cache

import pandas as pd
import pydeck as pdk

from lib.geography import world
from lib.maps.colors import Palette, palette_for, rgb
from lib.maps.scene import compact_json, graticule, layer, scene, sea
from lib.maps.shades import Shade, blank, points_of, shades_of
from lib.selection import Measure

HEIGHT = 540
"""Height in pixels of the page's map: on a wide screen the world then fills some 1200 pixels."""

PHONE_HEIGHT = 180
"""Height in pixels of the page's map on a phone, where the world is as wide as the screen."""

_TOOLTIP = (
    "<b>{name}</b><br>{downloads} downloads<br>{share} of these downloads"
    "<br>Preference {preference}"
)


@cache
def _geometry(code: str) -> str:
    """The country's GeoJSON geometry, written once: a map has one every time colors change."""
    return compact_json({"type": "MultiPolygon", "coordinates": world().countries[code]})


def _feature(shade: Shade) -> str:
    """The country's GeoJSON feature."""
    properties = compact_json(vars(shade))
    return f'{{"type":"Feature","geometry":{_geometry(shade.iso)},"properties":{properties}}}'


def _collection(features: list[str]) -> str:
    """A GeoJSON collection."""
    return f'{{"type":"FeatureCollection","features":[{",".join(features)}]}}'


def _countries(shades: dict[str, Shade], palette: Palette, dark: bool) -> str:
    """The layer of countries, those without data included."""
    features = [_feature(shades.get(code) or blank(code, dark)) for code in world().countries]
    return layer(
        "GeoJsonLayer",
        "countries",
        _collection(features),
        pickable=True,
        autoHighlight=True,
        highlightColor=[*rgb(palette.base.text), 60],
        getFillColor="@@=properties.fill",
        getLineColor=rgb(palette.border),
        getLineWidth=0.6,
        lineWidthUnits="pixels",
        lineJointRounded=True,
    )


def _territories(shades: dict[str, Shade], palette: Palette, selected: str | None) -> str:
    """The layer of points: small territories with downloads, and the selected one."""
    points = [
        {
            **vars(shade),
            "place": world().territories[shade.iso],
            "edge": rgb(palette.selected if shade.iso == selected else palette.border),
        }
        for shade in points_of(shades, palette, selected)
    ]
    return layer(
        "ScatterplotLayer",
        "territories",
        compact_json(points),
        pickable=True,
        autoHighlight=True,
        highlightColor=[*rgb(palette.base.text), 60],
        stroked=True,
        getPosition="@@=place",
        getFillColor="@@=fill",
        getLineColor="@@=edge",
        getLineWidth=0.6,
        lineWidthUnits="pixels",
        getRadius=6,
        radiusUnits="common",
        radiusMinPixels=1.8,
        radiusMaxPixels=12,
    )


def _outline(selected: str | None, palette: Palette) -> str:
    """The layer with the selected country's outline, above its neighbors' borders."""
    features = [
        f'{{"type":"Feature","geometry":{_geometry(code)},"properties":{{}}}}'
        for code in world().countries
        if code == selected
    ]
    return layer(
        "GeoJsonLayer",
        "selected",
        _collection(features),
        pickable=False,
        filled=False,
        getLineColor=rgb(palette.selected),
        getLineWidth=2,
        lineWidthUnits="pixels",
        lineJointRounded=True,
    )


def country_deck(
    frame: pd.DataFrame, measure: Measure, dark: bool, selected: str | None = None
) -> pdk.Deck:
    """The map for `st.pydeck_chart`, fitted to whatever container it is put in.

    Countries are the layer `countries`, whose objects carry their code as
    `object["properties"]["iso"]`; small territories are the points of the layer `territories`,
    with the code as `object["iso"]`. `selected` is the code of the country to outline.
    """
    palette = palette_for(dark)
    shades = shades_of(frame, measure, dark)
    layers = [
        sea(palette),
        graticule(palette),
        _countries(shades, palette, dark),
        _outline(selected, palette),
        _territories(shades, palette, selected),
    ]
    return scene(layers, _TOOLTIP, dark)


def map_height(user_agent: str | None, wide: int = HEIGHT) -> int:
    """Height in pixels for the page's map: `wide`, or less on a phone.

    `user_agent` is the browser's header of that name.
    """
    # "Mobi" is what every phone's browser says of itself, and no other.
    return PHONE_HEIGHT if user_agent and "Mobi" in user_agent else wide
