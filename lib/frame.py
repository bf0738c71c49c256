"""The frame around every page: the list of pages, navigation, the store, and the guard."""

from __future__ import annotations

import os
import subprocess
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

from lib.data import Downloads
from lib.errors import PulseError, StoreMissing
from lib.formats import day, plain
from lib.settings import Settings, read_settings
from lib.startup import (
    Progress,
    end_progress,
    read_progress,
    sample_is_due,
    start_sample,
    write_progress,
)
from lib.stores.duckdb import DuckDBStore
from lib.theme import Theme, theme_for

ROOT = Path(__file__).resolve().parent.parent

_framed: ContextVar[bool] = ContextVar("framed", default=False)


@dataclass(frozen=True)
class PageEntry:
    """A page of the app: its file in `pages/`, its title and its address.

    It has no icon: Streamlit makes a page's icon the favicon, and has browsers fetch that from a
    foreign host.
    """

    file: str
    title: str
    address: str


PAGES = (
    PageEntry("overview.py", "Overview", ""),
    PageEntry("historical.py", "Historical", "historical"),
    PageEntry("data.py", "Data", "data"),
)
"""Every page, in the order of the menu."""


def run() -> None:
    """Draw the frame and run the page that was asked for."""
    page = st.navigation(_navigation(), position="top")
    st.set_page_config(
        page_title=f"{page.title} · PyPI Pulse",
        page_icon=str(ROOT / "static" / "favicon.png"),
        layout="wide",
        menu_items={"About": "PyPI Pulse: watch, explore and question PyPI's downloads."},
    )
    dark = current_theme().dark
    logo = ROOT / "static" / ("logo-dark.svg" if dark else "logo.svg")
    st.logo(str(logo), size="large", icon_image=str(ROOT / "static" / "favicon.png"))
    st.session_state["page_before"] = st.session_state.get("page")
    st.session_state["page"] = page.url_path
    token = _framed.set(True)
    try:
        page.run()
    except PulseError as error:
        _explain(error)
    finally:
        _framed.reset(token)


def require() -> None:
    """Send a reader who reached a page's file without the frame through the frame.

    Streamlit runs a file in `pages/` on its own until something has called `st.navigation`.
    """
    if not _framed.get():
        st.navigation(_navigation(), position="hidden")
        st.rerun()


def current_theme() -> Theme:
    """The colors of the appearance that the reader's browser shows."""
    return theme_for(st.context.theme.type)


def settings() -> Settings:
    """The settings of this server."""
    try:
        secrets = dict(st.secrets)
    except StreamlitSecretNotFoundError:
        secrets = {}
    return read_settings(os.environ, secrets)


def downloads() -> Downloads:
    """The store to ask. Starts the sample where none is held, and stops the page until it is."""
    chosen = settings()
    building = _keep_sample_current(str(chosen.store), str(chosen.yesterday()), chosen)
    if building is not None and building.poll():
        text = "Building the sample failed. The log of the server says why."
        write_progress(chosen.store, Progress(1.0, text, failed=True))
    store = _store(str(chosen.store))
    try:
        found = Downloads(store)
    except StoreMissing:
        _wait_for_store(chosen)
    if not found.state.coverage:
        st.info("The store is empty. Fill it with `python -m lib import FILE` and reload.")
        st.stop()
    _follow_building(chosen, found.state.version)
    return found


def source_line(found: Downloads) -> str:
    """What the rows are, and up to when: the line under every page's title."""
    state = found.state
    return f"Source: {plain(state.source_text)} · data to {day(state.held.last)} UTC"


def sample_notice(found: Downloads) -> None:
    """Say on a page that what it shows is simulated, where it is."""
    if found.state.simulated:
        st.markdown(
            ":small[:material/science: **Simulated sample data:** modeled on published figures, "
            "no number here was counted by PyPI. [What it is modeled on](/data)]"
        )


def _navigation() -> list[st.Page]:
    return [
        st.Page(
            ROOT / "pages" / entry.file,
            title=entry.title,
            url_path=entry.address or None,
            default=not entry.address,
        )
        for entry in PAGES
    ]


@st.cache_resource(max_entries=4, show_spinner=False)
def _store(path: str) -> DuckDBStore:
    return DuckDBStore(Path(path))


@st.cache_resource(max_entries=4, show_spinner=False)
def _keep_sample_current(
    store: str, yesterday: str, _settings: Settings
) -> subprocess.Popen[bytes] | None:
    """Start the sample once for each store and day; kept, so that the process is reaped."""
    if sample_is_due(_settings.store, _settings.yesterday()):
        return start_sample(_settings)
    end_progress(_settings.store)
    return None


def _wait_for_store(chosen: Settings) -> None:
    st.title("PyPI Pulse")
    st.write("Building a store of simulated sample data. The first charts come in seconds.")

    @st.fragment(run_every=1)
    def watch() -> None:
        if chosen.store.exists():
            st.rerun()
        _draw_progress(chosen)

    watch()
    st.stop()


def _follow_building(chosen: Settings, version: str) -> None:
    """While a sample is being built, show how far it is and redraw when more has landed."""
    progress = read_progress(chosen.store)
    if progress is None:
        return
    if progress.failed:
        _draw_progress(chosen)
        return

    @st.fragment(run_every=2)
    def watch() -> None:
        ended = read_progress(chosen.store) is None
        if ended or _store(str(chosen.store)).version() != version:
            st.rerun()
        _draw_progress(chosen)

    watch()


def _draw_progress(chosen: Settings) -> None:
    progress = read_progress(chosen.store)
    if progress is None:
        st.skeleton(height=120)
    elif progress.failed:
        st.error(progress.text)
    else:
        st.progress(progress.fraction, text=progress.text)


def _explain(error: PulseError) -> None:
    st.error(str(error), icon=":material/error:")
