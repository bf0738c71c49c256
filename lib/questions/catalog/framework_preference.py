"""Which deep learning framework is preferred: now, over time, and by country."""

from __future__ import annotations

import pandas as pd

from lib.analysis.estimate import Estimate
from lib.cubes import Grain
from lib.formats import moment, percent, value_label
from lib.questions.finding import Finding
from lib.questions.question import (
    Asking,
    Need,
    PackageSet,
    Parameters,
    Question,
    SetChoice,
    Shelf,
)
from lib.questions.rows.set_countries import LEAST, SetCountries
from lib.questions.rows.set_preference import Preference, preference
from lib.questions.telling import wording
from lib.questions.telling.factors import TOO_LITTLE
from lib.questions.telling.set_preference_figures import (
    country_figure,
    course_figure,
    now_figure,
    preference_map,
)
from lib.selection import Preset, listed

_SETS = (
    PackageSet("PyTorch", ("torch",)),
    PackageSet("TensorFlow", ("tensorflow", "tensorflow-cpu", "tensorflow-gpu", "tf-nightly")),
    PackageSet("JAX", ("jax",)),
    PackageSet("Keras", ("keras",)),
    PackageSet("MXNet", ("mxnet",)),
    PackageSet("PaddlePaddle", ("paddlepaddle", "paddlepaddle-gpu")),
)
"""The frameworks by what a person installs: what only comes along, such as jaxlib, counts nowhere,
and neither does pytorch-lightning, which brings torch with it."""

_NAMED = 3


def _answer(asking: Asking) -> Finding:
    found = preference(asking)
    share = found.now.shares[found.leader]
    rivals = found.monthly
    more = found.countries.answers if found.countries else ()
    return Finding(
        sentence=_sentence(asking, found),
        details=_details(found),
        number=f"{found.leader}: {percent(share.value)}",
        interval=_interval(share),
        certainty=_certainty(found),
        would_change=(
            "Which packages make up a set: they can be changed. What other indexes, conda and "
            "images deliver is not in the record."
        ),
        period=rivals.period,
        figures=tuple(
            figure
            for figure in (
                now_figure(asking, found),
                course_figure(asking, found),
                country_figure(asking, found.countries),
            )
            if figure
        ),
        table=_table(asking, found),
        answers=(*found.answers, *more),
        packages=rivals.packages,
        breaks=asking.breaks(rivals.period, *(("country",) if more else ())),
        caveats=tuple(filter(None, _caveats(asking, found))),
        map=preference_map(found.countries),
    )


def _sentence(asking: Asking, found: Preference) -> str:
    ranked = list(found.now.shares.items())
    share, (second, second_share) = ranked[0][1], ranked[1]
    before = found.year_before
    parts = [
        f"{found.leader}{wording.from_where(asking)}: {percent(share.value)} of the downloads of "
        f"these {len(ranked)} sets together {wording.during(found.days)} ({_interval(share)}), "
        f"before {second} with {percent(second_share.value)}"
    ]
    if not pd.isna(before[found.leader]):
        month = moment(found.over_time.index[-1] - pd.DateOffset(months=12), Grain.MONTH)
        parts.append(f"; in {month} it had {percent(float(before[found.leader]))}")
    return "".join(parts) + "."


def _details(found: Preference) -> str:
    """Since when the leader leads, and where."""
    since = ""
    if found.since is not None:
        since = f"{found.leader} has led since {moment(found.since, Grain.MONTH)}."
    return " ".join(filter(None, (since, _countries_words(found.countries))))


def _countries_words(found: SetCountries | None) -> str:
    """In how many countries the leader leads, and where it does not."""
    if found is None or found.told.empty:
        return ""
    elsewhere = found.elsewhere
    count = len(found.told) - len(elsewhere)
    countries = wording.counted(len(found.told), "country", "countries")
    told = f"Of {countries} with {LEAST:,} downloads or more, it leads in {count}"
    if elsewhere.empty:
        return f"{told}."
    named = [
        f"{wording.place(row['country'])} ({row['first']})"
        for row in elsewhere.head(_NAMED).to_dict("records")
    ]
    which = listed(named) if len(named) == len(elsewhere) else f"{', '.join(named)} and others"
    return f"{told}; not in {which}."


def _interval(share: Estimate) -> str:
    if pd.isna(share.low):
        return TOO_LITTLE
    return f"95 % interval {percent(share.low)} to {percent(share.high)}"


def _certainty(found: Preference) -> str:
    how = (
        "its 95 % interval is from resampling whole weeks"
        if found.grain is Grain.DAY
        else "its 95 % interval is how far single months of the last year lie off their course"
    )
    return (
        f"Every download held is counted; {how}. Shares are of these sets together, so that breaks "
        "of the record that hit all alike cancel. A country differs surely where its location "
        "quotient passes a correction for so many countries."
    )


def _caveats(asking: Asking, found: Preference) -> tuple[str, ...]:
    packages = set(found.monthly.packages)
    lacking = [each.name for each in _SETS if not any(map(asking.found.holds, each.packages))]
    unknown = [name for name in found.monthly.names if name not in found.now.shares]
    return (
        "Wheels of torch also come from PyTorch's own index, and from conda: they are not in the "
        "record, so that its share is too low."
        if "torch" in packages
        else "",
        "Most versions of tensorflow bring keras with them: those downloads count in both."
        if {"tensorflow", "keras"} <= packages
        else "",
        "Who wants a framework cannot be seen: most downloads are of something that needs it, "
        "made by machines.",
        f"Nothing is known of {listed(unknown)} {wording.during(found.days)}." if unknown else "",
        f"Nothing is held of {listed(lacking)}."
        if lacking and set(found.monthly.names) <= {each.name for each in _SETS}
        else "",
        *found.monthly.caveats,
        f"By country: {found.countries.days.caveat}"
        if found.countries and found.countries.days.caveat
        else "",
        *wording.caveats(asking, found.monthly.period),
    )


def _table(asking: Asking, found: Preference) -> pd.DataFrame:
    """The sets, and then the countries with the set that leads there."""
    place = value_label("country", asking.country) if asking.country else "All"
    world = [
        {
            "Where": place,
            "Set": name,
            "Packages": ", ".join(found.monthly.members[name]),
            "Share of these sets": share.value,
            "Low": share.low,
            "High": share.high,
            "A year before": found.year_before.get(name),
        }
        for name, share in found.now.shares.items()
    ]
    if found.countries is None:
        return pd.DataFrame(world)
    preference = f"Preference for {found.leader}"
    countries = [
        {
            "Where": value_label("country", row["country"]),
            "Set": row["first"],
            "Share of these sets": row["first_share"],
            preference: row["ratio"],
            f"{preference}, low": row["low"],
            f"{preference}, high": row["high"],
            f"{preference}, verdict": str(row["verdict"]),
        }
        for row in found.countries.frame.to_dict("records")
    ]
    return pd.DataFrame([*world, *countries])


QUESTION = Question(
    key="framework",
    prompt="Which deep learning framework is preferred?",
    teaser="Shares of the frameworks now, over time and by country; the sets can be changed",
    shelf=Shelf.INTERESTING,
    parameters=Parameters(sets=SetChoice(2, 10, _SETS), country=True, period=Preset.ALL),
    needs=(
        Need(Grain.MONTH, ("project",)),
        Need(Grain.MONTH, ("project", "country"), optional=True),
    ),
    answer=_answer,
)
