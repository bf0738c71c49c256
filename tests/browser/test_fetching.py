"""From an empty store to the Historical page: a reader fetches real rows and sees them drawn."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import expect

from lib.data import Downloads
from lib.router import Period
from lib.selection import Selection
from lib.stores.duckdb import DuckDBStore
from tests.browser.conftest import LOADED, OpenBrowser, Visit, served
from tests.integration.emulator import emulator, environment_of, load_public_table
from tests.integration.public_table import counted, rows

NOW = "2026-08-31T12:00:00"

FIRST, LAST = date(2026, 8, 24), date(2026, 8, 29)
"""The days that a page offers first, as far as the table has them."""


@pytest.fixture(scope="module")
def public_table() -> Iterator[str]:
    """The URL of an emulator with few rows of the public table: pages are what is tested here."""
    with emulator() as url:
        load_public_table(url, rows(20_000))
        yield url


def fetch(visit: Visit, heading: str) -> None:
    """Press the button that fetches, and wait until what was fetched is drawn."""
    visit.page.get_by_role("button", name="Fetch it").click()
    expect(visit.page.get_by_role("heading", name=heading)).to_be_visible(timeout=LOADED)
    expect(visit.page.get_by_role("button", name="Fetch it")).to_have_count(0, timeout=LOADED)
    visit.settle()


def test_an_empty_store_is_filled_and_drawn_and_then_extended(
    open_browser: OpenBrowser, empty_store: Path, public_table: str
) -> None:
    variables = environment_of(public_table) | {
        "PULSE_BIGQUERY_PROJECT": "mine-project",
        "PULSE_FETCH_FROM_APP": "yes",
        "PULSE_NOW": NOW,
    }
    with served(empty_store, **variables) as address:
        visit = open_browser(address)
        visit.go("/historical?packages=numpy&packages=polars")
        expect(visit.page.get_by_text("900 GB of this month's budget left")).to_be_visible()
        fetch(visit, "Downloads of numpy and polars")
        expect(visit.page.locator(".js-plotly-plot").first).to_be_visible(timeout=LOADED)

        visit.go("/historical?packages=numpy&packages=vispy")
        fetch(visit, "Downloads of numpy and vispy")
        assert not visit.foreign
        assert not visit.thrown

    found = Downloads(DuckDBStore(empty_store))
    for package in ("numpy", "polars", "vispy"):
        expected = counted(rows(20_000), ["project"], [package], FIRST, LAST).total()
        assert found.total(Selection((package,)), Period(FIRST, LAST)) == expected > 0


def test_pages_that_may_not_spend_show_the_command_instead(
    open_browser: OpenBrowser, empty_store: Path, public_table: str
) -> None:
    variables = environment_of(public_table) | {
        "PULSE_BIGQUERY_PROJECT": "mine-project",
        "PULSE_NOW": NOW,
    }
    with served(empty_store, **variables) as address:
        visit = open_browser(address)
        visit.go("/historical?packages=numpy")
        expect(visit.page.get_by_text("sync --source bigquery --packages numpy")).to_be_visible()
        assert visit.page.get_by_role("button", name="Fetch it").count() == 0
