"""The signed text that a browser keeps as proof of a login (a JWT, RFC 7519), and its reading."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from secrets import compare_digest, token_hex

import jwt

from lib.access.hashes import keyed
from lib.access.session import Session
from lib.access.users import Logins, User

NAME = "pulse_login"
"""The name of the cookie."""

_ALGORITHM = "HS256"

_LONGEST = 1000

_CLAIMS = ("user", "stamp", "iat", "exp", "jti")


def signed(user: User, logins: Logins, now: datetime) -> str:
    """Proof of a login of this user that begins now and lasts the days that are set."""
    issued = now.replace(microsecond=0)
    claims = {
        "user": user.name,
        "stamp": _stamp(user, logins.cookie_key),
        "iat": issued,
        "exp": issued + timedelta(days=logins.days),
        "jti": token_hex(16),
    }
    return jwt.encode(claims, logins.cookie_key, algorithm=_ALGORITHM)


def read(text: str, logins: Logins, now: datetime) -> Session | None:
    """The login that a text proves, or None.

    None for a text that is forged, damaged, signed in another way, expired or from the future; and
    for a user who is no longer there, or whose password, role or version has changed since.
    """
    if not text or len(text) > _LONGEST:
        return None
    try:
        claims = jwt.decode(
            text,
            logins.cookie_key,
            algorithms=[_ALGORITHM],
            # Time is checked below, by the clock passed in.
            options={"require": list(_CLAIMS), "verify_exp": False, "verify_iat": False},
        )
        issued, expires = _time(claims["iat"]), _time(claims["exp"])
    except (jwt.PyJWTError, ValueError, TypeError, OverflowError, OSError):
        return None
    user = _user(claims, logins)
    if user is None or not issued <= now < min(expires, issued + timedelta(days=logins.days)):
        return None
    return Session(str(claims["jti"]), user.name, user.role, issued, expires)


def _user(claims: Mapping[str, object], logins: Logins) -> User | None:
    """The user of a login, if nothing has ended it."""
    user = (logins.users or {}).get(str(claims["user"]))
    if user is None:
        return None
    same = compare_digest(str(claims["stamp"]), _stamp(user, logins.cookie_key))
    return user if same else None


def _stamp(user: User, key: str) -> str:
    """Another after a change of version, password or role; it tells of none of them."""
    told = (user.name, str(user.version), user.password_hash, user.role)
    return keyed(key, "login", *told)[:32]


def _time(seconds: object) -> datetime:
    return datetime.fromtimestamp(float(str(seconds)), UTC)
