"""What a reader does, in a real browser."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from xml.etree import ElementTree

import pytest
from playwright.sync_api import expect

from lib.aggregate import AggregateQuery, Filter
from lib.cubes import Grain
from lib.data import Downloads
from lib.frame import PAGES, PageEntry
from lib.stores.duckdb import DuckDBStore
from tests.browser.conftest import LOADED, OpenBrowser, Visit, served
from tests.conftest import YESTERDAY


def choose(visit: Visit, label: str, value: str) -> None:
    """Choose a value in one of the sidebar's lists, by typing."""
    field = visit.page.get_by_role("combobox", name=label)
    field.click()
    field.fill(value)
    visit.page.get_by_role("option", name=value, exact=True).first.click()
    visit.page.keyboard.press("Escape")
    visit.settle()


def press(visit: Visit, name: str) -> None:
    """Press one of a row of choices."""
    visit.page.get_by_role("radio", name=name, exact=True).first.click()
    visit.page.wait_for_timeout(300)
    visit.settle()


@pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.file)
def test_a_page_entered_first_on_a_fresh_server_works_wide_and_in_the_dark_on_a_phone(
    open_browser: OpenBrowser, sample_store: Path, entry: PageEntry
) -> None:
    with served(sample_store) as address:
        visit = open_browser(address, draws_maps=True)
        visit.go(f"/{entry.address}")
        for other in PAGES:
            link = visit.page.get_by_role("link", name=other.title, exact=True)
            expect(link.first).to_be_visible(timeout=LOADED)
        assert visit.page.url.rstrip("/") == f"{address}/{entry.address}".rstrip("/")
        visit.rest()
        visit.darken()
        visit.page.set_viewport_size({"width": 390, "height": 1000})
        visit.rest()
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= 390
        assert visit.foreign == []
        assert visit.thrown == []


def test_a_reader_compares_changes_the_view_shares_the_link_and_takes_the_last_choice_back(
    open_browser: OpenBrowser, server: str
) -> None:
    visit = open_browser(server)
    visit.go("/")
    visit.page.get_by_role("link", name="Historical", exact=True).first.click()
    visit.page.get_by_role("heading", name="Downloads of all packages").wait_for(timeout=LOADED)
    choose(visit, "Packages", "torch")
    choose(visit, "Packages", "tensorflow")
    press(visit, "Share")
    press(visit, "90 days")
    heading = "Share of the downloads a day: torch and tensorflow"
    expect(visit.page.get_by_role("heading", name=heading)).to_be_visible(timeout=LOADED)

    link = visit.page.url
    assert "packages=torch&packages=tensorflow" in link
    other = open_browser(server)
    other.page.goto(link)
    other.settle()
    expect(other.page.get_by_role("heading", name=heading)).to_be_visible(timeout=LOADED)
    assert other.page.url == link

    visit.page.go_back()
    expect(visit.page.get_by_role("radio", name="90 days")).not_to_be_checked(timeout=LOADED)
    visit.settle()
    assert visit.page.url == link.replace("period=90d&", "")


def test_a_click_on_a_country_keeps_that_country(open_browser: OpenBrowser, server: str) -> None:
    visit = open_browser(server, draws_maps=True)
    # deck.gl takes a slow press for a drag; with software graphics every press is slow.
    visit.page.add_init_script("Date.now = () => 1790000000000")
    visit.go("/historical?packages=torch&period=90d")
    canvas = visit.page.locator("[data-testid=stDeckGlJsonChart] canvas").first
    canvas.scroll_into_view_if_needed()
    visit.page.wait_for_timeout(3000)
    box = canvas.bounding_box()
    assert box
    for _ in range(5):
        visit.page.mouse.click(box["x"] + box["width"] * 0.245, box["y"] + box["height"] * 0.3)
        visit.page.wait_for_timeout(2500)
        if "country=" in visit.page.url:
            break
    assert "country=US" in visit.page.url


def take_away(visit: Visit, panel: str, kind: str) -> Path:
    """Download what a card offers under its dots."""
    visit.page.locator(f".st-key-panel_{panel}").get_by_role("button", name="more_horiz").click()
    body = visit.page.get_by_test_id("stPopoverBody")
    with visit.page.expect_download(timeout=LOADED) as started:
        body.get_by_role("button", name=kind).click()
    visit.page.keyboard.press("Escape")
    expect(body).to_have_count(0)
    return Path(started.value.path())


def test_what_is_taken_away_is_what_the_store_holds_and_names_its_source(
    open_browser: OpenBrowser, server: str, sample_store: Path
) -> None:
    visit = open_browser(server)
    visit.go("/historical?packages=torch&packages=numpy&period=30d")
    text = take_away(visit, "over_time", "CSV").read_text(encoding="utf-8")
    rows = {(r["period"], r["series"]): r for r in csv.DictReader(io.StringIO(text))}
    first = YESTERDAY.replace(day=23, month=10)
    query = AggregateQuery(
        first, YESTERDAY, Grain.DAY, ("project",), (Filter("project", ("torch", "numpy")),)
    )
    held = Downloads(DuckDBStore(sample_store)).answer(query).frame
    assert len(rows) == len(held) == 60
    for row in held.itertuples():
        found = rows[f"{row.period:%Y-%m-%d}", str(row.project)]
        assert float(found["downloads"]) == row.downloads
        assert "simulated" in found["source"]

    image = ElementTree.parse(take_away(visit, "world", "SVG")).getroot()
    assert image.tag.endswith("svg")
    assert "simulated sample data" in "".join(image.itertext())


def test_a_missing_store_is_built_while_the_reader_watches(
    open_browser: OpenBrowser, tmp_path: Path
) -> None:
    with served(tmp_path / "store" / "pulse.duckdb") as address:
        visit = open_browser(address)
        visit.page.goto(address)
        expect(visit.page.get_by_text("Building a store of simulated").first).to_be_visible(
            timeout=LOADED
        )
        expect(visit.page.get_by_text("Top ten packages").first).to_be_visible(timeout=2 * LOADED)
