"""A finding on the page: the sentence, what it rests on, and ways to take it away."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from lib import maps
from lib.data import Downloads
from lib.exports import as_csv
from lib.formats import NARROW_SPACE, NOT_KNOWN, plain
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

_SHARE = re.compile(r"^(?!.*\b(times|points)\b).*\b(share|growth|change)\b", re.IGNORECASE)
"""Columns whose numbers are parts of one. Their intervals stand in the columns that follow."""

_END_OF_INTERVAL = re.compile(r"^(low|high)\b|, (low|high)$", re.IGNORECASE)


def _told(text: str) -> str:
    """Plain text in Markdown, whose percent signs stay in the line of their numbers."""
    return plain(re.sub(r"(?<=\d) %", f"{NARROW_SPACE}%", text))


def draw_sentence(finding: Finding, found: Downloads) -> None:
    """The sentence in large type, its number with the interval, and what it is about."""
    st.title(_told(finding.sentence), anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.markdown(f"## :primary[{_told(finding.number)}]", width="content")
        st.markdown(f":gray[{_told(finding.interval)}]", width="content")
    if finding.details:
        st.write(_told(finding.details))
    clipped = " (held for these days only)" if finding.clipped else ""
    st.caption(f"{_told(about(finding))}{clipped} · {_told(found.state.source_text)}")


def draw_evidence(finding: Finding, found: Downloads, theme: Theme, name: str) -> None:
    """The figures and the map, how sure it is, the caveats, the table and the SQL."""
    for position, figure in enumerate(finding.figures):
        _draw_figure(figure, theme, found, f"{name}_{position}")
    if finding.map:
        _draw_map(finding.map, theme, found, name)
    left, right = st.columns(2)
    with left.container(border=True, height="stretch"):
        st.subheader("How sure", anchor=False)
        st.write(_told(finding.certainty))
    with right.container(border=True, height="stretch"):
        st.subheader("What would change it", anchor=False)
        st.write(_told(finding.would_change))
    limits = [*finding.caveats, *break_lines(finding)]
    if limits:
        with st.container(border=True):
            st.subheader("What limits it", anchor=False)
            st.markdown("\n".join(f"- {_told(limit)}" for limit in limits))


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
        parts = _parts_of_one([str(name) for name in table.columns])
        numbers = {
            str(name): st.column_config.NumberColumn(
                format="percent" if str(name) in parts else _number_format(table[name])
            )
            for name in table.select_dtypes("number")
        }
        st.dataframe(
            table,
            hide_index=True,
            placeholder=NOT_KNOWN,
            column_config=numbers,
            alt="The numbers behind the finding",
        )


def _parts_of_one(names: Sequence[str]) -> set[str]:
    """The columns that are written in percent, as sentences and figures write them."""
    found: set[str] = set()
    is_part = False
    for name in names:
        if not _END_OF_INTERVAL.search(name):
            is_part = bool(_SHARE.search(name))
        if is_part:
            found.add(name)
    return found


def _number_format(column: pd.Series[float]) -> str:
    """How the numbers of a column are written: whole with separators, else four digits."""
    whole = pd.api.types.is_integer_dtype(column) or column.abs().max() >= _LARGE
    return "%,d" if whole else "%.4g"


def _draw_figure(figure: Figure, theme: Theme, found: Downloads, key: str) -> None:
    with st.container(border=True, key=f"panel_{key}"):
        st.subheader(_told(figure.title), anchor=False)
        show_figure(_drawn(figure, theme), key=key, alt=figure.alt, name=key, image="png")
        if figure.note:
            st.caption(_told(figure.note))
        if figure.axis:
            list_breaks(figure.axis)
        st.caption(f"{_told(figure.unit)} · {_told(found.state.source_words)}")


@lru_cache(maxsize=_KEPT)
def _drawn(figure: Figure, theme: Theme) -> go.Figure:
    return figure.draw(theme)


def _draw_map(drawn: CountryMap, theme: Theme, found: Downloads, name: str) -> None:
    with st.container(border=True, key=f"panel_{name}_map"):
        st.subheader(_told(drawn.title), anchor=False)
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
