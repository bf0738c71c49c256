"""Passwords: what one must be, its bcrypt hash, and a check that takes as long for no user."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from threading import Lock

import bcrypt

from lib.access.users import User

SHORTEST = 12

LONGEST_BYTES = 72
"""What is beyond this bcrypt does not read."""

_LONGEST_TYPED = 1000
"""Characters of an attempt that are looked at: none of a right one is beyond."""

COST = 12
"""Each step doubles the time of a check: 0.2 s at this one."""

_checking = Lock()
"""Held during a check: guessing passwords may take one core and no more."""


def fault(password: str) -> str:
    """Why a password cannot be used; empty where it can."""
    if len(password) < SHORTEST:
        return f"The password must have at least {SHORTEST} characters."
    if len(_bytes(password)) > LONGEST_BYTES:
        return f"The password must have at most {LONGEST_BYTES} bytes."
    return ""


def hashed(password: str) -> str:
    """The bcrypt hash of a password, with a salt of its own."""
    return bcrypt.hashpw(_bytes(password), bcrypt.gensalt(COST)).decode()


def matches(user: User | None, password: str, users: Iterable[User]) -> bool:
    """Whether this is the user's password. No user has none, which takes as long to find out."""
    hidden = user.password_hash if user else _nobody(users)
    typed = _bytes(password[:_LONGEST_TYPED])
    with _checking:
        same = bcrypt.checkpw(typed[:LONGEST_BYTES], hidden.encode())
    return same and user is not None and len(typed) <= LONGEST_BYTES


def _nobody(users: Iterable[User]) -> str:
    """A hash as costly as those of the users, of no password that is known."""
    cost = max((int(user.password_hash[4:6]) for user in users), default=COST)
    return f"$2b${cost:02}${'.' * 53}"


def _bytes(password: str) -> bytes:
    """The bytes of a password: the same for a letter however a keyboard composes it."""
    return unicodedata.normalize("NFKC", password).encode()
