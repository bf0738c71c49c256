"""The flow of ranks: a line for each package through its places, with names at both ends."""

from __future__ import annotations

import html

import pandas as pd
import plotly.graph_objects as go

from lib.charts import KeptFigure, TimeAxis, mark_breaks, style
from lib.cubes import Grain
from lib.finding_charts.race import race_colors
from lib.formats import compact, moment, percent
from lib.theme import Theme

_ROW = 30
"""Pixels of height for each place."""

_TOP, _BOTTOM = 24, 66

_LONGEST_LEFT, _LONGEST_RIGHT = 12, 16
"""Characters of a name that leave room for the lines on a phone."""

_OFF = 0.75
"""How far under the last place a line ends that leaves the ranks shown."""


def bump(frame: pd.DataFrame, theme: Theme, axis: TimeAxis) -> go.Figure:
    """A line for each package: columns `period`, `project`, `rank` (from 1), `value`, `share`.

    Rank 1 is on top. A package that is not among the ranks of a period comes from below the last
    place, or goes there.
    """
    starts = pd.DatetimeIndex(frame["period"].drop_duplicates().sort_values())
    places = int(frame["rank"].max())
    colors = race_colors(frame, theme.series)
    figure = go.Figure()
    for name in _drawing_order(frame):
        rows = frame[frame["project"] == name].set_index("period").reindex(starts)
        figure.add_traces(_line(rows, html.escape(name), colors[name], axis, places))
    style(figure, theme, axis.signature, height=_TOP + _BOTTOM + _ROW * places)
    figure.update_layout(margin={"l": 4, "r": 4, "t": _TOP, "b": _BOTTOM}, hovermode="closest")
    figure.layout.annotations[0].yshift = -48
    figure.update_xaxes(range=_limits(starts), tickangle=0, **_ticks(starts, axis.grain))
    ranks = {
        "range": [places + 0.6, 0.4],
        "showgrid": False,
        "fixedrange": True,
        "ticks": "",
        "tickfont": {"size": theme.size - 2},
    }
    figure.update_yaxes(**ranks, **_names(frame, starts[0], colors, left=True))
    # An axis without a line of its own is not drawn: this one has a point that is not seen.
    figure.add_trace(
        go.Scatter(x=[starts[-1]], y=[1], yaxis="y2", mode="markers", marker={"opacity": 0},
                   hoverinfo="skip")
    )  # fmt: skip
    figure.update_layout(
        yaxis2={
            "overlaying": "y",
            "side": "right",
            "zeroline": False,
            "automargin": True,
            **ranks,
            **_names(frame, starts[-1], colors, left=False),
        }
    )
    mark_breaks(figure, theme, axis)
    return KeptFigure(figure)


def _drawing_order(frame: pd.DataFrame) -> list[str]:
    """The packages from the last place to the first: the leaders' lines lie on top."""
    best = frame.groupby("project")["rank"].min().sort_values(ascending=False, kind="stable")
    return [str(name) for name in best.index]


def _line(
    rows: pd.DataFrame, name: str, color: str, axis: TimeAxis, places: int
) -> list[go.Scatter]:
    """One package: solid through its places, thin where it comes from or goes below the last."""
    shown = rows["rank"].notna()
    beside = shown.shift(1, fill_value=False) | shown.shift(-1, fill_value=False)
    path = rows["rank"].mask(~shown & beside, places + _OFF)
    texts = [
        f"{name}, {moment(pd.Timestamp(start), axis.grain)}: rank {rank:.0f}, "
        f"{compact(value)} a day, {percent(share)}"
        for start, rank, value, share in zip(
            rows.index, rows["rank"], rows["value"], rows["share"], strict=True
        )
    ]
    thin = {"color": color, "width": 1.2, "dash": "dot"}
    return [
        go.Scatter(x=rows.index, y=path, mode="lines", line=thin, hoverinfo="skip"),
        go.Scatter(
            x=rows.index,
            y=rows["rank"],
            name=name,
            mode="lines+markers",
            line={"color": color, "width": 2.4},
            marker={"color": color, "size": 6},
            customdata=texts,
            hovertemplate="%{customdata}<extra></extra>",
        ),
    ]


def _names(
    frame: pd.DataFrame, start: pd.Timestamp, colors: dict[str, str], *, left: bool
) -> dict[str, object]:
    """The ranks and names of one period as the labels of an axis, each in its line's color."""
    rows = frame[frame["period"] == start]
    longest = _LONGEST_LEFT if left else _LONGEST_RIGHT
    texts = []
    for rank, project in zip(rows["rank"], rows["project"], strict=True):
        name = str(project)
        short = name if len(name) <= longest else f"{name[: longest - 1]}…"
        colored = f'<span style="color:{colors[name]}">{html.escape(short)}</span>'
        texts.append(f"{colored} {rank} " if left else f" {rank} {colored}")
    return {"tickmode": "array", "tickvals": list(rows["rank"]), "ticktext": texts}


def _limits(starts: pd.DatetimeIndex) -> list[pd.Timestamp]:
    room = max((starts[-1] - starts[0]) * 0.03, pd.Timedelta(days=1))
    return [starts[0] - room, starts[-1] + room]


def _ticks(starts: pd.DatetimeIndex, grain: Grain) -> dict[str, object]:
    """Three labels: the first, the middle and the last period, which a phone has room for."""
    chosen = list(dict.fromkeys((starts[0], starts[len(starts) // 2], starts[-1])))
    days = [
        f"{start:%b}" if grain is Grain.MONTH else f"{start.day} {start:%b}" for start in chosen
    ]
    return {
        "tickmode": "array",
        "tickvals": chosen,
        "ticktext": [f"{day}<br>{start:%Y}" for day, start in zip(days, chosen, strict=True)],
    }
