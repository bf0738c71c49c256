"""The form that fetches signals from Stack Overflow, Wikipedia or BigQuery's old copy."""

from __future__ import annotations

import shlex
from datetime import date, timedelta

import streamlit as st

from lib.access import gate
from lib.errors import PulseError
from lib.fetching import draw_progress
from lib.formats import plain, told
from lib.holdings.context import Context
from lib.progress import signals_progress
from lib.settings import Settings
from lib.signals import background
from lib.signals.kept import signals_file
from lib.signals.order import LiveSource, Order, Outside
from lib.signals.terms import all_terms
from lib.signals.work import work_of
from lib.sync.command import APP

_LABELS = {
    LiveSource.STACK_OVERFLOW: "Stack Overflow",
    LiveSource.WIKIPEDIA: "Wikipedia",
    LiveSource.FROZEN_STACK_OVERFLOW: "Stack Overflow to 2022, from BigQuery",
}

_MOST_PACKAGES = 10

_DAYS_AT_FIRST = 730
"""Two years: 24 requests for a package, of the 300 a day that Stack Exchange allows anybody."""


def draw(context: Context) -> None:
    """How far a fetch is; and what to fetch, what that takes of which quota, and the button."""
    _follow(context.settings)
    form = st.expander(
        "Fetch from Stack Overflow or Wikipedia",
        icon=":material/cloud_download:",
        key="fetch_signals_form",
        on_change="rerun",
    )
    if form.open:
        with form:
            _draw_form(context)


def _draw_form(context: Context) -> None:
    settings = context.settings
    if not settings.ask_signals:
        st.write("Nothing is fetched from there: PULSE\\_SIGNALS is off. Drop a file instead.")
        return
    if background.is_running(settings):
        st.write("Signals are being fetched: the bar above says how far that is.")
        return
    order = _chosen(context)
    if order is None or order.first is None or order.last is None:
        return
    command = background.command(order.source, order.packages, order.first, order.last)
    paid = order.source is LiveSource.FROZEN_STACK_OVERFLOW
    if paid and not settings.fetch_from_app:
        st.caption("Pages may not spend here (PULSE\\_FETCH\\_FROM\\_APP is not set); instead:")
        st.code(f".venv/bin/python -m lib {shlex.join(command)} --dry-run", language="bash")
        return
    said: list[str] = []
    try:
        with st.spinner("Looking what that takes"):
            words = work_of(settings, order, said.append, Outside()).words
    except PulseError as error:
        st.warning(told(str(error)), icon=":material/block:")
        return
    for text in (*said, words):
        st.caption(plain(text))
    st.button(
        "Fetch",
        key="fetch_signals",
        icon=":material/cloud_download:",
        on_click=_start,
        args=(settings, command),
    )


def _chosen(context: Context) -> Order | None:
    """What is asked for; None, with a word, until it is complete."""
    offered = [
        source
        for source in LiveSource
        if source is not LiveSource.FROZEN_STACK_OVERFLOW or context.settings.bigquery_project
    ]
    source = st.segmented_control(
        "From", offered, format_func=_LABELS.__getitem__, key="fetch_signals_from", required=True,
        default=LiveSource.STACK_OVERFLOW,
    )  # fmt: skip
    source = LiveSource(source or LiveSource.STACK_OVERFLOW)
    terms = all_terms(context.found.own_terms())
    known = [name for name in context.found.packages() if (name, source.signal) in terms]
    packages = st.multiselect(
        "Packages", known, key="fetch_signals_packages", max_selections=_MOST_PACKAGES
    )
    yesterday = context.yesterday
    picked = st.date_input(
        "Days (UTC)",
        (yesterday - timedelta(days=_DAYS_AT_FIRST), yesterday),
        max_value=yesterday,
        key="fetch_signals_days",
    )
    if not packages:
        st.info("Name a package to see what its signals take.", icon=":material/package_2:")
        return None
    if not isinstance(picked, tuple) or len(picked) != 2:
        st.info("Choose a first and a last day.", icon=":material/date_range:")
        return None
    first, last = (date(day.year, day.month, day.day) for day in picked)
    return Order(source, tuple(packages), who=APP, first=first, last=last)


def _start(settings: Settings, command: list[str]) -> None:
    """Fetch in another process, if whoever asks may. For the button."""
    if gate.may_spend():
        background.start(settings, command)


def _follow(settings: Settings) -> None:
    """While signals are being fetched, how far that is; at the end, what came of it."""
    work = signals_progress(signals_file(settings))
    progress = work.read()
    if progress is None:
        return
    if progress.failed or progress.done:
        with st.container(horizontal=True, vertical_alignment="center"):
            draw_progress(work)
            st.button("Dismiss", key="dismiss_signals", on_click=work.end)
        return
    if not background.is_running(settings):
        work.end()
        if background.ended_badly(settings):
            st.error("Fetching signals ended at once. The log of the server says why.")
        return

    @gate.fragment(run_every=1)
    def watch() -> None:
        state = work.read()
        if state is None or state.failed or state.done or not background.is_running(settings):
            st.rerun()
        draw_progress(work)

    watch()
