"""How far work in another process is: a small file that it writes and pages read."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

Report = Callable[[float, str], None]
"""Told how far some work is, from 0 to 1, and what is being done."""


@dataclass(frozen=True)
class Progress:
    """How far some work is: `fraction` from 0 to 1, and what is being done.

    Or how it ended: `failed`, or `done` with something to say of it.
    """

    fraction: float
    text: str
    failed: bool = False
    done: bool = False


@dataclass(frozen=True)
class ProgressFile:
    """Where the progress of one kind of work is kept."""

    path: Path

    def write(self, progress: Progress) -> None:
        """Keep the progress for others to read; whole, for it is read at any moment."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        arriving = self.path.with_name(f"{self.path.name}.{uuid.uuid4().hex}")
        arriving.write_text(json.dumps(asdict(progress)), encoding="utf-8")
        arriving.replace(self.path)

    def read(self) -> Progress | None:
        """The progress last kept, or None where nothing is being done."""
        try:
            return Progress(**json.loads(self.path.read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def end(self) -> None:
        """Forget the progress: the work is done."""
        self.path.unlink(missing_ok=True)


def sample_progress(store: Path) -> ProgressFile:
    """The progress of building the sample of a store."""
    return ProgressFile(store.with_name(store.name + ".progress"))


def fetch_progress(store: Path) -> ProgressFile:
    """The progress of fetching real rows into a store."""
    return ProgressFile(store.with_name(store.name + ".fetching"))


def signals_progress(store: Path) -> ProgressFile:
    """The progress of fetching signals into a file."""
    return ProgressFile(store.with_name(store.name + ".fetching-signals"))
