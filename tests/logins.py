"""Users for tests: their secrets, cheap hashes of their passwords, and proofs of their logins."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import bcrypt

from lib.access import cookie
from lib.access.users import Logins, read_logins

KEY = "k3y-of-the-tests-" * 3

ADMIN, VIEWER = "ada", "vic"

PASSWORDS = {ADMIN: "the admin's password", VIEWER: "the viewer's password"}


def _hash(password: str) -> str:
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode()


_HASHES = {name: _hash(password) for name, password in PASSWORDS.items()}


def secrets_with_users() -> dict[str, Any]:
    """The secrets of an app that has an admin and a viewer; a copy to change."""
    roles = {ADMIN: "admin", VIEWER: "viewer"}
    users = {
        name: {"password": _HASHES[name], "role": roles[name], "version": 1} for name in PASSWORDS
    }
    return {"users": users, "login": {"cookie_key": KEY, "days": 7}}


def logins() -> Logins:
    """The same, as the app reads it."""
    return read_logins(secrets_with_users())


def proof_of(name: str, now: datetime | None = None) -> str:
    """What a browser keeps in which this user has logged in, a moment ago or at that time."""
    found = logins()
    assert found.users is not None
    return cookie.signed(found.users[name], found, now or datetime.now(UTC))
