"""The comparison: every measure of several packages, against plain sums over the store's tables."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest

from lib.comparison.cell import Cell
from lib.comparison.measures import MEASURES, Measure
from lib.comparison.side_by_side import numbers, profile, table
from lib.cubes import Cube, Grain
from lib.data import Downloads
from lib.packages import rivals
from lib.questions.question import Asked, Asking
from lib.router import Period
from lib.selection import Selection
from lib.stores.duckdb import DuckDBStore, StoreWriter
from tests.conftest import YESTERDAY, raw_row, write_cube

DAYS = Period(date(2026, 9, 1), date(2026, 11, 21))


def asking(path: Path, name: str, period: Period = DAYS) -> Asking:
    found = Downloads(DuckDBStore(path))
    return Asking(found, Asked(Selection((name,), period)), YESTERDAY)


def counted(path: Path, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(path), read_only=True) as store:
        return store.execute(sql).fetchall()


@pytest.mark.parametrize(
    ("row", "dimension"),
    [("System", "system"), ("CPU", "cpu"), ("Installer", "installer"), ("Country", "country")],
    ids=["system", "cpu", "installer", "country"],
)
def test_the_greatest_value_has_the_share_that_plain_sums_give(
    sample_store: Path, row: str, dimension: str
) -> None:
    cells = profile(asking(sample_store, "numpy"))
    rows = counted(
        sample_store,
        f"SELECT {dimension}, SUM(downloads) FROM cube_day_project_{dimension} "
        f"WHERE project = 'numpy' AND period BETWEEN '{DAYS.first}' AND '{DAYS.last}' "
        "GROUP BY 1 ORDER BY 2 DESC",
    )
    whole = sum(int(str(total)) for _, total in rows)
    first = next(int(str(total)) for value, total in rows if value != "unknown")
    assert cells[row].value == pytest.approx(first / whole)
    assert cells[row].period == DAYS


def test_the_rank_is_that_of_sums_over_the_last_whole_month(sample_store: Path) -> None:
    cell = profile(asking(sample_store, "pandas"))["Rank, last whole month"]
    rows = counted(
        sample_store,
        "SELECT project FROM cube_day_project WHERE period BETWEEN '2026-10-01' AND '2026-10-31' "
        "GROUP BY project ORDER BY SUM(downloads) DESC",
    )
    assert cell.value == [name for (name,) in rows].index("pandas") + 1
    assert cell.text.endswith(f"of {len(rows)}")


def test_every_measure_of_the_sample_is_told_or_says_why_not(sample_store: Path) -> None:
    cells = profile(asking(sample_store, "pandas"))
    assert {row for measure in MEASURES for row in measure.rows} <= set(cells)
    for row, cell in cells.items():
        assert bool(cell.why_not) == (cell.text == "–"), row
        assert cell.why_not or cell.period, row


def test_an_interval_holds_its_number(sample_store: Path) -> None:
    told = numbers({"numpy": profile(asking(sample_store, "numpy"))}).dropna(subset=["low"])
    assert len(told) >= 3
    assert (told["low"] <= told["value"]).all()
    assert (told["value"] <= told["high"]).all()


def test_a_store_of_months_says_what_it_cannot_tell(monthly_store: Path) -> None:
    period = Period(date(2025, 1, 1), date(2025, 12, 31))
    cells = profile(asking(monthly_store, "seaborn", period))
    assert cells["Last month"].value == 48_000
    assert "not held" in cells["System"].why_not
    assert cells["Weekend over midweek"].why_not


def test_one_day_of_downloads_has_no_change_and_no_growth(tmp_path: Path) -> None:
    path, day = tmp_path / "day.duckdb", date(2026, 11, 21)
    with StoreWriter(path) as writer:
        rows = [raw_row(day, "numpy", 1_000_000, country="DE")]
        for dimensions in (("project",), ("project", "country")):
            cube = Cube(Grain.DAY, dimensions)
            write_cube(writer, cube, rows, first=day, last=day, packages=("numpy",))
    cells = profile(asking(path, "numpy", Period(day, day)))
    assert cells["Last day"].value == 1_000_000
    assert cells["Country"].text.startswith("Germany: 100")
    for row in ("Change, last whole month", "Growth a year", "Weekend over midweek"):
        assert cells[row].why_not, row


def test_a_package_without_downloads_is_compared_all_the_same(mixed_store: Path) -> None:
    january = Period(date(2026, 1, 1), date(2026, 1, 31))
    cells = profile(asking(mixed_store, "vispy", january))
    assert cells["Country"].why_not == "No downloads with a known value in these days."


def test_packages_held_otherwise_have_empty_cells_and_not_each_others() -> None:
    one, other = {"Last day": Cell("1")}, {"Last month": Cell("2")}
    shown = table({"one": one, "other": other})
    assert shown.to_dict("list") == {
        "measure": ["Last day", "Last month"],
        "one": ["1", ""],
        "other": ["", "2"],
    }


def test_a_failure_that_is_no_refusal_is_not_hidden(sample_store: Path) -> None:
    def broken(_asking: Asking) -> dict[str, Cell]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Measure(("Broken",), broken).cells(asking(sample_store, "numpy"))


def test_rivals_are_of_the_same_groups_most_downloaded_first() -> None:
    held = ("numpy", "seaborn", "torch", "plotly", "bokeh")
    assert rivals(("plotly",), held) == ("seaborn", "bokeh")
    assert rivals(("plotly", "seaborn", "bokeh"), held) == ()
    assert rivals((), held) == ()
    assert rivals(("numpy",), ("numpy", "torch")) == ()
