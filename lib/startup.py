"""Fills the store with the sample when the app starts, in another process."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

from lib.progress import Progress, sample_progress
from lib.settings import Settings
from lib.sources import require_source
from lib.sources.sample import NOTE, SOURCE, sample_is_complete
from lib.stores.duckdb import DuckDBStore

_ROOT = Path(__file__).resolve().parent.parent


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
    coverage = DuckDBStore(store).coverage()
    require_source(coverage, SOURCE, str(store))
    return bool(coverage)


def start_sample(settings: Settings) -> subprocess.Popen[bytes]:
    """Build or extend the sample in another process, so that pages are served meanwhile."""
    sample_progress(settings.store).write(Progress(0.0, "Starting to build the sample"))
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
