"""How the Python versions that a package can drop are told in sentences."""

from __future__ import annotations

import pandas as pd

from lib.analysis.old_versions import Fall
from lib.cubes import UNKNOWN
from lib.data import Answer
from lib.formats import NARROW_SPACE, percent, value_label
from lib.questions.question import Asking
from lib.questions.rows.python_rows import Told
from lib.questions.telling import wording
from lib.questions.telling.wording import during
from lib.selection import listed

_MOST_INSTALLERS = 3


def sentence_of(asking: Asking, told: Told) -> str:
    """What can be dropped, or that nothing can, with the share and its interval."""
    of = f"downloads of {wording.subject(asking)} with a known Python version"
    threshold, days = threshold_words(told.threshold), during(told.period)
    if not told.count:
        return (
            f"No Python version is under the {threshold} chosen: the oldest, {told.words(0)}, "
            f"makes {told.share(0)} of {of} {days}."
        )
    return (
        f"Python {told.words(told.count - 1)} can be dropped: {told.share(told.count - 1)} of "
        f"{of} {days}, under the {threshold} chosen."
    )


def details_of(told: Told) -> str:
    """What the next version would make of it, and when that comes under the threshold."""
    following = told.versions[told.count]
    with_it = f"With {following} it would be {told.share(told.count)}." if told.count else ""
    return f"{with_it}{_when_next(told)}".strip()


def threshold_words(threshold: float) -> str:
    """A threshold, given as a share of one: `2 %`."""
    return f"{100 * threshold:.0f}{NARROW_SPACE}%"


def unknown_words(told: Told, by_installer: Answer | None) -> str:
    """What is left out, and of which installers it is."""
    if not told.unknown:
        return "Every download held names its Python version: those that do not may be left out."
    text = f"{percent(told.unknown)} of the downloads of these days have no known Python version"
    if by_installer is None:
        return (
            f"{text} and are left out: mirrors, browsers and poetry, for instance, do not send "
            "theirs."
        )
    most = by_installer.frame.head(_MOST_INSTALLERS)
    named = [
        f"{value_label('installer', name).lower() if name == UNKNOWN else name} {percent(share)}"
        for name, share in zip(most["installer"], most["share"], strict=True)
    ]
    return f"{text} and are left out; of these by installer: {listed(named)}."


def _when_next(told: Told) -> str:
    """When the next version comes under the threshold, where that can be told."""
    found = told.fall
    if found is None or found.forecast is None:
        return ""
    low, value, high = (
        _month(found, days)
        for days in (found.forecast.low, found.forecast.value, min(found.forecast.high, found.span))
    )
    later = " or later" if found.forecast.high > found.span else ""
    between = high if low == high and not later else f"{low} to {high}{later}"
    return (
        f" If it goes on like this, {told.words(told.count)} will be under it in {value} "
        f"(95 %: {between})."
    )


def _month(found: Fall, days: float) -> str:
    return f"{found.last + pd.Timedelta(days=days):%b %Y}"
