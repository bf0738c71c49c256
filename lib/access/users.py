"""Who may log in, as the secrets say it: users with passwords, and people of a login service."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from lib.errors import SettingsError

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,31}")
"""The name of a user."""

_HASH = re.compile(r"\$2[aby]\$(?:0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}")

DAYS = 7
"""How long a login lasts where nothing else is set."""

_MOST_DAYS = 30

_SECTION_KEYS = frozenset({"client_id", "client_secret", "server_metadata_url"})
"""What makes a table of `[auth]` one of a login service."""


class Role(StrEnum):
    """What a user may do: look, or also spend money and see what was spent."""

    VIEWER = "viewer"
    ADMIN = "admin"


@dataclass(frozen=True)
class User:
    """A user with a password, which is known by its bcrypt hash alone.

    Another `version` ends every login made before.
    """

    name: str
    password_hash: str = field(repr=False)
    role: Role = Role.VIEWER
    version: int = 1


@dataclass(frozen=True)
class Logins:
    """All ways to log in.

    `users` is None where the secrets do not name any, and empty where they name none. `services`
    are the login services (OpenID Connect), `service_key` signs their cookie. Their people are
    known by e-mail address or, as `@example.com`, by domain; everybody whom a service knows is a
    viewer where `viewers` is None.
    """

    users: Mapping[str, User] | None = None
    cookie_key: str = field(default="", repr=False)
    days: int = DAYS
    services: tuple[str, ...] = ()
    service_key: str = field(default="", repr=False)
    admins: frozenset[str] = frozenset()
    viewers: frozenset[str] | None = None


def read_logins(secrets: Mapping[str, object]) -> Logins:
    """The tables `[users.NAME]`, `[login]` and `[auth]` of the secrets.

    Raises SettingsError, which never quotes a value, for one that does not make sense.
    """
    login = _table(secrets, "login")
    auth = _table(secrets, "auth")
    return Logins(
        users=_users(_table(secrets, "users")) if "users" in secrets else None,
        cookie_key=str(login.get("cookie_key", "")),
        days=_days(login.get("days", DAYS)),
        services=_services(auth),
        service_key=str(auth.get("cookie_secret", "")),
        admins=_people(login, "admins"),
        viewers=_people(login, "viewers") if "viewers" in login else None,
    )


def _table(secrets: Mapping[str, object], name: str) -> Mapping[str, object]:
    table = secrets.get(name, {})
    if not isinstance(table, Mapping):
        raise SettingsError(f"{name} in the secrets must be a table: [{name}].")
    return table


def _users(table: Mapping[str, object]) -> Mapping[str, User]:
    return {name: _user(name, values) for name, values in table.items()}


def _user(name: str, values: object) -> User:
    if not NAME.fullmatch(name) or not isinstance(values, Mapping):
        raise SettingsError(
            "A user in the secrets is a table [users.NAME]; the name has at most 32 small letters, "
            "digits, dots, hyphens and underscores."
        )
    password, role, version = (
        values.get("password"), values.get("role", Role.VIEWER), values.get("version", 1)
    )  # fmt: skip
    if not isinstance(password, str) or not _HASH.fullmatch(password):
        raise SettingsError(
            f"The password of the user {name} in the secrets must be a bcrypt hash. Have it made "
            f"by `python -m lib user add {name}`."
        )
    if role not in list(Role):
        raise SettingsError(f"The role of the user {name} must be viewer or admin.")
    if not isinstance(version, int):
        raise SettingsError(f"The version of the user {name} must be a whole number.")
    return User(name, password, Role(str(role)), version)


def _days(value: object) -> int:
    if not isinstance(value, int) or not 1 <= value <= _MOST_DAYS:
        raise SettingsError(f"days in [login] must be a whole number from 1 to {_MOST_DAYS}.")
    return value


def _people(login: Mapping[str, object], name: str) -> frozenset[str]:
    listed = login.get(name, [])
    if not isinstance(listed, Sequence) or isinstance(listed, str):
        raise SettingsError(f"{name} in [login] must be a list of e-mail addresses.")
    return frozenset(str(address).strip().casefold() for address in listed)


def _services(auth: Mapping[str, object]) -> tuple[str, ...]:
    """The names of the login services; the one of `[auth]` itself is called `default`."""
    if not auth:
        return ()
    named = [
        name
        for name, table in auth.items()
        if isinstance(table, Mapping) and _SECTION_KEYS & table.keys()
    ]
    found = ["default", *named] if _SECTION_KEYS & auth.keys() else named
    if not found or "redirect_uri" not in auth:
        raise SettingsError(
            "[auth] in the secrets needs redirect_uri, cookie_secret, client_id, client_secret "
            "and server_metadata_url."
        )
    return tuple(found)
