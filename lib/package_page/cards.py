"""The cards of the page in their order, each by itself: one that cannot be drawn hides no other."""

from __future__ import annotations

import streamlit as st

from lib.errors import PulseError
from lib.formats import plain
from lib.package_page.alike import draw_alike
from lib.package_page.changed import draw_changed
from lib.package_page.facts import draw_facts
from lib.package_page.headline import draw_headline
from lib.package_page.makeup import draw_makeup
from lib.package_page.over_time import draw_over_time
from lib.package_page.pythons import draw_pythons
from lib.package_page.rivals import draw_rivals
from lib.package_page.sharing import draw_sharing
from lib.package_page.standing import draw_standing
from lib.package_page.versions import draw_versions
from lib.panels.context import Context
from lib.panels.countries import draw_countries
from lib.panels.days import draw_days
from lib.panels.signals import draw_signals

CARDS = (
    draw_facts,
    draw_headline,
    draw_over_time,
    draw_signals,
    draw_standing,
    draw_changed,
    draw_versions,
    draw_pythons,
    draw_makeup,
    draw_countries,
    draw_days,
    draw_alike,
    draw_rivals,
    draw_sharing,
)
"""What draws each card."""


def draw_cards(context: Context) -> None:
    """Draw all that is known about the package selected."""
    for draw in CARDS:
        try:
            draw(context)
        except PulseError as refused:
            st.info(plain(str(refused)), icon=":material/info:")
