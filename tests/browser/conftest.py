"""A real server and a real browser; what a page asks of any other host is recorded.

PULSE_TEST_ACCESS=login has every server ask for a login, and every browser come with one.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import pytest
import tomlkit
from playwright.sync_api import Browser, Page, expect, sync_playwright

from lib.access import cookie
from scripts.find_browser import find_browser
from tests.conftest import NOON
from tests.logins import ADMIN, proof_of, secrets_with_users

ROOT = Path(__file__).resolve().parents[2]

_ARGUMENTS = [
    "--no-sandbox",
    # Only WebGL goes by the slow graphics of SwiftShader, not all that is drawn.
    "--use-angle=swiftshader-webgl",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
]

LOADED = 60_000
"""Milliseconds that a page may take on a busy machine."""


BEHIND_LOGIN = os.environ.get("PULSE_TEST_ACCESS") == "login"


@contextmanager
def served(
    store: Path,
    *,
    secrets: Mapping[str, Any] | None = None,
    log: int | IO[bytes] = subprocess.DEVNULL,
    **settings: str,
) -> Iterator[str]:
    """The address of a server that has just started on a store, with variables of its own.

    Its secrets are in a file beside the store; `log` takes what it prints.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    secrets_file = store.with_name(f"secrets-{port}.toml")
    if BEHIND_LOGIN and secrets is None:
        secrets = secrets_with_users()
    if secrets is not None:
        secrets_file.parent.mkdir(parents=True, exist_ok=True)
        secrets_file.write_text(tomlkit.dumps(secrets), encoding="utf-8")
    command = [sys.executable, "-m", "streamlit", "run", "Home.py", "--server.port", str(port)]
    options = ["--server.fileWatcherType", "none", "--server.address", "127.0.0.1"]
    fixed = {"PULSE_STORE": str(store), "PULSE_NOW": NOON, "PULSE_PYPI": "off"}
    environment = {**os.environ, **fixed, **settings}
    process = subprocess.Popen(
        [*command, *options, "--secrets.files", str(secrets_file)],
        cwd=ROOT,
        env=environment,
        stdout=log,
        stderr=log,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_until_healthy(address)
        yield address
    finally:
        process.terminate()
        process.wait(10)


def rewrite_secrets(address: str, store: Path, secrets: Mapping[str, Any]) -> None:
    """Change the secrets of a server that runs."""
    port = address.rpartition(":")[2]
    secrets_file = store.with_name(f"secrets-{port}.toml")
    secrets_file.write_text(tomlkit.dumps(secrets), encoding="utf-8")


def _wait_until_healthy(address: str) -> None:
    for _ in range(600):
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(f"The server at {address} did not start.")


_BACKGROUND = "app => getComputedStyle(app).backgroundColor"


@dataclass
class Visit:
    """A page that a reader has open, and the requests that it made, to other hosts too."""

    page: Page
    address: str
    asked: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    thrown: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        """Open a path of the server, and wait until it has drawn what it draws."""
        self.page.goto(self.address + path)
        self.settle()

    def settle(self) -> None:
        """Wait until the page's script has run to its end."""
        self.page.locator("h1").first.wait_for(timeout=LOADED)
        app = self.page.locator("[data-testid=stApp]")
        for _ in range(600):
            if app.get_attribute("data-test-script-state") == "notRunning":
                return
            self.page.wait_for_timeout(100)
        raise TimeoutError("The page's script did not end.")

    def darken(self) -> None:
        """Have the reader's system go over to dark colors, and wait until the page has."""
        app = self.page.locator("[data-testid=stApp]")
        light = app.evaluate(_BACKGROUND)
        self.page.emulate_media(color_scheme="dark")
        self.page.wait_for_function(
            f"light => ({_BACKGROUND})(document.querySelector('[data-testid=stApp]')) !== light",
            arg=light,
            timeout=LOADED,
        )

    def rest(self) -> None:
        """Wait until every part is drawn, and nothing was asked of any host for half a second."""
        expect(self.page.get_by_test_id("stSkeleton")).to_have_count(0, timeout=LOADED)
        asked = -1
        while asked < len(self.asked):
            asked = len(self.asked)
            self.page.wait_for_timeout(500)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium. `make test` installs one where there is none."""
    found = find_browser()
    if found is None:
        pytest.skip("No Chromium found: run `make test`, or name one with PULSE_BROWSER.")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=found, args=_ARGUMENTS)
        yield running
        running.close()


OpenBrowser = Callable[..., Visit]


_UNDRAWN = """
for (const name of ["Elements", "Arrays", "ElementsInstanced", "ArraysInstanced"])
    WebGL2RenderingContext.prototype[`draw${name}`] = () => {};
"""
"""Stands for a graphics card: without one, a map that stands still takes several seconds, and one
that moves all of two processors."""


@contextmanager
def browsers(browser: Browser) -> Iterator[OpenBrowser]:
    """Opens browsers of their own, with no memory of others, each at a server's address.

    `proof` is the proof of a login that one comes with. Maps are there, and move, but are drawn
    only where asked for. All are closed at the end.
    """
    contexts = []

    def open_it(
        address: str,
        *,
        width: int = 1440,
        scheme: str = "light",
        proof: str = proof_of(ADMIN) if BEHIND_LOGIN else "",
        draws_maps: bool = False,
    ) -> Visit:
        context = browser.new_context(
            viewport={"width": width, "height": 1000},
            color_scheme="dark" if scheme == "dark" else "light",
            accept_downloads=True,
        )
        contexts.append(context)
        if not draws_maps:
            context.add_init_script(_UNDRAWN)
        if proof:
            context.add_cookies([{"name": cookie.NAME, "value": proof, "url": address}])
        visit = Visit(context.new_page(), address)
        own = (address, "data:", "blob:", address.replace("http", "ws"))
        visit.page.on("request", lambda request: visit.asked.append(request.url))
        visit.page.on(
            "request",
            lambda request: request.url.startswith(own) or visit.foreign.append(request.url),
        )
        visit.page.on("pageerror", lambda error: visit.thrown.append(str(error)))
        return visit

    try:
        yield open_it
    finally:
        for context in contexts:
            context.close()


@pytest.fixture
def open_browser(browser: Browser) -> Iterator[OpenBrowser]:
    """Opens browsers for one test."""
    with browsers(browser) as open_it:
        yield open_it


@pytest.fixture(scope="session")
def server(sample_store: Path) -> Iterator[str]:
    """The address of a server on the sample."""
    with served(sample_store) as address:
        yield address
