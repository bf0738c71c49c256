"""Reads requirements files, and the parts of other files that have the same form."""

from __future__ import annotations

import configparser
import re

from lib.dependencies.collected import OTHER_FILE, Collected

_COMMENT = re.compile(r"(?:^|(?<=\s))#.*$")

_OPTIONS_AFTER = re.compile(r"(?<=\s)--?[A-Za-z].*$")

_OTHER_FILE = re.compile(r"(?:-r|-c|--requirement|--constraint)\b")

_EDITABLE = re.compile(r"(?:-e|--editable)[\s=]*(.*)")

_PIP = re.compile(r"(?P<indent>\s*)-\s*pip\s*:\s*(?:#.*)?")

_ITEM = re.compile(r"(?P<indent>\s*)-\s+(?P<text>.*\S)\s*")


def read_requirements(text: str, found: Collected) -> None:
    """The requirements of a requirements.txt. Files that it names are not read."""
    for number, line in _logical_lines(text):
        where = f"line {number}: "
        if _OTHER_FILE.match(line):
            found.leave(where + line, OTHER_FILE)
        elif editable := _EDITABLE.fullmatch(line):
            found.take_requirement(_without_quotes(editable[1]), where)
        elif not line.startswith("-"):
            found.take_requirement(_OPTIONS_AFTER.sub("", line), where)


def _logical_lines(text: str) -> list[tuple[int, str]]:
    """The lines that say something, joined where a line goes on, with the number of their first."""
    lines: list[tuple[int, str]] = []
    parts: list[str] = []
    # A last line that says nothing ends one that goes on.
    for number, line in enumerate([*text.splitlines(), ""], start=1):
        goes_on = line.endswith("\\") and not line.lstrip().startswith("#")
        parts.append(line.removesuffix("\\") if goes_on else line)
        if not goes_on:
            lines.append((number - len(parts) + 1, " ".join(parts)))
            parts = []
    told = [(number, _COMMENT.sub("", line).strip()) for number, line in lines]
    return [(number, line) for number, line in told if line]


def read_setup_cfg(text: str, found: Collected) -> None:
    """The requirements of a setup.cfg. Raises configparser.Error for what is none."""
    parser = configparser.RawConfigParser(strict=False)
    parser.read_string(text)
    found.name_project(parser.get("metadata", "name", fallback=""))
    fields = [
        ("options", field) for field in ("install_requires", "setup_requires", "tests_require")
    ]
    extras = "options.extras_require"
    if parser.has_section(extras):
        fields += [(extras, field) for field in parser.options(extras)]
    for section, field in fields:
        value = parser.get(section, field, fallback="") or ""
        for line in value.replace(";\n", "\n").splitlines():
            entry = _COMMENT.sub("", line).strip()
            if entry.startswith("file:"):
                found.leave(f"{field}: {entry}", OTHER_FILE)
            elif entry:
                found.take_requirement(entry, f"{field}: ")


def read_conda(text: str, found: Collected) -> None:
    """The pip section of a conda environment, one requirement a line; the rest is told."""
    inside = -1
    others = 0
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        item = _ITEM.fullmatch(line)
        if pip := _PIP.fullmatch(line):
            inside = len(pip["indent"])
        elif item and inside >= 0 and len(item["indent"]) > inside:
            entry = _without_quotes(_COMMENT.sub("", item["text"]))
            if _OTHER_FILE.match(entry):
                found.leave(f"line {number}: {entry}", OTHER_FILE)
            elif not entry.startswith("-"):
                found.take_requirement(entry, f"line {number}: ")
        else:
            inside = -1
            others += item is not None
    if others:
        found.leave(
            f"{others} entries outside the pip section",
            "conda's packages may have other names than PyPI's",
        )


def _without_quotes(text: str) -> str:
    text = text.strip()
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"" else text
