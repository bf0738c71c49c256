"""Correlations of two series at lags: a point with its interval for each, and a band of chance."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from lib.charts import KeptFigure, style, translucent, upright_title
from lib.theme import Theme

_HEIGHT = 400

_BAND = 0.16

_UNDER_AXIS = -58
"""Where the source stands: under the title of the axis, which time charts do not have."""


def lag_plot(
    frame: pd.DataFrame,
    theme: Theme,
    signature: str,
    *,
    band: float,
    unit: str,
    across: str,
    sides: tuple[str, str],
) -> go.Figure:
    """A stem for each lag: columns `lag`, `correlation`, `low`, `high`, `strong`, `label`.

    Lags that are not `strong` are gray. Correlations of up to `band`, either way, are shaded: they
    are no finding. `across` names the lags, and `sides` the lower and the upper of them.
    """
    figure = go.Figure()
    for strong, rows in frame.groupby("strong"):
        color = theme.series[0] if strong else theme.unknown
        for row in rows.to_dict("records"):
            figure.add_trace(_stem(row["lag"], (0, row["correlation"]), color, 5))
            figure.add_trace(_stem(row["lag"], (row["low"], row["high"]), color, 1.6))
        figure.add_trace(
            go.Scatter(
                x=rows["lag"],
                y=rows["correlation"],
                mode="markers",
                marker={"color": color, "size": 10},
                customdata=rows["label"],
                hovertemplate="%{customdata}<extra></extra>",
            )
        )
    style(figure, theme, signature, height=_HEIGHT)
    figure.add_hrect(
        y0=-band, y1=band, fillcolor=translucent(theme.muted, _BAND), line_width=0, layer="below"
    )
    figure.add_hline(y=0, line={"color": theme.muted, "width": 1.2})
    figure.add_vline(x=0, line={"color": theme.muted, "width": 1, "dash": "dot"})
    labeled = [int(lag) for lag in frame["lag"] if lag % 2 == 0]
    font = {"size": 12, "color": theme.muted}
    for text, place, anchor in zip(sides, (0, 1), ("left", "right"), strict=True):
        figure.add_annotation(
            text=text, x=place, y=1, xref="paper", yref="paper", xanchor=anchor,
            yanchor="bottom", showarrow=False, font=font,
        )  # fmt: skip
    figure.update_layout(margin={"l": 8, "r": 12, "t": 34, "b": 82})
    figure.update_xaxes(
        title={"text": across, "font": font},
        tickvals=labeled,
        ticktext=[f"{lag:+d}" if lag else "0" for lag in labeled],
        tickangle=0,
        showgrid=False,
    )
    figure.update_yaxes(range=[-1.02, 1.02], title=upright_title(unit, theme), dtick=0.5)
    figure.layout.annotations[0].yshift = _UNDER_AXIS
    return KeptFigure(figure)


def _stem(lag: int, ends: tuple[float, float], color: str, width: float) -> go.Scatter:
    return go.Scatter(
        x=[lag, lag],
        y=list(ends),
        mode="lines",
        line={"color": color, "width": width},
        hoverinfo="skip",
    )
