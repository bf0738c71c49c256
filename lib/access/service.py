"""People whom a login service (OpenID Connect) vouches for: who is let in, and as what."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta

from lib.access.hashes import keyed
from lib.access.session import Session
from lib.access.users import Logins, Role


def address_in(claims: Mapping[str, object]) -> str:
    """The e-mail address in what a login service told, empty where it does not vouch for it."""
    vouched = str(claims.get("email_verified", "")).casefold() == "true"
    return str(claims.get("email", "")).strip().casefold() if vouched else ""


def session_of(claims: Mapping[str, object], logins: Logins, now: datetime) -> Session | None:
    """The login that a service's claims prove, or None: not invited, or made too long ago.

    Streamlit has checked their signature and keeps them for thirty days; here they last as long as
    a login with a password.
    """
    if claims.get("is_logged_in") is not True or not claims.get("sub"):
        return None
    try:
        issued = datetime.fromtimestamp(float(str(claims["iat"])), UTC)
    except (KeyError, ValueError, OverflowError, OSError):
        return None
    role = role_of(claims, logins)
    expires = issued + timedelta(days=logins.days)
    # A service's clock may be a little ahead of this one.
    if role is None or not issued - timedelta(minutes=1) <= now < expires:
        return None
    service, subject = str(claims.get("iss", "")), str(claims["sub"])
    told = [service, subject, str(claims["iat"]), str(claims.get("nonce", ""))]
    name = address_in(claims) or str(claims.get("name", "")) or subject
    return Session(keyed(logins.service_key, *told), name, role, issued, expires, service)


def role_of(claims: Mapping[str, object], logins: Logins) -> Role | None:
    """What the person may do of whom these claims are; None for one who is not invited."""
    address = address_in(claims)
    if _listed(address, logins.admins):
        return Role.ADMIN
    if logins.viewers is None or _listed(address, logins.viewers):
        return Role.VIEWER
    return None


def _listed(address: str, people: Collection[str]) -> bool:
    """Whether an address is in a list, or its domain is: `@example.com`."""
    _, at, domain = address.rpartition("@")
    return bool(at) and (address in people or f"@{domain}" in people)
