"""Slows down who guesses passwords: each failure makes the next attempt wait longer."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil

from lib.access.hashes import keyed
from lib.access.kept import AccessFile

FREE = 5
"""Failures that cost no wait: anybody mistypes."""

LONGEST = 30
"""Seconds: a guesser gets 2,880 attempts a day, and nobody is ever locked out."""

QUIET = 15 * 60
"""Seconds without an attempt after which failures are forgotten."""

_SLOTS = 4
"""Hexadecimal digits of a name's hash that are kept: 65,536 rows at most, whatever is typed."""

_MOST_ADDRESSES = 20
"""Addresses from which one user is known."""


def seconds_to_wait(failures: int, since: float) -> float:
    """How long to wait yet, so many seconds after the last of some failures in a row."""
    if failures <= FREE or not 0 <= since <= QUIET:
        return 0.0
    doubled = 2.0 ** min(failures - FREE - 1, LONGEST)
    return max(min(doubled, LONGEST) - since, 0.0)


@dataclass(frozen=True)
class Attempts:
    """The failed attempts of every user name and every address, by hashes that `key` keys.

    A user who has logged in from an address before has a count of their own for it, so that the
    failures of others elsewhere, or on other names, do not slow them.
    """

    file: AccessFile
    key: str = field(repr=False)

    def begin(self, user: str, address: str, now: datetime) -> int:
        """Count an attempt as failed before it is checked, so that none can be made beside it.

        Returns 0; or the seconds to wait where it came too early and must not be checked.
        """
        at = now.timestamp()
        with self.file.transaction() as connection:
            connection.execute("DELETE FROM attempt WHERE at < ? OR at > ?", (at - QUIET, at))
            counts = self._counts(connection, user, address)
            waits = [_wait(connection, who, at) for who in counts]
            if max(waits) > 0:
                return ceil(max(waits))
            for who in counts:
                connection.execute(
                    "INSERT INTO attempt VALUES (?, 1, ?) "
                    "ON CONFLICT (who) DO UPDATE SET failures = failures + 1, at = excluded.at",
                    (who, at),
                )
        return 0

    def succeeded(self, user: str, address: str, now: datetime) -> None:
        """Forget the failures of a user who logged in, and know the address from now on.

        Of the address only this attempt is taken back: who has an account could else guess on.
        """
        with self.file.transaction() as connection:
            own, *shared = self._counts(connection, user, address)
            connection.execute("DELETE FROM attempt WHERE who = ?", (own,))
            for who in shared:
                connection.execute(
                    "UPDATE attempt SET failures = failures - 1 WHERE who = ?", (who,)
                )
            owner = self._hash("user", user)
            pair = (self._pair(user, address), owner, now.timestamp())
            connection.execute("INSERT OR REPLACE INTO known VALUES (?, ?, ?)", pair)
            connection.execute(
                "DELETE FROM known WHERE user = ? AND pair NOT IN "
                "(SELECT pair FROM known WHERE user = ? ORDER BY at DESC LIMIT ?)",
                (owner, owner, _MOST_ADDRESSES),
            )

    def _counts(self, connection: sqlite3.Connection, user: str, address: str) -> tuple[str, ...]:
        """What an attempt is counted under: the user's own count first."""
        pair = self._pair(user, address)
        if connection.execute("SELECT 1 FROM known WHERE pair = ?", (pair,)).fetchone():
            return (_slot("pair", pair),)
        user_hash, address_hash = self._hash("user", user), self._hash("address", address)
        return _slot("user", user_hash), _slot("address", address_hash)

    def _pair(self, user: str, address: str) -> str:
        return self._hash("pair", user, address)

    def _hash(self, *names: str) -> str:
        return keyed(self.key, "attempts", *names)


def _slot(kind: str, found: str) -> str:
    return f"{kind}:{found[:_SLOTS]}"


def _wait(connection: sqlite3.Connection, who: str, at: float) -> float:
    row = connection.execute("SELECT failures, at FROM attempt WHERE who = ?", (who,)).fetchone()
    return seconds_to_wait(row[0], at - row[1]) if row else 0.0
