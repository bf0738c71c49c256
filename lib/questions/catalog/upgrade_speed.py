"""How fast a new version of a package is taken up: the time until half of it is as new."""

from __future__ import annotations

import html

import pandas as pd

from lib.analysis.turnover import Uptake
from lib.cubes import Grain
from lib.finding_charts.uptake import uptake_curves
from lib.formats import day
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
from lib.questions.rows.upgrades import Upgrades, upgrades
from lib.questions.telling import wording
from lib.questions.telling.upgrade_words import (
    days_words,
    interval_words,
    left_out_of,
    newest_of,
    sentence_of,
)
from lib.selection import Preset

_FEATURES, _EVERY = "features", "every"

_MOST_DRAWN = 8

_DAYS_DRAWN = 180


def _answer(asking: Asking) -> Finding:
    found = upgrades(asking, features_only=asking.asked.option("versions") == _FEATURES)
    period = found.answer.period
    return Finding(
        sentence=sentence_of(found),
        details=newest_of(found),
        number=days_words(found.typical.days),
        interval=interval_words(found.typical),
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


def _caveats(found: Upgrades) -> tuple[str, ...]:
    open_ones = found.typical.versions - found.typical.reached
    return (
        "Downloads are file requests, mostly by machines that install anew each time: what is "
        "taken up is what builds ask for, not what is in use. Mirrors fetch every new version at "
        "once, which counts in small packages.",
        f"Not at half yet: {open_ones} of {found.typical.versions}." if open_ones else "",
        left_out_of(found),
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
    return f"half after {days_words(uptake.days_to_half)}"


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
