"""Side by side: all that is told of each package selected, in columns."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import streamlit as st

from lib.comparison.cell import Cell
from lib.comparison.side_by_side import numbers, profile, table
from lib.exports import as_csv, as_parquet
from lib.formats import days, plain
from lib.package_page import choosing
from lib.panels.card import offer
from lib.panels.context import KEPT, Context
from lib.questions.question import Asking
from lib.selection import Columns, Selection

_ROW_PIXELS = 35


def draw_side_by_side(context: Context) -> None:
    """The table, what of it could not be told and why, and links to each package's page."""
    names = context.selection.packages
    with st.spinner(f"Comparing {len(names)} packages"):
        profiles = {name: _profile(_alone(context, name).asking) for name in names}
    shown = table(profiles)
    st.dataframe(
        shown,
        hide_index=True,
        height=_ROW_PIXELS * (len(shown) + 1) + 3,
        column_config={"measure": st.column_config.TextColumn("", pinned=True)},
        alt=f"{context.subject} side by side: a row for each measure",
    )
    period = context.period
    st.caption(
        f"{days(period.first, period.last)} UTC unless a row says otherwise; intervals are of "
        "95 %. A change says of a whole month, or of four weeks where none is held whole; growth "
        "goes back to the last break of the record. Shares are of the downloads (file requests) "
        f"of each package. · {plain(context.source)}"
    )
    _say_untold(profiles)
    _offer(context, profiles)


@lru_cache(maxsize=KEPT)
def _profile(asking: Asking) -> dict[str, Cell]:
    return profile(asking)


def _alone(context: Context, name: str) -> Context:
    """The context of one package alone, the same whatever figures show."""
    chosen = context.selection
    fixed = Selection((name,), context.period, filters=chosen.filters, counting=chosen.counting)
    return replace(context, selection=fixed)


def _say_untold(profiles: dict[str, dict[str, Cell]]) -> None:
    """Why cells are empty, each reason once."""
    reasons = {
        f"**{plain(row)}** ({plain(name)}): {plain(cell.why_not)}": None
        for name, cells in profiles.items()
        for row, cell in cells.items()
        if cell.why_not
    }
    if reasons:
        with st.expander(f"What could not be told: {len(reasons)}", icon=":material/info:"):
            st.markdown("\n".join(f"- {reason}" for reason in reasons))


def _offer(context: Context, profiles: dict[str, dict[str, Cell]]) -> None:
    source, name = context.found.state.source_text, f"{context.file_name}-side-by-side"
    with st.container(horizontal=True, vertical_alignment="center"):
        kind = "application/vnd.apache.parquet"
        offer(lambda: as_csv(numbers(profiles), source), f"{name}.csv", "CSV", "text/csv", name)
        offer(
            lambda: as_parquet(numbers(profiles), source), f"{name}.parquet", "Parquet", kind, name
        )
    with st.container(horizontal=True):
        for package in profiles:
            st.page_link(
                "pages/package.py",
                label=f"All about {package}",
                icon=":material/package_2:",
                query_params=choosing.parameters_of(
                    replace(context.selection, packages=(package,), columns=Columns.TOTALS)
                ),
            )
