"""Days: how weekdays compare month by month, and a calendar of every day."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import lru_cache

import numpy as np
import pandas as pd
import streamlit as st

from lib import charts
from lib.cubes import Grain
from lib.data import Answer
from lib.formats import compact, day
from lib.panels.card import Drawing, draw, panel
from lib.panels.context import KEPT, Context
from lib.router import Period
from lib.views import weekday_by_month

_CALENDAR_DAYS = 371


def draw_days(context: Context) -> None:
    """The weekdays, then the calendar; one line where the store holds no days."""
    if Grain.DAY not in context.found.grains(context.selection.packages):
        with panel("Weekdays and calendar", "days"):
            st.caption("This store holds months: weekdays and days cannot be told from them.")
        return
    _draw_weekdays(context)
    _draw_calendar(context)


def _draw_weekdays(context: Context) -> None:
    with panel(f"Weekdays, over the mean day of each month: {context.subject}", "weekdays") as card:
        drawing = _weekdays(context)
        if drawing is None:
            st.info("Weekdays are compared within a month: choose at least seven days of one.")
            return
        draw(context.found, card, drawing)


def _draw_calendar(context: Context) -> None:
    first = _calendar_period(context).first
    with panel(f"Every day since {day(first)}: {context.subject}", "calendar") as card:
        draw(context.found, card, _calendar(context))


@lru_cache(maxsize=KEPT)
def _weekdays(context: Context) -> Drawing | None:
    answer = _by_day(context, context.period)
    frame = weekday_by_month(answer.frame.dropna())
    if frame.empty:
        return None
    means = frame.groupby("weekday")["ratio"].mean()
    words = ", ".join(f"{charts.WEEKDAYS[int(i)]} {float(means[i]):.2f}" for i in means.index)
    return Drawing(
        charts.weekday_heatmap(frame, context.theme, context.signature),
        alt=f"Mean over the months: {words}.",
        answer=replace(answer, frame=frame),
        unit="Downloads of a mean weekday over those of the mean day of its month",
        name=f"{context.file_name}-weekdays",
    )


@lru_cache(maxsize=KEPT)
def _calendar(context: Context) -> Drawing | None:
    answer = _by_day(context, _calendar_period(context))
    daily = answer.frame.rename(columns={"period": "day"})
    if not daily["downloads"].gt(0).any():
        return None
    row = int(np.nanargmax(daily["downloads"].to_numpy()))
    when = pd.Timestamp(daily["day"].to_numpy()[row]).date()
    return Drawing(
        charts.calendar(daily, context.theme, context.signature),
        alt=f"Highest day: {day(when)}, {compact(float(daily['downloads'].max()))}.",
        answer=answer,
        unit="Downloads per day",
        name=f"{context.file_name}-days",
    )


def _by_day(context: Context, period: Period) -> Answer:
    """Downloads of each day, of what is selected together: columns `period`, `downloads`."""
    answer = context.found.over_time(context.selection, period, Grain.DAY)
    sums = answer.frame.groupby("period")["downloads"].sum(min_count=1)
    return replace(answer, frame=sums.reset_index())


def _calendar_period(context: Context) -> Period:
    """The last year of the period."""
    last = context.period.last
    return Period(max(context.period.first, last - timedelta(days=_CALENDAR_DAYS - 1)), last)
