"""Panels: a titled card around a figure, with its source, its breaks, and ways to take it away."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

import plotly.graph_objects as go
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lib import sidebar
from lib.charts import TimeAxis
from lib.cubes import DIMENSION
from lib.data import Answer, Downloads
from lib.exports import as_csv, as_parquet
from lib.formats import day, days, plain
from lib.router import NotHeld

_BREAKS_SHOWN = 2
"""More breaks than this are folded away: a list would push the next figure off the screen."""

_CONFIG: dict[str, object] = {
    "displaylogo": False,
    "displayModeBar": "hover",
    "modeBarButtonsToRemove": [
        "select2d",
        "lasso2d",
        "zoomIn2d",
        "zoomOut2d",
        "autoScale2d",
    ],
}


@dataclass(frozen=True)
class Card:
    """A card being drawn: `key` tells it from others, `controls` and `menu` stand by its title."""

    key: str
    controls: DeltaGenerator
    menu: DeltaGenerator


@contextmanager
def panel(title: str, key: str) -> Iterator[Card]:
    """A card with a title. What is drawn inside the `with` stands in it.

    Where what the card asks for is not held, it says so and what would help.
    """
    with st.container(border=True, key=f"panel_{key}", height="stretch"):
        head = st.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
        )
        head.subheader(plain(title), anchor=False, width="content")
        beside = head.container(horizontal=True, width="content", vertical_alignment="center")
        controls = beside.container(horizontal=True, width="content")
        menu = beside.container(width="content")
        try:
            yield Card(key, controls, menu)
        except NotHeld as missing:
            say_not_held(missing, key)


def switch(
    place: DeltaGenerator,
    label: str,
    choices: Iterable[StrEnum],
    labels: Mapping[Any, str],
    name: str,
) -> None:
    """A row of choices beside a panel's title, for the parameter `name` of the selection."""
    place.segmented_control(
        label,
        list(choices),
        format_func=labels.__getitem__,
        key=sidebar.key(name),
        required=True,
        label_visibility="collapsed",
        wrap=True,
    )


def say_not_held(missing: NotHeld, key: str) -> None:
    """What is missing, and a button for each way on: the days held, or one filter less."""
    st.info(plain(str(missing)), icon=":material/inventory_2:")
    with st.container(horizontal=True):
        if missing.available and "selection" in st.session_state:
            period = missing.available
            st.button(
                f"Show {days(period.first, period.last)}",
                key=f"held_{key}",
                icon=":material/date_range:",
                on_click=sidebar.choose_days,
                args=(period,),
            )
        for name in sidebar.filtered():
            if name in missing.dimensions:
                st.button(
                    f"Without the filter on {DIMENSION[name].label}",
                    key=f"without_{name}_{key}",
                    icon=":material/filter_alt_off:",
                    on_click=sidebar.drop_filter,
                    args=(name,),
                )
        st.page_link("pages/data.py", label="What is held", icon=":material/database:")


def say_empty() -> None:
    """That nothing matches, and the ways on."""
    st.info(
        "No downloads match this selection. Take a filter away, or choose a longer period.",
        icon=":material/search_off:",
    )


@dataclass(frozen=True)
class Drawing:
    """A figure ready to be drawn, with what its card says about it.

    `name` is what its files are called, `note` a line under it, `axis` its time axis if it has one.
    Kept and drawn again as the same object: a browser then keeps what its reader zoomed to.
    """

    figure: go.Figure
    alt: str
    answer: Answer
    unit: str
    name: str
    note: str = ""
    axis: TimeAxis | None = None


def draw(found: Downloads, card: Card, drawing: Drawing | None) -> None:
    """Draw a figure in its card, with its breaks, its source and its menu.

    Without one, say that nothing matches.
    """
    if drawing is None:
        say_empty()
        return
    show_figure(drawing.figure, key=card.key, alt=drawing.alt, name=drawing.name)
    if drawing.note:
        st.caption(drawing.note)
    if drawing.axis:
        list_breaks(drawing.axis)
    footer(found, card, drawing.answer, name=drawing.name, unit=drawing.unit)


def show_figure(
    figure: go.Figure, *, key: str, alt: str, name: str, image: Literal["svg", "png"] = "svg"
) -> None:
    """Draw a Plotly figure with its camera button set to save an image called `name`."""
    saved = {"format": image, "scale": 2, "filename": name}
    config = {**_CONFIG, "toImageButtonOptions": saved}
    st.plotly_chart(figure, theme=None, key=f"figure_{key}", config=config, alt=alt)


def footer(
    found: Downloads,
    card: Card,
    answer: Answer,
    *,
    name: str,
    unit: str,
    image: Callable[[], str] | None = None,
) -> None:
    """The unit, period and source of a figure, and in its card's menu ways to take it away.

    `image` writes the figure as SVG, for one that has no camera of its own.
    """
    clipped = " (held for these days only)" if answer.clipped else ""
    st.caption(
        f"{plain(unit)} · {days(answer.period.first, answer.period.last)} UTC{clipped} · "
        f"{plain(found.state.source_words)}"
    )
    menu = card.menu.popover(
        "",
        icon=":material/more_horiz:",
        type="tertiary",
        help="Data and SQL",
        key=f"menu_{card.key}",
        on_change="rerun",
    )
    if menu.open:
        with menu:
            _menu(found, answer, card.key, name)
            if image:
                offer(image, f"{name}.svg", "SVG", "image/svg+xml", card.key)
            else:
                st.caption("Image: the camera on a chart saves an SVG.")
            st.caption(f"The SQL that answered this, from `{answer.cube.name}`:")
            st.code(answer.sql, language="sql", wrap_lines=True)


def list_breaks(axis: TimeAxis) -> None:
    """The breaks that a time chart marks, by their numbers, and what its hatching means."""
    if axis.provisional and axis.provisional <= axis.period.last:
        st.caption(f"Hatched: provisional since {day(axis.provisional)}, late rows may still come.")
    lines = []
    for number, found in enumerate(axis.breaks, start=1):
        when = days(found.first, found.last) if found.last else f"since {day(found.first)}"
        lines.append(f"**{number}** · {when}: {plain(found.title)}. {plain(found.effect)}")
    if len(lines) <= _BREAKS_SHOWN:
        place = st.container()
    else:
        place = st.expander(f"{len(lines)} breaks in the record", icon=":material/warning:")
    for line in lines:
        place.caption(line)


def _menu(found: Downloads, answer: Answer, key: str, name: str) -> None:
    frame, source = answer.frame, found.state.source_text
    offer(lambda: as_csv(frame, source), f"{name}.csv", "CSV", "text/csv", key)
    kind = "application/vnd.apache.parquet"
    offer(lambda: as_parquet(frame, source), f"{name}.parquet", "Parquet", kind, key)


def offer(
    write: Callable[[], bytes | str], file_name: str, label: str, kind: str, key: str
) -> None:
    """A button that writes a file when it is pressed. `label` and `key` tell it from others."""
    st.download_button(
        label,
        write,
        file_name=file_name,
        mime=kind,
        key=f"{label}_{key}",
        on_click="ignore",
        icon=":material/download:",
        width="stretch",
    )
