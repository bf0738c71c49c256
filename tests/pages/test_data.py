"""The Data page: what is held, what it cost, what is left, and how to get more."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from streamlit.testing.v1 import AppTest

from lib.budget import Entry, LedgerFile, ledger_path
from lib.cubes import ALL_DIMENSIONS, Coverage, Cube, Grain
from lib.holdings.spending import ledger_table
from lib.settings import GIGABYTE
from lib.sources.clickhouse import CUBES
from lib.stores.duckdb import StoreWriter
from lib.sync.allowance import Allowance
from tests.conftest import WRITTEN_AT, YESTERDAY
from tests.logins import ADMIN
from tests.pages.conftest import OpenPage

FULL = Cube(Grain.DAY, ALL_DIMENSIONS)
HOSTILE = ("<script>alert(1)</script>", "[x](javascript:alert(1))", "**bold** $1$ :smile:")
TERABYTE = 1000 * GIGABYTE

PROJECT = "mine-project"
"""Pays for what the tests write into its ledger."""


def texts(app: AppTest) -> str:
    """Everything that the page says in words."""
    kinds = (app.caption, app.info, app.warning, app.success, app.markdown, app.subheader)
    return "\n".join(element.value for kind in kinds for element in kind)


def commands(app: AppTest) -> str:
    return "\n".join(element.value for element in app.code)


def metric(app: AppTest, label: str) -> str:
    return next(str(one.value) for one in app.metric if one.label == label)


def meter(app: AppTest) -> str:
    return str(app.get("progress")[0].proto.text)


def table(app: AppTest, column: str) -> pd.DataFrame:
    """The table on the page that has a column of this name."""
    return next(one.value for one in app.dataframe if column in one.value.columns)


def write_store(path: Path, rows: list[Coverage]) -> Path:
    """A store with this coverage, and a row of downloads in each cube."""
    with StoreWriter(path) as writer:
        for cube in {row.cube for row in rows}:
            values = {name: ["unknown"] for name in cube.dimensions}
            period = pa.array([YESTERDAY], pa.date32())
            writer.insert(cube, pa.table({"period": period, **values, "downloads": [7]}))
        for row in rows:
            writer.add_coverage(row)
    return path


def bigquery_rows(packages: tuple[str, ...], last: date = YESTERDAY) -> list[Coverage]:
    """A hundred days to `last`, the last seven of them provisional."""
    final = last - timedelta(days=7)
    rows = [
        Coverage(FULL, last - timedelta(days=99), final, packages, "bigquery", WRITTEN_AT,
                 12 * GIGABYTE)
    ]  # fmt: skip
    for number in range(1, 8):
        day = final + timedelta(days=number)
        rows.append(Coverage(FULL, day, day, packages, "bigquery", WRITTEN_AT, GIGABYTE, "5 rows"))
    return rows


def entry(job: str, **values: object) -> Entry:
    usual = Entry(
        job, "watch_list_day", "maria", "mine-project", datetime(2026, 11, 3, 6, tzinfo=UTC),
        393 * GIGABYTE, True, 394 * GIGABYTE, "a1b2c3d4e5f6" * 5, 2 * GIGABYTE,
    )  # fmt: skip
    return replace(usual, job=job, **values)  # type: ignore[arg-type]


@pytest.fixture
def open_page(open_page_as: Callable[[str], OpenPage]) -> OpenPage:
    """Opens pages for an admin: what can cost money is behind a login."""
    return open_page_as(ADMIN)


@pytest.fixture
def paid_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store filled from BigQuery, with a project that pays; no credentials are found."""
    monkeypatch.setenv("PULSE_BIGQUERY_PROJECT", PROJECT)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "none.json"))
    monkeypatch.delenv("BIGQUERY_EMULATOR_HOST", raising=False)
    return write_store(tmp_path / "paid.duckdb", bigquery_rows(("numpy", "pandas")))


def test_the_sample_says_what_it_holds_and_how_fresh_it_is(
    open_page: OpenPage, sample_store: Path
) -> None:
    app = open_page("data.py", sample_store)
    assert not app.exception
    assert metric(app, "Days held") == "500"
    assert metric(app, "Packages") == "24"
    assert metric(app, "Newest day") == "21 Nov"
    assert metric(app, "Billed") == "nothing"
    assert len(app.get("plotly_chart")) == 1
    assert len(table(app, "Split by")) > 10
    assert not app.get("progress")
    assert "grows by a day each day by itself" in texts(app)
    assert not app.text_input


def test_commands_to_connect_name_the_last_week(open_page: OpenPage, sample_store: Path) -> None:
    app = open_page("data.py", sample_store)
    shown = commands(app)
    assert [tab.label for tab in app.tabs] == [
        "BigQuery", "ClickHouse", "Store in BigQuery", "Files",
    ]  # fmt: skip
    assert "--packages numpy,pandas --from 2026-11-15 --to 2026-11-21 --dry-run" in shown
    assert "sync --source clickhouse --packages numpy,pandas --from 2026-11-15" in shown
    assert "export PULSE_STORE=bigquery://my-project.pulse" in shown
    assert "import downloads.csv" in shown
    assert "about 0\\.36 GB \\(\\$0\\.002\\)" in texts(app)
    assert "393 GB" in texts(app)
    assert "122 GB" in texts(app)


@pytest.mark.parametrize("store", ["monthly_store", "mixed_store"])
def test_files_are_extended_by_more_files(
    open_page: OpenPage, store: str, request: pytest.FixtureRequest
) -> None:
    app = open_page("data.py", request.getfixturevalue(store))
    assert not app.exception
    assert metric(app, "Provisional days") == "none"
    assert "holds imported files" in texts(app)
    assert app.get("plotly_chart")


def test_what_was_paid_and_what_is_provisional(open_page: OpenPage, paid_store: Path) -> None:
    app = open_page("data.py", paid_store)
    assert not app.exception
    assert not app.error
    assert metric(app, "Billed") == "19 GB"
    assert metric(app, "Provisional days") == "7"
    held = table(app, "Split by")
    assert len(held) == 1
    assert held["Billed (GB)"].tolist() == [19.0]
    assert "CC BY 4.0" in texts(app)


def test_a_month_without_queries_says_so(open_page: OpenPage, paid_store: Path) -> None:
    app = open_page("data.py", paid_store)
    assert meter(app).startswith("0 GB of 900 GB, 900 GB left")
    assert "Nothing was asked of BigQuery this month" in texts(app)


def test_the_ledger_counts_the_unfinished_at_their_cap(
    open_page: OpenPage, paid_store: Path
) -> None:
    ledger = LedgerFile(ledger_path(paid_store, PROJECT))
    ledger.add(entry("last-month", started_at=datetime(2026, 10, 31, tzinfo=UTC)), most=TERABYTE)
    ledger.add(entry("done"), most=TERABYTE)
    ledger.add(
        entry("running", billed=None, who=HOSTILE[0],
              started_at=datetime(2026, 11, 4, tzinfo=UTC)), most=TERABYTE
    )  # fmt: skip
    app = open_page("data.py", paid_store)
    assert meter(app).startswith("396 GB of 900 GB, 504 GB left")
    assert "the first 1 TiB of a month is free" in meter(app)
    shown = table(app, "SQL hash")
    assert shown["Job"].tolist() == ["running", "done"]
    assert shown["Who"].tolist() == [HOSTILE[0], "maria"]
    assert shown["Estimate"].tolist() == ["393 GB, upper bound"] * 2
    assert shown["Billed"].tolist() == ["unfinished", "2 GB"]
    assert shown["SQL hash"].tolist() == ["a1b2c3d4e5f6"] * 2
    assert "each counts at its cap, 394 GB" in texts(app)
    assert len(app.get("download_button")) == 1


def test_the_ledger_goes_out_with_every_byte() -> None:
    entries = (entry("one"), entry("two", billed=None))
    text = ledger_table(entries).to_csv(index=False)
    rows = pd.read_csv(io.StringIO(text))
    assert rows["counted_bytes"].tolist() == [2 * GIGABYTE, 394 * GIGABYTE]
    assert rows["billed_bytes"].isna().tolist() == [False, True]
    assert rows["sql_hash"].tolist() == ["a1b2c3d4e5f6" * 5] * 2
    assert ledger_table(()).empty


def test_a_damaged_ledger_is_said_and_not_thrown(open_page: OpenPage, paid_store: Path) -> None:
    ledger_path(paid_store, PROJECT).write_bytes(b"no database at all" * 100)
    app = open_page("data.py", paid_store)
    assert not app.exception
    assert "cannot be used" in texts(app)
    assert app.subheader[-1].value == "Breaks in the record"


def test_nothing_is_spent_or_broken_without_a_budget(
    open_page: OpenPage, paid_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULSE_MONTHLY_GB", "0")
    app = open_page("data.py", paid_store)
    assert not app.exception
    assert "0 GB of 0 GB, 0 GB left" in meter(app)


def test_what_is_held_is_not_offered_again(open_page: OpenPage, paid_store: Path) -> None:
    app = open_page("data.py", paid_store)
    assert app.text_input[0].value == "numpy, pandas"
    assert app.date_input[0].value == (YESTERDAY, YESTERDAY)
    assert "Everything asked for is held" in app.success[0].value


def test_a_package_that_is_not_held_is_offered(open_page: OpenPage, paid_store: Path) -> None:
    app = open_page("data.py", paid_store)
    app.text_input[0].set_value("NumPy, polars").run()
    assert not app.exception
    assert not app.success
    assert "**polars**" in texts(app)
    assert "credentials" in texts(app)


def test_days_after_the_newest_are_proposed(
    open_page: OpenPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULSE_BIGQUERY_PROJECT", PROJECT)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "none.json"))
    rows = bigquery_rows(("numpy",), last=date(2026, 11, 18))
    app = open_page("data.py", write_store(tmp_path / "old.duckdb", rows))
    assert not app.exception
    assert app.date_input[0].value == (date(2026, 11, 19), YESTERDAY)
    assert not app.success


@pytest.mark.parametrize("typed", ["", " , ", *HOSTILE])
def test_what_is_no_package_is_said(open_page: OpenPage, paid_store: Path, typed: str) -> None:
    app = open_page("data.py", paid_store)
    app.text_input[0].set_value(typed).run()
    assert not app.exception
    told = texts(app)
    assert ("is not a package name" if typed.strip(" ,") else "Name a package") in told
    assert "](javascript" not in texts(app)


def test_without_a_project_it_says_what_is_missing(open_page: OpenPage, tmp_path: Path) -> None:
    app = open_page("data.py", write_store(tmp_path / "paid.duckdb", bigquery_rows(("numpy",))))
    assert not app.exception
    assert "no project is set" in texts(app)
    assert not app.get("progress")


def test_hostile_names_are_shown_as_text(
    open_page: OpenPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULSE_BIGQUERY_PROJECT", PROJECT)
    store = write_store(tmp_path / "hostile.duckdb", bigquery_rows(HOSTILE))
    LedgerFile(ledger_path(store, PROJECT)).add(
        entry(HOSTILE[1], project=HOSTILE[0], statement=HOSTILE[2]), most=TERABYTE
    )
    app = open_page("data.py", store)
    assert not app.exception
    assert HOSTILE[0] not in texts(app)
    assert "](javascript" not in texts(app)
    assert table(app, "SQL hash")["Statement"].tolist() == [HOSTILE[2]]
    assert HOSTILE[0] in table(app, "Split by")["Packages"][0]


def test_a_hostile_project_is_refused_in_words(
    open_page: OpenPage, paid_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULSE_BIGQUERY_PROJECT", "x; rm -rf /")
    app = open_page("data.py", paid_store)
    assert not app.exception
    assert "PULSE_BIGQUERY_PROJECT" in app.error[0].value


def test_a_store_of_all_of_pypi_offers_named_packages_too(
    open_page: OpenPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULSE_BIGQUERY_PROJECT", PROJECT)
    cube = Cube(Grain.DAY, ("project", "country"))
    row = Coverage(cube, YESTERDAY, YESTERDAY, None, "bigquery", WRITTEN_AT, 122 * GIGABYTE)
    app = open_page("data.py", write_store(tmp_path / "all.duckdb", [row]))
    assert not app.exception
    assert metric(app, "Packages") == "all"
    assert "without \\-\\-packages" in texts(app)
    assert app.text_input[0].value == ""


def test_a_store_of_clickhouse_counts_the_queries_of_the_hour(
    open_page: OpenPage, tmp_path: Path
) -> None:
    rows = [
        Coverage(cube, date(2026, 11, 1), YESTERDAY, ("numpy",), "clickhouse", WRITTEN_AT)
        for cube in CUBES
    ]
    store = write_store(tmp_path / "clicks.duckdb", rows)
    now = datetime(2026, 11, 22, 11, 30, tzinfo=UTC)
    asked = Allowance(store.with_name(store.name + ".queries"), 300, lambda: now)
    for _ in range(42):
        asked.take()
    app = open_page("data.py", store)
    assert not app.exception
    assert meter(app) == "42 of 300 queries sent in the last hour, 258 left"
    assert metric(app, "Billed") == "nothing"
    assert "ClickPy" in texts(app)
    assert "Everything asked for is held" in app.success[0].value
    app.text_input[0].set_value("numpy, polars").run()
    assert "free, 258 of 300 queries left" in texts(app)
