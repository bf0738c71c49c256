"""The list of the most downloaded packages: searched, sorted, and taken away."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import streamlit as st

from lib import address
from lib.analysis.comparable import UNUSABLE, stretches
from lib.cubes import UNKNOWN, Grain
from lib.data import Answer
from lib.formats import NOT_KNOWN, days, percent, places
from lib.packages import normalized
from lib.panels.card import footer, panel
from lib.panels.package_table import shapes
from lib.periods import period_starts
from lib.questions.telling.wording import when
from lib.rankings.choice import Choice
from lib.rankings.listing import Listing, found_by, listing
from lib.rankings.scope import KEPT, Scope
from lib.rankings.words import comparison_words
from lib.rankings_page import controls
from lib.rankings_page.head import told
from lib.router import Period

if TYPE_CHECKING:
    from streamlit.elements.lib.column_types import ButtonColumnResult

_SHAPES = 60
"""How many rows have a sparkline: more would not be scrolled to, and cost bytes."""

_OPENED = "ranked_opened"

PERCENT, SIGNED_PERCENT = "%.3g %%", "%+.3g %%"
"""How columns write per cent: three digits, for most shares are far below one."""

PACKAGE_PAGE = "pages/package.py"


@dataclass(frozen=True, eq=False)
class _Table:
    """A table as it is drawn, and the days that its sparklines show."""

    rows: pa.Table
    shaped: Period


def follow_click() -> None:
    """Go to the page of a package whose name was clicked in a list."""
    click = st.session_state.get(_OPENED)
    if click:
        address.open_page(PACKAGE_PAGE, {"name": [str(click["label"])]})


def package_column() -> ButtonColumnResult:
    """The column of names, each a way to the package's page."""
    return st.column_config.ButtonColumn(
        "Package", type="tertiary", alignment="left", key=_OPENED, width=170
    )


def draw_top(scope: Scope, choice: Choice) -> None:
    """The list, with the box that searches it."""
    found = listing(scope)
    count = len(found.frame)
    counted = f"the first {count:,}" if scope.is_all_of_pypi else f"{count:,} packages"
    with panel(f"The list: {counted}, {when(scope.period)}", "top") as card:
        controls.draw_search(card.controls)
        shown = _table(scope, choice.search)
        if shown is None:
            _say_not_found(scope, choice.search)
        else:
            _draw_table(scope, found, shown)
        st.caption(told(" ".join(filter(None, _notes(scope, found)))))
        footer(
            scope.found,
            card,
            _to_take_away(scope, found),
            name=scope.file_name,
            unit="Downloads (file requests)",
        )


def _draw_table(scope: Scope, found: Listing, shown: _Table) -> None:
    what = "share of all" if found.by_share else "downloads a day"
    st.dataframe(
        shown.rows,
        hide_index=True,
        placeholder=NOT_KNOWN,
        column_config={
            "#": st.column_config.NumberColumn(width=45),
            "Moved": st.column_config.TextColumn(
                width=62, help=f"Ranks gained or lost against {when(scope.before)}"
            ),
            "Package": package_column(),
            "Downloads": st.column_config.NumberColumn(format="localized"),
            "A day": st.column_config.NumberColumn(format="compact", width=75),
            "Share": st.column_config.NumberColumn(
                format=PERCENT, width=75, help=f"Of {scope.of_what}"
            ),
            "Change": st.column_config.NumberColumn(
                format=SIGNED_PERCENT, width=80, help=f"Of {what}, against {when(scope.before)}"
            ),
            "95 % interval": st.column_config.TextColumn(width=130),
            "Over time": st.column_config.AreaChartColumn(
                help=f"Whole weeks or months, {days(shown.shaped.first, shown.shaped.last)}"
            ),
        },
        alt=f"The most downloaded packages, {when(scope.period)}",
    )


@lru_cache(maxsize=KEPT)
def _table(scope: Scope, search: str) -> _Table | None:
    """The rows whose names have the text searched for; None where there are none."""
    frame = found_by(listing(scope).frame, search)
    if frame.empty:
        return None
    names = tuple(frame["project"].head(_SHAPES))
    shaped = _shaped(scope)
    lines = shapes(scope.found, scope.selection, names, shaped)
    rows = pa.table(
        {
            "#": frame["rank"].to_numpy(),
            "Moved": _moved(frame, bool(listing(scope).why_no_ranks)),
            "Package": list(frame["project"]),
            "Downloads": frame["downloads"].to_numpy(),
            "A day": frame["a_day"].to_numpy(),
            "Share": frame["share"].to_numpy() * 100,
            "Change": pa.array(frame["change"] * 100, from_pandas=True),
            "95 % interval": intervals(frame),
            "Over time": [lines.get(name) for name in frame["project"]],
        }
    )
    return _Table(rows, shaped)


def intervals(frame: pd.DataFrame) -> list[str]:
    """The interval of each change in words, from `low` and `high`; `–` where there is none."""
    return [
        NOT_KNOWN if pd.isna(low) else f"{_signed(low)} to {_signed(high)} %"
        for low, high in zip(frame["low"], frame["high"], strict=True)
    ]


def _signed(ratio: float) -> str:
    """A change in per cent, as the column beside the interval has it."""
    return f"{ratio * 100:+,.0f}" if abs(ratio) >= 0.0995 else f"{ratio * 100:+.1f}"


def _moved(frame: pd.DataFrame, unknown: bool) -> list[str]:
    """How each rank changed, in a word; `–` where the rank before is not known."""
    gained = frame["earlier"] - frame["rank"]
    return [
        NOT_KNOWN
        if unknown or (pd.isna(places_gained) and note != "new")
        else places(places_gained)
        for places_gained, note in zip(gained, frame["note"], strict=True)
    ]


def _shaped(scope: Scope) -> Period:
    """The days of the sparklines: at most a year to the end, counted alike throughout."""
    last = scope.period.last
    year = Period(max(last - timedelta(days=364), scope.found.held().first), last)
    starts = pd.DatetimeIndex(period_starts(year, Grain.DAY).index)
    marks = stretches(starts, Grain.DAY, [each for each in scope.breaks if not each.splits])
    alike = marks[(marks == marks.max()) & (marks != UNUSABLE)]
    first = pd.Timestamp(alike.index[0]).date() if len(alike) else year.first
    return Period(first, last)


def _notes(scope: Scope, found: Listing) -> list[str]:
    """What columns are of, what they are compared with, and what has no rank."""
    notes = [f"Share: of {scope.of_what}."]
    if found.why_no_ranks:
        notes.append(f"Ranks are not compared with {when(scope.before)}: {found.why_no_ranks}.")
    elif found.why_no_change:
        notes.append(f"No change is told. {found.why_no_change}")
    else:
        notes.append(comparison_words(scope))
        if found.frame["low"].isna().all():
            notes.append("No interval: it takes two weeks of each period.")
    if scope.is_all_of_pypi:
        notes.append(
            f"Of all of PyPI the first {len(found.frame):,} are listed; any other has its page."
        )
    for project, share in found.unranked[["project", "share"]].itertuples(index=False):
        of = "name no package" if project == UNKNOWN else "are of packages that are not listed"
        notes.append(f"Without a rank: {percent(share)} of the downloads {of}.")
    return notes


def _say_not_found(scope: Scope, search: str) -> None:
    if not search:
        st.info("No package has a download here. Take a filter away, or choose other days.")
        return
    st.info(told(f"No name in this list has “{search}” in it."), icon=":material/search_off:")
    try:
        name = normalized(search)
    except ValueError:
        return
    if scope.is_all_of_pypi:
        st.page_link(PACKAGE_PAGE, label=f"The page of {name}", query_params={"name": name})


def _to_take_away(scope: Scope, found: Listing) -> Answer:
    """The whole list, with what has no rank at its end, as files have it."""
    frame = pd.concat([found.frame, found.unranked], ignore_index=True)
    return replace(scope.answer, frame=frame.drop(columns="note"))
