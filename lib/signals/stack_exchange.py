"""Questions on Stack Overflow by tag and month, from the Stack Exchange API 2.3.

https://api.stackexchange.com/docs: throttle, filters, wrapper, dates and error-handling say what
is relied upon here. A month has a request of its own, of which 300 a day are allowed to an
address, and 10,000 with a key, which is free.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cached_property

from lib.errors import SignalError
from lib.router import first_of_next_month
from lib.signals.service import MOST_WAITED, Answer, Service, waiting
from lib.signals.standing import StandingFile

ADDRESS = "https://api.stackexchange.com"

SOURCE = "Stack Exchange API"

FIRST_MONTH = date(2008, 8, 1)
"""Stack Overflow's first whole month."""

REQUESTS_WITHOUT_KEY = 300
"""How many requests a day an address may send without a key (API documentation, throttle)."""

REQUESTS_TO_BEGIN = 1
"""What a run asks before its first month: the filter by which answers are cut."""

_PACE = 0.2
"""Seconds between requests: more than 30 a second get an address banned."""

_SPARE = timedelta(seconds=2)
"""Waited beyond what the API asks: at its very end it still counts as a violation."""

_UNSAID = 60.0
"""Seconds to wait after a violation that does not say how long."""

_LONGEST = timedelta(days=1)
"""Quotas are of a day: whatever is said, after that it is asked again."""

_MOST_VIOLATIONS = 2
"""So often in a row a request may be sent again that was one too many."""

_WRAPPER = ".total;.backoff;.quota_max;.quota_remaining"
"""What an answer is to have. The filter `total` that is built in leaves out all but the first, so
that neither the quota nor a wish to be left in peace would be heard of."""

_SECONDS = re.compile(r"more requests available in (\d{1,9}) second")

_BAD_PARAMETER, _INTERNAL, _THROTTLED, _UNAVAILABLE = 400, 500, 502, 503


class QuotaGone(SignalError):
    """No more requests are allowed for now."""


class TagRefused(SignalError):
    """A tag is none that the API takes; others may be."""


class StackExchange:
    """The API, asked by one process at a time.

    What it says of the quota and of waiting is kept in `file`, and obeyed by the next process too.
    `now` gives the time in UTC.
    """

    def __init__(
        self,
        service: Service,
        file: StandingFile,
        *,
        key: str = "",
        now: Callable[[], datetime],
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.standing = file.read()
        self._service = service
        self._file = file
        self._key = key
        self._now = now
        self._sleep = sleep
        self._spent = False
        self._violations = 0

    def questions(self, tag: str, month: date) -> int:
        """How many questions of a month (its first day) have the tag and were not deleted since.

        A tag that does not exist has none. Raises TagRefused, QuotaGone, and SignalError where the
        API cannot be asked.
        """
        if not tag.strip() or ";" in tag:
            raise TagRefused(f"{tag!r} is no tag of Stack Overflow.")
        values = {
            "tagged": tag,
            "site": "stackoverflow",
            "fromdate": str(_epoch(month.replace(day=1))),
            # Both ends are of the month: a question of the next midnight is not.
            "todate": str(_epoch(first_of_next_month(month)) - 1),
            "filter": self._filter,
        }
        return self._total(self._asked("/2.3/questions", values, tag))

    @cached_property
    def _filter(self) -> str:
        """The filter by which answers have their total, the quota and nothing else.

        The API makes the same one for the same fields, and it never expires.
        """
        values = {"include": _WRAPPER, "base": "none", "unsafe": "false"}
        answer = self._asked("/2.3/filters/create", values, "")
        items = answer.fields.get("items")
        made = items[0] if isinstance(items, list) and items else {}
        found = made.get("filter") if isinstance(made, dict) else None
        if not isinstance(found, str) or not found:
            raise self._service.refused(answer)
        return found

    def _asked(self, path: str, values: dict[str, str], tag: str) -> Answer:
        self._wait()
        keyed = {**values, "key": self._key} if self._key else values

        def told(answer: Answer) -> SignalError:
            return self._in_words(answer, tag)

        answer = self._service.ask(path, keyed, wait=self._must_wait, told=told)
        self._violations = 0
        self._note(answer)
        if _error(answer) is not None:
            raise told(answer)
        if answer.status >= 300:
            raise self._service.refused(answer)
        return answer

    def _wait(self) -> None:
        """Wait as the API last asked to. Raises QuotaGone where nobody would wait so long."""
        if self._spent:
            raise QuotaGone(f"The quota of the Stack Exchange API is used up. {self._advice()}")
        seconds = self.standing.waits(self._now()).total_seconds()
        if seconds > MOST_WAITED:
            raise QuotaGone(
                f"The Stack Exchange API answers no more requests for {waiting(seconds)}. "
                f"{self._advice()}"
            )
        if seconds > 0:
            self._sleep(seconds)

    def _must_wait(self, answer: Answer) -> float | None:
        """How long to wait before the same is asked again. Raises QuotaGone."""
        error = _error(answer)
        if error == _THROTTLED:
            said = _SECONDS.search(str(answer.fields.get("error_message")))
            self._put_off(float(said[1]) if said else _UNSAID)
            self._violations += 1
            if self._violations > _MOST_VIOLATIONS:
                raise QuotaGone(
                    f"The Stack Exchange API counts too many requests. {self._advice()}"
                )
            self._wait()
            return 0.0
        if error in {_INTERNAL, _UNAVAILABLE}:
            return 0.0
        return None if error is not None else self._service.passing(answer)

    def _note(self, answer: Answer) -> None:
        """Keep what an answer says of the quota and of waiting."""
        left, most = (_whole(answer, name) for name in ("quota_remaining", "quota_max"))
        if left is not None and most is not None:
            self._spent = left == 0
            self.standing = replace(self.standing, left=left, most=most, said_at=self._now())
            self._file.write(self.standing)
        if backoff := _whole(answer, "backoff"):
            self._put_off(backoff)

    def _put_off(self, seconds: float) -> None:
        until = self._now() + min(timedelta(seconds=seconds), _LONGEST) + _SPARE
        self.standing = replace(self.standing, wait_until=until)
        self._file.write(self.standing)

    def _total(self, answer: Answer) -> int:
        total = _whole(answer, "total")
        if total is None:
            raise self._service.refused(answer)
        return total

    def _in_words(self, answer: Answer, tag: str) -> SignalError:
        if _error(answer) in {_INTERNAL, _UNAVAILABLE}:
            return SignalError(
                "The Stack Exchange API is not working at the moment. Try again later."
            )
        if _error(answer) != _BAD_PARAMETER:
            return self._service.refused(answer)
        if "key" in str(answer.fields.get("error_message")).lower():
            return SignalError(
                "The Stack Exchange API does not know the key. Check PULSE_STACK_EXCHANGE_KEY, or "
                "leave it out."
            )
        if tag:
            return TagRefused(f"The Stack Exchange API refuses the tag {tag!r}.")
        return self._service.refused(answer)

    def _advice(self) -> str:
        more = "" if self._key else " A free key allows 10,000 a day: PULSE_STACK_EXCHANGE_KEY."
        return f"What was fetched is kept: run the same command again later.{more}"


def service(
    contact: str, *, address: str = ADDRESS, sleep: Callable[[float], None] = time.sleep
) -> Service:
    """The service that a `StackExchange` asks."""
    return Service("The Stack Exchange API", address, contact, pace=_PACE, sleep=sleep)


def newest_month(now: datetime) -> date:
    """The last month that is over in UTC, by its first day."""
    return (now.date().replace(day=1) - timedelta(days=1)).replace(day=1)


def _epoch(day: date) -> int:
    """Seconds from 1970 to the start of a UTC day."""
    return (day - date(1970, 1, 1)).days * 86_400


def _error(answer: Answer) -> int | None:
    """The number of the API's own error, where there is one."""
    return _whole(answer, "error_id")


def _whole(answer: Answer, name: str) -> int | None:
    """A field that is a whole number of zero or more; None for any other."""
    found = answer.fields.get(name)
    right = isinstance(found, int) and not isinstance(found, bool) and found >= 0
    return found if right and isinstance(found, int) else None
