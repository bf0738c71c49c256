"""What interest in a package is called in findings, and what limits it."""

from __future__ import annotations

import pandas as pd

from lib.cubes import Grain
from lib.formats import moment
from lib.questions.rows.interest import Interest
from lib.questions.telling.wording import agreeing, counted
from lib.signals import LABELS, Signal

_LIMITS = {
    Signal.STACK_OVERFLOW: "Fewer questions are asked on Stack Overflow of nearly everything since "
    "the end of 2022; that people ask a machine instead is a possible cause, so that fewer "
    "questions need not mean less interest.",
    Signal.GOOGLE_TRENDS: "Google Trends tells searches from a sample, as whole numbers from 0 to "
    "100 of the most in the export: small values are coarse, and what else the words mean is "
    "counted too.",
    Signal.WIKIPEDIA: "Views are those that Wikimedia labels as by people; what looks automated "
    "is left out since the end of April 2020 only.",
}

_COLLECTED_ANEW = pd.Timestamp("2022-01-01")

_SHORT = {
    Signal.STACK_OVERFLOW: "Stack Overflow questions",
    Signal.GOOGLE_TRENDS: "Google searches",
    Signal.WIKIPEDIA: "Wikipedia views",
}


def short(found: Interest) -> str:
    """What is counted or measured, as titles and legends have it: `Google searches`."""
    return _SHORT[found.series.signal]


def subject(found: Interest) -> str:
    """What is counted or measured, as a sentence has it: `questions tagged pandas on …`."""
    term = found.series.term
    return {
        Signal.STACK_OVERFLOW: f"questions tagged {term} on Stack Overflow",
        Signal.GOOGLE_TRENDS: f"Google searches for {term}",
        Signal.WIKIPEDIA: f"views of the Wikipedia article {term}",
    }[found.series.signal]


def caveats(found: Interest) -> tuple[str, ...]:
    """What the signal is, where it comes from, and which of its months are left out."""
    series = found.series
    first, last = series.frame["period"].iloc[[0, -1]]
    told = [
        _LIMITS[series.signal],
        f"{series.name}: {series.unit}, {moment(first, series.grain)} to "
        f"{moment(last, series.grain)}; source: {series.source}, "
        f"{'as of' if series.simulated else 'fetched'} {series.fetched_at:%Y-%m-%d %H:%M} UTC.",
        "Downloads are file requests, mostly by machines, and interest is of people: a common "
        "cause moves both, and what comes first need not be why.",
    ]
    if series.signal is Signal.GOOGLE_TRENDS and first < _COLLECTED_ANEW:
        told.append(
            "Google changed how it collects searches at the beginning of 2022 (Myburgh, "
            "International Journal of Environmental Research and Public Health 19, 2022): values "
            "before and since then may not compare."
        )
    if series.grain is Grain.WEEK:
        told.append("Weeks are spread over the months that they lie in.")
    left_out = found.less_exact + found.zeros
    if left_out:
        told.append(
            f"{counted(left_out, 'month')} {agreeing(left_out, 'is', 'are')} left out: with no "
            f"interest, or with one that {LABELS[series.signal]} gives only as less than 1."
        )
    if found.mixed:
        told.append(
            "One of the two is simulated and the other is real: what they have in common means "
            "nothing."
        )
    return tuple(told)
