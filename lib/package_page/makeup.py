"""Makeup: what the downloads are made of, a bar for each dimension that is held."""

from __future__ import annotations

from functools import lru_cache

import streamlit as st

from lib.finding_charts.shares import share_bars
from lib.formats import plain
from lib.package_page.finding_card import finding_card, tell
from lib.panels.card import Drawing, draw
from lib.panels.context import KEPT, Context
from lib.questions.question import Asking
from lib.questions.rows.distribution import Distribution, distribution, parts
from lib.questions.takeaway import break_line
from lib.router import Period

_DIMENSIONS = ("system", "cpu", "installer", "installer_version", "file_type", "ci")


def draw_makeup(context: Context) -> None:
    """The greatest part of each split in a sentence, then the bars."""
    with finding_card(_title(context), "makeup") as card:
        told, drawing = _drawn(context)
        if told.words:
            tell(told.words)
        draw(context.found, card, drawing)
        if drawing:
            for limit in told.caveats:
                st.caption(plain(limit))
            for found in context.asking.breaks(told.period, *told.splits):
                st.caption(plain(f"Break of the record, {break_line(found)}"))


def _title(context: Context) -> str:
    return f"What downloads are made of: {context.subject}"


@lru_cache(maxsize=KEPT)
def _drawn(context: Context) -> tuple[Distribution, Drawing | None]:
    asking = context.asking
    told = distribution(asking, asking.packages[0], _days_held(asking), _DIMENSIONS)
    if not told.splits:
        return told, None
    frame = parts(told.splits)
    (*_, answer) = told.splits.values()
    return told, Drawing(
        share_bars(frame, context.theme, context.signature),
        alt=f"{_title(context)}. {told.words}",
        answer=answer,
        unit=f"Share of the downloads of {context.subject} in each bar",
        name=f"{context.file_name}-makeup",
    )


def _days_held(asking: Asking) -> Period:
    """The latest days of the period on which every split that is held is held.

    Raises NotHeld where none is.
    """
    period = asking.period
    held = False
    for dimension in _DIMENSIONS:
        part = asking.held(asking.selection.query(period, by=(dimension,)))
        both = part.overlap(period) if part else None
        if both:
            period, held = both, True
    if not held:
        asking.found.answer(asking.selection.query(period, by=_DIMENSIONS[:1]))
    return period
