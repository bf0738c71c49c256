"""The breaks in the record that charts of the store's rows mark."""

from __future__ import annotations

import streamlit as st

from lib.breaks import breaks_for
from lib.formats import day, days, plain
from lib.holdings.context import Context
from lib.holdings.held import breaks_marked
from lib.panels.card import panel


def draw(context: Context) -> None:
    """Each break, with its number on the chart of this page where that marks it.

    A list and not a table, whose five columns a phone has no room for.
    """
    with panel("Breaks in the record", "breaks"):
        number = {found: n for n, found in enumerate(breaks_marked(context.found), start=1)}
        numbered = " Numbers are those of the chart of days held, above." if number else ""
        st.caption(
            "Dates on which the public record changed. Charts mark them, and changes across "
            f"those that move the counts themselves are not computed.{numbered}"
        )
        place = st.grid(2, min_column_width=320)
        for found in breaks_for(context.state.sources):
            when = days(found.first, found.last) if found.last else f"since {day(found.first)}"
            mark = f"{number[found]} · " if found in number else ""
            one = place.container(gap="xxsmall")
            one.markdown(f"**{mark}{when}: {plain(found.title)}**")
            one.caption(f"{plain(found.effect)} Documented by {plain(found.reference)}.")
