"""Fetches signals in another process, so that pages are served meanwhile."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from threading import Lock

from lib.progress import Progress, signals_progress
from lib.settings import Settings
from lib.signals.command import is_fetching
from lib.signals.kept import signals_file
from lib.signals.order import LiveSource

_ROOT = Path(__file__).resolve().parent.parent.parent

_starting = Lock()
"""Held while a fetch is started: two readers may press at once."""

_processes: dict[str, subprocess.Popen[bytes]] = {}
"""The process that fetches into each file; kept, so that it is reaped."""


def command(source: LiveSource, packages: Sequence[str], first: date, last: date) -> list[str]:
    """What follows `python -m lib` to fetch these signals."""
    return [
        *("signals", "--source", str(source), "--packages", ",".join(packages)),
        *("--from", first.isoformat(), "--to", last.isoformat()),
    ]


def start(settings: Settings, wanted: Sequence[str]) -> None:
    """Run such a command in another process, unless one is at work.

    Whether whoever asks may do so is for the page to look at.
    """
    with _starting:
        if is_running(settings):
            return
        path = signals_file(settings)
        signals_progress(path).write(Progress(0.0, "Starting to fetch signals"))
        store = settings.store_name if settings.dataset else str(settings.store.resolve())
        _processes[settings.store_name] = subprocess.Popen(
            [sys.executable, "-m", "lib", "--verbose", *wanted, "--for-pages"],
            cwd=_ROOT,
            env={**os.environ, "PULSE_STORE": store},
            stdin=subprocess.DEVNULL,
        )


def is_running(settings: Settings) -> bool:
    """Whether signals are being fetched, by a process started here or on a command line."""
    started = _processes.get(settings.store_name)
    return (started is not None and started.poll() is None) or is_fetching(settings)


def ended_badly(settings: Settings) -> bool:
    """Whether the last process that was started here failed."""
    started = _processes.get(settings.store_name)
    return started is not None and bool(started.poll())
