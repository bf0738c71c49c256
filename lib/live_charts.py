"""The figures of the Live page: the rate with what is usual behind it, and shares as bars."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from lib.charts import KeptFigure, style, translucent
from lib.cubes import UNKNOWN
from lib.formats import compact, percent, value_label
from lib.live import naive
from lib.theme import LIGHT, Theme

_RATE_HEIGHT = 400

_BAR = 34
"""Pixels for each bar of shares: its label stands above it."""

_EDGE = 0.25
"""The part of the window at each end in which a mark's label stands beside the end."""

_FEW = 12
"""Fewer known steps than this are drawn as points too: a line of one point cannot be seen."""

_ROOM = 0.08
"""The part of the range that is left free above and below the rate."""


@dataclass(frozen=True)
class Mark:
    """A stretch of time that is marked on the rate, with what it is called."""

    first: datetime
    after: datetime
    text: str
    above: bool


def rate_chart(
    band: pd.DataFrame,
    step: timedelta,
    marks: Sequence[Mark],
    theme: Theme,
    signature: str,
    *,
    settled_to: datetime,
) -> go.Figure:
    """Downloads a second over time, before the range that is usual at that time.

    `band` has the columns `downloads`, `usual`, `low` and `high` for each step, indexed by its
    start (naive UTC). Steps from `settled_to` on are dotted: rows may still come.
    """
    rates = band[["downloads", "usual", "low", "high"]] / step.total_seconds()
    figure = go.Figure()
    _add_band(figure, rates, theme)
    _add_rate(figure, rates, theme, settled_to - step, theme.series[0])
    for mark in marks:
        _add_mark(figure, mark, theme, (rates.index[0], rates.index[-1] + step))
    larger = theme.size / LIGHT.size
    style(figure, theme, signature, height=round(_RATE_HEIGHT * larger**0.5))
    # The dates under the hours take a line more than other charts have.
    figure.layout.annotations[-1].yshift = -46 * larger
    figure.update_layout(
        hovermode="x unified",
        showlegend=True,
        margin={"l": 8, "r": 12, "t": 26, "b": 68 * larger},
        modebar={"bgcolor": "rgba(0,0,0,0)", "color": theme.muted},
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.02, "xanchor": "left", "x": 0},
    )
    figure.update_xaxes(
        range=[rates.index[0], rates.index[-1] + step],
        tickformat="%H:%M\n%-d %b",
        nticks=6,
        tickangle=0,
        hoverformat="%-d %b, %H:%M UTC",
    )
    figure.update_yaxes(
        title={
            "text": "Downloads a second",
            "font": {"size": theme.size - 1, "color": theme.muted},
        },
        range=_range(rates),
        exponentformat="B",
        minexponent=3,
        nticks=6,
    )
    return KeptFigure(figure)


def share_bars(frame: pd.DataFrame, dimension: str, theme: Theme) -> go.Figure:
    """A bar for each value with its label above: columns the dimension, `downloads`, `share`.

    In the frame's order from the top down; the rest and `unknown` are gray.
    """
    values = [str(value) for value in frame[dimension]]
    labels = [html.escape(value_label(dimension, value)) for value in values]
    shares = frame["share"].to_list()
    gray = theme.colors(values)
    colors = [
        gray[v] if gray[v] in (theme.unknown, theme.rest) else theme.series[0] for v in values
    ]
    texts = [f"{label}  <b>{percent(s)}</b>" for label, s in zip(labels, shares, strict=True)]
    places = list(range(len(values)))[::-1]
    figure = go.Figure(
        go.Bar(
            orientation="h",
            x=shares,
            y=places,
            width=0.26,
            marker={"color": colors, "pattern": {"shape": _patterns(values), "solidity": 0.3}},
            customdata=[f"{compact(n)} downloads" for n in frame["downloads"]],
            hovertemplate="%{customdata}<extra></extra>",
        )
    )
    for place, text in zip(places, texts, strict=True):
        figure.add_annotation(
            text=text, x=0, y=place + 0.2, xanchor="left", yanchor="bottom",
            showarrow=False, font={"size": 12, "color": theme.text},
        )  # fmt: skip
    style(figure, theme, "", height=_BAR * len(values) + 24)
    figure.update_layout(margin={"l": 0, "r": 4, "t": 8, "b": 8})
    figure.update_xaxes(visible=False, range=[0, 1.02], fixedrange=True)
    figure.update_yaxes(visible=False, range=[-0.6, len(values) - 0.1], fixedrange=True)
    return KeptFigure(figure)


def _patterns(values: Sequence[str]) -> list[str]:
    return ["/" if value == UNKNOWN else "" for value in values]


def _add_band(figure: go.Figure, rates: pd.DataFrame, theme: Theme) -> None:
    """The usual range and its middle, from the weeks before."""
    if rates["usual"].isna().all():
        return
    edge = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
    figure.add_trace(go.Scatter(x=rates.index, y=rates["low"], showlegend=False, **edge))
    figure.add_trace(
        go.Scatter(
            x=rates.index,
            y=rates["high"],
            name="Usual range",
            fill="tonexty",
            fillcolor=translucent(theme.series[0], 0.16),
            **edge,
        )
    )
    figure.add_trace(
        go.Scatter(
            x=rates.index,
            y=rates["usual"],
            name="Usual at this time",
            mode="lines",
            line={"color": theme.muted, "width": 1.4, "dash": "dash"},
            customdata=[
                f"{compact(usual)} a second, {compact(low)} to {compact(high)}"
                for usual, low, high in rates[["usual", "low", "high"]].itertuples(index=False)
            ],
            hovertemplate="%{customdata}<extra>Usual</extra>",
        )
    )


def _add_rate(
    figure: go.Figure, rates: pd.DataFrame, theme: Theme, settled: datetime, color: str
) -> None:
    """The rate itself: whole where no more rows will come, dotted after that."""
    coming = rates.index > naive(settled)
    settled_rates = rates["downloads"].where(~coming)
    joined = coming | np.roll(coming, -1)
    parts = [("Downloads", settled_rates, "solid")]
    if coming.any():
        parts.append(("Still coming in", rates["downloads"].where(joined), "dot"))
    for name, values, dash in parts:
        figure.add_trace(
            go.Scatter(
                x=rates.index,
                y=values,
                name=name,
                mode="lines+markers" if values.notna().sum() < _FEW else "lines",
                line={"color": color, "width": theme.size / 5, "dash": dash},
                customdata=[compact(rate) for rate in values],
                hovertemplate="%{customdata} a second<extra>%{fullData.name}</extra>",
            )
        )


def _add_mark(
    figure: go.Figure, mark: Mark, theme: Theme, window: tuple[pd.Timestamp, pd.Timestamp]
) -> None:
    color = theme.series[1] if mark.above else theme.series[2]
    first, after = naive(mark.first), naive(mark.after)
    figure.add_vrect(x0=first, x1=after, fillcolor=color, opacity=0.13, line_width=0, layer="below")
    where, anchor = _place_of_label(first, after, window)
    figure.add_annotation(
        x=where,
        xanchor=anchor,
        y=0.99 if mark.above else 0.01,
        xref="x",
        yref="paper",
        yanchor="top" if mark.above else "bottom",
        showarrow=False,
        text=f"{'▲' if mark.above else '▼'} {html.escape(mark.text)}",
        font={"size": theme.size - 1, "color": color},
        bgcolor=theme.background,
        borderpad=2,
    )


def _place_of_label(
    first: pd.Timestamp, after: pd.Timestamp, window: tuple[pd.Timestamp, pd.Timestamp]
) -> tuple[pd.Timestamp, str]:
    """Where a mark's label stands and which of its sides: it must not reach out of the window."""
    middle = first + (after - first) / 2
    part = (middle - window[0]) / (window[1] - window[0])
    if part < _EDGE:
        return max(first, window[0]), "left"
    if part > 1 - _EDGE:
        return min(after, window[1]), "right"
    return middle, "center"


def _range(rates: pd.DataFrame) -> list[float]:
    """The vertical range: all that is drawn, and some room; not from zero, to show small rises."""
    low, high = float(np.nanmin(rates.to_numpy())), float(np.nanmax(rates.to_numpy()))
    room = max((high - low) * _ROOM, 0.02 * high, 0.1)
    return [max(low - room, 0.0), high + 1.6 * room]
