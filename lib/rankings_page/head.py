"""What the Rankings page says first, and what it says where nothing can be ranked."""

from __future__ import annotations

import re

import streamlit as st

from lib.cubes import DIMENSION
from lib.formats import NARROW_SPACE, day, days, plain
from lib.installers import InstallerClass
from lib.questions.question import CannotTell
from lib.questions.telling.wording import caveats
from lib.rankings.choice import FILTERS, Choice, Show, Span
from lib.rankings.listing import listing
from lib.rankings.movements import movements
from lib.rankings.scope import Scope
from lib.rankings.steady import steady
from lib.rankings.words import moved_sentence, steady_sentence, top_sentence
from lib.rankings_page import controls
from lib.router import NotHeld, Period
from lib.selection import listed

TITLES = {
    Show.TOP: "Top packages",
    Show.HOT: "Packages that rise fastest",
    Show.EMERGING: "Packages that emerged",
    Show.COOLING: "Packages that fall fastest",
    Show.STEADY: "Steady giants",
    Show.GONE: "Packages that went quiet",
}

_NAMED = 6

_SPANS = {Span.DAYS: "30 days", Span.MONTH: "the last whole month", Span.YEAR: "a year"}


def told(text: str) -> str:
    """Plain text in Markdown, whose percent signs stay in the line of their numbers."""
    return plain(re.sub(r"(?<=\d) %", f"{NARROW_SPACE}%", text))


def draw_sentence(scope: Scope, show: Show) -> None:
    """The sentence in large type. Raises CannotTell, and NotHeld, where there is none."""
    st.markdown(f"### {told(_sentence(scope, show))}")


def draw_limits(scope: Scope) -> None:
    """What limits the ranking: a change of the record within its days, and provisional days."""
    cut = scope.cut
    if cut is not None:
        titles = "; ".join(each.title for each in cut.breaks)
        st.warning(
            told(
                f"These days are not counted alike: the record changes on {day(cut.first)} "
                f"({titles}). The list sums both kinds of counting; ranks and shares are not those "
                "of either."
            ),
            icon=":material/call_split:",
        )
        with st.container(horizontal=True):
            for side in scope.sides:
                st.button(
                    f"Only {days(side.first, side.last)}",
                    key=f"rank_{side.first}_{side.last}",
                    icon=":material/date_range:",
                    on_click=controls.choose_days,
                    args=(side,),
                )
    if scope.answer.clipped:
        st.caption(
            f"Held for {days(scope.period.first, scope.period.last)} only: these days are ranked."
        )
    for caveat in caveats(scope.asking, scope.period):
        st.caption(told(caveat))


def say_unheld(names: tuple[str, ...]) -> None:
    """Name the packages of a group that are not held, if any."""
    if names:
        more = [f"{len(names) - _NAMED} more"] if len(names) > _NAMED else []
        st.caption(told(f"Of this group not held: {listed([*names[:_NAMED], *more])}."))


def say_cannot_tell(reason: CannotTell, period: Span | Period) -> None:
    """Why nothing can be compared, and the ways to other days than `period`."""
    st.info(told(str(reason)), icon=":material/inventory_2:")
    offer_spans(period)


def offer_spans(period: Span | Period) -> None:
    """The ways to the periods of which most can be told, but for the one that is chosen."""
    with st.container(horizontal=True):
        for span in (Span.DAYS, Span.MONTH, Span.YEAR):
            if span != period:
                st.button(
                    f"Rank {_SPANS[span]}",
                    key=f"span_{span}",
                    icon=":material/date_range:",
                    on_click=controls.choose_span,
                    args=(span,),
                )


def say_not_held(missing: NotHeld, choice: Choice) -> None:
    """What is missing, and a button for each way on: the days held, or one filter less."""
    st.info(told(str(missing)), icon=":material/inventory_2:")
    with st.container(horizontal=True):
        if missing.available:
            st.button(
                f"Rank {days(missing.available.first, missing.available.last)}",
                key="rank_held",
                icon=":material/date_range:",
                on_click=controls.choose_days,
                args=(missing.available,),
            )
        for name in FILTERS:
            if choice.values(name):
                st.button(
                    f"Without the filter on {DIMENSION[name].label}",
                    key=f"rank_without_{name}",
                    icon=":material/filter_alt_off:",
                    on_click=controls.drop_filter,
                    args=(name,),
                )
        if set(choice.counting) != set(InstallerClass):
            st.button("Count every download", key="rank_all", on_click=controls.count_all)
        st.page_link("pages/data.py", label="What is held", icon=":material/database:")


def _sentence(scope: Scope, show: Show) -> str:
    if show is Show.TOP:
        return top_sentence(scope, listing(scope))
    if show is Show.STEADY:
        return steady_sentence(steady(scope))
    return moved_sentence(scope, movements(scope), show)
