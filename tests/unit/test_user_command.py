"""`python -m lib user`: what it writes into the secrets file, what it keeps, and what it says."""

from __future__ import annotations

import io
import stat
import tomllib
from pathlib import Path
from typing import Any

import bcrypt
import pytest

from lib.__main__ import main
from lib.access import cookie
from lib.access.policy import Access, decide
from lib.access.users import read_logins
from lib.settings import SECRETS, Settings
from tests.unit.test_access_logins import NOW

PASSWORD = "correct horse battery"

WRITTEN_BY_HAND = """\
# Where the store is.
PULSE_STORE = "store/pulse.duckdb"  # a file

[gcp_service_account]
# From the console.
private_key = \"\"\"
-----BEGIN PRIVATE KEY-----
hush
\"\"\"
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without secrets; its settings are the defaults."""
    monkeypatch.chdir(tmp_path)
    for name in ("PULSE_STORE", "PULSE_ACCESS", "PULSE_BIGQUERY_PROJECT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("lib.access.passwords.COST", 4)
    return tmp_path


@pytest.fixture
def user(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs `user` with these arguments and this on standard input; returns the exit code."""

    def run(*arguments: str, typed: str = PASSWORD) -> int:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed + "\n"))
        try:
            return main(["user", *arguments])
        except SystemExit as ended:
            return int(str(ended.code))

    return run


def secrets() -> dict[str, Any]:
    return tomllib.loads(SECRETS.read_text(encoding="utf-8"))


def test_a_user_is_added_with_a_hash_and_a_key_is_made(user: Any) -> None:
    assert user("add", "ada", "--admin") == 0
    assert user("add", "vic") == 0
    found = secrets()
    assert bcrypt.checkpw(PASSWORD.encode(), found["users"]["ada"]["password"].encode())
    assert {name: values["role"] for name, values in found["users"].items()} == {
        "ada": "admin",
        "vic": "viewer",
    }
    assert len(found["login"]["cookie_key"]) == 64
    assert decide(Settings(), read_logins(found)).access is Access.LOGIN


def test_the_file_is_for_its_owner_alone(user: Any, folder: Path) -> None:
    SECRETS.parent.mkdir()
    SECRETS.write_text(WRITTEN_BY_HAND)
    SECRETS.chmod(0o644)
    user("add", "ada")
    assert stat.S_IMODE(SECRETS.stat().st_mode) == 0o600
    assert [path.name for path in SECRETS.parent.iterdir()] == [SECRETS.name]


def test_what_stood_in_the_file_stays_with_its_comments(user: Any) -> None:
    SECRETS.parent.mkdir()
    SECRETS.write_text(WRITTEN_BY_HAND)
    user("add", "ada")
    user("remove", "ada")
    assert SECRETS.read_text().startswith(WRITTEN_BY_HAND)


def test_a_secrets_file_elsewhere_is_changed_there(user: Any, folder: Path) -> None:
    SECRETS.parent.mkdir()
    elsewhere = folder / "elsewhere.toml"
    elsewhere.write_text(WRITTEN_BY_HAND)
    SECRETS.symlink_to(elsewhere)
    assert user("add", "ada") == 0
    assert SECRETS.is_symlink()
    assert "[users.ada]" in elsewhere.read_text()


def test_a_new_password_ends_every_login_and_keeps_role_and_key(user: Any) -> None:
    user("add", "ada", "--admin")
    before = read_logins(secrets())
    assert before.users
    proof = cookie.signed(before.users["ada"], before, NOW)
    assert user("add", "ada", typed="another long password") == 0
    after = read_logins(secrets())
    assert after.users
    assert after.cookie_key == before.cookie_key
    assert after.users["ada"].role == "admin"
    assert after.users["ada"].version > before.users["ada"].version
    assert cookie.read(proof, before, NOW)
    assert cookie.read(proof, after, NOW) is None


def test_who_is_removed_and_added_again_has_to_log_in_again(user: Any) -> None:
    user("add", "ada")
    user("add", "vic")
    before = read_logins(secrets())
    assert before.users
    proof = cookie.signed(before.users["ada"], before, NOW)
    user("remove", "ada")
    user("add", "ada")
    assert cookie.read(proof, read_logins(secrets()), NOW) is None


def test_a_weak_key_is_replaced(user: Any) -> None:
    SECRETS.parent.mkdir()
    SECRETS.write_text('[login]\ncookie_key = "weak"\ndays = 3\n')
    user("add", "ada")
    assert len(secrets()["login"]["cookie_key"]) == 64
    assert secrets()["login"]["days"] == 3


def test_without_its_last_user_the_app_is_closed_and_not_open(
    user: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    user("add", "ada")
    assert user("remove", "ada") == 0
    assert "lets nobody in" in capsys.readouterr().err
    assert decide(Settings(), read_logins(secrets())).access is Access.REFUSED


@pytest.mark.parametrize(
    ("arguments", "typed", "code", "says"),
    [
        (("add", "ada"), "short", 1, "at least 12"),
        (("add", "ada"), "x" * 73, 1, "at most 72 bytes"),
        (("add", "ada"), "", 1, "at least 12"),
        (("remove", "ada"), "", 1, "no user ada"),
        (("add", "Ada Lovelace"), PASSWORD, 2, "no user name"),
        (("add", "../ada"), PASSWORD, 2, "no user name"),
        (("add",), PASSWORD, 2, "NAME"),
        ((), PASSWORD, 2, "ACTION"),
        (("add", "ada", "--password", PASSWORD), "", 2, "unrecognized"),
    ],
    ids=str,
)
def test_what_cannot_be_done_is_said_and_changes_nothing(
    user: Any,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    typed: str,
    code: int,
    says: str,
) -> None:
    assert user(*arguments, typed=typed) == code
    assert says in capsys.readouterr().err
    assert not SECRETS.exists()


@pytest.mark.parametrize("text", ["users = 'ada'\n", "[users]\nada = 1\n[users]\n", "[[users]]\n"])
def test_a_file_of_another_shape_is_left_alone(user: Any, text: str) -> None:
    SECRETS.parent.mkdir()
    SECRETS.write_text(text)
    assert user("add", "ada") == 1
    assert SECRETS.read_text() == text


def test_the_password_is_never_printed(user: Any, capsys: pytest.CaptureFixture[str]) -> None:
    user("add", "ada")
    user("add", "ada", typed="short-secret")
    printed = capsys.readouterr()
    assert PASSWORD not in printed.out + printed.err + SECRETS.read_text()
    assert "short-secret" not in printed.out + printed.err
    assert secrets()["login"]["cookie_key"] not in printed.out + printed.err
