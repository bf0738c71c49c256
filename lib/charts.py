"""Figures: DataFrames in, Plotly figures out. Nothing here knows Streamlit."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from lib.aggregate import REST
from lib.breaks import Break
from lib.cubes import UNKNOWN, Grain
from lib.formats import compact, moment, percent
from lib.router import Period
from lib.theme import FONT, Theme

_DASHES = (
    "solid",
    "solid",
    "solid",
    "solid",
    "dash",
    "dash",
    "dash",
    "dot",
    "dot",
    "dashdot",
)
"""Lines differ by dash too, so that color is never alone."""

_MARGIN = {"l": 8, "r": 12, "t": 26, "b": 64}

_LABELED_DAYS = 5

_HEIGHT = 400

_MONTHS_LABELED = 14

_LABEL_WIDTH = 0.07
"""The part of a phone's time axis that the number of a break takes: a closer one is raised."""

_LABEL_HEIGHT = 18

_SHORTEST_PLOT = 220
"""Pixels of height that a plot has on a phone, under a legend of several lines."""

_LONGEST_TITLE = 38
"""Characters that fit beside the vertical axis of the shortest plot: longer titles are broken."""

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True)
class TimeAxis:
    """What every time chart draws besides its series.

    `signature` names the source inside the figure, so that it goes where an image of it goes.
    `provisional` is the first day whose counts may still change, or None where all are final.
    """

    period: Period
    grain: Grain
    signature: str
    breaks: tuple[Break, ...] = ()
    provisional: date | None = None


def lines(
    frame: pd.DataFrame,
    theme: Theme,
    axis: TimeAxis,
    *,
    unit: str,
    log: bool = False,
    share: bool = False,
) -> go.Figure:
    """A line for each series: columns `period`, `series`, `label`, `value`, `partial`.

    A partial period is drawn as an open point on a dotted line. `unit` names the vertical axis.
    """
    figure = go.Figure()
    colors = theme.colors(list(frame["series"].drop_duplicates()))
    drawn = zip(colors, _DASHES * (len(colors) // len(_DASHES) + 1), strict=False)
    for name, dash in drawn:
        rows = frame[frame["series"] == name]
        style = {"color": colors[name], "width": 2.2, "dash": dash}
        _add_line(figure, rows, style, axis, share)
    lay_out(figure, theme, axis, unit=unit, share=share, legend=len(colors) > 1)
    if log:
        figure.update_yaxes(type="log", dtick=1)
    else:
        figure.update_yaxes(rangemode="tozero")
    return KeptFigure(figure)


def areas(
    frame: pd.DataFrame, theme: Theme, axis: TimeAxis, *, unit: str, share: bool = False
) -> go.Figure:
    """Stacked areas: columns `period`, `series`, `label`, `value`; the rest and unknown on top."""
    figure = go.Figure()
    names = _rest_last(list(frame["series"].drop_duplicates()))
    colors = theme.colors(names)
    for name in names:
        rows = frame[frame["series"] == name]
        pattern = {"shape": "/", "size": 5, "solidity": 0.25} if name == UNKNOWN else None
        figure.add_trace(
            go.Scatter(
                x=rows["period"],
                y=rows["value"],
                name=rows["label"].iloc[0],
                mode="lines",
                line={"width": 0.6, "color": colors[name]},
                fillcolor=translucent(colors[name], 0.82),
                fillpattern=pattern,
                stackgroup="all",
                customdata=_hover_texts(rows, axis.grain, share),
                hovertemplate="%{customdata}<extra>%{fullData.name}</extra>",
            )
        )
    lay_out(figure, theme, axis, unit=unit, share=share, legend=len(names) > 1)
    if share:
        figure.update_yaxes(range=[0, 1])
    return KeptFigure(figure)


def weekday_heatmap(frame: pd.DataFrame, theme: Theme, signature: str) -> go.Figure:
    """Weekday by month: columns `month`, `weekday` (0 to 6), `ratio` to the month's mean day."""
    table = frame.pivot(index="weekday", columns="month", values="ratio").reindex(range(7))
    texts = [["no data" if np.isnan(v) else f"{v:.2f}" for v in row] for row in table.to_numpy()]
    spread = float(np.nanmax(np.abs(table.to_numpy() - 1))) if table.notna().any().any() else 1.0
    figure = go.Figure(
        go.Heatmap(
            x=table.columns,
            y=list(WEEKDAYS),
            z=table.to_numpy(),
            customdata=texts,
            colorscale=_scale(theme.diverging),
            zmid=1,
            zmin=1 - spread,
            zmax=1 + spread,
            xgap=1,
            ygap=2,
            colorbar=_color_bar(theme, "× mean day"),
            hovertemplate="%{y}, %{x|%b %Y}: %{customdata} × the month's mean day<extra></extra>",
        )
    )
    style(figure, theme, signature, height=290)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(showgrid=False, **_month_ticks(len(table.columns)))
    return KeptFigure(figure)


def calendar(frame: pd.DataFrame, theme: Theme, signature: str) -> go.Figure:
    """A cell for each day: columns `day` (datetime) and `downloads`; a column for each week."""
    frame = frame.assign(
        week=frame["day"] - pd.to_timedelta(frame["day"].dt.day_of_week, unit="D"),
        weekday=frame["day"].dt.day_of_week,
    )
    table = frame.pivot(index="weekday", columns="week", values="downloads").reindex(range(7))
    texts = [[compact(value) for value in row] for row in table.to_numpy()]
    figure = go.Figure(
        go.Heatmap(
            x=table.columns,
            y=list(WEEKDAYS),
            z=table.to_numpy(),
            customdata=texts,
            colorscale=_scale(theme.sequential),
            xgap=2,
            ygap=2,
            colorbar=_color_bar(theme, "a day"),
            hovertemplate="%{y}, week of %{x|%d %b %Y}: %{customdata} downloads<extra></extra>",
        )
    )
    style(figure, theme, signature, height=260)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(showgrid=False, **_month_ticks(len(table.columns) / 4.3))
    return KeptFigure(figure)


def _add_line(
    figure: go.Figure,
    rows: pd.DataFrame,
    style: dict[str, object],
    axis: TimeAxis,
    share: bool,
) -> None:
    """One series: whole periods solid, the partial first and last dotted to an open point."""
    label = rows["label"].iloc[0]
    whole = rows["value"].where(~rows["partial"])
    held = rows["value"].notna()
    alone = held & ~held.shift(1, fill_value=False) & ~held.shift(-1, fill_value=False)
    single = len(rows) < 3 or bool(alone.any())
    figure.add_trace(
        go.Scatter(
            x=rows["period"],
            y=whole,
            name=label,
            legendgroup=label,
            mode="lines+markers" if single else "lines",
            line=style,
            customdata=_hover_texts(rows, axis.grain, share),
            hovertemplate="%{customdata}<extra>%{fullData.name}</extra>",
        )
    )
    beside = rows["partial"] | rows["partial"].shift(-1, fill_value=False)
    beside |= rows["partial"].shift(1, fill_value=False)
    if not rows["partial"].any():
        return
    texts = [
        f"{text} (partial)" if cut else ""
        for text, cut in zip(_hover_texts(rows, axis.grain, share), rows["partial"], strict=True)
    ]
    figure.add_trace(
        go.Scatter(
            x=rows["period"],
            y=rows["value"].where(beside),
            name=label,
            legendgroup=label,
            showlegend=False,
            mode="lines+markers",
            line={**style, "dash": "dot", "width": 1.4},
            marker={
                "symbol": "circle-open",
                "size": [7 if cut else 0 for cut in rows["partial"]],
            },
            customdata=texts,
            hovertemplate="%{customdata}<extra>%{fullData.name}</extra>",
        )
    )


def _hover_texts(rows: pd.DataFrame, grain: Grain, share: bool) -> list[str]:
    """Period and value of each point in words."""
    show = percent if share else compact
    return [
        f"{moment(period, grain)}: {show(value)}"
        for period, value in zip(rows["period"], rows["value"], strict=True)
    ]


def lay_out(
    figure: go.Figure,
    theme: Theme,
    axis: TimeAxis,
    *,
    unit: str,
    share: bool,
    legend: bool,
) -> None:
    """Give a time chart its look: axes, legend, breaks, and hatching of provisional days."""
    style(figure, theme, axis.signature, height=_HEIGHT)
    figure.update_layout(
        hovermode="x unified",
        showlegend=legend,
        legend={
            "orientation": "h",
            "traceorder": "normal",
            "yanchor": "bottom",
            "y": 1.06,
            "xanchor": "left",
            "x": 0,
        },
        margin={**_MARGIN, "t": 48 if axis.breaks else 26},
    )
    ticks = {} if axis.grain is Grain.HOUR else day_ticks(axis.period)
    figure.update_xaxes(range=_limits(axis), hoverformat="%d %b %Y", **ticks)
    figure.update_yaxes(
        title=upright_title(unit, theme),
        tickformat=".0%" if share else None,
        exponentformat="B",
        minexponent=3,
        nticks=6,
    )
    mark_breaks(figure, theme, axis)
    _hatch_provisional(figure, theme, axis)


def _limits(axis: TimeAxis) -> list[pd.Timestamp]:
    """The ends of the time axis: the days asked for, with the start of a cut first period."""
    first = pd.Timestamp(axis.period.first)
    if axis.grain is Grain.WEEK:
        first -= pd.Timedelta(days=first.weekday())
    elif axis.grain is Grain.MONTH:
        first = first.replace(day=1)
    last = pd.Timestamp(axis.period.last)
    if axis.grain is Grain.HOUR:
        last += pd.Timedelta(days=1)
    margin = max((last - first) * 0.01, pd.Timedelta(hours=6))
    return [first - margin, last + margin]


def day_ticks(period: Period) -> dict[str, object]:
    """Whole days as labels where so few are shown that an axis would show their hours."""
    if period.days > _LABELED_DAYS:
        return {}
    return {"dtick": 86_400_000, "tickformat": "%-d %b\n%Y"}


def upright_title(unit: str, theme: Theme) -> dict[str, object]:
    """The title of a vertical axis, in lines that a phone's plot is high enough for."""
    text = "<br>".join(html.escape(line) for line in textwrap.wrap(unit, _LONGEST_TITLE))
    return {"text": text, "font": {"size": 12, "color": theme.muted}}


def mark_breaks(figure: go.Figure, theme: Theme, axis: TimeAxis) -> None:
    """A numbered line where a break begins, and a shade over a gap or undercount.

    Numbers that are close to each other stand in rows, and the legend above all rows.
    """
    rows = _rows_of_numbers(axis)
    for number, (found, row) in enumerate(zip(axis.breaks, rows, strict=True), start=1):
        start = max(found.first, axis.period.first)
        if found.last and found.kind in {"gap", "undercount"}:
            figure.add_vrect(
                x0=pd.Timestamp(start),
                x1=pd.Timestamp(min(found.last, axis.period.last) + timedelta(days=1)),
                fillcolor=theme.muted,
                opacity=0.16,
                line_width=0,
                layer="below",
            )
        else:
            figure.add_vline(
                x=pd.Timestamp(start),
                line={"color": theme.muted, "width": 1.2, "dash": "dash"},
            )
        figure.add_annotation(
            x=pd.Timestamp(start),
            y=1,
            xref="x",
            yref="paper",
            yanchor="bottom",
            yshift=row * _LABEL_HEIGHT,
            showarrow=False,
            text=f"<b>{number}</b>",
            font={"size": 11, "color": theme.background},
            bgcolor=theme.muted,
            borderpad=2,
        )
    if rows:
        height = (max(rows) + 1) * _LABEL_HEIGHT
        figure.update_layout(legend_y=1 + (height + 4) / _SHORTEST_PLOT, margin_t=height + 30)


def _rows_of_numbers(axis: TimeAxis) -> list[int]:
    """For the number of each break the lowest row in which it covers no other."""
    width = timedelta(days=axis.period.days * _LABEL_WIDTH)
    ends: list[date] = []
    rows = []
    for found in axis.breaks:
        start = max(found.first, axis.period.first)
        row = next((row for row, end in enumerate(ends) if end <= start), len(ends))
        ends[row : row + 1] = [start + width]
        rows.append(row)
    return rows


def _hatch_provisional(figure: go.Figure, theme: Theme, axis: TimeAxis) -> None:
    """Hatching behind the newest days, whose counts may still change."""
    if axis.provisional is None or axis.provisional > axis.period.last:
        return
    start = pd.Timestamp(max(axis.provisional, axis.period.first))
    end = _limits(axis)[1]
    figure.add_trace(
        go.Scatter(
            x=[start, start, end, end],
            y=[0, 1, 1, 0],
            yaxis="y2",
            mode="none",
            fill="toself",
            fillcolor="rgba(0,0,0,0)",
            fillpattern={
                "shape": "/",
                "fgcolor": theme.muted,
                "size": 6,
                "solidity": 0.12,
            },
            hoverinfo="skip",
            showlegend=False,
        )
    )
    figure.update_layout(
        yaxis2={
            "overlaying": "y",
            "range": [0, 1],
            "visible": False,
            "fixedrange": True,
        }
    )


def style(figure: go.Figure, theme: Theme, signature: str, *, height: int) -> None:
    """Give a figure the look of all: font, colors, margins, and its source at the bottom."""
    figure.update_layout(
        template="none",
        height=height,
        margin=_MARGIN,
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": FONT, "size": theme.size, "color": theme.text},
        hoverlabel={
            "bgcolor": theme.background,
            "bordercolor": theme.muted,
            "font": {"color": theme.text, "family": FONT},
        },
        showlegend=False,
    )
    figure.add_annotation(
        text=signature,
        xref="paper",
        yref="paper",
        x=1,
        y=0,
        yshift=-44,
        xanchor="right",
        yanchor="top",
        showarrow=False,
        font={"size": theme.size - 3, "color": theme.muted},
    )
    axis = {"gridcolor": theme.grid, "zeroline": False, "automargin": True}
    figure.update_xaxes(**axis, showgrid=False, tickcolor=theme.grid, linecolor=theme.grid)
    figure.update_yaxes(**axis)


def _color_bar(theme: Theme, title: str) -> dict[str, object]:
    return {
        "title": {"text": title, "font": {"size": 11, "color": theme.muted}},
        "thickness": 8,
        "outlinewidth": 0,
        "nticks": 4,
        "exponentformat": "B",
        "minexponent": 3,
        "tickfont": {"size": 11, "color": theme.muted},
    }


def _month_ticks(months: float) -> dict[str, object]:
    """Labels for an axis of this many months: each of them once, or as many as there is room."""
    if months > _MONTHS_LABELED:
        return {}
    return {"dtick": "M1", "tickformat": "%b %Y" if months < 7 else "%b\n%Y"}


def _scale(colors: Sequence[str]) -> list[tuple[float, str]]:
    return [(index / (len(colors) - 1), color) for index, color in enumerate(colors)]


class KeptFigure(go.Figure):  # type: ignore[misc]
    """A finished figure that is written out once, for each page that draws it copies it whole."""

    def __init__(self, figure: go.Figure) -> None:
        super().__init__(figure, _validate=False)
        self._written = super().to_dict()

    def to_dict(self) -> dict[str, object]:
        """The figure as Plotly's JSON has it."""
        written: dict[str, object] = self._written
        return written


def _rest_last(names: list[str]) -> list[str]:
    """The names in order, with the rest and then unknown at the end."""
    return [name for name in names if name not in (REST, UNKNOWN)] + [
        name for name in (REST, UNKNOWN) if name in names
    ]


def translucent(color: str, opacity: float) -> str:
    """A hexadecimal color as CSS writes it when what lies behind shows through."""
    red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"
