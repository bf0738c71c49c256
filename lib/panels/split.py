"""The split: one dimension of the downloads over time, its greatest values and the rest."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import pandas as pd

from lib import charts, sidebar
from lib.cubes import DIMENSION, Grain, ValueOrder
from lib.formats import version_key
from lib.panels.card import Drawing, draw, panel, switch
from lib.panels.context import KEPT, Context, labeled, last_values
from lib.selection import SHAPE_LABELS, SPLITS, Shape, View
from lib.views import as_view

_TOP = 9
"""How many values stand alone: with the rest, as many as the palette has colors."""


def draw_split(context: Context) -> None:
    """The panel, with the choice of the dimension and of the shape."""
    with panel(_title(context), "split") as card:
        card.controls.selectbox(
            "Split by",
            _splits(context),
            key=sidebar.key("split"),
            format_func=lambda name: f"By {DIMENSION[name].label}",
            label_visibility="collapsed",
            width=200,
        )
        switch(card.controls, "Shape", Shape, SHAPE_LABELS, "shape")
        draw(context.found, card, _drawing(context))


@lru_cache(maxsize=KEPT)
def _drawing(context: Context) -> Drawing | None:
    dimension, shape = context.selection.split, context.selection.shape
    answer = context.found.split_over_time(
        context.selection, context.period, context.grain, dimension, _TOP
    )
    if not answer.frame["downloads"].gt(0).any():
        return None
    drawn, note = _whole_periods(answer.frame, context.grain, shape)
    share = shape is Shape.SHARES
    view = View.SHARE if share else View.ABSOLUTE
    frame = labeled(as_view(_in_order(drawn, dimension), view, context.grain), dimension)
    axis = context.axis(answer, dimension)
    unit = f"Downloads per {context.grain}"
    if share:
        unit = f"Share of the downloads of {context.subject}"
    if shape is Shape.LINES:
        figure = charts.lines(frame, context.theme, axis, unit=unit)
    else:
        figure = charts.areas(frame, context.theme, axis, unit=unit, share=share)
    return Drawing(
        figure,
        alt=f"{_title(context)}. {last_values(frame, share=share)}",
        answer=replace(answer, frame=frame.drop(columns="label")),
        unit=unit,
        name=f"{context.file_name}-by-{dimension}",
        note=note,
        axis=axis,
    )


def _whole_periods(frame: pd.DataFrame, grain: Grain, shape: Shape) -> tuple[pd.DataFrame, str]:
    """What a shape draws, and the note under it: areas have no way to show a cut period as cut."""
    whole = frame[~frame["partial"]]
    if not frame["partial"].any() or shape is Shape.SHARES:
        return frame, ""
    if shape is Shape.LINES or whole["period"].nunique() < 2:
        return frame, f"○ A {grain} that the period cuts: counted only in part."
    return whole, f"A {grain} that the period cuts is left out."


def _title(context: Context) -> str:
    label = _in_sentence(DIMENSION[context.selection.split].label)
    return f"Downloads by {label}: {context.subject}"


def _splits(context: Context) -> list[str]:
    """The dimensions that some cube holds, and the one that is chosen."""
    held = {name for row in context.found.state.coverage for name in row.cube.dimensions}
    return [name for name in SPLITS if name in held or name == context.selection.split]


def _in_order(frame: pd.DataFrame, dimension: str) -> pd.DataFrame:
    """The rows by series and period: versions from old to new, other values greatest first."""
    sums = frame.groupby("series")["downloads"].sum().sort_values(ascending=False)
    names = [str(name) for name in sums.index]
    if DIMENSION[dimension].order is ValueOrder.VERSION:
        names = sorted(names, key=version_key)
    rank = {name: position for position, name in enumerate(names)}
    return (
        frame.assign(rank=frame["series"].map(rank))
        .sort_values(["rank", "period"], ignore_index=True)
        .drop(columns="rank")
    )


def _in_sentence(label: str) -> str:
    """A label as it stands inside a sentence: `Country` is country, `CPU` stays."""
    kept = label[:2].isupper() or label.startswith("Python")
    return label if kept else label[0].lower() + label[1:]
