"""How fast a new version of a package is taken up: the time until half of it is as new."""

from __future__ import annotations

import html
import math
from dataclasses import dataclass

import pandas as pd

from lib.analysis.turnover import Turnover, Typical, Uptake, turnover, typical
from lib.cubes import Grain
from lib.data import Answer
from lib.finding_charts.uptake import uptake_curves
from lib.formats import day, percent
from lib.questions.finding import Figure, Finding
from lib.questions.question import (
    Asking,
    CannotTell,
    Need,
    Option,
    PackageChoice,
    Parameters,
    Question,
    Shelf,
)
from lib.questions.telling import wording
from lib.selection import Preset

_FEATURES, _EVERY = "features", "every"

_MOST_DRAWN = 8

_DAYS_DRAWN = 180


@dataclass(frozen=True, eq=False)
class Upgrades:
    """How the new versions of the package were taken up; `what` is what they are called."""

    package: str
    answer: Answer
    turnover: Turnover
    typical: Typical
    what: str

    @property
    def newest(self) -> Uptake:
        """The version that appeared last."""
        return max(self.turnover.uptakes, key=lambda each: each.appeared)


def _answer(asking: Asking) -> Finding:
    found = _upgrades(asking)
    period = found.answer.period
    return Finding(
        sentence=_sentence(found),
        details=_newest(found),
        number=_days(found.typical.days),
        interval=_interval(found.typical),
        certainty=(
            "Counted from the first download of a version to the first of seven days on which half "
            "of the downloads of the week around are of versions at least as new. The median "
            "counts versions that are not there yet as long as they were followed (Kaplan and "
            "Meier, 1958)."
        ),
        would_change=(
            "Builds that pin a version, and files kept by installers: a version that is installed "
            "everywhere already is not downloaded again."
        ),
        period=period,
        figures=(_curves(asking, found),),
        table=_table(found),
        answers=(found.answer,),
        packages=(found.package,),
        breaks=asking.breaks(period, "version"),
        caveats=tuple(filter(None, (*_caveats(found), *wording.caveats(asking, period)))),
    )


def _upgrades(asking: Asking) -> Upgrades:
    package = asking.packages[0]
    features = asking.asked.option("versions") == _FEATURES
    query = asking.selection.query(asking.period, grain=Grain.DAY, by=("version",))
    answer = asking.found.answer(query)
    frame = asking.with_stretches(answer.frame, Grain.DAY, "version")
    found = turnover(frame, features_only=features)
    median = typical(found.uptakes)
    what = "feature version" if features else "version"
    if median is None:
        raise CannotTell(
            f"No new {what} of {package} appeared {wording.during(answer.period)}, but for the "
            "first week, of which the beginning is not known: choose a longer period."
        )
    return Upgrades(package, answer, found, median, what)


def _sentence(found: Upgrades) -> str:
    median = found.typical
    if math.isinf(median.days):
        begin = (
            f"Of {wording.counted(median.versions, f'new {found.what}')} of {found.package}, "
            f"{median.reached} came to half of its downloads "
            f"{wording.during(found.answer.period)}: too few for a median"
        )
    else:
        begin = (
            f"Within {_days(median.days)} of its first download, half of the downloads of "
            f"{found.package} are of a new {found.what} or a later one: the median of "
            f"{median.versions}, {wording.during(found.answer.period)} ({_interval(median)})"
        )
    return f"{begin}."


def _newest(found: Upgrades) -> str:
    newest = found.newest
    return (
        f"The newest, {newest.version}, first downloaded on {day(newest.appeared.date())}, or a "
        f"later one makes {percent(newest.share)} of the last week."
    )


def _days(days: float) -> str:
    if math.isinf(days):
        return "Not reached"
    return "1 day" if days <= 1 else f"{days:.0f} days"


def _interval(median: Typical) -> str:
    if math.isnan(median.low):
        few = "one version is" if median.versions == 1 else f"{median.versions} versions are"
        return f"no interval: {few} too few"
    high = "not reached" if math.isinf(median.high) else f"{median.high:.0f}"
    return f"95 % interval {median.low:.0f} to {high} days"


def _caveats(found: Upgrades) -> tuple[str, ...]:
    open_ones = found.typical.versions - found.typical.reached
    return (
        "Downloads are file requests, mostly by machines that install anew each time: what is "
        "taken up is what builds ask for, not what is in use. Mirrors fetch every new version at "
        "once, which counts in small packages.",
        f"Not at half yet: {open_ones} of {found.typical.versions}." if open_ones else "",
        f"{percent(found.turnover.unordered)} of the downloads name no version and are left out."
        if found.turnover.unordered > 0
        else "",
        "Versions follow each other, so that one that is quickly replaced is carried to half by "
        "the next.",
    )


def _curves(asking: Asking, found: Upgrades) -> Figure:
    chosen = sorted(found.turnover.uptakes, key=lambda each: each.appeared)[-_MOST_DRAWN:]
    frame = pd.concat([_since(found.turnover.shares[each.version], each) for each in chosen])
    unit = "Share of downloads at least as new"
    told = (f"{each.version} {_reached(each)}" for each in chosen)
    return Figure(
        title=f"How the newest {found.what}s of {found.package} were taken up",
        unit=unit,
        alt=f"{unit}, by days since the first download: {', '.join(told)}.",
        draw=lambda theme: uptake_curves(frame, theme, asking.signature, unit=unit),
        note="Each line begins with the first download of a version. The line at 50 % is half.",
    )


def _since(shares: pd.Series[float], uptake: Uptake) -> pd.DataFrame:
    """The share of a version by days since it appeared."""
    since = shares[uptake.appeared :].head(_DAYS_DRAWN + 1)
    return pd.DataFrame(
        {"series": html.escape(uptake.version), "day": range(len(since)), "value": since}
    )


def _reached(uptake: Uptake) -> str:
    if uptake.days_to_half is None:
        return f"not at half after {uptake.followed} days"
    return f"half after {_days(uptake.days_to_half)}"


def _table(found: Upgrades) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "Version": each.version,
                "First download (UTC)": day(each.appeared.date()),
                "Days to half": each.days_to_half,
                "Days followed": each.followed,
                "At least as new in the last week": each.share,
            }
            for each in sorted(found.turnover.uptakes, key=lambda each: each.appeared, reverse=True)
        ]
    )


QUESTION = Question(
    key="upgrade-speed",
    prompt="How fast is a new version taken up?",
    teaser="Days until half of a package's downloads are of a new version or a later one",
    shelf=Shelf.BEYOND,
    parameters=Parameters(
        packages=PackageChoice(fewest=1, most=1, default=("pandas",)),
        period=Preset.ALL,
        options=(
            Option(
                "versions",
                "Versions",
                ((_FEATURES, "the first of each x.y"), (_EVERY, "every final version")),
            ),
        ),
    ),
    needs=(Need(Grain.DAY, ("project", "version")),),
    answer=_answer,
)
