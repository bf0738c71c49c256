"""Watches BigQuery for all viewers at once, and only while one of them looks."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from lib.errors import FeedNotReady
from lib.live import Feed, Trouble
from lib.live.bigquery.known import MINUTES
from lib.live.bigquery.look import BigQueryLook
from lib.live.bigquery.schedule import Turn
from lib.live.bigquery.terms import Terms
from lib.live.bigquery.worker import READ_EVERY, READING, State, Worker

_SILENT_FOR = timedelta(minutes=5)
"""Work that takes longer is told of: most takes seconds, and BigQuery may take a quarter hour."""

_CLOCK_OFF = timedelta(seconds=10)

_ESSENTIAL = (READING, MINUTES.name)
"""Without these there is nothing newer: what else fails is noted."""

_LATE = timedelta(minutes=1)

_UNATTENDED = (
    "Packages are counted only while an admin has this page open, for counting costs money. The "
    "total of all of PyPI goes on."
)

Work = Callable[[], None]


def in_thread(work: Work) -> None:
    """Do work in a thread that does not keep the process from ending."""
    threading.Thread(target=work, name="live-bigquery", daemon=True).start()


class BigQueryFeed:
    """The latest of PyPI's table: how many rows it has, and minutes of some packages.

    A look returns what is known. If something is due and nobody works, it starts one thread, which
    does all that is due and ends: twenty viewers cost as much as one, none cost nothing, and after
    a laptop has slept each thing is asked once. Work that hangs is never begun beside itself.
    """

    def __init__(
        self,
        worker: Worker,
        terms: Terms,
        now: Callable[[], datetime],
        start: Callable[[Work], None] = in_thread,
    ) -> None:
        self._worker = worker
        self._terms = terms
        self._now = now
        self._start = start
        self._begun_at = now()
        self._lock = threading.Lock()
        self._working_since: datetime | None = None

    def look(self) -> BigQueryLook:
        """What is known now; starts work where something is due.

        Raises FeedNotReady while nothing at all has been read.
        """
        return self._look(paid=True)

    def free(self) -> Feed:
        """The same feed for those who may not spend: their looks start only what is free."""
        return _FreeFeed(partial(self._look, paid=False))

    def _look(self, *, paid: bool) -> BigQueryLook:
        now = self._now()
        if self._may_start(now, paid=paid):
            try:
                self._start(partial(self._work, paid=paid))
            except BaseException:
                self._working_since = None
                raise
        state = self._worker.state
        reading, minutes = (self._trouble(state, name, now) for name in _ESSENTIAL)
        if state.known.is_nothing:
            waiting = "Asking BigQuery for the first reading…"
            trouble = reading or minutes
            raise FeedNotReady(trouble.sentence if trouble else waiting)
        version = f"{self._begun_at:%Y%m%dT%H%M%S%f}-{state.changes}"
        notices = tuple(dict.fromkeys(self._notices(state, now, paid=paid)))
        return BigQueryLook(version, now, self._terms.scope, minutes, reading, notices, state.known)

    def _may_start(self, now: datetime, *, paid: bool) -> bool:
        """Whether this look is the one that starts the work."""
        state = self._worker.state
        with self._lock:
            due = state.is_due(now) if paid else state.turns[READING].is_due(now)
            if self._working_since is not None or not due:
                return False
            self._working_since = now
            return True

    def _work(self, *, paid: bool) -> None:
        try:
            self._worker.work(paid=paid)
        finally:
            self._working_since = None

    def _trouble(self, state: State, name: str, now: datetime) -> Trouble | None:
        since = self._working_since
        if since is not None and now - since > _SILENT_FOR:
            minutes = (now - since) // timedelta(minutes=1)
            sentence = f"BigQuery has not answered for {minutes} minutes, and is still awaited."
            return Trouble(sentence, now + READ_EVERY)
        return state.turns[name].trouble if name in state.turns else None

    def _notices(self, state: State, now: datetime, *, paid: bool) -> list[str]:
        notices = list(self._terms.notices)
        if not paid and self._terms.spending and _is_late(state.turns[MINUTES.name], now):
            notices.append(_UNATTENDED)
        if (behind := state.known.behind) > _CLOCK_OFF:
            notices.append(
                f"This machine's clock is at least {behind // timedelta(seconds=1)} seconds "
                "behind BigQuery's. Set it right: rates and times are off by as much."
            )
        for name, turn in state.turns.items():
            other = turn.trouble.sentence if turn.trouble and name not in _ESSENTIAL else ""
            notices += filter(None, (turn.notice, other))
        return [*notices, *filter(None, (self._worker.kept.notice,))]


@dataclass(frozen=True)
class _FreeFeed:
    """Gives looks that start nothing that costs money."""

    look: Callable[[], BigQueryLook]


def _is_late(turn: Turn, now: datetime) -> bool:
    """Whether something is due for so long that nobody is there to start it."""
    return turn.due_at is None or now - turn.due_at > _LATE
