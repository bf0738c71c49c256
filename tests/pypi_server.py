"""A server that answers as PyPI's JSON API does, and in every way in which it might not."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

Handle = Callable[[BaseHTTPRequestHandler], None]


def answer(**info: Any) -> dict[str, Any]:
    """What PyPI says of a package with two releases, one of them yanked, and one without files."""
    file = {"filename": "a.whl", "yanked": False}
    return {
        "info": {
            "name": "Plotly",
            "summary": "An open-source interactive data visualization library for Python",
            "license": None,
            "license_expression": "MIT",
            "requires_python": ">=3.8",
            "version": "7.1.0",
            "home_page": None,
            "project_urls": {"Changelog": "https://github.com/plotly/plotly.py"},
            "classifiers": ["License :: OSI Approved :: MIT License"],
            **info,
        },
        "releases": {
            "7.1.0": [
                {**file, "upload_time_iso_8601": "2026-10-02T23:59:59.999999Z"},
                {**file, "upload_time_iso_8601": "2026-10-01T08:00:00.000000Z"},
            ],
            "7.0.0": [{**file, "yanked": True, "upload_time": "2026-09-01T08:00:00"}],
            "1.6.18": [],
        },
        "urls": [],
        "last_serial": 41105601,
    }


def send(
    request: BaseHTTPRequestHandler,
    body: bytes,
    status: int = 200,
    **headers: str,
) -> None:
    """Answer with a body; underscores of the headers' names are hyphens."""
    request.send_response(status)
    headers.setdefault("Content_Length", str(len(body)))
    for name, value in headers.items():
        request.send_header(name.replace("_", "-"), value)
    request.end_headers()
    request.wfile.write(body)


def as_json(value: object) -> Handle:
    """Answers with this as JSON."""
    return lambda request: send(request, json.dumps(value).encode(), Content_Type="text/json")


def zipped(value: bytes) -> Handle:
    """Answers with this, compressed."""
    return lambda request: send(request, gzip.compress(value), Content_Encoding="gzip")


def redirected(to: str) -> Handle:
    """Sends the client elsewhere."""
    return lambda request: send(request, b"", 301, Location=to)


@dataclass
class PyPI:
    """The server: what it answers of each package, and what it was asked."""

    address: str
    answers: dict[str, Handle] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    agents: list[str] = field(default_factory=list)
    open_gate: Event = field(default_factory=Event)


@contextmanager
def pypi_server() -> Iterator[PyPI]:
    """A server on this machine, while the `with` lasts."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked.append(self.path)
            found.agents.append(self.headers["User-Agent"])
            handle = found.answers.get(self.path.split("/")[-2])
            if handle is None:
                send(self, b'{"message": "Not Found"}', 404)
            else:
                handle(self)

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = PyPI(f"http://127.0.0.1:{server.server_port}")
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield found
    finally:
        found.open_gate.set()
        server.shutdown()
        server.server_close()
