"""Alike: the packages whose weeks go up and down with those of this one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import streamlit as st

from lib.cubes import MAX_PACKAGES
from lib.finding_charts.bars import intervals
from lib.formats import plain
from lib.package_page.choosing import NAME
from lib.package_page.finding_card import finding_card, tell
from lib.panels.card import Drawing, draw, footer
from lib.panels.context import KEPT, Context
from lib.questions.rows.alike import Alike, alike
from lib.questions.telling.wording import agreeing, counted, during

_SHOWN = 8


def draw_alike(context: Context) -> None:
    """What moves most like the package, each with its interval, and the ways to look at them."""
    with finding_card(f"What moves like it: {context.subject}", "alike") as card:
        found, drawing = _drawn(context)
        tell(_sentence(found), _how(found))
        if drawing:
            draw(context.found, card, drawing)
            _offer(found.package, list(found.found["series"].head(_SHOWN)))
        else:
            name = f"{context.file_name}-alike"
            footer(context.found, card, found.answer, name=name, unit="Downloads per week")


@lru_cache(maxsize=KEPT)
def _drawn(context: Context) -> tuple[Alike, Drawing | None]:
    found = alike(context.asking)
    if found.found.empty:
        return found, None
    shown = found.found.head(_SHOWN).rename(columns={"series": "label", "correlation": "value"})
    unit = f"Rank correlation of changes from week to week with {found.package}"
    values = zip(shown["label"], shown["value"], strict=True)
    return found, Drawing(
        intervals(
            shown, context.theme, context.signature, unit=unit, show=_correlation, reference=0.0
        ),
        alt=f"{unit}: {', '.join(f'{name} {_correlation(value)}' for name, value in values)}.",
        answer=found.answer,
        unit=unit,
        name=f"{context.file_name}-alike",
        note="With 95 % intervals; 1 is the same course, 0 none in common.",
    )


def _sentence(found: Alike) -> str:
    judged = counted(len(found.likeness.frame), "other package")
    days = during(found.period)
    if found.found.empty:
        return f"None of {judged} surely moves like {found.package} {days}."
    first = found.found.iloc[0]
    return (
        f"{first['series']} moves most like {found.package}: correlation "
        f"{_correlation(first['correlation'])} (95 % interval {_correlation(first['low'])} to "
        f"{_correlation(first['high'])}). Of {judged}, {len(found.found)} surely "
        f"{agreeing(len(found.found), 'moves', 'move')} like it {days}."
    )


def _how(found: Alike) -> str:
    """What is compared, what is not, and how sure that is."""
    left_out = counted(found.likeness.left_out, "package")
    parts = (
        f"Correlated are the ranks of {counted(found.likeness.weeks, 'change')} from week to week, "
        "without what all packages share: neither growth nor a holiday makes two alike.",
        "To move alike is no cause; corrected for so many packages, one in twenty of those named "
        "may be chance.",
        f"Not judged, for a week of theirs has no downloads: {left_out}."
        if found.likeness.left_out
        else "",
    )
    return " ".join(filter(None, parts))


def _correlation(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")


def _offer(package: str, names: Sequence[str]) -> None:
    """Links to the packages, and to all of them side by side."""
    with st.container(horizontal=True):
        for name in names:
            st.page_link("pages/package.py", label=plain(name), query_params={NAME: [name]})
        side_by_side = [package, *names][:MAX_PACKAGES]
        st.page_link(
            "pages/historical.py",
            label="Compare them",
            icon=":material/stacked_line_chart:",
            query_params={"packages": side_by_side, "view": ["indexed"]},
        )
