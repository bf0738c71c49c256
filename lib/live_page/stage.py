"""How the page looks while it is drawn again and again, and on a stage: steady, and large."""

from __future__ import annotations

import streamlit as st

_STEADY = """
<style>
[data-testid="stMain"] [data-stale="true"] { opacity: 1 !important; transition: none !important; }
[data-testid="stMain"] [data-testid="stElementToolbar"] { display: none; }
[data-testid="stMetricValue"] > div { white-space: normal; overflow-wrap: anywhere; }
[class*="st-key-live_old"] { filter: grayscale(1); opacity: 0.75; }
@media (max-width: 640px) { [data-testid="stMetricValue"] { font-size: 1.35rem; } }
</style>
"""
"""Streamlit fades what is being drawn anew: here that would be a flicker every few seconds. Its
tables offer a file that could not say that it is simulated. What is old is gray. On a phone two
cards stand beside each other, and hundreds of millions fit into one."""

_LARGE = """
<style>
html { font-size: 18px; }
[data-testid="stMainBlockContainer"] { padding-top: 1rem; }
[data-testid="stHeader"], [data-testid="stSidebar"] { display: none; }
[data-testid="stMetricValue"] { font-size: clamp(1.7rem, 2.2vw, 3.2rem); font-weight: 700; }
[data-testid="stMetricLabel"], [data-testid="stMetricDelta"], [data-testid="stCaptionContainer"] {
  opacity: 1; color: inherit;
}
</style>
"""


def set_up(present: bool) -> None:
    """Keep what is being drawn anew from fading; for a stage, make type large too."""
    st.html(_STEADY + (_LARGE if present else ""))
