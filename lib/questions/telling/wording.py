"""What sentences of findings call the packages, the place and the days that they are about."""

from __future__ import annotations

import re

from lib.cubes import Grain
from lib.formats import day, days
from lib.geography import country_name
from lib.periods import whole_months
from lib.questions.question import Asking
from lib.router import Period, packages_counted
from lib.selection import listed

_WITH_ARTICLE = re.compile(
    r"^(Bahamas|Caribbean|Comoros|DR|Gambia|Isle|Maldives|Netherlands|Philippines|Republic"
    r"|Seychelles|U\.S\.|United)\b|(Islands|Lands|Republic|Territory)$"
)

_FEW_DAYS = 100
"""Up to so many days are told by their number and the last of them."""

FILES = (
    "In imported files a missing row may mean no downloads, or that a file leaves the package out."
)
"""The caveat of counts in which missing rows matter."""


def subject(asking: Asking) -> str:
    """The packages asked about: by name, or how many are held: `all 160 packages held`."""
    if asking.packages:
        return listed(asking.packages)
    return all_packages(asking)


def all_packages(asking: Asking) -> str:
    """All packages counted together: `all 160 packages held`, or `all packages of PyPI`."""
    counted = packages_counted(asking.found.state.coverage)
    if counted is None:
        return "all packages of PyPI"
    return f"all {len(counted):,} packages held" if len(counted) > 1 else f"{counted[0]} alone"


def place(code: str) -> str:
    """A country as a sentence has it: `the United States`, `Germany`."""
    name = country_name(code)
    return f"the {name}" if _WITH_ARTICLE.search(name) else name


def from_where(asking: Asking) -> str:
    """` from Germany` where a country is asked about, or nothing."""
    return f" from {place(asking.country)}" if asking.country else ""


def when(period: Period) -> str:
    """The days of a period: `29 Oct – 27 Nov 2026`, and whole months as such: `Feb – Mar 2026`."""
    first, last = period.first, period.last
    if not whole_months(period):
        return days(first, last)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first:%b %Y}"
    start = f"{first:%b}" if first.year == last.year else f"{first:%b %Y}"
    return f"{start} – {last:%b %Y}"


def during(period: Period) -> str:
    """A period as a sentence has it: `in Mar 2026`, `in the 30 days to 27 Nov 2026`."""
    if whole_months(period):
        return f"in {when(period)}"
    if period.days == 1:
        return f"on {day(period.last)}"
    if period.days <= _FEW_DAYS:
        return f"in the {period.days} days to {day(period.last)}"
    return f"from {day(period.first)} to {day(period.last)}"


def days_before(period: Period) -> str:
    """The days before a period, given them: `Feb 2026`, `the 30 days before`."""
    if whole_months(period):
        return when(period)
    return "the day before" if period.days == 1 else f"the {period.days:,} days before"


def days_are_held(asking: Asking, held: Period) -> str:
    """How many of the days asked about are held: `21 days are held in the 90 days to 27 Nov`."""
    verb = agreeing(held.days, "is", "are")
    return f"{counted(held.days, 'day')} {verb} held {during(asking.period)}"


def caveats(asking: Asking, period: Period) -> tuple[str, ...]:
    """What limits counts of a period by where they come from: provisional days, and files."""
    told: list[str] = []
    provisional = asking.found.state.provisional(Grain.DAY, asking.yesterday)
    if provisional and provisional <= period.last:
        told.append(
            f"Days from {day(max(provisional, period.first))} on are provisional: late rows may "
            "still come."
        )
    if "files" in asking.found.state.sources:
        told.append(FILES)
    return tuple(told)


def agreeing(count: int, one: str, many: str) -> str:
    """The form of a word that goes with a number of things: `is` with 1, and otherwise `are`."""
    return one if count == 1 else many


def counted(count: int, one: str, many: str = "") -> str:
    """A number of things: `1 month`, `1,234 months`; `many` where the plural is not with s."""
    return f"{count:,} {agreeing(count, one, many or f'{one}s')}"


def sentence_case(text: str) -> str:
    """The text with a capital at its start, unless it begins with the name of a package."""
    return text[:1].upper() + text[1:] if text.startswith("all ") else text
