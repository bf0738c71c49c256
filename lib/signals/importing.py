"""Imports files of signals on the command line: what is understood is said before it is kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from lib.signals import TERMS
from lib.signals.files import understand
from lib.signals.kept import keep
from lib.signals.terms import packages_of
from lib.signals.understood import Understood
from lib.stores.duckdb import DuckDBStore

Say = Callable[[str], None]


def understand_all(paths: Sequence[Path], now: datetime, say: Say) -> tuple[Understood, ...]:
    """What the files hold, each said. Raises ImportRejected for the first that cannot be taken."""
    found = []
    for path in paths:
        understood = understand(path.read_bytes(), path.name, now)
        say(f"{understood.file}: {understood.words}.")
        for remark in understood.remarks:
            say(f"{understood.file}: {remark}.")
        found.append(understood)
    return tuple(found)


def keep_all(understood: Sequence[Understood], path: Path, say: Say) -> None:
    """Keep the series of all files at once, and say beside which packages they will be shown.

    Where two files have the same term, the later one stays. Raises StoreError.
    """
    series = [one for each in understood for one in each.series]
    keep(path, series)
    own = DuckDBStore(path).own_terms()
    for one in series:
        packages = packages_of(one.signal, one.term, own)
        beside = (
            f"shown beside {', '.join(packages)}"
            if packages
            else (f"no package is known by this {TERMS[one.signal]}: name it on the Data page")
        )
        say(f"{one.name}: {len(one.frame):,} {one.grain}s kept; {beside}")
