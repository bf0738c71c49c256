"""Whether there is a weekly dip: how deep, on which day, how sure, where, and in CI or not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from lib.analysis.seasonality import FEWEST_WEEKS, WeeklyDip, decomposed, weekly_dips
from lib.cubes import UNKNOWN, Grain
from lib.finding_charts.decomposition import decomposition
from lib.formats import percent
from lib.questions.finding import Figure, Finding
from lib.questions.question import (
    Asking,
    CannotTell,
    Need,
    PackageChoice,
    Parameters,
    Question,
    Shelf,
)
from lib.questions.rows.by_day import (
    TOGETHER,
    ByDay,
    by_package,
    country_label,
    package_label,
    split,
)
from lib.questions.telling import wording
from lib.questions.telling.ratio_figures import ranked_figure, ratio_figure
from lib.router import Period
from lib.selection import Preset

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_COUNTRIES = 15
_DRAWN_DAYS = 26 * 7
_UNIT = "Weekend day over midweek day, ×"
_CI = {"true": "Flagged as CI", UNKNOWN: "Not flagged"}


@dataclass(frozen=True, eq=False)
class Dips:
    """The dips of the packages, and of the countries and the CI flag of the first, where held."""

    daily: ByDay
    packages: Mapping[str, WeeklyDip]
    by_country: ByDay | None
    countries: Mapping[str, WeeklyDip]
    by_ci: ByDay | None
    ci: Mapping[str, WeeklyDip]

    @property
    def first(self) -> WeeklyDip:
        """The dip of the first series."""
        return self.packages[self.daily.first]

    @property
    def single(self) -> dict[str, WeeklyDip]:
        """The dips of packages, one by one."""
        return {name: dip for name, dip in self.packages.items() if name != TOGETHER}


def dips(asking: Asking) -> Dips:
    """Every dip that the store can tell. Raises NotHeld without days, CannotTell for too few."""
    daily = by_package(asking, asking.period)
    packages = weekly_dips(daily.frame)
    if daily.first not in packages:
        raise CannotTell(
            f"A weekly dip needs {FEWEST_WEEKS} whole weeks without a gap or break, and downloads "
            f"in them; {wording.days_are_held(asking, daily.answer.period)}."
        )
    by_country = None if asking.country else split(asking, asking.period, "country", _COUNTRIES)
    by_ci = split(asking, asking.period, "ci", len(_CI))
    return Dips(
        daily,
        packages,
        by_country,
        weekly_dips(by_country.frame) if by_country else {},
        by_ci,
        weekly_dips(_with_flag(by_ci.frame)) if by_ci else {},
    )


def _with_flag(frame: pd.DataFrame) -> pd.DataFrame:
    """The days of stretches in which the CI flag is recorded."""
    flagged = frame[(frame["series"] == "true") & (frame["downloads"] > 0)]
    return frame[frame["stretch"].isin(flagged["stretch"])]


def _answer(asking: Asking) -> Finding:
    found = dips(asking)
    period = found.daily.answer.period
    first = found.first
    splits = (found.by_country, found.by_ci)
    return Finding(
        sentence=_sentence(asking, found),
        details=_details(found),
        number=f"{first.ratio:.2f}",
        interval=f"{_between(first)} (95 %), weekend day over midweek day",
        certainty=f"From {first.weeks} whole weeks: each day's ratio to the seven days around it, "
        "and the interval from a moving-block bootstrap of these weeks. "
        f"{WEEKDAYS[first.lowest]} is lowest in {percent(first.lowest_certainty)} of resamples.",
        would_change="Other weeks: holidays are in them. Days are UTC days, so that a weekend "
        "begins in the evening of Friday in America, and on Saturday morning in Asia.",
        period=period,
        figures=_figures(asking, found),
        table=_table(found),
        answers=(found.daily.answer, *(each.answer for each in splits if each)),
        packages=found.daily.packages,
        caveats=(*_caveats(found), *wording.caveats(asking, period)),
        breaks=asking.breaks(period, *(["ci"] if found.ci else [])),
    )


def _between(dip: WeeklyDip) -> str:
    return f"{dip.low:.2f} to {dip.high:.2f}"


def _sentence(asking: Asking, found: Dips) -> str:
    first = found.first
    yes = "There is a weekly dip" if first.found else "No weekly dip is sure"
    return (
        f"{yes}: on a weekend day {found.daily.head} {'has' if asking.packages else 'have'} "
        f"{first.ratio:.2f} of the downloads of a midweek day"
        f"{wording.from_where(asking)} ({_between(first)}), fewest on {WEEKDAYS[first.lowest]}."
    )


def _details(found: Dips) -> str:
    told = []
    if len(found.single) > 1:
        ranked = sorted(found.single, key=lambda name: found.single[name].ratio)
        ends = [f"{found.single[name].ratio:.2f} ({name})" for name in (ranked[0], ranked[-1])]
        sure = sum(dip.found for dip in found.single.values())
        dip = wording.agreeing(sure, "dips", "dip")
        told.append(f"{sure} of {len(ranked)} packages {dip}, from {ends[0]} to {ends[1]}.")
    reading = ci_reading(found.by_ci.head, found.ci) if found.by_ci else ""
    return " ".join([*told, *([reading] if reading else [])])


def ci_reading(head: str, ci: Mapping[str, WeeklyDip]) -> str:
    """CI against the rest of `head` in words, as a possible cause; nothing without both."""
    flagged, rest = ci.get("true"), ci.get(UNKNOWN)
    if flagged is None or rest is None:
        return ""
    told = f"Of {head}, what CI fetches has {flagged.ratio:.2f}, the rest {rest.ratio:.2f}"
    if flagged.high < rest.low:
        return f"{told}; build servers that rest on weekends are a possible cause."
    if rest.high < flagged.low:
        return f"{told}; people who rest on weekends, while builds go on, are a possible cause."
    return f"{told}, without a sure difference."


def _caveats(found: Dips) -> list[str]:
    told = []
    missing = [name for name in found.daily.packages if name not in found.packages]
    if missing:
        told.append(f"Too few whole weeks are held of {', '.join(missing)}.")
    if found.ci:
        told.append(
            "Downloads that are not flagged are not those of people: mirrors are among them, and "
            "CI that sends no flag."
        )
    if found.countries:
        told.append("Where Friday is a day of rest, weekend and midweek are less far apart.")
    return told


def _figures(asking: Asking, found: Dips) -> tuple[Figure, ...]:
    first = found.first
    days = {WEEKDAYS[day.weekday]: (day.factor, day.low, day.high) for day in first.weekdays}
    head = found.daily.title
    drawn = [ratio_figure(asking, f"The week of {head}", "× the mean of the week around", days)]
    if len(found.packages) > 1:
        drawn.insert(
            0, ranked_figure(asking, "Weekend over midweek", _UNIT, found.packages, package_label)
        )
    if found.by_country and found.countries:
        title = f"Weekend over midweek of {found.by_country.head}, by country"
        drawn.append(ranked_figure(asking, title, _UNIT, found.countries, country_label))
    if found.by_ci and len(found.ci) > 1:
        title = f"Weekend over midweek of {found.by_ci.head}, CI against the rest"
        flags = {_CI[flag]: (dip.ratio, dip.low, dip.high) for flag, dip in found.ci.items()}
        drawn.append(ratio_figure(asking, title, _UNIT, flags))
    parts = decomposed(found.daily.of_first)
    return (*drawn, *([_parts(asking, head, parts)] if parts is not None else []))


def _parts(asking: Asking, head: str, parts: pd.DataFrame) -> Figure:
    shown = parts.tail(_DRAWN_DAYS)
    days = Period(shown["period"].iloc[0].date(), shown["period"].iloc[-1].date())
    axis = asking.axis(days, Grain.DAY)
    return Figure(
        title=f"Trend, weekly rhythm and remainder of {head}",
        unit="Downloads a day; factors",
        alt=f"Downloads a day {wording.during(days)} as trend × weekly rhythm × remainder.",
        draw=lambda theme: decomposition(shown, theme, axis),
        axis=axis,
        note="Found by MSTL on the logs of all days that are counted like the last; the last half "
        "year of them is drawn.",
    )


def _table(found: Dips) -> pd.DataFrame:
    of = [("Package", package_label, found.packages), ("Country", country_label, found.countries)]
    of.append(("CI", _CI.__getitem__, found.ci))
    rows = [
        {
            "Split": split_by,
            "Value": label(name),
            "Weekend over midweek": dip.ratio,
            "Low (95 %)": dip.low,
            "High (95 %)": dip.high,
            "Lowest day": WEEKDAYS[dip.lowest],
            "Lowest in resamples (share)": dip.lowest_certainty,
            "Whole weeks": dip.weeks,
            "Dip": "yes" if dip.found else "not sure",
        }
        for split_by, label, dips_of in of
        for name, dip in dips_of.items()
    ]
    return pd.DataFrame(rows)


QUESTION = Question(
    key="weekly-dip",
    prompt="Is there a weekly dip?",
    teaser="How much less is downloaded on weekends, of what and where, and how sure that is",
    shelf=Shelf.INTERESTING,
    parameters=Parameters(packages=PackageChoice(fewest=0), country=True, period=Preset.YEAR),
    needs=(
        Need(Grain.DAY, ("project",)),
        Need(Grain.DAY, ("project", "country"), optional=True),
        Need(Grain.DAY, ("project", "ci"), optional=True),
    ),
    answer=_answer,
    words=("weekly dip", "weekend", "weekends", "weekly", "saturday", "sunday", "weekday"),
)
