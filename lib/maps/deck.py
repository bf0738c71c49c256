"""The interactive map of a page, fitted to whatever container it is put in."""

from __future__ import annotations

import json
import math
from functools import cache

import pandas as pd
import pydeck as pdk

from lib.geography import world
from lib.maps.colors import Palette, palette_for, rgb
from lib.maps.shades import Shade, blank, points_of, shades_of
from lib.selection import Measure

HEIGHT = 540
"""Height in pixels of the page's map: on a wide screen the world then fills some 1200 pixels."""

PHONE_HEIGHT = 180
"""Height in pixels of the page's map on a phone, where the world is as wide as the screen."""


def _compact(value: object) -> str:
    """JSON without a space more than needed."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


@cache
def _geometry(code: str) -> str:
    """The country's GeoJSON geometry, written once: a map has one every time colors change."""
    return _compact({"type": "MultiPolygon", "coordinates": world().countries[code]})


def _feature(shade: Shade) -> str:
    """The country's GeoJSON feature."""
    properties = _compact(vars(shade))
    return f'{{"type":"Feature","geometry":{_geometry(shade.iso)},"properties":{properties}}}'


def _collection(features: list[str]) -> str:
    """A GeoJSON collection."""
    return f'{{"type":"FeatureCollection","features":[{",".join(features)}]}}'


def _layer(kind: str, name: str, data: str, **properties: object) -> str:
    """A deck.gl layer whose data is JSON already."""
    rest = _compact({"@@type": kind, "id": name, **properties})
    return f'{rest[:-1]},"data":{data}}}'


def _background(palette: Palette) -> list[str]:
    """The layers below the countries: the sea with its meridians and parallels."""
    sea = _compact([{"ring": world().sea}])
    lines = _compact([{"line": line} for line in world().graticule])
    return [
        _layer(
            "SolidPolygonLayer",
            "sea",
            sea,
            getPolygon="@@=ring",
            getFillColor=rgb(palette.sea),
            pickable=False,
        ),
        _layer(
            "PathLayer",
            "graticule",
            lines,
            getPath="@@=line",
            getColor=rgb(palette.graticule),
            getWidth=1,
            widthUnits="pixels",
            pickable=False,
        ),
    ]


def _countries(shades: dict[str, Shade], palette: Palette, dark: bool) -> str:
    """The layer of countries, those without data included."""
    features = [_feature(shades.get(code) or blank(code, dark)) for code in world().countries]
    return _layer(
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
    return _layer(
        "ScatterplotLayer",
        "territories",
        _compact(points),
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
    return _layer(
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


def _camera() -> str:
    """The view: face-on, and as large as its container allows, whatever the container's size.

    The browser has to fit the map, because Streamlit tells the server no widths. An orbit view
    never zooms out further than where the shorter side of its padded container spans the diagonal
    of `maxBounds`. The padding below makes that the map's width or its height, whichever is
    tighter, so starting from far away ends in a perfect fit. (An orthographic view would fill the
    container and cut the map instead.)
    """
    xs, ys = [x for x, _ in world().sea], [y for _, y in world().sea]
    width, height = max(xs) - min(xs), max(ys) - min(ys)
    margin, diagonal = 1.01, math.hypot(width, height)
    sides = f"-{(diagonal / width / margin - 1) * 50:.3f}%"
    ends = f"-{(diagonal / height / margin - 1) * 50:.3f}%"
    state = {
        "target": [0, (max(ys) + min(ys)) / 2, 0],
        "zoom": -6,
        "maxZoom": 2,
        "maxBounds": [[min(xs), min(ys), 0], [max(xs), max(ys), 0]],
        "maxBoundsPadding": {"left": sides, "right": sides, "top": ends, "bottom": ends},
    }
    # A page that scrolls under the mouse must not zoom the map: a double click does.
    controller = {"dragMode": "pan", "dragRotate": False, "scrollZoom": False}
    view = {"@@type": "OrbitView", "orbitAxis": "Y", "controller": controller}
    return f'"views":[{_compact(view)}],"initialViewState":{_compact(state)}'


class _Deck(pdk.Deck):  # type: ignore[misc]
    """A deck whose JSON is written already: pydeck's own is indented, seven times as long."""

    def __init__(self, text: str, tooltip: dict[str, object]) -> None:
        super().__init__(map_provider=None, tooltip=tooltip)
        self._text = text

    def to_json(self) -> str:
        """The deck's JSON."""
        return self._text


def _tooltip(dark: bool) -> dict[str, object]:
    """The tooltip's template and look. Streamlit escapes what it puts in place of `{…}`."""
    palette = palette_for(dark)
    return {
        "html": "<b>{name}</b><br>{downloads} downloads<br>{share} of these downloads"
        "<br>Preference {preference}",
        "style": {
            "backgroundColor": palette.sea,
            "color": palette.base.text,
            "border": f"1px solid {palette.graticule}",
            "borderRadius": "8px",
            "boxShadow": "0 4px 16px rgba(0,0,0,0.18)",
            "fontSize": "13px",
            "lineHeight": "1.45",
            "padding": "8px 12px",
        },
    }


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
        *_background(palette),
        _countries(shades, palette, dark),
        _outline(selected, palette),
        _territories(shades, palette, selected),
    ]
    return _Deck(f'{{{_camera()},"layers":[{",".join(layers)}]}}', _tooltip(dark))


def map_height(user_agent: str | None, wide: int = HEIGHT) -> int:
    """Height in pixels for the page's map: `wide`, or less on a phone.

    `user_agent` is the browser's header of that name.
    """
    # "Mobi" is what every phone's browser says of itself, and no other.
    return PHONE_HEIGHT if user_agent and "Mobi" in user_agent else wide
