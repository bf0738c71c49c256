"""A race: horizontal bars that grow and change places from period to period, to be played."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from lib.charts import KeptFigure, style
from lib.formats import compact
from lib.theme import Theme

_ROW = 42
"""Pixels of height for each place: a line of words, and the bar under it."""

_HEAD = 1.6
"""The room above the bars, in places: the month, and the break that it lies beside."""

_TOP, _BOTTOM = 8, 134
"""Pixels of the margins: the slider, the buttons and the source stand below."""

_UNDER, _OVER = 0.2, 0.22
"""How far below its place a bar stands, and how far above it its words."""

_NOTHING = "\u00a0"
"""What stands for no text: Plotly takes an empty one away, and then moves others in its place."""

_STEP = 420
"""Milliseconds from one period to the next."""

_BARS, _NAMES, _HEADINGS = 0, 1, 2
"""The traces of the figure, in their order."""


def race(
    frame: pd.DataFrame, captions: Mapping[pd.Timestamp, str], theme: Theme, signature: str
) -> go.Figure:
    """An animated bar chart: columns `period`, `project`, `value`, `rank` (from 1, no ties).

    It shows the last period and plays from the first. Bars are drawn against the leader's of the
    same period. A package keeps its color; `captions` are told in the periods that have one.
    """
    periods = list(frame["period"].drop_duplicates().sort_values())
    names = [str(name) for name in frame["project"].drop_duplicates()]
    places = int(frame["rank"].max())
    states = _states(frame, names, places)
    headings = [_heading(period, captions) for period in periods]
    figure = go.Figure(_traces(states[-1], headings[-1], names, frame, theme))
    style(figure, theme, signature, height=_TOP + _BOTTOM + round(_ROW * (places + _HEAD)))
    figure.layout.annotations[-1].yshift = -110
    figure.update_layout(
        barmode="overlay",
        margin={"l": 8, "r": 8, "t": _TOP, "b": _BOTTOM},
        updatemenus=[_buttons(theme)],
        sliders=[_slider(periods, theme)],
    )
    figure.update_xaxes(visible=False, range=[0, 1], fixedrange=True)
    figure.update_yaxes(visible=False, range=[places + 0.5, 0.5 - _HEAD], fixedrange=True)
    figure.frames = [
        go.Frame(name=_name(period), data=_moves(state, heading), traces=[_BARS, _NAMES, _HEADINGS])
        for period, state, heading in zip(periods, states, headings, strict=True)
    ]
    return KeptFigure(figure)


def race_colors(frame: pd.DataFrame, palette: Sequence[str]) -> dict[str, str]:
    """A color for each `project`, kept through all `period`s.

    Each, the most seen first, takes the color of those that it is least often seen beside.
    """
    seen = pd.crosstab(frame["period"], frame["project"])
    names = [str(name) for name in seen.columns]
    together = (seen.T @ seen).to_numpy()
    colors: dict[int, str] = {}
    for place in np.argsort(-together.diagonal(), kind="stable"):
        cost = dict.fromkeys(palette, (0, 0))
        for other, color in colors.items():
            beside, given = cost[color]
            cost[color] = (beside + int(together[place, other]), given + 1)
        colors[int(place)] = min(palette, key=cost.__getitem__)
    return {names[place]: color for place, color in colors.items()}


@dataclass(frozen=True)
class _State:
    """Where each package stands in a period: its bar's length (of the leader's), place, words."""

    lengths: list[float]
    places: list[int]
    words: list[str]


def _states(frame: pd.DataFrame, names: list[str], places: int) -> list[_State]:
    """The state of every period, packages in the order of `names`.

    Those that are not shown wait under the last place, as long as the last that is shown.
    """
    values = frame.pivot(index="period", columns="project", values="value")[names].to_numpy()
    ranks = frame.pivot(index="period", columns="project", values="rank")[names].to_numpy()
    shown = ~np.isnan(values)
    lengths = np.where(shown, values, np.nanmin(values, axis=1, keepdims=True))
    lengths = np.round(lengths / np.nanmax(values, axis=1, keepdims=True), 4)
    places_taken = np.where(shown, ranks, places + 1).astype("int64")
    words = [
        [
            f"<b>{html.escape(name)}</b>  {compact(value)}" if is_shown else _NOTHING
            for name, value, is_shown in zip(names, row, row_shown, strict=True)
        ]
        for row, row_shown in zip(values, shown, strict=True)
    ]
    rows = zip(lengths.tolist(), places_taken.tolist(), words, strict=True)
    return [_State(*row) for row in rows]


def _heading(period: pd.Timestamp, captions: Mapping[pd.Timestamp, str]) -> list[str]:
    caption = captions.get(period)
    return [f"<b>{_name(period)}</b>", f"⚠ {html.escape(caption)}" if caption else _NOTHING]


def _name(period: pd.Timestamp) -> str:
    return f"{period:%b %Y}"


def _traces(
    state: _State,
    heading: Sequence[str],
    names: Sequence[str],
    frame: pd.DataFrame,
    theme: Theme,
) -> list[go.Bar | go.Scatter]:
    colors = race_colors(frame, theme.series)
    bars, labels, words = _moves(state, heading)
    quiet = {"hoverinfo": "skip", "showlegend": False}
    return [
        go.Bar(
            **bars,
            orientation="h",
            width=0.4,
            marker={"color": [colors[name] for name in names]},
            **quiet,
        ),
        go.Scatter(
            **labels,
            x=[0] * len(names),
            mode="text",
            textposition="middle right",
            textfont={"color": theme.text, "size": theme.size},
            **quiet,
        ),
        go.Scatter(
            **words,
            x=[0, 0],
            y=[0.95 - _HEAD, 0.14],
            mode="text",
            textposition="middle right",
            textfont={
                "color": [theme.text, theme.muted],
                "size": [theme.size * 2, theme.size - 1],
            },
            **quiet,
        ),
    ]


def _moves(state: _State, heading: Sequence[str]) -> list[dict[str, object]]:
    """What changes from period to period in each trace."""
    return [
        {"type": "bar", "x": state.lengths, "y": [place + _UNDER for place in state.places]},
        {"type": "scatter", "y": [place - _OVER for place in state.places], "text": state.words},
        {"type": "scatter", "text": list(heading)},
    ]


def _buttons(theme: Theme) -> dict[str, object]:
    """Play and pause. Plotly lights a button that is pointed at: its face is light in any theme."""
    face, ink = (theme.text, theme.background) if theme.dark else (theme.background, theme.text)
    moving = {"duration": _STEP, "redraw": False}
    play = {
        "frame": moving,
        "transition": {"duration": _STEP, "easing": "linear"},
        "fromcurrent": True,
        "mode": "immediate",
    }
    pause = {"frame": {"duration": 0, "redraw": False}, "mode": "immediate"}
    return {
        "type": "buttons",
        "direction": "right",
        "showactive": False,
        "x": 0,
        "xanchor": "left",
        "y": 0,
        "yanchor": "top",
        "pad": {"t": 68, "l": 0},
        "bgcolor": face,
        "bordercolor": theme.muted,
        "font": {"color": ink, "size": theme.size},
        "buttons": [
            {"label": "▶ Play", "method": "animate", "args": [None, play]},
            {"label": "❚❚ Pause", "method": "animate", "args": [[None], pause]},
        ],
    }


def _slider(periods: Sequence[pd.Timestamp], theme: Theme) -> dict[str, object]:
    """A step for each period. It stands on the last one, which the figure shows at first."""
    jump = {
        "frame": {"duration": 0, "redraw": False},
        "transition": {"duration": _STEP // 2, "easing": "linear"},
        "mode": "immediate",
    }
    return {
        "active": len(periods) - 1,
        "x": 0,
        "len": 1,
        "y": 0,
        "yanchor": "top",
        "pad": {"t": 12, "b": 0, "l": 6, "r": 6},
        "currentvalue": {"visible": False},
        "bgcolor": theme.grid,
        "activebgcolor": theme.series[0],
        "bordercolor": theme.muted,
        "tickcolor": theme.muted,
        "font": {"color": theme.muted, "size": theme.size - 2},
        "transition": {"duration": 0},
        "steps": [
            {"label": _name(period), "method": "animate", "args": [[_name(period)], jump]}
            for period in periods
        ],
    }
