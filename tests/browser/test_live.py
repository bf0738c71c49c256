"""The Live page in a real browser, by a real clock: it moves, it stops, and it costs no more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, expect

from lib.sources.sample import build_sample
from tests.browser.conftest import LOADED, OpenBrowser, Visit, browsers, served

PLOT = ".st-key-figure_live_rate .js-plotly-plot"

MAP = "[data-testid=stDeckGlJsonChart] canvas"

AXIS = f"document.querySelector('{PLOT}')._fullLayout.xaxis.range.map(String)"

MARK = f"""() => {{
    document.querySelector('{PLOT}').dataset.mark = 'same';
    document.querySelector('{MAP}').dataset.mark = 'same';
}}"""
"""Marks what is on the page: what takes its place has no mark."""


LOOKS = """{
    const [every, later, looks] = [window.setInterval, window.setTimeout, []];
    window.setInterval = (call, pause, ...rest) => {
        if (pause === 2000) looks.push(call);
        return every.call(window, call, pause, ...rest);
    };
    const looked = (call) => () => {
        looks.at(-1)();
        window.looked = true;
        later.call(window, call, 500);
    };
    window.setTimeout = (call, ...rest) => later.call(
        window, String(call).includes("flushScheduled") ? looked(call) : call, ...rest
    );
}"""
"""Has the page look again after a choice was made, half a second before the browser sends it."""


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
    visit.page.locator(PLOT).last.wait_for(timeout=LOADED)
    visit.page.get_by_text("Going by").wait_for(timeout=LOADED)


def wait_until_it_moves(visit: Visit, before: int) -> None:
    """Wait until more are shown than `before`."""
    visit.page.wait_for_function(
        "before => [...document.querySelectorAll('[data-testid=stMetricValue]')]"
        ".some(found => Number(found.innerText.replaceAll(',', '')) > before)",
        arg=before,
        timeout=LOADED,
    )


def pause(visit: Visit) -> None:
    visit.page.keyboard.press("p")
    visit.page.get_by_role("button", name="Go on").wait_for(timeout=LOADED)
    visit.settle()


def zoom(visit: Visit) -> None:
    """Drag over a part of the rate chart, and wait until it shows that."""
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
    visit.page.mouse.move(0, 0)
    visit.page.wait_for_function(f"() => String({AXIS}) !== {before!r}.join(',')")


def wait_past_the_turn_of_the_minute(visit: Visit, seconds: int = 5) -> None:
    """Wait until so many seconds of the next minute have passed."""
    visit.page.wait_for_timeout((60 + seconds - datetime.now(UTC).second) * 1000)


def country_field(visit: Visit) -> Locator:
    return visit.page.get_by_test_id("stSidebar").get_by_role("combobox", name="Country")


@dataclass(frozen=True)
class Seen:
    """What a page shows at one moment, and what of it has the mark of an earlier one."""

    today: int
    axis: list[str]
    figure: str | None
    map: str | None
    scrolled: float
    typed: str


def look_at(visit: Visit) -> Seen:
    def evaluate(expression: str) -> Any:
        return visit.page.evaluate(expression)

    return Seen(
        today_so_far(visit),
        evaluate(AXIS),
        evaluate(f"document.querySelector('{PLOT}').dataset.mark"),
        evaluate(f"document.querySelector('{MAP}').dataset.mark"),
        evaluate("document.querySelector('[data-testid=stMain]').scrollTop"),
        country_field(visit).input_value(),
    )


@dataclass(frozen=True)
class Minute:
    """Two pages at the turn of a minute, both zoomed: one is paused, the other goes on.

    What the one that goes on shows as soon as it is zoomed, scrolled, marked and typed into, twelve
    seconds later in the same minute, and after the turn.
    """

    paused: Seen
    paused_after: Seen
    zoomed: Seen
    later: Seen
    after: Seen
    going: Visit


@pytest.fixture(scope="module")
def minute(browser: Browser, running_server: str) -> Minute:
    """A turn of the minute, which is waited for once for all that is seen at it."""
    with browsers(browser) as open_browser:
        paused, going = open_browser(running_server), open_browser(running_server)
        open_live(paused)
        pause(paused)
        zoom(paused)
        open_live(going)
        going.page.locator(MAP).first.wait_for(timeout=LOADED)
        wait_until_it_moves(going, today_so_far(going))
        if datetime.now(UTC).second > 12:
            wait_past_the_turn_of_the_minute(going)
        going.page.evaluate(MARK)
        zoom(going)
        going.page.get_by_test_id("stMain").evaluate("main => main.scrollTo(0, 900)")
        country_field(going).click()
        country_field(going).fill("Ger")
        of_paused, zoomed = look_at(paused), look_at(going)
        going.page.wait_for_timeout(12_000)
        later = look_at(going)
        wait_past_the_turn_of_the_minute(going)
        return Minute(of_paused, look_at(paused), zoomed, later, look_at(going), going)


def test_a_slow_browser_sees_no_error_while_the_page_looks_again(
    open_browser: OpenBrowser, running_server: str
) -> None:
    visit = open_browser(running_server, scheme="dark")
    slow = visit.page.context.new_cdp_session(visit.page)
    slow.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    visit.page.goto(f"{visit.address}/live?country=DE&window=24h")
    visit.page.get_by_test_id("stMetric").first.wait_for(timeout=LOADED)
    visit.page.wait_for_timeout(9000)
    expect(visit.page.get_by_text("encountered an error")).to_have_count(0)
    assert visit.page.url.endswith("/live?country=DE&window=24h")


def test_the_counter_moves_and_pausing_stops_it(
    open_browser: OpenBrowser, running_server: str
) -> None:
    visit = open_browser(running_server)
    open_live(visit)
    first = today_so_far(visit)
    wait_until_it_moves(visit, first)
    assert today_so_far(visit) > first

    pause(visit)
    stopped = today_so_far(visit)
    visit.page.wait_for_timeout(6000)
    assert today_so_far(visit) == stopped
    assert "paused=1" in visit.page.url

    visit.page.keyboard.press("p")
    visit.page.get_by_role("button", name="Pause").wait_for(timeout=LOADED)
    wait_until_it_moves(visit, stopped)


def test_a_zoom_made_while_paused_stays(minute: Minute) -> None:
    assert minute.paused_after == minute.paused


def test_a_figure_whose_minutes_did_not_change_keeps_its_zoom_and_its_place(
    minute: Minute,
) -> None:
    assert minute.later.today > minute.zoomed.today
    assert minute.later.axis == minute.zoomed.axis
    assert minute.later.figure == "same"


def test_the_map_stays_mounted_and_its_land_is_fetched_once(minute: Minute) -> None:
    assert minute.after.today > minute.later.today
    assert minute.after.map == "same"
    assert sum("land.json" in url for url in minute.going.asked) == 1
    assert minute.going.foreign == []
    assert minute.going.thrown == []


def test_scrolling_and_what_is_typed_survive_the_looks(minute: Minute) -> None:
    assert minute.zoomed.scrolled > 0
    assert minute.later.scrolled == minute.zoomed.scrolled
    assert minute.later.typed == minute.after.typed == "Ger"


def test_a_choice_made_as_the_page_looks_again_is_kept_and_another_browser_sees_the_same(
    open_browser: OpenBrowser, running_server: str
) -> None:
    visit = open_browser(running_server)
    visit.page.add_init_script(LOOKS)
    open_live(visit)
    country_field(visit).click()
    country_field(visit).fill("Germany")
    visit.page.get_by_role("option", name="Germany", exact=True).first.click()
    expect(visit.page.get_by_text("Only Country: Germany").first).to_be_visible(timeout=LOADED)
    assert visit.page.evaluate("looked")
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
