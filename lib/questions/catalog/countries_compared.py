"""How countries compare: their downloads over their people, against the world."""

from __future__ import annotations

import pandas as pd

from lib.analysis.per_head import LEAST_DOWNLOADS, LEAST_PEOPLE, TOO_FEW_PEOPLE, per_head
from lib.analysis.preference import Verdict
from lib.cubes import UNKNOWN, Grain
from lib.data import Answer
from lib.formats import percent, value_label
from lib.questions.finding import CountryMap, Figure, Finding
from lib.questions.question import (
    Asking,
    CannotTell,
    Need,
    PackageChoice,
    Parameters,
    Question,
    Shelf,
)
from lib.questions.rows.comparable_days import ComparableDays, comparable_days
from lib.questions.telling import wording
from lib.questions.telling.factors import factor, factor_interval, times
from lib.questions.telling.row_figures import bar_figure, interval_figure
from lib.questions.telling.wording import during, place, when
from lib.selection import Measure, Preset

POSSIBLE_CLOUD_REGIONS = frozenset({"BE", "DE", "FI", "HK", "IE", "NL", "SE", "SG", "US"})
"""Countries whose data centers serve much of the world around them: judgment, from the regions
that AWS, Google Cloud and Azure list. Machines there may download for people elsewhere."""

_SHOWN = 20

_JUDGED = (Verdict.MORE, Verdict.LESS, Verdict.NO_DIFFERENCE, Verdict.NO_INTERVAL)


def _answer(asking: Asking) -> Finding:
    query = asking.selection.query(asking.period, by=("country",))
    days = comparable_days(asking, query, "country")
    answer = asking.found.answer(
        asking.selection.query(days.period, grain=days.grain, by=("country",))
    )
    found = per_head(asking.with_stretches(answer.frame, days.grain, "country"), days.grain)
    judged = found[found["verdict"].isin(_JUDGED) & (found["downloads"] > 0)]
    if judged.empty:
        raise CannotTell(
            f"No country has enough downloads {during(answer.period)}: it takes "
            f"{LEAST_DOWNLOADS:,}."
        )
    first = judged.to_dict("records")[0]
    return Finding(
        sentence=_sentence(asking, judged, answer),
        details=_details(found, judged),
        number=f"{value_label('country', first['country'])}: {times(first['ratio'])}",
        interval=factor_interval(first["low"], first["high"]),
        certainty=_certainty(days),
        would_change="Where machines stand: a country with data centers downloads for others. "
        "Newer populations would change some figures by a tenth or so.",
        period=answer.period,
        figures=(_ratios(asking, judged, answer), _raw(asking, found, answer)),
        table=_table(found),
        answers=(answer,),
        packages=asking.packages,
        caveats=tuple(filter(None, _caveats(asking, found, days))),
        breaks=asking.breaks(answer.period, "country"),
        map=CountryMap(
            f"Downloads per head against the world, {when(answer.period)}",
            _on_map(found),
            Measure.PREFERENCE,
            "Preference: a country's share of these downloads over its share of all people.",
        ),
    )


def _sentence(asking: Asking, judged: pd.DataFrame, answer: Answer) -> str:
    first = judged.to_dict("records")[0]
    return (
        f"Per head, {times(first['ratio'])} as many downloads of {wording.subject(asking)} come "
        f"from {place(first['country'])} as from the world {during(answer.period)} "
        f"({factor_interval(first['low'], first['high'])}), the most of "
        f"{wording.counted(len(judged), 'country', 'countries')} judged."
    )


def _details(found: pd.DataFrame, judged: pd.DataFrame) -> str:
    parts = []
    others = judged[~judged["country"].isin(POSSIBLE_CLOUD_REGIONS)].to_dict("records")
    if judged["country"].iloc[0] in POSSIBLE_CLOUD_REGIONS:
        parts.append("It is a possible cloud region, whose machines may download for others")
        if others:
            other = others[0]
            parts[0] += f"; of the rest {place(other['country'])} is first, {times(other['ratio'])}"
        parts[0] += "."
    most = found[found["country"] != UNKNOWN].nlargest(1, "downloads").to_dict("records")[0]
    parts.append(
        f"In raw numbers {place(most['country'])} leads, with {percent(most['share'])} of the "
        f"downloads and {percent(most['compared_share'])} of the people."
    )
    return " ".join(parts)


def _certainty(days: ComparableDays) -> str:
    blocks = "whole weeks" if days.grain is Grain.DAY else "months"
    return (
        "A country's share of downloads whose country is known, over its share of the world's "
        f"people. The interval is of resampled {blocks} (Künsch, 1989), and tells how much days "
        "differ, not how well people are counted. Populations: GeoNames, around 2018."
    )


def _caveats(asking: Asking, found: pd.DataFrame, days: ComparableDays) -> tuple[str, ...]:
    unknown = float(found.loc[found["country"] == UNKNOWN, "share"].sum())
    few = int((found["verdict"] == Verdict.TOO_FEW).sum())
    small = int((found["verdict"] == TOO_FEW_PEOPLE).sum())
    return (
        days.caveat,
        f"{percent(unknown)} of the downloads have no known country and are left out of the "
        "shares.",
        f"Not judged: {wording.counted(few, 'country', 'countries')} with fewer than "
        f"{LEAST_DOWNLOADS:,} downloads, also at the world's rate, and {small} of fewer than "
        f"{LEAST_PEOPLE:,} people.",
        "Possible cloud regions are told by judgment, from the providers' lists: "
        f"{', '.join(value_label('country', code) for code in sorted(POSSIBLE_CLOUD_REGIONS))}.",
        *wording.caveats(asking, days.period),
    )


def _ratios(asking: Asking, judged: pd.DataFrame, answer: Answer) -> Figure:
    shown = judged.head(_SHOWN)
    is_hub = shown["country"].isin(POSSIBLE_CLOUD_REGIONS)
    frame = pd.DataFrame(
        {
            "label": [
                value_label("country", code) + (" *" if hub else "")
                for code, hub in zip(shown["country"], is_hub, strict=True)
            ],
            "value": shown["ratio"],
            "low": shown["low"],
            "high": shown["high"],
            "strong": ~is_hub,
        }
    )
    unit = "Downloads per head, times the world's"
    return interval_figure(
        asking,
        frame,
        title=f"Downloads per head against the world, {when(answer.period)}",
        unit=unit,
        show=factor,
        reference=1.0,
        log=True,
        note="* and gray: possible cloud regions, whose machines may download for others.",
    )


def _raw(asking: Asking, found: pd.DataFrame, answer: Answer) -> Figure:
    shown = found.nlargest(12, "downloads")
    frame = pd.DataFrame(
        {
            "label": [value_label("country", code) for code in shown["country"]],
            "value": shown["share"],
            "strong": shown["country"] != UNKNOWN,
        }
    )
    unit = "Share of all downloads"
    return bar_figure(
        asking,
        frame,
        title=f"The same in raw numbers, {when(answer.period)}",
        unit=unit,
        show=percent,
    )


def _on_map(found: pd.DataFrame) -> pd.DataFrame:
    judged = found["verdict"].isin(_JUDGED)
    frame = found[["country", "downloads", "share"]].copy()
    return frame.assign(preference=found["ratio"].where(judged))


def _table(found: pd.DataFrame) -> pd.DataFrame:
    shown = found[(found["downloads"] > 0) | found["verdict"].isin(_JUDGED)]
    is_known = shown["country"] != UNKNOWN
    return pd.DataFrame(
        {
            "Country": [value_label("country", code) for code in shown["country"]],
            "Per head, times the world's": shown["ratio"].where(is_known),
            "Low (95 %)": shown["low"],
            "High (95 %)": shown["high"],
            "Downloads": shown["downloads"].astype("int64"),
            "Share of downloads": shown["share"],
            "People": shown["population"],
            "Share of people": shown["compared_share"].where(is_known),
            "Against the world": [str(each) for each in shown["verdict"]],
            "Possible cloud region": shown["country"].isin(POSSIBLE_CLOUD_REGIONS),
        }
    ).reset_index(drop=True)


QUESTION = Question(
    key="countries-compared",
    prompt="How do countries compare?",
    teaser="Downloads per head against the world, with the raw numbers beside it",
    shelf=Shelf.INTERESTING,
    parameters=Parameters(packages=PackageChoice(fewest=0), period=Preset.YEAR),
    needs=(Need(Grain.MONTH, ("country",)),),
    answer=_answer,
    words=(
        "countries compared",
        "compare countries",
        "per head",
        "per capita",
        "by population",
        "which country downloads most",
    ),
)
