"""The unusual days of a package: its spikes, looked for in enough days to know what is usual."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from lib.analysis.spikes import Spike, spikes
from lib.questions.question import Asking
from lib.questions.rows.by_day import by_package
from lib.router import NotHeld, Period

_YEAR = timedelta(days=364)


@dataclass(frozen=True)
class Unusual:
    """The spikes that touch the days asked about, found in those of `period`."""

    spikes: tuple[Spike, ...]
    period: Period


def unusual(asking: Asking) -> Unusual | None:
    """The spikes of the package named first; None where too few days are held to tell any.

    At least the year to the last day asked about is looked at, so that a short period is held
    against what is usual and not against itself.
    """
    wanted = asking.period
    held = asking.found.held(asking.packages)
    longest = Period(min(wanted.first, wanted.last - _YEAR), wanted.last).overlap(held) or wanted
    try:
        daily = by_package(asking, longest)
    except NotHeld:
        return None
    found = spikes(daily.of_first)
    if found is None:
        return None
    inside = (each for each in found if wanted.overlap(Period(each.first, each.last)))
    return Unusual(tuple(inside), daily.answer.period)
