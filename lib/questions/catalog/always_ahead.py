"""Whether one package was always ahead of another: every change of the lead, and its length."""

from __future__ import annotations

import html

import numpy as np
import pandas as pd

from lib import charts
from lib.analysis.crossover import Crossing, log_ratios
from lib.cubes import Grain
from lib.finding_charts.ratio import ratio_lines
from lib.formats import moment
from lib.panels.context import last_values
from lib.questions.finding import COUNTED, Figure, Finding
from lib.questions.question import (
    Asking,
    Need,
    PackageChoice,
    Parameters,
    Question,
    Shelf,
)
from lib.questions.rows.contest import LASTS, Contest, contest_between
from lib.questions.telling import wording
from lib.questions.telling.factors import factor, factor_interval
from lib.selection import Preset

_MONTHS, _TOTALS = "Each month", "Running totals"


def _answer(asking: Asking) -> Finding:
    contest = contest_between(asking)
    rivals = contest.rivals
    return Finding(
        sentence=_sentence(asking, contest),
        details=" ".join(filter(None, (_now(contest), _in_totals(contest)))),
        number=_number(contest),
        interval=_counted_and_ratio(contest),
        certainty=(
            "Every download held is counted, month by month. A lead counts that lasted "
            f"{LASTS} months, or two at the beginning of what is held; it begins with the "
            "first month in which the newcomer was ahead and stayed. Both packages suffer alike "
            "from breaks of the record, so that the ratio is followed through them."
        ),
        would_change=(
            "Months that are not held, and another length from which on a lead counts: shorter "
            "ones would count the months in which the two changed places for a moment."
        ),
        period=rivals.period,
        figures=(_lines(asking, contest), _ratio_figure(asking, contest)),
        table=_table(contest),
        answers=(rivals.answer,),
        packages=asking.packages,
        breaks=asking.breaks(rivals.period),
        caveats=(*_caveats(contest), *rivals.caveats, *wording.caveats(asking, rivals.period)),
    )


def _sentence(asking: Asking, contest: Contest) -> str:
    found = contest.monthly.crossings
    leader, place = contest.monthly.leader, wording.from_where(asking)
    other = contest.rival(leader)
    if not found:
        rest = ""
        if contest.lapses:
            rest = (
                f", but for {wording.counted(contest.lapses, 'month')} that made no lead of its own"
            )
        return (
            f"Yes: {leader} was downloaded more than {other}{place} in every month known of both, "
            f"{contest.span}{rest}."
        )
    since = moment(found[-1].moment, Grain.MONTH)
    if len(found) == 1:
        told = f"{leader} passed {other}{place} in {since}, for good so far"
    else:
        told = (
            f"{contest.one} and {contest.other} changed the lead {len(found)} times{place} "
            f"{contest.span}, first in {moment(found[0].moment, Grain.MONTH)}; {leader} has been "
            f"ahead since {since}"
        )
    return f"No: {told}."


def _now(contest: Contest) -> str:
    """How far the leader is ahead now, as a sentence."""
    latest = contest.latest
    if latest is None:
        return f"{contest.monthly.leader} is ahead now."
    return (
        f"In the {wording.counted(latest.periods, 'month')} to {moment(latest.last, Grain.MONTH)}, "
        f"{contest.monthly.leader} had {_ratio(contest)} the downloads of "
        f"{contest.rival(contest.monthly.leader)} ({_interval(contest)})."
    )


def _ratio(contest: Contest) -> str:
    return factor(contest.leading[0])


def _interval(contest: Contest) -> str:
    return factor_interval(*contest.leading[1:])


def _in_totals(contest: Contest) -> str:
    """The crossings of running totals in words."""
    found = contest.totals.crossings
    if not found:
        return f"In running totals {contest.totals.leader or 'neither'} was ahead throughout."
    last = found[-1]
    when = moment(last.moment, Grain.MONTH)
    first = f"the lead changed {len(found)} times, and " if len(found) > 1 else ""
    return f"In running totals {first}{last.newcomer} passed {last.former} in {when}."


def _number(contest: Contest) -> str:
    found = contest.monthly.crossings
    if not found:
        return "Always ahead"
    if len(found) == 1:
        return f"{found[0].newcomer} since {moment(found[0].moment, Grain.MONTH)}"
    return f"{len(found)} changes of the lead"


def _counted_and_ratio(contest: Contest) -> str:
    if contest.latest is None:
        return COUNTED
    return f"{COUNTED}; the ratio of the last months is {_ratio(contest)}, {_interval(contest)}"


def _caveats(contest: Contest) -> tuple[str, ...]:
    told = [
        "Running totals begin with what is held, and add up months that the record counted in "
        "different ways: a break weighs in them for good.",
    ]
    missing = len(contest.ratios) - contest.known
    if missing:
        told.append(
            f"Of {len(contest.ratios)} months, {missing} "
            f"{wording.agreeing(missing, 'is', 'are')} not known of both: such a month counts for "
            "neither, also not in running totals."
        )
    beside = [each for each in contest.monthly.crossings if each.beside]
    if beside:
        months = ", ".join(moment(each.moment, Grain.MONTH) for each in beside)
        told.append(
            f"Within {LASTS} months of a break of the record, which may hit the two "
            f"differently: {months}."
        )
    if contest.monthly.ahead != contest.monthly.leader:
        told.append(
            f"{contest.monthly.ahead} was ahead in the last "
            f"{wording.counted(contest.monthly.ahead_for, 'month')}: too short to count."
        )
    return tuple(told)


def _lines(asking: Asking, contest: Contest) -> Figure:
    frame = contest.rivals.frame.sort_values("period", kind="stable").assign(partial=False)
    frame["label"] = frame["series"].map(html.escape)
    frame["value"] = frame["downloads"].where(frame["downloads"] > 0)
    axis = asking.axis(contest.rivals.period, Grain.MONTH)
    unit = "Downloads per month"
    return Figure(
        title=f"Downloads a month of {contest.one} and {contest.other}, log scale",
        unit=unit,
        alt=f"{unit}, {contest.span}. {last_values(frame, share=False)}",
        draw=lambda theme: charts.lines(frame, theme, axis, unit=unit, log=True),
        axis=axis,
    )


def _ratio_figure(asking: Asking, contest: Contest) -> Figure:
    totals = log_ratios(
        contest.rivals.frame, Grain.MONTH, contest.one, contest.other, cumulative=True
    )
    counts = {_MONTHS: contest.ratios, _TOTALS: totals}
    frame = pd.concat(
        [
            ratios.assign(series=name, value=np.exp(ratios["ratio"]))
            for name, ratios in counts.items()
        ]
    )[["period", "series", "value"]]
    crossings = pd.DataFrame(
        [
            (each.moment, name, f"{moment(each.moment, Grain.MONTH)}: {_passed(each)}")
            for name, found in ((_MONTHS, contest.monthly), (_TOTALS, contest.totals))
            for each in found.crossings
        ],
        columns=["period", "series", "label"],
    )
    axis = asking.axis(contest.rivals.period, Grain.MONTH)
    unit = f"Downloads of {contest.one} over those of {contest.other}"
    return Figure(
        title=f"Downloads of {contest.one} over those of {contest.other}, each month",
        unit=unit,
        alt=f"{unit}. " + ("; ".join(crossings["label"]) or "No change of the lead") + ".",
        draw=lambda theme: ratio_lines(frame, crossings, theme, axis, unit=unit, show=factor),
        axis=axis,
        note="○ A change of the lead that lasted.",
    )


def _passed(crossing: Crossing) -> str:
    return f"{crossing.newcomer} passed {crossing.former}"


def _table(contest: Contest) -> pd.DataFrame:
    """Every crossing, or where there is none the lead itself."""
    rows = [
        {
            "Counts": name,
            "Month": moment(each.moment, Grain.MONTH),
            "Ahead from then on": each.newcomer,
            "Passed": each.former,
            "Held for (months)": each.periods,
            "Until": "the end" if each.until is None else moment(each.until, Grain.MONTH),
            "Largest lead": factor(each.largest),
            "Beside a break": "yes" if each.beside else "no",
            "Months not known before": each.unseen,
        }
        for name, found in ((_MONTHS, contest.monthly), (_TOTALS, contest.totals))
        for each in found.crossings
    ]
    if rows:
        return pd.DataFrame(rows)
    return pd.DataFrame(
        {"Counts": [_MONTHS], "Always ahead": [contest.monthly.leader], "Months": [contest.known]}
    )


QUESTION = Question(
    key="always-ahead",
    prompt="Was one package always ahead of another?",
    teaser="Every change of the lead, with its date and how long it held",
    shelf=Shelf.INTERESTING,
    parameters=Parameters(
        packages=PackageChoice(fewest=2, most=2, default=("plotly", "seaborn")),
        country=True,
        period=Preset.ALL,
    ),
    needs=(Need(Grain.MONTH, ("project",)),),
    answer=_answer,
)
