"""Finds the Chromium that browser tests drive, and installs one where none is found."""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")

_MAC = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)


def find_browser() -> str | None:
    """The path of a Chromium or Chrome: `PULSE_BROWSER`, one on the path, or Playwright's own."""
    named = os.environ.get("PULSE_BROWSER")
    if named:
        return named
    for name in _NAMES:
        if found := shutil.which(name):
            return found
    for place in (*_MAC, *_playwrights()):
        if Path(place).exists():
            return place
    return None


def _playwrights() -> list[str]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        return [playwright.chromium.executable_path]


def install_browser() -> None:
    """Install Chromium: by apt on Debian, as Playwright documents it elsewhere."""
    if platform.system() == "Linux" and shutil.which("apt-get") and _is_debian():
        prefix = [] if os.geteuid() == 0 else ["sudo"]
        subprocess.run([*prefix, "apt-get", "update", "-q"], check=True)
        subprocess.run([*prefix, "apt-get", "install", "-yq", "chromium"], check=True)
    else:
        dependencies = ["--with-deps"] if platform.system() == "Linux" else []
        command = [sys.executable, "-m", "playwright", "install", *dependencies, "chromium"]
        subprocess.run(command, check=True)


def _is_debian() -> bool:
    """Ubuntu's `chromium` is a snap, which Playwright does not drive: there its own is used."""
    release = Path("/etc/os-release")
    return release.exists() and "\nID=debian" in "\n" + release.read_text(encoding="utf-8")


def main() -> int:
    """Print where the browser is; with `--install`, install it where there is none."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--install", action="store_true", help="install one where none is found")
    if parser.parse_args().install and find_browser() is None:
        install_browser()
    found = find_browser()
    print(found or "No Chromium found: run `make test`, or name one with PULSE_BROWSER.")
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main())
