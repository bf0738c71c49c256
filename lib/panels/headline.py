"""The headline: four figures of the selection, each with its change or its shape."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import pandas as pd
import streamlit as st

from lib.cubes import UNKNOWN
from lib.data import Answer
from lib.formats import change as change_text
from lib.formats import compact, days, moment, percent, value_label
from lib.panels.card import say_empty, say_not_held
from lib.panels.change import change
from lib.panels.context import KEPT, Context
from lib.router import NotHeld
from lib.selection import Selection


@dataclass(frozen=True)
class Metric:
    """One figure of the headline: `about` says of what, `shape` is drawn under it."""

    label: str
    value: str
    about: str
    shape: tuple[float, ...] = ()
    kind: Literal["line", "bar", "area"] = "line"
    delta: str | None = None
    explanation: str | None = None


def draw_headline(context: Context) -> bool:
    """Downloads, downloads a day, the highest period, and the first country.

    Returns whether there is anything to show at all: if not, it has said why and the ways on.
    """
    try:
        metrics = _metrics(context)
    except NotHeld as missing:
        say_not_held(missing, "headline")
        return False
    if not metrics:
        say_empty()
        return False
    place = st.grid(len(metrics), min_column_width=200)
    for metric in metrics:
        place.metric(
            metric.label,
            metric.value,
            delta=metric.delta,
            delta_description=metric.about,
            help=metric.explanation,
            chart_data=metric.shape or None,
            chart_type=metric.kind,
            border=True,
            height="stretch",
        )
    return True


@lru_cache(maxsize=KEPT)
def _metrics(context: Context) -> tuple[Metric, ...]:
    answer = context.found.over_time(context.selection, context.period, context.grain)
    sums = answer.frame.groupby("period")["downloads"].sum(min_count=1).dropna()
    if sums.empty:
        return ()
    return (
        _total(context, answer, sums),
        _daily(answer, sums),
        _highest(context, sums),
        _first_country(context),
    )


def _total(context: Context, answer: Answer, sums: pd.Series[float]) -> Metric:
    total = int(sums.sum())
    compared = change(context.found, context.selection, answer.period, total)
    before = days(compared.before.first, compared.before.last)
    held = " (held days only)" if answer.clipped else ""
    return Metric(
        f"Downloads{held}",
        compact(total),
        compared.why_not if compared.ratio is None else f"vs {before}",
        tuple(sums),
        "area",
        delta=None if compared.ratio is None else change_text(compared.ratio),
        explanation=compared.explanation or None,
    )


def _daily(answer: Answer, sums: pd.Series[float]) -> Metric:
    return Metric(
        "Downloads a day",
        compact(float(sums.sum()) / answer.period.days),
        f"mean of {answer.period.days:,} days",
        tuple(sums.rolling(4, min_periods=1).mean()),
    )


def _highest(context: Context, sums: pd.Series[float]) -> Metric:
    highest = pd.Timestamp(sums.index[int(sums.to_numpy().argmax())])
    return Metric(
        f"Highest {context.grain}",
        compact(float(sums.max())),
        moment(highest, context.grain),
        tuple(sums.tail(40)),
        "bar",
    )


def _first_country(context: Context) -> Metric:
    """The country with the most downloads, or where countries are not held, the packages."""
    try:
        answer = context.found.countries(context.selection, context.period)
    except NotHeld:
        packages = context.found.totals(Selection(), context.period, "project").frame
        return Metric("Packages held", f"{len(packages):,}", "in the period")
    known = answer.frame[answer.frame["country"] != UNKNOWN]
    if known.empty:
        return Metric("First country", "–", "no country is known")
    code = str(known["country"].iloc[0])
    everywhere = context.selection.with_values("country", ())
    sums = [
        context.found.answer(chosen.query(answer.period, grain=context.grain)).frame.set_index(
            "period"
        )["downloads"]
        for chosen in (everywhere.with_values("country", (code,)), everywhere)
    ]
    return Metric(
        f"From {value_label('country', code)}",
        percent(float(known["share"].iloc[0])),
        f"of downloads; {len(known)} countries",
        tuple((sums[0] / sums[1]).fillna(0)),
    )
