"""Any selection, answered by the cubes, equals sums over the raw rows."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from lib.aggregate import AggregateQuery, Filter, compile_query
from lib.cubes import ALL_DIMENSIONS, Cube, Grain
from lib.data import Downloads
from lib.router import Period
from lib.selection import Selection
from lib.stores.duckdb import DuckDBStore, StoreWriter
from tests.store_properties import (
    FIRST,
    LAST,
    answer_is_the_sum_of_the_raw_rows,
    grains,
    packages,
    periods,
    ranks_are_those_of_the_raw_rows,
    selections,
    shown_sql_gives_the_same_answer,
    splits,
    texts,
    top_and_rest_make_the_whole,
    tops,
    write_cubes,
)


@pytest.fixture(scope="module")
def downloads(tmp_path_factory: pytest.TempPathFactory) -> Downloads:
    path: Path = tmp_path_factory.mktemp("store") / "pulse.duckdb"
    with StoreWriter(path) as writer:
        write_cubes(writer)
    return Downloads(DuckDBStore(path))


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(selection=selections, period=periods, grain=grains, by=splits)
def test_every_answer_is_the_sum_of_the_raw_rows(
    downloads: Downloads,
    selection: Selection,
    period: Period,
    grain: Grain | None,
    by: tuple[str, ...],
) -> None:
    answer_is_the_sum_of_the_raw_rows(downloads, selection, period, grain, by)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(selection=selections, period=periods, top=tops)
def test_the_top_and_the_rest_make_the_whole_and_unknown_stands_alone(
    downloads: Downloads, selection: Selection, period: Period, top: int
) -> None:
    top_and_rest_make_the_whole(downloads, selection, period, top)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(selection=selections, period=periods, grain=grains, ranked=packages)
def test_a_rank_is_one_more_than_the_packages_with_more(
    downloads: Downloads, selection: Selection, period: Period, grain: Grain | None, ranked: str
) -> None:
    ranks_are_those_of_the_raw_rows(downloads, selection, period, grain, ranked)


@given(texts)
@settings(max_examples=60, deadline=None)
def test_no_value_reaches_the_sql_that_runs(text: str) -> None:
    query = AggregateQuery(FIRST, LAST, where=(Filter("system", (text,)),))
    statement = compile_query(query, Cube(Grain.DAY, ALL_DIMENSIONS))
    plain = compile_query(
        AggregateQuery(FIRST, LAST, where=(Filter("system", ("x",)),)),
        Cube(Grain.DAY, ALL_DIMENSIONS),
    )
    assert statement.sql == plain.sql
    assert text in statement.values.values()


@given(texts)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_sql_that_is_shown_gives_the_same_answer(downloads: Downloads, text: str) -> None:
    shown_sql_gives_the_same_answer(downloads, text, downloads._store.query)
