"""Adoption curves: the share of each in its own ceiling over time, with the curve through it."""

from __future__ import annotations

import html

import pandas as pd
import plotly.graph_objects as go

from lib.charts import KeptFigure, TimeAxis, day_ticks, mark_breaks, style, upright_title
from lib.formats import moment, percent
from lib.theme import Theme

_HEIGHT = 420

_MOST = 1.4
"""The highest part of a ceiling that is drawn."""


def s_curves(frame: pd.DataFrame, theme: Theme, axis: TimeAxis, *, unit: str) -> go.Figure:
    """Points and a curve for each series: columns `period`, `series`, `value` and `curve`.

    Both are parts of the series' own ceiling, 1 for all of it; NaN values are left out.
    """
    figure = go.Figure()
    colors = theme.colors(list(frame["series"].drop_duplicates()))
    for name, color in colors.items():
        rows = frame[frame["series"] == name]
        label = html.escape(str(name))
        figure.add_trace(
            go.Scatter(
                x=rows["period"],
                y=rows["value"],
                name=label,
                legendgroup=label,
                showlegend=False,
                mode="markers",
                marker={"color": color, "size": 5, "opacity": 0.55},
                customdata=[
                    f"{moment(period, axis.grain)}: {percent(value)} of its ceiling"
                    for period, value in zip(rows["period"], rows["value"], strict=True)
                ],
                hovertemplate="%{customdata}<extra>%{fullData.name}</extra>",
            )
        )
        figure.add_trace(
            go.Scatter(
                x=rows["period"],
                y=rows["curve"],
                name=label,
                legendgroup=label,
                mode="lines",
                line={"color": color, "width": 2.4},
                hoverinfo="skip",
            )
        )
    style(figure, theme, axis.signature, height=_HEIGHT)
    figure.update_layout(
        showlegend=True,
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.06, "xanchor": "left", "x": 0},
        margin={"l": 8, "r": 12, "t": 48, "b": 64},
    )
    ends = [pd.Timestamp(axis.period.first), pd.Timestamp(axis.period.last)]
    figure.update_xaxes(range=ends, hoverformat="%d %b %Y", **day_ticks(axis.period))
    figure.update_yaxes(
        range=[0, _MOST],
        tickformat=".0%",
        title=upright_title(unit, theme),
    )
    mark_breaks(figure, theme, axis)
    return KeptFigure(figure)
