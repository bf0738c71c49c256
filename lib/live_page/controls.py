"""The widgets of the Live page: what to watch, how often, and pausing, in step with the URL."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import streamlit as st

from lib import address
from lib.cubes import DIMENSION, UNKNOWN
from lib.formats import value_label
from lib.geography import countries
from lib.live import Feed, Look
from lib.live.watch import (
    FILTERS,
    PACE_LABELS,
    Pace,
    Watch,
    Window,
    from_parameters,
    to_parameters,
)
from lib.packages import held_groups
from lib.parameters import MOST_VALUES

_WIDGETS = ("group", *FILTERS, "window", "pace", "package")
"""The parameters that have a widget."""

_WATCH, _PAUSED_LOOK, _SEED, _SEEDED = (
    "live_watch",
    "live_paused_look",
    "live_seed",
    "live_seeded",
)


def choose(look: Look) -> tuple[Watch, tuple[str, ...]]:
    """The watch, in step with the URL, and what of the URL was ignored."""
    ignored = _follow_url(look)
    if not st.session_state[_WATCH].present:
        with st.sidebar:
            _draw_sidebar(look)
    return taken(), ignored


def taken() -> Watch:
    """The watch as the widgets have it now, which the URL then has too."""
    state = st.session_state
    before: Watch = state[_WATCH]
    # On a stage there is no sidebar, and Streamlit forgets widgets that are not drawn.
    chosen = {name: state.get(key(name), getattr(before, name)) for name in _WIDGETS}
    # A browser that has not drawn a choice yet may say that there is none.
    watch = replace(
        before,
        group=chosen["group"] or "",
        country=tuple(chosen["country"]),
        system=tuple(chosen["system"]),
        installer=tuple(chosen["installer"]),
        window=Window(chosen["window"] or before.window),
        pace=Pace(chosen["pace"] or before.pace),
        package=chosen["package"] or "",
    )
    _keep(watch)
    return watch


def _keep(watch: Watch) -> None:
    """Remember what is watched, in the session and in the URL."""
    address.write(to_parameters(watch), map(key, _WIDGETS))
    st.session_state[_WATCH] = watch


def key(name: str) -> str:
    """The session's key of the widget for a parameter.

    Another one each time that the app itself has set the widgets: a part of the page that looks
    again at that moment brings the values that the browser still has, and they would win.
    """
    return f"live_{name}_{st.session_state[_SEEDED]}"


def seed() -> Watch:
    """What the widgets of the present keys begin with."""
    watch: Watch = st.session_state[_SEED]
    return watch


def pause_button(paused: bool) -> None:
    """The button, and key, that stops everything where it is, or goes on."""
    st.button(
        "Go on" if paused else "Pause",
        key="live_pause",
        shortcut="p",
        icon=":material/play_arrow:" if paused else ":material/pause:",
        type="primary" if paused else "secondary",
        help="Freezes every figure, to zoom and to hover.",
        on_click=_change,
        kwargs={"paused": not paused},
    )


def present_button(present: bool) -> None:
    """The button that enters or leaves presenter mode."""
    st.button(
        "Leave" if present else "Present",
        key="live_present",
        type="tertiary",
        shortcut="f",
        icon=":material/close_fullscreen:" if present else ":material/present_to_all:",
        help="Without a sidebar, in large type and high contrast.",
        on_click=_change,
        kwargs={"present": not present},
    )


def look_of(feed: Feed, watch: Watch) -> Look:
    """The look that is shown: the feed's latest, or while paused the one at that moment."""
    state = st.session_state
    if not watch.paused:
        state.pop(_PAUSED_LOOK, None)
        return feed.look()
    if _PAUSED_LOOK not in state:
        state[_PAUSED_LOOK] = feed.look()
    look: Look = state[_PAUSED_LOOK]
    return look


def _follow_url(look: Look) -> tuple[str, ...]:
    """Take over the URL where it is not the one that was last written here: a link, or Back."""
    state = st.session_state
    if _WATCH in state and address.came_by_menu():
        _seed(state[_WATCH])
        return ()
    if _WATCH in state and address.is_ours():
        return ()
    watch, ignored = from_parameters(address.asked())
    kept, dropped = _known_only(watch, look)
    _seed(kept)
    return (*ignored, *dropped)


def _known_only(watch: Watch, look: Look) -> tuple[Watch, tuple[str, ...]]:
    """The watch without what the feed does not know, and what that was."""
    known = look.options("project")
    dropped = []
    if not known and watch.where:
        dropped.append("the filters (no packages are counted)")
        watch = replace(watch, group="", country=(), system=(), installer=())
    if watch.group and watch.group not in held_groups(known):
        dropped.append(f"group={watch.group} (not watched)")
        watch = replace(watch, group="")
    if strangers := [code for code in watch.country if code not in {UNKNOWN, *countries()}]:
        dropped.append(f"country={', '.join(strangers)} (no country)")
        kept = tuple(code for code in watch.country if code not in strangers)
        watch = replace(watch, country=kept)
    if watch.package and watch.package not in known:
        dropped.append(f"package={watch.package} (not watched)")
        watch = replace(watch, package="")
    return watch, tuple(dropped)


def _seed(watch: Watch) -> None:
    """Watch this from now on, with widgets of other keys that begin with its values."""
    state = st.session_state
    state[_WATCH] = state[_SEED] = watch
    state[_SEEDED] = state.get(_SEEDED, 0) + 1


def _draw_sidebar(look: Look) -> None:
    st.segmented_control(
        "Look again every",
        list(Pace),
        format_func=PACE_LABELS.__getitem__,
        key=key("pace"),
        default=seed().pace,
        required=True,
        width="stretch",
        wrap=True,
    )
    known = look.options("project")
    if known:
        _draw_filters(look, known)
    left, right = st.columns(2)
    left.button("Reset", on_click=_reset, width="stretch", icon=":material/restart_alt:")
    share = right.popover(
        "Share", width="stretch", icon=":material/link:", key="live_share", on_change="rerun"
    )
    if share.open:
        with share:
            address.offer_link(to_parameters(taken()), "watch")


def _draw_filters(look: Look, known: tuple[str, ...]) -> None:
    groups = tuple(held_groups(known))
    st.selectbox(
        "Package group",
        groups,
        key=key("group"),
        index=place_of(seed().group, groups),
        placeholder=f"All {len(known):,} packages watched",
    )
    for name in FILTERS:
        chosen = (*getattr(seed(), name), *st.session_state.get(key(name), ()))
        options = look.options(name)
        st.multiselect(
            DIMENSION[name].label,
            list(dict.fromkeys((*options, *chosen))),
            key=key(name),
            default=list(getattr(seed(), name)),
            format_func=partial(value_label, name),
            placeholder="All",
            max_selections=MOST_VALUES,
        )


def place_of(value: str, options: tuple[str, ...]) -> int | None:
    """Where a list of choices has a value; None where nothing is chosen."""
    return options.index(value) if value in options else None


def _change(**changes: bool) -> None:
    """Pause, go on, enter or leave a stage: what has no widget of its own."""
    _seed(replace(st.session_state[_WATCH], **changes))
    _keep(st.session_state[_WATCH])


def _reset() -> None:
    _seed(Watch())
