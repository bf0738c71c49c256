"""A login that was made: whose it is, what that person may do, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lib.access.users import Role


@dataclass(frozen=True)
class Session:
    """One login of one person, in one browser.

    `id` tells it from others of the same person; `service` is the login service that vouches for
    the person, empty for a password.
    """

    id: str
    name: str
    role: Role
    issued: datetime
    expires: datetime
    service: str = ""
