"""A finding on the page: the sentence, what it rests on, and ways to take it away."""

from __future__ import annotations

from functools import lru_cache

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from lib import maps
from lib.data import Downloads
from lib.exports import as_csv
from lib.formats import plain
from lib.panels.card import list_breaks, offer, show_figure
from lib.panels.world_map import draw_map, world_map
from lib.questions.finding import CountryMap, Figure, Finding
from lib.questions.takeaway import Origin, about, as_html, as_markdown, break_lines
from lib.theme import Theme

_KEPT = 200
"""How many drawn figures are kept, for readers who come back."""

_MAP_HEIGHT = 420

_LARGE = 1000
"""From here on decimals of a number say nothing."""


def draw_sentence(finding: Finding, found: Downloads) -> None:
    """The sentence in large type, its number with the interval, and what it is about."""
    st.title(plain(finding.sentence), anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.markdown(f"## :primary[{plain(finding.number)}]", width="content")
        st.markdown(f":gray[{plain(finding.interval)}]", width="content")
    if finding.details:
        st.write(plain(finding.details))
    clipped = " (held for these days only)" if finding.clipped else ""
    st.caption(f"{plain(about(finding))}{clipped} · {plain(found.state.source_text)}")


def draw_evidence(finding: Finding, found: Downloads, theme: Theme, name: str) -> None:
    """The figures and the map, how sure it is, the caveats, the table and the SQL."""
    for position, figure in enumerate(finding.figures):
        _draw_figure(figure, theme, found, f"{name}_{position}")
    if finding.map:
        _draw_map(finding.map, theme, found, name)
    left, right = st.columns(2)
    with left.container(border=True, height="stretch"):
        st.subheader("How sure", anchor=False)
        st.write(plain(finding.certainty))
    with right.container(border=True, height="stretch"):
        st.subheader("What would change it", anchor=False)
        st.write(plain(finding.would_change))
    limits = [*finding.caveats, *break_lines(finding)]
    if limits:
        with st.container(border=True):
            st.subheader("What limits it", anchor=False)
            st.markdown("\n".join(f"- {plain(limit)}" for limit in limits))


def draw_takeaway(finding: Finding, found: Downloads, origin: Origin, name: str) -> None:
    """The table, the SQL, and the finding as Markdown, link, CSV and HTML."""
    with st.container(horizontal=True):
        with st.popover("Copy as Markdown", icon=":material/content_copy:"):
            st.code(as_markdown(finding, origin), language="markdown", height=320)
        with st.popover("Copy link", icon=":material/link:"):
            st.caption("These days and packages: the same question answers the same again.")
            st.code(origin.link, language=None, wrap_lines=True)
        source = found.state.source_text
        offer(lambda: as_csv(finding.table, source), f"{name}.csv", "CSV", "text/csv", name)
        offer(lambda: as_html(finding, origin), f"{name}.html", "HTML", "text/html", name)
    st.caption("PNG: the camera on each chart. HTML: one file, with live figures, without network.")
    if not finding.table.empty:
        _draw_table(finding.table)
    count = len(finding.answers)
    label = "The SQL: one statement" if count == 1 else f"The SQL: {count} statements"
    with st.expander(label, icon=":material/database:"):
        for answer in finding.answers:
            st.caption(f"From `{answer.cube.name}`:")
            st.code(answer.sql, language="sql", wrap_lines=True)


def _draw_table(table: pd.DataFrame) -> None:
    with st.container(border=True):
        st.subheader("The numbers", anchor=False)
        numbers = {
            str(name): st.column_config.NumberColumn(format=_number_format(table[name]))
            for name in table.select_dtypes("number")
        }
        st.dataframe(
            table, hide_index=True, column_config=numbers, alt="The numbers behind the finding"
        )


def _number_format(column: pd.Series[float]) -> str:
    """How the numbers of a column are written: whole with separators, else four digits."""
    whole = pd.api.types.is_integer_dtype(column) or column.abs().max() >= _LARGE
    return "%,d" if whole else "%.4g"


def _draw_figure(figure: Figure, theme: Theme, found: Downloads, key: str) -> None:
    with st.container(border=True, key=f"panel_{key}"):
        st.subheader(plain(figure.title), anchor=False)
        show_figure(_drawn(figure, theme), key=key, alt=figure.alt, name=key, image="png")
        if figure.note:
            st.caption(plain(figure.note))
        if figure.axis:
            list_breaks(figure.axis)
        st.caption(f"{plain(figure.unit)} · {plain(found.state.source_words)}")


@lru_cache(maxsize=_KEPT)
def _drawn(figure: Figure, theme: Theme) -> go.Figure:
    return figure.draw(theme)


def _draw_map(drawn: CountryMap, theme: Theme, found: Downloads, name: str) -> None:
    with st.container(border=True, key=f"panel_{name}_map"):
        st.subheader(plain(drawn.title), anchor=False)
        shown = world_map(drawn.frame, drawn.measure, theme, meaning=drawn.meaning)
        draw_map(shown, key=f"map_{name}", height=_MAP_HEIGHT)
        title = f"{drawn.title} · {found.state.source_words}"
        offer(
            lambda: maps.map_svg(drawn.frame, drawn.measure, theme.dark, title),
            f"{name}-map.svg",
            "SVG of the map",
            "image/svg+xml",
            name,
        )
