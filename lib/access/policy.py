"""Whether the app is open, asks for a login, or serves nothing: decided from the settings alone."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from lib.access.users import Logins
from lib.settings import Settings

SHORTEST_KEY = 32
"""Bytes that a key must have to sign a cookie: as many as the hash that it keys."""


class Access(StrEnum):
    """Who is let in: everybody, who logs in, or nobody."""

    OPEN = "open"
    LOGIN = "login"
    REFUSED = "refused"


@dataclass(frozen=True)
class Policy:
    """Who is let in. Where that is nobody, `reason` says why and what to do."""

    access: Access
    reason: str = ""


OPEN = Policy(Access.OPEN)

LOGIN = Policy(Access.LOGIN)


def decide(settings: Settings, logins: Logins) -> Policy:
    """Open while nothing can cost money, unless users are named; else behind a login, or closed."""
    if settings.access == Access.OPEN:
        if settings.can_be_billed:
            return _refused(
                "BigQuery is configured, which costs money, and PULSE_ACCESS is open. Remove "
                "PULSE_ACCESS and add a user with `python -m lib user add NAME --admin`; or remove "
                "what configures BigQuery."
            )
        return OPEN
    if not logins.users and not logins.services:
        return _without_logins(settings, logins)
    return _with_logins(logins)


def _without_logins(settings: Settings, logins: Logins) -> Policy:
    add = "Add one with `python -m lib user add NAME --admin`, or configure a login service."
    if settings.can_be_billed:
        return _refused(f"BigQuery is configured, which costs money, and there is no user. {add}")
    if settings.access == Access.LOGIN:
        return _refused(f"PULSE_ACCESS is login, and there is no user. {add}")
    if logins.users is not None:
        return _refused(
            f"The secrets have a table of users, and no user is in it. {add} To open the app to "
            "everybody, remove the table."
        )
    return OPEN


def _with_logins(logins: Logins) -> Policy:
    if logins.users and _is_weak(logins.cookie_key):
        return _refused(
            f"cookie_key in [login] of the secrets is missing or has less than {SHORTEST_KEY} "
            "bytes: logins could be forged. Remove it if it is there, and have one made by "
            "`python -m lib user add NAME`."
        )
    if logins.services and _is_weak(logins.service_key):
        return _refused(
            f"cookie_secret in [auth] of the secrets is missing or has less than {SHORTEST_KEY} "
            "bytes: logins could be forged. Make one with "
            '`python -c "import secrets; print(secrets.token_hex(32))"`.'
        )
    return LOGIN


def _is_weak(key: str) -> bool:
    return len(key.encode()) < SHORTEST_KEY


def _refused(reason: str) -> Policy:
    return Policy(Access.REFUSED, reason)
