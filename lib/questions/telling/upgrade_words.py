"""How fast new versions of a package are taken up, told in sentences."""

from __future__ import annotations

import math

from lib.analysis.turnover import Typical
from lib.formats import day, percent
from lib.questions.rows.upgrades import Upgrades
from lib.questions.telling import wording


def sentence_of(found: Upgrades) -> str:
    """The median time to half of the downloads with its interval, or that there is none."""
    median = found.typical
    if math.isinf(median.days):
        begin = (
            f"Of {wording.counted(median.versions, f'new {found.what}')} of {found.package}, "
            f"{median.reached} came to half of its downloads "
            f"{wording.during(found.answer.period)}: too few for a median"
        )
    else:
        begin = (
            f"Within {days_words(median.days)} of its first download, half of the downloads of "
            f"{found.package} are of a new {found.what} or a later one: the median of "
            f"{median.versions}, {wording.during(found.answer.period)} ({interval_words(median)})"
        )
    return f"{begin}."


def newest_of(found: Upgrades) -> str:
    """What the newest version makes of the last week."""
    newest = found.newest
    return (
        f"The newest, {newest.version}, first downloaded on {day(newest.appeared.date())}, or a "
        f"later one makes {percent(newest.share)} of the last week."
    )


def left_out_of(found: Upgrades) -> str:
    """How many downloads are in none of the shares, if any."""
    if not found.turnover.unordered > 0:
        return ""
    return f"{percent(found.turnover.unordered)} of the downloads name no version and are left out."


def days_words(days: float) -> str:
    """A time in days: `12 days`, or that it is not reached."""
    if math.isinf(days):
        return "Not reached"
    return "1 day" if days <= 1 else f"{days:.0f} days"


def interval_words(median: Typical) -> str:
    """The interval of a median time, or why there is none."""
    if math.isnan(median.low):
        few = "one version is" if median.versions == 1 else f"{median.versions} versions are"
        return f"no interval: {few} too few"
    high = "not reached" if math.isinf(median.high) else f"{median.high:.0f}"
    return f"95 % interval {median.low:.0f} to {high} days"
