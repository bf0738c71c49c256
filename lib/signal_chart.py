"""The figure of downloads and signals: lines of one index, on the time axis of the downloads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from lib.charts import KeptFigure, TimeAxis, lay_out
from lib.cubes import Grain
from lib.formats import compact, moment
from lib.signals import Signal
from lib.theme import Theme

_DASHES: dict[str, str] = {
    Signal.STACK_OVERFLOW: "dash",
    Signal.GOOGLE_TRENDS: "dot",
    Signal.WIKIPEDIA: "dashdot",
}
"""Kinds of signals differ by dash, so that color is never alone; downloads are solid."""


_DECADES = 100
"""Where a logarithmic axis spans less than this, powers of ten alone would label it too thinly."""


@dataclass(frozen=True)
class Line:
    """How a series is drawn: `label` is safe in Plotly's markup, `color` names what it shares."""

    name: str
    label: str
    color: str
    kind: str


def index_lines(
    frame: pd.DataFrame,
    theme: Theme,
    axis: TimeAxis,
    *,
    grain: Grain,
    lines: Sequence[Line],
    unit: str,
    log: bool = False,
) -> go.Figure:
    """A line for each series: columns `period`, `series`, `value` (the index), `flagged`.

    One vertical axis for all. Flagged values are open points. The time axis is that of `axis`,
    whatever the `grain` of the series.
    """
    figure = go.Figure()
    colors = theme.colors(list(dict.fromkeys(line.color for line in lines)))
    for line in lines:
        rows = frame[frame["series"] == line.name]
        color, flagged = colors[line.color], rows["flagged"]
        points = bool(flagged.any()) or rows["value"].notna().sum() < 3
        figure.add_trace(
            go.Scatter(
                x=rows["period"],
                y=rows["value"].where(rows["value"] > 0) if log else rows["value"],
                name=line.label,
                mode="lines+markers" if points else "lines",
                line={"color": color, "width": 2.2, "dash": _DASHES.get(line.kind, "solid")},
                marker={
                    "color": color,
                    "symbol": ["circle-open" if flag else "circle" for flag in flagged],
                    "size": [6 if flag or not flagged.any() else 0 for flag in flagged],
                },
                customdata=[
                    f"{moment(period, grain)}: {compact(value)}{' (less exact)' if flag else ''}"
                    for period, value, flag in zip(
                        rows["period"], rows["value"], flagged, strict=True
                    )
                ],
                hovertemplate="%{customdata}<extra>%{fullData.name}</extra>",
            )
        )
    lay_out(figure, theme, axis, unit=unit, share=False, legend=True)
    if log:
        positive = frame["value"][frame["value"] > 0]
        wide = len(positive) > 0 and positive.max() > _DECADES * positive.min()
        figure.update_yaxes(type="log", dtick=1 if wide else "D2")
    else:
        figure.update_yaxes(rangemode="tozero")
    return KeptFigure(figure)
