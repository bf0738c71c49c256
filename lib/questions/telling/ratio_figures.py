"""Figures of ratios with their intervals: a point for each, held against 1."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Protocol

import pandas as pd

from lib.aggregate import REST
from lib.cubes import UNKNOWN
from lib.questions.finding import Figure
from lib.questions.question import Asking
from lib.questions.rows.by_day import TOGETHER
from lib.questions.telling.row_figures import interval_figure

Estimate = tuple[float, float, float]
"""A ratio, and the low and high end of its interval."""


class Ratio(Protocol):
    """A ratio with an interval of 95 %."""

    @property
    def ratio(self) -> float:
        """The ratio."""

    @property
    def low(self) -> float:
        """The low end of its interval."""

    @property
    def high(self) -> float:
        """The high end of its interval."""


def ratio_figure(
    asking: Asking,
    title: str,
    unit: str,
    ratios: Mapping[str, Estimate],
    gray: Collection[str] = (),
) -> Figure:
    """The ratios by their labels, the first on top; those that are `gray` are not the finding's."""
    frame = pd.DataFrame(ratios.values(), columns=["value", "low", "high"])
    frame["label"] = list(ratios)
    frame["strong"] = ~frame["label"].isin(list(gray))
    return interval_figure(
        asking,
        frame,
        title=f"{title}, with 95 % intervals",
        unit=unit,
        show="{:.2f}".format,
        reference=1.0,
    )


def ranked_figure(
    asking: Asking, title: str, unit: str, of: Mapping[str, Ratio], label: Callable[[str], str]
) -> Figure:
    """The ratios of series: their sum, the lowest to the highest, and gray the rest and unknown."""
    gray = {REST, UNKNOWN} & set(of)
    ranked = sorted(of, key=lambda name: (name != TOGETHER, name in gray, of[name].ratio))
    ratios = {label(name): (of[name].ratio, of[name].low, of[name].high) for name in ranked}
    return ratio_figure(asking, title, unit, ratios, [label(name) for name in gray])
