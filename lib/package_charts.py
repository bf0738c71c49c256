"""Figures that only the Package page has: a rank by month, and marks on downloads over time."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from lib import charts
from lib.charts import KeptFigure, TimeAxis
from lib.formats import moment
from lib.theme import Theme

_LOGARITHMIC = 300
"""From this rank on ranks are drawn on a logarithmic axis: 3 and 30 would fall together."""

_TICKS = 5

_HEIGHT_OF_RANKS = 300


@dataclass(frozen=True)
class Mark:
    """Something to tell of a day in the text that a pointer brings up."""

    day: pd.Timestamp
    text: str


def ranks(frame: pd.DataFrame, theme: Theme, axis: TimeAxis, *, unit: str) -> go.Figure:
    """A rank by month, the first on top: columns `period`, `rank`, `counted`."""
    drawn = frame.assign(series="rank", label="Rank", value=frame["rank"], partial=False)
    figure = go.Figure(charts.lines(drawn, theme, axis, unit=unit))
    figure.update_traces(
        customdata=[
            f"{moment(period, axis.grain)}: "
            + ("no downloads" if math.isnan(rank) else f"{rank:,.0f} of {counted:,.0f}")
            for period, rank, counted in zip(
                frame["period"], frame["rank"], frame["counted"], strict=True
            )
        ],
        hovertemplate="%{customdata}<extra></extra>",
        selector={"name": "Rank"},
    )
    worst = float(frame["rank"].max())
    if worst > _LOGARITHMIC:
        steps = {"type": "log", "range": [math.log10(worst * 1.1), -0.05], "dtick": 1}
    else:
        steps = {"range": [worst + max(0.06 * worst, 0.5), 0.5], "tickvals": _ticks(worst)}
    figure.update_yaxes(rangemode="normal", tickformat=",d", **steps)
    figure.update_layout(height=_HEIGHT_OF_RANKS)
    return KeptFigure(figure)


def marked(
    figure: go.Figure, theme: Theme, *, spikes: pd.DataFrame, releases: Sequence[Mark]
) -> go.Figure:
    """A figure of downloads over time with its spikes and releases marked.

    `spikes` has the columns `period`, `value` (where the mark stands) and `text`. Releases are
    ticks on the time axis, within its limits.
    """
    drawn = go.Figure(figure)
    first, last = drawn.layout.xaxis.range
    if len(spikes):
        drawn.add_trace(
            go.Scatter(
                x=spikes["period"],
                y=spikes["value"],
                mode="markers",
                marker={
                    "symbol": "triangle-down",
                    "size": 11,
                    "color": theme.series[1],
                    "line": {"color": theme.background, "width": 1},
                },
                customdata=[html.escape(text) for text in spikes["text"]],
                hovertemplate="%{customdata}<extra></extra>",
                name="Spike",
                showlegend=False,
            )
        )
    inside = [mark for mark in releases if first <= mark.day <= last]
    if inside:
        drawn.add_trace(
            go.Scatter(
                x=[mark.day for mark in inside],
                y=np.full(len(inside), 0.018),
                yaxis="y2",
                mode="markers",
                marker={
                    "symbol": "line-ns",
                    "size": 12,
                    "line": {"color": theme.series[2], "width": 2},
                },
                customdata=[html.escape(mark.text) for mark in inside],
                hovertemplate="%{customdata}<extra></extra>",
                name="Release",
                showlegend=False,
            )
        )
        drawn.update_layout(
            yaxis2={"overlaying": "y", "range": [0, 1], "visible": False, "fixedrange": True}
        )
    return KeptFigure(drawn)


def _ticks(worst: float) -> list[int]:
    """The first rank, and round ones below it."""
    step = next(
        (step for step in (1, 2, 5, 10, 20, 50) if worst / step <= _TICKS), math.ceil(worst / 5)
    )
    return sorted({1, *range(step, int(worst) + 1, step)} - ({2} if step == 2 else set()))
