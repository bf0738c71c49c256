"""What every deck of the world shares: its JSON, its sea, its camera, and its tooltip's look."""

from __future__ import annotations

import json
import math

import pydeck as pdk

from lib.geography import world
from lib.maps.colors import Palette, palette_for, rgb


def compact_json(value: object) -> str:
    """JSON without a space more than needed."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def layer(kind: str, name: str, data: str, **properties: object) -> str:
    """A deck.gl layer whose data is JSON already."""
    rest = compact_json({"@@type": kind, "id": name, **properties})
    return f'{rest[:-1]},"data":{data}}}'


def sea(palette: Palette) -> str:
    """The layer of the drawn part of the globe."""
    return layer(
        "SolidPolygonLayer",
        "sea",
        compact_json([{"ring": world().sea}]),
        getPolygon="@@=ring",
        getFillColor=rgb(palette.sea),
        pickable=False,
    )


def graticule(palette: Palette) -> str:
    """The layer of meridians and parallels."""
    return layer(
        "PathLayer",
        "graticule",
        compact_json([{"line": line} for line in world().graticule]),
        getPath="@@=line",
        getColor=rgb(palette.graticule),
        getWidth=1,
        widthUnits="pixels",
        pickable=False,
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
    return f'"views":[{compact_json(view)}],"initialViewState":{compact_json(state)}'


class _Deck(pdk.Deck):  # type: ignore[misc]
    """A deck whose JSON is written already: pydeck's own is indented, seven times as long."""

    def __init__(self, text: str, tooltip: dict[str, object]) -> None:
        super().__init__(map_provider=None, tooltip=tooltip)
        self._text = text

    def to_json(self) -> str:
        """The deck's JSON."""
        return self._text


def _tooltip(template: str, palette: Palette) -> dict[str, object]:
    """The tooltip's template and look. Streamlit escapes what it puts in place of `{…}`."""
    return {
        "html": template,
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


def scene(layers: list[str], tooltip: str, dark: bool) -> pdk.Deck:
    """A deck of these layers, the lowest first, that fits whatever container it is put in.

    `tooltip` is HTML in which `{name}` stands for that property of the object under the pointer.
    """
    text = f'{{{_camera()},"layers":[{",".join(layers)}]}}'
    return _Deck(text, _tooltip(tooltip, palette_for(dark)))
