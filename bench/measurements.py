"""The measurements by name, each run in a process of its own so that none warms another up."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from multiprocessing import get_context

from streamlit.logger import set_log_level

from bench.figures import Outcome

_MODULES = {
    "queries": "bench.queries",
    "growth": "bench.growth",
    "page": "bench.page",
    "bytes": "bench.traffic",
    "memory": "bench.memory",
    "findings": "bench.findings",
    "live": "bench.live",
}

MEASUREMENTS = tuple(_MODULES)


def outcome_of(name: str) -> Outcome:
    """Run a measurement and return what it found."""
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as process:
        return process.submit(_measure, name).result()


def _measure(name: str) -> Outcome:
    set_log_level("error")
    outcome: Outcome = import_module(_MODULES[name]).measure()
    return outcome
