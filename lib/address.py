"""The address of a page: what it asks for, what it is made to say, the link that restores it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn
from urllib.parse import urlencode

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from lib.formats import plain

_SAID, _OPENED = "address_said", "address_opened"


@dataclass(frozen=True)
class _Said:
    """What the address was last made to say, and what the widgets had then.

    `instead` is what it said in the browser where a part of the page, drawn alone, has seen a click
    before the page: that comes after it, with the address of before.
    """

    parameters: Mapping[str, list[str]]
    widgets: Mapping[str, object]
    instead: Mapping[str, list[str]] | None


def asked() -> dict[str, list[str]]:
    """The query parameters that the browser's address has."""
    return {name: st.query_params.get_all(name) for name in st.query_params}


def changed_page() -> bool:
    """Whether the reader came from another page."""
    return bool(st.session_state.get("page_before") != st.session_state.get("page"))


def came_by_menu() -> bool:
    """Whether the reader came from another page without asking for anything."""
    return not asked() and changed_page()


def write(parameters: Mapping[str, list[str]], widgets: Iterable[str]) -> None:
    """Have the browser's address say these parameters, which are what these widgets' keys hold."""
    instead = asked() if _is_part() else None
    if asked() != parameters:
        st.query_params.from_dict(parameters)
    state = st.session_state
    held = {key: state[key] for key in widgets if key in state}
    state[_SAID] = _Said(dict(parameters), held, instead)


def go(parameters: Mapping[str, list[str]]) -> None:
    """Have the page ask for these parameters, as a link would. For callbacks."""
    st.query_params.from_dict(parameters)
    st.session_state.pop(_SAID, None)


def open_page(page: str, parameters: Mapping[str, list[str]]) -> NoReturn:
    """Show another page, asked for these parameters.

    Streamlit has the browser remember this page with the other's parameters before it leaves: that
    is where Back leads first, which `came_back` knows.
    """
    st.session_state[_OPENED] = dict(parameters)
    st.switch_page(page, query_params=parameters)


def came_back() -> bool:
    """Whether the address is what `open_page` left behind here: Back, to this page as it was."""
    return bool(asked()) and asked() == st.session_state.get(_OPENED)


def is_ours() -> bool:
    """Whether the address asks for nothing but what was last written here: no link, no Back.

    A click made before the browser had the newest address brings an older one along, as Back would.
    Back changes no widget: where one has changed, the click counts. A part of the page that looks
    again may have seen the change first.
    """
    state = st.session_state
    said: _Said | None = state.get(_SAID)
    if said is None:
        return False
    if asked() == said.parameters:
        return True
    if changed_page() or _is_back():
        return False
    changed = any(state.get(key, value) != value for key, value in said.widgets.items())
    return changed or asked() == said.instead


def _is_part() -> bool:
    """Whether a part of the page is drawn alone now, at its own time."""
    context = get_script_run_ctx()
    return bool(context and context.fragment_ids_this_run)


def _is_back() -> bool:
    """Whether the browser's Back or Forward has the page drawn."""
    context = get_script_run_ctx()
    return bool(context and context.is_history_navigation)


def link(parameters: Mapping[str, list[str]]) -> str:
    """The link to this page with these parameters."""
    page = str(st.context.url or "").partition("?")[0]
    query = urlencode(parameters, doseq=True, safe=":,")
    return "?".join(filter(None, (page, query)))


def offer_link(parameters: Mapping[str, list[str]], what: str) -> None:
    """Show the link to this page with these parameters; `what` it restores."""
    st.caption(f"This link restores what you {what}.")
    st.code(link(parameters), language=None, wrap_lines=True)


def say_ignored(ignored: Sequence[str]) -> None:
    """Say what of the address was not taken over, if anything."""
    if ignored:
        listed = "; ".join(plain(part) for part in ignored)
        st.warning(f"Parts of the address were ignored: {listed}.", icon=":material/link_off:")
