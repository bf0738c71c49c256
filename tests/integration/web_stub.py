"""A web server of the tests, and two services on it that behave as they are documented to.

The real clients speak to it. A test says what goes wrong, and reads what was received.
"""

from __future__ import annotations

import gzip
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

ORIGIN = date(1970, 1, 1)


@dataclass(frozen=True)
class Received:
    """A request as it came: `path` as it was written on the line, with its escapes."""

    path: str
    values: Mapping[str, str]
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Reply:
    """A response. `body` is sent as JSON unless it is bytes; `cut` leaves out its second half.

    `drip` sends a byte at a time, with so many seconds between; `drop` closes the connection.
    """

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False
    lost: bool = False
    drip: float = 0.0
    drop: bool = False

    @property
    def content(self) -> bytes:
        """What is sent, before it is compressed."""
        content = self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()
        return content[: len(content) // 2] if self.cut else content


class Clock:
    """A time that only goes on while somebody waits, and how long each has waited."""

    def __init__(self, now: datetime = datetime(2026, 11, 28, 12, tzinfo=UTC)) -> None:
        self._now = now
        self.waited: list[float] = []

    def now(self) -> datetime:
        """The time in UTC."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Wait, which takes no time outside."""
        self.waited.append(seconds)
        self._now += timedelta(seconds=seconds)


class WebStub:
    """A server that answers with what `respond` says, first with the replies in `next`."""

    def __init__(self) -> None:
        self.url = ""
        self.requests: list[Received] = []
        self.next: list[Reply | None] = []

    def respond(self, request: Received) -> Reply:
        """What the service answers."""
        raise NotImplementedError

    def reply(self, request: Received) -> Reply:
        """The answer to a request, which is noted; None among the next ones is the usual."""
        self.requests.append(request)
        waiting = self.next.pop(0) if self.next else None
        return self.respond(request) if waiting is None else waiting


FILTER = "!made-of-fields"


class StackExchangeStub(WebStub):
    """The Stack Exchange API: questions by tag and month, a quota, backoff, compressed always.

    `asked` are the questions of each tag and month. An answer has `backoff` where the list of that
    name has a number for it. Whoever comes before the time is told of a violation.
    """

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.clock = clock
        self.asked: dict[tuple[str, date], int] = {}
        self.quota = 300
        self.keys: set[str] = set()
        self.backoff: list[int] = []
        self._wait_until = datetime.min.replace(tzinfo=UTC)

    def respond(self, request: Received) -> Reply:
        """An answer in the common wrapper, cut by the filter."""
        if self.quota <= 0:
            return failure(502, "throttle_violation", MORE_IN.format(51_231))
        if self.clock.now() < self._wait_until:
            return failure(502, "throttle_violation", "Violation of backoff parameter")
        self.quota -= 1
        if "key" in request.values and request.values["key"] not in self.keys:
            return failure(400, "bad_parameter", "`key` doesn't match a known application")
        path = urlsplit(request.path).path
        if path == "/2.3/filters/create":
            return self._wrapped({"items": [{"filter": FILTER, "filter_type": "safe"}]})
        if path != "/2.3/questions":
            return failure(404, "no_method", "no method found with this name")
        if request.values.get("filter") != FILTER or request.values.get("site") != "stackoverflow":
            return failure(400, "bad_parameter", "Invalid filter specified")
        first = ORIGIN + timedelta(seconds=int(request.values["fromdate"]))
        after = ORIGIN + timedelta(seconds=int(request.values["todate"]) + 1)
        months = [month for tag, month in self.asked if tag == request.values["tagged"]]
        within = [month for month in months if first <= month < after]
        total = sum(self.asked[request.values["tagged"], month] for month in within)
        return self._wrapped({"total": total})

    def _wrapped(self, body: dict[str, Any]) -> Reply:
        wrapped = {**body, "quota_max": 300, "quota_remaining": self.quota}
        if self.backoff and (seconds := self.backoff.pop(0)):
            wrapped["backoff"] = seconds
            self._wait_until = self.clock.now() + timedelta(seconds=seconds)
        return Reply(wrapped)

    @property
    def months_asked(self) -> list[tuple[str, date]]:
        """The tag and first day of each request for questions."""
        return [
            (one.values["tagged"], ORIGIN + timedelta(seconds=int(one.values["fromdate"])))
            for one in self.requests
            if one.path.startswith("/2.3/questions")
        ]


MORE_IN = "too many requests from this IP, more requests available in {} seconds"


def failure(number: int, name: str, message: str, status: int = 400) -> Reply:
    """An error of the Stack Exchange API, which the built-in filters cannot leave out."""
    return Reply({"error_id": number, "error_message": message, "error_name": name}, status)


class WikimediaStub(WebStub):
    """Wikimedia's pageviews: days without views are left out, and a 404 where there is none."""

    def __init__(self) -> None:
        super().__init__()
        self.views: dict[tuple[str, date], int] = {}

    def respond(self, request: Received) -> Reply:
        """The items of an article's days, or that there are none."""
        *start, article, daily, first, last = request.path.split("/")
        if not request.headers.get("User-Agent") or daily != "daily":
            return Reply(b"Scripts should use an informative User-Agent string", 403)
        path = "/api/rest_v1/metrics/pageviews/per-article/en.wikipedia/all-access/user"
        if "/".join(start) != path:
            return Reply({"title": "Not found.", "status": 404}, 404)
        name = unquote(article)
        days = (day for found, day in self.views if found == name)
        within = sorted(day for day in days if f"{day:%Y%m%d}" >= first and f"{day:%Y%m%d}" <= last)
        items = [item(name, day, self.views[name, day]) for day in within if self.views[name, day]]
        return Reply({"items": items}) if items else Reply(NO_VIEWS, 404)


NO_VIEWS = {
    "detail": "The date(s) you used are valid, but we either do not have data for those date(s), "
    "or the project you asked for is not loaded yet.",
    "status": 404,
    "title": "Not Found",
}


def item(article: str, day: date, views: Any) -> dict[str, Any]:
    """A day of an article as the API gives it."""
    return {
        "project": "en.wikipedia",
        "article": article,
        "granularity": "daily",
        "timestamp": f"{day:%Y%m%d}00",
        "access": "all-access",
        "agent": "user",
        "views": views,
    }


@contextmanager
def serving(stub: WebStub) -> Iterator[WebStub]:
    """The stub behind a port of this machine, until the end."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(stub.reply))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    stub.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield stub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(reply: Callable[[Received], Reply]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # With it, each answer waits 40 ms for an acknowledgment.
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            values = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
            answer = reply(Received(self.path, values, dict(self.headers)))
            if answer.drop:
                self.close_connection = True
                return
            content = answer.content
            self.send_response(answer.status)
            if "gzip" in self.headers.get("Accept-Encoding", ""):
                content = gzip.compress(content)
                self.send_header("Content-Encoding", "gzip")
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self._send(content, answer)

        def _send(self, content: bytes, answer: Reply) -> None:
            if answer.lost:
                self.wfile.write(content[: len(content) // 2])
                self.close_connection = True
                return
            if not answer.drip:
                self.wfile.write(content)
                return
            try:
                for byte in content:
                    self.wfile.write(bytes([byte]))
                    self.wfile.flush()
                    time.sleep(answer.drip)
            except OSError:
                self.close_connection = True

        def log_message(self, format: str, *values: object) -> None:
            """Say nothing: the tests read what was received."""

    return Handler
