"""The Rankings page in a real browser: searched, filtered, left for a package, and come back to."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import LOADED, OpenBrowser
from tests.browser.test_questions import COVERED

FIRST_NAME = {"x": 160, "y": 52}
"""Where the list has the name in its first row, in pixels from its corner."""


def test_a_list_is_searched_filtered_left_for_a_package_and_found_again_as_it_was(
    open_browser: OpenBrowser, server: str
) -> None:
    visit = open_browser(server)
    visit.go("/rankings")
    expect(visit.page.locator("h3", has_text="leads with")).to_be_visible(timeout=LOADED)
    box = visit.page.get_by_placeholder("Any part of a name")
    expect(box).to_be_visible(timeout=LOADED)
    box.fill("nump")
    box.press("Enter")
    expect(visit.page).to_have_url(re.compile(r"search=nump"), timeout=LOADED)
    visit.settle()
    visit.page.get_by_role("radio", name="7 days").or_(
        visit.page.get_by_role("button", name="7 days")
    ).first.click()
    expect(visit.page).to_have_url(re.compile(r"period=7d&search=nump"), timeout=LOADED)
    visit.settle()
    expect(visit.page.get_by_text("15 Nov – 21 Nov 2026").first).to_be_visible(timeout=LOADED)
    address = visit.page.url

    visit.page.get_by_test_id("stDataFrame").first.click(position=FIRST_NAME)
    expect(visit.page.locator("h1", has_text="numpy")).to_be_visible(timeout=LOADED)
    expect(visit.page).to_have_url(re.compile(r"/package\?name=numpy"))
    visit.page.go_back()
    expect(visit.page.locator("h1", has_text="Top packages")).to_be_visible(timeout=LOADED)
    expect(visit.page).to_have_url(address, timeout=LOADED)
    expect(box).to_have_value("nump")

    phone = open_browser(server, width=390, scheme="dark")
    phone.go("/rankings?period=1y")
    expect(phone.page.locator(".js-plotly-plot").nth(1)).to_be_visible(timeout=LOADED)
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= 390
    assert phone.page.evaluate(COVERED) == []
    assert visit.foreign == phone.foreign == []
    assert visit.thrown == phone.thrown == []
