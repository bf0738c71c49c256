"""The one gate: who is at the other end, whether they are let in, and how they come and go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import wraps

import streamlit as st

from lib import configured
from lib.access import browser, cookie, passwords, service
from lib.access.address import address_of
from lib.access.attempts import Attempts
from lib.access.ended import Ended
from lib.access.kept import AccessFile, access_file
from lib.access.policy import Access, Policy, decide
from lib.access.session import Session
from lib.access.users import Logins, Role, read_logins
from lib.errors import PulseError
from lib.explaining import explaining

_PROOF = "access_proof"

_LONGEST_NAME = 100

Part = Callable[[], None]


@dataclass(frozen=True)
class Visitor:
    """The person at the other end, as the policy has it.

    `session` is None where the policy asks for no login, and where nobody is logged in.
    """

    policy: Policy
    session: Session | None = None
    logins: Logins = field(default_factory=Logins, repr=False)

    @property
    def may_enter(self) -> bool:
        """Whether anything may be shown."""
        if self.policy.access is Access.LOGIN:
            return self.session is not None
        return self.policy.access is Access.OPEN

    @property
    def may_spend(self) -> bool:
        """Whether this person may spend money, and see what was spent."""
        if self.session is None:
            return self.policy.access is Access.OPEN
        return self.session.role is Role.ADMIN


def visitor() -> Visitor:
    """Who is at the other end now: asked anew each time, for a login may end at any moment.

    Where that cannot be told, nobody is let in.
    """
    try:
        logins = read_logins(configured.secrets())
        policy = decide(configured.settings(), logins)
        session = _session(logins) if policy.access is Access.LOGIN else None
    except PulseError as error:
        return Visitor(Policy(Access.REFUSED, str(error)))
    return Visitor(policy, session, logins)


def may_spend() -> bool:
    """Whether the person at the other end may spend money now."""
    found = visitor()
    return found.may_enter and found.may_spend


def log_in(name: str, password: str) -> str:
    """Log in with a password. Returns why not, in a sentence; empty where it went well."""
    found = visitor()
    if found.policy.access is not Access.LOGIN:
        return "Nobody can log in at present."
    logins = found.logins
    users = logins.users or {}
    known_as, address = name.strip().casefold()[:_LONGEST_NAME], _address()
    attempts = Attempts(_file(), logins.cookie_key)
    seconds = attempts.begin(known_as, address, _now())
    if seconds:
        wait = "1 second" if seconds == 1 else f"{seconds} seconds"
        return f"Too many attempts. Try again in {wait}."
    user = users.get(known_as)
    if not passwords.matches(user, password, users.values()) or user is None:
        return "Name or password is wrong."
    attempts.succeeded(known_as, address, _now())
    proof = cookie.signed(user, logins, _now())
    session = cookie.read(proof, logins, _now())
    st.session_state[_PROOF] = proof
    if session is not None:
        browser.keep(cookie.NAME, proof, session.expires)
    return ""


def log_out() -> None:
    """End the login of this browser, in all its tabs, and forget what was chosen in this one."""
    found = visitor()
    for name in list(st.session_state):
        del st.session_state[name]
    if found.session is None:
        return
    browser.forget(cookie.NAME)
    _ended(found.logins).add(found.session, _now())
    if found.session.service:
        st.logout()


def fragment(run_every: float | None = None) -> Callable[[Part], Part]:
    """A part of a page that is drawn again by itself (`st.fragment`), and ends with the login.

    Streamlit draws it without the frame: it asks at the gate itself, and explains what fails.
    """

    def guard(draw: Part) -> Part:
        @st.fragment(run_every=run_every)
        @wraps(draw)
        def guarded() -> None:
            if not visitor().may_enter:
                st.rerun()
            with explaining():
                draw()

        return guarded

    return guard


def stranger(logins: Logins) -> str:
    """Whom a login service vouches for, who is not invited; empty where there is nobody."""
    claims = _claims()
    if claims.get("is_logged_in") is not True or service.role_of(claims, logins) is not None:
        return ""
    return service.address_in(claims) or str(claims.get("name", "")) or "Somebody"


def _session(logins: Logins) -> Session | None:
    """The login of this browser: with a password in this tab or another, or by a service."""
    now, ended = _now(), _ended(logins)
    if logins.users:
        for proof in (st.session_state.get(_PROOF, ""), browser.cookie(cookie.NAME)):
            found = cookie.read(proof, logins, now)
            if found is not None and not ended.has(found):
                return found
    if logins.services:
        found = service.session_of(_claims(), logins, now)
        if found is not None and not ended.has(found):
            return found
    return None


def _claims() -> dict[str, object]:
    return dict(st.user.to_dict())


def _ended(logins: Logins) -> Ended:
    return Ended(_file(), logins.cookie_key or logins.service_key)


def _file() -> AccessFile:
    return access_file(configured.settings().store)


def _address() -> str:
    return address_of(st.context.ip_address, st.context.headers.get_all("X-Forwarded-For"))


def _now() -> datetime:
    """The time by the clock: one that stands still for a test must not keep a login alive."""
    return datetime.now(UTC)
