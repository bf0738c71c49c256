"""The card of the flow of ranks."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import streamlit as st

from lib.panels.card import Drawing, draw, panel
from lib.rankings.flow import PLACES, Flow, flow
from lib.rankings.scope import KEPT, Scope
from lib.rankings_charts.bump import bump
from lib.router import Period
from lib.theme import Theme


def draw_flow(scope: Scope, theme: Theme) -> None:
    """Who stood where in each week or month up to the end of the days that are ranked."""
    found = flow(scope)
    places = int(found.frame["rank"].max()) if len(found.frame) else PLACES
    with panel(f"Ranks 1 to {places}, {found.grain} by {found.grain}", "flow") as card:
        if len(found.starts) < 2:
            st.info(
                f"A flow of ranks takes two whole {found.grain}s: choose later days.",
                icon=":material/hourglass_empty:",
            )
            return
        draw(scope.found, card, _drawing(scope, theme))


@lru_cache(maxsize=KEPT)
def _drawing(scope: Scope, theme: Theme) -> Drawing:
    found = flow(scope)
    drawn = Period(found.starts[0].date(), found.answer.period.last)
    axis = replace(scope.asking.axis(drawn, found.grain), provisional=None)
    return Drawing(
        bump(found.frame, theme, axis),
        alt=f"Ranks by {found.grain}. {_ends(found)}",
        answer=replace(found.answer, frame=found.frame),
        unit=f"Rank by downloads in each {found.grain}",
        name=f"{scope.file_name}-flow",
        note=_note(found),
        axis=axis,
    )


def _ends(found: Flow) -> str:
    """The packages of the last week or month in words, and those of the first that have left."""
    names = [
        list(found.frame["project"][found.frame["period"] == start])
        for start in (found.starts[0], found.starts[-1])
    ]
    left = [name for name in names[0] if name not in names[1]]
    out = f"; no longer: {', '.join(left)}" if left else ""
    return f"At the end: {', '.join(names[1])}{out}."


def _note(found: Flow) -> str:
    notes = [
        f"Ranks are told within a {found.grain}: all are counted alike, unless a break lies in it.",
        f"A dotted end comes from below rank {PLACES}, or goes there."
        if found.frame["project"].nunique() > PLACES
        else "",
        "" if found.every else f"Not every {found.grain} is drawn.",
    ]
    return " ".join(filter(None, notes))
