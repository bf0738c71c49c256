"""The rank-size curve of a field: how fast downloads fall from the first package to the last."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from lib.charts import KeptFigure, style
from lib.formats import compact, percent
from lib.theme import Theme

_HEIGHT = 400

_POINTS_DRAWN = 60
"""Fewer packages than this are drawn as points too."""


def rank_size_curve(frame: pd.DataFrame, theme: Theme, signature: str, *, half: int) -> go.Figure:
    """Downloads against rank, both on logarithmic axes: `rank`, `downloads`, `cumulative`.

    A dashed line stands at the rank `half`, up to which packages make half of all downloads.
    """
    shown = frame[frame["downloads"] > 0]
    texts = [
        f"Rank {rank:,}: {compact(downloads)} downloads; the first {rank:,} make {percent(share)}"
        for rank, downloads, share in zip(
            shown["rank"], shown["downloads"], shown["cumulative"], strict=True
        )
    ]
    figure = go.Figure(
        go.Scatter(
            x=shown["rank"],
            y=shown["downloads"],
            mode="lines+markers" if len(shown) < _POINTS_DRAWN else "lines",
            line={"color": theme.series[0], "width": 2.4},
            customdata=texts,
            hovertemplate="%{customdata}<extra></extra>",
        )
    )
    low, high = float(shown["downloads"].min()), float(shown["downloads"].max())
    figure.add_trace(
        go.Scatter(
            x=[half, half],
            y=[low, high],
            mode="lines+text",
            line={"color": theme.muted, "width": 1.4, "dash": "dash"},
            text=[f" {half:,} {'makes' if half == 1 else 'make'} half ", ""],
            textposition="top right" if half**2 < int(frame["rank"].max()) else "top left",
            textfont={"color": theme.muted, "size": theme.size - 1},
            hoverinfo="skip",
        )
    )
    style(figure, theme, signature, height=_HEIGHT)
    font = {"size": theme.size - 1, "color": theme.muted}
    figure.update_xaxes(
        type="log", title={"text": "Rank by downloads", "font": font}, dtick=1, title_standoff=2
    )
    figure.update_yaxes(
        type="log",
        title={"text": "Downloads", "font": font},
        dtick=1,
        exponentformat="B",
        minexponent=3,
    )
    # The source stands under the axis and its title, which take a line more than other charts have.
    figure.layout.annotations[-1].yshift = -46
    figure.update_layout(margin={"b": 68})
    return KeptFigure(figure)
