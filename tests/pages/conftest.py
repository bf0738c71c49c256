"""Runs pages without a browser, inside the frame, on a store and a clock of the test's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest

from tests.conftest import NOON
from tests.logins import proof_of, secrets_with_users

ROOT = Path(__file__).resolve().parents[2]

OpenPage = Callable[..., AppTest]

NOBODY = "nobody"


class _NoPagesFolder(PagesManager):
    """Keeps AppTest from starting every run as the old multipage mode, which loses clicks."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        PagesManager.uses_pages_directory = False


@pytest.fixture(autouse=True, scope="session")
def components_are_looked_for_once() -> Iterator[None]:
    """Keeps each AppTest from reading about every installed package: nine tenths of its time."""
    once = cache(manifest_scanner.scan_component_manifests)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", once)
        yield


@pytest.fixture(autouse=True)
def nothing_fails_unforeseen(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fails a test whose page failed: the page itself only shows a number.

    A test that makes a page fail clears what was logged.
    """
    yield
    failures = [found for found in caplog.get_records("call") if "not foreseen" in found.msg]
    assert not failures, failures[0].exc_info


@pytest.fixture
def open_page_as(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], OpenPage]:
    """Opens pages for a user who is logged in, in an app that has users.

    The user `nobody` is not logged in, and without a name the app has no users.
    """
    monkeypatch.setattr("streamlit.testing.v1.app_test.PagesManager", _NoPagesFolder)
    monkeypatch.setenv("PULSE_NOW", NOON)
    monkeypatch.setenv("PULSE_PYPI", "off")

    def as_user(user: str) -> OpenPage:
        def open_it(file: str, store: Path, **parameters: str | list[str]) -> AppTest:
            monkeypatch.setenv("PULSE_STORE", str(store))
            app = AppTest.from_file(str(ROOT / "Home.py"), default_timeout=60)
            if user:
                app.secrets.update(secrets_with_users())
            if user not in ("", NOBODY):
                app.session_state["access_proof"] = proof_of(user)
            for name, value in parameters.items():
                app.query_params[name] = value
            app.switch_page(f"pages/{file}")
            return app.run()

        return open_it

    return as_user


@pytest.fixture
def open_page(open_page_as: Callable[[str], OpenPage]) -> OpenPage:
    """Opens a page of `pages/` on a store, at an address with query parameters."""
    return open_page_as("")
