"""The lines of facts from PyPI: the page does not wait for them, and does without them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.formats import plain
from tests.conftest import NOON
from tests.pypi_server import PyPI, answer, as_json, pypi_server


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, sample_store: Path) -> Iterator[PyPI]:
    with pypi_server() as running:
        monkeypatch.setenv("PULSE_NOW", NOON)
        monkeypatch.setenv("PULSE_STORE", str(sample_store))
        monkeypatch.setenv("PULSE_PYPI", running.address)
        yield running


def page() -> None:
    import streamlit as st

    from lib import opening
    from lib.package_page.facts import draw_facts
    from lib.panels.context import Context
    from lib.selection import Selection
    from lib.theme import LIGHT

    found, yesterday = opening.downloads(), opening.settings().yesterday()
    draw_facts(Context(found, Selection(("plotly",)), LIGHT, yesterday))
    st.write("the rest of the page")


def texts(app: AppTest) -> str:
    return "\n".join(each.value for each in (*app.markdown, *app.caption))


def test_the_page_is_drawn_before_the_facts_are_known_and_has_them_then(server: PyPI) -> None:
    hostile = "Plots <script>alert(1)</script> [x](javascript:alert(1)) $a$ :fire: # no title"
    body = answer(summary=hostile)

    def late(request: object) -> None:
        server.open_gate.wait(10)
        as_json(body)(request)  # type: ignore[arg-type]

    server.answers["plotly"] = late
    app = AppTest.from_function(page, default_timeout=30).run()
    assert "the rest of the page" in texts(app)
    assert "Asking PyPI" in texts(app)
    assert "MIT" not in texts(app)
    server.open_gate.set()
    for _ in range(200):
        app.run()
        if "Asking PyPI" not in texts(app):
            break
        time.sleep(0.01)
    shown = texts(app)
    assert "License\\: MIT" in shown
    assert "Latest\\: 7\\.1\\.0 of 1 Oct 2026" in shown
    assert "[Changelog](https://github.com/plotly/plotly.py)" in shown
    assert "Facts from PyPI as of" in shown
    assert "the downloads are simulated" in shown
    assert plain(hostile) in shown


def test_a_page_does_without_facts_where_there_are_none(
    server: PyPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    for address in (server.address, "off"):
        monkeypatch.setenv("PULSE_PYPI", address)
        app = AppTest.from_function(page, default_timeout=30).run()
        for _ in range(200):
            if "Asking PyPI" not in texts(app):
                break
            time.sleep(0.01)
            app.run()
        assert "PyPI" not in texts(app)
        assert "the rest of the page" in texts(app)
