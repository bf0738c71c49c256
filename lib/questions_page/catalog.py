"""The catalog on the page: every question as a card that leads to its answer."""

from __future__ import annotations

import streamlit as st

from lib.data import Downloads
from lib.formats import plain
from lib.questions.address import first_asked_now
from lib.questions.question import Asking, Question, Shelf
from lib.questions.registry import questions
from lib.settings import Settings

_PAGE = "pages/questions.py"

_SHELVES = {
    Shelf.SIMPLE: "Start here",
    Shelf.INTERESTING: "Findings to put on a slide",
    Shelf.BEYOND: "For maintainers, and for the curious",
}


def draw_catalog(found: Downloads, chosen: Settings) -> None:
    """Every question, shelf by shelf; those that the store cannot answer say so."""
    for shelf, words in _SHELVES.items():
        st.subheader(words, anchor=False)
        place = st.grid(3, min_column_width=280)
        for question in questions().values():
            if question.shelf is shelf:
                with place.container(border=True, height="stretch", key=f"card_{question.key}"):
                    draw_link(question)
                    st.caption(plain(question.teaser))
                    _say_what_is_missing(question, found, chosen)


def draw_link(question: Question) -> None:
    """The prompt of a question as a link to what it asks at first.

    The link names the question alone. Streamlit leaves the browser's address as it was on the way
    within a page: it has it say the days only where the page itself asks for more than the link.
    """
    st.page_link(_PAGE, label=f"**{plain(question.prompt)}**", query_params={"q": [question.key]})


def _say_what_is_missing(question: Question, found: Downloads, chosen: Settings) -> None:
    asking = Asking(found, first_asked_now(question, found), chosen.yesterday())
    if lacking := question.lacking(asking):
        needed = ", ".join(need.words for need in lacking)
        st.caption(f":material/inventory_2: Not held here: {plain(needed)}")
