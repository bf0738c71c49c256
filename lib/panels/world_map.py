"""Draws the world map on a page, with its legend and what has no place on it."""

from __future__ import annotations

import html
from collections.abc import Callable

import pandas as pd
import streamlit as st

from lib import maps
from lib.formats import percent
from lib.selection import Measure
from lib.theme import Theme


def draw_map(
    frame: pd.DataFrame,
    measure: Measure,
    theme: Theme,
    *,
    key: str,
    height: int,
    selected: str | None = None,
    on_select: Callable[[], None] | None = None,
) -> None:
    """The map of `frame` (`country`, `downloads`, `share`, `preference`), with its legend.

    `height` is in pixels, of a wide screen. With `on_select`, a click on a country calls it;
    `clicked_country` then tells which.
    """
    st.pydeck_chart(
        maps.country_deck(frame, measure, theme.dark, selected),
        height=maps.map_height(st.context.headers.get("User-Agent"), wide=height),
        key=key,
        on_select=on_select or "ignore",
        alt=maps.map_alt(frame, measure),
    )
    _draw_legend(frame, measure, theme)
    outside = maps.off_map(frame)
    notes = [f"{percent(float(outside['share'].sum()))} come from unknown countries."]
    if measure is Measure.PREFERENCE:
        notes.append("Preference: a country's share here over its share of all downloads held.")
    st.caption(" ".join(notes))


def clicked_country(key: str) -> str | None:
    """The code of the country that was clicked on the map, None where a click fell elsewhere."""
    layers = st.session_state[key].selection.objects
    for objects in layers.values():
        for picked in objects:
            code = picked.get("properties", picked).get("iso")
            return str(code) if code else None
    return None


def _draw_legend(frame: pd.DataFrame, measure: Measure, theme: Theme) -> None:
    swatches = "".join(
        '<span style="display:inline-flex;align-items:center;gap:.35rem;margin-right:.9rem">'
        f'<span style="width:.9rem;height:.9rem;border-radius:.2rem;background:{color}"></span>'
        f"{html.escape(label)}</span>"
        for label, color in maps.legend(frame, measure, theme.dark)
    )
    st.html(f'<div style="font-size:.85rem;line-height:1.7">{swatches}</div>')
