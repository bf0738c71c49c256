"""Shares of a split over time, stacked, with the rest and what is unknown."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from lib import charts
from lib.analysis.shares import shares_over_time
from lib.cubes import DIMENSION, Grain
from lib.data import Answer
from lib.panels.card import Drawing
from lib.panels.context import Context, labeled, last_values

TOP = 9
"""How many values stand alone: with the rest, as many as the palette has colors."""


def split_grain(context: Context, dimension: str) -> Grain:
    """The grain of the time charts where the split is held at it, or else days, or months.

    Hours are drawn as days: a share of an hour says little.
    """
    chosen = Grain.DAY if context.grain is Grain.HOUR else context.grain
    grains = dict.fromkeys((chosen, Grain.DAY, Grain.MONTH))
    return next((grain for grain in grains if context.asking.holds(grain, dimension)), chosen)


def share_areas(
    context: Context, answer: Answer, frame: pd.DataFrame, dimension: str, title: str
) -> Drawing | None:
    """The shares of the series of `frame`, in its order: `period`, `series`, `downloads`.

    The periods are those of the query of `answer`. None where there are no downloads.
    """
    grain = answer.query.grain
    if grain is None or not frame["downloads"].sum():
        return None
    shares = labeled(shares_over_time(frame, grain, answer.period), dimension)
    axis = replace(context.axis(answer, dimension), grain=grain)
    label = DIMENSION[dimension].label
    unit = f"Share of the downloads of {context.subject}, each {grain}"
    return Drawing(
        charts.areas(shares, context.theme, axis, unit=unit, share=True),
        alt=f"{title}. {last_values(shares, share=True)}",
        answer=replace(answer, frame=shares.drop(columns="label")),
        unit=f"{unit}, by {label[0].lower() + label[1:] if dimension == 'version' else label}",
        name=f"{context.file_name}-{dimension}-shares",
        axis=axis,
    )
