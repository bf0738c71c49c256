"""The widgets of the Rankings page: what is ranked and how it is shown, in step with the URL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lib import address, own_groups, sidebar
from lib.cubes import DIMENSION, Grain
from lib.data import Downloads
from lib.formats import value_label
from lib.installers import InstallerClass
from lib.parameters import MOST_VALUES
from lib.rankings.choice import (
    FILTERS,
    SHOW_LABELS,
    SPAN_LABELS,
    Choice,
    Show,
    Span,
    from_address,
    to_address,
)
from lib.router import Period
from lib.selection import Selection

_CHOICE = "rankings_choice"

_CUSTOM = "custom"

_KEY = "ranked_{}"
"""How the widgets' keys in the session are made from the names of the parameters."""

_WIDGETS = ("show", "period", "days", "group", "counting", "search", *FILTERS)
"""The parameters that have a widget."""

_MONTHLY_SPANS = (Span.MONTH, Span.YEAR)

_EARLIEST, _LATEST = date(2016, 1, 1), date(2099, 12, 31)


@dataclass(frozen=True)
class Chosen:
    """What the reader chose, the groups on offer, and what of the URL was ignored."""

    choice: Choice
    groups: Mapping[str, tuple[str, ...]]
    ignored: tuple[str, ...]


def key(name: str) -> str:
    """The session's key of the widget for a parameter."""
    return _KEY.format(name)


def choose(found: Downloads) -> Chosen:
    """Draw the sidebar and return the choice, in step with the URL."""
    ignored = (*own_groups.follow_address(), *_follow_address(found))
    groups = own_groups.all_groups(found.packages())
    with st.sidebar:
        period = _choose_period(found)
        group = _choose_group(groups)
        choice = replace(_shown(), period=period, group=group)
        for name in FILTERS:
            choice = choice.with_values(name, _choose_values(found, name))
        counting = sidebar.choose_counting(found, key("counting"))
        choice = replace(choice, counting=counting or tuple(InstallerClass))
        members = tuple(name for name in groups.get(group, ()) if found.holds(name))
        days = choice.days(found.held(members))
        sidebar.say_what_is_left_out(found, choice.selection(members, days))
        parameters = {**to_address(choice), **own_groups.parameters()}
        sidebar.offer_ways(parameters, _reset)
        own_groups.draw_editor(found, _take_group)
    address.write(parameters, (*map(key, _WIDGETS), own_groups.KEY))
    st.session_state[_CHOICE] = choice
    return Chosen(choice, groups, ignored)


def draw_switch() -> None:
    """The switch between the lists."""
    st.segmented_control(
        "List",
        list(Show),
        format_func=SHOW_LABELS.__getitem__,
        key=key("show"),
        required=True,
        label_visibility="collapsed",
        wrap=True,
    )


def draw_search(place: DeltaGenerator) -> None:
    """The box that searches a list by any part of a name."""
    place.text_input(
        "Search",
        key=key("search"),
        placeholder="Any part of a name",
        icon=":material/search:",
        label_visibility="collapsed",
        max_chars=100,
        width=200,
    )


def choose_days(period: Period) -> None:
    """Rank these days. For callbacks."""
    st.session_state[key("period")] = _CUSTOM
    st.session_state[key("days")] = (period.first, period.last)


def choose_span(span: Span) -> None:
    """Rank a period that moves with the data. For callbacks."""
    st.session_state[key("period")] = span


def drop_filter(name: str) -> None:
    """Rank downloads with any value of a dimension again. For callbacks."""
    st.session_state[key(name)] = []


def count_all() -> None:
    """Count every download again. For callbacks."""
    st.session_state[key("counting")] = list(InstallerClass)


def _follow_address(found: Downloads) -> tuple[str, ...]:
    """Take over the URL where it is not the one that was last written here: a link, or Back."""
    state = st.session_state
    ours = address.came_by_menu() or address.is_ours() or address.came_back()
    if _CHOICE in state and ours:
        _seed(state[_CHOICE], overwrite=False)
        return ()
    choice, ignored = from_address(address.asked())
    kept, dropped = sidebar.held_only(found, Selection(filters=choice.filters))
    choice = replace(choice, filters=kept.filters)
    if choice.group and choice.group not in own_groups.all_groups(found.packages()):
        dropped = (*dropped, f"group={choice.group} (no such group, or too few of it is held)")
        choice = replace(choice, group="")
    _seed(choice, overwrite=True)
    return (*ignored, *dropped)


def _seed(choice: Choice, *, overwrite: bool) -> None:
    """Give the widgets the values of a choice: all of them, or those that have none yet."""
    values: dict[str, object] = {
        "show": choice.show,
        "period": _CUSTOM if isinstance(choice.period, Period) else choice.period,
        "group": choice.group or None,
        "counting": list(choice.counting),
        "search": choice.search,
    }
    if isinstance(choice.period, Period):
        values["days"] = (choice.period.first, choice.period.last)
    values |= {name: list(choice.values(name)) for name in FILTERS}
    for name, value in values.items():
        if overwrite or key(name) not in st.session_state:
            st.session_state[key(name)] = value


def _shown() -> Choice:
    """The choices whose widgets stand beside what they change."""
    state = st.session_state
    # A browser that has not drawn a choice yet may say that there is none.
    show = Show(state[key("show")] or Show.TOP)
    typed = from_address({"search": [str(state[key("search")] or "")]})[0]
    return Choice(show=show, search=typed.search)


def _choose_period(found: Downloads) -> Span | Period:
    spans = tuple(Span) if Grain.DAY in found.grains() else _MONTHLY_SPANS
    if st.session_state[key("period")] not in (*spans, _CUSTOM):
        st.session_state[key("period")] = Span.MONTH
    chosen = st.segmented_control(
        "Period",
        [*spans, _CUSTOM],
        format_func=lambda value: SPAN_LABELS.get(value, "Custom"),
        key=key("period"),
        required=True,
        width="stretch",
        wrap=True,
        help="Up to the last day held; a month is the last whole one.",
    )
    if chosen != _CUSTOM:
        return Span(chosen or spans[0])
    if key("days") not in st.session_state:
        days = Choice().days(found.held())
        st.session_state[key("days")] = (days.first, days.last)
    picked = st.date_input(
        "From and to (UTC)",
        key=key("days"),
        format="YYYY-MM-DD",
        min_value=_EARLIEST,
        max_value=_LATEST,
    )
    if not isinstance(picked, tuple) or len(picked) != 2:
        st.caption("Pick the last day too: until then the period stays as it was.")
        before: Choice = st.session_state.get(_CHOICE, Choice())
        return before.period
    return Period(picked[0], picked[1])


def _choose_group(groups: Mapping[str, tuple[str, ...]]) -> str:
    if st.session_state[key("group")] not in groups:
        st.session_state[key("group")] = None
    chosen = st.selectbox(
        "Group",
        list(groups),
        key=key("group"),
        placeholder="All packages",
        index=None,
    )
    return chosen or ""


def _choose_values(found: Downloads, name: str) -> list[str]:
    """The values of a dimension that are kept; none where the store is not split by it."""
    options = sidebar.filter_options(found, name, ())
    current: list[str] = st.session_state[key(name)]
    offered = [*options, *(value for value in current if value not in options)]
    if not offered:
        return []
    return st.multiselect(
        DIMENSION[name].label,
        offered,
        key=key(name),
        format_func=partial(value_label, name),
        placeholder="All",
        max_selections=MOST_VALUES,
    )


def _take_group(group: own_groups.OwnGroup) -> None:
    """Rank a group that was made or changed. For callbacks."""
    st.session_state[key("group")] = group.name


def _reset() -> None:
    _seed(Choice(), overwrite=True)
