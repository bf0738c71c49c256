"""The packages that a file names, collected entry by entry, with what could not be read and why."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import InvalidWheelFilename, parse_wheel_filename
from packaging.version import InvalidVersion

from lib.packages import normalized

MOST_PACKAGES = 500
"""More packages than this are not read from one file."""

_MOST_LEFT = 40

_LONGEST_ENTRY = 120

_LONGEST_REQUIREMENT = 2000
"""Of a longer one the name alone is read: what reads the rest may take long over it."""

_NAME_FIRST = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:[\[<>=!~;(].*)?")

_NAME_AT_ADDRESS = re.compile(
    r"([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*@\s*(?:[\w+]+:|[./])"
)

_EGG = re.compile(r"[#&]egg=([A-Za-z0-9._-]+)")

_WHEEL = re.compile(r"([^/\\?#=]+\.whl)(?:[?#].*)?$")

_SECRET = re.compile(r"//[^/@\s]+@")

FOLDER = "a folder of this machine"

OTHER_FILE = "another file: give that one too"


@dataclass(frozen=True)
class Dependencies:
    """What a project depends on.

    `form` is what the file was read as, `packages` the normalized names, each once, in the order
    of the file, and `not_read` the entries that could not be read, each with why.
    """

    form: str
    packages: tuple[str, ...]
    not_read: tuple[str, ...]


@dataclass
class Collected:
    """What has been read so far.

    `own` is the project's own name, which is no dependency of its own; `local` are packages that
    come from folders.
    """

    own: str = ""
    local: set[str] = field(default_factory=set)
    packages: dict[str, None] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)
    too_many: int = 0

    def name_project(self, name: object) -> None:
        """The project's own name: extras often ask for other extras of it."""
        if isinstance(name, str):
            with suppress(ValueError):
                self.own = normalized(name)

    def take(self, name: object, entry: str = "") -> None:
        """A package by its name; `entry` is where it stands, if that is more than the name."""
        if not isinstance(name, str):
            self.leave(entry or "an entry", "no package name")
            return
        try:
            package = normalized(name)
        except ValueError:
            self.leave(entry or name, "no package name")
            return
        if package in self.local:
            self.leave(entry or name, FOLDER)
        elif package in self.packages or package == self.own:
            return
        elif len(self.packages) == MOST_PACKAGES:
            self.too_many += 1
        else:
            self.packages[package] = None

    def leave(self, entry: str, why: str) -> None:
        """An entry that is not read. Passwords in addresses are not shown."""
        text = _SECRET.sub("//…@", entry[:_LONGEST_REQUIREMENT])
        text = "".join(filter(str.isprintable, text))
        if len(text) > _LONGEST_ENTRY:
            text = text[: _LONGEST_ENTRY - 1] + "…"
        self.left.append(f"{text} ({why})")

    def take_requirement(self, text: object, where: str = "") -> None:
        """A requirement as PEP 508 has it, or an address or a path; `where` it stands."""
        if not isinstance(text, str):
            self.leave(where or "an entry", "no requirement")
            return
        text = text.strip()
        entry = f"{where}{text}"
        if name := _name_of(text):
            self.take(name, entry)
        elif _is_address(text):
            self.leave(entry, "an address that does not name its package")
        elif text.startswith((".", "/", "~", "file:")) or text.endswith((".zip", ".tar.gz")):
            self.leave(entry, FOLDER)
        else:
            self.leave(entry, "no requirement")

    def as_dependencies(self, form: str) -> Dependencies:
        """All that was collected."""
        left = list(dict.fromkeys(self.left))
        told = left[:_MOST_LEFT]
        if len(left) > len(told):
            told.append(f"… and {len(left) - len(told):,} more entries")
        if self.too_many:
            told.append(f"{self.too_many:,} more packages (at most {MOST_PACKAGES} are read)")
        return Dependencies(form, tuple(self.packages), tuple(told))


def _name_of(text: str) -> str:
    """The package that a requirement names, also where its versions are not as they should be."""
    if at_address := _NAME_AT_ADDRESS.match(text):
        return at_address[1]
    if _is_address(text) or "/" in text.partition(";")[0] or text.endswith(".whl"):
        return _named_in_address(text)
    try:
        if len(text) <= _LONGEST_REQUIREMENT:
            return Requirement(text).name
    except (InvalidRequirement, RecursionError):
        pass
    found = _NAME_FIRST.fullmatch(text)
    return found[1] if found and not text.endswith((".zip", ".tar.gz")) else ""


def _is_address(text: str) -> bool:
    return "://" in text.partition("#")[0].partition(";")[0]


def _named_in_address(text: str) -> str:
    """The package that an address or a path names by `#egg=` or by the name of a wheel."""
    if len(text) > _LONGEST_REQUIREMENT:
        return ""
    if egg := _EGG.search(text):
        return egg[1]
    if wheel := _WHEEL.search(text):
        with suppress(InvalidWheelFilename, InvalidVersion):
            return parse_wheel_filename(wheel[1])[0]
    return ""
