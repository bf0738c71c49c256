"""Suggested rivals: packages of the same groups, each a click away from the comparison."""

from __future__ import annotations

import streamlit as st

from lib import sidebar
from lib.cubes import MAX_PACKAGES
from lib.packages import rivals
from lib.panels.context import Context

_MOST = 6


def draw_suggested(context: Context) -> None:
    """A button for each rival, most downloaded first; nothing where there is none, or no room."""
    chosen = context.selection.packages
    near = rivals(chosen, context.found.packages())[: min(_MOST, MAX_PACKAGES - len(chosen))]
    if not chosen or not near:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("Compare with", width="content")
        for name in near:
            st.button(
                name,
                key=f"rival_{name}",
                icon=":material/add:",
                type="tertiary",
                on_click=sidebar.add_package,
                args=(name,),
            )
