"""Downloads over time: a line for each package, in the view that the reader chose."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import pandas as pd
import streamlit as st

from lib import charts
from lib.cubes import Grain
from lib.formats import days, moment
from lib.panels.card import Drawing, draw, panel, say_empty, switch
from lib.panels.context import KEPT, Context, labeled, last_values
from lib.selection import VIEW_LABELS, View
from lib.views import as_view, base_period

_EACH = {
    Grain.HOUR: "an hour",
    Grain.DAY: "a day",
    Grain.WEEK: "a week",
    Grain.MONTH: "a month",
}


def draw_over_time(context: Context) -> None:
    """The panel, with the switch between the views."""
    with panel(title(context), "over_time") as card:
        switch(card.controls, "View", View, VIEW_LABELS, "view")
        drawing = _drawing(context)
        if drawing is None:
            say_empty()
            return
        if context.selection.view is View.SHARE and len(context.selection.packages) < 2:
            st.caption("A share compares packages: choose at least two. Alone, this is 100 %.")
        draw(context.found, card, drawing)


@lru_cache(maxsize=KEPT)
def _drawing(context: Context) -> Drawing | None:
    view = context.selection.view
    answer = context.found.over_time(context.selection, context.period, context.grain)
    if not answer.frame["downloads"].gt(0).any():
        return None
    frame = labeled(as_view(answer.frame, view, context.grain), "project")
    unit = unit_of(context, answer.frame)
    share = view is View.SHARE
    axis = context.axis(answer)
    when = days(answer.period.first, answer.period.last)
    return Drawing(
        charts.lines(frame, context.theme, axis, unit=unit, log=view is View.LOG, share=share),
        alt=f"{title(context)}, {when}. {last_values(frame, share=share)}",
        answer=replace(answer, frame=frame.drop(columns="label")),
        unit=unit,
        name=context.file_name,
        note=partial_note(frame, context.grain),
        axis=axis,
    )


def title(context: Context) -> str:
    """What a card of downloads over time is called: `Downloads a week: numpy`."""
    return f"{_what(context.selection.view, context.grain)}: {context.subject}"


def _what(view: View, grain: Grain) -> str:
    if view is View.MEAN:
        window = "mean of each month" if grain is Grain.MONTH else "7-day mean"
        return f"Downloads a day, {window}"
    return {
        View.ABSOLUTE: f"Downloads {_EACH[grain]}",
        View.LOG: f"Downloads {_EACH[grain]}, log scale",
        View.SHARE: f"Share of the downloads {_EACH[grain]}",
        View.INDEXED: f"Downloads {_EACH[grain]}, indexed",
    }[view]


def unit_of(context: Context, frame: pd.DataFrame) -> str:
    """The unit of the view chosen."""
    view = context.selection.view
    if view is View.SHARE:
        return f"Share of the downloads of {context.subject} together"
    if view is View.INDEXED:
        base = base_period(frame)
        start = "each one's first" if base is None else moment(base, context.grain)
        return f"Index, 100 = {start}"
    return "Downloads per day" if view is View.MEAN else f"Downloads per {context.grain}"


def partial_note(frame: pd.DataFrame, grain: Grain) -> str:
    """What an open point means, where there is one."""
    if not frame["partial"].any():
        return ""
    return f"○ A {grain} that the period cuts: counted only in part."
