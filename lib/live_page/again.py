"""Looks again and again: each part of the page is drawn anew by itself, at its own pace."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from lib.live import Feed
from lib.live.watch import Watch
from lib.live_page import controls
from lib.live_page.scene import Scene, scene_of
from lib.theme import Theme

BY_MINUTE = 5
"""Parts that change by the minute look again this often, in seconds, or at the reader's pace."""


@dataclass(frozen=True)
class Repeater:
    """Draws parts of the page for one viewer: each now, and then every so many seconds.

    While paused nothing is drawn again. `watch` is what was watched when the page was drawn.
    """

    feed: Feed
    theme: Theme
    watch: Watch

    def draw(self, part: Callable[[Scene], None], least: int = 0) -> None:
        """Draw a part at the reader's pace, but no more often than every `least` seconds."""
        seconds = None if self.watch.paused else max(self.watch.pace.seconds, least)

        @st.fragment(run_every=seconds, key=f"live_{part.__name__}")
        def drawn() -> None:
            watch = controls.taken()
            part(scene_of(controls.look_of(self.feed, watch), watch, self.theme))

        drawn()
