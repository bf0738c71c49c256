"""The feed that all viewers of the Live page share, by the settings, and its first look."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from lib import opening
from lib.access import gate
from lib.errors import FeedNotReady
from lib.formats import told
from lib.live import Feed, Look
from lib.live.sample import open_sample_feed
from lib.settings import Settings

if TYPE_CHECKING:
    from lib.live.bigquery.feed import BigQueryFeed

_UNTIL_READY = 2
"""Seconds between two tries while the feed has yet to give its first minutes."""


def first_look(chosen: Settings) -> tuple[Feed, Look]:
    """The feed and a look at it. Where there is none the page says why, and stops."""
    try:
        feed = shared_feed(chosen)
    except FeedNotReady as reason:
        st.info(told(str(reason)), icon=":material/sensors_off:")
        st.stop()
    try:
        with st.spinner("Waiting for the first minutes"):
            return feed, feed.look()
    except FeedNotReady:
        _wait(feed)
        st.stop()


def _wait(feed: Feed) -> None:
    """Say why there is nothing yet, and draw the page as soon as there is."""

    @gate.fragment(run_every=_UNTIL_READY)
    def wait() -> None:
        try:
            feed.look()
        except FeedNotReady as reason:
            st.info(told(str(reason)), icon=":material/hourglass_top:")
            return
        st.rerun()

    wait()


def shared_feed(chosen: Settings) -> Feed:
    """The feed of this server. Raises FeedNotReady where there is none to open.

    For those who may not spend, looking at it costs nothing.
    """
    if _feed_name(chosen) == "bigquery":
        feed = _bigquery_feed(hash(chosen), chosen)
        return feed if gate.may_spend() else feed.free()
    return _sample_feed(hash(chosen), opening.downloads().state.notes.get("sample", ""), chosen)


def _feed_name(chosen: Settings) -> str:
    """`sample` or `bigquery`: as set, or BigQuery's free counter where a project is named."""
    return chosen.live or ("bigquery" if chosen.bigquery_project else "sample")


@st.cache_resource(max_entries=2, show_spinner=False)
def _sample_feed(settings: int, note: str, _chosen: Settings) -> Feed:
    return open_sample_feed(note, _chosen.now, _chosen.store)


@st.cache_resource(max_entries=2, show_spinner=False)
def _bigquery_feed(settings: int, _chosen: Settings) -> BigQueryFeed:
    from lib.live.bigquery import open_bigquery_feed

    return open_bigquery_feed(_chosen)
