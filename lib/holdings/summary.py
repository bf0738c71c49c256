"""The tiles of the Data page: how much is held, how fresh it is, and what it cost."""

from __future__ import annotations

import streamlit as st

from lib.budget import gigabytes
from lib.formats import compact, day, plain
from lib.holdings.context import Context
from lib.holdings.pieces import provisional_days
from lib.holdings.spending import list_price


def draw(context: Context) -> None:
    """Days, packages, rows and size; the newest day, provisional days, age and price.

    Two tiles stand side by side on a phone, so each says what it says in few characters.
    """
    place = st.grid(4, min_column_width=150)
    for label, value, description in (*_amounts(context), *_ages(context), _price(context)):
        place.metric(
            label,
            plain(value),
            border=True,
            height="stretch",
            delta_description=plain(description),
        )


def _amounts(context: Context) -> list[tuple[str, str, str]]:
    state = context.state
    packages = "all" if state.packages is None else f"{len(state.packages):,}"
    cubes = "1 cube" if len(state.rows) == 1 else f"{len(state.rows)} cubes"
    place = "as BigQuery counts it" if context.settings.dataset else "on disk"
    return [
        ("Days held", f"{state.held.days:,}", f"since {day(state.held.first)}"),
        ("Packages", packages, "of PyPI" if state.packages is None else "by name"),
        ("Rows", compact(sum(state.rows.values())), f"in {cubes}"),
        ("Size", f"{compact(state.size)}B", place),
    ]


def _ages(context: Context) -> list[tuple[str, str, str]]:
    state = context.state
    newest = state.held.last
    behind = (context.yesterday - newest).days
    age = "1 day behind" if behind == 1 else f"{behind:,} days behind"
    late = provisional_days(state.coverage, context.provisional)
    written = max(row.written_at for row in state.coverage)
    return [
        (
            "Newest day",
            f"{newest.day} {newest:%b}",
            f"{newest.year}, {age if behind > 0 else 'yesterday'}",
        ),
        (
            "Provisional days",
            str(late) if late else "none",
            "may still grow" if late else "no more rows will come",
        ),
        ("Last written", f"{written.day} {written:%b}", f"{written.year}, {written:%H:%M} UTC"),
    ]


def _price(context: Context) -> tuple[str, str, str]:
    """What reading the rows held has been billed."""
    billed = sum(row.bytes_billed for row in context.state.coverage)
    if billed:
        return "Billed", gigabytes(billed), list_price(billed)
    if "bigquery" in context.state.sources:
        return "Billed", "nothing", "0 bytes billed"
    return "Billed", "nothing", "this source is free"
