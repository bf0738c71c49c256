"""Any address gives a working page: nothing fails, and nothing of it is taken for markup.

Three thousand addresses go through three functions that read them, and some hundreds more through
whole pages, each of which takes a hundred times as long.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from lib import selection
from lib.formats import plain
from lib.frame import PAGES
from lib.live import watch
from lib.questions.registry import questions
from lib.rankings import choice as rankings
from tests.pages.conftest import NOBODY, OpenPage

MARKUP = "<img src=x onerror=alert(7)>"

LIVE_MARKUP = re.compile(r"(?<!\\)<img|(?<!\\)\]\((?:javascript|<)|(?<!\\)\$\\frac")
"""Markup that no backslash makes plain text of."""

NAMES = sorted(
    {*selection.FILTERS, *watch.FILTERS}
    | {"packages", "period", "days", "grain", "counting", "view", "split", "shape", "measure"}
    | {"group", "window", "pace", "package", "paused", "present", "embed", "embed_options", "name"}
    | {"q", "ask", "set", "threshold", "holiday", "over", "versions", "show", "search"}
)

SENSIBLE = (
    *("numpy", "torch", "NumPy", "scikit_learn", "30d", "90d", "1y", "all", "custom", "24h", "60m"),
    *("2026-11-01..2026-11-21", "2026-01-01..2026-12-31", "hour", "day", "week", "month", "1"),
    *("share", "log", "indexed", "mean", "country", "python", "project", "installer", "mirrors"),
    *("weekly-dip", "always-ahead", "framework", "spikes", "movers", "NLP", "Mine:torch,jax"),
    *("hot", "emerging", "cooling", "steady", "gone", "1d", "7d", "LLM clients", "py"),
    *("DE", "US", "unknown", "Linux", "Windows", "pip", "uv", "3.12", "15s", "true", "sdist"),
)

HOSTILE = (
    *(
        MARKUP,
        f"numpy{MARKUP}",
        f"]({MARKUP})",
        f"[x](javascript:alert(7)) {MARKUP}",
        "$\\frac1 2$",
    ),
    *("'; DROP TABLE cube_day_project; --", "../../etc/passwd", "{{7*7}}", "%00", "\x00", "\ud7ff"),
    *(
        "9999-99-99..0000-00-00",
        "2026-11-21..2026-11-20",
        "-1",
        "1e999",
        "nan",
        "null",
        "__class__",
    ),
    *("\u202eevil", "\U0001f600" * 60, "x" * 5000, ":material/home:", "  ", ""),
)

texts = st.sampled_from(SENSIBLE) | st.sampled_from(HOSTILE) | st.text(max_size=30)

addresses = st.dictionaries(
    st.sampled_from(NAMES) | st.text(min_size=1, max_size=10),
    st.lists(texts, max_size=12),
    max_size=6,
)

questions_asked = st.builds(
    lambda address, name: {**address, "q": [name]}, addresses, st.sampled_from(sorted(questions()))
)

MANY = settings(max_examples=400, deadline=None)

HOW_MANY = {
    "historical.py": 50,
    "live.py": 40,
    "package.py": 30,
    "questions.py": 40,
    "rankings.py": 30,
}
"""Addresses for each page; ten for one that reads none."""


def few(examples: int) -> settings:
    """Settings for so many runs of a page, whose first takes seconds."""
    return settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))


@MANY
@given(addresses)
def test_any_address_gives_a_selection(address: dict[str, list[str]]) -> None:
    chosen, ignored = selection.from_parameters(address)
    assert selection.from_parameters(selection.to_parameters(chosen)) == (chosen, ())
    assert all(part.isprintable() and not LIVE_MARKUP.search(plain(part)) for part in ignored)


@MANY
@given(addresses)
def test_any_address_gives_a_watch(address: dict[str, list[str]]) -> None:
    chosen, ignored = watch.from_parameters(address)
    assert watch.from_parameters(watch.to_parameters(chosen)) == (chosen, ())
    assert all(part.isprintable() and not LIVE_MARKUP.search(plain(part)) for part in ignored)


@MANY
@given(addresses)
def test_any_address_gives_a_ranking(address: dict[str, list[str]]) -> None:
    chosen, ignored = rankings.from_address(address)
    assert rankings.from_address(rankings.to_address(chosen)) == (chosen, ())
    assert all(part.isprintable() and not LIVE_MARKUP.search(plain(part)) for part in ignored)


def raw_markup(app: AppTest) -> list[str]:
    """What the page has the browser take for HTML."""
    shown = [element.value for element in app.markdown if element.proto.allow_html]
    return [*shown, *(element.proto.body for element in app.get("html"))]


def told(app: AppTest) -> str:
    """What the page says in Markdown."""
    kinds = (app.markdown, app.caption, app.title, app.subheader, app.info, app.warning, app.error)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


@pytest.mark.parametrize("file", [page.file for page in PAGES])
def test_any_address_gives_a_working_page(
    open_page: OpenPage, sample_store: Path, file: str
) -> None:
    app = open_page(file, sample_store)

    @few(HOW_MANY.get(file, 10))
    @given(addresses | questions_asked if file == "questions.py" else addresses)
    def works(address: dict[str, list[str]]) -> None:
        app.query_params.clear()
        for name, values in address.items():
            app.query_params[name] = values
        app.run()
        assert not app.exception
        assert not app.error
        assert not any("onerror" in text for text in raw_markup(app))
        assert not LIVE_MARKUP.search(told(app))

    works()


def test_any_address_gives_the_login_page_to_who_is_not_logged_in(
    open_page_as: object, sample_store: Path
) -> None:
    app = open_page_as(NOBODY)("historical.py", sample_store)  # type: ignore[operator]

    @few(80)
    @given(addresses)
    def works(address: dict[str, list[str]]) -> None:
        app.query_params.clear()
        for name, values in address.items():
            app.query_params[name] = values
        app.run()
        assert [button.key for button in app.button] == ["log_in"]
        assert not LIVE_MARKUP.search(told(app))

    works()
