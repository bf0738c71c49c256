"""The page that was asked for, over a visit to a login service, which always returns to `/`."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import streamlit as st

from lib import address
from lib.access import browser

_COOKIE = "pulse_asked"

_RETURNED = "access_returned"

_LASTS = timedelta(minutes=15)
"""How long somebody may take at the login service."""

_LONGEST = 2000


@dataclass(frozen=True)
class Asked:
    """A page of this app, by its path, and query parameters."""

    path: str
    parameters: Mapping[str, list[str]]


def packed(asked: Asked) -> str:
    """What was asked for, as a cookie can hold it; empty where it is too long for one."""
    text = json.dumps([asked.path, asked.parameters])
    # Browsers would write the signs that fill it up in another way.
    coded = urlsafe_b64encode(text.encode()).decode().rstrip("=")
    return coded if len(coded) <= _LONGEST else ""


def unpacked(text: str) -> Asked | None:
    """What a cookie says was asked for; None where it makes no sense, for anybody can write it."""
    try:
        path, parameters = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        named = {str(name): [str(value) for value in values] for name, values in parameters.items()}
    except (ValueError, TypeError, AttributeError):
        return None
    return Asked(path, named) if isinstance(path, str) else None


def remember(path: str, now: datetime, then: Callable[[], None]) -> None:
    """Have the browser keep the address of this page, and `then` go on: it is about to leave.

    Whoever asks a second time goes on at once, address or not.
    """
    text = packed(Asked(path, address.asked()))
    if not text or browser.is_due(_COOKIE):
        then()
    else:
        browser.keep(_COOKIE, text, now + _LASTS, then)


def recall(then: Callable[[Asked], None]) -> bool:
    """Have the browser forget what was asked for before it left, and `then` go there.

    Returns whether there is anything to go to; that is told once.
    """
    found = unpacked(browser.cookie(_COOKIE))
    if st.session_state.get(_RETURNED) or found is None or address.asked():
        return False
    st.session_state[_RETURNED] = True
    browser.forget(_COOKIE, partial(then, found))
    return True
