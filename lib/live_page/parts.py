"""Everything of the Live page that moves, in its place."""

from __future__ import annotations

import time
from collections.abc import Callable

import streamlit as st

from lib.formats import plain
from lib.live_page.headline import draw_pulse
from lib.live_page.packages import draw_distribution, draw_risers, draw_top
from lib.live_page.places import draw_places
from lib.live_page.rate import draw_rate
from lib.live_page.running import draw_running
from lib.live_page.sampled import draw_sampled
from lib.live_page.scene import Scene

_HEAD_START = 0.3
"""Seconds that a browser has for the headline before charts and map occupy it: it shows the figures
of its first view twice as early, for it takes seconds to read the code of both."""


def draw_parts(scene: Scene) -> None:
    """The figures that tick, the rate and the world, packages, and downloads going by.

    Where the feed counts no packages, only what is known of everything.
    """
    draw_pulse(scene)
    if not st.session_state.get("live_begun"):
        time.sleep(_HEAD_START)
    st.session_state["live_begun"] = True
    if not scene.is_counted:
        _draw_rate(scene)
        st.caption(f"Nothing is known of single packages: {plain(scene.look.scope)}.")
    else:
        _side_by_side(scene, _draw_rate, _draw_minutes(draw_places))
        _side_by_side(scene, _draw_minutes(draw_top), _draw_minutes(draw_distribution))
        _side_by_side(scene, _draw_minutes(draw_risers), _draw_minutes(draw_running))
    draw_sampled(scene)


def _side_by_side(scene: Scene, *parts: Callable[[Scene], None]) -> None:
    for place, draw in zip(st.columns(len(parts)), parts, strict=True):
        with place:
            draw(scene)


def _draw_rate(scene: Scene) -> None:
    with st.container(key="live_old_rate" if scene.is_rate_old else "live_rate", height="stretch"):
        draw_rate(scene)


def _draw_minutes(draw: Callable[[Scene], None]) -> Callable[[Scene], None]:
    """The part of a page that tells of minutes, gray where they are old."""

    def drawn(scene: Scene) -> None:
        name = draw.__name__
        key = f"live_old_{name}" if scene.is_old else f"live_{name}"
        with st.container(key=key, height="stretch"):
            draw(scene)

    return drawn
