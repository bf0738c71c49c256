"""The signals that the store keeps beside its cubes: what is held, and ways to more of it."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from lib.access import gate
from lib.errors import PulseError
from lib.formats import NOT_KNOWN, plain, told
from lib.holdings import asking_signals, dropping, term_editing
from lib.holdings.context import Context
from lib.panels.card import panel
from lib.settings import Settings
from lib.signals import LABELS, SignalSeries
from lib.signals.kept import forget, signals_file
from lib.signals.terms import packages_of

_FAILURE = "forget_failure"

_ROWS_SHOWN = 12
"""More rows than this scroll."""


def draw(context: Context) -> None:
    """The series held, the drop zone for files, and the terms of packages.

    All readers share what is kept: in an app that asks for a login only admins change it.
    """
    with panel("Signals beside the downloads", "held_signals"):
        st.caption(
            "Downloads are made mostly by machines; questions are asked, searches made and "
            "articles read mostly by people. Signals are kept beside the cubes and drawn on the "
            "Historical page, never mixed into a count of downloads."
        )
        _draw_held(context)
        if context.settings.dataset:
            st.caption(
                "The store is in BigQuery; signals are kept on this machine, in the file "
                f"{plain(context.settings.store.name)}\\.signals beside its name."
            )
        if gate.may_spend():
            dropping.draw(context)
            asking_signals.draw(context)
        else:
            st.caption("Only an admin may add signals: they are shared by all readers.")
        term_editing.draw(context)


def _draw_held(context: Context) -> None:
    series = context.found.signals()
    if not series:
        st.info("No signals are held yet.", icon=":material/search:")
        return
    table = st.dataframe(
        pd.DataFrame([_row(context, one) for one in series]),
        hide_index=True,
        placeholder=NOT_KNOWN,
        height="content" if len(series) <= _ROWS_SHOWN else "auto",
        column_config={
            "Values": st.column_config.NumberColumn(format="localized"),
            "Source": st.column_config.TextColumn(width="medium"),
        },
        key="signals_table",
        on_select="rerun",
        selection_mode="multi-row",
        alt="The signals that the store holds",
    )
    picked = [series[row] for row in table.selection.rows]
    if picked and gate.may_spend():
        st.button(
            "Forget the series picked",
            icon=":material/delete:",
            key="forget_signals",
            on_click=_forget,
            args=(context.settings, picked),
        )
    failure = st.session_state.pop(_FAILURE, "")
    if failure:
        st.error(told(failure), icon=":material/error:")


def _forget(settings: Settings, series: Sequence[SignalSeries]) -> None:
    if not gate.may_spend():
        return
    try:
        forget(signals_file(settings), series)
    except PulseError as error:
        st.session_state[_FAILURE] = str(error)


def _row(context: Context, series: SignalSeries) -> dict[str, object]:
    return {
        "Signal": LABELS[series.signal],
        "Term": series.term,
        "Package": ", ".join(packages_of(series.signal, series.term, context.found.own_terms())),
        "Grain": str(series.grain),
        "From": series.period.first,
        "To": series.period.last,
        "Values": len(series.frame),
        "Flagged": int(series.frame["flagged"].sum()),
        "Source": series.source,
        "Fetched (UTC)": series.fetched_at,
        "Unit": series.unit,
    }
