"""The groups that the package is in: links that compare it with its rivals."""

from __future__ import annotations

import streamlit as st

from lib import own_groups
from lib.cubes import MAX_PACKAGES
from lib.panels.card import panel
from lib.panels.context import Context
from lib.selection import Selection, listed, to_parameters


def draw_rivals(context: Context) -> None:
    """A link for each group with the package in it; nothing where it is in none."""
    name = context.selection.packages[0]
    groups = rivals(context)
    if not groups:
        return
    with panel(f"Compare {name} with its rivals", "rivals"):
        for group, members in groups.items():
            compared = Selection((name, *members), context.selection.period)
            with st.container(horizontal=True, vertical_alignment="center"):
                st.page_link(
                    "pages/historical.py",
                    label=group,
                    icon=":material/compare_arrows:",
                    query_params=to_parameters(compared),
                )
                st.caption(f"with {listed(members)}")


def rivals(context: Context) -> dict[str, tuple[str, ...]]:
    """The groups that the package is in, each with others of it that are held."""
    found, name = context.found, context.selection.packages[0]
    others = {
        group: tuple(other for other in members if other != name and found.holds(other))
        for group, members in own_groups.all_groups(found.packages()).items()
        if name in members
    }
    return {group: members[: MAX_PACKAGES - 1] for group, members in others.items() if members}
