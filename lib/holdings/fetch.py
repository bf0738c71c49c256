"""The form for more days and packages of a store's real source, and the offer below it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import streamlit as st

from lib.cubes import Cube
from lib.fetching import choose, offer_missing
from lib.formats import days, plain
from lib.holdings.context import Context
from lib.panels.card import panel
from lib.progress import fetch_progress
from lib.router import packages_held
from lib.sources.bigquery import SOURCE as BIGQUERY
from lib.sources.bigquery import WATCH_LIST_CUBE
from lib.sources.clickhouse import CUBES as CLICKHOUSE_CUBES
from lib.sources.clickhouse import SOURCE as CLICKHOUSE

_DAY = timedelta(days=1)


def draw(context: Context) -> None:
    """What more can be fetched into this store, or why nothing can."""
    with panel("Fetch more", "fetch_more"):
        reason = _why_not(context)
        if reason:
            st.write(reason)
            return
        if fetch_progress(context.settings.store).read():
            st.write("Rows are being fetched: the bar above says how far that is.")
            return
        if context.state.packages is None:
            _say_all_of_pypi()
        _draw_form(context)


def _why_not(context: Context) -> str:
    """Why this store takes no rows from a public source; empty where it does."""
    sources = context.state.sources
    if context.state.simulated:
        return (
            "This store is a simulated sample, which grows by a day each day by itself. Real rows "
            "go into a store of their own, never among simulated ones: how is said below, under "
            "“Connect real data”."
        )
    if sources == (BIGQUERY,) and not context.settings.bigquery_project:
        return (
            "The rows of this store came from BigQuery, and no project is set that pays for more. "
            "Set PULSE\\_BIGQUERY\\_PROJECT and start the app again."
        )
    if sources not in ((BIGQUERY,), (CLICKHOUSE,)):
        return (
            "This store holds imported files, and takes more of them: `python -m lib import`. "
            "Rows of a public source go into a store of their own, as said below."
        )
    return ""


def _say_all_of_pypi() -> None:
    st.caption(
        plain(
            "More days of all packages by country are fetched on the command line: python -m lib "
            "sync without --packages. Here: named packages, with every dimension."
        )
    )


def _draw_form(context: Context) -> None:
    wanted = choose(", ".join(_named(context)), _next_days(context), context.yesterday)
    if wanted is None:
        return
    packages, period = wanted
    if not offer_missing(context.settings, context.found, packages, period):
        when = days(period.first, period.last)
        st.success(f"Everything asked for is held: {when}.", icon=":material/check_circle:")


def _named(context: Context) -> Sequence[str]:
    """The packages that the store holds by name."""
    return packages_held([row for row in context.state.coverage if row.packages is not None]) or ()


def _next_days(context: Context) -> tuple[date, date]:
    """From the day after the newest held to yesterday; yesterday alone where that is held."""
    rows = [row for row in context.state.coverage if row.cube in _cubes(context)]
    newest = max((row.last for row in rows), default=context.state.held.last)
    return min(newest + _DAY, context.yesterday), context.yesterday


def _cubes(context: Context) -> tuple[Cube, ...]:
    """What fetching named packages fills."""
    return CLICKHOUSE_CUBES if CLICKHOUSE in context.state.sources else (WATCH_LIST_CUBE,)
