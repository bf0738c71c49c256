"""The badge of a package: how often it is downloaded, as an image that can be published."""

from __future__ import annotations

from lib.badge import badge
from lib.cubes import Grain
from lib.data import Downloads
from lib.errors import PulseError
from lib.formats import NARROW_SPACE, compact, days
from lib.profile.levels import Span, newest
from lib.selection import Selection


class NoBadge(PulseError):
    """A badge cannot be made: the message says why, and what can be."""


def badge_of(found: Downloads, name: str, span: Span) -> str:
    """The SVG that tells the newest downloads of a package held, whatever is filtered.

    Raises NoBadge for a package that is not held, and for days or weeks where months are; NotHeld
    where the span is not held whole.
    """
    if not found.holds(name):
        raise NoBadge(f"No package {name} is held. `python -m lib status` says what is.")
    selection = Selection((name,))
    if Grain.DAY not in found.grains(selection.packages) and span is not Span.MONTH:
        raise NoBadge(f"{name} is held by month: ask for --period month.")
    period = newest(found, selection, span)
    total = found.total(selection, period)
    value = f"{compact(total).replace(NARROW_SPACE, '')}/{span}"
    source = f"{days(period.first, period.last)} UTC, {found.state.source_words}"
    note = "simulated" if found.state.simulated else ""
    return badge("downloads", value, note, about=f"{name}, {source}")
