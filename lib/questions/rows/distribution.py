"""How the downloads of a package are distributed: by country, system, Python, installer, and CI."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from lib.aggregate import REST
from lib.cubes import DIMENSION, UNKNOWN
from lib.data import Answer
from lib.finding_charts.shares import share_bars
from lib.formats import percent, value_label
from lib.questions.finding import CountryMap, Figure
from lib.questions.question import Asking
from lib.questions.telling import wording
from lib.questions.telling.wording import when
from lib.router import NotHeld, Period
from lib.selection import Measure, Selection, listed

DIMENSIONS = ("country", "system", "python", "installer", "ci")
"""What downloads are split by, in the order in which they are told."""

_NOT_FROM = ("installer_version", "file_type", "ci")
"""Dimensions whose values are nothing that downloads come from; versions are of many installers."""

_PARTS = 6
"""How many values of a split are told; the others are the rest."""


@dataclass(frozen=True, eq=False)
class Distribution:
    """The splits of a package's downloads that are held for all of a period, by dimension.

    `missing` are the dimensions that are not.
    """

    package: str
    period: Period
    splits: Mapping[str, Answer]
    missing: tuple[str, ...]

    @property
    def words(self) -> str:
        """The greatest known part of each split in a sentence; nothing where none is known."""
        named = (
            _main(name, answer) for name, answer in self.splits.items() if name not in _NOT_FROM
        )
        places = [part for part in named if part]
        told = [places[0].replace(" from", " come from"), *places[1:]] if places else []
        if typed := _typed(self.splits.get("file_type")):
            told.append(typed)
        if marked := _marked_as_ci(self.splits.get("ci")):
            told.append(marked)
        return f"Of {self.package}'s downloads, {listed(told)}." if told else ""

    @property
    def caveats(self) -> list[str]:
        """What limits it."""
        told = []
        if self.missing:
            labels = [DIMENSION[name].label for name in self.missing]
            told.append(f"Not held for {self.package} in these days: {listed(labels)}.")
        if "ci" in self.splits:
            told.append("What is not marked as CI may still be CI: few installers can tell.")
        return told


def distribution(
    asking: Asking, package: str, period: Period, dimensions: tuple[str, ...] = DIMENSIONS
) -> Distribution:
    """The distribution of a package in a period, under the filters asked for.

    By all `dimensions` but those that are filtered.
    """
    selection = replace(asking.selection, packages=(package,))
    splits: dict[str, Answer] = {}
    wanted = [name for name in dimensions if not selection.values(name)]
    for dimension in wanted:
        try:
            answer = asking.found.totals(selection, period, dimension, _PARTS)
        except NotHeld:
            continue
        if answer.period == period and answer.frame["downloads"].sum() > 0:
            splits[dimension] = answer
    missing = tuple(name for name in wanted if name not in splits)
    return Distribution(package, period, splits, missing)


def distribution_figure(asking: Asking, told: Distribution) -> Figure:
    """A bar for each split, cut into its parts."""
    frame = parts(told.splits)
    return Figure(
        title=f"How {told.package} is distributed: {when(told.period)}",
        unit=f"Share of the downloads of {told.package}{wording.from_where(asking)}",
        alt=f"Shares of the downloads of {told.package}. {told.words}",
        draw=lambda theme: share_bars(frame, theme, asking.signature),
    )


def distribution_map(asking: Asking, told: Distribution) -> CountryMap | None:
    """The package by country on the map; None where countries are not among its splits."""
    if "country" not in told.splits:
        return None
    answer = asking.found.countries(Selection((told.package,)), told.period)
    title = f"{told.package} by country: {when(told.period)}"
    return CountryMap(title, answer.frame, Measure.SHARE)


def parts(splits: Mapping[str, Answer]) -> pd.DataFrame:
    """All splits below each other: `dimension`, `value`, `downloads`, `share` (of the split)."""
    frames = [
        answer.frame.rename(columns={name: "value"}).assign(dimension=name)
        for name, answer in splits.items()
    ]
    return pd.concat(frames, ignore_index=True)[["dimension", "value", "downloads", "share"]]


def _typed(answer: Answer | None) -> str:
    """The greatest known type of file in words; nothing where none is known."""
    text = _main("file_type", answer) if answer else ""
    return text.replace(" from", " are of the type")


def _main(dimension: str, answer: Answer) -> str:
    """The greatest known part of a split in words; nothing where all of it is unknown."""
    known = answer.frame[~answer.frame[dimension].isin([UNKNOWN, REST])]
    if known.empty:
        return ""
    value, share = str(known[dimension].iloc[0]), percent(float(known["share"].iloc[0]))
    name = wording.place(value) if dimension == "country" else value_label(dimension, value)
    return f"{share} from {name}"


def _marked_as_ci(answer: Answer | None) -> str:
    if answer is None:
        return ""
    marked = answer.frame.loc[answer.frame["ci"] == "true", "share"]
    return f"{percent(float(marked.sum()))} are marked as CI"
