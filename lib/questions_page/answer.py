"""The answer to a question on the page: the finding, or what is missing and how to get it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import streamlit as st

from lib import address, sidebar
from lib.cubes import Grain
from lib.data import Downloads
from lib.formats import day, plain
from lib.questions.address import to_parameters, with_fixed_days
from lib.questions.finding import Finding
from lib.questions.question import Asked, Asking, CannotTell, Need, Question
from lib.questions.registry import finding, questions
from lib.questions.takeaway import Origin
from lib.questions_page.asked import Choice, ask
from lib.questions_page.catalog import draw_link
from lib.questions_page.finding import draw_evidence, draw_sentence, draw_takeaway
from lib.questions_page.lacking import say_lacking
from lib.router import NotHeld, Period
from lib.selection import Preset
from lib.settings import Settings
from lib.theme import Theme

_OTHERS = 4


def draw_answer(choice: Choice, found: Downloads, chosen: Settings, theme: Theme) -> None:
    """The finding, or why there is none and the ways on; then questions to go on with."""
    question, asking = choice.question, Asking(found, choice.held(found), chosen.yesterday())
    address.say_ignored(choice.ignored)
    sidebar.say_unheld(choice.unheld(found), found, partial(_replace, choice))
    answer = _answer(choice, asking, chosen)
    if answer:
        draw_sentence(answer, found)
        _offer_latest(choice, found)
        draw_evidence(answer, found, theme, question.key)
        draw_takeaway(answer, found, _origin(choice, found), question.key)
    _offer_others(choice)


def _answer(choice: Choice, asking: Asking, chosen: Settings) -> Finding | None:
    """The finding; where there is none, the page says why."""
    question = choice.question
    if choice.asked.selection.packages and not asking.packages:
        st.info(
            "None of the packages asked about is held, so that there is no answer. Name others, "
            "or none where the question is about all.",
            icon=":material/inventory_2:",
        )
        return None
    if lacking := question.lacking(asking):
        say_lacking(lacking, asking, chosen)
        return None
    try:
        with st.spinner("Finding the answer"):
            return finding(question.key, asking)
    except NotHeld as missing:
        say_lacking((Need(Grain.MONTH, missing.dimensions),), asking, chosen)
    except CannotTell as reason:
        st.info(plain(str(reason)), icon=":material/inventory_2:")
        _offer_all_days(choice, asking.found)
        st.page_link("pages/data.py", label="What is held", icon=":material/database:")
    return None


def _offer_latest(choice: Choice, found: Downloads) -> None:
    """A button that asks the same of the latest days, where the link's days are older."""
    latest = latest_days(choice.question, found, choice.asked)
    if latest != choice.asked.selection.period:
        st.button(
            f"Run for the latest data, to {day(latest.last)}",
            icon=":material/update:",
            on_click=ask,
            args=(choice.question, _with_days(choice.asked, latest)),
        )


def _offer_all_days(choice: Choice, found: Downloads) -> None:
    """A button that asks the same of all days held, where fewer were asked about."""
    whole = with_fixed_days(found, _with_days(choice.asked, Preset.ALL))
    if whole.selection.period != choice.asked.selection.period:
        st.button(
            "Ask about all days held",
            icon=":material/date_range:",
            on_click=ask,
            args=(choice.question, whole),
        )


def latest_days(question: Question, found: Downloads, asked: Asked) -> Period:
    """As many days as are asked about, but the last ones held; all of them if all are asked."""
    whole = with_fixed_days(found, _with_days(asked, Preset.ALL)).selection.period
    now = asked.selection.period
    if not isinstance(whole, Period) or not isinstance(now, Period):
        raise TypeError("What is asked has no fixed days.")
    everything = question.parameters.period is Preset.ALL and now.first <= whole.first
    first = whole.last - (now.last - now.first)
    return whole if everything else Period(max(first, whole.first), whole.last)


def _with_days(asked: Asked, period: Preset | Period) -> Asked:
    return replace(asked, selection=replace(asked.selection, period=period))


def _replace(choice: Choice, name: str, other: str) -> None:
    """Ask about another package in place of one that is not held."""
    asked = choice.asked
    packages = tuple(other if each == name else each for each in asked.selection.packages)
    selection = replace(asked.selection, packages=tuple(dict.fromkeys(packages)))
    ask(choice.question, replace(asked, selection=selection))


def _origin(choice: Choice, found: Downloads) -> Origin:
    link = address.link(to_parameters(choice.question, choice.asked))
    state = found.state
    return Origin(choice.question.prompt, link, state.source_text, state.simulated)


def _offer_others(choice: Choice) -> None:
    """Links to more questions of the same shelf, and to all of them."""
    others = [
        each
        for each in questions().values()
        if each.shelf is choice.question.shelf and each.key != choice.question.key
    ]
    st.subheader("Ask on", anchor=False)
    with st.container(horizontal=True):
        for other in others[:_OTHERS]:
            draw_link(other)
        # An empty question is more than none: the page then takes the last one from the address.
        st.page_link(
            "pages/questions.py",
            label="All questions",
            icon=":material/list:",
            query_params={"q": [""]},
        )
