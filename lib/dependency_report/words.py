"""A report as a finding: its sentence, its figure, its table, and what limits it."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd

from lib.analysis.movers import Judging, Movement
from lib.cubes import Grain
from lib.dependency_report.report import Report
from lib.formats import NOT_KNOWN, change, compact
from lib.questions.finding import Figure, Finding
from lib.questions.rows.recent_moves import MOST_LOOKED_AT, RecentMoves
from lib.questions.telling import wording
from lib.questions.telling.movement_words import (
    WOULD_CHANGE,
    certainty_of,
    interval_of,
    limits_of,
)
from lib.questions.telling.row_figures import interval_figure
from lib.questions.telling.wording import agreeing, counted, days_before, during, when
from lib.selection import listed

_MOST_DRAWN = 24

_MOST_NAMED = 12

_SURE = (Movement.QUIET, Movement.FELL, Movement.EMERGED, Movement.ROSE)

_UNTOLD = (Movement.NOT_TOLD, Movement.NO_INTERVAL, Movement.TOO_FEW)


def finding_of(report: Report) -> Finding:
    """The report as a finding, whose table has every package that was asked about."""
    found, asking = report.found, report.asking
    sure = report.that(*_SURE)
    return Finding(
        sentence=sentence_of(report),
        details=_details(report),
        number=f"{len(sure)} of {len(report.frame)} changed",
        interval=f"surely; judged among {counted(len(found.moves.frame), 'package')}",
        certainty=certainty_of(found),
        would_change=WOULD_CHANGE,
        period=found.both,
        figures=tuple(filter(None, (_figure(report),))),
        table=table_of(report),
        answers=found.answers,
        packages=tuple(report.frame["package"]),
        caveats=_caveats(report),
        breaks=asking.breaks(found.both),
    )


def sentence_of(report: Report) -> str:
    """How many fell and rose, and which fell most: one sentence."""
    found, frame = report.found, report.frame
    days = f"{during(found.after)}, against {_earlier(found)}"
    share = ", by share of all downloads held" if found.moves.by_share else ""
    one = len(frame) == 1
    of = f"Of the {'one package' if one else f'{len(frame)} packages'} of {report.name} held here"
    sure = report.that(*_SURE)
    if sure.empty and not frame["low"].notna().any():
        return f"{of}, none can be judged {days}: {_why_not(report)}."
    if sure.empty:
        return f"{of}, none surely changed by a tenth or more {days}{share}."
    parts = [_told(report.that(movement), movement) for movement in _SURE]
    return f"{of}, {listed([part for part in parts if part])} {days}{share}."


def _earlier(found: RecentMoves) -> str:
    """The period that is compared with: `the 28 days before` only where it is right before."""
    is_right_before = found.before.last + timedelta(days=1) == found.after.first
    return days_before(found.before) if is_right_before else when(found.before)


def _why_not(report: Report) -> str:
    """Why no package has an interval."""
    if report.that(Movement.NO_INTERVAL).empty:
        return "rows are missing, or downloads too few"
    if report.found.spans.grain is Grain.MONTH:
        return "an interval takes one month on each side, and six changes before"
    return "an interval takes two weeks of each period"


def table_of(report: Report) -> pd.DataFrame:
    """Every package, with numbers as numbers; those that are not held come last."""
    frame = report.frame
    basis = "share" if report.found.moves.by_share else "downloads"
    before, after = when(report.found.before), when(report.found.after)
    table = pd.DataFrame(
        {
            "Package": frame["package"],
            "What it did": [str(each) for each in frame["movement"]],
            f"Change of {basis}": frame["change"].astype("float64"),
            "Low (95 %)": frame["low"].astype("float64"),
            "High (95 %)": frame["high"].astype("float64"),
            "p (corrected)": frame["adjusted"].astype("float64"),
            f"Downloads a day, {before}": frame["before"].astype("float64"),
            f"Downloads a day, {after}": frame["after"].astype("float64"),
            f"Rank of {report.ranked:,}": frame["rank"],
        }
    )
    unheld = pd.DataFrame({"Package": list(report.unheld), "What it did": "not held"})
    return pd.concat([table, unheld], ignore_index=True) if len(unheld) else table


def written_table(report: Report) -> pd.DataFrame:
    """The same for a document: changes in percent, downloads with a scale."""
    frame = report.frame
    by_share = report.found.moves.by_share
    rows = frame.to_dict("records")
    table = pd.DataFrame(
        {
            "Package": frame["package"],
            "What it did": [str(each) for each in frame["movement"]],
            "Change of share" if by_share else "Change": [change(r["change"]) for r in rows],
            "95 % interval": [
                NOT_KNOWN if pd.isna(r["low"]) else f"{change(r['low'])} to {change(r['high'])}"
                for r in rows
            ],
            "Downloads a day before": [compact(r["before"]) for r in rows],
            "Downloads a day": [compact(r["after"]) for r in rows],
            f"Rank of {report.ranked:,}": [
                NOT_KNOWN if pd.isna(r["rank"]) else f"{r['rank']:,}" for r in rows
            ],
        }
    )
    unheld = pd.DataFrame({"Package": list(report.unheld), "What it did": "not held"})
    return pd.concat([table, unheld], ignore_index=True).fillna(NOT_KNOWN) if len(unheld) else table


def _told(rows: pd.DataFrame, movement: Movement) -> str:
    """How many did something, and the first of them; or that none fell or rose."""
    if rows.empty:
        return f"none {movement}" if movement in (Movement.FELL, Movement.ROSE) else ""
    first = rows.iloc[0].to_dict()
    interval = f", {interval_of(first)}" if pd.notna(first["low"]) else ""
    most = "most of all " if len(rows) > 1 else ""
    return f"{len(rows)} {movement} ({most}{first['package']}, {change(first['change'])}{interval})"


def _details(report: Report) -> str:
    """What is not sure, what could not be told, and what is not held."""
    steady = len(report.that(Movement.STEADY))
    untold = len(report.that(*_UNTOLD))
    filters = report.asking.selection.words()
    parts = [f"Only downloads with {filters}."] if filters else []
    if steady:
        parts.append(f"{counted(steady, 'package')} did not surely change.")
    if untold:
        parts.append(f"Of {counted(untold, 'package')} nothing can be told.")
    if report.unheld:
        count = len(report.unheld)
        names = listed([*report.unheld[:_MOST_NAMED], *_more(count - _MOST_NAMED)])
        parts.append(
            f"{counted(count, 'package')} {agreeing(count, 'is', 'are')} not held: {names}."
        )
    return " ".join(parts)


def _more(count: int) -> list[str]:
    return [f"{count} more"] if count > 0 else []


def _figure(report: Report) -> Figure | None:
    """The changes with their intervals: what surely moved, then what is largest."""
    told = report.frame[report.frame["low"].notna()]
    if told.empty:
        return None
    sure = told["movement"].isin(_SURE)
    shown = pd.concat([told[sure], told[~sure]]).head(_MOST_DRAWN)
    shown = shown.sort_values("change", ascending=False)
    found = report.found
    what = "share of all downloads" if found.moves.by_share else "downloads a day"
    unit = f"{what[:1].upper()}{what[1:]}, times those of {_earlier(found)}"
    left_out = len(told) - len(shown)
    return interval_figure(
        report.asking,
        pd.DataFrame(
            {
                "label": shown["package"],
                "value": shown["change"] + 1,
                "low": shown["low"] + 1,
                "high": shown["high"] + 1,
                "strong": shown["movement"].isin(_SURE),
            }
        ),
        title=f"Changes of {report.name}, {when(found.after)}, with 95 % intervals",
        unit=unit,
        show=lambda ratio: change(ratio - 1),
        reference=1.0,
        log=True,
        note=f"{counted(left_out, 'package')} without a sure change not drawn." if left_out else "",
    )


def _caveats(report: Report) -> tuple[str, ...]:
    found = report.found
    few = len(report.that(Movement.TOO_FEW))
    is_pypi = report.asking.found.state.packages is None
    return tuple(
        filter(
            None,
            (
                *limits_of(found),
                f"Not judged, of fewer than {Judging().least:,.0f} downloads a day: "
                f"{counted(few, 'package')}."
                if few
                else "",
                f"Ranks are told of the {MOST_LOOKED_AT:,} most downloaded packages of PyPI."
                if is_pypi
                else "Ranks are among the packages held.",
                "Downloads are file requests, mostly by machines: a fall is no verdict on a "
                "package, and a rise no praise.",
                *wording.caveats(report.asking, found.after),
            ),
        )
    )
