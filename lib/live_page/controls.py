"""The widgets of the Live page: what to watch, how often, and pausing, in step with the URL."""

from __future__ import annotations

from functools import partial
from urllib.parse import urlencode

import streamlit as st

from lib.cubes import DIMENSION
from lib.formats import plain, value_label
from lib.live import Feed, Look
from lib.live.watch import (
    FILTERS,
    PACE_LABELS,
    Pace,
    Watch,
    from_parameters,
    to_parameters,
)
from lib.packages import held_groups
from lib.parameters import MOST_VALUES

_KEY = "live_{}"
"""How the widgets' keys in the session are made from the names of the parameters."""

_NAMES = ("group", *FILTERS, "window", "pace", "package")

_PAUSED_LOOK, _PACE_BEFORE, _WATCH, _WRITTEN = (
    "live_paused_look",
    "live_pace_before",
    "live_watch",
    "live_written",
)


def choose(look: Look) -> tuple[Watch, tuple[str, ...]]:
    """The watch, in step with the URL, and what of the URL was ignored."""
    present, ignored = _follow_url(look)
    if not present:
        with st.sidebar:
            _draw_sidebar(look)
    return taken(present), ignored


def taken(present: bool) -> Watch:
    """The watch as the widgets have it now, which the URL then has too."""
    state = st.session_state
    watch = Watch(
        group=state[key("group")] or "",
        **{name: tuple(state[key(name)]) for name in FILTERS},
        window=state[key("window")],
        pace=Pace(state[key("pace")]),
        package=state[key("package")] or "",
        present=present,
    )
    _write_url(watch)
    return watch


def key(name: str) -> str:
    """The session's key of the widget for a parameter."""
    return _KEY.format(name)


def pause_button(pace: Pace) -> None:
    """The button, and key, that stops everything where it is, or goes on."""
    paused = pace is Pace.PAUSED
    st.button(
        "Go on" if paused else "Pause",
        key="live_pause",
        shortcut="p",
        icon=":material/play_arrow:" if paused else ":material/pause:",
        type="primary" if paused else "secondary",
        help="Freezes every figure, to zoom and to hover.",
        on_click=_toggle_pause,
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
        on_click=_toggle_present,
        args=(present,),
    )


def look_of(feed: Feed, pace: Pace) -> Look:
    """The look that is shown: the feed's latest, or while paused the one at that moment."""
    state = st.session_state
    if pace is not Pace.PAUSED:
        state.pop(_PAUSED_LOOK, None)
        return feed.look()
    if _PAUSED_LOOK not in state:
        state[_PAUSED_LOOK] = feed.look()
    look: Look = state[_PAUSED_LOOK]
    return look


def _follow_url(look: Look) -> tuple[bool, tuple[str, ...]]:
    """Take over the URL where it is not the one that was last written here: a link, or Back."""
    state = st.session_state
    arriving = {name: st.query_params.get_all(name) for name in st.query_params}
    came_by_menu = not arriving and state.get("page_before") != state.get("page")
    if _WATCH in state and (came_by_menu or arriving == state[_WRITTEN]):
        _seed(state[_WATCH], overwrite=False)
        return bool(state[_WATCH].present), ()
    watch, ignored = from_parameters(arriving)
    kept, dropped = _known_only(watch, look)
    _seed(kept, overwrite=True)
    return kept.present, (*ignored, *dropped)


def _known_only(watch: Watch, look: Look) -> tuple[Watch, tuple[str, ...]]:
    """The watch without a package that the feed does not know."""
    if watch.package and watch.package not in look.options("project"):
        return (
            from_parameters({k: v for k, v in to_parameters(watch).items() if k != "package"})[0],
            (f"package={watch.package} (not watched)",),
        )
    return watch, ()


def _seed(watch: Watch, *, overwrite: bool) -> None:
    """Give the widgets the values of a watch: all of them, or those that have none yet."""
    for name in _NAMES:
        value = getattr(watch, name)
        if isinstance(value, tuple):
            value = list(value)
        if overwrite or key(name) not in st.session_state:
            st.session_state[key(name)] = value or None if name in ("group", "package") else value


def _draw_sidebar(look: Look) -> None:
    st.segmented_control(
        "Look again every",
        list(Pace),
        format_func=PACE_LABELS.__getitem__,
        key=key("pace"),
        required=True,
        width="stretch",
        wrap=True,
    )
    known = look.options("project")
    st.selectbox(
        "Package group",
        list(held_groups(known)),
        key=key("group"),
        index=None,
        placeholder=f"All {len(known):,} packages watched",
    )
    for name in FILTERS:
        chosen = st.session_state[key(name)]
        options = look.options(name)
        st.multiselect(
            DIMENSION[name].label,
            [*options, *(value for value in chosen if value not in options)],
            key=key(name),
            format_func=partial(value_label, name),
            placeholder="All",
            max_selections=MOST_VALUES,
        )
    left, right = st.columns(2)
    left.button("Reset", on_click=_reset, width="stretch", icon=":material/restart_alt:")
    with right.popover("Share", width="stretch", icon=":material/link:"):
        _offer_link()


def _offer_link() -> None:
    address = str(st.context.url or "").partition("?")[0]
    st.caption("This link restores what you watch.")
    parameters = st.session_state.get(_WRITTEN, {})
    st.code(f"{address}?{urlencode(parameters, doseq=True)}", language=None, wrap_lines=True)


def _write_url(watch: Watch) -> None:
    parameters = to_parameters(watch)
    if {name: st.query_params.get_all(name) for name in st.query_params} != parameters:
        st.query_params.from_dict(parameters)
    st.session_state[_WATCH] = watch
    st.session_state[_WRITTEN] = parameters


def _toggle_pause() -> None:
    state = st.session_state
    if state[key("pace")] == Pace.PAUSED:
        state[key("pace")] = state.get(_PACE_BEFORE, Pace.SECONDS_2)
    else:
        state[_PACE_BEFORE] = state[key("pace")]
        state[key("pace")] = Pace.PAUSED


def _toggle_present(present: bool) -> None:
    watch: Watch = st.session_state[_WATCH]
    parameters = to_parameters(watch)
    parameters.pop("present", None)
    st.query_params.from_dict(parameters if present else {**parameters, "present": ["1"]})


def _reset() -> None:
    _seed(Watch(), overwrite=True)


def say_ignored(ignored: tuple[str, ...]) -> None:
    """Say what of the address was not taken over."""
    if ignored:
        listed = "; ".join(plain(part) for part in ignored)
        st.warning(f"Parts of the address were ignored: {listed}.", icon=":material/link_off:")
