"""Measures a page's script run, warm and with new filter values, against an empty page's."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from itertools import cycle

import streamlit.testing.v1.app_test as streamlit_testing
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner_utils.script_run_context import get_script_run_ctx
from streamlit.testing.v1 import AppTest

from bench.figures import Figure, Outcome, at_most
from bench.server import ROOT, environment
from bench.stores import sample
from bench.timing import Contender, medians
from lib.data import Downloads
from lib.stores.duckdb import DuckDBStore

_REPETITIONS = 15
_TIMEOUT = 120
_EMPTY_PAGE = "import streamlit as st; st.title('Empty')"
_WARM = "Historical, warm"
_NEW = "Historical, another package"
_EMPTY = "Empty page"


class _NoPagesFolder(PagesManager):
    """Has AppTest run every page through Home.py, as a server does after its first run."""

    def __init__(self, *arguments: object, **options: object) -> None:
        super().__init__(*arguments, **options)
        PagesManager.uses_pages_directory = False


def measure() -> Outcome:
    """The Historical page and a page with one title, run in turns."""
    store = sample()
    os.environ.update(environment(store))
    streamlit_testing.PagesManager = _NoPagesFolder
    logging.getLogger(get_script_run_ctx.__module__).disabled = True
    times = medians(_contenders(Downloads(DuckDBStore(store)).packages()), _REPETITIONS)
    rows: list[dict[str, object]] = [
        {"run": name, "ms": round(1000 * seconds, 1), "÷ empty": round(seconds / times[_EMPTY], 1)}
        for name, seconds in times.items()
    ]
    return Outcome(
        (
            Figure(
                "Page run, warm, over an empty page", times[_WARM] / times[_EMPTY], "×", at_most(10)
            ),
            Figure("Page run, warm", 1000 * times[_WARM], "ms"),
            Figure(
                "Page run, new filter values, over an empty page", times[_NEW] / times[_EMPTY], "×"
            ),
            Figure("Page run, another package", 1000 * times[_NEW], "ms"),
        ),
        {"Script runs, ms (median)": rows},
    )


def _contenders(packages: tuple[str, ...]) -> dict[str, Contender]:
    warm, new = _historical(packages[:1]), _historical(packages[:1])
    empty = AppTest.from_string(
        "import streamlit as st\nst.title('Empty')", default_timeout=_TIMEOUT
    )
    names = cycle(packages[1:])
    return {
        _EMPTY: Contender(empty.run),
        _WARM: Contender(lambda: _checked(warm.run())),
        _NEW: Contender(lambda: _checked(new.run()), prepare=lambda: _choose(new, names)),
    }


def _historical(packages: tuple[str, ...]) -> AppTest:
    page = AppTest.from_file(str(ROOT / "Home.py"), default_timeout=_TIMEOUT).run()
    page.switch_page("pages/historical.py")
    page.query_params["packages"] = list(packages)
    return _checked(page.run())


def _choose(page: AppTest, names: Iterator[str]) -> None:
    page.multiselect(key="chosen_packages").set_value([next(names)])


def _checked(page: AppTest) -> AppTest:
    """The page, if it drew the map and no error."""
    if page.exception or page.error or not page.get("deck_gl_json_chart"):
        raise AssertionError("The Historical page could not be drawn.")
    return page
