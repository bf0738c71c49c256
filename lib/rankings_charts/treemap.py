"""Packages by group: the area is downloads, the color how they changed."""

from __future__ import annotations

import html
import math

import pandas as pd
import plotly.graph_objects as go

from lib.charts import KeptFigure, style
from lib.formats import change, compact, percent
from lib.theme import DARK, LIGHT, Theme

_HEIGHT = 520

_FULL = math.log(1.5)
"""A change to 1.5 times, or to two thirds, has the full color."""


_LEAST_NAMED, _LEAST_TOLD = 0.003, 0.008
"""The shares of all from which a tile has room for a name, and for its share under it."""

_BRIGHT = 140
"""From this luma (of 255) on, dark ink is read better than light."""


def treemap(frame: pd.DataFrame, theme: Theme, signature: str) -> go.Figure:
    """A tile for each part: columns `group`, `name`, `downloads`, `share`, `change`, `groups`.

    A part whose change is not told is gray.
    """
    sums = frame.groupby("group", sort=False)["downloads"].sum()
    whole = float(sums.sum())
    ids = [*sums.index, *(frame["group"] + "\n" + frame["name"])]
    labels = [html.escape(str(name)) for name in (*sums.index, *frame["name"])]
    texts = [
        *(
            f"{html.escape(str(name))}: {compact(value)}, {percent(value / whole)}"
            for name, value in sums.items()
        ),
        *(_hover(row) for row in frame.itertuples(index=False)),
    ]
    colors = [theme.grid] * len(sums) + [_color(value, theme) for value in frame["change"]]
    figure = go.Figure(
        go.Treemap(
            ids=ids,
            labels=labels,
            parents=[""] * len(sums) + list(frame["group"]),
            values=[0] * len(sums) + list(frame["downloads"]),
            branchvalues="remainder",
            textfont={"color": [_ink(color) for color in colors]},
            marker={"colors": colors, "line": {"color": theme.background, "width": 1}},
            text=[f"{percent(value / whole)}" for value in (*sums, *frame["downloads"])],
            texttemplate=[_label(value / whole) for value in (*sums, *frame["downloads"])],
            customdata=texts,
            hovertemplate="%{customdata}<extra></extra>",
            tiling={"pad": 1},
            pathbar={"visible": False},
            root={"color": "rgba(0,0,0,0)"},
        )
    )
    figure.add_trace(_legend(theme))
    style(figure, theme, signature, height=_HEIGHT)
    figure.layout.annotations[-1].yshift = -34
    figure.update_layout(
        margin={"l": 0, "r": 0, "t": 4, "b": 56},
    )
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    return KeptFigure(figure)


def _legend(theme: Theme) -> go.Scatter:
    """The scale of colors: a trace without a point, for tiles have colors of their own."""
    last = len(theme.diverging) - 1
    return go.Scatter(
        x=[None],
        y=[None],
        mode="markers",
        hoverinfo="skip",
        marker={
            "color": [0],
            "cmin": -1,
            "cmax": 1,
            "colorscale": [(place / last, color) for place, color in enumerate(theme.diverging)],
            "showscale": True,
            "colorbar": {
                "orientation": "h",
                "x": 0.03,
                "xanchor": "left",
                "y": 0,
                "yanchor": "top",
                "len": 0.6,
                "thickness": 8,
                "outlinewidth": 0,
                "ticklabeloverflow": "allow",
                "tickvals": [-1, 0, 1],
                "ticktext": [
                    change(math.exp(-_FULL) - 1),
                    "as before",
                    change(math.exp(_FULL) - 1),
                ],
                "tickfont": {"size": theme.size - 2, "color": theme.muted},
            },
        },
    )


def _label(share: float) -> str:
    """What stands in a tile: its name and share, or nothing where they could not be read."""
    if share < _LEAST_NAMED:
        return ""
    return "%{label}<br>%{text}" if share >= _LEAST_TOLD else "%{label}"


def _ink(color: str) -> str:
    """The ink that is read best on a color, by its luma (Rec. 601)."""
    red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return LIGHT.text if 0.299 * red + 0.587 * green + 0.114 * blue > _BRIGHT else DARK.text


def _hover(row: object) -> str:
    name, downloads, share, changed, groups = (
        getattr(row, field) for field in ("name", "downloads", "share", "change", "groups")
    )
    told = "change not told" if math.isnan(changed) else change(changed)
    split = f"<br>In {groups} groups: an equal part of its downloads in each" if groups > 1 else ""
    return f"{html.escape(str(name))}: {compact(downloads)}, {percent(share)}<br>{told}{split}"


def _color(changed: float, theme: Theme) -> str:
    """The color of a change, by its logarithm: from much less over as before to much more."""
    if math.isnan(changed):
        return theme.rest
    place = min(max(math.log(max(1 + changed, 1e-9)) / _FULL, -1), 1)
    at = (place + 1) / 2 * (len(theme.diverging) - 1)
    low = min(int(at), len(theme.diverging) - 2)
    ends = (theme.diverging[low], theme.diverging[low + 1])
    one, other = ([int(color[i : i + 2], 16) for i in (1, 3, 5)] for color in ends)
    mixed = (round(a + (b - a) * (at - low)) for a, b in zip(one, other, strict=True))
    return "#" + "".join(f"{part:02x}" for part in mixed)
