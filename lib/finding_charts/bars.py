"""Horizontal bars or points, each with its interval where it has one, the largest on top."""

from __future__ import annotations

import html
import math
import textwrap
from collections.abc import Callable

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from lib.charts import KeptFigure, style
from lib.formats import compact, percent
from lib.theme import Theme

_ROW = 30
"""Pixels of height for each bar."""

_FRAME = 64

_TITLE_LINE = 16
"""Pixels of height for each line of the unit, which stands over the whole figure."""

_LONGEST_LINE = 50
"""Characters of the unit that a phone is wide enough for."""

_FEWEST_ROWS = 2

_ROOM = 0.04
"""The part of an axis that is left free on either side of the intervals."""

_FEWEST_TICKS = 3

_FINE_SHARES = 0.06
"""Shares that reach less far are labeled with a decimal."""

_TICK_STEPS = (
    (1.0,),
    (1.0, 2.0, 5.0),
    (1.0, 1.5, 2.0, 3.0, 5.0, 7.0),
    (1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0),
)
"""What a log axis may label of each decade, the fewest first."""

_TICK_DISTANCES = (0.1, 0.05, 0.02, 0.01, 0.005)
"""How far apart the labels of a short log axis may be, the farthest first."""


def bars(
    frame: pd.DataFrame,
    theme: Theme,
    signature: str,
    *,
    unit: str,
    show: Callable[[float], str] = compact,
    reference: float | None = None,
) -> go.Figure:
    """A bar for each row: columns `label`, `value`, and perhaps `strong`; the first row on top.

    `show` writes a value. Rows whose `strong` is false are drawn in gray: rest, unknown, or what
    the finding does not name. `reference` is drawn as a line: what is usual.
    """
    strong = frame["strong"] if "strong" in frame else pd.Series(True, index=frame.index)
    inside = [theme.background if named else theme.text for named in strong]
    figure = go.Figure(
        go.Bar(
            x=frame["value"],
            y=_labels(frame),
            orientation="h",
            marker={"color": [theme.series[0] if named else theme.rest for named in strong]},
            text=[f" {show(value)} " for value in frame["value"]],
            textposition="auto",
            insidetextanchor="end",
            insidetextfont={"color": inside},
            constraintext="none",
            cliponaxis=False,
            textfont={"color": theme.text, "size": theme.size - 1},
            hoverinfo="skip",
        )
    )
    _lay_out(figure, frame, theme, signature, unit)
    figure.update_xaxes(rangemode="tozero", showticklabels=False, showgrid=False)
    high, low = float(frame["value"].max()), min(float(frame["value"].min()), 0.0)
    figure.update_xaxes(range=[low * 1.18, high * 1.18 if high > 0 else 1.0])
    _mark(figure, theme, reference)
    return KeptFigure(figure)


def intervals(
    frame: pd.DataFrame,
    theme: Theme,
    signature: str,
    *,
    unit: str,
    show: Callable[[float], str] = compact,
    reference: float | None = None,
    log: bool = False,
) -> go.Figure:
    """A point with its interval for each row: `label`, `value`, `low`, `high`, perhaps `strong`.

    Rows whose `strong` is false are drawn in gray. `reference` is drawn as a line: an interval
    that holds it is no finding. With `log` equal ratios are equally long.
    """
    strong = frame["strong"] if "strong" in frame else pd.Series(True, index=frame.index)
    colors = [theme.series[0] if named else theme.unknown for named in strong]
    texts = [
        f"{label}: {show(value)} ({show(low)} to {show(high)})"
        for label, value, low, high in zip(
            _labels(frame), frame["value"], frame["low"], frame["high"], strict=True
        )
    ]
    figure = go.Figure()
    for label, low, high, color in zip(
        _labels(frame), frame["low"], frame["high"], colors, strict=True
    ):
        figure.add_trace(
            go.Scatter(
                x=[low, high],
                y=[label, label],
                mode="lines",
                line={"color": color, "width": 3},
                opacity=0.55,
                hoverinfo="skip",
            )
        )
    figure.add_trace(
        go.Scatter(
            x=frame["value"],
            y=_labels(frame),
            mode="markers",
            marker={"color": colors, "size": 10},
            customdata=texts,
            hovertemplate="%{customdata}<extra></extra>",
        )
    )
    _lay_out(figure, frame, theme, signature, unit)
    low, high = _reach(frame, reference)
    figure.update_xaxes(showgrid=True, nticks=7, tickangle=0, range=_padded(low, high, log))
    if show(1.0) == percent(1.0):
        figure.update_xaxes(tickformat=".0%" if high - low > _FINE_SHARES else ".1%")
    if log:
        ticks = _ratio_ticks(low, high)
        figure.update_xaxes(type="log", tickvals=ticks, ticktext=[f"{tick:g}" for tick in ticks])
    _mark(figure, theme, reference)
    return KeptFigure(figure)


def _reach(frame: pd.DataFrame, reference: float | None) -> tuple[float, float]:
    """The least and the greatest of all intervals and the reference."""
    shown = [float(frame["low"].min()), float(frame["high"].max())]
    shown += [] if reference is None else [reference]
    return min(shown), max(shown)


def _padded(low: float, high: float, log: bool) -> list[float]:
    """The ends of the axis, with some room on both sides."""
    if log:
        low, high = math.log10(low), math.log10(high)
    room = max((high - low) * _ROOM, 1e-3)
    return [low - room, high + room]


def _ratio_ticks(low: float, high: float) -> list[float]:
    """Round numbers from `low` to `high` for a log axis: few where they are far apart."""
    if low <= 0:
        raise ValueError("A log axis has no place for nothing.")
    decades = [10.0**power for power in range(-6, 7)]
    offered = [[step * decade for decade in decades for step in steps] for steps in _TICK_STEPS]
    if high < 2 * low:
        offered = [list(np.arange(0, high + gap, gap)) for gap in _TICK_DISTANCES]
    shown: list[float] = []
    for ticks in offered:
        shown = [float(round(tick, 6)) for tick in ticks if low * 0.98 <= tick <= high * 1.02]
        if len(shown) >= _FEWEST_TICKS:
            break
    return shown


def _labels(frame: pd.DataFrame) -> list[str]:
    """The labels, safe in Plotly's markup."""
    return [html.escape(str(label)) for label in frame["label"]]


def _lay_out(
    figure: go.Figure, frame: pd.DataFrame, theme: Theme, signature: str, unit: str
) -> None:
    lines = textwrap.wrap(unit, _LONGEST_LINE)
    over = 34 + _TITLE_LINE * len(lines)
    style(figure, theme, signature, height=_FRAME + over + _ROW * max(len(frame), _FEWEST_ROWS))
    figure.update_layout(
        bargap=0.3,
        margin={"t": over, "b": 34},
        title={
            "text": "<br>".join(html.escape(line) for line in lines),
            "font": {"size": theme.size - 1, "color": theme.muted},
            "x": 0,
            "xanchor": "left",
            "y": 1,
            "yref": "container",
            "yanchor": "top",
            # Plotly puts only the last line of several under the top.
            "pad": {"l": 8, "t": 4 + _TITLE_LINE * (len(lines) - 1)},
        },
    )
    figure.update_yaxes(autorange="reversed", showgrid=False, type="category", ticklabelstandoff=6)
    figure.update_xaxes(side="top")
    # The axis is on top: the source needs no room for its labels.
    figure.layout.annotations[0].yshift = -10


def _mark(figure: go.Figure, theme: Theme, reference: float | None) -> None:
    if reference is not None:
        figure.add_vline(x=reference, line={"color": theme.muted, "width": 1.4, "dash": "dash"})
