"""Draws the world map on a page, with its legend and what has no place on it."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd
import pydeck as pdk
import streamlit as st

from lib import maps
from lib.formats import percent
from lib.selection import Measure
from lib.theme import Theme


@dataclass(frozen=True)
class WorldMap:
    """A map ready to be drawn: the deck, its text for those who cannot see it, legend, note."""

    deck: pdk.Deck
    alt: str
    legend: tuple[tuple[str, str], ...]
    note: str


PREFERENCE_NOTE = "Preference: a country's share here over its share of all downloads held."


def world_map(
    frame: pd.DataFrame,
    measure: Measure,
    theme: Theme,
    selected: str | None = None,
    meaning: str = PREFERENCE_NOTE,
) -> WorldMap:
    """The map of `frame`: columns `country`, `downloads`, `share`, `preference`.

    `selected` is the code of the country to outline, `meaning` says what the preference is of.
    """
    outside = float(maps.off_map(frame)["share"].sum())
    notes = [f"{percent(outside)} come from unknown countries."]
    if measure is Measure.PREFERENCE:
        notes.append(meaning)
    return WorldMap(
        maps.country_deck(frame, measure, theme.dark, selected),
        maps.map_alt(frame, measure),
        tuple(maps.legend(frame, measure, theme.dark)),
        " ".join(notes),
    )


def draw_map(
    drawn: WorldMap, *, key: str, height: int, on_select: Callable[[], None] | None = None
) -> None:
    """Draw a map with its legend.

    `height` is in pixels, of a wide screen. With `on_select`, a click on a country calls it;
    `clicked_country` then tells which.
    """
    st.pydeck_chart(
        drawn.deck,
        height=maps.map_height(st.context.headers.get("User-Agent"), wide=height),
        key=key,
        on_select=on_select or "ignore",
        alt=drawn.alt,
    )
    draw_legend(drawn.legend)
    st.caption(drawn.note)


def clicked_country(key: str) -> str | None:
    """The code of the country that was clicked on the map, None where a click fell elsewhere."""
    layers = st.session_state[key].selection.objects
    for objects in layers.values():
        for picked in objects:
            code = picked.get("properties", picked).get("iso")
            return str(code) if code else None
    return None


def draw_legend(marks: Sequence[tuple[str, str]]) -> None:
    """What colors mean: a label and a hexadecimal color each."""
    swatches = "".join(
        '<span style="display:inline-flex;align-items:center;gap:.35rem;margin-right:.9rem">'
        f'<span style="width:.9rem;height:.9rem;border-radius:.2rem;background:{color}"></span>'
        f"{html.escape(label)}</span>"
        for label, color in marks
    )
    st.html(f'<div style="font-size:.85rem;line-height:1.7">{swatches}</div>')
