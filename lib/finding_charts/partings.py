"""Where interest and downloads part ways: their lines and their ratio, with the month marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from lib.charts import KeptFigure, TimeAxis, lay_out, translucent
from lib.cubes import Grain
from lib.formats import compact, moment
from lib.signal_chart import Line, index_lines
from lib.theme import Theme

_BAND = 0.14

_WIDE = 100
"""From this ratio of the greatest to the least value on, powers of ten are labels enough."""


@dataclass(frozen=True)
class Marked:
    """A month that is marked in a figure, with the ends of its interval."""

    month: pd.Timestamp
    earliest: pd.Timestamp
    latest: pd.Timestamp


def indexed_lines(
    frame: pd.DataFrame,
    theme: Theme,
    axis: TimeAxis,
    *,
    lines: Sequence[Line],
    unit: str,
    marked: Marked | None = None,
) -> go.Figure:
    """Monthly series on one logarithmic axis, as of `index_lines`; perhaps with a month marked."""
    drawn = index_lines(frame, theme, axis, grain=Grain.MONTH, lines=lines, unit=unit, log=True)
    figure = go.Figure(drawn)
    _label_few(figure, frame["value"])
    _mark(figure, theme, marked)
    return KeptFigure(figure)


def ratio_course(
    frame: pd.DataFrame, theme: Theme, axis: TimeAxis, *, unit: str, marked: Marked | None
) -> go.Figure:
    """A ratio and the course that it takes: columns `period`, `ratio`, `course`, `stretch`.

    The course is cut where a stretch ends: levels are then counted in another way.
    """
    figure = go.Figure(
        go.Scatter(
            x=frame["period"],
            y=frame["ratio"],
            name="Each month",
            mode="markers",
            marker={"color": theme.rest, "size": 6},
            customdata=[
                f"{moment(period, Grain.MONTH)}: {compact(ratio)}"
                for period, ratio in zip(frame["period"], frame["ratio"], strict=True)
            ],
            hovertemplate="%{customdata}<extra></extra>",
        )
    )
    for number, (_, rows) in enumerate(frame.groupby("stretch")):
        figure.add_trace(
            go.Scatter(
                x=rows["period"],
                y=rows["course"],
                name="Course, without the season",
                legendgroup="course",
                showlegend=number == 0,
                mode="lines" if len(rows) > 1 else "markers",
                line={"color": theme.series[0], "width": 2.6},
                hoverinfo="skip",
            )
        )
    lay_out(figure, theme, axis, unit=unit, share=False, legend=True)
    figure.update_layout(hovermode="closest")
    figure.update_yaxes(type="log")
    _label_few(figure, frame["ratio"])
    _mark(figure, theme, marked)
    return KeptFigure(figure)


def _label_few(figure: go.Figure, values: pd.Series[float]) -> None:
    """Labels of a logarithmic axis: powers of ten, with 2 and 5 between where these are few."""
    known = values[values > 0]
    wide = known.max() > _WIDE * known.min()
    figure.update_yaxes(dtick=1 if wide else "D2")


def _mark(figure: go.Figure, theme: Theme, marked: Marked | None) -> None:
    """A line at a month, and a shade over its interval."""
    if marked is None:
        return
    color = theme.series[3]
    figure.add_vrect(
        x0=marked.earliest,
        x1=marked.latest + pd.offsets.MonthBegin(),
        fillcolor=translucent(color, _BAND),
        line_width=0,
        layer="below",
    )
    figure.add_vline(x=marked.month, line={"color": color, "width": 2})
    figure.add_annotation(
        text=f"<b>{moment(marked.month, Grain.MONTH)}</b>",
        x=marked.month,
        y=0,
        xref="x",
        yref="paper",
        xanchor="left",
        yanchor="bottom",
        xshift=5,
        showarrow=False,
        font={"color": color, "size": theme.size},
    )
