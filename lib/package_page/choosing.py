"""The one package of the page and the rest of the selection, in step with the URL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import streamlit as st

from lib import address, sidebar
from lib.data import Downloads
from lib.package_page import choices
from lib.packages import normalized
from lib.parameters import Reading
from lib.selection import Selection, View, from_parameters, to_parameters
from lib.sidebar import Choice

NAME = "name"
"""The parameter of the package's name."""

VIEWS = (View.ABSOLUTE, View.MEAN, View.LOG)
"""The views that one package alone can be seen in."""

_ELSEWHERE = ("packages", "split", "shape", "columns")
"""The parameters of a selection that this page has no use for."""

_KEPT = "package_kept"


@dataclass(frozen=True)
class _Kept:
    """The name that was looked at last, and which packages were then chosen on other pages."""

    name: str
    beside: tuple[str, ...]


def choose(found: Downloads) -> Choice:
    """Draw the sidebar and return the selection of one package, in step with the URL.

    Without a name the selection has no package. Period, filters and what counts are those of the
    Historical page, whose packages stay what they are.
    """
    ignored = _follow_url(found)
    with st.sidebar:
        name = _choose_name(found)
        packages, unheld = _sorted_out(found, name)
        if packages:
            selection = sidebar.choose_rest(found, packages)
            sidebar.offer_ways(parameters_of(selection), _reset)
        else:
            before: Selection = st.session_state.get("selection", Selection())
            selection = replace(before, packages=())
    _keep(selection, unheld)
    return Choice(_of_page(selection), unheld, ignored)


def from_address(found: Downloads) -> Choice:
    """The selection that the address asks for, without a widget to change it."""
    selection, name, ignored = _read(found)
    packages, unheld = _sorted_out(found, name)
    return Choice(_of_page(replace(selection, packages=packages)), unheld, ignored)


def take(_name: str, other: str) -> None:
    """Look at another package. For callbacks."""
    st.session_state[sidebar.key(NAME)] = other


def parameters_of(selection: Selection) -> dict[str, list[str]]:
    """The query parameters of this page for a selection of one package, or of none."""
    rest = to_parameters(selection)
    names = list(selection.packages[:1])
    named = {NAME: names} if names else {}
    return named | {name: rest[name] for name in rest if name not in _ELSEWHERE}


def _read(found: Downloads) -> tuple[Selection, str, tuple[str, ...]]:
    """The selection and the name that the address asks for, and what was ignored of it."""
    asked = address.asked()
    reading = Reading(asked)
    name = _read_name(reading)
    rest = {key: values for key, values in asked.items() if key not in _ELSEWHERE}
    selection, ignored = from_parameters(rest)
    about = replace(selection, packages=_sorted_out(found, name)[0])
    selection, dropped = sidebar.held_only(found, about)
    return selection, name, (*reading.ignored, *ignored, *dropped)


def _read_name(reading: Reading) -> str:
    names = []
    for text in reading.texts(NAME):
        try:
            names.append(normalized(text))
        except ValueError:
            reading.ignore(NAME, text, "no package name")
    for name in dict.fromkeys(names[1:]):
        reading.ignore(NAME, name, "one package at a time")
    return names[0] if names else ""


def _sorted_out(found: Downloads, text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The package where it is held, and the text where it is none that is."""
    if not text:
        return (), ()
    try:
        name = normalized(text)
    except ValueError:
        return (), (text,)
    return ((name,), ()) if found.holds(name) else ((), (name,))


def _follow_url(found: Downloads) -> tuple[str, ...]:
    """Take over the URL where it is a link, or Back; else go on with what was chosen.

    Who comes by the menu sees the package that was looked at last, or the first of those that
    have been chosen on another page since.
    """
    state = st.session_state
    elsewhere: Selection = state.get("selection", Selection())
    if "selection" in state and (address.came_by_menu() or address.is_ours()):
        came = address.changed_page()
        sidebar.seed(elsewhere, state["unheld"], overwrite=came)
        if came or sidebar.key(NAME) not in state:
            state[sidebar.key(NAME)] = _name_to_go_on_with(elsewhere.packages)
        choices.follow({}, overwrite=False)
        return ()
    selection, name, ignored = _read(found)
    beside = replace(selection, packages=elsewhere.packages)
    sidebar.seed(beside, state.get("unheld", ()), overwrite=True)
    state[sidebar.key(NAME)] = name or None
    return (*ignored, *choices.follow(address.asked(), overwrite=True))


def _name_to_go_on_with(elsewhere: Sequence[str]) -> str | None:
    kept: _Kept | None = st.session_state.get(_KEPT)
    if kept and (kept.beside == tuple(elsewhere) or not elsewhere):
        return kept.name or None
    return elsewhere[0] if elsewhere else None


def _choose_name(found: Downloads) -> str:
    known = found.packages()
    chosen = st.session_state[sidebar.key(NAME)]
    offered = [*known, *([chosen] if chosen and chosen not in known else [])]
    picked = st.selectbox(
        "Package",
        offered,
        index=None,
        key=sidebar.key(NAME),
        accept_new_options=True,
        placeholder="Type the name of a package",
        help="Any spelling: NumPy, scikit_learn and zope.interface are found.",
    )
    return (picked or "").strip()


def _keep(selection: Selection, unheld: tuple[str, ...]) -> None:
    """Remember what is looked at, in the session and in the URL."""
    state = st.session_state
    elsewhere: Selection = state.get("selection", Selection())
    named: Mapping[str, list[str]] = {NAME: list(unheld)} if unheld else {}
    asked = {**named, **parameters_of(selection), **choices.parameters()}
    widgets = (NAME, *sidebar.WIDGETS)
    address.write(asked, (*map(sidebar.key, widgets), *choices.KEYS))
    names = (*selection.packages, *unheld)
    state[_KEPT] = _Kept(names[0] if names else "", elsewhere.packages)
    state["selection"] = replace(selection, packages=elsewhere.packages)
    state.setdefault("unheld", ())


def _of_page(selection: Selection) -> Selection:
    """The selection without what only the Historical page draws."""
    plain = Selection()
    view = selection.view if selection.view in VIEWS else plain.view
    return replace(
        selection, split=plain.split, shape=plain.shape, columns=plain.columns, view=view
    )


def _reset() -> None:
    elsewhere: Selection = st.session_state["selection"]
    everything = Selection(packages=elsewhere.packages)
    sidebar.seed(everything, st.session_state["unheld"], overwrite=True)
    choices.follow({}, overwrite=True)
