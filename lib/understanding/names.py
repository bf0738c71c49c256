"""The packages and groups that a text names; English words are told from packages by context."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lib.packages import groups, normalized
from lib.understanding.context import is_named
from lib.understanding.mentions import Kind, Mention
from lib.understanding.text import Word

_FILE = Path(__file__).with_name("names.csv")

_LONGEST = 4
"""The most words that a name has here."""


@dataclass(frozen=True)
class _Spoken:
    """What the file of names says: other names, English words, and what is no package."""

    packages: Mapping[str, str]
    groups: Mapping[str, str]
    options: Mapping[str, str]
    words: frozenset[str]
    others: frozenset[str]


@cache
def _spoken() -> _Spoken:
    with _FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))

    def of(kind: str) -> dict[str, str]:
        return {row["name"].casefold(): row["stands_for"] for row in rows if row["kind"] == kind}

    named = {name.casefold(): name for name in groups()}
    return _Spoken(
        packages=of("package"),
        groups={**of("group"), **named},
        options=of("option"),
        words=frozenset(of("word")),
        others=frozenset(of("other")),
    )


def other_names() -> Mapping[str, str]:
    """Packages by the other names that people give them."""
    return _spoken().packages


def other_values() -> Mapping[str, str]:
    """Values of options by the other names that people give them."""
    return _spoken().options


def is_no_package(plain: str) -> bool:
    """Whether a word in lower case names something else: a system, another ecosystem."""
    return plain in _spoken().others


def is_name(text: str, known: frozenset[str]) -> bool:
    """Whether a text is the name of a package held, or another name of one."""
    return _spelled(text) in known or text.casefold() in _spoken().packages


def named_groups(words: Sequence[Word], free: frozenset[int]) -> tuple[Mention, ...]:
    """The groups that the free words name, longest names first."""

    def read(first: int, end: int) -> Mention | None:
        name = _spoken().groups.get(" ".join(word.plain for word in words[first:end]))
        return group(first, end, name, groups()[name]) if name else None

    return _longest(len(words), free, 1, read)


def joined_packages(
    words: Sequence[Word], free: frozenset[int], known: frozenset[str]
) -> tuple[Mention, ...]:
    """The packages whose names are written in several words: `scikit learn`."""

    def read(first: int, end: int) -> Mention | None:
        plain = "-".join(word.plain for word in words[first:end])
        name = _meant(plain, known)
        return package(first, end, name, known) if name else None

    return _longest(len(words), free, 2, read)


def named_packages(
    words: Sequence[Word],
    free: frozenset[int],
    known: frozenset[str],
    is_ordinary: Callable[[Word], bool],
) -> tuple[Mention, ...]:
    """The packages that single free words name.

    `is_ordinary` tells words that are part of how people ask: they are packages only where the
    context says so. Other English words that context does not settle are uncertain mentions.
    """

    def is_held(plain: str) -> bool:
        return bool(_meant(plain, known))

    found = []
    for at in sorted(free):
        word = words[at]
        name = _meant(word.text, known) or _meant(word.plain, known)
        if not name:
            continue
        ambiguous = word.plain in _spoken().words or is_ordinary(word)
        if not ambiguous or is_named(words, at, free, is_held, is_ordinary):
            certain = not _is_two(word.plain, known)
            found.append(package(at, at + 1, name, known, certain=certain))
        elif word.plain in _spoken().words:
            found.append(package(at, at + 1, name, known, certain=False))
    return tuple(found)


def package(
    first: int, end: int, name: str, known: frozenset[str], *, certain: bool = True
) -> Mention:
    """The mention of a package; one that is not held says so, and is not certain."""
    is_held = name in known
    meaning = f"{name}{'' if certain else '?'}" if is_held else f"{name}, not held"
    is_certain = certain and is_held
    return Mention(first, end, Kind.PACKAGE, name, meaning, is_certain, packages=(name,))


def group(first: int, end: int, name: str, packages: tuple[str, ...]) -> Mention:
    """The mention of a group, or of some packages of it."""
    meaning = f"{name}: {', '.join(packages)}"
    return Mention(first, end, Kind.GROUP, name, meaning, packages=packages)


def _longest(
    count: int, free: frozenset[int], fewest: int, read: Callable[[int, int], Mention | None]
) -> tuple[Mention, ...]:
    found, at = [], 0
    while at < count:
        mention = None
        for end in range(min(at + _LONGEST, count), at + fewest - 1, -1):
            if free.issuperset(range(at, end)):
                mention = mention or read(at, end)
        if mention:
            found.append(mention)
        at = mention.end if mention else at + 1
    return tuple(found)


def _spelled(text: str) -> str:
    try:
        return normalized(text)
    except ValueError:
        return ""


def _meant(text: str, known: frozenset[str]) -> str:
    """The package held that a text names, by its own or another name; or nothing.

    Another name wins over a package of that very name: who writes `sklearn` means scikit-learn.
    """
    other = _spoken().packages.get(text.casefold(), "")
    spelled = _spelled(text)
    if other and (other in known or spelled not in known):
        return other
    return spelled if spelled in known else ""


def _is_two(plain: str, known: frozenset[str]) -> bool:
    """Whether a name is that of one package held, and another name of a second one."""
    return _spoken().packages.get(plain, plain) != plain and _spelled(plain) in known
