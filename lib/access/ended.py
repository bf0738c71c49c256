"""Which logins have ended before their time, for every browser that still has their cookie."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from lib.access.hashes import keyed
from lib.access.kept import AccessFile
from lib.access.session import Session

_MOST = 1000
"""Logins of one person that are remembered as ended. Beyond it, all of that person's are."""


@dataclass(frozen=True)
class Ended:
    """The logins that were ended by logging out. Names are kept by hashes that `key` keys."""

    file: AccessFile
    key: str = field(repr=False)

    def add(self, session: Session, now: datetime) -> None:
        """End a login, in every tab and for every copy of its cookie."""
        user = self._user(session)
        row = (user, session.id, session.issued.timestamp(), session.expires.timestamp())
        with self.file.transaction() as connection:
            connection.execute("DELETE FROM ended WHERE expires < ?", (now.timestamp(),))
            count = "SELECT count(*) FROM ended WHERE user = ?"
            if connection.execute(count, (user,)).fetchone()[0] >= _MOST:
                connection.execute("DELETE FROM ended WHERE user = ?", (user,))
                longest = now + (session.expires - session.issued)
                row = (user, "", now.timestamp(), longest.timestamp())
            connection.execute("INSERT INTO ended VALUES (?, ?, ?, ?)", row)

    def has(self, session: Session) -> bool:
        """Whether a login was ended."""
        return self.file.has(
            "SELECT 1 FROM ended WHERE user = ? AND (id = ? OR (id = '' AND at >= ?))",
            (self._user(session), session.id, session.issued.timestamp()),
        )

    def _user(self, session: Session) -> str:
        return keyed(self.key, "ended", session.service, session.name)
