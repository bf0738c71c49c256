"""The four classes of installer, so that a reader can say what counts as a download."""

from __future__ import annotations

from enum import StrEnum

from lib.aggregate import Filter
from lib.cubes import UNKNOWN


class InstallerClass(StrEnum):
    """Who asked for a file."""

    INSTALLERS = "installers"
    MIRRORS = "mirrors"
    BROWSERS = "browsers"
    UNKNOWN = "unknown"


LABELS = {
    InstallerClass.INSTALLERS: "Installers",
    InstallerClass.MIRRORS: "Mirrors",
    InstallerClass.BROWSERS: "Browsers and scripts",
    InstallerClass.UNKNOWN: "Unknown",
}

MEMBERS: dict[InstallerClass, tuple[str, ...]] = {
    InstallerClass.MIRRORS: (
        "Artifactory",
        "Nexus",
        "bandersnatch",
        "devpi",
        "pep381client",
        "z3c.pypimirror",
    ),
    InstallerClass.BROWSERS: ("Browser", "OS", "requests"),
    InstallerClass.UNKNOWN: (UNKNOWN,),
}
"""The installers of each class but the first, which has all the others: pip, uv, poetry, …

The names are those that PyPI's own log parser gives (linehaul-cloud-function, `ua/parser.py`).
"""


def counted(classes: tuple[InstallerClass, ...]) -> tuple[Filter, ...]:
    """The filter that keeps the downloads of these classes; nothing where all of them count."""
    chosen = set(classes)
    if not chosen or chosen == set(InstallerClass):
        return ()
    if InstallerClass.INSTALLERS in chosen:
        dropped = sorted(name for c, names in MEMBERS.items() if c not in chosen for name in names)
        return (Filter("installer", tuple(dropped), excluded=True),)
    kept = sorted(name for c, names in MEMBERS.items() if c in chosen for name in names)
    return (Filter("installer", tuple(kept)),)
