"""The Questions page in a real browser: findings drawn, asked in words, played and taken away."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import LOADED, OpenBrowser, Visit

PRESENTED = ("weekly-dip", "always-ahead", "framework", "topics-by-region", "us-dominance")


COVERED = """() => {
    const covered = [];
    for (const chart of document.querySelectorAll('.js-plotly-plot')) {
        const shown = selector => [...chart.querySelectorAll(selector)].filter(e => e.textContent);
        const boxes = shown('.annotation, .legend').map(e => [e, e.getBoundingClientRect()]);
        const meets = (a, b) => a.left < b.right - 2 && b.left < a.right - 2
            && a.top < b.bottom - 2 && b.top < a.bottom - 2;
        for (const [i, [a, first]] of boxes.entries())
            for (const [b, second] of boxes.slice(i + 1))
                if (meets(first, second)) covered.push(`${a.textContent} and ${b.textContent}`);
        const whole = chart.getBoundingClientRect();
        for (const text of shown('.gtitle, .xtitle, .ytitle')) {
            const box = text.getBoundingClientRect();
            if (box.top < whole.top - 1 || box.right > whole.right + 1 || box.left < whole.left - 1)
                covered.push(`${text.textContent} is cut off`);
        }
    }
    return covered;
}"""
"""What of the charts' texts covers another or is cut off."""


def sentence(visit: Visit) -> str:
    """The finding: the page's first heading."""
    return visit.page.locator("h1").first.inner_text()


@pytest.mark.parametrize("name", PRESENTED)
def test_a_finding_is_drawn_on_a_phone_in_the_dark_and_wide(
    open_browser: OpenBrowser, server: str, name: str
) -> None:
    visit = open_browser(server, width=390, scheme="dark")
    visit.go(f"/questions?q={name}")
    expect(visit.page.locator(".js-plotly-plot").first).to_be_visible(timeout=LOADED)
    assert sentence(visit).endswith(".")
    assert ".." in visit.page.url
    visit.rest()
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 390
    assert visit.page.evaluate(COVERED) == []
    visit.page.set_viewport_size({"width": 1440, "height": 1000})
    visit.rest()
    assert visit.page.evaluate(COVERED) == []
    assert visit.foreign == []
    assert visit.thrown == []


def test_words_become_a_question_that_is_corrected_and_answered(
    open_browser: OpenBrowser, server: str
) -> None:
    visit = open_browser(server)
    visit.go("/questions")
    box = visit.page.get_by_role("textbox", name="Ask in words")
    box.fill("numpy vs requests in Germany since 2026")
    box.press("Enter")
    expect(visit.page.get_by_text("Country: Germany")).to_be_visible(timeout=LOADED)
    visit.settle()
    assert "ask=" in visit.page.url
    visit.page.get_by_role("button", name="Answer").click()
    heading = visit.page.locator("h1", has_text="numpy")
    expect(heading).to_be_visible(timeout=LOADED)
    visit.settle()
    assert "packages=numpy&packages=requests" in visit.page.url
    assert "country=DE" in visit.page.url
    assert "period=2026-01-01..2026-11-21" in visit.page.url


def test_a_card_leads_to_its_answer_whose_link_gives_it_again_and_back(
    open_browser: OpenBrowser, server: str
) -> None:
    visit = open_browser(server)
    visit.go("/questions")
    visit.page.get_by_role("link", name="Is there a weekly dip?").click()
    expect(visit.page.locator("h1", has_text="midweek")).to_be_visible(timeout=LOADED)
    visit.settle()
    expect(visit.page).to_have_url(re.compile(r"q=weekly-dip&period=.+\.\..+"))
    other = open_browser(server)
    other.page.goto(visit.page.url)
    other.settle()
    assert sentence(other) == sentence(visit)
    visit.page.get_by_role("link", name="All questions").click()
    expect(visit.page.locator("h1", has_text="Questions")).to_be_visible(timeout=LOADED)
    expect(visit.page).to_have_url(re.compile(r"/questions$"))
    visit.page.go_back()
    expect(visit.page.locator("h1", has_text="midweek")).to_be_visible(timeout=LOADED)


def test_the_race_is_played_and_taken_away_as_one_file(
    open_browser: OpenBrowser, browser: Browser, server: str, tmp_path: Path
) -> None:
    visit = open_browser(server)
    visit.go("/questions?q=race")
    chart = visit.page.locator(".js-plotly-plot").first
    expect(chart).to_be_visible(timeout=LOADED)
    with visit.page.expect_download(timeout=LOADED) as started:
        visit.page.get_by_role("button", name="HTML").click()
    page = tmp_path / "race.html"
    started.value.save_as(page)

    alone = browser.new_page()
    asked: list[str] = []
    alone.on("request", lambda request: asked.append(request.url))
    alone.goto(page.as_uri())
    expect(alone.locator("h1")).to_have_text(sentence(visit))
    slider = alone.locator(".slider-label").first
    month = alone.evaluate("document.querySelector('.js-plotly-plot').layout.sliders[0].active")
    alone.locator(".updatemenu-button").first.click()
    changed = (
        "before => document.querySelector('.js-plotly-plot').layout.sliders[0].active !== before"
    )
    alone.wait_for_function(changed, arg=month, timeout=LOADED)
    expect(slider).to_be_attached()
    assert all(url.startswith(("file:", "data:", "blob:")) for url in asked)
    alone.close()
