"""The newest days in which all packages are held: what a page means by now."""

from __future__ import annotations

from datetime import timedelta

from lib.cubes import Grain
from lib.data import Downloads
from lib.router import Period

_DAYS = 30


def recent(found: Downloads) -> Period:
    """The last 30 days in which all packages are held, or the last month of such months."""
    held = found.held()
    if Grain.DAY not in found.grains():
        return Period(held.last.replace(day=1), held.last)
    return Period(max(held.first, held.last - timedelta(days=_DAYS - 1)), held.last)
