"""Looks again and again: everything that moves is drawn anew, at the reader's pace."""

from __future__ import annotations

from collections.abc import Callable

from lib.access import gate
from lib.live import Feed
from lib.live.watch import Watch
from lib.live_page import controls
from lib.live_page.scene import Scene, scene_of
from lib.theme import Theme


def look_again(draw: Callable[[Scene], None], feed: Feed, theme: Theme, watch: Watch) -> None:
    """Draw now, and then every so many seconds of the watch; never while paused.

    One fragment for all parts: each has its price whatever it draws, and of two that are due at
    the same moment Streamlit may lose one.
    """

    @gate.fragment(run_every=None if watch.paused else watch.pace.seconds)
    def drawn() -> None:
        chosen = controls.taken()
        draw(scene_of(controls.look_of(feed, chosen), chosen, theme))

    drawn()
