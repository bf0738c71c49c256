"""The days before a period: whether their levels can be compared with those of the period."""

from __future__ import annotations

from dataclasses import dataclass

from lib.breaks import separating
from lib.formats import day
from lib.questions.question import Asking
from lib.router import Period


@dataclass(frozen=True)
class Before:
    """As many days right before a period, and why they are not comparable; nothing if they are."""

    period: Period
    why_not: str = ""


def before(asking: Asking, period: Period, *by: str) -> Before:
    """The days before `period`, comparable where no break lies between and all of them are held.

    Held with the filters asked for, and split by the dimensions `by`.
    """
    earlier = asking.found.previous(period, asking.packages)
    broken = separating(period, earlier, asking.found.state.sources)
    if broken:
        why_not = f"a break of the record lies between, {broken.title} ({day(broken.first)})"
        return Before(earlier, why_not)
    query = asking.selection.query(earlier, by=by)
    if asking.held(query) != earlier:
        return Before(earlier, "not all of it is held")
    return Before(earlier)
