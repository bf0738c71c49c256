"""What was asked of paid and free services: the month's budget, its ledger, the hour's queries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from lib.access import gate
from lib.budget import FREE_BYTES_A_MONTH, TEBIBYTE, Budget, Entry, dollars, gigabytes, priced
from lib.errors import PulseError
from lib.formats import plain
from lib.holdings.context import Context
from lib.panels.card import panel
from lib.settings import Settings
from lib.stores import open_budget
from lib.sync.command import allowance

_BEGINNING = datetime(2016, 1, 1, tzinfo=UTC)

_HASH_SHOWN = 12


def draw(context: Context) -> None:
    """The month's budget where a project pays, and the hour's queries of a ClickHouse store.

    What was spent is for those to see who may spend.
    """
    if context.settings.bigquery_project and gate.may_spend():
        with panel("This month's budget", "budget"):
            _draw_budget(context.settings)
    if "clickhouse" in context.state.sources:
        with panel("Queries of this hour", "queries"):
            _draw_allowance(context.settings)


def _draw_budget(settings: Settings) -> None:
    try:
        budget = open_budget(settings)
        entries = budget.entries()
    except PulseError as error:
        st.warning(plain(str(error)), icon=":material/money_off:")
        return
    st.progress(_fraction(budget), text=plain(_meter_words(budget)))
    st.caption(
        plain(
            f"Paid for by the project {settings.bigquery_project}, counted since 1 "
            f"{budget.now():%B}, UTC. The month's budget is PULSE_MONTHLY_GB; one query may read "
            f"{gigabytes(budget.per_query)} (PULSE_QUERY_GB)."
        )
    )
    if not entries:
        st.info("Nothing was asked of BigQuery this month.", icon=":material/savings:")
    else:
        _draw_ledger(entries)
    st.download_button(
        "Ledger of all months as CSV",
        lambda: ledger_table(budget.ledger.since(_BEGINNING)).to_csv(index=False),
        file_name="ledger.csv",
        mime="text/csv",
        on_click="ignore",
        icon=":material/download:",
    )


def _draw_ledger(entries: Sequence[Entry]) -> None:
    """The paid queries of the month."""
    rows = [
        {
            "Started (UTC)": entry.started_at.astimezone(UTC).replace(tzinfo=None),
            "Who": entry.who,
            "Statement": entry.statement,
            "Estimate": gigabytes(entry.estimate) + ", upper bound" * entry.upper_bound,
            "Billed": "unfinished" if entry.billed is None else gigabytes(entry.billed),
            "Counted": dollars(entry.counted),
            "Job": entry.job,
            "SQL hash": entry.sql_hash[:_HASH_SHOWN],
        }
        for entry in entries
    ]
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        column_config={
            "Counted": st.column_config.NumberColumn(
                format="$%.4f", help="List price of what counts against the budget"
            ),
            "Job": st.column_config.TextColumn(width="medium"),
        },
        alt="The ledger: this month's paid queries, newest first",
    )
    open_ended = [entry for entry in entries if entry.billed is None]
    if open_ended:
        counted = priced(sum(entry.cap for entry in open_ended))
        st.caption(
            f"{len(open_ended)} unfinished: each counts at its cap, {plain(counted)} in all, "
            "until it is known what it was billed."
        )


def ledger_table(entries: Sequence[Entry]) -> pd.DataFrame:
    """The ledger with all that it knows, in bytes and dollars, newest first."""
    columns = [
        *("started_at", "who", "project", "statement", "estimated_bytes", "upper_bound"),
        *("cap_bytes", "billed_bytes", "counted_bytes", "counted_dollars", "job", "sql_hash"),
    ]
    rows = [
        (
            entry.started_at.isoformat(),
            entry.who,
            entry.project,
            entry.statement,
            entry.estimate,
            entry.upper_bound,
            entry.cap,
            entry.billed,
            entry.counted,
            dollars(entry.counted),
            entry.job,
            entry.sql_hash,
        )
        for entry in entries
    ]
    return pd.DataFrame(rows, columns=columns).astype({"billed_bytes": "Int64"})


def list_price(number: int) -> str:
    """What so many bytes cost before anything that is free: `$0.08 at list price`."""
    price = dollars(number)
    return ("under $0.01" if 0 < price < 0.01 else f"${price:,.2f}") + " at list price"


def _draw_allowance(settings: Settings) -> None:
    asked = allowance(settings)
    used = asked.used()
    text = f"{used} of {asked.most} queries sent in the last hour, {asked.left()} left"
    st.progress(min(used / asked.most, 1.0), text=text)
    st.caption("ClickHouse's public service is free, and gives each user so many an hour.")


def _fraction(budget: Budget) -> float:
    return min(budget.spent() / budget.monthly, 1.0) if budget.monthly else 1.0


def _meter_words(budget: Budget) -> str:
    spent = budget.spent()
    return (
        f"{gigabytes(spent)} of {gigabytes(budget.monthly)}, {gigabytes(budget.left())} left, "
        f"{list_price(spent)}; the first {FREE_BYTES_A_MONTH // TEBIBYTE} TiB of a month is free"
    )
