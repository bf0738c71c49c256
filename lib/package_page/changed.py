"""Changed: what changed in the last whole month, and which values made it."""

from __future__ import annotations

from functools import lru_cache

import streamlit as st

from lib.formats import plain
from lib.package_page.finding_card import finding_card, tell
from lib.panels.card import Drawing, footer, show_figure
from lib.panels.context import KEPT, Context
from lib.questions.rows.package_change import PackageChange, package_change
from lib.questions.telling import wording
from lib.questions.telling.cause_figure import cause_figure
from lib.questions.telling.change_words import change_sentence
from lib.questions.telling.movement_words import cause_of


def draw_changed(context: Context) -> None:
    """The change in a sentence, and the dimension that concentrates it with its values."""
    with finding_card(f"What changed last: {context.subject}", "changed") as card:
        found, drawing = _drawn(context)
        tell(change_sentence(found), cause_of(found.package, found.made).strip())
        if drawing:
            show_figure(drawing.figure, key=card.key, alt=drawing.alt, name=drawing.name)
            st.caption(plain(drawing.note))
        for limit in wording.caveats(context.asking, found.after):
            st.caption(plain(limit))
        unit = drawing.unit if drawing else "Downloads a day"
        name = f"{context.file_name}-changed"
        footer(context.found, card, found.answers[0], name=name, unit=unit)


@lru_cache(maxsize=KEPT)
def _drawn(context: Context) -> tuple[PackageChange, Drawing | None]:
    found = package_change(context.asking)
    figure = cause_figure(context.asking, found.package, found.made)
    if figure is None:
        return found, None
    return found, Drawing(
        figure.draw(context.theme),
        alt=f"{figure.title}. {figure.alt}",
        answer=found.answers[-1],
        unit=figure.unit,
        name=f"{context.file_name}-changed",
        note=figure.note,
    )
