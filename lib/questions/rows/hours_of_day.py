"""The hours of the day in which the packages of a question are downloaded, and their figure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import pandas as pd

from lib.analysis.rates import Pace, hour_profile
from lib.cubes import Grain
from lib.data import Answer
from lib.finding_charts.hours import hour_lines
from lib.formats import compact
from lib.questions.finding import Figure
from lib.questions.question import Asking
from lib.questions.telling.wording import when
from lib.router import NotHeld, Period

_DAYS = 28
"""How many days, the last of a period, hours are told from: four whole weeks."""


@dataclass(frozen=True, eq=False)
class Hours:
    """The hours of the day as `hour_profile` tells them, and what was asked for them."""

    profile: pd.DataFrame
    answer: Answer

    @property
    def busiest(self) -> int:
        """The hour, by its start in UTC, in which all series together are highest."""
        return int(self.profile.groupby("hour")["rate"].sum().argmax())


def hours_of_day(asking: Asking, period: Period) -> Hours | None:
    """The hours of the day in the last four weeks of a period; None where no hours are held."""
    first = max(period.first, period.last - timedelta(days=_DAYS - 1))
    try:
        answer = asking.found.over_time(asking.selection, Period(first, period.last), Grain.HOUR)
    except NotHeld:
        return None
    if not answer.frame["downloads"].sum() > 0:
        return None
    # Hours are kept for fewer days than the period has: the figure tells its own days.
    return Hours(hour_profile(answer.frame), replace(answer, clipped=False))


def hour_figure(asking: Asking, hours: Hours, pace: Pace) -> Figure:
    """The hours of the day: rates of one series, or of several each against its own mean."""
    profile = hours.profile
    several = profile["series"].nunique() > 1
    value = profile["ratio"] if several else profile["rate"] * pace.seconds
    frame = profile.assign(value=value).dropna()
    unit = "Times the package's mean hour" if several else f"Downloads {pace.name}"
    highest = frame.loc[frame.groupby("series", sort=False)["value"].idxmax()]
    peaks = zip(highest["series"], highest["hour"], strict=True)
    show: Callable[[float], str] = _times if several else compact
    return Figure(
        title=f"Hours of the day, UTC: mean of {when(hours.answer.period)}",
        unit=unit,
        alt=f"{unit} by hour of the day, UTC. Highest: "
        f"{', '.join(f'{series} from {hour:02}:00' for series, hour in peaks)}.",
        draw=lambda theme: hour_lines(frame, theme, asking.signature, unit=unit, show=show),
        note="At 12:00 UTC it is morning in America and evening in the east of Asia.",
    )


def _times(ratio: float) -> str:
    return f"{ratio:.2f} × its mean hour"
