"""Everything of the Live page that moves, in its place."""

from __future__ import annotations

import time
from collections.abc import Callable

import streamlit as st

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
        draw_rate(scene)
        draw_sampled(scene)
        return
    _side_by_side(scene, draw_rate, draw_places)
    _side_by_side(scene, draw_top, draw_distribution)
    _side_by_side(scene, draw_risers, draw_running)
    draw_sampled(scene)


def _side_by_side(scene: Scene, *parts: Callable[[Scene], None]) -> None:
    for place, draw in zip(st.columns(len(parts)), parts, strict=True):
        with place:
            draw(scene)
