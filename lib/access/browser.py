"""What a browser keeps: cookies set and deleted through streamlit-authenticator's manager.

The library mounts it wherever it is made, and asks for all cookies first, which runs every page
twice. Here it is mounted only while there is a cookie to set or delete, in a fragment of its own,
so that its answer runs nothing else. Cookies are read from the request that opened the page.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import streamlit as st

from lib.explaining import explaining

_DUE = "access_cookies_due"

_HIDDEN = """
<style>
:has(> .st-key-access_cookies) { position: absolute; width: 0; height: 0; overflow: hidden; }
</style>
"""


@dataclass(frozen=True)
class _Cookie:
    """A cookie to set, or to delete where it has no value."""

    value: str = ""
    expires: datetime | None = None
    then: Callable[[], None] | None = None


def cookie(name: str) -> str:
    """A cookie of the request that opened the page; empty without one."""
    return st.context.cookies.get(name, "")


def keep(name: str, value: str, expires: datetime, then: Callable[[], None] | None = None) -> None:
    """Have the browser keep a cookie, which it sends to this app alone; `then` do something."""
    _due()[name] = _Cookie(value, expires, then)


def is_due(name: str) -> bool:
    """Whether the browser has yet to say that it keeps, or has forgotten, a cookie."""
    return name in _due()


def forget(name: str, then: Callable[[], None] | None = None) -> None:
    """Have the browser forget a cookie; `then` do something."""
    _due()[name] = _Cookie(then=then)


def carry_out() -> None:
    """Mount what sets and deletes the cookies that are due; nothing where none are."""
    if _due():
        _mount()


@st.fragment
def _mount() -> None:
    with explaining():
        _carry_out()


def _carry_out() -> None:
    from lib.access.cookie_model import BrowserCookie

    due = _due()
    with st.container(key="access_cookies"):
        st.html(_HIDDEN)
        for name, wanted in list(due.items()):
            model = BrowserCookie(name, secure=_by_https())
            done = model.write(wanted.value, wanted.expires) if wanted.expires else model.delete()
            if done and due.get(name) is wanted:
                del due[name]
                if wanted.then:
                    wanted.then()


def _by_https() -> bool:
    return str(st.context.url or "").startswith("https://")


def _due() -> dict[str, _Cookie]:
    due: dict[str, _Cookie] = st.session_state.setdefault(_DUE, {})
    return due
