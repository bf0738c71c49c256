"""Does what is due: the free reading first, then what costs money, each in its turn."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import TYPE_CHECKING

from lib.errors import OverBudget, PulseError
from lib.live import midnight
from lib.live.bigquery.kept import KeptFile
from lib.live.bigquery.known import MINUTES, QUESTIONS, Known, Question, with_reading
from lib.live.bigquery.minutes import Minutes
from lib.live.bigquery.readings import Readings, World
from lib.live.bigquery.schedule import Turn
from lib.live.bigquery.spending import Allowance
from lib.live.bigquery.terms import Terms

if TYPE_CHECKING:
    from lib.bigquery.asking import BigQuery

_log = logging.getLogger(__name__)

READ_EVERY = timedelta(seconds=30)
"""How often the table's metadata are read, for nothing."""

READING = "reading"

_UNFORESEEN = "The live feed failed in a way that was not foreseen; the server's log says how."


@dataclass(frozen=True)
class State:
    """What is known, after how many changes, and when each thing is due next."""

    known: Known
    changes: int
    turns: Mapping[str, Turn]

    def is_due(self, now: datetime) -> bool:
        """Whether there is anything to do."""
        return any(turn.is_due(now) for turn in self.turns.values())


class Worker:
    """Keeps the state, and brings it up to date. At most one thread may be in `work` at a time.

    `state` is replaced whole after each answer, so that any thread may read it. `bigquery` makes
    the client when it is first needed: Google's library takes seconds to import.
    """

    def __init__(
        self,
        bigquery: Callable[[], BigQuery],
        kept: KeptFile,
        terms: Terms,
        now: Callable[[], datetime],
        random: Random,
    ) -> None:
        self.kept = kept
        self._questions = QUESTIONS if terms.spending else ()
        turns = {READING: Turn(READ_EVERY)}
        turns |= {question.name: Turn(question.every) for question in self._questions}
        self.state = State(
            Known(Minutes(terms.packages if terms.spending else ()), World(Readings())), 0, turns
        )
        self._make_bigquery = bigquery
        self._bigquery: BigQuery | None = None
        self._terms = terms
        self._now = now
        self._random = random
        self._is_loaded = False

    def work(self, *, paid: bool = True) -> None:
        """Do all that is due, or only what is free. What goes wrong is not raised: turns say it."""
        if not self._is_loaded:
            self._load()
        if self.state.turns[READING].is_due(self._now()):
            self._attempt(READING, self._read)
        for question in self._questions if paid else ():
            if self.state.turns[question.name].is_due(self._now()):
                self._attempt(question.name, partial(self._ask, question))

    def _load(self) -> None:
        """Take up what was kept over a restart, before Google's library is waited for."""
        self._is_loaded = True
        kept = self.kept.load(self._terms.packages, self._now())
        if not self._terms.spending:
            self._learn(Known(self.state.known.minutes, World(kept.readings)))
            return
        self._learn(Known(kept.minutes, World(kept.readings)))
        today = midnight(self._now())
        if kept.counted_at is not None and kept.minutes.counted_to(today) is not None:
            # What a restart has lost was paid for a moment ago.
            turn = self.state.turns[MINUTES.name].done(kept.counted_at)
            self._turn(MINUTES.name, turn)

    def _attempt(self, name: str, work: Callable[[], None]) -> None:
        before = self.state.turns[name]
        try:
            work()
        except OverBudget as error:
            self._turn(name, before.refused(str(error), self._now(), self._random))
        except PulseError as error:
            self._turn(name, before.failed(str(error), self._now(), self._random))
        except Exception:
            _log.exception("The live feed failed on %s.", name)
            self._turn(name, before.failed(_UNFORESEEN, self._now(), self._random))

    def _read(self) -> None:
        before = self.state.known.world.readings
        self._learn(with_reading(self.state.known, self._client(), self._now))
        after = self.state.known.world.readings
        if after.newest is not None and after is not before:
            self.kept.keep_reading(after.newest)
        self._done(READING)

    def _ask(self, question: Question) -> None:
        """Ask what costs money, where it has to be asked and the day's cap lets it."""
        now = self._now()
        statement = question.statement(self.state.known, now)
        if statement is None:
            self._done(question.name)
            return
        bigquery = self._client()
        # A process that was killed left its query in the ledger at its upper bound.
        bigquery.settle_unfinished()
        allowance = Allowance(self._terms.daily, len(self._terms.packages))
        if refusal := allowance.refusal(bigquery, statement, now):
            refused = self._questions if refusal.of_all else (question,)
            self._put_off(refused, refusal.sentence, now)
            return
        answer = bigquery.run(statement).table()
        before = self.state.known.minutes.hours
        self._learn(question.merged(self.state.known, answer, now))
        after = self.state.known.minutes.hours
        if changed := [hour for first, hour in after.items() if hour is not before.get(first)]:
            self.kept.keep_hours(changed, now)
        self._done(question.name)

    def _put_off(self, questions: Iterable[Question], sentence: str, now: datetime) -> None:
        """Ask no more of these until the UTC day is over."""
        tomorrow = midnight(now) + timedelta(days=1)
        for question in questions:
            turn = self.state.turns[question.name]
            self._turn(question.name, turn.put_off(sentence, now, tomorrow))

    def _client(self) -> BigQuery:
        if self._bigquery is None:
            self._bigquery = self._make_bigquery()
        return self._bigquery

    def _learn(self, known: Known) -> None:
        changes = self.state.changes + known.tells_more_than(self.state.known)
        self.state = replace(self.state, known=known, changes=changes)

    def _done(self, name: str) -> None:
        self._turn(name, self.state.turns[name].done(self._now()))

    def _turn(self, name: str, turn: Turn) -> None:
        self.state = replace(self.state, turns={**self.state.turns, name: turn})
