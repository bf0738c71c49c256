"""What this server is configured with: its secrets and its settings."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import streamlit as st

from lib.errors import SettingsError
from lib.settings import Settings, read_settings

_log = logging.getLogger(__name__)


def secrets() -> dict[str, object]:
    """The secrets of this server; nothing where it has no secrets file.

    Raises SettingsError for a file that cannot be read: without it, an app that is to be behind a
    login would be open.
    """
    try:
        return st.secrets.to_dict()
    except (OSError, ValueError) as error:
        if not any(Path(path).exists() for path in st.get_option("secrets.files")):
            return {}
        _log.error("The secrets cannot be read: %s", error)
        raise SettingsError(
            "The secrets file of this server cannot be read, and without it nothing is shown. The "
            "log of the server says why."
        ) from None


def settings() -> Settings:
    """The settings of this server."""
    # Reading the secrets puts some of them into the environment: they come first.
    found = secrets()
    return read_settings(os.environ, found)
