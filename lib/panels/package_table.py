"""The table of packages: totals, shares and the shape of each, to sort by any column."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import pyarrow as pa
import streamlit as st

from lib.aggregate import REST
from lib.cubes import UNKNOWN, Grain
from lib.data import Answer, Downloads
from lib.panels.card import footer, panel, switch
from lib.panels.context import KEPT, Context
from lib.panels.side_by_side import draw_side_by_side
from lib.router import NotHeld, Period
from lib.selection import COLUMNS_LABELS, Columns, Selection

_WEEKLY_DAYS = 800

_SHAPES = 60
"""How many rows have a sparkline: more would not be scrolled to, and cost bytes."""


def draw_package_table(context: Context) -> None:
    """The packages selected, or all that are held; those selected also side by side."""
    with panel(f"Table: {context.subject}", "table") as card:
        if context.selection.packages:
            switch(card.controls, "Columns", Columns, COLUMNS_LABELS, "columns")
            if context.selection.columns is Columns.EVERYTHING:
                draw_side_by_side(context)
                return
        answer, shown = _table(context)
        st.dataframe(
            shown,
            hide_index=True,
            column_config={
                "Downloads": st.column_config.NumberColumn(format="localized"),
                "Per day": st.column_config.NumberColumn(format="compact"),
                "Share": st.column_config.NumberColumn(
                    format="percent", help=f"Of the downloads of {context.subject}"
                ),
                "Over time": st.column_config.AreaChartColumn(),
            },
            alt=f"Downloads of {context.subject}, a row for each package",
        )
        name = f"{context.file_name}-table"
        footer(context.found, card, answer, name=name, unit="Downloads (file requests)")


@lru_cache(maxsize=KEPT)
def _table(context: Context) -> tuple[Answer, pa.Table]:
    answer = context.found.by_package(context.selection, context.period)
    frame = answer.frame
    names = tuple(frame["project"][~frame["project"].isin([REST, UNKNOWN])][:_SHAPES])
    lines = shapes(context.found, context.selection, names, context.period)
    shown = pa.table(
        {
            "Package": list(frame["project"]),
            "Downloads": frame["downloads"].to_numpy(),
            "Share": frame["share"].to_numpy(),
            "Per day": (frame["downloads"] / answer.period.days).to_numpy(),
            "Over time": [lines.get(name) for name in frame["project"]],
        }
    )
    return answer, shown


def shapes(
    found: Downloads, selection: Selection, names: tuple[str, ...], period: Period
) -> dict[str, list[float]]:
    """The whole weeks (months of a long period) of each package, for sparklines."""
    weekly = period.days <= _WEEKLY_DAYS and Grain.WEEK in found.grains(names)
    chosen = replace(selection, packages=names)
    try:
        frame = found.over_time(chosen, period, Grain.WEEK if weekly else Grain.MONTH).frame
    except NotHeld:
        return {}
    whole = frame[~frame["partial"]].dropna(subset="downloads")
    return {str(name): rows["downloads"].tolist() for name, rows in whole.groupby("series")}
