"""How the change of one package is told in a sentence."""

from __future__ import annotations

from lib.analysis.movers import Movement
from lib.formats import change, compact, percent
from lib.questions.rows.package_change import PackageChange
from lib.questions.telling.movement_words import interval_of
from lib.questions.telling.wording import days_before, during

_UNJUDGED = {
    Movement.TOO_FEW: "too few downloads to say whether it changed",
    Movement.NO_INTERVAL: "too little is held to say how sure that is",
    Movement.NOT_TOLD: "rows of one of the two are missing, and no change is told",
}


def change_sentence(found: PackageChange) -> str:
    """How the package changed, with the interval; by its share of all held across a break."""
    row = found.row
    days = during(found.after)
    level = f"{compact(row['after'])} downloads a day"
    against = f"against {compact(row['before'])} in {days_before(found.before)}"
    begin = f"{days[:1].upper()}{days[1:]}, {found.package} had {level}"
    unjudged = _UNJUDGED.get(row["movement"])
    if unjudged:
        return f"{begin}, {against}: {unjudged}."
    told = f"{change(row['change'])} ({interval_of(row)})"
    if found.moves.by_share:
        shares = " to ".join(percent(row[f"share_{when}"]) for when in ("before", "after"))
        return (
            f"{days[:1].upper()}{days[1:]}, the share of {found.package} in all downloads held "
            f"{_verb(found)} from {shares}: {told}. Levels are not compared, for the record "
            f"changed between: {found.moves.why}."
        )
    sure = "" if found.sure else ", which is no sure change"
    return f"{begin}, {against}: {told}{sure}."


def _verb(found: PackageChange) -> str:
    if not found.sure:
        return "did not surely change"
    return "rose" if found.row["change"] > 0 else "fell"
