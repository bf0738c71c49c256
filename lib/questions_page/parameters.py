"""The widgets for what a question is asked about: packages, sets, country, period, options."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import partial

import streamlit as st

from lib.data import Downloads
from lib.formats import plain, value_label
from lib.geography import countries
from lib.packages import groups, normalized
from lib.questions.address import with_fixed_days
from lib.questions.question import Asked, PackageChoice, PackageSet, Question, SetChoice
from lib.router import NotHeld, Period
from lib.selection import PRESET_LABELS, Preset, Selection

_KEY = "asked_{}"
"""How the widgets' keys in the session are made."""

_EARLIEST, _LATEST = date(2016, 1, 1), date(2099, 12, 31)


def key(name: str) -> str:
    """The session's key of the widget for a parameter."""
    return _KEY.format(name)


def set_key(name: str) -> str:
    """The session's key of the widget for the packages of a set."""
    return _KEY.format(f"set_{name}")


def seed(question: Question, asked: Asked) -> None:
    """Give the widgets of a question the values of what is asked. Its period is fixed days."""
    state = st.session_state
    period = asked.selection.period
    if isinstance(period, Period):
        state[key("days")] = (period.first, period.last)
    if question.parameters.packages:
        state[key("packages")] = list(asked.selection.packages)
    if question.parameters.country:
        state[key("country")] = next(iter(asked.selection.values("country")), None)
    if question.parameters.sets:
        state[key("sets")] = [each.name for each in asked.sets]
        for each in asked.sets:
            state[set_key(each.name)] = list(each.packages)
    for name, value in asked.options:
        state[key(name)] = value


def keys(question: Question) -> Iterator[str]:
    """The keys of every widget that a question has now."""
    parameters = question.parameters
    yield from (key(name) for name in ("days", "packages", "country", "sets"))
    yield from (key(option.name) for option in parameters.options)
    if parameters.sets:
        yield from (set_key(name) for name in st.session_state.get(key("sets"), ()))


def draw(question: Question, found: Downloads, asked: Asked) -> Asked:
    """Draw the widgets of a question and return what they ask; `asked` is what was asked before."""
    parameters = question.parameters
    if parameters.packages:
        _choose_packages(parameters.packages, found)
    if parameters.sets:
        _choose_sets(parameters.sets, found)
    if parameters.country:
        _choose_country(found, required=bool(parameters.default_country))
    _choose_days(found, asked)
    for option in parameters.options:
        labels = dict(option.values)
        st.selectbox(
            option.label, list(labels), key=key(option.name), format_func=labels.__getitem__
        )
    return taken(question, asked)


def taken(question: Question, before: Asked) -> Asked:
    """What the widgets ask; of a period whose last day is not picked yet, as before."""
    state = st.session_state
    parameters = question.parameters
    packages = _names(state.get(key("packages"), ())) if parameters.packages else ()
    if parameters.packages and len(packages) < parameters.packages.fewest:
        packages = before.selection.packages
    selection = Selection(packages, _picked(before.selection.period))
    country = state.get(key("country")) if parameters.country else None
    if parameters.default_country and not country:
        country = next(iter(before.selection.values("country")), parameters.default_country)
    selection = selection.with_values("country", (country,) if country else ())
    sets = _sets_taken(parameters.sets, before) if parameters.sets else ()
    options = tuple((o.name, state.get(key(o.name)) or o.default) for o in parameters.options)
    return Asked(selection, sets, options)


def _names(texts: object) -> tuple[str, ...]:
    """The valid package names among what was chosen or typed, each once."""
    found: list[str] = []
    for text in texts if isinstance(texts, list | tuple) else ():
        try:
            found.append(normalized(str(text)))
        except ValueError:
            st.warning(f"{plain(str(text))} is no package name.", icon=":material/spellcheck:")
    return tuple(dict.fromkeys(found))


def _picked(before: Preset | Period) -> Preset | Period:
    days = st.session_state.get(key("days"))
    if not isinstance(days, tuple) or len(days) != 2:
        return before
    return Period(days[0], days[1])


def _sets_taken(choice: SetChoice, before: Asked) -> tuple[PackageSet, ...]:
    """The sets that have packages; those of before where too few have."""
    state = st.session_state
    sets = tuple(
        PackageSet(name, packages)
        for name in state.get(key("sets"), ())
        if (packages := _names(state.get(set_key(name), ())))
    )
    return sets[: choice.most] if len(sets) >= choice.fewest else before.sets


def _choose_packages(choice: PackageChoice, found: Downloads) -> None:
    known = found.packages()
    chosen = st.session_state.get(key("packages"), [])
    one = choice.most == 1
    if choice.fewest == choice.most:
        needed = f"{choice.most} package{'' if one else 's'}: remove one to choose another."
    else:
        needed = f"{choice.fewest} to {choice.most} packages."
    st.multiselect(
        "Package" if one else "Packages",
        [*known, *(name for name in chosen if name not in known)],
        key=key("packages"),
        max_selections=choice.most,
        accept_new_options=True,
        placeholder="All packages held" if choice.fewest == 0 else "Type a name",
        help=needed,
    )
    if len(chosen) < choice.fewest:
        st.caption(f"This question takes {needed} Until then it is answered as before.")


def _choose_sets(choice: SetChoice, found: Downloads) -> None:
    names = list(st.session_state.get(key("sets"), ()))
    offered = dict.fromkeys((*names, *(each.name for each in choice.default), *groups()))
    st.multiselect(
        "Sets of packages",
        list(offered),
        key=key("sets"),
        max_selections=choice.most,
        accept_new_options=True,
        help="Each set is counted as one. Choose groups, or type a name for a set of your own.",
    )
    known = found.packages()
    defaults = {each.name: each.packages for each in choice.default}
    with st.expander("Packages of each set", icon=":material/edit:"):
        for name in names:
            packages = defaults.get(name) or groups().get(name, ())
            current = st.session_state.setdefault(set_key(name), list(packages))
            st.multiselect(
                plain(name),
                list(dict.fromkeys((*current, *packages, *known))),
                key=set_key(name),
                accept_new_options=True,
                placeholder="Name packages",
            )


def _choose_country(found: Downloads, *, required: bool) -> None:
    try:
        held = [code for code in found.values("country") if code in countries()]
    except NotHeld:
        held = []
    current = st.session_state.get(key("country"))
    offered = held or list(countries())
    if current and current not in offered:
        offered = [current, *offered]
    st.selectbox(
        "Country",
        offered,
        key=key("country"),
        index=None if not required else 0,
        format_func=partial(value_label, "country"),
        placeholder="The whole world",
    )


def _choose_days(found: Downloads, asked: Asked) -> None:
    st.date_input(
        "From and to (UTC)",
        key=key("days"),
        format="YYYY-MM-DD",
        min_value=_EARLIEST,
        max_value=_LATEST,
    )
    with st.container(horizontal=True, gap="small"):
        for preset in Preset:
            st.button(
                PRESET_LABELS[preset],
                key=key(f"last_{preset}"),
                type="tertiary",
                on_click=_take_preset,
                args=(found, asked, preset),
            )


def _take_preset(found: Downloads, asked: Asked, preset: Preset) -> None:
    moved = replace(asked, selection=replace(asked.selection, period=preset))
    period = with_fixed_days(found, moved).selection.period
    if isinstance(period, Period):
        st.session_state[key("days")] = (period.first, period.last)
