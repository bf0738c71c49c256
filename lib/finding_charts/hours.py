"""Lines over the 24 hours of a day, in UTC."""

from __future__ import annotations

import html
from collections.abc import Callable

import pandas as pd
import plotly.graph_objects as go

from lib.charts import KeptFigure, style
from lib.formats import compact
from lib.theme import Theme

_HEIGHT = 320

_DASHES = ("solid", "dash", "dot", "dashdot")


def hour_lines(
    frame: pd.DataFrame,
    theme: Theme,
    signature: str,
    *,
    unit: str,
    show: Callable[[float], str] = compact,
) -> go.Figure:
    """A line for each series: columns `series`, `hour` (0 to 23, its start), `value`.

    The vertical axis begins at zero. `show` writes a value.
    """
    figure = go.Figure()
    names = list(frame["series"].drop_duplicates())
    for position, (name, color) in enumerate(theme.colors(names).items()):
        rows = frame[frame["series"] == name]
        texts = [
            f"{hour:02}:00 to {hour + 1:02}:00 UTC: {show(value)}"
            for hour, value in zip(rows["hour"], rows["value"], strict=True)
        ]
        figure.add_trace(
            go.Scatter(
                x=rows["hour"] + 0.5,
                y=rows["value"],
                name=html.escape(name),
                mode="lines+markers",
                line={
                    "color": color,
                    "width": 2.2,
                    "dash": _DASHES[position // 3 % len(_DASHES)],
                },
                customdata=texts,
                hovertemplate="%{customdata}<extra>%{fullData.name}</extra>",
            )
        )
    style(figure, theme, signature, height=_HEIGHT)
    figure.update_layout(
        showlegend=len(names) > 1,
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.04, "xanchor": "left", "x": 0},
    )
    hours = list(range(0, 25, 4))
    figure.update_xaxes(
        range=[0, 24], tickvals=hours, ticktext=[f"{hour:02}:00" for hour in hours], tickangle=0
    )
    title = {"text": html.escape(unit), "font": {"size": theme.size - 1, "color": theme.muted}}
    figure.update_yaxes(
        title=title, rangemode="tozero", exponentformat="B", minexponent=3, nticks=6
    )
    return KeptFigure(figure)
