"""A series taken apart: its trend, its weekly rhythm and what is left, one below the other."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from lib.charts import KeptFigure, TimeAxis, day_ticks, mark_breaks, style
from lib.formats import compact, day
from lib.theme import Theme

_HEIGHT = 520

_SHARES = [0.44, 0.28, 0.28]

_TITLES = ("Downloads a day, and their trend", "Weekly: × the trend", "Remainder: × the rest")


def decomposition(frame: pd.DataFrame, theme: Theme, axis: TimeAxis) -> go.Figure:
    """Columns `period` (days), `downloads`, `trend`, `weekly`, `remainder`, perhaps `yearly`.

    Downloads are the product of the others; a yearly rhythm is drawn with the trend.
    """
    figure = make_subplots(
        rows=3,
        shared_xaxes=True,
        row_heights=_SHARES,
        vertical_spacing=0.09,
        subplot_titles=_TITLES,
    )
    style(figure, theme, axis.signature, height=_HEIGHT)
    level = frame["trend"] * frame["yearly"] if "yearly" in frame else frame["trend"]
    for row, values, color, width in (
        (1, frame["downloads"], theme.rest, 1.2),
        (1, level, theme.series[0], 2.4),
        (2, frame["weekly"], theme.series[1], 1.6),
        (3, frame["remainder"], theme.series[2], 1.2),
    ):
        show = compact if row == 1 else "{:.2f}".format
        texts = [
            f"{day(period)}: {show(value)}"
            for period, value in zip(frame["period"], values, strict=True)
        ]
        line = go.Scatter(
            x=frame["period"],
            y=values,
            mode="lines",
            line={"color": color, "width": width},
            customdata=texts,
            hovertemplate="%{customdata}<extra></extra>",
        )
        figure.add_trace(line, row=row, col=1)
    for row in (2, 3):
        figure.add_hline(y=1, line={"color": theme.muted, "width": 1, "dash": "dash"}, row=row)
    figure.update_annotations(font={"size": theme.size - 1, "color": theme.muted})
    figure.update_xaxes(**day_ticks(axis.period))
    figure.update_yaxes(exponentformat="B", minexponent=3, nticks=4)
    figure.update_yaxes(rangemode="tozero", row=1)
    mark_breaks(figure, theme, axis)
    return KeptFigure(figure)
