"""The report on a set of packages: what it tells, in which order, and what it does not tell."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lib import data
from lib.analysis.movers import Movement
from lib.cubes import Cube, Grain
from lib.data import Downloads
from lib.dependency_report.report import Report, report
from lib.dependency_report.words import finding_of, sentence_of, table_of
from lib.dependency_report.written import as_html, as_json, as_markdown
from lib.questions.question import CannotTell
from lib.questions.rows import recent_moves
from lib.router import NotHeld
from lib.stores.duckdb import DuckDBStore, StoreWriter
from lib.theme import LIGHT
from tests.conftest import raw_row, write_cube

LAST = date(2026, 7, 26)

DAYS = 400

STEADY = tuple(f"steady-{number:02}" for number in range(30))

PLANTED = {
    "rises": (10_000, 15_000),
    "falls": (20_000, 12_000),
    "falls-more": (5_000, 1_500),
    "emerges": (0, 4_000),
    "quiet": (50_000, 300),
    "tiny": (20, 60),
}
"""Downloads a day until four weeks before the end, and since."""


def counts(seed: int = 1, last: date = LAST) -> pd.DataFrame:
    """Downloads of each day and package: those planted, and steady ones with the same noise."""
    random = np.random.default_rng(seed)
    days = [last - timedelta(days=back) for back in reversed(range(DAYS))]
    columns = {}
    levels = {**PLANTED, **{name: (1000 * (at + 1),) * 2 for at, name in enumerate(STEADY)}}
    for name, (before, after) in levels.items():
        level = np.where(np.arange(DAYS) < DAYS - 28, before, after)
        week = np.where(np.array([day.weekday() for day in days]) >= 5, 0.6, 1.0)
        columns[name] = np.round(level * week * np.exp(random.normal(0, 0.05, DAYS)))
    return pd.DataFrame(columns, index=days).astype("int64")


def stored(
    path: Path, table: pd.DataFrame, *, source: str = "bigquery", all_of_pypi: bool = False
) -> Downloads:
    rows = [
        raw_row(day, str(name), int(count))
        for name, column in table.items()
        for day, count in column.items()
        if count
    ]
    names = None if all_of_pypi else tuple(sorted([*map(str, table), "never"]))
    with StoreWriter(path) as writer:
        write_cube(
            writer, Cube(Grain.DAY, ("project",)), rows, first=table.index[0],
            last=table.index[-1], packages=names, source=source,
        )  # fmt: skip
    return Downloads(DuckDBStore(path))


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Downloads:
    return stored(tmp_path_factory.mktemp("report") / "pulse.duckdb", counts())


ASKED = (*STEADY[:3], *PLANTED, "never", "not-held", "in-house")


@pytest.fixture(scope="module")
def made(found: Downloads) -> Report:
    return report(found, "My <stack>", ASKED, LAST)


def test_what_each_package_did_is_told_and_what_needs_attention_comes_first(made: Report) -> None:
    told = list(zip(made.frame["package"], made.frame["movement"], strict=True))
    assert told == [
        ("quiet", Movement.QUIET),
        ("falls-more", Movement.FELL),
        ("falls", Movement.FELL),
        ("emerges", Movement.EMERGED),
        ("rises", Movement.ROSE),
        ("tiny", Movement.TOO_FEW),
        ("never", Movement.TOO_FEW),
        ("steady-02", Movement.STEADY),
        ("steady-01", Movement.STEADY),
        ("steady-00", Movement.STEADY),
    ]
    assert made.unheld == ("not-held", "in-house")


def test_the_numbers_are_those_of_the_days(made: Report) -> None:
    table = counts().assign(never=0)
    after, before = table.iloc[-28:], table.iloc[-56:-28]
    rows = made.frame.set_index("package")
    for name in made.frame["package"]:
        assert rows.loc[name, "after"] == pytest.approx(after[name].mean())
        assert rows.loc[name, "before"] == pytest.approx(before[name].mean())
        share = after[name].sum() / after.to_numpy().sum()
        assert rows.loc[name, "share_after"] == pytest.approx(share)
    rise = after["rises"].mean() / before["rises"].mean() - 1
    assert rows.loc["rises", "change"] == pytest.approx(rise, rel=1e-3)
    assert rows.loc["rises", "low"] < rise < rows.loc["rises", "high"]


def test_ranks_are_among_all_that_are_held(made: Report) -> None:
    sums = counts().iloc[-28:].sum().sort_values(ascending=False)
    places = {name: place for place, name in enumerate(sums.index, start=1)}
    rows = made.frame.set_index("package")["rank"]
    assert made.ranked == len(places)
    assert pd.isna(rows.pop("never"))
    assert rows.to_dict() == {name: places[name] for name in rows.index}


def test_what_a_package_did_does_not_depend_on_the_set(found: Downloads, made: Report) -> None:
    alone = report(found, "one", ("falls",), LAST).frame.iloc[0]
    together = made.frame.set_index("package").loc["falls"]
    for column in ("change", "low", "high", "adjusted", "rank"):
        assert alone[column] == together[column]


@pytest.mark.parametrize("seed", [2, 3])
def test_where_nothing_changed_nothing_is_told_to_have(empty_store: Path, seed: int) -> None:
    still = stored(empty_store, counts(seed)[list(STEADY)])
    made = report(still, "all", STEADY, LAST)
    assert set(made.frame["movement"]) == {Movement.STEADY}
    assert "none surely changed by a tenth or more" in sentence_of(made)


def test_a_million_downloads_on_one_day_are_no_sure_rise(empty_store: Path) -> None:
    table = counts()
    table.loc[LAST - timedelta(days=3), "steady-05"] += 1_000_000
    made = report(stored(empty_store, table), "stack", ("steady-05",), LAST)
    assert made.frame["change"].iloc[0] > 1
    assert made.frame["movement"].iloc[0] == Movement.STEADY


def test_across_a_break_shares_are_compared_and_that_is_said(empty_store: Path) -> None:
    table = counts(last=date(2026, 9, 5)).drop(columns=["quiet", "emerges"])
    made = report(stored(empty_store, table), "stack", ("rises", "steady-00"), date(2026, 9, 5))
    assert made.found.moves.by_share
    finding = finding_of(made)
    assert "by share of all downloads held" in finding.sentence
    assert any("Shares of all downloads held are compared" in each for each in finding.caveats)
    assert "Change of share" in table_of(made).columns
    assert json.loads(as_json(made))["change_of"] == "share of all downloads held"
    assert finding.breaks


def test_the_sentence_says_how_many_did_what_and_which_most(made: Report) -> None:
    text = sentence_of(made)
    assert text.startswith("Of the 10 packages of My <stack> held here, 1 went quiet (quiet, -99")
    assert "2 fell (most of all falls-more, -70" in text
    assert "95 % interval" in text
    assert text.endswith("in the 28 days to 26 Jul 2026, against the 28 days before.")
    assert "2 packages are not held: not-held and in-house." in finding_of(made).details


def test_every_package_is_in_every_document(made: Report) -> None:
    for written in (as_markdown(made, "http://x/y"), as_html(made, "http://x/y"), as_json(made)):
        assert all(name in written for name in ASKED)
    assert list(table_of(made)["Package"]) == [*made.frame["package"], *made.unheld]
    assert "http://x/y" in as_markdown(made, "http://x/y")


def test_no_document_takes_a_name_for_markup(found: Downloads) -> None:
    made = report(found, "<b>[x](y)|`z`", ("falls",), LAST)
    assert "<b>" not in as_html(made, not_read=["<i> (no requirement)"])
    assert "\\<b\\>\\[x\\](y)\\|\\`z\\`" in as_markdown(made)


def test_a_figure_is_drawn_of_no_more_packages_than_can_be_read(found: Downloads) -> None:
    made = report(found, "all", (*STEADY, *PLANTED), LAST)
    (figure,) = finding_of(made).figures
    assert figure.draw(LIGHT).data
    assert "without a sure change not drawn" in figure.note


def test_packages_of_which_none_is_held_are_told_by_name(found: Downloads) -> None:
    with pytest.raises(CannotTell, match="not-held, in-house"):
        report(found, "stack", ("not-held", "in-house"), LAST)


def test_one_day_is_too_little(empty_store: Path) -> None:
    with pytest.raises((CannotTell, NotHeld)):
        report(stored(empty_store, counts().tail(1)), "stack", ("falls",), LAST)


def test_months_are_compared_where_days_are_not_held(monthly_store: Path) -> None:
    made = report(Downloads(DuckDBStore(monthly_store)), "stack", ("plotly", "seaborn"), LAST)
    assert (made.found.after.first, made.found.before.first) == (
        date(2025, 12, 1), date(2025, 11, 1),
    )  # fmt: skip
    rows = made.frame.set_index("package")
    assert rows.loc["seaborn", "after"] == pytest.approx(2 * 24_000 / 31)


def test_what_is_held_otherwise_than_by_these_days_is_not_taken_for_none(mixed_store: Path) -> None:
    made = report(Downloads(DuckDBStore(mixed_store)), "stack", ("plotly", "bokeh"), LAST)
    rows = made.frame.set_index("package")
    assert rows.loc["bokeh", "movement"] == Movement.NOT_TOLD
    assert pd.isna(rows.loc["bokeh", "after"])
    assert as_markdown(made)


def test_of_all_of_pypi_a_package_beyond_the_list_is_judged_without_a_rank(
    empty_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data, "MOST_LISTED", 10)
    monkeypatch.setattr(recent_moves, "MOST_LOOKED_AT", 10)
    made = report(
        stored(empty_store, counts(), all_of_pypi=True), "stack", ("steady-29", "rises"), LAST
    )
    rows = made.frame.set_index("package")
    assert rows.loc["steady-29", "rank"] == 1
    assert rows.loc["rises", "movement"] == Movement.ROSE
    assert pd.isna(rows.loc["rises", "rank"])
    assert made.ranked == 10
