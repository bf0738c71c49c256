"""Opens the contenders on the same rows, and checks that they give the same answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import duckdb
import pandas as pd

import lib.data
from bench.questions import Condition, Question
from bench.stores import Places
from lib.data import Downloads
from lib.stores.duckdb import DuckDBStore

_STORE_SETTINGS = ("threads", "memory_limit")

_OPERATORS: dict[str, Callable[[pd.Series, object], pd.Series]] = {
    "==": pd.Series.eq,
    ">=": pd.Series.ge,
    "in": pd.Series.isin,
}

Answering = Callable[[Question], pd.DataFrame]


def app(store: Path) -> Answering:
    """The app's own functions, on a store that is open, as in a running server."""
    found = Downloads(DuckDBStore(store))
    return lambda question: question.ask(found).frame


def forget_answers() -> None:
    """Empty the caches of `lib.data`, but for the state of the store.

    That and the texts of statements are what a running server has before a new question.
    """
    caches = [kept for kept in vars(lib.data).values() if hasattr(kept, "cache_clear")]
    for cache in caches:
        if cache is not lib.data._state:
            cache.cache_clear()


def handwritten(store: Path) -> Answering:
    """DuckDB itself, on a file that is open with the settings that the app opens it with."""
    like = DuckDBStore(store)
    settings = like.query(
        "SELECT name, value FROM duckdb_settings() WHERE name IN ($first, $second)",
        dict(zip(("first", "second"), _STORE_SETTINGS, strict=True)),
    )
    connection = duckdb.connect(config=dict(settings.itertuples(index=False)))
    connection.execute(f"ATTACH '{store}' AS store (READ_ONLY)")

    def answer(question: Question) -> pd.DataFrame:
        with connection.cursor() as cursor:
            return cursor.execute(question.duckdb).df()

    return answer


def clickhouse(folder: Path) -> Answering:
    """ClickHouse in the process."""
    from chdb.session import Session

    session = Session(str(folder))
    return lambda question: session.query(question.clickhouse, "DataFrame")


def with_pandas(parquet: Path) -> Answering:
    """Pandas from the Parquet file each time, reading only the columns and rows that it needs."""

    def read(columns: Sequence[str], conditions: Sequence[Condition]) -> pd.DataFrame:
        return pd.read_parquet(parquet, columns=list(columns), filters=list(conditions) or None)

    return lambda question: question.pandas(read)


def with_plain_pandas(parquet: Path) -> Answering:
    """Pandas as it is mostly written: the columns read whole, then filtered in memory."""

    def read(columns: Sequence[str], conditions: Sequence[Condition]) -> pd.DataFrame:
        filtering = [column for column, _, _ in conditions]
        frame = pd.read_parquet(parquet, columns=list(dict.fromkeys([*columns, *filtering])))
        for column, operator, value in conditions:
            frame = frame[_OPERATORS[operator](frame[column], value)]
        return frame[list(columns)]

    return lambda question: question.pandas(read)


def all_contenders(places: Places) -> dict[str, Answering]:
    """Every contender by name, the app first."""
    return {
        "lib.data": app(places.store),
        "DuckDB": handwritten(places.store),
        "ClickHouse": clickhouse(places.clickhouse),
        "pandas": with_pandas(places.parquet),
        "plain pandas": with_plain_pandas(places.parquet),
    }


def check_equal(question: Question, answers: dict[str, pd.DataFrame]) -> None:
    """Raise AssertionError unless all contenders give the same rows."""
    first, *others = answers
    expected = _comparable(answers[first], question.keys)
    if expected.empty:
        raise AssertionError(f"{question.name}: {first} answers nothing")
    for name in others:
        found = _comparable(answers[name], question.keys)
        if not expected.equals(found):
            raise AssertionError(f"{question.name}: {name} and {first} answer differently")


def _comparable(frame: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """The rows in one order and in the same types, without those that count nothing."""
    columns = {
        name: frame[name].astype("datetime64[s]" if name == "period" else "object").to_numpy()
        for name in keys
    }
    downloads = frame["downloads"].fillna(0).astype("int64").to_numpy()
    rows = pd.DataFrame({**columns, "downloads": downloads})
    return rows[rows["downloads"] > 0].sort_values(list(keys), ignore_index=True)
