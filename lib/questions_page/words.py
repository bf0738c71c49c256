"""Asking in words: the box, what was understood of them, and the way to the answer."""

from __future__ import annotations

from datetime import date
from textwrap import shorten

import streamlit as st

from lib import address
from lib.data import Downloads
from lib.formats import plain
from lib.questions.address import first_asked, from_parameters, to_parameters, with_fixed_days
from lib.questions.question import Asked, Question
from lib.questions.registry import questions
from lib.questions_page import parameters as widgets
from lib.questions_page.asked import ask, words_asked
from lib.understanding import LONGEST_TEXT, Piece, Understood, understood

_TEXT, _READ, _PICKED = "ask_text", "ask_read", "ask_picked"

_EXAMPLE = "numpy vs pandas in Germany since 2023"

_LONGEST_PIECE = 60

_WIDTH = 760
"""Pixels of the card with what was understood: its lists are short."""


def draw_box() -> None:
    """The box to ask in words. What is typed goes into the address."""
    st.session_state[_TEXT] = words_asked()
    st.text_input(
        "Ask in words",
        key=_TEXT,
        placeholder=f"Ask in words: {_EXAMPLE}",
        max_chars=LONGEST_TEXT,
        icon=":material/search:",
        label_visibility="collapsed",
        on_change=_take_text,
    )


def draw_understood(text: str, found: Downloads, today: date) -> None:
    """What the words were taken to mean, to be corrected, and a button that answers."""
    read = understood(text, questions(), found.packages(), found.state.held, today)
    _draw_pieces(read)
    offered = list(read.nearest)
    if not offered:
        st.info(
            "No question of the catalog fits these words. Ask in other words, or pick one below.",
            icon=":material/help:",
        )
        return
    if st.session_state.get(_READ) != text:
        st.session_state[_READ] = text
        st.session_state[_PICKED] = offered[0]
        _seed(read, found)
    with st.container(border=True, width=_WIDTH):
        _draw_question(read, offered, found)


def _draw_pieces(read: Understood) -> None:
    """Each stretch of the words with what it was taken to mean."""
    with st.container(horizontal=True, gap="small"):
        for piece in read.pieces:
            st.badge(_named(piece), color="orange" if piece.kind == "unknown" else "blue")


def _named(piece: Piece) -> str:
    if piece.kind == "unknown":
        # A badge ends at a bracket, even at an escaped one.
        told = piece.text.replace("[", "(").replace("]", ")")
        return f"{plain(shorten(told, _LONGEST_PIECE, placeholder='…'))}: {plain(piece.meaning)}"
    return f"{piece.kind.capitalize()}: {plain(piece.meaning)}"


def _draw_question(read: Understood, offered: list[str], found: Downloads) -> None:
    if not read.sure:
        st.caption("Not sure that this is what you mean: pick a question, and correct what is off.")
    key = st.segmented_control(
        "Question",
        offered,
        key=_PICKED,
        format_func=lambda name: questions()[name].prompt,
        required=True,
        label_visibility="collapsed",
        wrap=True,
        on_change=_seed,
        args=(read, found),
    )
    question = questions()[key or offered[0]]
    asked = widgets.draw(question, found, _asked(read, question, found))
    st.button(
        "Answer",
        type="primary",
        icon=":material/arrow_forward:",
        on_click=ask,
        args=(question, with_fixed_days(found, asked)),
    )


def _seed(read: Understood, found: Downloads) -> None:
    """Give the widgets what was read, as far as the question that is picked takes it."""
    question = questions()[st.session_state[_PICKED]]
    widgets.seed(question, _asked(read, question, found))


def _asked(read: Understood, question: Question, found: Downloads) -> Asked:
    """What was read, with what the question asks at first where nothing was said."""
    said = to_parameters(question, read.asked_of(question.key))
    asked, _ = from_parameters(question, said, first_asked(question, found))
    return with_fixed_days(found, asked)


def _take_text() -> None:
    text = st.session_state[_TEXT].strip()
    address.go({"ask": [text]} if text else {})
