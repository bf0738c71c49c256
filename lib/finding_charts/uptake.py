"""How new versions were taken up: the share at least as new, by days since the first download."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from lib.charts import KeptFigure, style, upright_title
from lib.formats import percent
from lib.theme import Theme

_HEIGHT = 400


def uptake_curves(frame: pd.DataFrame, theme: Theme, signature: str, *, unit: str) -> go.Figure:
    """A line for each version, the newest strongest: columns `series`, `day` and `value`.

    `value` is a share of one; a line at half stands behind. `unit` names the vertical axis.
    """
    figure = go.Figure()
    colors = theme.colors(list(frame["series"].drop_duplicates()))
    newest = frame["series"].iloc[-1]
    for name, color in colors.items():
        rows = frame[frame["series"] == name]
        figure.add_trace(
            go.Scatter(
                x=rows["day"],
                y=rows["value"],
                name=name,
                mode="lines",
                line={"color": color, "width": 3.2 if name == newest else 1.8},
                customdata=[
                    f"Day {day}: {percent(value)}"
                    for day, value in zip(rows["day"], rows["value"], strict=True)
                ],
                hovertemplate="%{customdata}<extra>%{fullData.name}</extra>",
            )
        )
    style(figure, theme, signature, height=_HEIGHT)
    font = {"size": 12, "color": theme.muted}
    figure.update_layout(
        showlegend=True,
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.04, "xanchor": "left", "x": 0},
        margin={"l": 8, "r": 12, "t": 48, "b": 82},
    )
    figure.update_xaxes(title={"text": "Days since the first download", "font": font})
    figure.update_yaxes(range=[0, 1], tickformat=".0%", title=upright_title(unit, theme))
    figure.add_hline(y=0.5, line={"color": theme.muted, "width": 1.4, "dash": "dot"})
    # The source stands under the title of the axis, which other charts do not have.
    figure.layout.annotations[0].yshift = -58
    return KeptFigure(figure)
