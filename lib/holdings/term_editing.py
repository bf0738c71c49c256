"""The list of what packages are called where people ask, search and read, to look at and edit."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from lib.access import gate
from lib.errors import PulseError
from lib.formats import plain, told
from lib.holdings.context import Context
from lib.packages import normalized
from lib.settings import Settings
from lib.signals import LABELS, TERMS, Signal, is_term
from lib.signals.kept import keep_terms, signals_file
from lib.signals.terms import all_terms, known_terms

_PACKAGE = "Package"

_COLUMNS = {signal: f"{LABELS[signal]}: {TERMS[signal]}" for signal in Signal}

_FAILURE, _ROUND = "terms_failure", "terms_round"


def draw(context: Context) -> None:
    """A row for each package, a column for each signal; admins may edit it."""
    place = st.expander(
        "What packages are called there",
        icon=":material/label:",
        key="signal_terms_list",
        on_change="rerun",
    )
    if place.open:
        with place:
            _draw_list(context)


def _draw_list(context: Context) -> None:
    st.caption(
        "A term has to mean the package and little else: `python pandas` is not the animal, "
        "`pytorch` is what `torch` is asked under. Empty cells are not known or do not exist."
    )
    may_edit = gate.may_spend()
    edited = st.data_editor(
        table(context),
        num_rows="dynamic" if may_edit else "fixed",
        disabled=not may_edit,
        hide_index=True,
        key=f"signal_terms_{st.session_state.setdefault(_ROUND, 0)}",
        alt="Terms of packages",
    )
    failure = st.session_state.pop(_FAILURE, "")
    if failure:
        st.error(told(failure), icon=":material/error:")
    if not may_edit:
        return
    try:
        own = own_terms(edited)
    except ValueError as error:
        st.warning(plain(str(error)), icon=":material/spellcheck:")
        return
    if own != dict(context.found.own_terms()):
        st.button(
            "Keep these terms",
            icon=":material/save:",
            key="keep_terms",
            on_click=_keep,
            args=(context.settings, own),
        )


def table(context: Context) -> pd.DataFrame:
    """The terms of every package that has any, by its name."""
    terms = all_terms(context.found.own_terms())
    names = sorted({package for package, _ in terms})
    rows = [
        {_PACKAGE: name, **{_COLUMNS[s]: terms.get((name, s), "") for s in Signal}}
        for name in names
    ]
    return pd.DataFrame(rows, columns=[_PACKAGE, *_COLUMNS.values()])


def own_terms(edited: pd.DataFrame) -> dict[tuple[str, Signal], str]:
    """What an edited table says otherwise than the file of terms; empty where it has none.

    Raises ValueError for what is no package, no term, or a package that is there twice.
    """
    known = known_terms()
    found: dict[tuple[str, Signal], str] = {}
    for row in edited.fillna("").to_dict("records"):
        texts = {signal: str(row[column]).strip() for signal, column in _COLUMNS.items()}
        if not str(row[_PACKAGE]).strip():
            if any(texts.values()):
                raise ValueError("A row has terms and no package.")
            continue
        package = normalized(str(row[_PACKAGE]))
        for signal, text in texts.items():
            if (package, signal) in found:
                raise ValueError(f"The package {package} has two rows.")
            if text and not is_term(text):
                raise ValueError(f"{text[:40]!r} is no {TERMS[signal]}.")
            found[package, signal] = text
    removed = {key: "" for key in known if key not in found}
    return {key: term for key, term in {**found, **removed}.items() if term != known.get(key, "")}


def _keep(settings: Settings, own: dict[tuple[str, Signal], str]) -> None:
    if not gate.may_spend():
        return
    try:
        keep_terms(signals_file(settings), own)
    except PulseError as error:
        st.session_state[_FAILURE] = str(error)
        return
    # An editor of another key has no edits of rows that now stand elsewhere.
    st.session_state[_ROUND] += 1
