"""Serves the app for a measurement, as `make run` does."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import psutil

from bench.stores import NOW

ROOT = Path(__file__).resolve().parent.parent

_PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Server:
    """A running server."""

    port: int
    process: psutil.Process

    @property
    def stream(self) -> str:
        """The address of the websocket that a browser opens."""
        return f"ws://localhost:{self.port}/_stcore/stream"

    def resident_bytes(self) -> int:
        """Memory that the server and what it started hold."""
        return sum(process.memory_info().rss for process in self._processes())

    def cpu_seconds(self) -> float:
        """CPU time that the server and what it started have used so far."""
        times = [process.cpu_times() for process in self._processes()]
        return sum(used.user + used.system for used in times)

    def _processes(self) -> list[psutil.Process]:
        return [self.process, *self.process.children(recursive=True)]


def environment(store: Path, now: str = NOW) -> dict[str, str]:
    """The settings of the app under measurement. Its clock runs where `now` is empty."""
    return {"PULSE_STORE": str(store), "PULSE_NOW": now, "PULSE_LIVE": "sample"}


@contextmanager
def serving(store: Path, now: str = NOW) -> Iterator[Server]:
    """A server of its own for the app, ready to answer; stopped at the end.

    Its clock stands at `now`, or runs where that is empty.
    """
    port = _free_port()
    command = [sys.executable, "-m", "streamlit", "run", "Home.py", "--server.port", str(port)]
    process = subprocess.Popen(
        [*command, "--server.headless", "true", "--server.fileWatcherType", "none"],
        cwd=ROOT,
        env={**os.environ, **environment(store, now)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(port)
        yield Server(port, psutil.Process(process.pid))
    finally:
        process.terminate()
        process.wait()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("localhost", 0))
        return int(found.getsockname()[1])


def _wait(port: int) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            with urlopen(f"http://localhost:{port}/_stcore/health"):
                return
        except URLError:
            time.sleep(0.1)
    raise TimeoutError("The server did not start.")
