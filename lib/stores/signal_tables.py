"""The tables of signals in a store's file: series, and the terms that its readers have set."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import pandas as pd
import pyarrow as pa

from lib.cubes import Grain
from lib.signals import COLUMNS, Signal, SignalSeries

_SCHEMA = """
CREATE TABLE IF NOT EXISTS signals (
    signal VARCHAR NOT NULL, term VARCHAR NOT NULL, period DATE NOT NULL, grain VARCHAR NOT NULL,
    value DOUBLE NOT NULL, unit VARCHAR NOT NULL, flagged BOOLEAN NOT NULL,
    source VARCHAR NOT NULL, fetched_at TIMESTAMP NOT NULL
);
CREATE TABLE IF NOT EXISTS signal_terms (
    package VARCHAR NOT NULL, signal VARCHAR NOT NULL, term VARCHAR NOT NULL
);
"""
"""Stores that were written before there were signals have neither table."""

_LIST = ", ".join(COLUMNS)

_READ = f"SELECT {_LIST} FROM signals ORDER BY signal, term, period"  # noqa: S608 - known columns


def read_series(connection: duckdb.DuckDBPyConnection) -> tuple[SignalSeries, ...]:
    """Every series that is held, by signal and term."""
    if not _has(connection, "signals"):
        return ()
    rows = connection.execute(_READ).df()
    return tuple(_series(part) for _, part in rows.groupby(["signal", "term"], sort=True))


def replace_series(connection: duckdb.DuckDBPyConnection, series: SignalSeries) -> None:
    """Take a series in place of the one of the same signal and term, all of it."""
    connection.execute(_SCHEMA)
    remove_series(connection, series.signal, series.term)
    connection.register("arriving_series", pa.Table.from_pandas(series.frame, preserve_index=False))
    connection.execute(
        f"INSERT INTO signals ({_LIST}) "  # noqa: S608 - known columns
        "SELECT $signal, $term, period, $grain, value, $unit, flagged, $source, $fetched_at "
        "FROM arriving_series",
        {
            "signal": str(series.signal),
            "term": series.term,
            "grain": str(series.grain),
            "unit": series.unit,
            "source": series.source,
            "fetched_at": series.fetched_at,
        },
    )
    connection.unregister("arriving_series")


def remove_series(connection: duckdb.DuckDBPyConnection, signal: Signal, term: str) -> None:
    """Drop a series, where it is held."""
    connection.execute(_SCHEMA)
    connection.execute("DELETE FROM signals WHERE signal = ? AND term = ?", [str(signal), term])


def read_terms(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, Signal], str]:
    """The terms that were set here for packages, by package and signal; empty: it has none."""
    if not _has(connection, "signal_terms"):
        return {}
    rows = connection.execute(
        "SELECT package, signal, term FROM signal_terms ORDER BY package, signal"
    ).fetchall()
    return {(package, Signal(signal)): term for package, signal, term in rows}


def replace_terms(
    connection: duckdb.DuckDBPyConnection, terms: Mapping[tuple[str, Signal], str]
) -> None:
    """Take these terms in place of all that were set here."""
    connection.execute(_SCHEMA)
    connection.execute("DELETE FROM signal_terms")
    for (package, signal), term in terms.items():
        connection.execute(
            "INSERT INTO signal_terms VALUES (?, ?, ?)", [package, str(signal), term]
        )


def _series(rows: pd.DataFrame) -> SignalSeries:
    """The series of rows of one signal and term."""
    first = rows.iloc[0]
    return SignalSeries(
        Signal(first["signal"]),
        str(first["term"]),
        Grain(first["grain"]),
        str(first["unit"]),
        str(first["source"]),
        first["fetched_at"].to_pydatetime(),
        rows,
    )


def _has(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    found = connection.execute(
        "SELECT count(*) FROM information_schema.tables "
        "WHERE table_catalog = current_database() AND table_name = ?",
        [table],
    ).fetchone()
    return bool(found and found[0])
