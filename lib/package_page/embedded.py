"""The chart of downloads over time alone, with one line of figures, for a frame on another page."""

from __future__ import annotations

from functools import lru_cache

import plotly.graph_objects as go
import streamlit as st

from lib import embedding
from lib.charts import KeptFigure
from lib.formats import change as change_text
from lib.formats import compact, days, plain
from lib.package_page.over_time import Course, course
from lib.panels.card import list_breaks, show_figure
from lib.panels.context import KEPT, Context
from lib.profile.levels import levels
from lib.router import NotHeld
from lib.sidebar import Choice

_HEIGHT = 270


def draw_embedded(context: Context, choice: Choice) -> None:
    """The name and the newest figures in a line, the chart, and the source."""
    embedding.set_up()
    name = next(iter(choice.packages), "")
    st.title(f"Downloads of {plain(name)}" if name else "No package named", anchor=False)
    if not choice.selection.packages:
        st.caption(
            f"No package {plain(name)} is held." if name else "The address names no package."
        )
        return
    try:
        found = course(context)
        line = _line(context)
    except NotHeld as missing:
        st.info(plain(str(missing)), icon=":material/inventory_2:")
        return
    st.caption(line)
    if found is None:
        st.info("No downloads in this period.", icon=":material/search_off:")
        return
    drawing = found.drawing
    show_figure(_low(context, found), key="embedded", alt=drawing.alt, name=drawing.name)
    period = drawing.answer.period
    words = context.selection.words()
    st.caption(
        f"{plain(drawing.unit)} · {days(period.first, period.last)} UTC"
        f"{f' · only {plain(words)}' if words else ''} · {plain(context.source)} · PyPI Pulse"
    )
    if drawing.axis:
        list_breaks(drawing.axis)


def _line(context: Context) -> str:
    """The newest figures, the longest time first: `92.1 M in the last 30 days (+3.2 %)`."""
    parts = []
    for level in reversed(levels(context.asking)[:-1]):
        if level.downloads is None:
            continue
        ratio = level.compared.ratio if level.compared else None
        told = f" ({change_text(ratio)})" if ratio is not None else ""
        parts.append(f"**{plain(compact(level.downloads))}** {level.label.lower()}{plain(told)}")
    simulated = ["**simulated**"] if context.found.state.simulated else []
    return " · ".join((*simulated, *parts))


@lru_cache(maxsize=KEPT)
def _low(_context: Context, found: Course) -> go.Figure:
    """The figure as low as a frame leaves room for. The same object for the same course."""
    figure = go.Figure(found.drawing.figure)
    figure.update_layout(height=_HEIGHT)
    return KeptFigure(figure)
