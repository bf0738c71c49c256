"""What rose, fell, emerged or went quiet this month, and what made the greatest rise."""

from __future__ import annotations

import pandas as pd

from lib.analysis.contributions import Decomposition
from lib.analysis.movers import Judging, Movement
from lib.cubes import Grain
from lib.formats import change
from lib.questions.finding import Figure, Finding
from lib.questions.question import (
    Asking,
    CannotTell,
    Need,
    Option,
    Parameters,
    Question,
    Shelf,
)
from lib.questions.rows.compared import made_by
from lib.questions.rows.recent_moves import MOST_LOOKED_AT, RecentMoves, recent_moves
from lib.questions.telling import wording
from lib.questions.telling.cause_figure import cause_figure
from lib.questions.telling.movement_words import (
    WOULD_CHANGE,
    cause_of,
    certainty_of,
    details_of,
    first_of,
    limits_of,
    number_told,
    sentence_of,
    split_words,
)
from lib.questions.telling.row_figures import interval_figure
from lib.questions.telling.wording import days_before, during, when
from lib.selection import Preset

_JUDGING = Judging()

_SPAN = Option("span", "Compared", (("28d", "Last 28 days"), ("month", "Last whole month")))

_SHOWN = 8
"""How many packages are drawn that rose, and that fell."""


def _answer(asking: Asking) -> Finding:
    found = recent_moves(asking, asking.asked.option(_SPAN.name) == "month")
    frame = found.moves.frame
    if frame["change"].isna().all():
        raise CannotTell(
            f"Nothing can be compared {during(found.after)}: rows were lost, or the record changed "
            "within it or right before."
        )
    judged = frame[~frame["movement"].isin([Movement.TOO_FEW, Movement.NOT_TOLD])]
    if judged.empty:
        raise CannotTell(
            f"No package has {_JUDGING.least:,.0f} downloads a day {during(found.after)}."
        )
    top = first_of(judged, Movement.ROSE)
    is_told = bool(top) and not found.moves.by_share
    made, more = made_by(asking, found, top) if is_told else (None, ())
    number, interval = number_told(judged)
    return Finding(
        sentence=sentence_of(found, judged),
        details=f"{details_of(found, judged)}{cause_of(top, made)}",
        number=number,
        interval=interval,
        certainty=_certainty(found),
        would_change=WOULD_CHANGE,
        period=found.both,
        figures=tuple(
            filter(None, (_figure(asking, found, judged), cause_figure(asking, top, made)))
        ),
        table=_table(found),
        answers=(*found.answers, *more),
        caveats=tuple(filter(None, _caveats(asking, found, made))),
        breaks=asking.breaks(found.both),
    )


def _certainty(found: RecentMoves) -> str:
    return (
        f"{certainty_of(found)} What concentrates a rise is told by the divergence of its shares "
        "(Adtributor: Bhagwan et al., 2014)."
    )


def _figure(asking: Asking, found: RecentMoves, judged: pd.DataFrame) -> Figure | None:
    rows = judged[judged["low"].notna()]
    moved = rows[rows["movement"].isin([Movement.ROSE, Movement.FELL])]
    shown = pd.concat([moved[moved["change"] > 0].head(_SHOWN), moved[moved["change"] < 0]])
    shown = pd.concat([shown[shown["change"] > 0], shown[shown["change"] < 0].tail(_SHOWN)])
    if shown.empty:
        shown = pd.concat([rows.head(_SHOWN), rows.tail(_SHOWN)]).drop_duplicates("series")
    if shown.empty:
        return None
    frame = pd.DataFrame(
        {
            "label": shown["series"],
            "value": shown["change"] + 1,
            "low": shown["low"] + 1,
            "high": shown["high"] + 1,
            "strong": shown["movement"].isin([Movement.ROSE, Movement.FELL]),
        }
    )
    what = "share of all downloads" if found.moves.by_share else "downloads a day"
    unit = f"{what[:1].upper()}{what[1:]}, times those of {days_before(found.before)}"
    return interval_figure(
        asking,
        frame,
        title=f"What rose and fell, {when(found.after)}",
        unit=unit,
        show=_change,
        reference=1.0,
        log=True,
    )


def _change(ratio: float) -> str:
    return change(ratio - 1)


def _caveats(asking: Asking, found: RecentMoves, made: Decomposition | None) -> tuple[str, ...]:
    moved = found.moves
    few = int((moved.frame["movement"] == Movement.TOO_FEW).sum())
    missing = int((moved.frame["movement"] == Movement.NOT_TOLD).sum())
    every = asking.found.state.packages is None
    flagged = made.dimensions[made.dimensions["changed_split"] != ""] if made else None
    return (
        *limits_of(found),
        "Nothing is told of what made a rise." if moved.by_share else "",
        f"Not judged, of fewer than {_JUDGING.least:,.0f} downloads a day: "
        f"{wording.counted(few, 'package')}."
        if few
        else "",
        "Not judged, for rows of one of the two periods are missing: "
        f"{wording.counted(missing, 'package')}."
        if missing
        else "",
        f"Looked at are the {MOST_LOOKED_AT:,} most downloaded packages of PyPI." if every else "",
        *(
            f"The split by {split_words(name)} changed in these days ({split}): it "
            "is not taken for a cause."
            for name, split in (
                zip(flagged["dimension"], flagged["changed_split"], strict=True)
                if flagged is not None
                else ()
            )
        ),
        *wording.caveats(asking, found.after),
    )


def _table(found: RecentMoves) -> pd.DataFrame:
    frame = found.moves.frame
    basis = "share" if found.moves.by_share else "downloads"
    return pd.DataFrame(
        {
            "Package": frame["series"],
            "What it did": [str(each) for each in frame["movement"]],
            f"Change of {basis}": frame["change"],
            "Low (95 %)": frame["low"],
            "High (95 %)": frame["high"],
            "p (corrected)": frame["adjusted"],
            f"Downloads a day, {when(found.before)}": frame["before"],
            f"Downloads a day, {when(found.after)}": frame["after"],
            f"Share of all, {when(found.before)}": frame["share_before"],
            f"Share of all, {when(found.after)}": frame["share_after"],
        }
    )


QUESTION = Question(
    key="movers",
    prompt="What rose, fell, emerged or went quiet this month?",
    teaser="Every package against the four weeks before, and what made the greatest rise",
    shelf=Shelf.BEYOND,
    parameters=Parameters(period=Preset.YEAR, options=(_SPAN,)),
    needs=(Need(Grain.MONTH, ("project",)),),
    answer=_answer,
    words=(
        "rose",
        "fell",
        "emerged",
        "went quiet",
        "movers",
        "risers",
        "fallers",
        "this month",
        "what changed",
        "trending",
    ),
)
