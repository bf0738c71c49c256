"""What a holiday did: downloads against those that the same weekdays around it had."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

import pandas as pd

from lib import charts
from lib.analysis.holidays import (
    WEEKS_AROUND,
    HolidayEffect,
    same_weekdays,
)
from lib.cubes import Grain
from lib.formats import change, compact
from lib.holidays import HOLIDAYS, unusual_days
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
from lib.questions.rows.around_holiday import Effects, effects
from lib.questions.rows.by_day import (
    country_label,
    package_label,
)
from lib.questions.telling import wording
from lib.questions.telling.ratio_figures import ranked_figure
from lib.router import Period
from lib.selection import Preset

_UNIT = "× the same weekdays around"


def _answer(asking: Asking) -> Finding:
    found = effects(asking)
    period = found.daily.answer.period
    first = found.first
    return Finding(
        sentence=_sentence(asking, found),
        details=_details(found),
        number=change(first.ratio - 1),
        interval=f"{_between(first)} (95 %), against the same weekdays around",
        certainty=f"Each day of the holiday is held against its weekday in the {WEEKS_AROUND} "
        f"weeks before and after, without other holidays. The interval is how much such days vary "
        f"in {first.weeks} other weeks.",
        would_change="Other days for the holiday, other weeks around it, and a release or a spike "
        "in the same days: the holiday is a possible cause.",
        period=period,
        figures=_figures(asking, found),
        table=_table(found),
        answers=tuple(each.answer for each in (found.daily, found.by_country) if each),
        packages=found.daily.packages,
        caveats=(*_caveats(found), *wording.caveats(asking, period)),
        breaks=asking.breaks(period),
    )


def _between(effect: HolidayEffect) -> str:
    return f"{change(effect.low - 1)} to {change(effect.high - 1)}"


def _sentence(asking: Asking, found: Effects) -> str:
    first = found.first
    sure = "" if first.found else f"No effect of {found.holiday.name} is sure: "
    # Without its sign the change is so much fewer, or more; a multiple is of all of them.
    amount = change(first.ratio - 1).lstrip("+-")
    more, than = "fewer" if first.ratio < 1 else "more", "than"
    if amount.startswith("×"):
        amount, more, than = f"{first.ratio:.1f} times as", "many", "as"
    told = (
        f"{sure}{found.daily.head} had {amount} {more} downloads{wording.from_where(asking)} on "
        f"{found.when} ({found.holiday.name}) {than} the same weekdays around ({_between(first)})."
    )
    return told if asking.packages and first.found else told[:1].upper() + told[1:]


def _details(found: Effects) -> str:
    by_package = _extremes("packages", found.single, package_label)
    by_country = _extremes("countries", found.named_countries, country_label)
    return " ".join(filter(None, (by_package, by_country)))


def _extremes(what: str, of: Mapping[str, HolidayEffect], label: Callable[[str], str]) -> str:
    """Where the effect was least and most, and on how many it is sure; nothing for one alone."""
    if len(of) < 2:
        return ""
    ranked = sorted(of, key=lambda name: of[name].ratio)
    sure = sum(effect.found for effect in of.values())
    ends = [f"{change(of[name].ratio - 1)} ({label(name)})" for name in (ranked[0], ranked[-1])]
    return f"It is sure for {sure} of {len(of)} {what}, from {ends[0]} to {ends[1]}."


def _caveats(found: Effects) -> list[str]:
    told = []
    missing = [name for name in found.daily.packages if name not in found.packages]
    if missing:
        told.append(f"Too little around the holiday is held of {', '.join(missing)}.")
    count = len(found.packages) + len(found.countries)
    if count >= 20:
        told.append(f"One in twenty of the {count} intervals misses, on average.")
    return told


def _figures(asking: Asking, found: Effects) -> tuple[Figure, ...]:
    drawn = [_course(asking, found)]
    title = f"{found.holiday.name}, {found.when}"
    if len(found.packages) > 1:
        by = f"{title}, by package"
        drawn.append(ranked_figure(asking, by, _UNIT, found.packages, package_label))
    if found.by_country and found.countries:
        by = f"{title}, of {found.by_country.head} by country"
        drawn.append(ranked_figure(asking, by, _UNIT, found.countries, country_label))
    return tuple(drawn)


def _course(asking: Asking, found: Effects) -> Figure:
    """The days around the holiday, and what the same weekdays around each of them had."""
    reach = timedelta(weeks=WEEKS_AROUND)
    held = found.daily.answer.period
    shown = Period(found.days[0] - reach, found.days[-1] + reach).overlap(held) or held
    rows = found.daily.of_first[["period", "downloads"]]
    lines = {
        "Downloads": rows,
        "Same weekdays around": same_weekdays(found.daily.of_first, unusual_days(held)),
        found.holiday.name: rows[rows["period"].isin(pd.DatetimeIndex(list(found.days)))],
    }
    frame = pd.concat([part.assign(series=name) for name, part in lines.items()])
    inside = frame["period"].between(pd.Timestamp(shown.first), pd.Timestamp(shown.last))
    drawn = frame[inside].assign(partial=False).rename(columns={"downloads": "value"})
    drawn["label"] = drawn["series"]
    axis = asking.axis(shown, Grain.DAY)
    return Figure(
        title=f"{found.holiday.name} in the downloads of {found.daily.title}",
        unit="Downloads a day",
        alt=f"Downloads a day {wording.during(shown)}: {compact(found.first.downloads)} on "
        f"{found.when}, where the same weekdays around had {compact(found.first.expected)}.",
        draw=lambda theme: charts.lines(drawn, theme, axis, unit="Downloads a day"),
        axis=axis,
    )


def _table(found: Effects) -> pd.DataFrame:
    rows = [
        {
            "Split": split_by,
            "Value": label(name),
            "Change": effect.ratio - 1,
            "Low (95 %)": effect.low - 1,
            "High (95 %)": effect.high - 1,
            "Downloads on these days": round(effect.downloads),
            "Expected": round(effect.expected),
            "Other weeks": effect.weeks,
            "Differs": "yes" if effect.found else "not sure",
        }
        for split_by, label, of in (
            ("Package", package_label, found.packages),
            ("Country", country_label, found.countries),
        )
        for name, effect in of.items()
    ]
    return pd.DataFrame(rows)


QUESTION = Question(
    key="holiday",
    prompt="What did a holiday do?",
    teaser="Downloads on Christmas and eight other holidays, against the same weekdays around",
    shelf=Shelf.BEYOND,
    parameters=Parameters(
        packages=PackageChoice(fewest=0),
        country=True,
        period=Preset.YEAR,
        options=(Option("holiday", "Holiday", tuple((each.key, each.name) for each in HOLIDAYS)),),
    ),
    needs=(
        Need(Grain.DAY, ("project",)),
        Need(Grain.DAY, ("project", "country"), optional=True),
    ),
    answer=_answer,
    words=("holiday", "holidays", *(each.name.lower() for each in HOLIDAYS)),
)
