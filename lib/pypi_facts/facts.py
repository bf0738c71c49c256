"""What PyPI says of a package, read from an answer of its JSON API that may hold anything."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import quote, urlsplit

_LONGEST_SUMMARY = 300

_LONGEST_TEXT = 80
"""A license longer than this is the text of one, and a version longer than this is none."""

_LONGEST_ADDRESS = 500

_MOST_LINKS = 8

_MOST_RELEASES = 5000

_LICENSE = "License :: "

_NO_LICENSE = {"", "unknown", "none", "other/proprietary license", "license"}

_SAFE = "/:?#!&;=+,%~"
"""What is left as it is in a link. Parentheses and dollars are not: Markdown reads them."""


@dataclass(frozen=True)
class Release:
    """A version of a package, the UTC day of its first file, and whether all files are yanked."""

    version: str
    day: date
    yanked: bool


@dataclass(frozen=True)
class Link:
    """A link of a project: what it is called, and an http or https address safe in Markdown."""

    label: str
    address: str


@dataclass(frozen=True)
class PackageFacts:
    """What PyPI says of a package on the day `as_of`; what it does not say is empty.

    `latest` is the version that PyPI shows. `releases` are those with files, the oldest first.
    """

    name: str
    as_of: date
    summary: str = ""
    license: str = ""
    requires_python: str = ""
    latest: str = ""
    links: tuple[Link, ...] = ()
    releases: tuple[Release, ...] = ()

    @property
    def latest_day(self) -> date | None:
        """The day of the latest version, where it is told."""
        return next((each.day for each in self.releases if each.version == self.latest), None)


def read_facts(name: str, body: bytes, as_of: date) -> PackageFacts | None:
    """What an answer says; None where it is no answer about a package.

    Anything may stand in it: what is not as documented is left out.
    """
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return None
    info = answer.get("info") if isinstance(answer, dict) else None
    if not isinstance(info, dict):
        return None
    latest = _text(info.get("version"), _LONGEST_TEXT)
    return PackageFacts(
        name=name,
        as_of=as_of,
        summary=_text(info.get("summary"), _LONGEST_SUMMARY, cut=True),
        license=_license(info),
        requires_python=_text(info.get("requires_python"), _LONGEST_TEXT),
        latest=latest,
        links=_links(info),
        releases=_releases(answer, latest),
    )


def _text(value: object, longest: int, *, cut: bool = False) -> str:
    """A text in one line of printable characters; nothing where it is none, or is too long."""
    if not isinstance(value, str):
        return ""
    words = "".join(c if c.isprintable() else " " for c in value[: 10 * longest]).split()
    text = " ".join(words)
    if len(text) <= longest:
        return text
    return f"{text[: longest - 1].rstrip()}…" if cut else ""


def _license(info: Mapping[str, object]) -> str:
    """The license expression (PEP 639), or the license named, or that of the classifiers."""
    for name in ("license_expression", "license"):
        text = _text(info.get(name), _LONGEST_TEXT)
        if text.casefold() not in _NO_LICENSE:
            return text
    classifiers = info.get("classifiers")
    named = [
        _text(each.rpartition(" :: ")[2], _LONGEST_TEXT)
        for each in (classifiers if isinstance(classifiers, list) else [])
        if isinstance(each, str) and each.startswith(_LICENSE)
    ]
    kept = [text for text in dict.fromkeys(named) if text.casefold() not in _NO_LICENSE]
    return ", ".join(kept[:3])


def _links(info: Mapping[str, object]) -> tuple[Link, ...]:
    urls = info.get("project_urls")
    offered: list[tuple[object, object]] = list(urls.items()) if isinstance(urls, dict) else []
    offered.append(("Homepage", info.get("home_page")))
    found: dict[str, Link] = {}
    for label, url in offered:
        named, address = _text(label, _LONGEST_TEXT), _address(url)
        if named and address:
            found.setdefault(address.rstrip("/"), Link(named, address))
    return tuple(found.values())[:_MOST_LINKS]


def _address(url: object) -> str:
    """An http or https address with nothing in it that Markdown could read; or nothing."""
    if not isinstance(url, str) or len(url) > _LONGEST_ADDRESS:
        return ""
    try:
        parts = urlsplit(url.strip())
        host = parts.hostname or ""
        # A name before the host is there to be taken for the host.
        if parts.scheme not in ("http", "https") or "@" in parts.netloc:
            return ""
        return quote(parts.geturl(), safe=_SAFE) if re.fullmatch(r"[\w.-]+", host) else ""
    except ValueError:
        return ""


def _releases(answer: Mapping[str, object], latest: str) -> tuple[Release, ...]:
    """The releases with files. PyPI may drop the others: the files of the latest then remain."""
    listed = answer.get("releases")
    files = dict(listed) if isinstance(listed, dict) else {}
    files.setdefault(latest, answer.get("urls"))
    found = []
    for text, each in files.items():
        version = _text(text, _LONGEST_TEXT)
        if version and isinstance(each, list):
            found += _release(version, [file for file in each if isinstance(file, dict)])
    return tuple(sorted(found, key=lambda release: release.day)[-_MOST_RELEASES:])


def _release(version: str, files: list[dict[str, object]]) -> list[Release]:
    days = [day for file in files if (day := _day(file))]
    if not days:
        return []
    return [Release(version, min(days), all(file.get("yanked") is True for file in files))]


def _day(file: Mapping[str, object]) -> date | None:
    for name in ("upload_time_iso_8601", "upload_time"):
        text = file.get(name)
        if isinstance(text, str):
            try:
                return datetime.fromisoformat(text[:40]).date()
            except ValueError:
                continue
    return None
