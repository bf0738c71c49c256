"""The top packages of a period, in the world or in a country, with how their ranks changed."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from lib.analysis.standing import named_ranks, with_other_ranks
from lib.cubes import UNKNOWN, Grain
from lib.data import MOST_LISTED, Answer
from lib.finding_charts.bars import bars
from lib.formats import compact, percent
from lib.questions.finding import COUNTED, Figure, Finding
from lib.questions.question import Asking, CannotTell, Need, Parameters, Question, Shelf
from lib.questions.rows.before import Before, before
from lib.questions.telling import wording
from lib.questions.telling.wording import days_before, during, when
from lib.router import Period
from lib.selection import Preset, Selection

_SHOWN = 20

_UNIT = "Downloads (file requests)"

_FAR = 3
"""A rank that is this many times the other is told in the sentence."""


@dataclass(frozen=True, eq=False)
class Ranking:
    """The top packages, most first, and what their ranks are compared with.

    `top` has the columns `project`, `downloads`, `share`, `rank`, `world` (the rank in all
    countries together) and `earlier` (the rank in the days before); missing where not known.
    """

    period: Period
    top: pd.DataFrame
    before: Before

    @property
    def together(self) -> float:
        """The share of all downloads that the top packages make."""
        return float(self.top["share"].sum())


def _answer(asking: Asking) -> Finding:
    answer = asking.found.by_package(asking.selection, asking.period)
    ranked = named_ranks(answer.frame)
    if ranked.empty:
        raise CannotTell(
            f"No downloads{wording.from_where(asking)} are held {during(answer.period)}."
        )
    world = asking.found.by_package(Selection(), answer.period) if asking.country else None
    earlier = before(asking, answer.period, "project")
    asked = None if earlier.why_not else asking.found.by_package(asking.selection, earlier.period)
    top = with_other_ranks(ranked.head(_SHOWN), "world", _ranks(world))
    ranking = Ranking(answer.period, with_other_ranks(top, "earlier", _ranks(asked)), earlier)
    first = ranking.top.iloc[0]
    return Finding(
        sentence=_sentence(asking, ranking),
        details=_details(asking, ranking),
        number=f"{first['project']}: {percent(float(first['share']))}",
        interval=f"of the downloads held{wording.from_where(asking)}, {COUNTED}",
        certainty="Every download held is counted. Packages that stand close to each other may "
        "change places in other days.",
        would_change="Packages that are not held, and late rows of provisional days. What other "
        "packages depend on is fetched by machines at every build.",
        period=answer.period,
        figures=(_figure(asking, ranking),),
        table=_table(ranking),
        answers=tuple(each for each in (answer, world, asked) if each),
        breaks=asking.breaks(answer.period),
        caveats=(
            *_caveats(ranking, answer),
            *wording.caveats(asking, answer.period),
        ),
    )


def _ranks(answer: Answer | None) -> pd.DataFrame | None:
    return None if answer is None else named_ranks(answer.frame)


def _sentence(asking: Asking, ranking: Ranking) -> str:
    top, where = ranking.top, wording.from_where(asking)
    shares = [percent(float(share)) for share in top["share"][:3]]
    names = list(top["project"][:3])
    sentence = (
        f"{names[0]} was first {during(ranking.period)}, with {shares[0]} of the downloads of "
        f"{wording.all_packages(asking)}{where}"
    )
    if len(top) > 1:
        others = " and ".join(
            f"{name} ({share})" for name, share in zip(names[1:], shares[1:], strict=True)
        )
        sentence += f", before {others}"
    return f"{sentence}."


def _details(asking: Asking, ranking: Ranking) -> str:
    together = f"The first {_SHOWN} make {percent(ranking.together)}."
    told = [together if len(ranking.top) == _SHOWN else "", _elsewhere(asking, ranking)]
    return " ".join(filter(None, (*told, _moved(ranking))))


def _elsewhere(asking: Asking, ranking: Ranking) -> str:
    """The package whose rank in the country is furthest above its rank in the world."""
    if not asking.country:
        return ""
    ratios = (ranking.top["world"] / ranking.top["rank"]).fillna(0)
    row = ranking.top.iloc[int(ratios.argmax())]
    if ratios.max() < _FAR:
        return ""
    return f"{row['project']} is number {row['rank']} there, and {row['world']} in the world."


def _moved(ranking: Ranking) -> str:
    """The package of the top that gained most places, where that can be told."""
    gains = (ranking.top["earlier"] - ranking.top["rank"]).fillna(0)
    row = ranking.top.iloc[int(gains.argmax())]
    if gains.max() <= 0:
        return ""
    return (
        f"{row['project']} rose most, from {row['earlier']} to {row['rank']} against "
        f"{days_before(ranking.before.period)}."
    )


def _caveats(ranking: Ranking, answer: Answer) -> list[str]:
    told = []
    if ranking.before.why_not:
        told.append(
            f"Ranks are not compared with {when(ranking.before.period)}: {ranking.before.why_not}."
        )
    unnamed = answer.frame.loc[answer.frame["project"] == UNKNOWN, "share"].sum()
    if unnamed:
        told.append(
            f"{percent(float(unnamed))} of the downloads name no package: they have no rank."
        )
    return told


def _figure(asking: Asking, ranking: Ranking) -> Figure:
    frame = ranking.top.assign(value=ranking.top["downloads"])
    gained = (frame["earlier"] - frame["rank"]).fillna(0)
    labels = zip(frame["rank"], frame["project"], gained, strict=True)
    frame["label"] = [f"{rank}. {name}{_arrow(places)}" for rank, name, places in labels]
    told = zip(frame["project"], frame["value"], strict=True)
    compared = f"▲ and ▼: places gained and lost against {days_before(ranking.before.period)}."
    return Figure(
        title=f"The first {len(frame)}{wording.from_where(asking)}: {when(ranking.period)}",
        unit=_UNIT,
        alt=f"{_UNIT}: {', '.join(f'{name} {compact(number)}' for name, number in told)}.",
        draw=lambda theme: bars(frame, theme, asking.signature, unit="Downloads"),
        note=compared if frame["earlier"].notna().any() else "",
    )


def _arrow(gained: int) -> str:
    return f" {'▲' if gained > 0 else '▼'}{abs(gained)}" if gained else ""


def _table(ranking: Ranking) -> pd.DataFrame:
    names = {
        "rank": "Rank",
        "project": "Package",
        "downloads": "Downloads",
        "share": "Share",
        "world": f"Rank in the world (of the first {MOST_LISTED:,})",
        "earlier": f"Rank {when(ranking.before.period)}",
    }
    shown = ranking.top.rename(columns=names)
    known = [name for name in names.values() if shown[name].notna().any()]
    return shown[known]


QUESTION = Question(
    key="top-packages",
    prompt="What are the top packages of a period, in a country?",
    teaser="The first twenty, their shares, and how their ranks changed",
    shelf=Shelf.SIMPLE,
    parameters=Parameters(country=True, period=Preset.MONTH),
    needs=(Need(Grain.MONTH, ("project",)),),
    answer=_answer,
    words=("top packages", "top 10", "top 20", "ranking", "most downloaded packages"),
)
