"""The policy: open, behind a login, or closed, for every combination of what can be configured."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from lib.access.policy import SHORTEST_KEY, Access, Policy, decide
from lib.access.users import read_logins
from lib.settings import read_settings
from tests.logins import KEY, secrets_with_users

PAYING: dict[str, dict[str, str]] = {
    "nothing": {},
    "a project": {"PULSE_BIGQUERY_PROJECT": "my-project"},
    "a dataset": {"PULSE_STORE": "bigquery://my-project.pulse"},
    "a project of an emulator": {
        "PULSE_BIGQUERY_PROJECT": "my-project",
        "BIGQUERY_EMULATOR_HOST": "http://127.0.0.1:9050",
    },
    "a key": {},
}

USERS = ("none", "an empty table", "users")

KEYS = {"missing": "", "weak": "x" * (SHORTEST_KEY - 1), "strong": KEY}

SERVICES = ("none", "with a weak key", "with a strong key")

ASKED = ("", "open", "login")

COMBINATIONS = list(product(PAYING, USERS, KEYS, SERVICES, ASKED))


def decided(paying: str, users: str, key: str, service: str, asked: str) -> Policy:
    secrets: dict[str, Any] = {"login": {"cookie_key": KEYS[key]}}
    if users != "none":
        secrets["users"] = secrets_with_users()["users"] if users == "users" else {}
    if service != "none":
        secrets["auth"] = {
            "redirect_uri": "https://pulse.example.com/oauth2callback",
            "cookie_secret": KEY if service == "with a strong key" else "x" * (SHORTEST_KEY - 1),
            "client_id": "pulse",
            "client_secret": "hush",
            "server_metadata_url": "https://login.example.com/.well-known/openid-configuration",
        }
    if paying == "a key":
        secrets["gcp_service_account"] = {"type": "service_account"}
    environment = {**PAYING[paying], "PULSE_ACCESS": asked}
    return decide(read_settings(environment, secrets), read_logins(secrets))


def expected(paying: str, users: str, key: str, service: str, asked: str) -> Access:
    """The policy again, in the words of the issue."""
    costs = paying in ("a project", "a dataset", "a key")
    if asked == "open":
        return Access.REFUSED if costs else Access.OPEN
    if users != "users" and service == "none":
        wanted = asked == "login" or users == "an empty table"
        return Access.REFUSED if costs or wanted else Access.OPEN
    forgeable = (users == "users" and key != "strong") or service == "with a weak key"
    return Access.REFUSED if forgeable else Access.LOGIN


@pytest.mark.parametrize("combination", COMBINATIONS, ids=", ".join)
def test_every_combination_is_decided(combination: tuple[str, str, str, str, str]) -> None:
    policy = decided(*combination)
    assert policy.access is expected(*combination)
    assert bool(policy.reason) == (policy.access is Access.REFUSED)


def test_what_can_cost_money_is_never_open() -> None:
    open_to_all = [c for c in COMBINATIONS if decided(*c).access is Access.OPEN]
    assert open_to_all
    assert {paying for paying, *_ in open_to_all} == {"nothing", "a project of an emulator"}


@pytest.mark.parametrize(
    ("combination", "says"),
    [
        (("a project", "none", "missing", "none", ""), "user add NAME --admin"),
        (("a project", "users", "strong", "none", "open"), "Remove PULSE_ACCESS"),
        (("nothing", "none", "missing", "none", "login"), "PULSE_ACCESS is login"),
        (("nothing", "an empty table", "strong", "none", ""), "no user is in it"),
        (("nothing", "users", "weak", "none", ""), "less than 32 bytes"),
        (("nothing", "none", "missing", "with a weak key", ""), "cookie_secret in [auth]"),
    ],
    ids=str,
)
def test_a_refusal_says_what_to_do(combination: tuple[str, str, str, str, str], says: str) -> None:
    reason = decided(*combination).reason
    assert says in reason
    assert KEYS["weak"] not in reason
