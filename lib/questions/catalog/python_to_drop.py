"""Which Python versions a package can drop, for few downloads still come from them."""

from __future__ import annotations

import html

import pandas as pd

from lib import charts
from lib.analysis.shares import course_grain, shares_over_time
from lib.cubes import Grain
from lib.formats import change, percent, value_label
from lib.panels.context import last_values
from lib.questions.finding import Figure, Finding
from lib.questions.question import (
    Asking,
    Need,
    Option,
    PackageChoice,
    Parameters,
    Question,
    Shelf,
)
from lib.questions.rows.python_rows import (
    USUAL,
    Threshold,
    Told,
    told_of,
    unknown_by_installer,
)
from lib.questions.telling import wording
from lib.questions.telling.python_words import (
    details_of,
    sentence_of,
    threshold_words,
    unknown_words,
)
from lib.questions.telling.row_figures import interval_figure
from lib.questions.telling.wording import when
from lib.selection import Preset

_THRESHOLD = Option(
    "threshold",
    "Droppable under",
    (
        (USUAL, f"{USUAL} % of downloads"),
        *((each, f"{each} %") for each in Threshold if each is not USUAL),
    ),
)


def _answer(asking: Asking) -> Finding:
    told = told_of(asking, Threshold(asking.asked.option(_THRESHOLD.name)).share)
    unknown = unknown_by_installer(asking, told) if told.unknown else None
    period = told.answer.period
    return Finding(
        sentence=sentence_of(asking, told),
        details=details_of(told),
        number=_number(told),
        interval=told.interval(max(told.count - 1, 0)),
        certainty=_certainty(told),
        would_change=(
            "Another threshold, and what the downloads without a known version are. A download is "
            "a file request, mostly by a machine: a pinned image may ask a thousand times a day. "
            "Until when a version gets security fixes is not known here."
        ),
        period=period,
        figures=(_versions(asking, told), _course(asking, told)),
        table=_table(told),
        answers=(told.answer, *([unknown] if unknown else [])),
        packages=asking.packages,
        breaks=asking.breaks(period, "python"),
        caveats=(unknown_words(told, unknown), *wording.caveats(asking, told.period)),
    )


def _number(told: Told) -> str:
    position = max(told.count - 1, 0)
    return f"{told.words(position)}: {percent(told.shares['cumulative'].iloc[position])}"


def _certainty(told: Told) -> str:
    if told.grain is Grain.DAY:
        how = "the newest days that are final; intervals are from resampling blocks of a week"
    else:
        how = (
            "the newest month; its interval is how much months lie beside a straight line through "
            "their log odds"
        )
    return (
        f"Every download held is counted, of {how}. A version counts with all that are older, and "
        f"can be dropped where the whole interval is under the threshold. {_fall(told)}"
    )


def _fall(told: Told) -> str:
    """How the next version went, and why that is drawn on or not."""
    found, name = told.fall, told.words(told.count)
    if found is None:
        return f"No course of {name} is told: too few weeks or months are counted alike."
    unit = "weeks" if told.grain is Grain.DAY else "months"
    odds = (
        f"Over {found.periods} {unit} the odds of {name} changed by {change(found.change)} "
        f"({change(found.low)} to {change(found.high)}) along a Theil–Sen line"
    )
    if not found.steady:
        return f"{odds}: no steady fall, and so no forecast."
    return f"{odds}; a forecast looks no farther ahead than as many {unit}."


def _versions(asking: Asking, told: Told) -> Figure:
    rows = told.shares
    frame = pd.DataFrame(
        {
            "label": [value_label("python", told.words(at)) for at in range(len(rows))],
            "value": 100 * rows["cumulative"],
            "low": 100 * rows["low"],
            "high": 100 * rows["high"],
            "strong": [at < told.count for at in range(len(rows))],
        }
    )
    unit = f"% of downloads with a known Python version, {when(told.period)}, log scale"
    return interval_figure(
        asking,
        frame,
        title="Downloads by each Python version and all that are older, with 95 % intervals",
        unit=unit,
        show=lambda value: percent(value / 100),
        reference=100 * told.threshold,
        log=True,
        note=f"Dashed: the threshold of {threshold_words(told.threshold)}. Gray: not under it.",
    )


def _course(asking: Asking, told: Told) -> Figure:
    """The shares of the last version that can be dropped and of the next, with all older ones."""
    period = told.answer.period
    grain = course_grain(period, daily=told.grain is Grain.DAY)
    shares = shares_over_time(told.known, grain, period)
    drawn = []
    for at in (told.count - 1, told.count):
        if at >= 0:
            older = shares[shares["series"].isin(told.versions[: at + 1])]
            summed = older.groupby(["period", "partial"], as_index=False)["value"].sum(min_count=1)
            name = told.words(at)
            drawn.append(summed.assign(series=name, label=html.escape(name)))
    frame = pd.concat(drawn, ignore_index=True)
    axis = asking.axis(period, grain, "python")
    unit = f"Share of downloads with a known Python version, each {grain}"
    return Figure(
        title="How these shares went",
        unit=unit,
        alt=f"{unit}. {last_values(frame, share=True)}",
        draw=lambda theme: charts.lines(frame, theme, axis, unit=unit, share=True),
        axis=axis,
    )


def _table(told: Told) -> pd.DataFrame:
    rows = told.shares
    return pd.DataFrame(
        {
            "Python version": rows["version"],
            "Downloads": rows["downloads"],
            "Share of known": rows["share"],
            "Share with all older": rows["cumulative"],
            "Low": rows["low"],
            "High": rows["high"],
            "Can be dropped": ["yes" if at < told.count else "no" for at in range(len(rows))],
        }
    )


QUESTION = Question(
    key="python-to-drop",
    prompt="Which Python versions can I drop?",
    teaser="How little the oldest versions still make of a package's downloads, and until when",
    shelf=Shelf.BEYOND,
    parameters=Parameters(
        packages=PackageChoice(fewest=1, most=1, default=("numpy",)),
        period=Preset.YEAR,
        options=(_THRESHOLD,),
    ),
    needs=(
        Need(Grain.MONTH, ("python",)),
        Need(Grain.MONTH, ("python", "installer"), optional=True),
    ),
    answer=_answer,
    words=("drop python", "python versions", "drop support", "old python", "minimum python"),
)
