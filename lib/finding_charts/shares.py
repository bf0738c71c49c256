"""Shares by several dimensions: for each one bar, cut into its values, the greatest first."""

from __future__ import annotations

import html

import pandas as pd
import plotly.graph_objects as go

from lib.aggregate import REST
from lib.charts import KeptFigure, style
from lib.cubes import DIMENSION, UNKNOWN
from lib.formats import compact, percent, value_label
from lib.theme import Theme

_ROW = 74
"""Pixels of height for each dimension: a line of words, and the bar under it."""

_FRAME = 74


def share_bars(frame: pd.DataFrame, theme: Theme, signature: str) -> go.Figure:
    """A bar of all downloads for each dimension: `dimension`, `value`, `downloads`, `share`.

    Bars stand in the frame's order and parts as well, but for the rest and unknown, which come
    last and are gray. Values are named inside where there is room, and the greatest above.
    """
    dimensions = list(frame["dimension"].drop_duplicates())
    figure = go.Figure()
    for place, dimension in enumerate(reversed(dimensions)):
        rows = _rest_last(frame[frame["dimension"] == dimension])
        _add_bar(figure, rows, place, theme)
        figure.add_annotation(
            text=f"<b>{DIMENSION[dimension].label}</b>  {_greatest(rows)}",
            x=0,
            y=place + 0.28,
            xanchor="left",
            yanchor="bottom",
            showarrow=False,
            font={"size": theme.size, "color": theme.text},
        )
    style(figure, theme, signature, height=_FRAME + _ROW * len(dimensions))
    figure.update_layout(
        barmode="stack", uniformtext={"minsize": theme.size - 3, "mode": "hide"}, bargap=0.5
    )
    figure.update_xaxes(
        range=[0, 1], tickformat=".0%", nticks=6, showgrid=False, fixedrange=True, tickangle=0
    )
    figure.update_yaxes(visible=False, range=[-0.4, len(dimensions) - 0.25], fixedrange=True)
    return KeptFigure(figure)


def _add_bar(figure: go.Figure, rows: pd.DataFrame, place: int, theme: Theme) -> None:
    colors = theme.colors(list(rows["value"]))
    inks = {value: _readable_on(color, theme) for value, color in colors.items()}
    # What is unknown is hatched, and text on it stands before the page itself.
    inks[UNKNOWN] = theme.text
    for value, downloads, share in zip(
        rows["value"], rows["downloads"], rows["share"], strict=True
    ):
        label = html.escape(value_label(str(rows["dimension"].iloc[0]), str(value)))
        figure.add_trace(
            go.Bar(
                orientation="h",
                x=[share],
                y=[place],
                width=0.5,
                marker={
                    "color": colors[value],
                    "line": {"color": theme.background, "width": 1},
                    "pattern": {"shape": "/" if value == UNKNOWN else "", "solidity": 0.2},
                },
                text=[f"{label}<br>{percent(share)}"],
                textposition="inside",
                insidetextanchor="middle",
                textangle=0,
                textfont={"color": inks[value], "size": theme.size - 2},
                customdata=[f"{label}: {percent(share)}, {compact(downloads)} downloads"],
                hovertemplate="%{customdata}<extra></extra>",
            )
        )


def _greatest(rows: pd.DataFrame) -> str:
    """The greatest value in words: small screens have no room for it inside."""
    named = rows[rows["value"] != REST].sort_values("share", ascending=False, kind="stable")
    first = named.iloc[0]
    label = value_label(str(first["dimension"]), str(first["value"]))
    return f"{html.escape(label)} {percent(float(first['share']))}"


def _rest_last(rows: pd.DataFrame) -> pd.DataFrame:
    last = {REST: 1, UNKNOWN: 2}
    order = rows["value"].map(lambda value: last.get(value, 0))
    return rows.loc[order.sort_values(kind="stable").index]


def _readable_on(color: str, theme: Theme) -> str:
    """The theme's text or background, whichever stands out more on a color."""
    return max(
        (theme.text, theme.background), key=lambda ink: abs(_luminance(ink) - _luminance(color))
    )


def _luminance(color: str) -> float:
    """How light a hexadecimal color looks, from 0 to 1: luma (ITU-R BT.709, 1990)."""
    red, green, blue = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
