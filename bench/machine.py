"""Names the machine and the versions that figures were measured on."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import psutil

_LIBRARIES = ("streamlit", "duckdb", "chdb", "pandas", "pyarrow", "numpy", "sqlglot")


@dataclass(frozen=True)
class Machine:
    """What a figure depends on besides the code."""

    cpu: str
    cores: int
    memory_gb: int
    system: str
    versions: dict[str, str]

    @property
    def words(self) -> str:
        """The machine in one line."""
        return f"{self.cpu}, {self.cores} cores, {self.memory_gb} GB, {self.system}"


def this_machine() -> Machine:
    """The machine that this runs on."""
    return Machine(
        _cpu(),
        psutil.cpu_count() or 1,
        round(psutil.virtual_memory().total / 2**30),
        f"{platform.system()} {platform.machine()}",
        {
            "python": platform.python_version(),
            **{name: version(name) for name in _LIBRARIES},
        },
    )


def _cpu() -> str:
    description = Path("/proc/cpuinfo")
    if description.exists():
        for line in description.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
