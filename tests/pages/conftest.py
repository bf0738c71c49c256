"""Runs pages without a browser, inside the frame, on a store and a clock of the test's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest

from tests.conftest import NOON

ROOT = Path(__file__).resolve().parents[2]

OpenPage = Callable[..., AppTest]


class _NoPagesFolder(PagesManager):
    """Keeps AppTest from starting every run as the old multipage mode, which loses clicks."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        PagesManager.uses_pages_directory = False


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> OpenPage:
    """Opens a page of `pages/` on a store, at an address with query parameters."""
    monkeypatch.setattr("streamlit.testing.v1.app_test.PagesManager", _NoPagesFolder)
    monkeypatch.setenv("PULSE_NOW", NOON)

    def open_it(file: str, store: Path, **parameters: str | list[str]) -> AppTest:
        monkeypatch.setenv("PULSE_STORE", str(store))
        app = AppTest.from_file(str(ROOT / "Home.py"), default_timeout=60)
        for name, value in parameters.items():
            app.query_params[name] = value
        app.switch_page(f"pages/{file}")
        return app.run()

    return open_it
