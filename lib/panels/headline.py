"""The headline: four figures of the selection, each with its change or its shape."""

from __future__ import annotations

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lib.cubes import UNKNOWN
from lib.data import Answer
from lib.formats import change as change_text
from lib.formats import compact, days, moment, percent, value_label
from lib.panels.card import say_empty, say_not_held
from lib.panels.change import change
from lib.panels.context import Context
from lib.router import NotHeld
from lib.selection import Selection


def draw_headline(context: Context) -> None:
    """Downloads, downloads a day, the highest period, and the first country."""
    try:
        answer = context.found.over_time(context.selection, context.period, context.grain)
    except NotHeld as missing:
        say_not_held(missing)
        return
    sums = answer.frame.groupby("period")["downloads"].sum(min_count=1).dropna()
    if sums.empty:
        say_empty()
        return
    place = st.grid(4, min_column_width=200)
    _total(place, context, answer, sums)
    _daily(place, answer, sums)
    _highest(place, context, sums)
    _first_country(place, context)


def _total(place: DeltaGenerator, context: Context, answer: Answer, sums: pd.Series[float]) -> None:
    total = int(sums.sum())
    compared = change(context.found, context.selection, answer.period, total)
    before = days(compared.before.first, compared.before.last)
    held = " (held days only)" if answer.clipped else ""
    place.metric(
        f"Downloads{held}",
        compact(total),
        delta=None if compared.ratio is None else change_text(compared.ratio),
        delta_description=f"vs {before}" if compared.ratio is not None else compared.why_not,
        help=compared.explanation or None,
        chart_data=list(sums),
        chart_type="area",
        border=True,
        height="stretch",
    )


def _daily(place: DeltaGenerator, answer: Answer, sums: pd.Series[float]) -> None:
    place.metric(
        "Downloads a day",
        compact(float(sums.sum()) / answer.period.days),
        delta_description=f"mean of {answer.period.days:,} days",
        chart_data=list(sums.rolling(4, min_periods=1).mean()),
        border=True,
        height="stretch",
    )


def _highest(place: DeltaGenerator, context: Context, sums: pd.Series[float]) -> None:
    highest = pd.Timestamp(sums.index[int(sums.to_numpy().argmax())])
    place.metric(
        f"Highest {context.grain}",
        compact(float(sums.max())),
        delta_description=moment(highest, context.grain),
        chart_data=list(sums.tail(40)),
        chart_type="bar",
        border=True,
        height="stretch",
    )


def _first_country(place: DeltaGenerator, context: Context) -> None:
    try:
        answer = context.found.countries(context.selection, context.period)
    except NotHeld:
        packages = context.found.totals(Selection(), context.period, "project").frame
        place.metric("Packages held", f"{len(packages):,}", border=True, height="stretch")
        return
    known = answer.frame[answer.frame["country"] != UNKNOWN]
    if known.empty:
        place.metric("First country", "–", border=True, height="stretch")
        return
    code = str(known["country"].iloc[0])
    chosen = context.selection.with_values("country", (code,))
    part = context.found.over_time(chosen, answer.period, context.grain).frame
    whole = context.found.over_time(
        context.selection.with_values("country", ()), answer.period, context.grain
    ).frame
    shares = part.groupby("period")["downloads"].sum() / whole.groupby("period")["downloads"].sum()
    place.metric(
        f"From {value_label('country', code)}",
        percent(float(known["share"].iloc[0])),
        delta_description=f"of downloads; {len(known)} countries",
        chart_data=list(shares.fillna(0)),
        border=True,
        height="stretch",
    )
