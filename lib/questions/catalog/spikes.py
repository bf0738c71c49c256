"""When a package spiked, and what its spikes were made of."""

from __future__ import annotations

from datetime import date

import pandas as pd

from lib import charts
from lib.analysis.makeup import DAYS_BEFORE, Rise
from lib.analysis.spikes import LEAST_HEIGHT, Spike
from lib.cubes import DIMENSION, UNKNOWN, Grain
from lib.finding_charts.bars import intervals
from lib.formats import compact, day, days, percent, value_label
from lib.questions.finding import Figure, Finding
from lib.questions.question import (
    Asking,
    Need,
    PackageChoice,
    Parameters,
    Question,
    Shelf,
)
from lib.questions.rows.spiked import DIMENSIONS, Spiked, made_of, spiked
from lib.questions.telling import wording
from lib.questions.telling.ratio_figures import ratio_figure
from lib.router import Period
from lib.selection import Preset, listed

_DRAWN_DAYS = 480
_DRAWN_SPIKES = 20
_NAMED = 2
_HIGHEST_DAYS = 10


def _answer(asking: Asking) -> Finding:
    found = spiked(asking)
    period = found.daily.answer.period
    some = bool(found.spikes)
    return Finding(
        sentence=_sentence(asking, found),
        details=_details(found),
        number=f"{found.largest.height:.1f} times" if some else "No spike",
        interval=f"{_between(found.largest)} (95 %), the largest spike over its baseline"
        if some
        else "by chance one is found in about 5 % of packages without any",
        certainty="A spike is a run of days above what noise reaches: above the running median of "
        f"13 weeks without the weekly rhythm, and at least {LEAST_HEIGHT} times it. By chance one "
        "is found in about 5 % of packages without any. A level that lasts over six weeks is none.",
        would_change="Who asks for the files is not recorded: a loop in someone's CI, a mirror "
        "and a release look alike, and are possible causes. Other days move the baseline.",
        period=period,
        figures=_figures(asking, found),
        table=_table(found),
        answers=(found.daily.answer, *found.answers),
        packages=found.daily.packages,
        caveats=(*_caveats(found), *wording.caveats(asking, period)),
        breaks=asking.breaks(period),
    )


def _between(spike: Spike) -> str:
    return f"{spike.low:.1f} to {spike.high:.1f} times"


def _sentence(asking: Asking, found: Spiked) -> str:
    about = f"{found.daily.head}{wording.from_where(asking)}"
    if not found.spikes:
        return f"{about} had no spike {wording.during(found.daily.answer.period)}."
    largest = found.largest
    count = len(found.spikes)
    times = "once" if count == 1 else f"{count} times, most"
    goes_on = "" if largest.ended else " so far"
    made = [_class(*part) for part in made_of(found.rises[largest.first])[:_NAMED]]
    return (
        f"{about} spiked {times} on {days(largest.first, largest.last)}: {largest.height:.1f} "
        f"times its usual downloads ({_between(largest)}), {compact(largest.excess)} more than "
        f"usual{goes_on}{f', made of {listed(made)}' if made else ''}."
    )


def _details(found: Spiked) -> str:
    """How much of the largest spike the classes that made it had; nothing where none is held."""
    parts = found.rises[found.largest.first] if found.spikes else ()
    if not parts:
        return ""
    sure = [f"{_class(*part)} {_shares(part[1])}" for part in made_of(parts)]
    if not sure:
        return "No country, system or other class that is held rose more than the others."
    told = "; ".join(sure)
    return f"{told[:1].upper() + told[1:]}, on the same weekdays."


def _class(dimension: str, rise: Rise) -> str:
    """A class of downloads as a reader knows it: `China`, `Python 3.12`, `unknown installer`."""
    if rise.value == UNKNOWN:
        label = DIMENSION[dimension].label.lower()
        return "downloads not flagged as CI" if dimension == "ci" else f"unknown {label}"
    return value_label(dimension, rise.value)


def _shares(rise: Rise) -> str:
    return f"had {percent(rise.during)} of its downloads, {percent(rise.before)} before"


def _caveats(found: Spiked) -> list[str]:
    told = []
    if any(not spike.ended for spike in found.spikes):
        told.append("The last spike goes on: it may turn out to be a new level.")
    if found.spikes and not found.answers:
        told.append("What the spikes were made of is not told: days are held by package alone.")
    return told


def _figures(asking: Asking, found: Spiked) -> tuple[Figure, ...]:
    drawn = [_course(asking, found)]
    if len(found.spikes) > 1:
        ranked = sorted(found.spikes, key=lambda spike: -spike.height)[:_DRAWN_SPIKES]
        heights = {days(s.first, s.last): (s.height, s.low, s.high) for s in ranked}
        drawn.append(ratio_figure(asking, "Height of each spike", "× its baseline", heights))
    drawn += [_parts_figure(asking, first, parts) for first, parts in found.rises.items() if parts]
    return tuple(drawn)


def _course(asking: Asking, found: Spiked) -> Figure:
    rows = found.usual.tail(_DRAWN_DAYS)
    shown = Period(rows["period"].iloc[0].date(), rows["period"].iloc[-1].date())
    inside = pd.Series(False, index=rows.index)
    for spike in found.spikes:
        inside |= rows["period"].between(pd.Timestamp(spike.first), pd.Timestamp(spike.last))
    # The day after a spike has no value, so that its line ends there.
    marked = rows[inside | inside.shift(1, fill_value=False)]
    parts = {
        "Downloads": rows,
        "Baseline": rows.assign(downloads=rows["baseline"]),
        "Spike": marked.assign(downloads=marked["downloads"].where(inside)),
    }
    frame = pd.concat([part.assign(series=name, label=name) for name, part in parts.items()])
    frame = frame.rename(columns={"downloads": "value"}).assign(partial=False)
    axis = asking.axis(shown, Grain.DAY)
    told = ", ".join(f"{day(spike.peak)} ×{spike.height:.1f}" for spike in found.spikes)
    return Figure(
        title=f"Downloads a day of {found.daily.title}, and what is usual",
        unit="Downloads a day",
        alt=f"Downloads a day {wording.during(shown)}. Spikes: {told or 'none'}.",
        draw=lambda theme: charts.lines(frame, theme, axis, unit="Downloads a day"),
        axis=axis,
        note="The last days of the period." if len(rows) < len(found.usual) else "",
    )


def _parts_figure(asking: Asking, first: date, parts: tuple[tuple[str, Rise], ...]) -> Figure:
    frame = pd.DataFrame(
        {
            "label": [_class(*part) for part in parts],
            "value": [100 * rise.rise for _, rise in parts],
            "low": [100 * rise.low for _, rise in parts],
            "high": [100 * rise.high for _, rise in parts],
            "strong": [part in made_of(parts) for part in parts],
        }
    )
    unit = f"Rise of its share over the same weekdays of {DAYS_BEFORE // 7} weeks before, points"
    told = ", ".join(f"{_class(*part)} {_shares(part[1])}" for part in parts)
    return Figure(
        title=f"What the spike from {day(first)} was made of, with 95 % intervals",
        unit=unit,
        alt=f"Shares of downloads: {told}.",
        draw=lambda theme: intervals(
            frame, theme, asking.signature, unit=unit, show="{:+.1f}".format, reference=0.0
        ),
        note="Of each split the class whose share rose most. Gray: not sure, or under 5 points.",
    )


def _table(found: Spiked) -> pd.DataFrame:
    """The spikes; where there are none, the days that are highest over the baseline."""
    if not found.spikes:
        return _highest_days(found)
    rows = [
        {
            "First day (UTC)": spike.first,
            "Last day": spike.last,
            "Peak": spike.peak,
            "Times the baseline": spike.height,
            "Low (95 %)": spike.low,
            "High (95 %)": spike.high,
            "More than usual": round(spike.excess),
            "Goes on": "no" if spike.ended else "yes",
            "Made of": "; ".join(
                f"{_class(*part)} {_shares(part[1])}"
                for part in made_of(found.rises.get(spike.first, ()))
            ),
        }
        for spike in found.spikes
    ]
    return pd.DataFrame(rows)


def _highest_days(found: Spiked) -> pd.DataFrame:
    """The days that are highest over their baseline, none of them a spike."""
    usual = found.usual.assign(times=found.usual["downloads"] / found.usual["baseline"])
    highest = usual.nlargest(_HIGHEST_DAYS, "times")
    names = {
        "period": "Day (UTC)",
        "downloads": "Downloads",
        "baseline": "Baseline",
        "threshold": "A spike from",
        "times": "Times the baseline",
    }
    return highest[list(names)].rename(columns=names)


QUESTION = Question(
    key="spikes",
    prompt="When did a package spike, and what was it made of?",
    teaser="Days far above the usual, and the country, system or installer that made them",
    shelf=Shelf.BEYOND,
    parameters=Parameters(
        packages=PackageChoice(fewest=1, most=1, default=("openai",)),
        country=True,
        period=Preset.YEAR,
    ),
    needs=(
        Need(Grain.DAY, ("project",)),
        *(Need(Grain.DAY, ("project", name), optional=True) for name in DIMENSIONS),
    ),
    answer=_answer,
    words=("spike", "spikes", "spiked", "peak", "peaks", "jump", "burst", "surge"),
)
