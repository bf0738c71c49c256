"""Python versions: which can be dropped under the share chosen, and all of them over time."""

from __future__ import annotations

from functools import lru_cache

from lib.formats import version_key
from lib.package_page import choices
from lib.package_page.finding_card import finding_card, tell
from lib.package_page.shares import TOP, share_areas, split_grain
from lib.panels.card import Drawing, draw, switch
from lib.panels.context import KEPT, Context
from lib.questions.question import CannotTell
from lib.questions.rows.python_rows import Threshold, told_of, unknown_by_installer
from lib.questions.telling.python_words import details_of, sentence_of, unknown_words


def draw_pythons(context: Context) -> None:
    """What can be dropped, with the choice of the threshold, then the shares over time."""
    with finding_card(_title(context), "pythons") as card:
        drawing = _drawing(context)
        if drawing:
            labels = choices.DROP_LABELS
            switch(card.controls, "Can be dropped under", Threshold, labels, choices.DROP)
            tell(*_told(context, choices.drop()))
        draw(context.found, card, drawing)


def _title(context: Context) -> str:
    return f"Share of each Python version: {context.subject}"


@lru_cache(maxsize=KEPT)
def _drawing(context: Context) -> Drawing | None:
    answer = context.found.split_over_time(
        context.selection, context.period, split_grain(context, "python"), "python", TOP
    )
    names = sorted(answer.frame["series"].unique(), key=version_key)
    frame = answer.frame.set_index("series").loc[names].reset_index()
    return share_areas(context, answer, frame, "python", _title(context))


@lru_cache(maxsize=KEPT)
def _told(context: Context, threshold: Threshold) -> tuple[str, str]:
    """What can be dropped; when the next can; and how much is not known, of which installers."""
    try:
        told = told_of(context.asking, threshold.share)
    except CannotTell as refused:
        return str(refused), ""
    unknown = unknown_by_installer(context.asking, told) if told.unknown else None
    details = (details_of(told), unknown_words(told, unknown))
    return sentence_of(context.asking, told), " ".join(filter(None, details))
