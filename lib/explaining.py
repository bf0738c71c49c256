"""Says every failure in a sentence: a reader never sees a traceback, nor Streamlit's own box."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from secrets import token_hex

import streamlit as st

from lib.errors import PulseError
from lib.formats import told

_log = logging.getLogger(__name__)


@contextmanager
def explaining() -> Iterator[None]:
    """Show what fails within: an error of the app's own as it is, any other by a number.

    The log of the server has the whole of it under that number.
    """
    try:
        yield
    except PulseError as error:
        st.error(told(str(error)), icon=":material/error:")
    except Exception:
        number = token_hex(4)
        _log.exception("Failure %s was not foreseen.", number)
        st.error(
            "Something failed here that was not foreseen. The log of the server says what, under "
            f"the number `{number}`.",
            icon=":material/error:",
        )
