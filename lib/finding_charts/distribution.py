"""How values are distributed: a histogram with its median, and what lies between its quartiles."""

from __future__ import annotations

import html

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from lib.charts import KeptFigure, style
from lib.formats import percent
from lib.theme import Theme

_BINS = 20

_HEIGHT = 330


def share_histogram(
    shares: pd.Series[float],
    theme: Theme,
    signature: str,
    *,
    unit: str,
    counted: str,
    reference: float | None = None,
) -> go.Figure:
    """A column for each twentieth from 0 to 1: how many of `shares`, whose index names them.

    `unit` is what they are shares of, and `counted` what is counted, in the plural. The median is
    a line, the middle half a shade. `reference` is drawn as a line: what a reader compares with.
    """
    edges = np.linspace(0, 1, _BINS + 1)
    values = shares.to_numpy(dtype=np.float64)
    places = np.clip(np.digitize(values, edges) - 1, 0, _BINS - 1)
    counts = np.bincount(places, minlength=_BINS)
    texts = [
        f"{percent(low)} to {percent(high)}: {count} {counted}{_named(shares, places == place)}"
        for place, (low, high, count) in enumerate(zip(edges[:-1], edges[1:], counts, strict=True))
    ]
    figure = go.Figure(
        go.Bar(
            x=(edges[:-1] + edges[1:]) / 2,
            y=counts,
            width=1 / _BINS * 0.94,
            marker={"color": theme.series[0]},
            customdata=texts,
            hovertemplate="%{customdata}<extra></extra>",
        )
    )
    style(figure, theme, signature, height=_HEIGHT)
    lower, median, upper = np.quantile(values, [0.25, 0.5, 0.75])
    figure.add_vrect(
        x0=lower, x1=upper, fillcolor=theme.muted, opacity=0.14, line_width=0, layer="below"
    )
    above = reference is None or median >= reference
    _mark(figure, theme, float(median), f"median {percent(float(median))}", "solid", right=above)
    if reference is not None:
        _mark(figure, theme, reference, percent(reference), "dash", right=not above)
    size = theme.size - 1
    title = {"text": html.escape(unit), "font": {"size": size, "color": theme.muted}}
    figure.update_xaxes(range=[0, 1], tickformat=".0%", title=title, side="bottom")
    counted_title = {"text": html.escape(counted.capitalize()), "font": title["font"]}
    figure.update_yaxes(title=counted_title, rangemode="tozero", nticks=6)
    figure.update_layout(margin={"b": 82})
    # The source stands under the title of the axis, which other charts do not have.
    figure.layout.annotations[0].yshift = -58
    return KeptFigure(figure)


def _named(shares: pd.Series[float], inside: np.ndarray) -> str:
    """The names of a column that has few, safe in Plotly's markup."""
    names = [html.escape(str(name)) for name in shares.index[inside]]
    return f" ({', '.join(names)})" if 0 < len(names) <= 5 else ""


def _mark(
    figure: go.Figure, theme: Theme, place: float, text: str, dash: str, *, right: bool
) -> None:
    """A line with its words to its right or left, so that those of two lines stay apart."""
    figure.add_vline(x=place, line={"color": theme.text, "width": 1.4, "dash": dash})
    figure.add_annotation(
        x=place,
        y=1,
        yref="paper",
        xanchor="left" if right else "right",
        yanchor="bottom",
        showarrow=False,
        text=text,
        font={"size": theme.size - 1, "color": theme.text},
    )
