"""The gate without a browser: who is let in, how they come and go, and what a role may do."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from streamlit.testing.v1 import AppTest

from lib.access import gate
from lib.access.kept import access_file
from lib.budget import LedgerFile, ledger_path
from lib.frame import PAGES
from lib.sources.sample import build_sample
from tests.conftest import YESTERDAY
from tests.logins import ADMIN, KEY, PASSWORDS, VIEWER, proof_of, secrets_with_users
from tests.pages.conftest import NOBODY, ROOT, OpenPage
from tests.pages.test_data import PROJECT, TERABYTE, bigquery_rows, entry, write_store

OpenPageAs = Callable[[str], OpenPage]

FILES = [page.file for page in PAGES]


class Clock:
    """The gate's clock, set by hand."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(gate, "_now", found)
    return found


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A small sample of this test's own: logins are kept beside it."""
    path = tmp_path / "pulse.duckdb"
    build_sample(path, YESTERDAY, days=40, packages=3, progress=lambda fraction, text: None)
    return path


def asks_for_login(app: AppTest) -> bool:
    """Whether the page is the login page, and nothing else is on it."""
    drawn = [*app.metric, *app.subheader, *app.dataframe, *app.code, *app.sidebar.children.values()]
    forms = [button.key for button in app.button]
    return forms == ["log_in"] and not drawn and app.title[0].value == "PyPI Pulse"


def log_in(app: AppTest, name: str, password: str) -> AppTest:
    app.text_input(key="login_name").set_value(name)
    app.text_input(key="login_password").set_value(password)
    return app.button(key="log_in").click().run()


def log_out(app: AppTest) -> AppTest:
    return app.button(key="log_out").click().run()


def error(app: AppTest) -> str:
    return str(app.error[0].value)


@pytest.mark.parametrize("file", FILES)
def test_without_a_login_no_page_shows_anything(
    open_page_as: OpenPageAs, store: Path, file: str
) -> None:
    app = open_page_as(NOBODY)(file, store, packages="numpy")
    assert not app.exception
    assert asks_for_login(app)


@pytest.mark.parametrize("file", FILES)
def test_a_page_whose_file_is_run_first_on_a_fresh_server_goes_through_the_gate(
    store: Path, monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    monkeypatch.setenv("PULSE_STORE", str(store))
    app = AppTest.from_file(str(ROOT / "Home.py"), default_timeout=60)
    app.secrets.update(secrets_with_users())
    app.switch_page(f"pages/{file}")
    assert asks_for_login(app.run())


@pytest.mark.parametrize("file", FILES)
def test_nothing_is_asked_of_a_store_before_the_login(
    open_page_as: OpenPageAs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    def fail(*arguments: object) -> None:
        raise AssertionError("The store was asked.")

    for name in ("lib.opening.downloads", "lib.live_page.feeds.shared_feed"):
        monkeypatch.setattr(name, fail)
    monkeypatch.setattr("lib.opening.start_sample", fail)
    app = open_page_as(NOBODY)(file, tmp_path / "none.duckdb")
    assert asks_for_login(app)
    assert not list(tmp_path.iterdir())


def test_the_page_that_was_asked_for_is_shown_after_the_login(
    open_page_as: OpenPageAs, store: Path
) -> None:
    app = open_page_as(NOBODY)("historical.py", store, period="30d", view="log")
    log_in(app, ADMIN, PASSWORDS[ADMIN])
    assert not app.exception
    assert app.title[0].value == "Downloads of all packages"
    assert "30d" in app.query_params["period"]
    assert not app.text_input
    assert any(f"{ADMIN} · admin" in text.value for text in app.sidebar.caption)


def test_a_name_is_taken_as_people_type_it(open_page_as: OpenPageAs, store: Path) -> None:
    app = log_in(open_page_as(NOBODY)("data.py", store), " Ada ", PASSWORDS[ADMIN])
    assert app.title[0].value == "Data"


@pytest.mark.parametrize(
    ("name", "password"),
    [
        (ADMIN, "wrong"),
        (ADMIN, ""),
        (ADMIN, PASSWORDS[VIEWER]),
        ("", PASSWORDS[ADMIN]),
        ("somebody", PASSWORDS[ADMIN]),
        ("<script>alert(1)</script>", "<b>x</b>"),
        (ADMIN, "x" * 100_000),
        ("' OR 1=1 --", "' OR 1=1 --"),
    ],
)
def test_a_wrong_login_is_answered_the_same_whatever_is_wrong(
    open_page_as: OpenPageAs, store: Path, name: str, password: str
) -> None:
    app = log_in(open_page_as(NOBODY)("data.py", store), name, password)
    assert not app.exception
    assert asks_for_login(app)
    assert error(app) == "Name or password is wrong."
    assert app.text_input(key="login_password").value == ""


def test_guessing_is_slowed_and_the_right_password_works_once_the_wait_is_over(
    open_page_as: OpenPageAs, store: Path, clock: Clock
) -> None:
    app = open_page_as(NOBODY)("data.py", store)
    for _ in range(6):
        log_in(app, ADMIN, "wrong")
        assert error(app) == "Name or password is wrong."
    log_in(app, ADMIN, PASSWORDS[ADMIN])
    assert error(app) == "Too many attempts. Try again in 1 second."

    other = open_page_as(NOBODY)("data.py", store)
    log_in(other, ADMIN, PASSWORDS[ADMIN])
    assert "Too many attempts" in error(other)

    clock.now += timedelta(seconds=1)
    log_in(app, ADMIN, PASSWORDS[ADMIN])
    assert app.title[0].value == "Data"


def test_logging_out_ends_the_login_of_every_tab(open_page_as: OpenPageAs, store: Path) -> None:
    proof = proof_of(ADMIN)
    tabs = [open_page_as(NOBODY)(file, store) for file in ("data.py", "live.py")]
    for tab in tabs:
        tab.session_state["access_proof"] = proof
        assert not asks_for_login(tab.run())
    assert asks_for_login(log_out(tabs[0]))
    assert asks_for_login(tabs[1].run())


def test_a_cookie_is_a_login_and_what_is_none_is_not(
    open_page_as: OpenPageAs, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cookies: dict[str, str] = {}
    monkeypatch.setattr("lib.access.browser.cookie", lambda name: cookies.get(name, ""))
    good = proof_of(VIEWER)
    claims = jwt.decode(good, KEY, algorithms=["HS256"])
    bad = {
        "forged": jwt.encode(claims, "another key of thirty-two bytes, or more", "HS256"),
        "raised": jwt.encode({**claims, "user": ADMIN}, KEY, "HS256"),
        "unsigned": jwt.encode(claims, None, "none"),
        "expired": proof_of(VIEWER, datetime.now(UTC) - timedelta(days=8)),
        "tampered": good[:-9] + ("A" if good[-9] != "A" else "B") + good[-8:],
        "empty": "",
        "huge": "x" * 10_000,
    }
    for kind, proof in bad.items():
        cookies["pulse_login"] = proof
        app = open_page_as(NOBODY)("data.py", store)
        assert asks_for_login(app), kind
        assert not app.error
    cookies["pulse_login"] = good
    assert open_page_as(NOBODY)("data.py", store).title[0].value == "Data"


def test_a_login_ends_while_the_page_looks_again(
    open_page_as: OpenPageAs, store: Path, clock: Clock
) -> None:
    app = open_page_as(ADMIN)("live.py", store)
    assert app.metric
    clock.now += timedelta(days=8)
    assert asks_for_login(app.run())


def test_a_password_change_ends_the_login(open_page_as: OpenPageAs, store: Path) -> None:
    app = open_page_as(ADMIN)("data.py", store)
    changed = secrets_with_users()
    changed["users"][ADMIN]["version"] = 2
    app.secrets.update(changed)
    assert asks_for_login(app.run())


def test_a_server_that_refuses_says_what_to_do_and_shows_nothing(
    open_page_as: OpenPageAs, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULSE_BIGQUERY_PROJECT", PROJECT)
    monkeypatch.delenv("BIGQUERY_EMULATOR_HOST", raising=False)
    for file in FILES:
        app = open_page_as("")(file, store)
        assert "user add NAME" in error(app)
        assert not app.button
        assert not app.metric


def test_where_logins_cannot_be_recorded_nobody_is_let_in(
    open_page_as: OpenPageAs, store: Path
) -> None:
    access_file(store).path.write_bytes(b"no database at all" * 100)
    app = open_page_as(ADMIN)("data.py", store)
    assert not app.exception
    assert "nobody is let in" in error(app)
    assert str(store.parent) not in error(app)
    assert not app.metric


def test_a_secrets_file_that_is_damaged_opens_nothing(
    open_page_as: OpenPageAs,
    store: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from streamlit import config, secrets

    damaged = tmp_path / "secrets.toml"
    damaged.write_text('[users.ada]\npassword = "hush\n')
    monkeypatch.setattr(secrets, "_secrets", None)
    before = config.get_option("secrets.files")
    config.set_option("secrets.files", [str(damaged)])
    try:
        app = open_page_as("")("data.py", store)
    finally:
        config.set_option("secrets.files", before)
    assert "cannot be read" in error(app)
    assert "hush" not in error(app)
    assert not app.metric


class TestRoles:
    @pytest.fixture
    def paid_store(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """A store filled from BigQuery, whose ledger has a query."""
        monkeypatch.setenv("PULSE_BIGQUERY_PROJECT", PROJECT)
        monkeypatch.setenv("PULSE_FETCH_FROM_APP", "yes")
        monkeypatch.setenv("PULSE_LIVE", "sample")
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "none.json"))
        monkeypatch.delenv("BIGQUERY_EMULATOR_HOST", raising=False)
        path = write_store(tmp_path / "paid.duckdb", bigquery_rows(("numpy", "pandas")))
        LedgerFile(ledger_path(path, PROJECT)).add(entry("a-job"), most=TERABYTE)
        return path

    def test_an_admin_sees_the_ledger_and_a_viewer_does_not(
        self, open_page_as: OpenPageAs, paid_store: Path
    ) -> None:
        seen = {
            user: [heading.value for heading in open_page_as(user)("data.py", paid_store).subheader]
            for user in (ADMIN, VIEWER)
        }
        assert "This month's budget" in seen[ADMIN]
        assert "This month's budget" not in seen[VIEWER]
        assert set(seen[ADMIN]) - set(seen[VIEWER]) == {"This month's budget"}

    def test_only_an_admin_is_offered_to_spend(
        self, open_page_as: OpenPageAs, paid_store: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from lib.sync.command import Quote

        monkeypatch.setattr(
            "lib.fetching._quote", lambda chosen, order: Quote(1, 1, 1, False, 1, False, 10**12)
        )
        pages = {
            user: open_page_as(user)("historical.py", paid_store, packages="polars", period="30d")
            for user in (ADMIN, VIEWER)
        }
        assert [button.key for button in pages[ADMIN].button if button.key == "fetch"]
        assert not [button.key for button in pages[VIEWER].button if button.key == "fetch"]
        assert any("Only an admin" in text.value for text in pages[VIEWER].caption)

    def test_a_click_of_who_is_an_admin_no_longer_spends_nothing(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from lib import fetching
        from lib.settings import Settings

        def fail(*arguments: object, **options: object) -> Any:
            raise AssertionError("A process was started.")

        monkeypatch.setattr("lib.fetching.subprocess.Popen", fail)
        monkeypatch.setattr(gate, "may_spend", lambda: False)
        fetching._start(Settings(), ["sync"])


def test_a_failure_that_nobody_foresaw_is_a_number_and_not_a_traceback(
    open_page: OpenPage,
    store: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(*arguments: object) -> None:
        raise RuntimeError("SELECT hush FROM /srv/pulse/store")

    monkeypatch.setattr("lib.holdings.summary.draw", fail)
    with caplog.at_level(logging.ERROR):
        app = open_page("data.py", store)
    assert not app.exception
    assert "hush" not in error(app)
    number = error(app).split("`")[1]
    assert any(number in record.getMessage() and record.exc_info for record in caplog.records)
    caplog.clear()


def test_a_failure_of_a_later_look_is_a_number_too(
    open_page: OpenPage,
    store: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(*arguments: object) -> None:
        raise RuntimeError("hush")

    monkeypatch.setattr("lib.live_page.again.scene_of", fail)
    app = open_page("live.py", store)
    assert not app.exception
    assert "not foreseen" in error(app)
    caplog.clear()
