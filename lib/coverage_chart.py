"""The chart of what a store holds of each cube, day by day."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from datetime import timedelta

import pandas as pd
import plotly.graph_objects as go

from lib.budget import gigabytes
from lib.charts import KeptFigure, TimeAxis, day_ticks, mark_breaks, style
from lib.cubes import ALL_DIMENSIONS, DIMENSION, Cube
from lib.formats import day, days
from lib.holdings.pieces import Piece
from lib.router import Period
from lib.theme import Theme

_DAY = timedelta(days=1)

_ROW = 38
"""Pixels for each cube: its label above its bars."""

_THICKNESS = 0.3

_LABEL_RISE = 14

_NUMBERS, _BARE, _BELOW = 48, 12, 54
"""Pixels above the rows with and without numbers of breaks, and below them."""

_PALEST = 0.35

_NAMED = 3


SOURCE_NAMES = {
    "sample": "simulated sample",
    "files": "imported files",
    "bigquery": "BigQuery",
    "clickhouse": "ClickPy",
}
"""What readers call the sources."""


def cube_label(cube: Cube) -> str:
    """What a cube is split by, and its grain: `Package × Country, by day`."""
    return f"{split_label(cube)}, by {cube.grain}"


def split_label(cube: Cube) -> str:
    """What a cube is split by: `Package × Country`."""
    if cube.dimensions == ALL_DIMENSIONS:
        return f"All {len(ALL_DIMENSIONS)} dimensions"
    return " × ".join(DIMENSION[name].label for name in cube.dimensions) or "Nothing"


def coverage_chart(found: Sequence[Piece], theme: Theme, axis: TimeAxis) -> go.Figure:
    """A row for each cube with a bar for each piece: hatched where provisional, pale where few.

    A bar is paler the fewer packages it holds of.
    """
    cubes = list(dict.fromkeys(piece.cube for piece in found))
    figure = go.Figure(
        go.Bar(
            orientation="h",
            base=[piece.first.isoformat() for piece in found],
            x=[((piece.last - piece.first) + _DAY) / timedelta(milliseconds=1) for piece in found],
            y=[cubes.index(piece.cube) for piece in found],
            width=_THICKNESS,
            marker={
                "color": theme.series[0],
                "opacity": _strengths(found),
                "line": {"color": theme.series[0], "width": 1},
                "pattern": {
                    "shape": ["/" if piece.provisional else "" for piece in found],
                    "fillmode": "replace",
                    "size": 5,
                    "solidity": 0.4,
                },
            },
            customdata=[_hover_text(piece) for piece in found],
            hovertemplate="%{customdata}<extra></extra>",
        )
    )
    above = _NUMBERS if axis.breaks else _BARE
    height = round(_ROW * (len(cubes) + 0.2)) + above + _BELOW
    style(figure, theme, axis.signature, height=height)
    figure.update_layout(
        margin={"l": 8, "r": 12, "t": above, "b": _BELOW},
        barmode="overlay",
        hovermode="closest",
        hoverlabel_align="left",
    )
    figure.update_yaxes(visible=False, range=[len(cubes) - 0.6, -0.8], fixedrange=True)
    ticks = day_ticks(axis.period)
    # A bar is as long as its days: their labels stand in the middle of each.
    where = "period" if ticks else "instant"
    figure.update_xaxes(type="date", range=_limits(axis.period), ticklabelmode=where, **ticks)
    mark_breaks(figure, theme, axis)
    for number, cube in enumerate(cubes):
        figure.add_annotation(
            text=cube_label(cube),
            x=0,
            xref="paper",
            xanchor="left",
            y=number,
            yshift=_LABEL_RISE,
            showarrow=False,
            font={"size": 12, "color": theme.text},
        )
    return KeptFigure(figure)


def coverage_words(found: Sequence[Piece]) -> str:
    """The chart in words, for those who do not see it."""
    told = []
    for cube in dict.fromkeys(piece.cube for piece in found):
        own = [piece for piece in found if piece.cube == cube]
        provisional = sum(piece.days for piece in own if piece.provisional)
        late = f", {provisional} of them provisional" if provisional else ""
        held = sum(piece.days for piece in own)
        when = days(own[0].first, max(piece.last for piece in own))
        told.append(f"{cube_label(cube)}: {_counted(held)} held, {when}{late}")
    return "Days held of each cube. " + "; ".join(told) + "."


def _strengths(found: Sequence[Piece]) -> list[float]:
    """The opacity of each bar: full for the most packages held of any, paler for fewer."""
    most = max((len(piece.packages or ()) for piece in found), default=0)
    full = 0.7 if any(piece.packages is None for piece in found) else 1.0
    return [
        1.0
        if piece.packages is None
        else _PALEST + (full - _PALEST) * len(piece.packages) / max(most, 1)
        for piece in found
    ]


def _hover_text(piece: Piece) -> str:
    whole = Period(piece.first, piece.last).days
    held = _counted(whole) if piece.days == whole else f"{piece.days:,} of {whole:,} days held"
    lines = [
        f"<b>{cube_label(piece.cube)}</b>",
        f"{days(piece.first, piece.last)} UTC, {held}" + ", provisional" * piece.provisional,
        html.escape(packages_words(piece.packages)),
        html.escape(", ".join(SOURCE_NAMES.get(name, name) for name in sorted(piece.sources))),
        f"written {day(piece.written_at.date())}, {piece.written_at:%H:%M} UTC",
    ]
    if piece.bytes_billed:
        lines.append(f"{gigabytes(round(piece.bytes_billed))} billed")
    return "<br>".join(lines)


def packages_words(packages: Iterable[str] | None) -> str:
    """How many packages, and the first few by name: `2 packages: numpy, pandas`."""
    if packages is None:
        return "all of PyPI"
    names = sorted(packages)
    if len(names) == 1:
        return f"1 package: {names[0]}"
    more = ", …" if len(names) > _NAMED else ""
    return f"{len(names):,} packages: {', '.join(names[:_NAMED])}{more}"


def _counted(number: int) -> str:
    return "1 day" if number == 1 else f"{number:,} days"


def _limits(period: Period) -> list[pd.Timestamp]:
    first, after = pd.Timestamp(period.first), pd.Timestamp(period.last + _DAY)
    margin = (after - first) * 0.005
    return [first - margin, after + margin]
