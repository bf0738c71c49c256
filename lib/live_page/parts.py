"""Everything of the Live page that moves, in its place."""

from __future__ import annotations

import time

import streamlit as st

from lib.live_page.headline import draw_pulse
from lib.live_page.packages import draw_distribution, draw_risers, draw_top
from lib.live_page.places import draw_places
from lib.live_page.rate import draw_rate
from lib.live_page.running import draw_running
from lib.live_page.scene import Scene


_HEAD_START = 0.3
"""Seconds that a browser has for the headline before charts and map occupy it: it shows the figures
of its first view twice as early, for it takes seconds to read the code of both."""


def draw_parts(scene: Scene) -> None:
    """The figures that tick, the rate and the world, packages, and downloads going by."""
    draw_pulse(scene)
    if not st.session_state.get("live_begun"):
        time.sleep(_HEAD_START)
    st.session_state["live_begun"] = True
    left, right = st.columns(2)
    with left:
        draw_rate(scene)
    with right:
        draw_places(scene)
    left, right = st.columns([9, 11])
    with left:
        draw_top(scene)
    with right:
        draw_distribution(scene)
    left, right = st.columns([9, 11])
    with left:
        draw_risers(scene)
    with right:
        draw_running(scene)
