"""The page that was asked for, over a visit to a login service, which always returns to `/`."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

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
    coded = urlsafe_b64encode(text.encode()).decode()
    return coded if len(coded) <= _LONGEST else ""


def unpacked(text: str) -> Asked | None:
    """What a cookie says was asked for; None where it makes no sense, for anybody can write it."""
    try:
        path, parameters = json.loads(urlsafe_b64decode(text))
        named = {str(name): [str(value) for value in values] for name, values in parameters.items()}
    except (ValueError, TypeError, AttributeError):
        return None
    return Asked(path, named) if isinstance(path, str) else None


def remember(path: str, now: datetime) -> None:
    """Have the browser keep the address of this page while somebody logs in elsewhere."""
    text = packed(Asked(path, address.asked()))
    if text and text != browser.cookie(_COOKIE):
        browser.keep(_COOKIE, text, now + _LASTS)


def recalled() -> Asked | None:
    """What was asked for before the browser came back to `/`; it is told once."""
    if st.session_state.get(_RETURNED) or not browser.cookie(_COOKIE):
        return None
    st.session_state[_RETURNED] = True
    browser.forget(_COOKIE)
    return None if address.asked() else unpacked(browser.cookie(_COOKIE))
