"""The world map of downloads: colors, an interactive map for the page, and one to take away.

Every function reads a frame with one row for each country, and the columns

- `country`: ISO 3166-1 alpha-2 code, or `unknown`;
- `downloads`: how many;
- `share`: its part of the selected downloads, from 0 to 1;
- `preference`: that share over the country's share of all downloads held, where 1 means "as the
  world does"; NaN where it cannot be told.

Nothing here asks a foreign host for anything: the outlines are our own, and there is no base map.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from functools import cache
from xml.sax.saxutils import escape

import pandas as pd
import pydeck as pdk

from lib import theme
from lib.formats import NARROW_SPACE, compact, percent
from lib.geography import Line, country_name, world
from lib.selection import Measure

Color = tuple[int, int, int]

HEIGHT = 540
"""Height in pixels of the page's map: on a wide screen the world then fills some 1200 pixels."""

PHONE_HEIGHT = 180
"""Height in pixels of the page's map on a phone, where the world is as wide as the screen."""

DECADES = 4
"""How many powers of ten the sequential scale spans; smaller values share its first color."""

STRONGEST_PREFERENCE = 4.0
"""Where the diverging scale ends: four times the world's share, or a quarter of it."""

_TITLES = {
    Measure.DOWNLOADS: "Downloads",
    Measure.SHARE: "Share of downloads",
    Measure.PREFERENCE: "Preference: share of these downloads over share of all downloads",
}


@dataclass(frozen=True)
class _Palette:
    """The map's own colors in one appearance, as hexadecimal RGB.

    `ramp` runs from few to many and `diverging` from far below the world to far above it. The
    theme's scales are for bars and cells; these keep their faint end apart from sea and no data.
    """

    ramp: tuple[str, ...]
    diverging: tuple[str, ...]
    no_data: str
    sea: str
    graticule: str
    border: str
    selected: str
    base: theme.Theme


_LIGHT = _Palette(
    ramp=("#D2E5F3", "#8FC1E3", "#3D94CB", "#0B62A8", "#06305A"),
    diverging=("#A34700", "#E5962E", "#C9CDD1", "#4FA3D9", "#00568F"),
    no_data="#EAE8E4",
    sea="#F5F8FB",
    graticule="#E7EDF4",
    border="#FFFFFF",
    selected="#C2187A",
    base=theme.LIGHT,
)

_DARK = _Palette(
    ramp=("#1A4568", "#1B6AA0", "#3A9BDC", "#86CBF7", "#E0F3FF"),
    diverging=("#FFC57A", "#C67C22", "#565C66", "#2F86C9", "#9AD5FF"),
    no_data="#2B3038",
    sea="#131C26",
    graticule="#1D2834",
    border="#0E141B",
    selected="#FF6EC7",
    base=theme.DARK,
)


def _palette(dark: bool) -> _Palette:
    """The colors of the appearance that the reader has chosen."""
    return _DARK if dark else _LIGHT


def _rgb(color: str) -> Color:
    """The red, green and blue of a hexadecimal color, each from 0 to 255."""
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _hexadecimal(color: Color) -> str:
    """The color as CSS and SVG write it."""
    return "#{:02X}{:02X}{:02X}".format(*color)


def _blend(stops: tuple[str, ...], position: float) -> Color:
    """The color at a position from 0 to 1 along evenly spaced stops."""
    place = min(max(position, 0.0), 1.0) * (len(stops) - 1)
    index = min(int(place), len(stops) - 2)
    start, end = _rgb(stops[index]), _rgb(stops[index + 1])
    red, green, blue = (
        round(low + (high - low) * (place - index)) for low, high in zip(start, end, strict=True)
    )
    return red, green, blue


def _has_data(values: pd.Series) -> pd.Series:
    """Whether each value can be placed on a logarithmic scale."""
    return values.gt(0) & values.notna() & values.ne(math.inf)


def _range(values: pd.Series, measure: Measure) -> tuple[float, float]:
    """The values at the two ends of the color scale; (1, 1) when no value can be shown."""
    if measure is Measure.PREFERENCE:
        return 1 / STRONGEST_PREFERENCE, STRONGEST_PREFERENCE
    shown = values[_has_data(values)]
    if shown.empty:
        return 1.0, 1.0
    highest = float(shown.max())
    return max(float(shown.min()), highest / 10**DECADES), highest


def _color(value: float, ends: tuple[float, float], measure: Measure, palette: _Palette) -> Color:
    """The color of one positive value on a logarithmic scale with these ends."""
    low, high = ends
    position = math.log(value / low) / math.log(high / low) if high > low else 1.0
    return _blend(palette.diverging if measure is Measure.PREFERENCE else palette.ramp, position)


def color_scale(values: pd.Series, measure: Measure, dark: bool) -> list[Color]:
    """The color of each value, as red, green and blue from 0 to 255.

    Downloads and shares run through one hue on a logarithmic scale of at most four decades; on the
    dark theme many is bright. Preference diverges from gray at 1 to orange below and blue above,
    which readers with any color vision tell apart. Zero, missing and infinite values have a
    neutral color that the scale does not use.
    """
    palette = _palette(dark)
    ends = _range(values, measure)
    neutral = _rgb(palette.no_data)
    return [
        _color(float(value), ends, measure, palette) if shown else neutral
        for value, shown in zip(values, _has_data(values), strict=True)
    ]


def _share_text(share: float) -> str:
    """A share as a percentage that tells a small one from none."""
    return f"< 0.01{NARROW_SPACE}%" if 0 < share < 5e-5 else percent(share)


def _preference_text(preference: float) -> str:
    """A preference as a factor: `×1.3`; `–` where it cannot be told."""
    if math.isnan(preference):
        return "–"
    return f"×{preference:.0f}" if preference >= 9.95 else f"×{preference:.2g}"


def _text(value: float, measure: Measure) -> str:
    """The value as the map's texts write it."""
    if measure is Measure.DOWNLOADS:
        return compact(value)
    return _share_text(value) if measure is Measure.SHARE else _preference_text(value)


def _marks(ends: tuple[float, float], measure: Measure) -> list[tuple[str, float]]:
    """Values worth a mark on the scale: powers of two, or powers of ten and the highest value."""
    if measure is Measure.PREFERENCE:
        return [("≤ ×¼", 0.25), ("×½", 0.5), ("×1", 1.0), ("×2", 2.0), ("≥ ×4", 4.0)]
    low, high = ends
    # The logarithm of a power of ten can fall just beside the whole number.
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    powers = [10.0**exponent for exponent in range(first, last + 1)]
    # A mark right beside the highest value would only crowd it.
    marks = [power for power in powers if power * 2 <= high]
    values = [*(marks or [low]), high] if low < high else [high]
    return [(_rounded(_text(value, measure)), value) for value in values]


def _rounded(text: str) -> str:
    """The text without zeros that say nothing: 10 M and not 10.0 M."""
    return re.sub(r"\.0+(?!\d)", "", text)


def legend(frame: pd.DataFrame, measure: Measure, dark: bool) -> list[tuple[str, str]]:
    """Marks of the color scale from low to high, and last the color of no data: label and color.

    Colors are hexadecimal. A frame without data has the last mark only.
    """
    palette = _palette(dark)
    values = _on_map(frame)[measure.value]
    ends = _range(values, measure)
    marks = [
        (label, _hexadecimal(_color(value, ends, measure, palette)))
        for label, value in _marks(ends, measure)
    ]
    return [*(marks if _has_data(values).any() else []), ("No data", palette.no_data)]


def off_map(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows with no place on the map: unknown countries, and codes that nobody has heard of."""
    return frame[~_is_placed(frame)]


def _on_map(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows with a place on the map, which alone make the scale of its colors."""
    return frame[_is_placed(frame)]


def _is_placed(frame: pd.DataFrame) -> pd.Series:
    """Whether each row has a place on the map."""
    return frame["country"].map(world().holds).astype(bool)


@dataclass(frozen=True)
class _Shade:
    """How one country is drawn, and what its tooltip says."""

    iso: str
    name: str
    downloads: str
    share: str
    preference: str
    fill: Color


def _shades(frame: pd.DataFrame, measure: Measure, dark: bool) -> dict[str, _Shade]:
    """The look of every country on the map that the frame tells of, by its code."""
    placed = _on_map(frame)
    colors = color_scale(placed[measure.value], measure, dark)
    columns = (placed[name] for name in ("country", "downloads", "share", "preference"))
    rows = zip(*columns, strict=True)
    return {
        code: _Shade(
            iso=code,
            name=country_name(code),
            downloads=compact(downloads),
            share=_share_text(share),
            preference=_preference_text(preference),
            fill=color,
        )
        for (code, downloads, share, preference), color in zip(rows, colors, strict=True)
    }


def _blank(code: str, dark: bool) -> _Shade:
    """The look of a country that the frame says nothing about."""
    name = country_name(code) if code else "Disputed territory"
    return _Shade(code, name, "0", percent(0), "–", _rgb(_palette(dark).no_data))


def _compact(value: object) -> str:
    """JSON without a space more than needed."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


@cache
def _geometry(code: str) -> str:
    """The country's GeoJSON geometry, written once: a map has one every time colors change."""
    return _compact({"type": "MultiPolygon", "coordinates": world().countries[code]})


def _feature(shade: _Shade) -> str:
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


def _background(palette: _Palette) -> list[str]:
    """The layers below the countries: the sea with its meridians and parallels."""
    sea = _compact([{"ring": world().sea}])
    lines = _compact([{"line": line} for line in world().graticule])
    return [
        _layer(
            "SolidPolygonLayer",
            "sea",
            sea,
            getPolygon="@@=ring",
            getFillColor=_rgb(palette.sea),
            pickable=False,
        ),
        _layer(
            "PathLayer",
            "graticule",
            lines,
            getPath="@@=line",
            getColor=_rgb(palette.graticule),
            getWidth=1,
            widthUnits="pixels",
            pickable=False,
        ),
    ]


def _countries(shades: dict[str, _Shade], palette: _Palette, dark: bool) -> str:
    """The layer of countries, those without data included."""
    features = [_feature(shades.get(code) or _blank(code, dark)) for code in world().countries]
    return _layer(
        "GeoJsonLayer",
        "countries",
        _collection(features),
        pickable=True,
        autoHighlight=True,
        highlightColor=[*_rgb(palette.base.text), 60],
        getFillColor="@@=properties.fill",
        getLineColor=_rgb(palette.border),
        getLineWidth=0.6,
        lineWidthUnits="pixels",
        lineJointRounded=True,
    )


def _points(shades: dict[str, _Shade], palette: _Palette, selected: str | None) -> list[_Shade]:
    """The territories worth a point: dozens of islands without data would only be noise."""
    looks = [shades.get(code) or _blank(code, palette.base.dark) for code in world().territories]
    neutral = _rgb(palette.no_data)
    return [look for look in looks if look.fill != neutral or look.iso == selected]


def _territories(shades: dict[str, _Shade], palette: _Palette, selected: str | None) -> str:
    """The layer of points: small territories with downloads, and the selected one."""
    points = [
        {
            **vars(shade),
            "place": world().territories[shade.iso],
            "edge": _rgb(palette.selected if shade.iso == selected else palette.border),
        }
        for shade in _points(shades, palette, selected)
    ]
    return _layer(
        "ScatterplotLayer",
        "territories",
        _compact(points),
        pickable=True,
        autoHighlight=True,
        highlightColor=[*_rgb(palette.base.text), 60],
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


def _outline(selected: str | None, palette: _Palette) -> str:
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
        getLineColor=_rgb(palette.selected),
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
    palette = _palette(dark)
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
    palette = _palette(dark)
    shades = _shades(frame, measure, dark)
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


def map_alt(frame: pd.DataFrame, measure: Measure) -> str:
    """What the map shows, for those who cannot see it."""
    placed = _on_map(frame)
    shown = placed[_has_data(placed[measure.value])]
    if shown.empty:
        return f"World map of {measure.value} by country. No country has data."
    highest = shown.nlargest(3, measure.value)
    places = ", ".join(
        f"{country_name(code)} {_text(value, measure)}"
        for code, value in zip(highest["country"], highest[measure.value], strict=True)
    )
    count = "1 country has data" if len(shown) == 1 else f"{len(shown)} countries have data"
    return f"World map of {measure.value} by country. Highest: {places}. {count}."


def _path(polygon: tuple[Line, ...]) -> str:
    """Rings or lines as SVG path data; SVG's y grows downward."""
    return "".join("M" + "L".join(f"{x},{-y}" for x, y in ring) for ring in polygon)


_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""The characters outside the production Char of XML 1.0."""


def _svg_text(text: str) -> str:
    """The text for an SVG file: escaped, and without the characters that XML forbids."""
    return escape(_NOT_XML.sub("", text))


def _svg_shapes(shades: dict[str, _Shade], dark: bool) -> list[str]:
    """The countries and territories as SVG elements, each with its tooltip."""
    elements = []
    for code, polygons in world().countries.items():
        shade = shades.get(code) or _blank(code, dark)
        outline = "".join(_path(polygon) for polygon in polygons)
        elements.append(f'<path d="{outline}" {_svg_look(shade)}</path>')
    for shade in _points(shades, _palette(dark), selected=None):
        x, y = world().territories[shade.iso]
        elements.append(f'<circle cx="{x}" cy="{-y}" r="9" {_svg_look(shade)}</circle>')
    return elements


def _svg_look(shade: _Shade) -> str:
    """The end of an element's opening tag with its color, and its tooltip."""
    text = (
        f"{shade.name}: {shade.downloads} downloads, {shade.share}, preference {shade.preference}"
    )
    return f'fill="{_hexadecimal(shade.fill)}"><title>{_svg_text(text)}</title>'


def _svg_legend(frame: pd.DataFrame, measure: Measure, dark: bool, y: float) -> list[str]:
    """The legend as a row of swatches, with the measure's name before it."""
    palette = _palette(dark)
    elements = [
        f'<text x="-1780" y="{y}" fill="{palette.base.muted}">{_svg_text(_TITLES[measure])}</text>'
    ]
    for index, (label, color) in enumerate(legend(frame, measure, dark)):
        x = -1780 + index * 300
        elements.append(f'<rect x="{x}" y="{y + 28}" width="60" height="40" fill="{color}"/>')
        elements.append(
            f'<text x="{x + 76}" y="{y + 62}" fill="{palette.base.text}">{_svg_text(label)}</text>'
        )
    return elements


def map_svg(frame: pd.DataFrame, measure: Measure, dark: bool, title: str) -> str:
    """The map as a standalone SVG file, with its title and legend; every text is escaped."""
    palette = _palette(dark)
    top, bottom = -max(y for _, y in world().sea), -min(y for _, y in world().sea)
    style = 'font-family="Inter, Helvetica, Arial, sans-serif" font-size="40"'
    return "".join(
        [
            '<svg xmlns="http://www.w3.org/2000/svg" role="img" width="1500" '
            f'viewBox="-1840 {top - 160} 3680 {bottom - top + 340}" {style}>',
            f"<title>{_svg_text(title)}</title><desc>{_svg_text(map_alt(frame, measure))}</desc>",
            f'<rect x="-1840" y="{top - 160}" width="3680" height="{bottom - top + 340}" '
            f'fill="{palette.base.background}"/>',
            f'<text x="-1780" y="{top - 60}" font-size="64" font-weight="600" '
            f'fill="{palette.base.text}">{_svg_text(title)}</text>',
            f'<path d="{_path((world().sea,))}" fill="{palette.sea}"/>',
            f'<path d="{_path(world().graticule)}" fill="none" stroke="{palette.graticule}" '
            'stroke-width="2"/>',
            f'<g stroke="{palette.border}" stroke-width="1.5" stroke-linejoin="round" '
            'fill-rule="evenodd">',
            *_svg_shapes(_shades(frame, measure, dark), dark),
            "</g>",
            *_svg_legend(frame, measure, dark, bottom + 60),
            "</svg>\n",
        ]
    )
