"""What a question lacks: the cubes that the store does not hold, and the ways to get them."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from lib import fetching
from lib.cubes import Grain
from lib.formats import days, plain
from lib.questions.question import Asking, Need
from lib.questions_page.parameters import key
from lib.router import Period, available_period
from lib.settings import Settings


def say_lacking(lacking: Sequence[Need], asking: Asking, chosen: Settings) -> None:
    """Say which cubes are missing, and offer other days, fetching, or an import."""
    needed = " and ".join(need.words for need in lacking)
    when = days(asking.period.first, asking.period.last)
    st.info(
        f"This question needs downloads by {plain(needed)}, and the store holds none for {when}.",
        icon=":material/inventory_2:",
    )
    elsewhere = [_held_elsewhere(need, asking) for need in lacking]
    if (other := elsewhere[0]) and len(elsewhere) == 1:
        st.button(
            f"Ask about {days(other.first, other.last)}",
            icon=":material/date_range:",
            on_click=_take_days,
            args=(other,),
        )
    packages = asking.asked.packages
    offered = fetching.offer_missing(chosen, asking.found, packages, asking.period)
    if not offered and not all(elsewhere):
        _say_how_to_import(lacking)
    st.page_link("pages/data.py", label="What is held", icon=":material/database:")


def _held_elsewhere(need: Need, asking: Asking) -> Period | None:
    """Other days in which a cube that is lacking is held, if any."""
    whole = asking.found.state.held
    query = asking.selection.query(whole, grain=need.grain, by=need.dimensions)
    return available_period(asking.found.state.coverage, query)


def _say_how_to_import(lacking: Sequence[Need]) -> None:
    for need in lacking:
        time = "month" if need.grain is Grain.MONTH else "date"
        columns = ", ".join(dict.fromkeys((time, "project", *need.dimensions, "downloads")))
        st.write(
            f"A file with the columns `{columns}` holds it: "
            "`.venv/bin/python -m lib import FILE`, or fetch real rows with "
            "`.venv/bin/python -m lib sync`."
        )


def _take_days(period: Period) -> None:
    st.session_state[key("days")] = (period.first, period.last)
