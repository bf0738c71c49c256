"""What the store holds: a chart of the days of each cube, and a table of the cubes."""

from __future__ import annotations

import html
from datetime import date
from functools import lru_cache

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from lib.breaks import Break, breaks_in
from lib.charts import TimeAxis
from lib.coverage_chart import (
    SOURCE_NAMES,
    coverage_chart,
    coverage_words,
    packages_words,
    split_label,
)
from lib.cubes import Grain
from lib.data import Downloads
from lib.formats import plain
from lib.holdings.context import Context
from lib.holdings.pieces import pieces, provisional_days, side_by_side
from lib.panels.card import panel
from lib.settings import GIGABYTE
from lib.theme import Theme

_KEPT = 10

_ROWS_SHOWN = 16
"""More rows than this scroll."""

_CONFIG = {
    "displaylogo": False,
    "displayModeBar": "hover",
    "modeBarButtonsToRemove": ["select2d", "lasso2d", "zoomIn2d", "zoomOut2d", "autoScale2d"],
    "toImageButtonOptions": {"format": "svg", "filename": "coverage"},
}


def draw_chart(context: Context) -> None:
    """The days held of each cube."""
    with panel("Days held of each cube", "coverage"):
        figure, words = _drawn(context.found, context.theme, context.provisional)
        st.plotly_chart(figure, theme=None, key="figure_coverage", config=_CONFIG, alt=words)
        st.caption(" ".join(_legend(context)))


def draw_table(context: Context) -> None:
    """A row for each cube, with the packages and days that it holds."""
    with panel("What is held", "cubes"):
        st.caption(
            "A cube is a table of downloads per period, split by some dimensions. A question "
            "is answered from the narrowest one that holds all that it needs."
        )
        rows = [
            {
                "Split by": split_label(row.cube),
                "Grain": str(row.cube.grain),
                "From": row.first,
                "To": row.last,
                "Packages": packages_words(row.packages),
                "Source": SOURCE_NAMES.get(row.source, row.source),
                "Written (UTC)": row.written_at,
                "Billed (GB)": round(row.bytes_billed / GIGABYTE, 2),
                "Rows of the cube": context.state.rows.get(row.cube.name, 0),
            }
            for row in side_by_side(context.state.coverage)
        ]
        table = pd.DataFrame(rows)
        st.dataframe(
            table if table["Billed (GB)"].any() else table.drop(columns="Billed (GB)"),
            hide_index=True,
            height="content" if len(table) <= _ROWS_SHOWN else "auto",
            column_config={
                "Split by": st.column_config.TextColumn(width="medium"),
                "Packages": st.column_config.TextColumn(width="medium"),
                "Billed (GB)": st.column_config.NumberColumn(format="localized"),
                "Rows of the cube": st.column_config.NumberColumn(format="localized"),
            },
            alt="The cubes that the store holds",
        )


def breaks_marked(found: Downloads) -> tuple[Break, ...]:
    """The breaks that the chart marks, in the order of their numbers."""
    splits = {name for row in found.state.coverage for name in row.cube.dimensions}
    return breaks_in(found.state.held, found.state.sources, splits)


@lru_cache(maxsize=_KEPT)
def _drawn(found: Downloads, theme: Theme, provisional: date) -> tuple[go.Figure, str]:
    state = found.state
    signature = html.escape(f"UTC · {state.source_words} · PyPI Pulse")
    axis = TimeAxis(state.held, Grain.DAY, signature, breaks_marked(found))
    held = pieces(state.coverage, provisional)
    return coverage_chart(held, theme, axis), coverage_words(held)


def _legend(context: Context) -> list[str]:
    """What the marks of the chart mean, those alone that it has."""
    state = context.state
    told = [f"UTC days; source: {plain(state.source_words)}."]
    if len({row.packages for row in state.coverage}) > 1:
        told.append("A paler bar holds fewer packages.")
    if provisional_days(state.coverage, context.provisional):
        told.append("Hatched: provisional, late rows may still come.")
    if breaks_marked(context.found):
        told.append("Numbers: breaks in the record, listed at the end of this page.")
    return told
