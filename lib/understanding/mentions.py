"""What words of a text name: a package, a country, a group, a period, a number."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from lib.router import Period
from lib.selection import Preset


class Kind(StrEnum):
    """What is named. The value is the slot that stands for it in phrases."""

    PACKAGE = "{package}"
    COUNTRY = "{country}"
    GROUP = "{group}"
    OPTION = "{option}"
    NUMBER = "{number}"
    VERSION = "{version}"
    NOW = "{now}"
    ALWAYS = "{always}"
    PERIOD = "{period}"
    NOTHING = "{nothing}"


PERIODS = frozenset({Kind.NOW, Kind.ALWAYS, Kind.PERIOD})


@dataclass(frozen=True)
class Mention:
    """The words from `first` to before `end` of a text name something.

    `value` is a package's name, a country's code or a group's name; `meaning` says it to a
    reader. `packages` are those of a group, or the one that is named. `certain` is False for a
    guess, and for what cannot be understood (`NOTHING`).
    """

    first: int
    end: int
    kind: Kind
    value: str
    meaning: str
    certain: bool = True
    period: Preset | Period | None = None
    packages: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """How many words it has."""
        return self.end - self.first


def taken(mentions: Iterable[Mention]) -> frozenset[int]:
    """The places of the words that the mentions are made of."""
    return frozenset(at for mention in mentions for at in range(mention.first, mention.end))
