"""Asks PyPI's JSON API about one package, within bounds of time and size."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    import httpx

_log = logging.getLogger(__name__)

_TIMEOUT = 3.0
"""Seconds to connect, and between two parts of an answer."""

_LONGEST = 15.0
"""Seconds that an answer may take in all."""

_MOST_BYTES = 20_000_000
"""The answer about a package with thousands of releases has some megabytes."""

_MOST_REDIRECTS = 2

_AGENT = "PyPI-Pulse/0.1 (package facts for a dashboard of downloads; kept for a day)"
"""Who asks, as PyPI wants to be told (docs.pypi.org/api)."""


class Unreachable(Exception):
    """PyPI did not answer, or not with what it promises: another package would fare no better."""


def ask(base: str, name: str) -> bytes | None:
    """The JSON that PyPI at `base` has about the package of this normalized name.

    None where it knows no such package, and where the answer is too long. Raises Unreachable.
    """
    # Here, where it costs no page its time.
    import httpx

    url = httpx.URL(f"{base}/pypi/{quote(name, safe='')}/json")
    headers = {"User-Agent": _AGENT, "Accept": "application/json", "Accept-Encoding": "gzip"}
    until = time.monotonic() + _LONGEST
    try:
        with httpx.Client(timeout=_TIMEOUT, headers=headers) as client:
            for _ in range(_MOST_REDIRECTS + 1):
                with client.stream("GET", url) as response:
                    if response.status_code == httpx.codes.NOT_FOUND:
                        return None
                    if response.has_redirect_location:
                        url = _same_host(url, url.join(response.headers["location"]))
                        continue
                    response.raise_for_status()
                    return _bounded(response, until)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        _log.info("PyPI said nothing of %s: %r", name, error)
        raise Unreachable(str(error)) from None
    raise Unreachable("PyPI redirects without end.")


def _same_host(url: httpx.URL, other: httpx.URL) -> httpx.URL:
    """Where a redirect leads, which must not be another host."""
    if (url.scheme, url.host, url.port) != (other.scheme, other.host, other.port):
        raise Unreachable(f"PyPI redirects to {other.host}.")
    return other


def _bounded(response: httpx.Response, until: float) -> bytes | None:
    body = bytearray()
    for part in response.iter_bytes():
        body += part
        if len(body) > _MOST_BYTES:
            return None
        if time.monotonic() > until:
            raise Unreachable("PyPI answers too slowly.")
    return bytes(body)
