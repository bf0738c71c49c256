"""The headline: how often the package is downloaded, each figure with its change from before."""

from __future__ import annotations

from functools import lru_cache

import streamlit as st

from lib.cubes import Grain
from lib.formats import change as change_text
from lib.formats import compact, day, days, plain
from lib.panels.card import say_not_held
from lib.panels.context import KEPT, Context
from lib.profile.levels import Level, levels
from lib.questions.telling import wording
from lib.router import NotHeld


def draw_headline(context: Context) -> None:
    """The newest day, 7 and 30 days (of months: month and year), and all held, side by side."""
    try:
        found = _levels(context)
    except NotHeld as missing:
        say_not_held(missing, "headline")
        return
    place = st.grid(len(found), min_column_width=200)
    for level in found:
        told = level.compared.ratio if level.compared else None
        place.metric(
            level.label,
            "not held" if level.downloads is None else compact(level.downloads),
            delta=None if told is None else change_text(told),
            delta_description=_about(level),
            help=_help(level),
            chart_data=level.shape or None,
            chart_type="area",
            border=True,
            height="stretch",
        )
    st.caption(_note(context))


@lru_cache(maxsize=KEPT)
def _levels(context: Context) -> tuple[Level, ...]:
    return levels(context.asking)


def _about(level: Level) -> str:
    """What the change is from, or why there is none; of all held since when."""
    if level.downloads is None:
        return days(level.period.first, level.period.last)
    if level.compared is None:
        return f"since {day(level.period.first)}"
    before = level.compared.before
    if level.compared.why_not:
        return level.compared.why_not
    if before.days == 1:
        return f"vs {before.first:%a} {day(before.first)}"
    return f"vs {wording.days_before(before).removeprefix('the ')}"


def _help(level: Level) -> str:
    parts = [f"{days(level.period.first, level.period.last)} UTC."]
    if level.compared and level.compared.ratio is not None:
        before = level.compared.before
        parts.append(f"Compared with {days(before.first, before.last)}.")
    if level.downloads is not None:
        parts.append(f"{level.downloads:,} downloads.")
    if level.compared and level.compared.explanation:
        parts.append(level.compared.explanation)
    parts.append(level.why_not)
    return plain(" ".join(filter(None, parts)))


def _note(context: Context) -> str:
    """Unit, source, and which days may still change."""
    state = context.found.state
    last = context.found.held(context.selection.packages).last
    parts = [f"Downloads (file requests, mostly by machines) to {day(last)} UTC"]
    provisional = state.provisional(Grain.DAY, context.yesterday)
    if Grain.DAY in context.found.grains(context.selection.packages):
        if provisional and provisional <= last:
            parts.append(f"days since {day(provisional)} are provisional, late rows may still come")
        parts.append("a day is compared with the same weekday a week before")
    return f"{'; '.join(parts)} · {plain(state.source_words)}"
