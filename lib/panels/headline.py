"""The headline: four figures of the selection, each with its change or its shape."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import pandas as pd
import streamlit as st

from lib.cubes import UNKNOWN, Grain
from lib.data import Answer
from lib.formats import change as change_text
from lib.formats import compact, days, moment, percent, value_label
from lib.panels.card import say_empty, say_not_held
from lib.panels.change import change
from lib.panels.context import KEPT, Context
from lib.router import NotHeld


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
    by_period = answer.frame.groupby("period")
    sums = by_period["downloads"].sum(min_count=1)
    if not sums.gt(0).any():
        return ()
    whole = sums[~by_period["partial"].first()].dropna()
    shape = tuple(whole if len(whole) > 2 else sums.dropna())
    return (
        _total(context, answer, sums, shape),
        _daily(context, answer, sums, whole),
        _highest(context, sums, shape),
        *_first_country(context),
    )


def _total(
    context: Context, answer: Answer, sums: pd.Series[float], shape: tuple[float, ...]
) -> Metric:
    total = int(sums.sum())
    compared = change(context.found, context.selection, answer.period, total)
    before = days(compared.before.first, compared.before.last)
    held = " (held days only)" if answer.clipped else ""
    return Metric(
        f"Downloads{held}",
        compact(total),
        compared.why_not if compared.ratio is None else f"vs {before}",
        shape,
        "area",
        delta=None if compared.ratio is None else change_text(compared.ratio),
        explanation=compared.explanation or None,
    )


def _daily(
    context: Context, answer: Answer, sums: pd.Series[float], whole: pd.Series[float]
) -> Metric:
    """The mean of the days that are held: periods without a row are not taken for zero."""
    starts = [pd.Timestamp(start) for start in whole.index]
    missing = int(sums.isna().sum())
    absent = [pd.Timestamp(start) for start in sums.index[sums.isna()]]
    lost = sum(_days_in(context.grain, start) for start in absent)
    held = max(answer.period.days - lost, 1)
    gap = f", {missing} {context.grain}{'s' if missing > 1 else ''} missing" if missing else ""
    return Metric(
        "Downloads a day",
        compact(float(sums.sum()) / held),
        f"mean of {held:,.0f} days{gap}",
        tuple(n / _days_in(context.grain, start) for start, n in zip(starts, whole, strict=True)),
    )


def _days_in(grain: Grain, start: pd.Timestamp) -> float:
    if grain is Grain.MONTH:
        return start.days_in_month
    return {Grain.HOUR: 1 / 24, Grain.DAY: 1, Grain.WEEK: 7}[grain]


def _highest(context: Context, sums: pd.Series[float], shape: tuple[float, ...]) -> Metric:
    highest = pd.Timestamp(sums.idxmax())  # type: ignore[arg-type]
    return Metric(
        f"Highest {context.grain}",
        compact(float(sums.max())),
        moment(highest, context.grain),
        shape[-40:],
        "bar",
    )


def _first_country(context: Context) -> tuple[Metric, ...]:
    """The countries chosen, or the one with the most downloads; nothing where none is held."""
    try:
        answer = context.found.countries(context.selection, context.period)
    except NotHeld:
        return ()
    known = answer.frame[answer.frame["country"] != UNKNOWN]
    if known.empty:
        return ()
    codes = context.selection.values("country") or (str(known["country"].iloc[0]),)
    share = float(answer.frame.loc[answer.frame["country"].isin(codes), "share"].sum())
    everywhere = context.selection.with_values("country", ())
    sums = [
        context.found.answer(chosen.query(answer.period, grain=context.grain)).frame.set_index(
            "period"
        )["downloads"]
        for chosen in (everywhere.with_values("country", codes), everywhere)
    ]
    name = value_label("country", codes[0]) if len(codes) == 1 else f"{len(codes)} countries"
    return (
        Metric(
            f"From {name}",
            percent(share),
            f"of downloads; {len(known)} countries in all",
            tuple((sums[0] / sums[1]).fillna(0)),
        ),
    )
