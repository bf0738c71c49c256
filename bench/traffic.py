"""Measures the bytes that a browser receives when a reader changes one filter."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median

from playwright.sync_api import Page, Request, WebSocket, sync_playwright

from bench.figures import Figure, Outcome, at_most
from bench.server import serving
from bench.stores import sample
from scripts.find_browser import find_browser

_FIRST_PACKAGE = "numpy"
_PACKAGES = ("pandas", "requests", "scipy")
_CLASSES = ("Mirrors", "Browsers and scripts", "Unknown")
_QUIET_SECONDS = 2.5
_LONGEST_SECONDS = 60


@dataclass
class _Received:
    """What has arrived since the last change, by kind."""

    frames: int = 0
    requests: list[Request] = field(default_factory=list)
    last: float = field(default_factory=time.monotonic)

    def watch(self, page: Page) -> None:
        page.on("websocket", self._watch_socket)
        page.on("requestfinished", self._take_request)

    def of(self, page: Page, change: Callable[[], object]) -> dict[str, int]:
        """The bytes that arrive from a change until nothing has come for a while."""
        self.frames = 0
        self.requests.clear()
        self.last = time.monotonic()
        change()
        _wait_until_quiet(page, self)
        over_http = sum(request.sizes()["responseBodySize"] for request in self.requests)
        return {"websocket": self.frames, "HTTP": over_http}

    def _watch_socket(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._take_frame)

    def _take_frame(self, payload: bytes | str) -> None:
        self.frames += len(payload)
        self.last = time.monotonic()

    def _take_request(self, request: Request) -> None:
        self.requests.append(request)
        self.last = time.monotonic()


def measure() -> Outcome:
    """Three changes of what counts and three of the package, with the map on the page."""
    with serving(sample()) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1400, "height": 2000})
        received = _Received()
        received.watch(page)
        address = f"http://localhost:{server.port}/historical?packages={_FIRST_PACKAGE}"
        first = received.of(page, lambda: page.goto(address))
        page.get_by_test_id("stDeckGlJsonChart").wait_for()
        changes = {
            **{f"Without {name}": received.of(page, _drop(page, name)) for name in _CLASSES},
            **{f"And {name}": received.of(page, _add(page, name)) for name in _PACKAGES},
        }
        browser.close()
    return Outcome(
        (
            Figure(
                "Bytes for one changed filter, with the map",
                median(sum(found.values()) for found in changes.values()) / 1000,
                "kB",
                at_most(200),
            ),
            Figure("Bytes on the websocket for the first view", first["websocket"] / 1000, "kB"),
        ),
        {"Bytes received, kB": [_row(name, found) for name, found in changes.items()]},
    )


def _drop(page: Page, name: str) -> Callable[[], None]:
    """The change that stops counting a class of installers."""
    return page.get_by_role("button", name=name).click


def _add(page: Page, name: str) -> Callable[[], None]:
    """The change that compares with another package."""

    def choose() -> None:
        field = page.get_by_test_id("stSidebar").get_by_role("combobox", name="Packages")
        field.fill(name)
        page.get_by_role("option", name=name, exact=True).click()

    return choose


def _wait_until_quiet(page: Page, received: _Received) -> None:
    deadline = time.monotonic() + _LONGEST_SECONDS
    while time.monotonic() - received.last < _QUIET_SECONDS and time.monotonic() < deadline:
        page.wait_for_timeout(200)


def _row(change: str, found: dict[str, int]) -> dict[str, object]:
    return {"change": change, **{kind: round(size / 1000, 1) for kind, size in found.items()}}
