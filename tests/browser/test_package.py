"""The Package page in a real browser: opened by a link, changed, and its chart in a frame."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import LOADED, OpenBrowser

FRAMED = """(address) => {
    document.body.innerHTML = `<iframe src="${address}" width="700" height="420"></iframe>`;
}"""
"""Puts a page of the server into a frame of the page that is open."""


def test_a_package_is_opened_by_a_link_changed_and_its_chart_framed(
    open_browser: OpenBrowser, server: str
) -> None:
    visit = open_browser(server)
    visit.go("/package?name=torch&period=90d")
    page = visit.page
    expect(page.locator("h1")).to_have_text("torch", timeout=LOADED)
    expect(page.locator(".js-plotly-plot").first).to_be_visible(timeout=LOADED)
    box = page.get_by_role("combobox", name="Package")
    box.fill("NumPy")
    box.press("Enter")
    expect(page.locator("h1")).to_have_text("numpy", timeout=LOADED)
    visit.settle()
    expect(page).to_have_url(re.compile(r"/package\?name=numpy&period=90d$"))
    page.go_back()
    expect(page.locator("h1")).to_have_text("torch", timeout=LOADED)

    page.goto(f"{server}/_stcore/health")
    page.evaluate(FRAMED, f"{server}/package?name=numpy&period=90d&embed=1")
    frame = page.frame_locator("iframe")
    expect(frame.locator("h1")).to_have_text("Downloads of numpy", timeout=LOADED)
    expect(frame.locator(".js-plotly-plot .main-svg").first).to_be_visible(timeout=LOADED)
    expect(frame.locator(".js-plotly-plot")).to_have_count(1)
    for part in ("stHeader", "stSidebar", "stTopNavLink"):
        expect(frame.locator(f"[data-testid={part}]:visible")).to_have_count(0)
    bottom = frame.locator(".js-plotly-plot").evaluate("e => e.getBoundingClientRect().bottom")
    assert bottom < 420
    assert "embed=1" in page.frames[-1].url
    assert visit.foreign == []
    assert visit.thrown == []
