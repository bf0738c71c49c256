"""The card that reports on a group of packages."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import pandas as pd
import plotly.graph_objects as go
import pyarrow as pa
import streamlit as st

from lib.dependency_report.report import Report, report_of
from lib.dependency_report.words import finding_of
from lib.dependency_report.written import as_html, as_markdown, title_of
from lib.formats import NOT_KNOWN, plain
from lib.panels.card import footer, offer, panel, show_figure
from lib.questions.finding import Finding
from lib.questions.question import CannotTell
from lib.questions.takeaway import break_lines
from lib.questions.telling.wording import when
from lib.rankings.movements import movements
from lib.rankings.scope import Scope
from lib.rankings_page.top import SIGNED_PERCENT, intervals
from lib.theme import Theme

_KEPT = 50

_KEY = "report"

_MOST_WHOLE = 30
"""A table of more rows scrolls by itself."""


def draw_report(scope: Scope, packages: tuple[str, ...], theme: Theme, link: str) -> None:
    """How the packages of a group are doing in the days ranked; those not held are named.

    `link` restores the page, for the documents to take away.
    """
    with panel(f"How is everything in {scope.group} doing?", _KEY) as card:
        try:
            moved = movements(scope)
        except CannotTell as reason:
            st.info(plain(str(reason)), icon=":material/inventory_2:")
            return
        made = report_of(scope.everything.asking, moved, scope.group, packages)
        finding = _finding(made)
        st.markdown(f"**{plain(finding.sentence)}**")
        if finding.details:
            st.write(plain(finding.details))
        for figure in finding.figures:
            show_figure(_drawn(made, theme), key=_KEY, alt=figure.alt, name=_file_name(scope))
            if figure.note:
                st.caption(plain(figure.note))
        _draw_table(made)
        with st.container(horizontal=True):
            markdown, page = f"{_file_name(scope)}.md", f"{_file_name(scope)}.html"
            offer(lambda: as_markdown(made, link), markdown, "Markdown", "text/markdown", _KEY)
            offer(lambda: as_html(made, link), page, "HTML", "text/html", _KEY)
        with st.expander("How sure this is, and what limits it", icon=":material/rule:"):
            lines = [finding.certainty, *finding.caveats, *break_lines(finding)]
            st.markdown("\n".join(f"- {plain(line)}" for line in lines))
        answer = replace(moved.answers[0], frame=finding.table)
        unit = "Downloads (file requests) a day"
        footer(scope.found, card, answer, name=_file_name(scope), unit=unit)


def _file_name(scope: Scope) -> str:
    """What files of the report are called, without their ending."""
    return f"{scope.file_name}-report"


@lru_cache(maxsize=_KEPT)
def _finding(made: Report) -> Finding:
    return finding_of(made)


@lru_cache(maxsize=_KEPT)
def _drawn(made: Report, theme: Theme) -> go.Figure:
    return _finding(made).figures[0].draw(theme)


def _draw_table(made: Report) -> None:
    frame = made.frame
    what = "share of all downloads held" if made.found.moves.by_share else "downloads a day"
    unheld = pd.DataFrame({"package": list(made.unheld), "movement": "not held"})
    shown = pd.concat([frame, unheld], ignore_index=True) if len(unheld) else frame
    table = pa.table(
        {
            "Package": list(shown["package"]),
            "What it did": [str(each) for each in shown["movement"]],
            "Change": pa.array(shown["change"] * 100, from_pandas=True),
            "95 % interval": intervals(shown),
            "A day before": pa.array(shown["before"], from_pandas=True),
            "A day": pa.array(shown["after"], from_pandas=True),
            "Rank": pa.array(shown["rank"], pa.int64(), from_pandas=True),
        }
    )
    st.dataframe(
        table,
        hide_index=True,
        placeholder=NOT_KNOWN,
        height="content" if len(shown) <= _MOST_WHOLE else "auto",
        column_config={
            "Change": st.column_config.NumberColumn(
                format=SIGNED_PERCENT, help=f"Of {what}, against {when(made.found.before)}"
            ),
            "A day before": st.column_config.NumberColumn(format="compact"),
            "A day": st.column_config.NumberColumn(format="compact"),
            "Rank": st.column_config.NumberColumn(help=f"Among {made.ranked:,} packages"),
        },
        alt=f"{title_of(made)} {len(frame)} packages, those that changed first.",
    )
