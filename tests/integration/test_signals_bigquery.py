"""Questions from BigQuery's frozen copy of Stack Overflow: what is counted, and its price."""

from __future__ import annotations

import io
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlglot
from google.cloud import bigquery
from google.cloud.bigquery import SchemaField
from sqlglot import exp

from lib.bigquery.bounds import require_bounds
from lib.budget import LedgerFile, budget_of, ledger_path
from lib.cubes import Grain
from lib.errors import BigQueryError, OverBudget, SignalError
from lib.settings import GIGABYTE, Settings
from lib.signals import Signal, SignalSeries, stack_exchange
from lib.signals.command import fetch
from lib.signals.frozen_copy import SOURCE, TABLE, questions_by_month, text
from lib.signals.kept import keep, keep_terms
from lib.signals.order import LiveSource, Order
from lib.stores.duckdb import DuckDBStore
from tests.integration.emulator import client_of, environment_of
from tests.integration.rest_stub import INVALID_QUERY, Answer, BigQueryStub

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)

TAGS = ("pandas", "duckdb")

TERMS = {
    ("pandas", Signal.STACK_OVERFLOW): TAGS[0],
    ("duckdb", Signal.STACK_OVERFLOW): TAGS[1],
}

LAST_QUESTION = datetime(2022, 9, 25, 5, 56, tzinfo=UTC)
"""Where the copy of these tests ends: within a month, as the real one does."""

Question = tuple[datetime, str | None]


def questions(count: int = 400) -> list[Question]:
    """Questions of some years, of which some have several tags, one like another, or none."""
    drawn = random.Random(7)
    pool = ["pandas", "duckdb", "python", "pandas-groupby", "c++", "o'neill", "PANDAS"]
    first = datetime(2021, 12, 31, 23, 59, 59, tzinfo=UTC)
    seconds = int((LAST_QUESTION - first).total_seconds())
    found: list[Question] = [
        (first, "pandas"),
        (datetime(2022, 1, 1, tzinfo=UTC), "pandas|duckdb"),
        (datetime(2022, 1, 31, 23, 59, 59, 999_999, tzinfo=UTC), "duckdb"),
        (datetime(2022, 2, 1, tzinfo=UTC), None),
        (LAST_QUESTION, "pandas"),
    ]
    # Every month of a copy goes on to its last day.
    ends = pd.date_range("2022-01-31", "2022-08-31", freq="ME", tz="UTC")
    found += [(end.to_pydatetime() + timedelta(hours=22), "python") for end in ends]
    for _ in range(count):
        at = first + timedelta(seconds=drawn.randrange(seconds))
        found.append((at, "|".join(drawn.sample(pool, drawn.randint(1, 4)))))
    return found


def counted(found: list[Question], first: date, last: date) -> dict[str, dict[date, int]]:
    """The questions of each tag in each whole month, by another way."""
    whole = pd.period_range(first, min(last, date(2022, 8, 31)), freq="M")
    counts = Counter(
        (tag, f"{at:%Y-%m}") for at, tags in found for tag in set((tags or "").split("|"))
    )
    return {
        tag: {month.start_time.date(): counts[tag, str(month)] for month in whole} for tag in TAGS
    }


def test_the_statement_may_be_sent_and_reads_two_columns_alone() -> None:
    assert require_bounds(text()) == 1
    tree = sqlglot.parse_one(text(), dialect="bigquery")
    tables = {".".join(part.name for part in one.parts) for one in tree.find_all(exp.Table)}
    assert tables == {TABLE}
    columns = {column.name for column in tree.find_all(exp.Column)}
    assert columns - {"named", "tag"} == {"creation_date", "tags"}
    assert "body" not in text()
    assert not any(query.is_star for query in tree.find_all(exp.Select))


@pytest.mark.parametrize(
    "table",
    [
        "bigquery-public-data.stackoverflow.posts_answers",
        "bigquery-public-data.stackoverflow.post_history",
        "my-project.stackoverflow.posts_questions",
        "posts_questions",
        "bigquery-public-data.stackoverflow.posts_*",
    ],
)
def test_no_other_table_of_stack_overflow_may_be_asked(table: str) -> None:
    with pytest.raises(BigQueryError, match="no table that may be asked"):
        require_bounds(f"SELECT tags FROM `{table}`")


def test_a_statement_binds_whole_months_and_what_it_names() -> None:
    statement = questions_by_month(["b", "a"], date(2022, 3, 17), date(2022, 5, 2))
    values = {"tags": ("a", "b"), "first": date(2022, 3, 1), "after": date(2022, 6, 1)}
    assert statement.values == values
    tree = sqlglot.parse_one(statement.sql, dialect="bigquery")
    assert {node.name for node in tree.find_all(exp.Parameter)} == set(values)
    with pytest.raises(ValueError, match="at least one tag"):
        questions_by_month([], date(2022, 3, 17), date(2022, 5, 2))


def test_the_first_line_says_what_is_answered_and_what_it_costs() -> None:
    first, *rest = text().splitlines()
    assert first.startswith("-- ")
    assert "Costs" in first
    assert not any(line.startswith("--") for line in rest)


# In Google's own engine

SCHEMA = (
    SchemaField("id", "INTEGER"),
    SchemaField("body", "STRING"),
    SchemaField("creation_date", "TIMESTAMP"),
    SchemaField("tags", "STRING"),
)

KINDS = {"tags": "ARRAY<STRING>", "first": "DATE", "after": "DATE"}


def raw_table(found: list[Question]) -> pa.Table:
    """Questions as the public table has them; their text is what nobody may pay for."""
    return pa.table(
        {
            "id": pa.array(range(len(found)), pa.int64()),
            "body": pa.array(["<p>long</p>"] * len(found)),
            "creation_date": pa.array([at for at, _ in found], pa.timestamp("us", tz="UTC")),
            "tags": pa.array([tags for _, tags in found], pa.string()),
        }
    )


def test_googles_analyzer_takes_the_statement() -> None:
    googlesql = pytest.importorskip("tests.integration.googlesql")
    found = googlesql.analyze(text(), KINDS, [googlesql.Table(TABLE, SCHEMA)])
    assert list(found.items()) == [
        ("period", "DATE"), ("tag", "STRING"), ("questions", "INT64"), ("newest", "TIMESTAMP"),
    ]  # fmt: skip


def test_googles_reference_engine_counts_as_python_does() -> None:
    googlesql = pytest.importorskip("tests.integration.googlesql")
    statement = questions_by_month(TAGS, date(2022, 1, 1), date(2022, 9, 30))
    parameters = {name: (KINDS[name], value) for name, value in statement.values.items()}
    sql = f"SELECT * REPLACE (UNIX_SECONDS(newest) AS newest) FROM (\n{statement.sql}\n)"
    table = googlesql.Table(TABLE, SCHEMA)
    found = questions(150)
    answered = googlesql.execute(sql, parameters, table, raw_table(found))
    expected: Counter[tuple[str, str]] = Counter()
    newest: dict[tuple[str, str], int] = {}
    for at, tags in found:
        if f"{at:%Y}" != "2022":
            continue
        named = {tag for tag in (tags or "").split("|") if tag in TAGS} or {""}
        for tag in named:
            key = (f"{at:%Y-%m}", tag)
            expected[key] += 1
            newest[key] = max(newest.get(key, 0), int(at.timestamp()))
    got = {(str(period)[:7], tag): (count, at) for period, tag, count, at in answered}
    assert got == {key: (expected[key], newest[key]) for key in expected}
    assert len(got) > 20


# Through the whole way


@pytest.fixture
def settings(empty_store: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    keep_terms(empty_store, TERMS)
    monkeypatch.setattr("lib.bigquery.connection._credentials", lambda _settings: None)
    return Settings(store=empty_store, frozen_now=NOW, bigquery_project="my-project-123")


def order(first: date = date(2022, 1, 1), last: date = date(2022, 10, 31)) -> Order:
    return Order(LiveSource.FROZEN_STACK_OVERFLOW, ("pandas", "duckdb"), "me", first, last)


def run(settings: Settings, wanted: Order) -> list[str]:
    """Fetch, and what is said."""
    said: list[str] = []
    fetch(settings, wanted, lambda fraction, text: None, said.append)
    return said


def held(settings: Settings) -> dict[str, dict[date, int]]:
    found = DuckDBStore(settings.store).signals()
    return {
        one.term: dict(
            zip(one.frame["period"].dt.date, one.frame["value"].astype(int), strict=True)
        )
        for one in found
    }


def billed(settings: Settings) -> list[int | None]:
    return [entry.billed for entry in budget_of(settings).entries()]


@pytest.fixture
def stub(
    bigquery_stub: BigQueryStub, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> Iterator[BigQueryStub]:
    for name, value in environment_of(bigquery_stub.url, "my-project-123").items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("lib.bigquery.connection._credentials", client_credentials)
    bigquery_stub.estimate = lambda sql, values: 800_000_000
    bigquery_stub.answer = lambda sql, values: answer_of(questions())
    yield bigquery_stub


def client_credentials(_settings: Settings) -> object:
    from tests.integration.emulator import StandInCredentials

    return StandInCredentials()


def answer_of(found: list[Question]) -> Answer:
    """What the statement gives of these questions, counted by pandas."""
    rows = [
        (at.date().replace(day=1), tag, at)
        for at, tags in found
        if at.year == 2022
        for tag in ({tag for tag in (tags or "").split("|") if tag in TAGS} or {""})
    ]
    frame = pd.DataFrame(rows, columns=["period", "tag", "at"])
    sums = frame.groupby(["period", "tag"])["at"].agg(["count", "max"]).reset_index()
    schema = (
        SchemaField("period", "DATE"), SchemaField("tag", "STRING"),
        SchemaField("questions", "INTEGER"), SchemaField("newest", "TIMESTAMP"),
    )  # fmt: skip
    cells = [
        (row.period, row.tag, int(row.count_), row.max_.to_pydatetime())
        for row in sums.rename(columns={"count": "count_", "max": "max_"}).itertuples()
    ]
    return Answer(schema, cells)


def test_whole_months_are_kept_with_zeros_and_the_cut_one_is_left_out(
    stub: BigQueryStub, settings: Settings
) -> None:
    run(settings, order())
    assert held(settings) == counted(questions(), date(2022, 1, 1), date(2022, 10, 31))
    series = DuckDBStore(settings.store).signals()[0]
    assert (series.signal, series.grain, series.source) == (
        Signal.STACK_OVERFLOW,
        Grain.MONTH,
        SOURCE,
    )
    assert "frozen 2022-11-25" in series.source


def test_a_tag_without_questions_has_zeros_in_whole_months(
    stub: BigQueryStub, settings: Settings
) -> None:
    others = [one for one in questions() if "duckdb" not in (one[1] or "")]
    stub.answer = lambda sql, values: answer_of(others)
    said = run(settings, order())
    assert held(settings) == counted(others, date(2022, 1, 1), date(2022, 10, 31))
    assert set(held(settings)["duckdb"].values()) == {0}
    assert "Stack Overflow: duckdb has nothing but zeros" in said[-1]


def test_its_price_is_said_before_and_what_was_billed_after(
    stub: BigQueryStub, settings: Settings
) -> None:
    said = run(settings, replace(order(), dry_run=True))
    assert "reads 0.8 GB (under $0.01); 900 GB of this month's budget are left" in said[-1]
    assert not stub.jobs
    assert billed(settings) == []
    said = run(settings, order())
    assert said[-1] == "0.8 GB billed, 899 GB of the month left."
    assert billed(settings) == [800_063_488]
    (job,) = stub.jobs.values()
    assert job.maximum_bytes_billed is not None
    assert job.maximum_bytes_billed < 850_000_000
    assert job.values["tags"] == ["duckdb", "pandas"]
    assert job.labels["statement"] == "stack_overflow_months"
    assert LedgerFile(ledger_path(settings.store, "my-project-123")).path.exists()


def test_over_the_budget_nothing_is_sent_and_nothing_kept(
    stub: BigQueryStub, settings: Settings
) -> None:
    for short in (replace(settings, monthly_bytes=GIGABYTE // 2), replace(settings, query_bytes=1)):
        with pytest.raises(OverBudget):
            run(short, order())
    assert not stub.jobs
    assert held(settings) == {}


def test_what_is_held_is_not_paid_for_again(stub: BigQueryStub, settings: Settings) -> None:
    until = date(2022, 8, 31)
    run(settings, order(last=until))
    assert run(settings, order(last=until)) == ["Nothing is lacking: no query is needed."]
    assert len(stub.jobs) == 1


def test_months_of_the_api_stay_as_it_told_them(stub: BigQueryStub, settings: Settings) -> None:
    frame = pd.DataFrame({"period": [date(2022, 8, 1)], "value": [5_000.0], "flagged": [False]})
    at = datetime(2026, 11, 1)
    told = SignalSeries(
        Signal.STACK_OVERFLOW, "pandas", Grain.MONTH, "questions", stack_exchange.SOURCE, at, frame
    )
    keep(settings.store, [told])
    run(settings, order())
    expected = counted(questions(), date(2022, 1, 1), date(2022, 10, 31))
    expected["pandas"][date(2022, 8, 1)] = 5_000
    assert held(settings) == expected
    sources = {one.term: one.source for one in DuckDBStore(settings.store).signals()}
    assert sources == {"pandas": f"{stack_exchange.SOURCE}; {SOURCE}", "duckdb": SOURCE}


@pytest.mark.parametrize(
    ("first", "last"), [(date(2023, 1, 1), date(2024, 1, 1)), (date(2005, 1, 1), date(2008, 7, 1))]
)
def test_days_that_the_copy_cannot_have_are_not_asked_for(
    stub: BigQueryStub, settings: Settings, first: date, last: date
) -> None:
    with pytest.raises(SignalError, match="has months from 2008-08 to 2022-10 only"):
        run(settings, order(first, last))
    assert not stub.requests


def test_no_month_after_the_last_that_can_be_whole_is_asked_for(
    stub: BigQueryStub, settings: Settings
) -> None:
    run(settings, order(last=date(2026, 11, 1)))
    (job,) = stub.jobs.values()
    assert job.values["after"] == "2022-11-01"


def test_a_copy_without_any_whole_month_is_told(stub: BigQueryStub, settings: Settings) -> None:
    stub.answer = lambda sql, values: Answer(answer_of(questions()).schema, ())
    with pytest.raises(SignalError, match="has no whole month"):
        run(settings, order())
    assert held(settings) == {}


def test_a_failure_of_bigquery_is_told_in_words(stub: BigQueryStub, settings: Settings) -> None:
    stub.job_failure = lambda sql, values: INVALID_QUERY
    with pytest.raises(BigQueryError):
        run(settings, order())
    assert held(settings) == {}


def test_without_a_project_nothing_is_asked(settings: Settings) -> None:
    with pytest.raises(BigQueryError, match="PULSE_BIGQUERY_PROJECT"):
        run(replace(settings, bigquery_project=""), order())


def test_an_emulator_runs_it_to_the_end(
    bigquery_emulator: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(bigquery_emulator, raw_table(questions()))
    for name, value in environment_of(bigquery_emulator, "my-project-123").items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("lib.bigquery.connection._credentials", client_credentials)
    run(settings, order())
    assert held(settings) == counted(questions(), date(2022, 1, 1), date(2022, 10, 31))


def load(url: str, table: pa.Table) -> None:
    """Put questions into the public table of the emulator, which has none so far."""
    project, dataset, _ = TABLE.split(".")
    client = client_of(url, project)
    client.create_dataset(dataset, exists_ok=True)
    client.create_table(bigquery.Table(TABLE, schema=SCHEMA))
    content = io.BytesIO()
    pq.write_table(table, content)
    configuration = bigquery.LoadJobConfig(source_format=bigquery.SourceFormat.PARQUET)
    client.load_table_from_file(content, TABLE, rewind=True, job_config=configuration).result()
    client.close()
