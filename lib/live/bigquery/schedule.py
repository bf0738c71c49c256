"""When something is to be asked next, and what stood in its way the last time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from lib.live import Trouble

FIRST_PAUSE = timedelta(seconds=30)

LONGEST_PAUSE = timedelta(minutes=10)

JITTER = 1.25
"""A pause is drawn between its length and this many times it: many apps do not ask as one."""


@dataclass(frozen=True)
class Turn:
    """When one thing is due. A turn never changes: each attempt gives the next one.

    What was missed is not made up for: after a pause of any length there is one turn.
    """

    every: timedelta
    taken_at: datetime | None = None
    due_at: datetime | None = None
    failures: int = 0
    trouble: Trouble | None = None
    notice: str = ""

    def is_due(self, now: datetime) -> bool:
        """Whether it is time, also where the clock was set back since the last attempt."""
        if self.taken_at is None or self.due_at is None:
            return True
        return now >= self.due_at or now < self.taken_at

    def done(self, now: datetime) -> Turn:
        """The turn after one that went well."""
        return Turn(self.every, now, now + self.every)

    def failed(self, sentence: str, now: datetime, random: Random) -> Turn:
        """The turn after one that failed: pauses double up to the longest."""
        due_at = now + self._pause(random)
        return Turn(self.every, now, due_at, self.failures + 1, Trouble(sentence, due_at))

    def refused(self, sentence: str, now: datetime, random: Random) -> Turn:
        """The turn after one that the month's budget did not allow, which is no failure."""
        due_at = now + self._pause(random)
        return Turn(self.every, now, due_at, self.failures + 1, notice=sentence)

    def put_off(self, sentence: str, now: datetime, until: datetime) -> Turn:
        """The turn at a later time, and why it waits."""
        return Turn(self.every, now, until, notice=sentence)

    def _pause(self, random: Random) -> timedelta:
        doubled: timedelta = FIRST_PAUSE * 2 ** min(self.failures, 10)
        return min(doubled, LONGEST_PAUSE) * random.uniform(1, JITTER)
