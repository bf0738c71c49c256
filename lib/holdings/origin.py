"""Where the rows came from: the sample's model, the files imported, or a public source."""

from __future__ import annotations

import json

import pandas as pd
import streamlit as st

from lib.formats import day, plain
from lib.holdings.context import Context
from lib.panels.card import panel
from lib.sources.bigquery import TABLE

_DOWNLOAD = (
    "A download is one request for a file of a package, as PyPI's servers logged it: mostly by "
    "machines, such as build servers and mirrors, so that it counts neither people nor "
    "installations. What a reader's own cache answers is not in it."
)

_BIGQUERY = (
    f"PyPI's public table `{TABLE}` in Google BigQuery, published under CC BY 4.0 and described "
    "at `docs.pypi.org/api/bigquery`. PyPI adds late rows to a day for about a week: days read "
    "before that are provisional, and are read again by the next sync where they have changed."
)

_CLICKHOUSE = (
    "ClickPy, ClickHouse's public copy of PyPI's table (the data: CC BY 4.0), described at "
    "`clickpy.clickhouse.com`. It is one day behind, and sometimes stalls. Two of its figures "
    "differ from BigQuery's: metadata files before 24 August 2026 count as wheels, and a day that "
    "was loaded anew may differ a little from one split to another."
)


def draw(context: Context) -> None:
    """A card for each kind of source that the store has."""
    notes = context.state.notes
    if "sample" in notes:
        _draw_model(context, json.loads(notes["sample"]))
    if "imports" in notes:
        with panel("Files imported", "imports"):
            st.dataframe(pd.DataFrame(json.loads(notes["imports"])), hide_index=True, alt="Files")
    told = {"bigquery": _BIGQUERY, "clickhouse": _CLICKHOUSE}
    for source in context.state.sources:
        if source in told:
            with panel("Where the rows came from", f"origin_{source}"):
                st.write(told[source])
                st.write(_DOWNLOAD)


def _draw_model(context: Context, note: dict[str, object]) -> None:
    with panel("What the simulated sample is modeled on", "modeled"):
        until = context.state.held.last
        st.write(
            f"Every row to {day(until)} is computed, with the seed {note.get('seed')}: levels, "
            "splits, weekly cycle, holidays, launches and breaks follow these published "
            "figures, the noise around them is random. Nothing of it was counted by PyPI."
        )
        modeled = note.get("modeled_on", [])
        if isinstance(modeled, list):
            st.markdown("\n".join(f"- {plain(str(name))}" for name in modeled))
