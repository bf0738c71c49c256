"""Logging in and out in a real browser, by password and by a login service, and what ends it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
import pytest
from playwright.sync_api import Page, expect

from lib.access import cookie
from lib.frame import PAGES
from lib.sources.sample import build_sample
from tests.browser.conftest import (
    LOADED,
    ROOT,
    OpenBrowser,
    Visit,
    rewrite_secrets,
    served,
)
from tests.browser.login_service import CLIENT_SECRET, auth_secrets, login_service
from tests.browser.proxy import behind_proxy
from tests.conftest import YESTERDAY
from tests.logins import ADMIN, KEY, PASSWORDS, VIEWER, proof_of, secrets_with_users
from tests.unit.test_deployment import policy


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small sample of these tests' own: logins are kept beside it."""
    path = tmp_path_factory.mktemp("login") / "pulse.duckdb"
    build_sample(path, YESTERDAY, days=40, packages=3, progress=lambda fraction, text: None)
    return path


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the server prints."""
    return tmp_path_factory.mktemp("log") / "server.log"


SECRETS = {
    **secrets_with_users(),
    "PULSE_CLICKHOUSE_PASSWORD": "a-password-of-clickhouse",
    "gcp_service_account": {"type": "service_account", "private_key": "a-private-key-of-google"},
}


@pytest.fixture(scope="module")
def guarded(store: Path, log: Path) -> Iterator[str]:
    """A server that asks for a login."""
    with log.open("wb") as file, served(store, secrets=SECRETS, log=file) as address:
        yield address


def form(page: Page) -> None:
    """Wait for the login page, and see that nothing else is there."""
    expect(page.get_by_label("Name", exact=True)).to_be_visible(timeout=LOADED)
    expect(page.get_by_test_id("stMetric")).to_have_count(0, timeout=LOADED)
    expect(page.get_by_role("link", name="Historical")).to_have_count(0)
    expect(page.get_by_test_id("stSidebar")).to_be_hidden()


def log_in(page: Page, name: str, password: str) -> None:
    """Fill in the form as a person does, and press Enter."""
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Password", exact=True).fill(password)
    page.keyboard.press("Enter")


def heading(page: Page, name: str) -> None:
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible(timeout=LOADED)


def proof_in(page: Page) -> str:
    """The proof of login that the browser keeps, once it does."""
    for _ in range(100):
        kept = [one for one in page.context.cookies() if one["name"] == cookie.NAME]
        if kept:
            assert kept[0]["sameSite"] == "Strict"
            assert kept[0]["expires"] == pytest.approx(
                (datetime.now(UTC) + timedelta(days=7)).timestamp(), abs=300
            )
            return str(kept[0]["value"])
        page.wait_for_timeout(100)
    raise AssertionError("The browser keeps no cookie.")


def test_a_page_asked_for_is_shown_after_the_login_and_after_a_reload(
    open_browser: OpenBrowser, guarded: str
) -> None:
    visit = open_browser(guarded, proof="")
    page = visit.page
    page.goto(f"{guarded}/historical?period=30d&view=log")
    form(page)
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    page.keyboard.type(ADMIN)
    page.keyboard.press("Tab")
    page.keyboard.type("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Name or password is wrong.")).to_be_visible(timeout=LOADED)
    log_in(page, ADMIN, PASSWORDS[ADMIN])
    heading(page, "Downloads of all packages")
    assert page.url == f"{guarded}/historical?period=30d&view=log"
    proof_in(page)

    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    heading(page, "Downloads of all packages")
    assert page.get_by_label("Password", exact=True).count() == 0
    assert not [url for url in asked if "extra_streamlit_components" in url]
    assert page.url == f"{guarded}/historical?period=30d&view=log"
    assert not visit.foreign
    assert not visit.thrown


def test_logging_out_ends_every_tab_and_every_copy_of_the_cookie(
    open_browser: OpenBrowser, guarded: str
) -> None:
    visit = open_browser(guarded, proof="")
    page = visit.page
    page.goto(f"{guarded}/data")
    form(page)
    log_in(page, VIEWER, PASSWORDS[VIEWER])
    heading(page, "Data")
    copied = proof_in(page)
    other = page.context.new_page()
    other.goto(f"{guarded}/live")
    expect(other.get_by_text("Going by")).to_be_visible(timeout=LOADED)

    page.get_by_role("button", name="Log out").click()
    form(page)
    form(other)
    page.wait_for_timeout(1000)
    assert cookie.NAME not in [one["name"] for one in page.context.cookies()]
    thief = open_browser(guarded, proof=copied)
    thief.page.goto(f"{guarded}/data")
    form(thief.page)


def test_every_page_is_behind_the_login_on_a_fresh_server(
    open_browser: OpenBrowser, store: Path
) -> None:
    with served(store, secrets=SECRETS) as address:
        for entry in reversed(PAGES):
            page = open_browser(address, proof="").page
            page.goto(f"{address}/{entry.address}?packages=numpy")
            form(page)


def test_what_is_no_proof_is_no_login(open_browser: OpenBrowser, guarded: str) -> None:
    good = proof_of(ADMIN)
    claims = jwt.decode(good, KEY, algorithms=["HS256"])
    for bad in (
        jwt.encode(claims, "another key of thirty-two bytes, or more", "HS256"),
        proof_of(ADMIN, datetime.now(UTC) - timedelta(days=8)),
        good[:-9] + ("A" if good[-9] != "A" else "B") + good[-8:],
    ):
        visit = open_browser(guarded, proof=bad)
        visit.page.goto(f"{guarded}/data")
        form(visit.page)
    visit = open_browser(guarded, proof=good)
    visit.page.goto(f"{guarded}/data")
    heading(visit.page, "Data")


def test_a_change_of_the_password_ends_a_page_that_looks_again(
    open_browser: OpenBrowser, store: Path
) -> None:
    with served(store, secrets=SECRETS) as address:
        visit = open_browser(address, proof=proof_of(VIEWER))
        visit.page.goto(f"{address}/live")
        expect(visit.page.get_by_text("Going by")).to_be_visible(timeout=LOADED)
        changed = secrets_with_users()
        changed["users"][VIEWER]["version"] = 2
        rewrite_secrets(address, store, changed)
        form(visit.page)


def test_guessing_is_slowed_in_every_browser(open_browser: OpenBrowser, guarded: str) -> None:
    first, second = open_browser(guarded, proof="").page, open_browser(guarded, proof="").page
    first.goto(guarded)
    second.goto(guarded)
    for number in range(5):
        log_in(first, "somebody", f"guess {number}")
        expect(first.get_by_text("Name or password is wrong.")).to_be_visible(timeout=LOADED)
        expect(first.get_by_label("Password", exact=True)).to_have_value("", timeout=LOADED)
    slowed = second.get_by_text("Too many attempts. Try again in")
    for number in range(5):
        log_in(second, "somebody", f"more {number}")
        expect(second.get_by_label("Password", exact=True)).to_have_value("", timeout=LOADED)
        if slowed.count():
            break
    expect(slowed).to_be_visible()


def test_a_phone_shows_the_form_and_the_way_out(open_browser: OpenBrowser, guarded: str) -> None:
    page = open_browser(guarded, width=390, scheme="dark", proof="").page
    page.goto(f"{guarded}/data")
    form(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    log_in(page, VIEWER, PASSWORDS[VIEWER])
    heading(page, "Data")
    page.get_by_test_id("stExpandSidebarButton").click()
    expect(page.get_by_role("button", name="Log out")).to_be_visible(timeout=LOADED)


def service_login(visit: Visit, path: str) -> None:
    visit.page.goto(visit.address + path)
    visit.page.get_by_role("button", name="single sign-on").click(timeout=LOADED)


def test_a_login_service_lets_in_who_is_invited_to_the_page_that_was_asked_for(
    open_browser: OpenBrowser, store: Path, tmp_path: Path
) -> None:
    person = {"sub": "1", "email": "Ada@example.com", "email_verified": True, "name": "Ada"}
    log = tmp_path / "server.log"
    with login_service(**person) as service, log.open("wb") as file:
        secrets = {
            "auth": auth_secrets(service.url, KEY),
            "login": {"admins": ["ada@example.com"], "viewers": []},
        }
        with served(store, secrets=secrets, log=file) as address:
            visit = open_browser(address, proof="")
            service_login(visit, "/historical?period=30d&view=log")
            heading(visit.page, "Downloads of all packages")
            assert visit.page.url == f"{address}/historical?period=30d&view=log"
            expect(visit.page.get_by_text("ada@example.com · admin")).to_be_visible()

            other = visit.page.context.new_page()
            other.goto(f"{address}/data")
            heading(other, "Data")
            visit.page.get_by_role("button", name="Log out").click()
            button = visit.page.get_by_role("button", name="single sign-on")
            expect(button).to_be_visible(timeout=LOADED)
            other.get_by_role("link", name="Historical", exact=True).first.click()
            button = other.get_by_role("button", name="single sign-on")
            expect(button).to_be_visible(timeout=LOADED)
            expect(other.get_by_test_id("stMetric")).to_have_count(0)
            expect(other.get_by_text("has no access here")).to_have_count(0)

            service.person = {**person, "sub": "2", "email": "eve@example.com"}
            stranger = open_browser(address, proof="")
            service_login(stranger, "/data")
            expect(stranger.page.get_by_text("has no access here")).to_be_visible(timeout=LOADED)
            expect(stranger.page.get_by_role("heading", name="Data")).to_have_count(0)
    printed = log.read_text(encoding="utf-8")
    assert KEY not in printed
    assert CLIENT_SECRET not in printed


def test_every_page_works_under_the_policy_of_the_notes_on_deployment(
    open_browser: OpenBrowser, guarded: str
) -> None:
    with behind_proxy(guarded, {"Content-Security-Policy": policy()}) as address:
        visit = open_browser(address, proof="")
        page, told = visit.page, []
        page.on("console", lambda said: told.append(said.text))
        page.goto(f"{address}/data")
        form(page)
        expect(page.get_by_label("Name", exact=True)).to_be_focused()
        log_in(page, ADMIN, PASSWORDS[ADMIN])
        heading(page, "Data")
        proof_in(page)
        for entry in PAGES:
            page.goto(f"{address}/{entry.address}")
            visit.settle()
        assert not [text for text in told if "Content Security Policy" in text]
        assert visit.thrown == []


def test_nothing_that_is_secret_was_printed_by_the_server_or_the_command_line(
    open_browser: OpenBrowser, guarded: str, log: Path, store: Path
) -> None:
    visit = open_browser(guarded, proof="")
    visit.page.goto(guarded)
    log_in(visit.page, ADMIN, PASSWORDS[ADMIN])
    heading(visit.page, "How Python packages are downloaded")
    kept = proof_in(visit.page)
    folder = store.parent / "command"
    (folder / ".streamlit").mkdir(parents=True)
    secrets_file = next(store.parent.glob("secrets-*.toml"))
    (folder / ".streamlit/secrets.toml").write_bytes(secrets_file.read_bytes())
    printed = log.read_text(encoding="utf-8")
    for arguments in (["status"], ["query", "--from", "2026-11-01"], ["check-bigquery"]):
        done = subprocess.run(
            [sys.executable, "-m", "lib", "--verbose", *arguments],
            cwd=folder,
            env={"PYTHONPATH": str(ROOT), "PULSE_STORE": str(store), "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=False,
        )
        printed += done.stdout + done.stderr
    assert "downloads" in printed
    users = secrets_with_users()["users"].values()
    for secret in (
        KEY,
        kept,
        *PASSWORDS.values(),
        *(user["password"] for user in users),
        "guess 1",
        "a-password-of-clickhouse",
        "a-private-key-of-google",
    ):
        assert secret not in printed
