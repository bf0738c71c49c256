"""The store that pages ask: found by the settings, kept current, and waited for."""

from __future__ import annotations

import subprocess
from contextlib import nullcontext
from typing import NoReturn

import streamlit as st

from lib import configured, fetching
from lib.access import gate
from lib.data import Downloads
from lib.errors import StoreMissing
from lib.progress import Progress, ProgressFile, sample_progress
from lib.settings import Settings
from lib.startup import sample_is_due, start_sample
from lib.stores import Store, open_store
from lib.sync.command import APP
from lib.sync.landing import is_meant_for_real_rows


def settings() -> Settings:
    """The settings of this server."""
    return configured.settings()


def downloads() -> Downloads:
    """The store to ask. Where there is none, the page says how it is being filled, and stops."""
    chosen = settings()
    if _is_simulated(chosen):
        building = _keep_sample_current(str(chosen.store), str(chosen.yesterday()), chosen)
        if building is not None and building.poll():
            text = "Building the sample failed. The log of the server says why."
            sample_progress(chosen.store).write(Progress(1.0, text, failed=True))
    asking = st.spinner("Asking BigQuery what the store holds") if chosen.dataset else nullcontext()
    try:
        with asking:
            store = _store(chosen.store_name, chosen)
            found = Downloads(store)
    except StoreMissing:
        _wait_for_rows(chosen)
    if not found.state.coverage:
        _wait_for_rows(chosen)
    _follow(sample_progress(chosen.store), store, found.state.version)
    fetching.follow(chosen)
    return found


def _is_simulated(chosen: Settings) -> bool:
    """Whether a sample is built where there is no store: nobody has meant it for real rows."""
    if chosen.dataset is not None:
        return False
    meant = bool(chosen.bigquery_project) or is_meant_for_real_rows(chosen.store)
    return chosen.store.exists() or not meant


@st.cache_resource(max_entries=4, show_spinner=False)
def _store(name: str, _settings: Settings) -> Store:
    return open_store(_settings, APP)


@st.cache_resource(max_entries=4, show_spinner=False)
def _keep_sample_current(
    store: str, yesterday: str, _settings: Settings
) -> subprocess.Popen[bytes] | None:
    """Start the sample once for each store and day; kept, so that the process is reaped."""
    if sample_is_due(_settings.store, _settings.yesterday()):
        return start_sample(_settings)
    sample_progress(_settings.store).end()
    return None


def _wait_for_rows(chosen: Settings) -> NoReturn:
    st.title("PyPI Pulse", anchor=False)
    if _is_simulated(chosen) and not chosen.store.exists():
        st.write("Building a store of simulated sample data. The first charts come in seconds.")
        _watch_for_store(chosen)
    elif chosen.bigquery_project:
        fetching.offer_first(chosen)
    else:
        fetching.follow(chosen)
        st.info(
            "The store is empty. Fill it with `python -m lib sync` or `python -m lib import FILE`, "
            "and reload."
        )
    st.stop()


def _watch_for_store(chosen: Settings) -> None:
    @gate.fragment(run_every=1)
    def watch() -> None:
        if chosen.store.exists():
            st.rerun()
        fetching.draw_progress(sample_progress(chosen.store))

    watch()


def _follow(work: ProgressFile, store: Store, version: str) -> None:
    """While rows arrive, show how far that is, and draw the page again when more has landed."""
    progress = work.read()
    if progress is None:
        return
    if progress.failed:
        fetching.draw_progress(work)
        return

    @gate.fragment(run_every=2)
    def watch() -> None:
        if work.read() is None or store.version() != version:
            st.rerun()
        fetching.draw_progress(work)

    watch()
