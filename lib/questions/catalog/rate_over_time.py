"""How the rate of download looks over time: its level at the end, and its highest period."""

from __future__ import annotations

import html

import pandas as pd

from lib import charts
from lib.analysis.comparable import latest_stretch
from lib.analysis.rates import Pace, fitting_pace, with_rates
from lib.cubes import Grain
from lib.data import Answer
from lib.formats import compact, days, moment
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
from lib.questions.telling import wording
from lib.questions.telling.wording import during, from_where, sentence_case, subject
from lib.selection import Preset


def _answer(asking: Asking) -> Finding:
    grain = asking.found.grain(asking.selection, asking.period)
    answer = asking.found.over_time(asking.selection, asking.period, grain)
    frame = with_rates(answer.frame, grain)
    comparable, all_comparable = _comparable(asking, frame, grain)
    if comparable.empty:
        raise CannotTell(
            f"No whole {grain} with downloads is held {during(answer.period)}: choose a longer "
            "period."
        )
    pace = fitting_pace(comparable)
    frame["value"] *= pace.seconds
    comparable = comparable * pace.seconds
    rate = compact(float(comparable.iloc[-1]))
    return Finding(
        sentence=(
            f"{sentence_case(subject(asking))}{from_where(asking)}: {rate} downloads {pace.name} "
            f"in {moment(comparable.index[-1], grain)}{_highest(comparable, grain)}."
        ),
        details="" if all_comparable else _since(comparable, grain),
        number=f"{rate} {pace.name}",
        interval=COUNTED,
        certainty=f"Every download held is counted: the mean of each {grain}, in UTC.",
        would_change=(
            "Late rows of provisional days, packages that are not held, and another grain: a "
            "shorter period has higher peaks."
        ),
        period=answer.period,
        figures=(_figure(asking, answer, frame, grain, pace),),
        table=_table(frame, pace),
        answers=(answer,),
        packages=asking.packages,
        breaks=asking.breaks(answer.period),
        caveats=wording.caveats(asking, answer.period),
    )


def _comparable(asking: Asking, frame: pd.DataFrame, grain: Grain) -> tuple[pd.Series[float], bool]:
    """The rates of all series together in the periods counted like the last; if those are all."""
    whole = frame[~frame["partial"] & frame["value"].notna()]
    together = whole.groupby("period")["value"].sum().reset_index()
    marked = asking.with_stretches(together, grain)
    latest = latest_stretch(marked).set_index("period")["value"]
    counted = latest if latest.gt(0).any() else latest.iloc[:0]
    return counted, len(latest) == len(marked)


def _highest(rates: pd.Series[float], grain: Grain) -> str:
    """When the rate was highest, in words."""
    at = pd.Timestamp(str(rates.idxmax()))
    if at == rates.index[-1]:
        return ", the highest"
    return f"; the highest was {compact(float(rates.max()))}, in {moment(at, grain)}"


def _since(rates: pd.Series[float], grain: Grain) -> str:
    return (
        f"Compared since {moment(rates.index[0], grain)}: before, or in between, the record "
        "counted otherwise."
    )


def _figure(
    asking: Asking, answer: Answer, frame: pd.DataFrame, grain: Grain, pace: Pace
) -> Figure:
    labels = {name: html.escape(name) for name in frame["series"].unique()}
    drawn = frame.assign(label=frame["series"].map(labels))
    axis = asking.axis(answer.period, grain)
    when, unit = days(answer.period.first, answer.period.last), f"Downloads {pace.name}"
    return Figure(
        title=f"{unit}, mean of each {grain}",
        unit=unit,
        alt=f"{unit}, {when}. {last_values(drawn, share=False)}",
        draw=lambda theme: charts.lines(drawn, theme, axis, unit=unit),
        axis=axis,
    )


def _table(frame: pd.DataFrame, pace: Pace) -> pd.DataFrame:
    names = {
        "period": "Period (UTC)",
        "series": "Package",
        "value": f"Downloads {pace.name}",
        "downloads": "Downloads",
        "partial": "Cut by the period",
    }
    return frame[list(names)].rename(columns=names)


QUESTION = Question(
    key="rate-over-time",
    prompt="How does the rate of download look over time?",
    teaser="Downloads a second in every period, and the highest of them",
    shelf=Shelf.SIMPLE,
    parameters=Parameters(packages=PackageChoice(fewest=0), country=True, period=Preset.ALL),
    needs=(Need(Grain.MONTH, ()),),
    answer=_answer,
)
