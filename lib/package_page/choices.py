"""What a reader chooses on the Package page beside the selection: kept in widgets, and the address.

The page calls `follow` before it draws, with whether the address asks for something else than was
written last, and has the address say `parameters()` too; the widgets' keys are `KEYS`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from lib import sidebar
from lib.formats import NARROW_SPACE
from lib.parameters import Reading
from lib.questions.rows.python_rows import USUAL, Threshold

DROP = "drop"
"""The parameter of the share under which a Python version may be dropped, in percent."""

DROP_LABELS = {each: f"{each}{NARROW_SPACE}%" for each in Threshold}

KEYS = (sidebar.key(DROP),)
"""The session's keys of the widgets."""


def follow(parameters: Mapping[str, Sequence[str]], *, overwrite: bool) -> tuple[str, ...]:
    """Give the widgets what an address asks for, and return what of it was ignored and why.

    With `overwrite` all of them; without, those that have no value yet.
    """
    reading = Reading(parameters)
    asked = reading.choice(DROP, Threshold, USUAL)
    if overwrite or sidebar.key(DROP) not in st.session_state:
        st.session_state[sidebar.key(DROP)] = asked
    return tuple(reading.ignored)


def parameters() -> dict[str, list[str]]:
    """What was chosen as query parameters; what is as by default is left out."""
    chosen = drop()
    return {} if chosen is USUAL else {DROP: [str(chosen)]}


def drop() -> Threshold:
    """The share under which a Python version may be dropped."""
    return Threshold(st.session_state.get(sidebar.key(DROP)) or USUAL)
