"""The steady giants: how little each varies, with its interval, and its growth."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

import pandas as pd
import pyarrow as pa
import streamlit as st

from lib.finding_charts.bars import intervals
from lib.formats import NOT_KNOWN, percent
from lib.panels.card import Drawing, draw, footer, panel
from lib.questions.telling.growth_figure import growth_parts
from lib.questions.telling.wording import when
from lib.rankings.scope import KEPT, Scope
from lib.rankings.steady import Steady, steady
from lib.rankings.words import steady_rule
from lib.rankings_page.head import told
from lib.rankings_page.top import PERCENT, package_column
from lib.theme import Theme

_DRAWN = 12


def draw_steady(scope: Scope, theme: Theme) -> None:
    """The figure and the list. Raises CannotTell where too few weeks are counted alike."""
    found = steady(scope)
    title = f"How far {found.grain}s are from the middle one, with 95 % intervals"
    with panel(title, "steady") as card:
        draw(scope.found, card, _drawing(scope, theme))
    with panel(f"Steady giants, {when(found.period)}", "steady_list") as card:
        _draw_table(found)
        st.caption(told(steady_rule(found)))
        answer = replace(found.answer, frame=found.frame, period=found.period)
        name = f"{scope.file_name}-steady"
        footer(scope.found, card, answer, name=name, unit="Downloads (file requests) a day")


def _draw_table(found: Steady) -> None:
    frame = found.frame
    table = pa.table(
        {
            "#": list(range(1, len(frame) + 1)),
            "Package": list(frame["project"]),
            "Deviation": pa.array(frame["deviation"] * 100, from_pandas=True),
            "95 % interval": [
                NOT_KNOWN if pd.isna(low) else f"{percent(low)} to {percent(high)}"
                for low, high in zip(frame["low"], frame["high"], strict=True)
            ],
            "Growth a year": [_growth(row) for row in frame.to_dict("records")],
            "Trend": [
                ("grows" if rate > 0 else "shrinks") if sure else "no sure trend"
                for rate, sure in zip(frame["growth"], frame["trend"], strict=True)
            ],
            "Rank": frame["rank"].to_numpy(),
            "A day": frame["a_day"].to_numpy(),
            "Share": frame["share"].to_numpy() * 100,
        }
    )
    st.dataframe(
        table,
        hide_index=True,
        placeholder=NOT_KNOWN,
        column_config={
            "#": st.column_config.NumberColumn(width=45),
            "Package": package_column(),
            "Deviation": st.column_config.NumberColumn(
                format=PERCENT,
                help=f"How far its {found.grain}s are from the middle one, on average",
            ),
            "Rank": st.column_config.NumberColumn(width=60),
            "A day": st.column_config.NumberColumn(format="compact"),
            "Share": st.column_config.NumberColumn(format=PERCENT),
        },
        alt=f"The {len(frame)} largest packages that vary least",
    )


def _growth(row: Mapping[Hashable, Any]) -> str:
    if pd.isna(row["growth"]):
        return NOT_KNOWN
    rate, interval = growth_parts(row["growth"], row["growth_low"], row["growth_high"])
    return f"{rate} ({interval})"


@lru_cache(maxsize=KEPT)
def _drawing(scope: Scope, theme: Theme) -> Drawing:
    found = steady(scope)
    rows = found.frame.head(_DRAWN)
    frame = pd.DataFrame(
        {
            "label": rows["project"],
            "value": rows["deviation"],
            "low": rows["low"].fillna(rows["deviation"]),
            "high": rows["high"].fillna(rows["deviation"]),
        }
    )
    unit = f"Mean distance of its {found.grain}s from the middle one"
    figure = intervals(frame, theme, scope.asking.signature, unit=unit, show=percent)
    named = zip(rows["project"], rows["deviation"], strict=True)
    return Drawing(
        figure,
        alt=f"{unit}: {', '.join(f'{name} {percent(value)}' for name, value in named)}.",
        answer=replace(found.answer, frame=rows, period=found.period),
        unit=unit,
        name=f"{scope.file_name}-steady-figure",
    )
