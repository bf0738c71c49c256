"""The Live page in a real browser, by a real clock: it moves, it stops, and it costs no more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from lib.sources.sample import build_sample
from tests.browser.conftest import LOADED, OpenBrowser, Visit, served

PLOT = ".st-key-figure_live_rate .js-plotly-plot"

AXIS = f"document.querySelector('{PLOT}')._fullLayout.xaxis.range.map(String)"


@pytest.fixture(scope="module")
def running_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server whose clock runs, on a sample up to yesterday."""
    path = tmp_path_factory.mktemp("live") / "pulse.duckdb"
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    build_sample(path, yesterday, days=60, packages=10, progress=lambda fraction, text: None)
    with served(path, PULSE_NOW="") as address:
        yield address


def today_so_far(visit: Visit) -> int:
    card = visit.page.get_by_test_id("stMetric").filter(has_text="Downloads today so far")
    return int(card.get_by_test_id("stMetricValue").inner_text().replace(",", ""))


def open_live(visit: Visit, parameters: str = "") -> None:
    visit.page.goto(f"{visit.address}/live{parameters}")
    visit.page.locator(PLOT).wait_for(timeout=LOADED)
    visit.page.get_by_text("Going by").wait_for(timeout=LOADED)


def pause(visit: Visit) -> None:
    visit.page.keyboard.press("p")
    visit.page.get_by_role("button", name="Go on").wait_for(timeout=LOADED)
    visit.settle()


def zoom(visit: Visit) -> list[str]:
    """Drag over a part of the rate chart; returns the range that it then shows."""
    before = visit.page.evaluate(AXIS)
    plot = visit.page.locator(f"{PLOT} .nsewdrag").first
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    assert box
    y = box["y"] + box["height"] / 2
    visit.page.mouse.move(box["x"] + box["width"] * 0.3, y)
    visit.page.mouse.down()
    visit.page.mouse.move(box["x"] + box["width"] * 0.6, y, steps=8)
    visit.page.mouse.up()
    visit.page.wait_for_function(f"() => String({AXIS}) !== {before!r}.join(',')")
    zoomed: list[str] = visit.page.evaluate(AXIS)
    return zoomed


def wait_past_the_turn_of_the_minute(visit: Visit, room: int) -> None:
    """Wait until the minute has at least `room` seconds left."""
    left = 60 - datetime.now(UTC).second
    if left < room:
        visit.page.wait_for_timeout((left + 3) * 1000)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_slow_browser_sees_no_error_while_the_page_looks_again(
    open_browser: OpenBrowser, running_server: str, scheme: str
) -> None:
    for parameters in ("", "?country=DE&window=24h"):
        visit = open_browser(running_server, scheme=scheme)
        slow = visit.page.context.new_cdp_session(visit.page)
        slow.send("Emulation.setCPUThrottlingRate", {"rate": 4})
        visit.page.goto(f"{visit.address}/live{parameters}")
        visit.page.get_by_test_id("stMetric").first.wait_for(timeout=LOADED)
        visit.page.wait_for_timeout(9000)
        expect(visit.page.get_by_text("encountered an error")).to_have_count(0)
        assert visit.page.url.endswith(f"/live{parameters}")


def test_the_counter_moves_and_pausing_stops_it(
    open_browser: OpenBrowser, running_server: str
) -> None:
    visit = open_browser(running_server)
    open_live(visit)
    first = today_so_far(visit)
    visit.page.wait_for_function(
        "before => [...document.querySelectorAll('[data-testid=stMetricValue]')]"
        ".some(found => Number(found.innerText.replaceAll(',', '')) > before)",
        arg=first,
        timeout=LOADED,
    )
    assert today_so_far(visit) > first

    pause(visit)
    stopped = today_so_far(visit)
    visit.page.wait_for_timeout(6000)
    assert today_so_far(visit) == stopped
    assert "paused=1" in visit.page.url

    visit.page.keyboard.press("p")
    visit.page.get_by_role("button", name="Pause").wait_for(timeout=LOADED)
    visit.page.wait_for_function(
        "before => [...document.querySelectorAll('[data-testid=stMetricValue]')]"
        ".some(found => Number(found.innerText.replaceAll(',', '')) > before)",
        arg=stopped,
        timeout=LOADED,
    )


def test_a_zoom_made_while_paused_stays(open_browser: OpenBrowser, running_server: str) -> None:
    visit = open_browser(running_server)
    open_live(visit)
    pause(visit)
    zoomed = zoom(visit)
    visit.page.wait_for_timeout(65_000 - datetime.now(UTC).second * 1000)
    assert visit.page.evaluate(AXIS) == zoomed


def test_a_figure_whose_minutes_did_not_change_keeps_its_zoom_and_its_place(
    open_browser: OpenBrowser, running_server: str
) -> None:
    visit = open_browser(running_server)
    open_live(visit)
    wait_past_the_turn_of_the_minute(visit, room=35)
    visit.page.wait_for_timeout(6000)
    visit.page.evaluate(f"document.querySelector('{PLOT}').dataset.mark = 'same'")
    zoomed = zoom(visit)
    before = today_so_far(visit)
    visit.page.wait_for_timeout(12_000)
    assert today_so_far(visit) > before
    assert visit.page.evaluate(AXIS) == zoomed
    assert visit.page.evaluate(f"document.querySelector('{PLOT}').dataset.mark") == "same"


def test_the_map_stays_mounted_and_its_land_is_fetched_once(
    open_browser: OpenBrowser, running_server: str
) -> None:
    visit = open_browser(running_server)
    asked: list[str] = []
    visit.page.on("request", lambda request: asked.append(request.url))
    open_live(visit)
    canvas = visit.page.locator("[data-testid=stDeckGlJsonChart] canvas").first
    canvas.wait_for(timeout=LOADED)
    canvas.evaluate("canvas => canvas.dataset.mark = 'same'")
    visit.page.wait_for_timeout(65_000 - datetime.now(UTC).second * 1000)
    assert canvas.evaluate("canvas => canvas.dataset.mark") == "same"
    assert sum("land.json" in url for url in asked) == 1
    assert visit.foreign == []
    assert visit.thrown == []


def test_scrolling_and_what_is_typed_survive_the_looks(
    open_browser: OpenBrowser, running_server: str
) -> None:
    visit = open_browser(running_server)
    open_live(visit)
    main = visit.page.get_by_test_id("stMain")
    main.evaluate("main => main.scrollTo(0, 900)")
    field = visit.page.get_by_test_id("stSidebar").get_by_role("combobox", name="Country")
    field.click()
    field.fill("Ger")
    before = main.evaluate("main => main.scrollTop")
    visit.page.wait_for_timeout(9000)
    assert main.evaluate("main => main.scrollTop") == before
    assert field.input_value() == "Ger"


def test_a_filter_is_in_the_address_and_another_browser_sees_the_same(
    open_browser: OpenBrowser, running_server: str
) -> None:
    visit = open_browser(running_server)
    open_live(visit)
    field = visit.page.get_by_test_id("stSidebar").get_by_role("combobox", name="Country")
    field.click()
    field.fill("Germany")
    visit.page.get_by_role("option", name="Germany", exact=True).first.click()
    expect(visit.page.get_by_text("Only Country: Germany").first).to_be_visible(timeout=LOADED)
    assert visit.page.url.endswith("/live?country=DE")
    other = open_browser(running_server)
    other.page.goto(visit.page.url)
    expect(other.page.get_by_text("Only Country: Germany").first).to_be_visible(timeout=LOADED)


def test_on_a_stage_there_is_no_sidebar_and_the_key_leaves_it(
    open_browser: OpenBrowser, running_server: str
) -> None:
    visit = open_browser(running_server, width=1920)
    open_live(visit, "?present=1&pace=60s")
    expect(visit.page.get_by_test_id("stSidebar")).to_be_hidden()
    expect(visit.page.get_by_role("link", name="Historical", exact=True)).to_be_hidden()
    visit.page.keyboard.press("f")
    expect(visit.page.get_by_test_id("stSidebar")).to_be_visible(timeout=LOADED)
    assert visit.page.url.endswith("/live?pace=60s")


def test_a_phone_shows_the_page_without_scrolling_sideways(
    open_browser: OpenBrowser, running_server: str
) -> None:
    visit = open_browser(running_server, width=390)
    open_live(visit)
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 390
