"""Asks a free service on the web: one request at a time, with patience, its failures in words."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Self

from lib.errors import SignalError

if TYPE_CHECKING:
    import httpx

_log = logging.getLogger(__name__)

MOST_WAITED = 120.0
"""Seconds for which a service that asks to wait is waited for; for longer, the work ends."""

_PAUSES = (1.0, 4.0, 15.0)
"""Seconds to wait before a request is sent again that failed for a passing reason."""

_SECONDS_TO_CONNECT = 10.0

_SECONDS_TO_ANSWER = 60.0
"""In all: a service that sends a byte now and then would otherwise never be given up."""

_MOST_BYTES = 20_000_000
"""The longest answer that is read: eleven years of days of an article are a thirtieth of it."""

_OK = 200
_TOO_MANY = 429
_SERVER_FAILED = 500


@dataclass(frozen=True)
class Answer:
    """What a service answered: `body` is what its JSON says, or None where it is no JSON.

    `retry_after` are the seconds that it asks to wait, where it says so.
    """

    status: int
    body: object
    retry_after: float | None = None

    @property
    def fields(self) -> Mapping[str, object]:
        """The JSON's fields; none where it is no object."""
        return self.body if isinstance(self.body, dict) else {}


Wait = Callable[[Answer], float | None]
"""How long to wait before a request is sent again; None where its answer is to be read."""


class Service:
    """One service at one address, asked by one thread.

    `contact` is how whoever runs this server can be reached, for the service's operators to read.
    `pace` is the least number of seconds between two requests.
    """

    def __init__(
        self,
        name: str,
        address: str,
        contact: str = "",
        *,
        pace: float,
        sleep: Callable[[float], None] = time.sleep,
        seconds_to_answer: float = _SECONDS_TO_ANSWER,
    ) -> None:
        import httpx

        # Its log has whole addresses, and a key may be in them.
        logging.getLogger("httpx").setLevel(logging.WARNING)
        self.name = name
        self._pace = pace
        self._sleep = sleep
        self._seconds = seconds_to_answer
        self._asked = False
        self._client = httpx.Client(
            base_url=address,
            headers={
                "User-Agent": _agent(contact, httpx.__version__),
                "Accept": "application/json",
                "Accept-Encoding": "gzip",
            },
            timeout=httpx.Timeout(seconds_to_answer, connect=_SECONDS_TO_CONNECT),
            # Elsewhere, a key would be read by another.
            follow_redirects=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._client.close()

    def ask(
        self,
        path: str,
        values: Mapping[str, str] | None = None,
        *,
        wait: Wait | None = None,
        told: Callable[[Answer], SignalError] | None = None,
    ) -> Answer:
        """The answer to a GET of `path` with these values in its query.

        Sent again where the failure may pass by itself, or `wait` says so. Raises SignalError
        where it does not pass, in the words of `told`, and what `wait` raises.
        """
        asked_to_wait = wait or self.passing
        for pause in (*_PAUSES, None):
            if self._asked:
                self._sleep(self._pace)
            self._asked = True
            answer = self._sent(path, values or {})
            if isinstance(answer, SignalError):
                if pause is None:
                    raise answer
                self._sleep(pause)
                continue
            seconds = asked_to_wait(answer)
            if seconds is None:
                return answer
            if pause is None:
                raise (told or self.refused)(answer)
            self._sleep(max(seconds, pause))
        raise AssertionError("The last attempt answers or raises.")

    def passing(self, answer: Answer) -> float | None:
        """How long to wait where the service is overloaded or asks to; None for what is an answer.

        Raises SignalError where it asks to wait for longer than anybody would.
        """
        if answer.status == _TOO_MANY or (answer.status >= _SERVER_FAILED and answer.retry_after):
            seconds = answer.retry_after or 0.0
            if seconds > MOST_WAITED:
                raise SignalError(
                    f"{self.name} asks to wait {waiting(seconds)} before it answers again. What "
                    "was fetched is kept: run the same command again then."
                )
            return seconds
        return 0.0 if answer.status >= _SERVER_FAILED or _is_cut(answer) else None

    def refused(self, answer: Answer) -> SignalError:
        """What to tell of an answer that cannot be read."""
        if answer.status in {401, 403, _TOO_MANY}:
            return SignalError(
                f"{self.name} does not answer requests from here (HTTP {answer.status}): there "
                "were too many, or it wants to know who asks. Wait an hour, and set PULSE_CONTACT "
                "to an address where you can be reached."
            )
        if answer.status >= _SERVER_FAILED:
            return SignalError(
                f"{self.name} is not working at the moment (HTTP {answer.status}). Try again later."
            )
        return SignalError(
            f"{self.name} answered otherwise than it is documented to (HTTP {answer.status}). "
            "Nothing of this answer was kept. Import a file instead, or update PyPI Pulse."
        )

    def _sent(self, path: str, values: Mapping[str, str]) -> Answer | SignalError:
        """One request; the failure in words where there was no whole answer."""
        import httpx

        begun = time.monotonic()
        content = b""
        try:
            with self._client.stream("GET", path, params=dict(values)) as response:
                for part in response.iter_bytes():
                    content += part
                    if time.monotonic() - begun > self._seconds:
                        return self._slow()
                    if len(content) > _MOST_BYTES:
                        raise self.refused(Answer(response.status_code, None))
                return Answer(response.status_code, _json(content), _retry_after(response))
        except httpx.TimeoutException:
            return self._slow()
        except httpx.DecodingError:
            return self.refused(Answer(_OK, None))
        except httpx.HTTPError as error:
            # By its kind alone: the text of some of them has the address.
            _log.warning("%s could not be asked: %s", self.name, type(error).__name__)
            return SignalError(
                f"{self.name} cannot be reached from here. Check this machine's connection and "
                "whether it may speak to the service, or import a file instead."
            )

    def _slow(self) -> SignalError:
        return SignalError(
            f"{self.name} did not answer within {self._seconds:g} seconds. Try again later."
        )


def waiting(seconds: float) -> str:
    """A time to wait as a person reads it: `40 seconds`, `12 minutes`, `5 hours`."""
    for unit, length in (("hour", 3600), ("minute", 60)):
        if seconds >= 2 * length:
            return f"{round(seconds / length)} {unit}s"
    return f"{round(seconds)} seconds"


def _agent(contact: str, version: str) -> str:
    """What this app calls itself, as Wikimedia's policy asks: name, contact, library."""
    return f"PyPIPulse/1.0 ({contact or 'no contact set'}) httpx/{version}"


def _is_cut(answer: Answer) -> bool:
    """Whether what should be JSON is none: its end may be missing."""
    return answer.status == _OK and answer.body is None


def _json(content: bytes) -> object:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _retry_after(response: httpx.Response) -> float | None:
    """The seconds of the header; a date, which it may also have, is not read."""
    text = response.headers.get("Retry-After", "").strip()
    return float(text) if text.isdecimal() and len(text) < 10 else None
