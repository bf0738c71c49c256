"""What the page shows before a package is named: a search box, and packages to begin with."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import pandas as pd
import streamlit as st

from lib import sidebar
from lib.aggregate import REST
from lib.cubes import MAX_PACKAGES, UNKNOWN
from lib.data import Answer
from lib.formats import compact
from lib.package_page.choosing import NAME, parameters_of
from lib.packages import held_groups
from lib.panels.card import footer, panel
from lib.panels.context import KEPT, Context
from lib.recent import recent
from lib.selection import Selection, to_parameters

_SEARCH = "package_search"
_MOST = 24


def draw_start(context: Context) -> None:
    """The search box, the most downloaded packages, and the groups, each with its number."""
    st.selectbox(
        "Which package?",
        context.found.packages(),
        index=None,
        key=_SEARCH,
        accept_new_options=True,
        placeholder="Type the name of a package",
        on_change=_take_search,
    )
    _draw_most_downloaded(context)
    _draw_groups(context)


def _take_search() -> None:
    st.session_state[sidebar.key(NAME)] = st.session_state[_SEARCH]


def _draw_most_downloaded(context: Context) -> None:
    with panel("Most downloaded", "start_top") as card:
        answer = _by_package(context)
        top = answer.frame.head(_MOST)
        with st.container(horizontal=True, gap="small"):
            for name, downloads in zip(top["project"], top["downloads"], strict=True):
                _link(context, str(name), float(downloads))
        footer(context.found, card, answer, name="most-downloaded", unit="Downloads")


def _draw_groups(context: Context) -> None:
    groups = held_groups(context.found.packages())
    if not groups:
        return
    with panel("Groups", "start_groups") as card:
        answer = _by_package(context)
        downloads = answer.frame.set_index("project")["downloads"]
        for group, members in groups.items():
            _draw_group(context, group, members, downloads)
        footer(context.found, card, answer, name="groups", unit="Downloads")


def _draw_group(
    context: Context, group: str, members: tuple[str, ...], downloads: pd.Series[int]
) -> None:
    known = downloads.reindex(list(members)).dropna().sort_values(ascending=False)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.page_link(
            "pages/historical.py",
            label=f"**{group}** {compact(float(known.sum()))}",
            icon=":material/compare_arrows:",
            query_params=to_parameters(Selection(tuple(known.index[:MAX_PACKAGES]) or members)),
        )
        for name, count in known.items():
            _link(context, str(name), float(count))


def _link(context: Context, name: str, downloads: float) -> None:
    chosen = Selection((name,), context.selection.period)
    st.page_link(
        "pages/package.py",
        label=f"{name} :gray[{compact(downloads)}]",
        query_params=parameters_of(chosen),
    )


@lru_cache(maxsize=KEPT)
def _by_package(context: Context) -> Answer:
    """Downloads of each package in the newest days, the most downloaded first."""
    return _named(context.found.by_package(Selection(), recent(context.found)))


def _named(answer: Answer) -> Answer:
    frame = answer.frame
    return replace(answer, frame=frame[~frame["project"].isin([REST, UNKNOWN])])
