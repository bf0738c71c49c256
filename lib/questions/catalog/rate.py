"""What the rate of download is: its mean, its change, and its hours of the day."""

from __future__ import annotations

import html
from dataclasses import dataclass, replace

import pandas as pd

from lib import charts
from lib.analysis.rates import Pace, fitting_pace, mean_rates, weekend_days, with_rates
from lib.cubes import Grain
from lib.data import Answer
from lib.formats import change, compact
from lib.panels.context import last_values
from lib.questions.finding import COUNTED, Figure, Finding
from lib.questions.question import (
    Asking,
    CannotTell,
    Need,
    PackageChoice,
    Parameters,
    Question,
    Shelf,
)
from lib.questions.rows.before import Before, before
from lib.questions.rows.hours_of_day import Hours, hour_figure, hours_of_day
from lib.questions.telling import wording
from lib.questions.telling.row_figures import bar_figure
from lib.questions.telling.wording import days_before, during, when
from lib.router import Period
from lib.selection import Preset, listed

_OTHER_WEEKENDS = 0.03
"""Two periods whose parts of weekend days differ by more than this are not quite alike."""


@dataclass(frozen=True)
class Told:
    """The mean downloads a second of each series in the period, and what stands beside them.

    `earlier` are those of the days before; None where they cannot be compared.
    """

    period: Period
    rates: pd.Series[float]
    before: Before
    earlier: pd.Series[float] | None
    hours: Hours | None

    @property
    def pace(self) -> Pace:
        """The time in which the answer tells downloads."""
        return fitting_pace(self.rates)

    @property
    def unit(self) -> str:
        """What the answer's numbers count."""
        return f"Downloads {self.pace.name}"

    @property
    def number(self) -> str:
        """The rate of all series together, in the answer's time: `18.2 k`."""
        return compact(float(self.rates.sum()) * self.pace.seconds)


def _answer(asking: Asking) -> Finding:
    grain, answer = _daily(asking, asking.period)
    rates = mean_rates(answer.frame, grain)
    if not rates.gt(0).any():
        raise CannotTell("No downloads are held for these packages in these days.")
    comparison, earlier, asked_before = _earlier(asking, answer.period, rates)
    hours = hours_of_day(asking, answer.period)
    told = Told(answer.period, rates, comparison, earlier, hours)
    course_grain = asking.found.grain(asking.selection, told.period)
    course = asking.found.over_time(asking.selection, told.period, course_grain)
    figures = (
        _compared(asking, told),
        _course(asking, told, course, course_grain),
        hour_figure(asking, hours, told.pace) if hours else None,
    )
    asked = [answer, *asked_before, *([hours.answer] if hours else [])]
    return Finding(
        sentence=_sentence(asking, told),
        number=f"{told.number} {told.pace.name}",
        interval=COUNTED,
        certainty=f"Every download held is counted, {grain} by {grain}, in UTC; the rate is the "
        "mean over the whole period, nights and weekends included.",
        would_change="Late rows of provisional days and packages that are not held. Shorter times "
        "have higher peaks, and days of another season another mean.",
        period=told.period,
        figures=tuple(figure for figure in figures if figure),
        table=_table(told),
        answers=tuple(asked if course.query == answer.query else [*asked, course]),
        packages=asking.packages,
        breaks=asking.breaks(told.period),
        caveats=(*_caveats(told), *wording.caveats(asking, told.period)),
    )


def _daily(asking: Asking, period: Period) -> tuple[Grain, Answer]:
    """Downloads by day, or by month where no days are held."""
    daily = replace(asking.selection, grain=Grain.DAY)
    grain = asking.found.grain(daily, period)
    return grain, asking.found.over_time(daily, period, grain)


def _earlier(
    asking: Asking, period: Period, rates: pd.Series[float]
) -> tuple[Before, pd.Series[float] | None, tuple[Answer, ...]]:
    """The days before, their rates where comparable, and what was asked for them."""
    found = before(asking, period)
    if found.why_not:
        return found, None, ()
    grain, answer = _daily(asking, found.period)
    earlier = mean_rates(answer.frame, grain)
    if earlier.isna().any() or rates.isna().any():
        return Before(found.period, "not every package has rows in both"), None, ()
    return found, earlier, (answer,)


def _sentence(asking: Asking, told: Told) -> str:
    verb = {0: "were", 1: "was"}.get(len(asking.packages), "were together")
    parts = [
        f"{wording.sentence_case(wording.subject(asking))} {verb} downloaded {told.number} times "
        f"{told.pace.name}{wording.from_where(asking)} on average {during(told.period)}"
    ]
    if told.earlier is not None and told.earlier.sum() > 0:
        ratio = float(told.rates.sum() / told.earlier.sum()) - 1
        parts.append(f", {change(ratio)} on {days_before(told.before.period)}")
    if told.hours:
        parts.append(f"; most in the hour from {told.hours.busiest:02}:00 UTC")
    parts.append(".")
    if asking.breaks(told.period):
        parts.append(" Breaks of the record lie within these days.")
    return "".join(parts)


def _caveats(told: Told) -> list[str]:
    period, earlier = told.period, told.before.period
    found = []
    if told.rates.isna().any():
        names = list(told.rates.index[told.rates.isna()])
        found.append(f"No rows are held in these days of {listed(names)}.")
    if told.before.why_not:
        found.append(f"No change on {when(earlier)} is told: {told.before.why_not}.")
    parts = [weekend_days(each) / each.days for each in (period, earlier)]
    if not told.before.why_not and abs(parts[0] - parts[1]) > _OTHER_WEEKENDS:
        found.append(
            f"Days of a weekend are {weekend_days(period)} of {period.days}, and "
            f"{weekend_days(earlier)} of the {earlier.days} before: a part of the change may be "
            "that."
        )
    return found


def _compared(asking: Asking, told: Told) -> Figure:
    """A bar for each package named; or for the period, and the one before."""
    rows = [(str(name), float(rate), True) for name, rate in told.rates.dropna().items()]
    if len(asking.packages) > 1:
        rows.sort(key=lambda row: -row[1])
    else:
        rows = [(when(told.period), rows[0][1], True)]
        if told.earlier is not None:
            rows.append((when(told.before.period), float(told.earlier.sum()), False))
    frame = pd.DataFrame(rows, columns=["label", "value", "strong"])
    frame["value"] *= told.pace.seconds
    return bar_figure(
        asking,
        frame,
        title=f"{told.unit}, mean of {when(told.period)}",
        unit=told.unit,
    )


def _course(asking: Asking, told: Told, answer: Answer, grain: Grain) -> Figure | None:
    """The rate of each day, week or month, where the period has several."""
    if answer.frame["period"].nunique() < 2:
        return None
    frame = with_rates(answer.frame, grain)
    frame["value"] = (frame["value"] * told.pace.seconds).where(~frame["partial"])
    frame["label"] = frame["series"].map(html.escape)
    axis = asking.axis(answer.period, grain)
    return Figure(
        title=f"{told.unit}, mean of each {grain}",
        unit=told.unit,
        alt=f"{told.unit}, each {grain}. {last_values(frame, share=False)}",
        draw=lambda theme: charts.lines(frame, theme, axis, unit=told.unit),
        axis=axis,
    )


def _table(told: Told) -> pd.DataFrame:
    parts = [(told.period, told.rates)]
    if told.earlier is not None:
        parts.append((told.before.period, told.earlier))
    tables = [
        pd.DataFrame(
            {
                "Package": rates.index,
                "Days (UTC)": when(period),
                "Downloads a second": rates.to_numpy(),
                "Downloads a day": rates.to_numpy() * 86_400,
            }
        )
        for period, rates in parts
    ]
    return pd.concat(tables, ignore_index=True)


QUESTION = Question(
    key="rate",
    prompt="What is the rate of download?",
    teaser="Downloads a second, their change, and the busiest hour of the day",
    shelf=Shelf.SIMPLE,
    parameters=Parameters(packages=PackageChoice(fewest=0), country=True, period=Preset.MONTH),
    needs=(Need(Grain.MONTH, ()), Need(Grain.HOUR, (), optional=True)),
    answer=_answer,
    words=("rate", "downloads per second", "downloads a second", "how fast", "busiest hour"),
)
