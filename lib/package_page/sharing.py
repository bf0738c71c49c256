"""Ways to take the package along: a link, a badge for a README, and a chart for another page."""

from __future__ import annotations

import html

import streamlit as st

from lib import address
from lib.errors import PulseError
from lib.formats import plain
from lib.package_page.choosing import parameters_of
from lib.panels.card import offer, panel
from lib.panels.context import Context
from lib.profile.badges import badge_of
from lib.profile.levels import Span

_FRAME = '<iframe src="{source}" title="{title}" width="700" height="420" loading="lazy"></iframe>'


def draw_sharing(context: Context) -> None:
    """The link to what is seen, the badge with its Markdown, and the chart to embed."""
    name = context.selection.packages[0]
    parameters = parameters_of(context.selection)
    with panel(f"Take {name} along", "sharing"):
        link, badge, chart = st.tabs(["Link", "Badge", "Embed"])
        with link:
            address.offer_link(parameters, "see")
        with badge:
            _draw_badge(context, name)
        with chart:
            _draw_frame(name, parameters)


def _draw_badge(context: Context, name: str) -> None:
    try:
        svg = badge_of(context.found, name, Span.MONTH)
    except PulseError as refused:
        st.info(plain(str(refused)), icon=":material/info:")
        return
    st.image(svg, width="content")
    offer(lambda: svg, f"{name}-downloads.svg", "SVG", "image/svg+xml", "badge")
    st.caption("Markdown for a README, with the file beside it:")
    page = address.link({"name": [name]})
    st.code(f"[![Downloads of {name}]({name}-downloads.svg)]({page})", language="markdown")
    st.caption(
        "The file does not change by itself, for the app serves pages and no images. Have a "
        "scheduled job publish it anew:"
    )
    st.code(f"python -m lib badge {name} --period month > {name}-downloads.svg", language="bash")


def _draw_frame(name: str, parameters: dict[str, list[str]]) -> None:
    st.caption("HTML that shows downloads over time, with their source, on another page:")
    source = address.link({**parameters, "embed": ["true"]})
    title = f"Downloads of {name} over time"
    st.code(
        _FRAME.format(source=html.escape(source), title=html.escape(title)),
        language="html",
        wrap_lines=True,
    )
    st.caption(
        "A frame on another site shows it only where this server lets that site frame it, and "
        "asks for no login."
    )
