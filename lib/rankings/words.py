"""What rankings say in words: the sentence that comes first, and the rule of each list."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from lib.analysis.movers import LEAPS, Movement
from lib.cubes import Grain
from lib.formats import change, compact, percent
from lib.questions.question import CannotTell
from lib.questions.rows.recent_moves import RecentMoves
from lib.questions.telling.growth_figure import growth_words
from lib.questions.telling.wording import counted, during, when
from lib.rankings.choice import Show
from lib.rankings.listing import Listing
from lib.rankings.movements import JUDGING, moved, movements, of_scope
from lib.rankings.scope import WEEK, Scope
from lib.rankings.steady import GIANTS, SHOWN, Steady

_DID = {Show.HOT: "rose", Show.COOLING: "fell", Show.EMERGING: "emerged", Show.GONE: "went quiet"}

_NOT_JUDGED = (Movement.TOO_FEW, Movement.NOT_TOLD, Movement.NO_INTERVAL)


def top_sentence(scope: Scope, found: Listing) -> str:
    """Who leads with what share, and who rose most where that can be told."""
    if found.frame.empty:
        return f"No package has a download among {scope.of_what} {during(scope.period)}."
    first = found.frame.iloc[0]
    lead = (
        f"{first['project']} leads with {percent(float(first['share']))} of {scope.of_what} "
        f"{during(scope.period)}"
    )
    try:
        risen = moved(scope, movements(scope), Show.HOT).head(1).to_dict("records")
    except CannotTell:
        risen = []
    if not risen:
        return f"{lead}."
    share = " by its share" if found.by_share else ""
    return (
        f"{lead}; against {when(scope.before)} {risen[0]['series']} rose most{share}, "
        f"{_changed(risen[0])}."
    )


def moved_sentence(scope: Scope, found: RecentMoves, show: Show) -> str:
    """How many packages moved so, and the first of them."""
    rows = moved(scope, found, show).to_dict("records")
    days = f"{during(found.after)}, against {when(found.before)}"
    surely = "surely " if show in {Show.HOT, Show.COOLING} else ""
    did = f"{surely}{_DID[show]}{' by share of all' if found.moves.by_share else ''}"
    if not rows:
        return f"No package {did} {days}."
    first = "first " if len(rows) > 1 else ""
    return f"{counted(len(rows), 'package')} {did} {days}: {first}{_named(rows[0], show)}."


def steady_sentence(found: Steady) -> str:
    """Which giant varies least, and by how much."""
    first = found.frame.iloc[0]
    interval = (
        ""
        if pd.isna(first["low"])
        else f" (95 % interval {percent(first['low'])} to {percent(first['high'])})"
    )
    growth = "with no growth told"
    if not pd.isna(first["growth"]):
        told = growth_words(first["growth"], first["growth_low"], first["growth_high"])
        trend = "a sure trend" if first["trend"] else "no sure trend"
        growth = f"with {trend}, {told} a year"
    return (
        f"{first['project']} varies least of the {found.giants} largest: its {found.grain}s are "
        f"{percent(first['deviation'])} from the middle one on average{interval}, {growth}."
    )


def rule_of(scope: Scope, show: Show) -> str:
    """What a list of movements holds, in a line: floor, interval, correction."""
    judged = len(_judged(movements(scope).moves.frame))
    floor = f"at least {JUDGING.least:,.0f} downloads a day"
    if show in {Show.HOT, Show.COOLING}:
        way, end = ("more", "lower") if show is Show.HOT else ("less", "upper")
        return (
            f"Rule: {JUDGING.change * 100:.0f} % {way} or beyond, {floor}, and sure after the "
            f"correction for {counted(judged, 'package')} judged (Benjamini and Hochberg, 1995: "
            f"about {JUDGING.false_discoveries * 100:.0f} % of those named may not have). The "
            f"interval is {_error(scope)}. In the order of its {end} end."
        )
    part = f"{JUDGING.nearly_none * 100:.0f} %"
    if show is Show.EMERGING:
        return (
            f"Rule: {floor} now, a share of all at least {LEAPS} times that of the period before, "
            f"and in the year before less than {part} of what it is now. The most downloaded first."
        )
    return (
        f"Rule: less than {part} of its share of all in the year before, which was {floor}, and at "
        f"most 1/{LEAPS} of that of the period before. The most downloaded before first."
    )


def steady_rule(found: Steady) -> str:
    """How steadiness is measured, in a line."""
    return (
        f"Rule: of the first {GIANTS} by downloads the {SHOWN} that surely deviate least from "
        f"their middle {found.grain}: the mean distance of logarithms from their median (Huber, "
        f"1981), over {counted(found.points, str(found.grain))} counted alike, in the order of the "
        "upper end of the interval (resampled blocks). Growth is the Theil–Sen slope."
    )


def why_empty(scope: Scope, found: RecentMoves, show: Show) -> str:
    """Why a list of movements has nothing, and what to try."""
    frame = of_scope(scope, found)
    if frame["change"].isna().all():
        return (
            f"Nothing can be compared: rows of {when(found.after)} or {when(found.before)} were "
            "lost, or the record changed within. Try other days."
        )
    if show in {Show.EMERGING, Show.GONE}:
        if not found.earlier:
            return (
                f"Too little of the year before {when(found.after)} is held to say so: half a year "
                "is needed. Try a later period."
            )
        return "No package held did so by the rule below. Try a year, all packages, or no filter."
    if frame["low"].isna().all():
        if found.spans.grain is Grain.MONTH:
            return (
                "No interval can be told: of months it takes one on each side, and six changes "
                "before. Try a single month."
            )
        if min(len(found.spans.before), len(found.spans.after)) < 2 * WEEK:
            return "An interval takes two weeks of each period. Try 30 days."
        return (
            f"No package has {JUDGING.least:,.0f} downloads a day. Try without a filter, or all "
            "packages."
        )
    return _nearest(frame, show)


def _nearest(frame: pd.DataFrame, show: Show) -> str:
    """That none was sure, and what comes nearest."""
    column, ascending = ("low", False) if show is Show.HOT else ("high", True)
    told = frame[frame["low"].notna()].sort_values(column, ascending=ascending).to_dict("records")
    return (
        f"Of {counted(len(told), 'package')} judged none did for sure. Nearest is "
        f"{told[0]['series']}, {_changed(told[0])}. Try another period."
    )


def comparison_words(scope: Scope) -> str:
    """What changes are told against, and across what."""
    before = when(scope.before)
    as_long = "" if scope.before.days == scope.period.days else ", as downloads a day"
    weekdays = ""
    if scope.before.days == scope.period.days and scope.grain is Grain.DAY:
        weekdays = ", as many days on the same weekdays"
    told = f"Compared with {before}{as_long}{weekdays}"
    between = scope.spans.between
    if not between:
        return f"{told}."
    titles = "; ".join(each.title for each in between)
    return (
        f"{told}, across a break of the record ({titles}): changes are of shares of all, and a "
        "package of which less is counted since falls in share and rank by that alone."
    )


def _judged(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[~frame["movement"].isin(_NOT_JUDGED)]


def _error(scope: Scope) -> str:
    if scope.grain is Grain.MONTH:
        return "from how much its months have differed in the year before"
    return "from resampled whole weeks of both periods (Künsch, 1989)"


def _named(row: Mapping[Hashable, Any], show: Show) -> str:
    name = str(row["series"])
    if show is Show.EMERGING:
        return f"{name}, with {compact(row['after'])} downloads a day"
    if show is Show.GONE:
        return f"{name}, from {compact(row['before'])} to {compact(row['after'])} downloads a day"
    return f"{name}, {_changed(row)}"


def _changed(row: Mapping[Hashable, Any]) -> str:
    if pd.isna(row["low"]):
        return change(row["change"])
    ends = f"{change(row['low'])} to {change(row['high'])}"
    return f"{change(row['change'])} (95 % interval {ends})"
