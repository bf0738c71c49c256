"""What the page is asked, in step with its address: a question with its parameters, or words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import streamlit as st

from lib import address
from lib.data import Downloads
from lib.questions.address import (
    first_asked,
    first_asked_now,
    from_parameters,
    to_parameters,
    with_fixed_days,
)
from lib.questions.question import Asked, Question
from lib.questions.registry import questions
from lib.questions_page import parameters as widgets
from lib.understanding import LONGEST_TEXT

_QUESTION, _ASKED = "question_key", "question_asked"


@dataclass(frozen=True)
class Choice:
    """A question, what is asked of it, and what of the address was ignored and why."""

    question: Question
    asked: Asked
    ignored: tuple[str, ...]

    def held(self, found: Downloads) -> Asked:
        """What is asked, without the packages that the store does not hold."""
        kept = tuple(name for name in self.asked.selection.packages if found.holds(name))
        return replace(self.asked, selection=replace(self.asked.selection, packages=kept))

    def unheld(self, found: Downloads) -> tuple[str, ...]:
        """The packages named alone that are not held. Findings tell those of sets themselves."""
        return tuple(name for name in self.asked.selection.packages if not found.holds(name))


def question_asked() -> tuple[Question | None, tuple[str, ...]]:
    """The question that the address names, if any, and what of it was ignored and why."""
    named = next(iter(address.asked().get("q", ())), "")
    if named and named not in questions():
        shown = "".join(filter(str.isprintable, named[:100]))
        return None, (f"q={shown} (no such question)",)
    return (questions()[named], ()) if named else (None, ())


def words_asked() -> str:
    """The words that the address asks in place of a question; nothing where it asks none."""
    return next(iter(address.asked().get("ask", ())), "").strip()[:LONGEST_TEXT]


def choose(question: Question, found: Downloads) -> Choice:
    """Draw the parameters of a question in the sidebar, in step with the address."""
    state = st.session_state
    ignored: tuple[str, ...] = ()
    if state.get(_QUESTION) != question.key or not address.is_ours():
        asked, ignored = _read(question, found, address.asked())
        state[_QUESTION], state[_ASKED] = question.key, asked
        widgets.seed(question, asked)
    with st.sidebar:
        _choose_question(question, found)
        asked = widgets.draw(question, found, state[_ASKED])
        asked = with_fixed_days(found, asked)
        state[_ASKED] = asked
        left, right = st.columns(2)
        left.button(
            "Reset",
            on_click=ask,
            args=(question, first_asked_now(question, found)),
            width="stretch",
            icon=":material/restart_alt:",
        )
        with right.popover("Share", width="stretch", icon=":material/link:"):
            address.offer_link(to_parameters(question, asked), "see")
    address.write(to_parameters(question, asked), widgets.keys(question))
    return Choice(question, asked, ignored)


def ask(question: Question, asked: Asked) -> None:
    """Go to the answer of a question. For callbacks."""
    address.go(to_parameters(question, asked))


def _read(
    question: Question, found: Downloads, parameters: Mapping[str, Sequence[str]]
) -> tuple[Asked, tuple[str, ...]]:
    asked, ignored = from_parameters(question, parameters, first_asked(question, found))
    return with_fixed_days(found, asked), ignored


def _choose_question(question: Question, found: Downloads) -> None:
    """The list of questions: another one is asked about the same packages."""
    st.session_state["question_picked"] = question.key
    st.selectbox(
        "Question",
        list(questions()),
        key="question_picked",
        format_func=lambda name: questions()[name].prompt,
        on_change=_take_question,
        args=(found,),
    )


def _take_question(found: Downloads) -> None:
    picked = questions()[st.session_state["question_picked"]]
    asked: Asked = st.session_state[_ASKED]
    packages = {"packages": list(asked.selection.packages)} if asked.selection.packages else {}
    ask(picked, _read(picked, found, packages)[0])
