"""The own groups of a reader's session, in step with the address."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from lib import address
from lib.own_groups.group import (
    MOST_GROUPS,
    PARAMETER,
    OwnGroup,
    from_parameters,
    to_parameters,
)
from lib.packages import held_groups

KEY = "own_groups_edits"
"""The session's key of how often the reader changed them: for `address.write`, as of a widget."""

_GROUPS = "own_groups"


def groups_kept() -> tuple[OwnGroup, ...]:
    """The reader's own groups, in the order of their making."""
    found: tuple[OwnGroup, ...] = st.session_state.get(_GROUPS, ())
    return found


def is_own(name: str) -> bool:
    """Whether a reader's own group is called so."""
    return any(group.name == name for group in groups_kept())


def keep(own: Sequence[OwnGroup]) -> None:
    """Have these be the reader's own groups, by a click of the reader. For callbacks."""
    state = st.session_state
    state[_GROUPS] = tuple(own)
    state[KEY] = state.get(KEY, 0) + 1


def follow_address() -> tuple[str, ...]:
    """Take over the groups of an address that was not written here: a link, or Back.

    The groups of the address come first and win by their names; others of the session are kept
    while there is room. Returns what was left out and why.
    """
    st.session_state.setdefault(KEY, 0)
    asked = address.asked()
    if PARAMETER not in asked or address.is_ours():
        return ()
    own, ignored = from_parameters(asked)
    named = {group.name for group in own}
    others = [group for group in groups_kept() if group.name not in named]
    kept = (*own, *others)
    st.session_state[_GROUPS] = kept[:MOST_GROUPS]
    lost = (
        f"{PARAMETER}={each.name} (at most {MOST_GROUPS} at once)" for each in kept[MOST_GROUPS:]
    )
    return (*ignored, *lost)


def parameters() -> dict[str, list[str]]:
    """The reader's own groups as query parameters, to be written with those of a page."""
    return to_parameters(groups_kept())


def all_groups(held: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The packages of each group by its name: the reader's own, then those of `lib/groups.csv`.

    The groups of the app are cut to the packages held, and left out with fewer than two of them.
    Own groups are whole: a page says which of their packages are not held.
    """
    return {group.name: group.packages for group in groups_kept()} | held_groups(held)
