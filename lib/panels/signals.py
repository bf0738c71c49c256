"""Signals beside the downloads: what people ask, search and read, indexed on the same time axis."""

from __future__ import annotations

import streamlit as st

from lib import sidebar
from lib.formats import plain
from lib.panels.card import draw, panel
from lib.panels.context import Context
from lib.panels.overlay import overlay, title
from lib.signals import LABELS, Signal


def draw_signals(context: Context) -> None:
    """The choice of signals, and below it the card of those chosen.

    Nothing where the store holds none and none is asked for.
    """
    chosen = context.selection.signals
    held = {series.signal for series in context.found.signals()}
    offered = [signal for signal in Signal if signal in held or signal in chosen]
    if not offered:
        return
    st.pills(
        "Beside the downloads",
        offered,
        selection_mode="multi",
        format_func=LABELS.__getitem__,
        key=sidebar.key("signals"),
        help="What people ask, search and read, indexed with the downloads in a figure of its own.",
    )
    if not chosen:
        return
    with panel(title(context), "signals") as card:
        if not context.selection.packages:
            st.info("Choose a package: signals are of one package each.", icon=":material/search:")
            return
        drawn = overlay(context)
        for text in drawn.lacking:
            st.caption(f":material/search_off: {plain(text)}")
        if drawn.drawing is not None:
            draw(context.found, card, drawn.drawing)
            _say_sources(drawn.sources)
        with st.container(horizontal=True):
            if drawn.drawing is not None:
                st.page_link(
                    "pages/questions.py",
                    label="Does interest lead or follow?",
                    icon=":material/help:",
                    query_params=question(context.selection.packages[0], chosen[0]),
                )
            st.page_link("pages/data.py", label="Signals held", icon=":material/database:")


def question(package: str, signal: Signal) -> dict[str, str]:
    """The parameters of the question whether a signal of a package leads its downloads."""
    return {"q": "interest-leads", "packages": package, "period": "all", "signal": str(signal)}


def _say_sources(sources: tuple[str, ...]) -> None:
    place = st.container() if len(sources) < 4 else st.expander(f"{len(sources)} sources")
    for text in sources:
        place.caption(text)
