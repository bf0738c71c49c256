"""Facts about packages from PyPI's JSON API: summary, license, links and releases.

They come from another place than the downloads: a page names both. Nobody waits for them:
`look` tells what is known by now, and has the rest asked for in the background.
"""

from __future__ import annotations

from lib.pypi_facts.facts import Link, PackageFacts, Release
from lib.pypi_facts.kept import Look, look

__all__ = ["Link", "Look", "PackageFacts", "Release", "look"]
