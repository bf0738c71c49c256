"""Versions: how new feature versions are taken up, and the share of each over time."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from lib.analysis.feature_versions import by_feature
from lib.package_page.finding_card import finding_card, tell
from lib.package_page.shares import TOP, share_areas, split_grain
from lib.panels.card import Drawing, draw
from lib.panels.context import KEPT, Context
from lib.questions.question import CannotTell
from lib.questions.rows.upgrades import upgrades
from lib.questions.telling.upgrade_words import left_out_of, newest_of, sentence_of
from lib.router import NotHeld


def draw_versions(context: Context) -> None:
    """The half-life of a version, then the shares of the feature versions over time."""
    title = _title(context)
    with finding_card(title, "versions") as card:
        drawing = _drawing(context)
        if drawing:
            tell(*_told(context))
        draw(context.found, card, drawing)


def _title(context: Context) -> str:
    return f"Share of each feature version: {context.subject}"


@lru_cache(maxsize=KEPT)
def _drawing(context: Context) -> Drawing | None:
    grain = split_grain(context, "version")
    query = context.selection.query(context.period, grain=grain, by=("version",))
    answer = context.found.answer(query)
    return share_areas(context, answer, by_feature(answer.frame, TOP), "version", _title(context))


@lru_cache(maxsize=KEPT)
def _told(context: Context) -> tuple[str, str]:
    """How fast new feature versions are taken up, from all days held, and how far the newest is."""
    held = context.found.held(context.selection.packages)
    whole = replace(context, selection=replace(context.selection, period=held))
    try:
        found = upgrades(whole.asking, features_only=True)
    except CannotTell as refused:
        return str(refused), ""
    except NotHeld:
        return "How fast a new version is taken up is told from days, which are not held.", ""
    return sentence_of(found), " ".join(filter(None, (newest_of(found), left_out_of(found))))
