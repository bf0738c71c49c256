"""What a service last said of the requests that it still allows, kept for the next process."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path


@dataclass(frozen=True)
class Standing:
    """How many requests are left of how many a day, as said at a time, and until when to wait.

    Times are in UTC. A number that was not said is None.
    """

    left: int | None = None
    most: int | None = None
    said_at: datetime | None = None
    wait_until: datetime | None = None

    def waits(self, now: datetime) -> timedelta:
        """How long no request may be sent; nothing where one may be now."""
        return max((self.wait_until or now) - now, timedelta())

    @property
    def words(self) -> str:
        """What is left, as a person reads it; nothing where that was never said."""
        if self.left is None or self.most is None or self.said_at is None:
            return ""
        at = f"{self.said_at:%Y-%m-%d %H:%M}"
        return f"{self.left:,} of {self.most:,} requests a day left at {at} UTC."


@dataclass(frozen=True)
class StandingFile:
    """Where the standing with one service is kept: a small file beside the store."""

    path: Path

    def read(self) -> Standing:
        """What is known; nothing is, where there is no such file or it is damaged."""
        try:
            found = json.loads(self.path.read_text(encoding="utf-8"))
            return Standing(
                found["left"], found["most"], _time(found["said_at"]), _time(found["wait_until"])
            )
        except (OSError, ValueError, TypeError, KeyError):
            return Standing()

    def write(self, standing: Standing) -> None:
        """Keep what is known; whole, for it is read at any moment."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        arriving = self.path.with_name(f"{self.path.name}.{uuid.uuid4().hex}")
        said = {
            "left": standing.left,
            "most": standing.most,
            "said_at": _text(standing.said_at),
            "wait_until": _text(standing.wait_until),
        }
        arriving.write_text(json.dumps(said), encoding="utf-8")
        arriving.replace(self.path)


def stack_exchange_standing(store: Path) -> StandingFile:
    """The standing with the Stack Exchange API of what fetches beside a store."""
    return StandingFile(store.with_name(store.name + ".stack-exchange"))


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).astimezone(UTC)


def _text(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat()
