"""Reads which packages a project depends on, from the files in which projects say so."""

from __future__ import annotations

from lib.dependencies.collected import MOST_PACKAGES, Dependencies
from lib.dependencies.reading import MOST_BYTES, read_dependencies

__all__ = ["MOST_BYTES", "MOST_PACKAGES", "Dependencies", "read_dependencies"]
