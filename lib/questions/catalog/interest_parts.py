"""Where interest and downloads part ways: the month from which their ratio changes its course."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from lib.analysis.bends import FROM_THE_ENDS
from lib.analysis.estimate import Estimate
from lib.analysis.parting import (
    FEWEST_MONTHS,
    Change,
    Course,
    Parting,
    parting,
)
from lib.cubes import Grain
from lib.finding_charts.partings import Marked, ratio_course
from lib.formats import change, compact, moment
from lib.questions.finding import Figure, Finding
from lib.questions.question import (
    Asking,
    Need,
    PackageChoice,
    Parameters,
    Question,
    Shelf,
)
from lib.questions.rows.interest import SIGNAL, Interest, interest_in, too_few
from lib.questions.telling import wording
from lib.questions.telling.growth_figure import growth_words
from lib.questions.telling.interest_figure import indexed_figure
from lib.questions.telling.interest_words import caveats, short, subject
from lib.selection import Preset


@dataclass(frozen=True, eq=False)
class Ways:
    """What is found of the ratio of interest to downloads."""

    interest: Interest
    told: Parting

    @property
    def marked(self) -> Marked | None:
        """The month in which the course changes, as figures mark it."""
        found = self.told.change
        return Marked(found.moment, found.earliest, found.latest) if found else None

    @property
    def span(self) -> str:
        """The months that were looked at: `from Mar 2018 to Oct 2026`."""
        first, last = self.told.fitted["period"].iloc[[0, -1]]
        return f"from {moment(first, Grain.MONTH)} to {moment(last, Grain.MONTH)}"


def _answer(asking: Asking) -> Finding:
    interest = interest_in(asking)
    told = parting(interest.frame)
    if told is None:
        raise too_few(interest, FEWEST_MONTHS, "that vary: choose a longer period")
    found = Ways(interest, told)
    return Finding(
        sentence=_sentence(found),
        details=_details(found),
        number=_number(found),
        interval=_interval(found),
        certainty=_certainty(found),
        would_change=(
            "More months, and another signal. The course is taken to bend once: where it bends "
            "more often, the month told is the one that stands for most of it."
        ),
        period=interest.period,
        figures=(indexed_figure(interest, found.marked), _ratio(found)),
        table=_table(found),
        answers=(interest.answer,),
        packages=asking.packages,
        breaks=interest.breaks,
        caveats=(
            *caveats(interest),
            "Levels of downloads are counted in another way after a change of the record: there "
            "the course goes on from another level.",
            *wording.caveats(asking, interest.period),
        ),
    )


def _sentence(found: Ways) -> str:
    told, package, what = found.told, found.interest.package, subject(found.interest)
    if told.change is None:
        return (
            f"No month is found in which {what} and the downloads of {package} part ways: "
            f"{found.span} their ratio changed by {_rate(told.throughout)} a year throughout."
        )
    turned = told.change
    return (
        f"From {moment(turned.moment, Grain.MONTH)} on ({_months(found)}), {what} and "
        f"the downloads of {package} {_turn(turned)}: their ratio changes by "
        f"{change(turned.after.ratio.value)} a year, after {change(turned.before.ratio.value)}."
    )


def _turn(turned: Change) -> str:
    """What the two do from the change on, in words."""
    before, after = turned.before.ratio, turned.after.ratio
    same_way = (before.value > 0) == (after.value > 0)
    if abs(math.log1p(after.value)) > abs(math.log1p(before.value)):
        return "part ways faster" if same_way and _sure(before) else "part ways"
    return "part ways more slowly" if same_way and _sure(after) else "stop parting ways"


def _sure(rate: Estimate) -> bool:
    return rate.low > 0 or rate.high < 0


def _details(found: Ways) -> str:
    course = found.told.change
    if course is None:
        of = found.told.throughout
        return (
            f"A year, interest changed by {change(of.interest)} and downloads by "
            f"{change(of.downloads)}."
        )
    return (
        f"A year, the ratio changes by {_rate(course.after)} since then, interest by "
        f"{change(course.after.interest)} and downloads by {change(course.after.downloads)}; "
        f"before, the ratio by {_rate(course.before)}, interest by "
        f"{change(course.before.interest)} and downloads by {change(course.before.downloads)}."
    )


def _number(found: Ways) -> str:
    if found.told.change is None:
        return "No such month"
    return moment(found.told.change.moment, Grain.MONTH)


def _interval(found: Ways) -> str:
    if found.told.change is None:
        return f"ratio {_rate(found.told.throughout)} a year"
    return _months(found)


def _months(found: Ways) -> str:
    course = found.told.change
    if course is None:
        return ""
    ends = (moment(each, Grain.MONTH) for each in (course.earliest, course.latest))
    return f"95 % interval {' to '.join(ends)}"


def _rate(course: Course) -> str:
    return growth_words(course.ratio.value, course.ratio.low, course.ratio.high)


def _certainty(found: Ways) -> str:
    p_value = found.told.p_value
    told = f"{p_value:.3f}" if p_value < 0.1 else f"{p_value:.2f}"
    return (
        f"From {len(found.told.fitted)} months: the logarithm of the ratio as a line that bends at "
        "the month where that explains the most, with a level for each calendar month and each "
        "stretch that is counted alike. That a course without a bend looks so has a p-value of "
        f"{told}, the largest of those for noise of any memory that may be, a walk without an aim "
        f"among them. Each course lasts {FROM_THE_ENDS} months at least."
    )


def _ratio(found: Ways) -> Figure:
    fitted, interest = found.told.fitted, found.interest
    scale = 100 / fitted["course"].iloc[0]
    frame = fitted.assign(ratio=fitted["ratio"] * scale, course=fitted["course"] * scale)
    label = short(interest)
    base = moment(frame["period"].iloc[0], Grain.MONTH)
    unit = f"{label} for each download, index, 100 = {base}"
    parts = [f"{found.span}: last {compact(frame['course'].iloc[-1])}"]
    if found.told.change:
        parts.append(f"the course changes in {_number(found)}")
    return Figure(
        title=f"{label} for each download of {interest.package}, log scale",
        unit=unit,
        alt=f"{unit}, {'; '.join(parts)}.",
        draw=lambda theme: ratio_course(
            frame, theme, interest.axis, unit=unit, marked=found.marked
        ),
        axis=interest.axis,
        note="Shaded: the 95 % interval of the month." if found.marked else "",
    )


def _table(found: Ways) -> pd.DataFrame:
    """Every month that is known of both."""
    rows = found.told.fitted.merge(found.interest.frame[["period", "interest", "downloads"]])
    course = found.told.change
    rows["after"] = rows["period"] >= course.moment if course else False
    return pd.DataFrame(
        {
            "Month": [moment(period, Grain.MONTH) for period in rows["period"]],
            "Interest": rows["interest"],
            "Downloads": rows["downloads"],
            "Interest for a million downloads": rows["ratio"] * 1e6,
            "Its course": rows["course"] * 1e6,
            "Since the change": rows["after"].map({True: "yes", False: "no"}),
        }
    )


QUESTION = Question(
    key="interest-parts",
    prompt="Where do questions and downloads part ways?",
    teaser="The month from which a package is asked about less, or more, for each download",
    shelf=Shelf.BEYOND,
    parameters=Parameters(
        packages=PackageChoice(fewest=1, most=1, default=("pandas",)),
        period=Preset.ALL,
        options=(SIGNAL,),
    ),
    needs=(Need(Grain.MONTH, ("project",)),),
    answer=_answer,
)
