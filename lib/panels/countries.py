"""Countries: the world map of the selection, and the same as a table."""

from __future__ import annotations

from functools import lru_cache

import pyarrow as pa
import streamlit as st

from lib import maps, sidebar
from lib.data import Answer
from lib.formats import value_label
from lib.panels.card import footer, panel, say_empty, say_not_held, switch
from lib.panels.context import KEPT, Context
from lib.panels.world_map import WorldMap, clicked_country, draw_map, world_map
from lib.router import NotHeld
from lib.selection import MEASURE_LABELS, Measure

_HEIGHT = 340

_MAP = "world"


def draw_countries(context: Context) -> None:
    """The map beside the table, or one line where countries are not held."""
    try:
        answer = _answer(context)
    except NotHeld as missing:
        with panel("Countries", "countries"):
            say_not_held(missing, "countries")
        return
    if answer.frame.empty:
        with panel("Countries", "countries"):
            say_empty()
        return
    left, right = st.columns([3, 2])
    with left:
        _draw_world(context, answer)
    with right:
        _draw_table(context, answer)


@lru_cache(maxsize=KEPT)
def _answer(context: Context) -> Answer:
    return context.found.countries(context.selection, context.period)


@lru_cache(maxsize=KEPT)
def _table(context: Context) -> pa.Table:
    frame = _answer(context).frame
    columns = {
        "Country": [value_label("country", code) for code in frame["country"]],
        "Downloads": frame["downloads"].to_numpy(),
        "Share": frame["share"].to_numpy(),
    }
    if context.selection.packages and frame["preference"].notna().any():
        columns["vs all held"] = frame["preference"].to_numpy()
    return pa.table(columns)


@lru_cache(maxsize=KEPT)
def _map(context: Context) -> WorldMap:
    chosen = context.selection.values("country")
    selected = chosen[0] if len(chosen) == 1 else None
    return world_map(_answer(context).frame, context.selection.measure, context.theme, selected)


def _draw_world(context: Context, answer: Answer) -> None:
    measure = context.selection.measure
    title = f"{MEASURE_LABELS[measure]} by country: {context.subject}"
    with panel(title, "world") as card:
        switch(card.controls, "Color by", Measure, MEASURE_LABELS, "measure")
        draw_map(
            _map(context),
            key=_MAP,
            height=_HEIGHT,
            on_select=_take_country,
        )
        name = f"{context.file_name}-by-country"
        footer(
            context.found,
            card,
            answer,
            name=name,
            unit="Downloads (file requests)",
            image=lambda: maps.map_svg(
                answer.frame, measure, context.theme.dark, f"{title} · {context.source}"
            ),
        )


def _draw_table(context: Context, answer: Answer) -> None:
    with panel("Countries", "countries"):
        shown = _table(context)
        st.dataframe(
            shown,
            hide_index=True,
            height=_HEIGHT + 100,
            column_config={
                "Country": st.column_config.TextColumn(width=112),
                "Downloads": st.column_config.NumberColumn(format="compact", width=78),
                "Share": st.column_config.ProgressColumn(
                    width=92,
                    format="percent",
                    min_value=0,
                    max_value=max(float(answer.frame["share"].max()), 0.01),
                ),
                "vs all held": st.column_config.NumberColumn(
                    width=78,
                    format="×%.2f",
                    help="Preference: its share here over its share of all downloads held",
                ),
            },
            alt=f"Downloads by country: {context.subject}",
        )


def _take_country() -> None:
    """Keep the country that was clicked; all of them where the click fell elsewhere."""
    sidebar.choose_country(clicked_country(_MAP))
