"""The lists of what rose, fell, emerged or went quiet: each with its rule and its figure."""

from __future__ import annotations

import html
from dataclasses import replace
from functools import lru_cache

import pandas as pd
import pyarrow as pa
import streamlit as st

from lib import charts
from lib.cubes import Grain
from lib.finding_charts.bars import intervals as interval_chart
from lib.formats import NOT_KNOWN, change
from lib.panels.card import Drawing, draw, footer, panel
from lib.panels.context import last_values
from lib.questions.telling.wording import when
from lib.rankings.choice import SHOW_LABELS, Choice, Show
from lib.rankings.listing import found_by
from lib.rankings.movements import moved, movements
from lib.rankings.scope import KEPT, Scope
from lib.rankings.words import comparison_words, rule_of, why_empty
from lib.rankings_page import controls
from lib.rankings_page.head import offer_spans, told
from lib.rankings_page.top import PERCENT, SIGNED_PERCENT, intervals, package_column
from lib.router import Period
from lib.theme import Theme

_DRAWN = 12

_LINES = 8

_NAMES = {
    Show.HOT: "What rose",
    Show.COOLING: "What fell",
    Show.EMERGING: "What emerged",
    Show.GONE: "What went quiet",
}


def draw_moved(scope: Scope, choice: Choice, theme: Theme) -> None:
    """The figure of one movement, and its list; or why there is none and what to try."""
    found = movements(scope)
    rows = moved(scope, found, choice.show)
    if rows.empty:
        st.info(told(why_empty(scope, found, choice.show)), icon=":material/search_off:")
        offer_spans(choice.period)
        st.caption(told(rule_of(scope, choice.show)))
        return
    _draw_figure(scope, choice.show, theme)
    _draw_list(scope, choice, rows)


def _draw_figure(scope: Scope, show: Show, theme: Theme) -> None:
    name = _NAMES[show]
    if show in {Show.HOT, Show.COOLING}:
        with panel(f"{name}, {when(scope.period)}, with 95 % intervals", "moved") as card:
            draw(scope.found, card, _interval_drawing(scope, show, theme))
        return
    with panel(f"{name}: downloads a {_line_grain(scope)} over the year", "moved") as card:
        draw(scope.found, card, _line_drawing(scope, show, theme))


def _draw_list(scope: Scope, choice: Choice, rows: pd.DataFrame) -> None:
    with panel(f"{SHOW_LABELS[choice.show]}: {len(rows):,}", "moved_list") as card:
        controls.draw_search(card.controls)
        frame = rows.rename(columns={"series": "project"})
        frame.insert(0, "place", range(1, len(frame) + 1))
        shown = found_by(frame, choice.search)
        if shown.empty:
            st.info(told(f"No name in this list has “{choice.search}” in it."))
        else:
            _draw_table(scope, shown)
        st.caption(told(rule_of(scope, choice.show)))
        st.caption(told(comparison_words(scope)))
        answer = replace(movements(scope).answers[0], frame=frame)
        name = f"{scope.file_name}-{choice.show}"
        footer(scope.found, card, answer, name=name, unit="Downloads (file requests) a day")


def _draw_table(scope: Scope, shown: pd.DataFrame) -> None:
    what = "share of all" if movements(scope).moves.by_share else "downloads a day"
    table = pa.table(
        {
            "#": shown["place"].to_numpy(),
            "Package": list(shown["project"]),
            "Change": pa.array(shown["change"] * 100, from_pandas=True),
            "95 % interval": intervals(shown),
            "A day before": shown["before"].to_numpy(),
            "A day": shown["after"].to_numpy(),
            "Share before": shown["share_before"].to_numpy() * 100,
            "Share": shown["share_after"].to_numpy() * 100,
        }
    )
    st.dataframe(
        table,
        hide_index=True,
        placeholder=NOT_KNOWN,
        column_config={
            "#": st.column_config.NumberColumn(width=45),
            "Package": package_column(),
            "Change": st.column_config.NumberColumn(format=SIGNED_PERCENT, help=f"Of {what}"),
            "A day before": st.column_config.NumberColumn(format="compact"),
            "A day": st.column_config.NumberColumn(format="compact"),
            "Share before": st.column_config.NumberColumn(format=PERCENT),
            "Share": st.column_config.NumberColumn(
                format=PERCENT, help=f"Of {scope.everything.of_what}"
            ),
        },
        alt=f"{len(shown)} packages that moved",
    )


@lru_cache(maxsize=KEPT)
def _interval_drawing(scope: Scope, show: Show, theme: Theme) -> Drawing:
    found = movements(scope)
    rows = moved(scope, found, show).head(_DRAWN)
    frame = pd.DataFrame(
        {
            "label": rows["series"],
            "value": rows["change"] + 1,
            "low": rows["low"] + 1,
            "high": rows["high"] + 1,
        }
    )
    what = "share of all downloads" if found.moves.by_share else "downloads a day"
    unit = f"{what[:1].upper()}{what[1:]}, times those of {when(scope.before)}"
    figure = interval_chart(
        frame, theme, scope.asking.signature, unit=unit, show=_change, reference=1.0, log=True
    )
    named = zip(rows["series"], rows["change"], strict=True)
    return Drawing(
        figure,
        alt=f"{unit}: {', '.join(f'{name} {change(value)}' for name, value in named)}.",
        answer=replace(found.answers[0], frame=rows),
        unit=unit,
        name=f"{scope.file_name}-{show}-figure",
    )


@lru_cache(maxsize=KEPT)
def _line_drawing(scope: Scope, show: Show, theme: Theme) -> Drawing | None:
    names = tuple(moved(scope, movements(scope), show)["series"].head(_LINES))
    grain = _line_grain(scope)
    year = (pd.Timestamp(scope.period.last) - pd.DateOffset(years=1)).date()
    days = Period(min(year, scope.before.first), scope.period.last)
    selection = replace(scope.selection, packages=names)
    answer = scope.found.over_time(selection, days, grain)
    frame = answer.frame.rename(columns={"downloads": "value"})
    frame["label"] = frame["series"].map(html.escape)
    axis = scope.asking.axis(answer.period, grain)
    unit = f"Downloads per {grain}"
    return Drawing(
        charts.lines(frame, theme, axis, unit=unit),
        alt=f"{unit}. {last_values(frame, share=False)}",
        answer=answer,
        unit=unit,
        name=f"{scope.file_name}-{show}-figure",
        axis=axis,
    )


def _line_grain(scope: Scope) -> Grain:
    return Grain.MONTH if scope.grain is Grain.MONTH else Grain.WEEK


def _change(ratio: float) -> str:
    return change(ratio - 1)
