"""Whether regions prefer topics: two sets of packages against each other, country by country."""

from __future__ import annotations

import pandas as pd

from lib.analysis.preference import Judging, Verdict, location_quotients, set_ratio_by_country
from lib.cubes import UNKNOWN, Grain
from lib.formats import percent, value_label
from lib.questions.finding import CountryMap, Figure, Finding
from lib.questions.question import (
    Asking,
    CannotTell,
    Need,
    Parameters,
    Question,
    SetChoice,
    Shelf,
    group_set,
)
from lib.questions.rows.sets_by_country import SetsByCountry, sets_by_country
from lib.questions.telling import wording
from lib.questions.telling.factors import factor, factor_interval, times
from lib.questions.telling.preference_words import LEAST_OF_EACH, Preferences
from lib.questions.telling.row_figures import interval_figure
from lib.questions.telling.wording import during, when
from lib.selection import Measure, Preset, listed

_JUDGING = Judging()

_SHOWN = 10
"""How many countries are drawn of those that prefer each of the sets."""


def _answer(asking: Asking) -> Finding:
    sets = sets_by_country(asking)
    days = sets.days
    found = set_ratio_by_country(sets.first.frame, sets.second.frame, days.grain, _JUDGING)
    preferences = Preferences(sets.first.name, sets.second.name, found, days.period)
    if preferences.told.empty:
        raise CannotTell(
            f"No country has enough downloads of both sets {during(days.period)}: it takes "
            f"{_JUDGING.least:,.0f} of either."
        )
    named = preferences.named(asking.country)
    return Finding(
        sentence=preferences.sentence(asking.country),
        details=preferences.details(asking.country),
        number=f"{value_label('country', named['country'])}: {times(named['ratio'])}",
        interval=factor_interval(named["low"], named["high"]),
        certainty=_certainty(sets),
        would_change=f"Other packages in the sets, such as those that “{sets.first.name}” and "
        f"“{sets.second.name}” have here by default, and machines that move to another country.",
        period=days.period,
        figures=(_figure(asking, preferences),),
        table=_table(sets, preferences),
        answers=sets.answers,
        packages=sets.packages,
        caveats=tuple(filter(None, _caveats(asking, sets, preferences))),
        breaks=asking.breaks(days.period, "country"),
        map=_map(preferences),
    )


def _certainty(sets: SetsByCountry) -> str:
    blocks = "whole weeks" if sets.days.grain is Grain.DAY else "months"
    return (
        "For each country an odds ratio: downloads of the first set over those of the second, "
        "against the same in the rest of the world, unknown countries among it. Intervals are of "
        f"resampled {blocks} (Künsch, 1989). A country is said to prefer a set where its p-value "
        "passes the correction for so many countries (Benjamini and Hochberg, 1995): about "
        f"{percent(_JUDGING.false_discoveries)} of those named may not."
    )


def _caveats(asking: Asking, sets: SetsByCountry, preferences: Preferences) -> tuple[str, ...]:
    found, judged = preferences.found, preferences.judged
    alone = len(judged) - len(preferences.told)
    few = found[found["verdict"] == Verdict.TOO_FEW]
    unknown = found[found["country"] == UNKNOWN]
    share = float(unknown["downloads"].sum() / max(found["downloads"].sum(), 1))
    both = set(sets.first.packages) & set(sets.second.packages)
    names = [value_label("country", code) for code in few["country"]]
    told = f": {listed(names)}" if 0 < len(names) <= _SHOWN else ""
    return (
        sets.days.caveat,
        *(
            f"Of “{each.name}”, {listed(each.lacking)} "
            f"{wording.agreeing(len(each.lacking), 'is', 'are')} not held by country."
            for each in (sets.first, sets.second)
            if each.lacking
        ),
        f"Counted in both sets: {listed(sorted(both))}." if both else "",
        "Too few downloads to be judged: "
        f"{wording.counted(len(few), 'country', 'countries')}{told}."
        if len(few)
        else "",
        f"Judged, and without a ratio, of fewer than {LEAST_OF_EACH} downloads of one of the sets: "
        f"{wording.counted(alone, 'country', 'countries')}."
        if alone
        else "",
        f"{percent(share)} of the downloads of {sets.first.name} have no known country.",
        "A country is that of the machine: data centers of possible cloud regions, such as "
        "Ireland and Singapore, download for others.",
        *wording.caveats(asking, sets.days.period),
    )


def _figure(asking: Asking, preferences: Preferences) -> Figure:
    told = preferences.told
    ends = pd.concat(
        [told.head(_SHOWN), told.tail(_SHOWN), told[told["country"] == asking.country]]
    )
    shown = ends.drop_duplicates("country").sort_values("ratio", ascending=False)
    frame = pd.DataFrame(
        {
            "label": [value_label("country", code) for code in shown["country"]],
            "value": shown["ratio"],
            "low": shown["low"],
            "high": shown["high"],
            "strong": shown["verdict"].isin([Verdict.MORE, Verdict.LESS]),
        }
    )
    against = f"{preferences.first} against {preferences.second}"
    unit = f"{against}, times elsewhere"
    notes = [
        f"{len(frame)} of {len(told)} countries: the highest and the lowest."
        if len(frame) < len(told)
        else "",
        "" if frame["strong"].all() else "Gray: no sure difference from the rest of the world.",
    ]
    return interval_figure(
        asking,
        frame,
        title=f"{against} by country, {when(preferences.period)}",
        unit=unit,
        show=factor,
        reference=1.0,
        log=True,
        note=" ".join(filter(None, notes)),
    )


def _map(preferences: Preferences) -> CountryMap:
    found = preferences.found
    is_judged = found.index.isin(preferences.judged.index)
    frame = found[["country", "downloads", "share"]].assign(
        preference=found["ratio"].where(is_judged)
    )
    title = (
        f"{preferences.first} against {preferences.second}, times elsewhere, "
        f"{when(preferences.period)}"
    )
    meaning = (
        f"Preference: {preferences.first} over {preferences.second} in a country, over the same in "
        "all others."
    )
    return CountryMap(title, frame, Measure.PREFERENCE, meaning)


def _table(sets: SetsByCountry, preferences: Preferences) -> pd.DataFrame:
    found, has_both = preferences.found, preferences.has_both
    first, second = preferences.first, preferences.second
    columns = {
        "Country": [value_label("country", code) for code in found["country"]],
        f"{first}, downloads": found["downloads"].astype("int64"),
        f"{second}, downloads": found["compared"].astype("int64"),
        f"{first} against {second}, times elsewhere": found["ratio"].where(has_both),
        "Low (95 %)": found["low"].where(has_both),
        "High (95 %)": found["high"].where(has_both),
        "p (corrected)": found["adjusted"],
        f"{first} against {second}": [str(each) for each in found["verdict"]],
    }
    if sets.everything:
        for each in (sets.first, sets.second):
            usual = location_quotients(each.frame, sets.everything[0], sets.days.grain, _JUDGING)
            ratios = usual.set_index("country")["ratio"]
            columns[f"{each.name}, times its share of all held"] = found["country"].map(ratios)
    return pd.DataFrame(columns)


QUESTION = Question(
    key="topics-by-region",
    prompt="Do regions prefer topics?",
    teaser="Two sets of packages against each other in every country, with what is sure",
    shelf=Shelf.INTERESTING,
    parameters=Parameters(
        sets=SetChoice(2, 2, (group_set("NLP"), group_set("Deep learning"))),
        country=True,
        period=Preset.YEAR,
    ),
    needs=(Need(Grain.MONTH, ("project", "country")),),
    answer=_answer,
    words=(
        "regions prefer",
        "countries prefer",
        "prefer topics",
        "preference by country",
        "topic by country",
        "where is it preferred",
    ),
)
