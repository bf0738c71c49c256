"""How many times the downloads of one are those of another over time, with every crossing."""

from __future__ import annotations

import html
from collections.abc import Callable

import pandas as pd
import plotly.graph_objects as go

from lib.charts import KeptFigure, TimeAxis, day_ticks, mark_breaks, style, upright_title
from lib.formats import moment
from lib.theme import Theme

_HEIGHT = 400

_DASHES = ("solid", "dash")

_MARKS = (0.001, 0.01, 0.1, 0.25, 0.5, 1, 2, 4, 10, 100, 1000)

_FINE_MARKS = (0.2, 0.25, 0.33, 0.5, 0.67, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5)

_NARROW = 5
"""Up to this ratio, either way, the axis has fine marks."""


def ratio_lines(
    frame: pd.DataFrame,
    crossings: pd.DataFrame,
    theme: Theme,
    axis: TimeAxis,
    *,
    unit: str,
    show: Callable[[float], str],
) -> go.Figure:
    """A line for each count: columns `period`, `series`, `value` (a ratio), on a logarithmic axis.

    A line stands at 1, where both have as many. `crossings` are marked on it: columns `period`,
    `series` and `label`, which says who passed whom. `unit` names the vertical axis, `show`
    writes a ratio.
    """
    figure = go.Figure()
    for name, dash, color in zip(
        frame["series"].drop_duplicates(), _DASHES, theme.series, strict=False
    ):
        rows = frame[frame["series"] == name]
        texts = [
            f"{moment(period, axis.grain)}: {show(value)}"
            for period, value in zip(rows["period"], rows["value"], strict=True)
        ]
        figure.add_trace(
            go.Scatter(
                x=rows["period"],
                y=rows["value"].where(rows["value"] > 0),
                name=html.escape(str(name)),
                mode="lines",
                line={"color": color, "width": 2.2, "dash": dash},
                customdata=texts,
                hovertemplate="%{customdata}<extra>%{fullData.name}</extra>",
            )
        )
        _mark_crossings(figure, crossings[crossings["series"] == name], theme, color)
    _lay_out(figure, frame, theme, axis, unit)
    return KeptFigure(figure)


def _mark_crossings(figure: go.Figure, rows: pd.DataFrame, theme: Theme, color: str) -> None:
    figure.add_trace(
        go.Scatter(
            x=rows["period"],
            y=[1.0] * len(rows),
            mode="markers",
            marker={
                "color": theme.background,
                "size": 11,
                "line": {"color": color, "width": 2.4},
            },
            showlegend=False,
            customdata=[html.escape(str(label)) for label in rows["label"]],
            hovertemplate="%{customdata}<extra></extra>",
        )
    )


def _lay_out(
    figure: go.Figure, frame: pd.DataFrame, theme: Theme, axis: TimeAxis, unit: str
) -> None:
    style(figure, theme, axis.signature, height=_HEIGHT)
    figure.update_layout(
        showlegend=frame["series"].nunique() > 1,
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.06, "xanchor": "left", "x": 0},
        margin={"l": 8, "r": 12, "t": 48, "b": 64},
    )
    ends = [pd.Timestamp(axis.period.first), pd.Timestamp(axis.period.last)]
    figure.update_xaxes(range=ends, hoverformat="%d %b %Y", **day_ticks(axis.period))
    drawn = frame.loc[frame["value"] > 0, "value"]
    marks = _FINE_MARKS if drawn.between(1 / _NARROW, _NARROW).all() else _MARKS
    figure.update_yaxes(
        type="log",
        title=upright_title(unit, theme),
        tickvals=marks,
        ticktext=[f"×{mark:g}" for mark in marks],
    )
    figure.add_hline(y=1, line={"color": theme.muted, "width": 1.4, "dash": "dot"})
    mark_breaks(figure, theme, axis)
