"""The frame around every page: the list of pages, navigation, the gate, and the guard."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from lib import embedding
from lib.access import arrival, browser, form, gate
from lib.access.arrival import Asked
from lib.access.gate import Visitor
from lib.data import Downloads
from lib.explaining import explaining
from lib.formats import day, plain
from lib.theme import Theme, theme_for

ROOT = Path(__file__).resolve().parent.parent

_SIDEBAR = 290
"""Pixels of the sidebar: wide enough for two dates beside each other."""

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
    PageEntry("live.py", "Live", "live"),
    PageEntry("historical.py", "Historical", "historical"),
    PageEntry("package.py", "Package", "package"),
    PageEntry("rankings.py", "Rankings", "rankings"),
    PageEntry("questions.py", "Questions", "questions"),
    PageEntry("data.py", "Data", "data"),
)
"""Every page, in the order of the menu."""


def run() -> None:
    """Draw the frame, and run the page that was asked for if its reader may see it."""
    with explaining():
        visitor = gate.visitor()
        # Before anything of the login: until it is called, Streamlit runs a page's file by itself.
        alone = embedding.is_asked()
        with_menu = visitor.may_enter and not alone
        page = st.navigation(_navigation(), position="top" if with_menu else "hidden")
        _set_up(page.title if visitor.may_enter else "Log in")
        if not alone:
            _draw_logo()
        if with_menu:
            form.draw_way_out(visitor)
        if visitor.may_enter:
            leaving = _came_from_service(visitor) and arrival.recall(_go_to)
        else:
            form.draw(visitor, page.url_path)
        browser.carry_out()
        if visitor.may_enter and not leaving:
            _run(page)


def _came_from_service(visitor: Visitor) -> bool:
    return visitor.session is not None and bool(visitor.session.service)


def _go_to(asked: Asked) -> None:
    """Show the page that was asked for before a login service returned to `/`."""
    for entry, page in zip(PAGES, _navigation(), strict=True):
        if entry.address == asked.path:
            st.switch_page(page, query_params=asked.parameters)


def _set_up(title: str) -> None:
    st.set_page_config(
        page_title=f"{title} · PyPI Pulse",
        page_icon=str(ROOT / "static" / "favicon.png"),
        layout="wide",
        initial_sidebar_state=_SIDEBAR,
        menu_items={"About": "PyPI Pulse: watch, explore and question PyPI's downloads."},
    )


def _draw_logo() -> None:
    dark = current_theme().dark
    logo = ROOT / "static" / ("logo-dark.svg" if dark else "logo.svg")
    st.logo(str(logo), size="large", icon_image=str(ROOT / "static" / "favicon.png"))


def _run(page: StreamlitPage) -> None:
    st.session_state["page_before"] = st.session_state.get("page")
    st.session_state["page"] = page.url_path
    token = _framed.set(True)
    try:
        page.run()
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


def source_line(found: Downloads) -> str:
    """What the rows are, and up to when: the line under every page's title."""
    state = found.state
    return f"Source: {plain(state.source_text)} · data to {day(state.held.last)} UTC"


def sample_notice(found: Downloads) -> None:
    """Say on a page that what it shows is simulated, where it is."""
    if found.state.simulated:
        say_simulated()


def say_simulated() -> None:
    """Say on a page that what it shows is simulated."""
    st.markdown(
        ":small[:material/science: **Simulated sample data:** modeled on published figures, "
        "no number here was counted by PyPI. [What it is modeled on](/data)]"
    )


def _navigation() -> list[StreamlitPage]:
    return [
        st.Page(
            ROOT / "pages" / entry.file,
            title=entry.title,
            url_path=entry.address or None,
            default=not entry.address,
        )
        for entry in PAGES
    ]
