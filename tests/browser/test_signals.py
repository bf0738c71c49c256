"""An exported file, dropped on the Data page, becomes an overlay and an answer in three clicks."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path

from playwright.sync_api import expect

from lib.data import Downloads
from lib.signals import Signal
from lib.stores.duckdb import DuckDBStore
from tests.browser.conftest import LOADED, OpenBrowser, served


def test_a_dropped_file_becomes_an_overlay_and_an_answer(
    open_browser: OpenBrowser, sample_store: Path, tmp_path: Path
) -> None:
    store = Path(shutil.copyfile(sample_store, tmp_path / "pulse.duckdb"))
    first = date(2024, 11, 24)
    weeks = "".join(f"{first + timedelta(weeks=i)},{10 + i % 80}\r\n" for i in range(100))
    exported = tmp_path / "multiTimeline.csv"
    exported.write_text(
        f"\ufeffKategorie: Alle Kategorien\r\n\r\nWoche,polars: (Weltweit)\r\n{weeks}",
        encoding="utf-8",
    )
    with served(store) as address:
        visit = open_browser(address)
        visit.go("/data")
        page = visit.page
        page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(exported, timeout=LOADED)
        understood = "Google Trends, search term polars, Weltweit: 100 weeks"
        expect(page.get_by_text(understood)).to_be_visible(timeout=LOADED)

        page.get_by_role("button", name="Keep", exact=True).click()
        link = page.get_by_role("link", name="beside the downloads of polars")
        link.click(timeout=LOADED)
        heading = page.get_by_role("heading", name="Google Trends beside the downloads of polars")
        expect(heading).to_be_visible(timeout=LOADED)
        assert "signals=google-trends" in page.url
        card = page.locator(".st-key-panel_signals")
        expect(card.locator(".js-plotly-plot")).to_be_visible(timeout=LOADED)
        expect(card.get_by_text("file multiTimeline.csv")).to_be_visible()

        card.get_by_role("link", name="Does interest lead or follow?").click()
        question = page.locator("strong", has_text="Does interest lead or follow downloads?")
        expect(question.first).to_be_visible(timeout=LOADED)
        expect(page.get_by_role("link", name="All questions")).to_be_visible(timeout=LOADED)
        assert "q=interest-leads" in page.url
        assert "signal=google-trends" in page.url
        assert not visit.foreign
        assert not visit.thrown
    held = Downloads(DuckDBStore(store)).signal(Signal.GOOGLE_TRENDS, "polars")
    assert held is not None
    assert not held.simulated
