"""Asks for known vulnerabilities of the packages that the app runs on: `python scripts/audit.py`.

Exit code 1 where there are any. Where no database of advisories can be reached it says so, and that
is no failure: the machine may have no network but a package index.
"""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from tempfile import TemporaryDirectory

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

_ROOT = Path(__file__).resolve().parent.parent

_PATIENCE_SECONDS = 90


def main() -> int:
    """Audit what `requirements.txt` installs, and what that needs."""
    pinned = (_ROOT / "requirements.txt").read_text(encoding="utf-8").split()
    found = needed(pinned)
    with TemporaryDirectory() as folder:
        listed = Path(folder) / "requirements.txt"
        listed.write_text("\n".join(f"{name}=={found[name]}" for name in sorted(found)))
        try:
            answer = subprocess.run(
                [
                    *(sys.executable, "-m", "pip_audit", "--requirement", str(listed)),
                    *("--no-deps", "--disable-pip", "--progress-spinner", "off"),
                    *("--format", "json", "--timeout", "5"),
                ],
                capture_output=True,
                text=True,
                timeout=_PATIENCE_SECONDS,
                check=False,
            ).stdout
        except subprocess.TimeoutExpired:
            answer = ""
    return told(answer, len(found))


def needed(pinned: list[str]) -> dict[str, str]:
    """The packages of some requirements with all that these need, and the versions installed."""
    found: dict[str, str] = {}
    waiting = [Requirement(line) for line in pinned]
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        if name in found or not _applies(requirement):
            continue
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
        waiting += [Requirement(line) for line in requires(name) or ()]
    return found


def told(answer: str, asked: int) -> int:
    """Say what the audit answered. Returns the exit code."""
    try:
        packages = json.loads(answer)["dependencies"]
    except (ValueError, KeyError):
        packages = []
    checked = [package for package in packages if "skip_reason" not in package]
    if not checked:
        print("Skipped: no database of advisories can be reached from here.")
        return 0
    known = [(package, one) for package in checked for one in package["vulns"]]
    for package, one in known:
        fixed = ", ".join(one["fix_versions"]) or "no version yet"
        print(f"{package['name']} {package['version']}: {one['id']}, fixed by {fixed}")
    print(f"{len(checked)} of {asked} packages checked: {len(known)} known vulnerabilities.")
    return 1 if known else 0


def _applies(requirement: Requirement) -> bool:
    """Whether a requirement holds here, and not only for an extra."""
    return requirement.marker is None or requirement.marker.evaluate({"extra": ""})


if __name__ == "__main__":
    sys.exit(main())
