"""Days: how weekdays compare month by month, and a calendar of every day."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pandas as pd
import streamlit as st

from lib import charts
from lib.cubes import Grain
from lib.formats import compact, day
from lib.panels.card import footer, panel, say_empty, show_figure
from lib.panels.context import Context
from lib.router import Period
from lib.views import weekday_by_month

_CALENDAR_DAYS = 371


def draw_days(context: Context) -> None:
    """The weekdays, then the calendar; one line where the store holds no days."""
    if Grain.DAY not in context.found.state.grains:
        with panel("Weekdays and calendar", "days"):
            st.caption("This store holds months: weekdays and days cannot be told from them.")
        return
    _draw_weekdays(context)
    _draw_calendar(context)


def _draw_weekdays(context: Context) -> None:
    with panel(f"Weekdays, over the mean day of each month: {context.subject}", "weekdays") as card:
        answer = context.found.answer(context.selection.query(context.period, grain=Grain.DAY))
        frame = weekday_by_month(answer.frame)
        if frame.empty:
            st.info("Weekdays are compared within a month: choose at least seven days of one.")
            return
        means = frame.groupby("weekday")["ratio"].mean()
        words = ", ".join(f"{charts.WEEKDAYS[i]} {float(means[i]):.2f}" for i in range(7))
        name = f"{context.file_name}-weekdays"
        show_figure(
            charts.weekday_heatmap(frame, context.theme),
            key="weekdays",
            alt=f"Mean over the months: {words}.",
            name=name,
        )
        rows = replace(answer, frame=frame)
        unit = "Downloads of a mean weekday over those of the mean day of its month"
        footer(context.found, card, rows, name=name, unit=unit)


def _draw_calendar(context: Context) -> None:
    last = context.period.last
    first = max(context.period.first, last - timedelta(days=_CALENDAR_DAYS - 1))
    with panel(f"Every day since {day(first)}: {context.subject}", "calendar") as card:
        query = context.selection.query(Period(first, last), grain=Grain.DAY)
        answer = context.found.answer(query)
        daily = answer.frame.rename(columns={"period": "day"})
        if not daily["downloads"].gt(0).any():
            say_empty()
            return
        row = int(daily["downloads"].to_numpy().argmax())
        when = pd.Timestamp(daily["day"].to_numpy()[row]).date()
        show_figure(
            charts.calendar(daily, context.theme),
            key="calendar",
            alt=f"Highest day: {day(when)}, {compact(float(daily['downloads'].max()))}.",
            name=f"{context.file_name}-days",
        )
        footer(
            context.found,
            card,
            answer,
            name=f"{context.file_name}-days",
            unit="Downloads per day",
        )
