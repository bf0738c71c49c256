"""A reader's own group of packages as a value, to and from the address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from lib.packages import groups, normalized
from lib.parameters import Reading

PARAMETER = "own"

MOST_GROUPS = 5

MOST_PACKAGES = 300

LONGEST_NAME = 40

LONGEST_ADDRESS = 6000
"""How many characters of an address own groups may take: many servers refuse more than 8,000."""

_MOST_TEXT = 30_000


@dataclass(frozen=True)
class OwnGroup:
    """A named set of packages: normalized names, each once, in the order of their naming."""

    name: str
    packages: tuple[str, ...]

    @property
    def text(self) -> str:
        """The group as an address has it: `My stack:numpy,pandas`."""
        return f"{self.name}:{','.join(self.packages)}"


def from_parameters(
    parameters: Mapping[str, Sequence[str]],
) -> tuple[tuple[OwnGroup, ...], tuple[str, ...]]:
    """The groups that an address names, and what of it was ignored and why.

    Any input gives groups, perhaps none: nothing here raises. Other parameters are not read.
    """
    reading = Reading(parameters)
    found: dict[str, OwnGroup] = {}
    for text in reading.texts(PARAMETER):
        group = _read(text[:_MOST_TEXT], reading)
        if group is None:
            continue
        if group.name in found:
            reading.ignore(PARAMETER, group.name, "another group has this name")
        elif len(found) == MOST_GROUPS:
            reading.ignore(PARAMETER, group.name, f"at most {MOST_GROUPS} own groups")
            break
        else:
            found[group.name] = group
    return tuple(found.values()), tuple(reading.ignored)


def to_parameters(own: Sequence[OwnGroup]) -> dict[str, list[str]]:
    """The groups as query parameters: none where there are none.

    Those that an address has no room for are left out (`without_room`).
    """
    left_out = without_room(own)
    texts = [group.text for group in own if group not in left_out]
    return {PARAMETER: texts} if texts else {}


def without_room(own: Sequence[OwnGroup]) -> tuple[OwnGroup, ...]:
    """The groups that an address cannot hold, for those before have filled it."""
    taken, left_out = 0, []
    for group in own:
        length = len(PARAMETER) + 2 + len(quote(group.text, safe=""))
        if taken + length > LONGEST_ADDRESS:
            left_out.append(group)
        else:
            taken += length
    return tuple(left_out)


def checked_name(text: str) -> str:
    """The name of a group as it is kept. Raises ValueError, saying why, for one that cannot be."""
    name = " ".join(text.split())
    if not name:
        raise ValueError("a group needs a name")
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise ValueError(f"a name has at most {LONGEST_NAME} printable characters")
    if name.casefold() in {known.casefold() for known in groups()}:
        raise ValueError("a group of the app has this name")
    return name


def _read(text: str, reading: Reading) -> OwnGroup | None:
    """The group that one value of the parameter describes; None where it describes none."""
    named, _, listed = text.rpartition(":")
    try:
        name = checked_name(named)
    except ValueError as error:
        reading.ignore(PARAMETER, text, str(error))
        return None
    packages: dict[str, None] = {}
    for part in filter(None, (part.strip() for part in listed.split(","))):
        try:
            package = normalized(part)
        except ValueError:
            reading.ignore(PARAMETER, part, "no package name")
            continue
        if len(packages) == MOST_PACKAGES and package not in packages:
            reading.ignore(PARAMETER, name, f"at most {MOST_PACKAGES} packages in a group")
            break
        packages[package] = None
    if not packages:
        reading.ignore(PARAMETER, text, "no packages: use name:package,package")
        return None
    return OwnGroup(name, tuple(packages))
