"""Whether a page is asked for alone, to stand in a frame of another page, and how it then looks."""

from __future__ import annotations

from urllib.parse import parse_qs

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

_PARAMETER = "embed"

_ASKED = {"1", "true"}

_BARE = """
<style>
[data-testid="stHeader"], [data-testid="stSidebar"] { display: none; }
[data-testid="stMainBlockContainer"] { padding: 0.25rem 0.75rem; }
[data-testid="stMainBlockContainer"] > [data-testid="stVerticalBlock"] { gap: 0.25rem; }
[data-testid="stMainBlockContainer"] h1 { font-size: 1.1rem; padding: 0.4rem 0; line-height: 1.4; }
</style>
"""


def is_asked() -> bool:
    """Whether the address asks for a page without its frame: `embed=true`, or `embed=1`.

    Streamlit keeps `embed` in the address whatever a page writes there, hides it from
    `st.query_params`, and itself knows `true` alone.
    """
    if st.context.is_embedded:
        return True
    context = get_script_run_ctx()
    asked = parse_qs(context.query_string) if context else {}
    return asked.get(_PARAMETER, [""])[-1].lower() in _ASKED


def set_up() -> None:
    """Take the header and the margins away, which Streamlit does by itself for `true` alone."""
    st.html(_BARE)
