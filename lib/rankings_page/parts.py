"""The card of packages by group."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from lib.formats import percent
from lib.panels.card import Drawing, draw, panel
from lib.questions.telling.wording import when
from lib.rankings.listing import listing
from lib.rankings.parts import Groups, Parts, parts
from lib.rankings.scope import KEPT, Scope
from lib.rankings_charts.treemap import treemap
from lib.rankings_page.head import told
from lib.selection import listed
from lib.theme import Theme

_NAMED = 4


def draw_parts(scope: Scope, groups: Groups, theme: Theme) -> None:
    """The packages by group: area is downloads, color is change."""
    with panel(f"By group, {when(scope.period)}", "parts") as card:
        draw(scope.found, card, _drawing(scope, groups, theme))


@lru_cache(maxsize=KEPT)
def _drawing(scope: Scope, groups: Groups, theme: Theme) -> Drawing | None:
    found = parts(scope, groups)
    if found.frame.empty:
        return None
    sums = found.frame.groupby("group", sort=False)["share"].sum()
    shares = ", ".join(f"{name} {percent(float(share))}" for name, share in sums.items())
    return Drawing(
        treemap(found.frame, theme, scope.asking.signature),
        alt=f"Downloads by group: {shares}.",
        answer=replace(scope.answer, frame=found.frame),
        unit=f"Downloads (file requests); shares of {scope.of_what}",
        name=f"{scope.file_name}-groups",
        note=told(_note(scope, found)),
    )


def _note(scope: Scope, found: Parts) -> str:
    of_share = " of its share, for the record changed between" if listing(scope).by_share else ""
    notes = [
        "Area: downloads. Color: blue rose, orange fell, in full from half as much again or a "
        f"third less{of_share}; gray is not told.",
        _split_words(found.split),
    ]
    if found.frame["change"].isna().all():
        notes.insert(1, f"No change is told against {when(scope.before)}.")
    return " ".join(filter(None, notes))


def _split_words(names: tuple[str, ...]) -> str:
    """That packages of several groups are not counted twice."""
    if not names:
        return ""
    more = [f"{len(names) - _NAMED} more"] if len(names) > _NAMED else []
    are = "is" if len(names) == 1 else "are"
    return (
        f"{listed([*names[:_NAMED], *more])} {are} in several groups: the downloads are split "
        "evenly, none is counted twice."
    )
