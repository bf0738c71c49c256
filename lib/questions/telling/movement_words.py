"""How rises and falls of packages, and what made them, are told in a sentence."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from lib.analysis.contributions import Decomposition
from lib.analysis.movers import Judging, Movement
from lib.cubes import DIMENSION, Grain
from lib.formats import change, compact, percent, value_label
from lib.questions.rows.recent_moves import RecentMoves
from lib.questions.telling.factors import TOO_LITTLE
from lib.questions.telling.wording import counted, days_before, during
from lib.selection import listed

_JUDGING = Judging()

_NAMED = 5

_FEW = (Movement.EMERGED, Movement.QUIET)
"""Movements of so few packages that these are named."""


WOULD_CHANGE = (
    "Late rows of provisional days, a holiday in one of the two periods, and machines: one build "
    "that goes wrong can fetch a package millions of times."
)
"""What would change a movement that was told."""


def first_of(judged: pd.DataFrame, movement: Movement) -> str:
    """The package that rose or fell the most, from the rows of packages judged; or nothing."""
    row = _row(judged, movement)
    return str(row["series"]) if row else ""


def number_told(judged: pd.DataFrame) -> tuple[str, str]:
    """The number of the finding, and its interval in words."""
    row = _row(judged, Movement.ROSE) or _row(judged, Movement.FELL)
    if row:
        return f"{row['series']}: {change(row['change'])}", interval_of(row)
    return "No package", f"of {len(judged)} judged surely rose or fell"


def sentence_of(found: RecentMoves, judged: pd.DataFrame) -> str:
    """What rose most; or fell most where nothing rose; or that nothing did."""
    against = f"against {days_before(found.before)}"
    if found.moves.by_share:
        against += ", by share of all downloads held, for the record changed between"
    days = during(found.after)
    told = _extremes(judged)
    if not told:
        return f"No package surely rose or fell by a tenth or more {days}, {against}."
    return f"{days[:1].upper()}{days[1:]}, {against}, {told[0]}."


def certainty_of(found: RecentMoves) -> str:
    """How movements are found out, and how sure they are."""
    if found.spans.grain is Grain.MONTH:
        error = "how much the package's months have differed in the year before"
    else:
        error = "resampled whole weeks of both periods (Künsch, 1989)"
    return (
        f"Downloads a day, with an interval from {error}. A package rose or fell where the change "
        f"is {percent(_JUDGING.change)} or more and passes the correction for so many packages "
        "(Benjamini and Hochberg, 1995): about "
        f"{percent(_JUDGING.false_discoveries)} of those named may not have. It emerged with less "
        f"than {percent(_JUDGING.nearly_none)} of its share now in the year before, and went quiet "
        "the other way round."
    )


def limits_of(found: RecentMoves) -> tuple[str, ...]:
    """What limits movements: a break between the periods, and too little held before them."""
    shares = (
        f"Shares of all downloads held are compared, for levels are not: {found.moves.why}. A "
        "change of what counts moves shares too, of packages that it concerns more."
    )
    earlier = "Too little of the year before is held to say what emerged."
    return (
        *([shares] if found.moves.by_share else []),
        *([] if found.earlier else [earlier]),
    )


def details_of(found: RecentMoves, judged: pd.DataFrame) -> str:
    """How many packages did what, and what fell most."""
    counts = [
        f"{len(names) or 'none'} {movement}{_listed(names) if movement in _FEW else ''}"
        for movement in (Movement.ROSE, Movement.FELL, *(_FEW if found.earlier else ()))
        for names in [list(judged["series"][judged["movement"] == movement])]
    ]
    more = "".join(f" {told}." for told in _extremes(judged)[1:])
    return f"Of {counted(len(judged), 'package')} with enough downloads, {listed(counts)}.{more}"


def _extremes(judged: pd.DataFrame) -> list[str]:
    """What rose most and what fell most, as far as there is any."""
    return [
        f"{row['series']} {movement} most, {change(row['change'])} ({interval_of(row)}) to "
        f"{compact(row['after'])} downloads a day"
        for movement in (Movement.ROSE, Movement.FELL)
        if (row := _row(judged, movement))
    ]


def cause_of(package: str, made: Decomposition | None) -> str:
    """What concentrates the change of a package, as a sentence that follows another."""
    if made is None or not made.comparable:
        return ""
    rows = made.cause
    if rows is None:
        return f" No dimension held concentrates the {direction(made)} of {package}."
    dimension = str(rows["dimension"].iloc[0])
    named = [
        f"{value_label(dimension, str(value))} made {percent(float(part))} of it"
        for value, part in zip(rows["value"], rows["part"], strict=True)
    ]
    whole = float(rows["before"].sum()) / max(made.before, 1e-12)
    return (
        f" The {direction(made)} of {package} is most concentrated by {split_words(dimension)}: "
        f"{listed(named)}, with {percent(whole)} of the downloads before."
    )


def direction(made: Decomposition) -> str:
    """Whether a change that was taken apart is a `rise` or a `fall`."""
    return "rise" if made.after >= made.before else "fall"


def split_words(dimension: str) -> str:
    """A dimension within a sentence: `country`, `Python version`."""
    label = DIMENSION[dimension].label
    return label if dimension in {"python", "ci", "cpu"} else label.lower()


def interval_of(row: Mapping[Hashable, Any]) -> str:
    """The interval of the change in a row of `Moves.frame`, in words."""
    if pd.isna(row["low"]):
        return TOO_LITTLE
    return f"95 % interval {change(row['low'])} to {change(row['high'])}"


def _row(judged: pd.DataFrame, movement: Movement) -> Mapping[Hashable, Any] | None:
    """The row of the package that moved so the most."""
    rows = judged[judged["movement"] == movement].to_dict("records")
    if not rows:
        return None
    return rows[-1 if movement is Movement.FELL else 0]


def _listed(names: list[str]) -> str:
    if not names:
        return ""
    more = [f"{len(names) - _NAMED} more"] if len(names) > _NAMED else []
    return f" ({listed([*names[:_NAMED], *more])})"
