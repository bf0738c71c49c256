"""Fills the store with the sample when the app starts: in another process, with progress."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from lib.errors import StoreError
from lib.settings import Settings
from lib.sources.sample import NOTE, sample_is_complete
from lib.stores.duckdb import DuckDBStore

_ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Progress:
    """How far the building of the sample is: `fraction` from 0 to 1, and what is being done."""

    fraction: float
    text: str
    failed: bool = False


def progress_path(store: Path) -> Path:
    """Where the progress of the process that fills `store` is kept."""
    return store.with_name(store.name + ".progress")


def write_progress(store: Path, progress: Progress) -> None:
    """Keep the progress for the app to read; whole, for it is read at any moment."""
    path = progress_path(store)
    path.parent.mkdir(parents=True, exist_ok=True)
    arriving = path.with_name(path.name + ".arriving")
    arriving.write_text(json.dumps(asdict(progress)), encoding="utf-8")
    arriving.replace(path)


def read_progress(store: Path) -> Progress | None:
    """The progress last kept, or None where nothing is being built."""
    try:
        return Progress(**json.loads(progress_path(store).read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def end_progress(store: Path) -> None:
    """Forget the progress: the store is as it should be."""
    progress_path(store).unlink(missing_ok=True)


def sample_is_due(store: Path, yesterday: date) -> bool:
    """Whether there is no store yet, or a sample that lacks days up to `yesterday`."""
    if not store.exists():
        return True
    note = DuckDBStore(store).note(NOTE)
    return note is not None and not sample_is_complete(note, yesterday)


def holds_sample(store: Path) -> bool:
    """Whether a sample stands at `store`. Raises StoreError where real rows do instead."""
    if not store.exists():
        return False
    sources = {row.source for row in DuckDBStore(store).coverage()}
    if sources - {"sample"}:
        raise StoreError(
            f"The store at {store} holds rows from {', '.join(sorted(sources))}: a simulated "
            "sample would replace them. Name another store: PULSE_STORE=store/sample.duckdb."
        )
    return bool(sources)


def start_sample(settings: Settings) -> subprocess.Popen[bytes]:
    """Build or extend the sample in another process, so that pages are served meanwhile."""
    write_progress(settings.store, Progress(0.0, "Starting to build the sample"))
    environment = dict(os.environ, PULSE_STORE=str(settings.store.resolve()))
    return subprocess.Popen(
        [
            sys.executable,
            "-m",
            "lib",
            "sample",
            "--until",
            settings.yesterday().isoformat(),
        ],
        cwd=_ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
    )
