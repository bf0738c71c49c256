"""The login page: a name and a password, or a login service; and the way out, in the sidebar."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import streamlit as st

from lib.access import arrival, gate
from lib.access.gate import Visitor
from lib.access.policy import Access
from lib.explaining import explaining
from lib.formats import plain, told

_NAME, _PASSWORD, _WHY_NOT = "login_name", "login_password", "login_why_not"

_MARK = Path(__file__).resolve().parents[2] / "static" / "favicon.png"

_LOOK = """
<style>
[data-testid="stMainBlockContainer"] { padding-top: clamp(1rem, 11vh, 8rem); }
[data-testid="stHeaderLogo"], [data-testid="InputInstructions"], [data-testid="stSidebar"],
[data-testid="stExpandSidebarButton"] { display: none; }
</style>
"""
"""The app's sign stands above the form instead; what Streamlit says in the fields is in the way; of
a page that ended while it looked again, Streamlit leaves an empty sidebar."""

FOCUS = """
<script>
(function focus(tries) {
  const field = document.querySelector('.st-key-login_name input');
  if (field) field.focus();
  else if (tries > 0) setTimeout(focus, 50, tries - 1);
})(100);
</script>
"""
"""Streamlit has no way to say in which field to begin. The field is drawn after this has run.

The notes on deployment have a hash of it.
"""


def draw(visitor: Visitor, path: str) -> None:
    """Ask who it is, or say why nobody is let in; `path` is the page to show then."""
    st.html(_LOOK)
    with st.container(horizontal_alignment="center"), st.container(width=400, key="login"):
        with st.container(horizontal_alignment="center", gap="small"):
            st.image(str(_MARK), width=64)
            st.title("PyPI Pulse", anchor=False, width="content")
        if visitor.policy.access is Access.REFUSED:
            st.error(told(visitor.policy.reason), icon=":material/lock:")
            return
        st.caption("Log in to see how Python packages are downloaded.", text_alignment="center")
        if stranger := gate.stranger(visitor.logins):
            st.error(f"{plain(stranger)} has no access here.", icon=":material/lock:")
        if visitor.logins.users:
            _draw_form()
        for name in visitor.logins.services:
            _draw_service(name, path)


def draw_way_out(visitor: Visitor) -> None:
    """Say in the sidebar who is logged in, and let them out; nothing where nobody has to log in."""
    if visitor.session is None:
        return
    with st.sidebar.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key="me"
    ):
        st.caption(
            f":material/person: {plain(visitor.session.name)} · {visitor.session.role}",
            width="content",
        )
        st.button("Log out", key="log_out", type="tertiary", on_click=_log_out)


def _draw_form() -> None:
    with st.form("login_form", border=True):
        st.text_input("Name", key=_NAME, autocomplete="username")
        st.text_input(
            "Password",
            key=_PASSWORD,
            type="password",
            autocomplete="current-password",
        )
        why_not = st.session_state.pop(_WHY_NOT, "")
        if why_not:
            st.error(why_not, icon=":material/lock:")
        st.form_submit_button(
            "Log in", type="primary", width="stretch", key="log_in", on_click=_submit
        )
    st.html(FOCUS, unsafe_allow_javascript=True)


def _submit() -> None:
    """Before the page is drawn: who is let in sees the page that was asked for, and no form."""
    state = st.session_state
    name, password = str(state.get(_NAME) or ""), str(state.get(_PASSWORD) or "")
    state[_PASSWORD] = ""
    with explaining():
        state[_WHY_NOT] = gate.log_in(name, password)


def _log_out() -> None:
    with explaining():
        gate.log_out()


def _draw_service(name: str, path: str) -> None:
    label = "Log in with single sign-on" if name == "default" else f"Log in with {name.title()}"
    st.button(
        label,
        key=f"login_with_{name}",
        width="stretch",
        icon=":material/passkey:",
        on_click=_leave,
        args=(None if name == "default" else name, path),
    )


def _leave(service: str | None, path: str) -> None:
    """Go to a login service, once the browser has kept the address of this page."""
    with explaining():
        arrival.remember(path, datetime.now(UTC), then=partial(st.login, service))
