"""The sidebar: the widgets of the selection, kept in step with the URL."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

import streamlit as st

from lib import address, own_groups
from lib.cubes import DIMENSION, MAX_PACKAGES, Grain
from lib.data import Downloads
from lib.formats import percent, plain, value_label
from lib.installers import LABELS, InstallerClass
from lib.packages import normalized, suggestions
from lib.parameters import MOST_VALUES
from lib.router import NotHeld, Period
from lib.selection import (
    FILTERS,
    PRESET_LABELS,
    Preset,
    Selection,
    from_parameters,
    to_parameters,
)

_CUSTOM = "custom"

_KEY = "chosen_{}"
"""How the widgets' keys in the session are made from the names of the parameters."""

_GROUP = "group"

_PANEL_CHOICES = ("view", "split", "shape", "measure", "columns")
"""Choices whose widgets stand beside the figure that they change, and not in the sidebar."""

WIDGETS = ("packages", "period", "days", "grain", "counting", *FILTERS, *_PANEL_CHOICES, "signals")
"""The parameters that have a widget."""


@dataclass(frozen=True)
class Choice:
    """What the reader chose, what of it is not held, and what of the URL was ignored."""

    selection: Selection
    unheld: tuple[str, ...]
    ignored: tuple[str, ...]

    @property
    def packages(self) -> tuple[str, ...]:
        """The packages named, whether they are held or not."""
        return (*self.selection.packages, *self.unheld)


def key(name: str) -> str:
    """The session's key of the widget for a parameter."""
    return _KEY.format(name)


def choose(found: Downloads) -> Choice:
    """Draw the sidebar and return the selection, in step with the URL and the other pages."""
    ignored = (*own_groups.follow_address(), *_follow_url(found))
    with st.sidebar:
        packages, unheld = _choose_packages(found)
        selection = choose_rest(found, packages)
        offer_ways({**to_parameters(selection), **own_groups.parameters()}, _reset)
        own_groups.draw_editor(found)
    _write_url(selection, unheld)
    return Choice(selection, unheld, ignored)


def choose_rest(found: Downloads, packages: tuple[str, ...]) -> Selection:
    """Draw all of the sidebar but the choice of packages, and return the selection of these."""
    period = _choose_period(found)
    grain = _choose_grain(found, packages)
    filters = _choose_filters(found, packages)
    counting = choose_counting(found, key("counting"))
    selection = _with_panel_choices(
        Selection(packages, period, grain, counting=counting or tuple(InstallerClass))
    )
    for name, values in filters.items():
        selection = selection.with_values(name, values)
    say_what_is_left_out(found, selection)
    return selection


def offer_ways(parameters: Mapping[str, list[str]], reset: Callable[[], None]) -> None:
    """The button that calls `reset`, and the link that restores these parameters."""
    left, right = st.columns(2)
    left.button("Reset", on_click=reset, width="stretch", icon=":material/restart_alt:")
    with right.popover("Share", width="stretch", icon=":material/link:"):
        address.offer_link(parameters, "see")


def choose_country(code: str | None) -> None:
    """Keep only the downloads of one country, or of all again. For callbacks."""
    st.session_state[key("country")] = [code] if code else []


def choose_days(period: Period) -> None:
    """Look at these days. For callbacks."""
    st.session_state[key("period")] = _CUSTOM
    st.session_state[key("days")] = (period.first, period.last)


def add_package(name: str) -> None:
    """Compare one more package. For callbacks."""
    st.session_state[key("packages")] = [*st.session_state[key("packages")], name]


def filtered() -> tuple[str, ...]:
    """The dimensions that the reader filters by."""
    return tuple(name for name in FILTERS if st.session_state.get(key(name)))


def drop_filter(name: str) -> None:
    """Keep every value of a dimension again. For callbacks."""
    st.session_state[key(name)] = []


def explain(choice: Choice, found: Downloads) -> None:
    """Say above the figures what was ignored or is not held, and offer what may be meant."""
    address.say_ignored(choice.ignored)
    say_unheld(choice.unheld, found, _replace)


def say_unheld(
    names: Sequence[str], found: Downloads, replace_name: Callable[[str, str], None]
) -> None:
    """Say which packages are not held; a click on one that may be meant calls `replace_name`."""
    for name in names:
        near = suggestions(name, found.packages())
        with st.container(horizontal=True, vertical_alignment="center"):
            hint = " Did you mean" if near else ""
            st.write(f":material/search_off: No package **{plain(name)}** is held.{hint}")
            for other in near:
                st.button(
                    other,
                    key=f"instead_{name}_{other}",
                    on_click=replace_name,
                    args=(name, other),
                )


def _follow_url(found: Downloads) -> tuple[str, ...]:
    """Take over the URL where it is not the one that was last written here: a link, or Back.

    A page reached by the menu has no parameters: the session's selection then goes on. Widgets of
    the same keys on the page before would else count, and Streamlit forget them.
    """
    state = st.session_state
    if "selection" in state and (address.came_by_menu() or address.is_ours()):
        seed(state["selection"], state["unheld"], overwrite=address.changed_page())
        return ()
    selection, ignored = from_parameters(address.asked())
    selection, dropped = held_only(found, selection)
    seed(selection, (), overwrite=True)
    return (*ignored, *dropped)


def held_only(found: Downloads, selection: Selection) -> tuple[Selection, tuple[str, ...]]:
    """The selection without the values of dimensions that the store does not know."""
    dropped: list[str] = []
    for condition in selection.filters:
        known = set(filter_options(found, condition.dimension, selection.packages))
        unknown = [value for value in condition.values if value not in known]
        dropped += [f"{condition.dimension}={value} (not held)" for value in unknown]
        kept = [value for value in condition.values if value in known]
        selection = selection.with_values(condition.dimension, kept)
    return selection, tuple(dropped)


def seed(selection: Selection, unheld: tuple[str, ...], *, overwrite: bool) -> None:
    """Give the widgets the values of a selection: all of them, or those that have none yet."""
    custom = isinstance(selection.period, Period)
    values: dict[str, object] = {
        "packages": [*selection.packages, *unheld],
        "period": _CUSTOM if custom else selection.period,
        "grain": selection.grain or "auto",
        "counting": list(selection.counting),
        "signals": list(selection.signals),
    }
    if isinstance(selection.period, Period):
        values["days"] = (selection.period.first, selection.period.last)
    values |= {name: list(selection.values(name)) for name in FILTERS}
    values |= {name: getattr(selection, name) for name in _PANEL_CHOICES}
    for name, value in values.items():
        if overwrite or key(name) not in st.session_state:
            st.session_state[key(name)] = value


def _choose_packages(found: Downloads) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The packages chosen that are held, and the names chosen that are not."""
    known = found.packages()
    offered = [
        *known,
        *(name for name in st.session_state[key("packages")] if name not in known),
    ]
    chosen = st.multiselect(
        "Packages",
        offered,
        key=key("packages"),
        max_selections=MAX_PACKAGES,
        accept_new_options=True,
        placeholder=(
            "All packages" if found.state.packages is None else f"All {len(known):,} packages"
        ),
        help=f"Up to {MAX_PACKAGES}. Type any part of a name.",
    )
    groups = _groups(found)
    if groups:
        st.selectbox(
            "Compare a group",
            list(groups),
            index=None,
            key=_GROUP,
            format_func=lambda name: _group_words(name, groups[name]),
            placeholder="Compare a group",
            label_visibility="collapsed",
            on_change=_take_group,
            args=(groups,),
        )
    held: list[str] = []
    unheld: list[str] = []
    for text in chosen:
        try:
            name = normalized(text)
        except ValueError:
            unheld.append(text)
            continue
        (held if found.holds(name) else unheld).append(name)
    return tuple(dict.fromkeys(held)), tuple(dict.fromkeys(unheld))


def _groups(found: Downloads) -> dict[str, tuple[str, ...]]:
    """The packages held of each group; of a group with too many to compare the largest first."""
    known = found.packages()
    place = {name: number for number, name in enumerate(known)}
    cut: dict[str, tuple[str, ...]] = {}
    for name, packages in own_groups.all_groups(known).items():
        held = [package for package in packages if found.holds(package)]
        if len(held) > MAX_PACKAGES:
            held.sort(key=lambda package: place.get(package, len(place)))
        if held:
            cut[name] = tuple(held)
    return cut


def _group_words(name: str, packages: Sequence[str]) -> str:
    """A group in the list: with how many of it are compared, where these are not all."""
    return f"{name}, top {MAX_PACKAGES}" if len(packages) > MAX_PACKAGES else name


def _choose_period(found: Downloads) -> Preset | Period:
    held = found.state.held
    chosen = st.segmented_control(
        "Period",
        [*Preset, _CUSTOM],
        format_func=lambda value: PRESET_LABELS.get(value, "Custom"),
        key=key("period"),
        required=True,
        width="stretch",
    )
    if chosen != _CUSTOM:
        return Preset(chosen or Preset.YEAR)
    if key("days") not in st.session_state:
        year = Selection().days(held)
        st.session_state[key("days")] = (year.first, year.last)
    days = st.date_input("From and to (UTC)", key=key("days"), format="YYYY-MM-DD")
    picked = days if isinstance(days, tuple) else (days,)
    if len(picked) != 2:
        st.caption("Pick the last day too: until then the period stays as it was.")
        before: Selection = st.session_state.get("selection", Selection())
        return before.period
    return Period(_as_date(picked[0]), _as_date(picked[1]))


def _as_date(value: date) -> date:
    return date(value.year, value.month, value.day)


def _choose_grain(found: Downloads, packages: tuple[str, ...]) -> Grain | None:
    offered = found.grains(packages)
    if st.session_state[key("grain")] not in ("auto", *offered):
        st.session_state[key("grain")] = "auto"
    chosen = st.segmented_control(
        "Grain",
        ["auto", *offered],
        format_func=lambda value: str(value).capitalize(),
        key=key("grain"),
        required=True,
        width="stretch",
    )
    if Grain.DAY not in offered:
        st.caption("These packages are held by month: nothing finer can be shown.")
    return None if chosen in (None, "auto") else Grain(chosen)


def _choose_filters(found: Downloads, packages: tuple[str, ...]) -> dict[str, list[str]]:
    active = sum(bool(st.session_state[key(name)]) for name in FILTERS)
    label = f"Filters ({active})" if active else "Filters"
    chosen: dict[str, list[str]] = {}
    with st.expander(label, expanded=active > 0, icon=":material/filter_alt:"):
        for name in FILTERS:
            options = filter_options(found, name, packages)
            current = st.session_state[key(name)]
            offered = [*options, *(value for value in current if value not in options)]
            if offered:
                chosen[name] = st.multiselect(
                    DIMENSION[name].label,
                    offered,
                    key=key(name),
                    format_func=partial(value_label, name),
                    placeholder="All",
                    max_selections=MOST_VALUES,
                )
        if not chosen:
            st.caption("This store is not split by anything to filter by.")
    return chosen


def filter_options(found: Downloads, name: str, packages: tuple[str, ...]) -> tuple[str, ...]:
    """The values to filter by; package versions only of the packages that are chosen."""
    if name == "version" and not packages:
        return ()
    try:
        return found.values(name, packages if name == "version" else ())
    except NotHeld:
        return ()


def choose_counting(found: Downloads, widget: str) -> tuple[InstallerClass, ...]:
    """The classes of installer that count: all, where the store does not know installers.

    `widget` is the session's key of the choice.
    """
    if not filter_options(found, "installer", ()):
        st.caption("Every download counts: this store does not know installers.")
        return tuple(InstallerClass)
    chosen = st.pills(
        "What counts",
        list(InstallerClass),
        selection_mode="multi",
        format_func=LABELS.__getitem__,
        key=widget,
        help="A download is one request for a file. Mirrors copy whatever is new.",
    )
    return tuple(installer_class for installer_class in InstallerClass if installer_class in chosen)


def say_what_is_left_out(found: Downloads, selection: Selection) -> None:
    """Say which part of the downloads the choice of what counts leaves out."""
    if set(selection.counting) == set(InstallerClass):
        st.caption("Left out: **0 %** of the downloads.")
        return
    try:
        share = found.left_out(selection, found.period(selection))
    except NotHeld as missing:
        st.caption(f"What is left out cannot be told: {missing}")
        return
    if share is not None:
        st.caption(f"Left out: **{percent(share)}** of the downloads.")


def _with_panel_choices(selection: Selection) -> Selection:
    parameters = to_parameters(selection)
    parameters |= {
        name: [str(st.session_state[key(name)])]
        for name in _PANEL_CHOICES
        if st.session_state.get(key(name))
    }
    parameters["signals"] = [str(signal) for signal in st.session_state[key("signals")] or ()]
    return from_parameters(parameters)[0]


def _write_url(selection: Selection, unheld: tuple[str, ...]) -> None:
    named = replace(selection, packages=(*selection.packages, *unheld)[:MAX_PACKAGES])
    parameters = {**to_parameters(named), **own_groups.parameters()}
    address.write(parameters, (*map(key, WIDGETS), own_groups.KEY))
    st.session_state["selection"] = selection
    st.session_state["unheld"] = unheld


def _reset() -> None:
    seed(Selection(), (), overwrite=True)


def _take_group(groups: Mapping[str, tuple[str, ...]]) -> None:
    """Choose the packages of the group that was picked, and leave the list ready for another."""
    picked = st.session_state[_GROUP]
    if picked:
        st.session_state[key("packages")] = list(groups[picked][:MAX_PACKAGES])
        st.session_state[_GROUP] = None


def _replace(name: str, other: str) -> None:
    kept = [other if _same(text, name) else text for text in st.session_state[key("packages")]]
    st.session_state[key("packages")] = list(dict.fromkeys(kept))


def _same(text: str, name: str) -> bool:
    """Whether a typed text is another spelling of a name."""
    try:
        return normalized(text) == name
    except ValueError:
        return text == name
