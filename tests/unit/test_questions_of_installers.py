"""What is told of CI, mirrors, installers and Python versions, on stores with a known truth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from lib.cubes import Cube, Grain
from lib.data import Downloads
from lib.formats import NARROW_SPACE
from lib.questions.address import first_asked_now
from lib.questions.finding import Finding
from lib.questions.question import Asking, CannotTell
from lib.questions.registry import questions
from lib.router import NotHeld, Period
from lib.stores.duckdb import DuckDBStore, StoreWriter
from tests.conftest import YESTERDAY, raw_row, write_cube

UV_NAMED = date(2024, 4, 22)

CI_RECORDED = date(2024, 2, 23)


def ask(
    path: Path,
    key: str,
    *,
    packages: tuple[str, ...] | None = None,
    period: Period | None = None,
    **options: str,
) -> Finding:
    """The answer to a question, with its defaults but for what is given."""
    question, found = questions()[key], Downloads(DuckDBStore(path))
    asked = first_asked_now(question, found)
    selection = asked.selection
    selection = replace(selection, packages=selection.packages if packages is None else packages)
    selection = replace(selection, period=period or selection.period)
    chosen = tuple((name, options.get(name, value)) for name, value in asked.options)
    return question.answer(
        Asking(found, replace(asked, selection=selection, options=chosen), YESTERDAY)
    )


def write(
    path: Path, dimension: str, first: date, last: date, rows: list[Mapping[str, object]]
) -> Path:
    """A store of days by package and one dimension."""
    names = tuple(sorted({str(row["project"]) for row in rows}))
    with StoreWriter(path) as writer:
        write_cube(
            writer, Cube(Grain.DAY, ("project", dimension)), rows, first=first, last=last,
            packages=names, source="bigquery",
        )  # fmt: skip
    return path


def days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=passed) for passed in range((last - first).days + 1)]


@pytest.fixture(scope="module")
def by_installer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """uv is a tenth before it has a name, and gains five points in the half year after.

    A mirror takes 30 files of each package a day.
    """
    first, last = date(2024, 2, 1), date(2024, 10, 31)
    rows: list[Mapping[str, object]] = []
    for passed, day in enumerate(days(first, last)):
        uv = 0.10 + 0.05 * max((day - UV_NAMED).days, 0) / (last - UV_NAMED).days
        for name, size in (("numpy", 10_000), ("plotly", 1_000)):
            wiggle = 1 + 0.02 * ((7 * passed) % 5 - 2)
            named = "uv" if day >= UV_NAMED else "unknown"
            counts = {named: int(size * uv * wiggle), "Nexus": 30, "requests": size // 50}
            counts["pip"] = size - sum(counts.values())
            rows.extend(raw_row(day, name, count, installer=i) for i, count in counts.items())
    return write(tmp_path_factory.mktemp("a") / "s.duckdb", "installer", first, last, rows)


@pytest.fixture(scope="module")
def by_ci(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A quarter is flagged from the day on which CI is recorded."""
    first, last = date(2024, 1, 1), date(2024, 5, 10)
    rows = [
        raw_row(day, "numpy", count, ci=flag)
        for day in days(first, last)
        for flag, count in (
            (("true", 25), ("unknown", 75)) if day >= CI_RECORDED else (("unknown", 100),)
        )
    ]
    return write(tmp_path_factory.mktemp("b") / "s.duckdb", "ci", first, last, rows)


@pytest.fixture(scope="module")
def by_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """1 % of known downloads by 3.7, 3 % by 3.8, a fifth of all by an unknown version."""
    first, last = date(2026, 6, 1), YESTERDAY
    shares = {"3.7": 8, "3.8": 24, "3.12": 768, "unknown": 200}
    rows = [
        raw_row(day, "numpy", count + (day.toordinal() * 7 + count) % 3, python=version)
        for day in days(first, last)
        for version, count in shares.items()
    ]
    return write(tmp_path_factory.mktemp("c") / "s.duckdb", "python", first, last, rows)


def test_a_name_that_uv_gets_is_no_gain_of_uv(by_installer: Path) -> None:
    finding = ask(by_installer, "installers")
    row = finding.table[finding.table["Installer"] == "uv"].iloc[0]
    assert row["Share at first"] == pytest.approx(0.10, abs=0.01)
    weeks = (date(2024, 10, 21) - UV_NAMED).days
    planted = 5 * weeks / (date(2024, 10, 31) - UV_NAMED).days
    assert row["Change (points)"] == pytest.approx(planted, abs=0.05)
    assert row["Low (points)"] < row["Change (points)"] < row["High (points)"]
    assert row["Surely changed"] == "yes"
    assert "uv gets its own name" in [found.title for found in finding.breaks]
    assert finding.sentence.startswith("uv gained 4.7 percentage points")
    assert finding.sentence.endswith("from 22 Apr 2024 to 27 Oct 2024.")
    assert finding.details.startswith("pip lost 4.7 percentage points")


def test_before_uv_has_a_name_nothing_is_said_of_it(by_installer: Path) -> None:
    period = Period(date(2024, 2, 1), date(2024, 4, 21))
    finding = ask(by_installer, "installers", period=period)
    assert "uv" not in list(finding.table["Installer"])
    assert any("uv gets its own name" in caveat for caveat in finding.caveats)
    assert "No installer surely" in finding.sentence


def test_too_few_weeks_are_refused_with_what_is_needed(by_installer: Path) -> None:
    with pytest.raises(CannotTell, match="8 whole weeks"):
        ask(by_installer, "installers", period=Period(date(2024, 9, 1), date(2024, 10, 15)))


def test_mirrors_scripts_and_unknown_are_shares_of_all_downloads(by_installer: Path) -> None:
    finding = ask(by_installer, "automation", period=Period(date(2024, 7, 1), date(2024, 9, 30)))
    together = finding.table.iloc[0]
    assert together["Mirrors"] == pytest.approx(60 / 11_000)
    assert together["Browsers and scripts"] == pytest.approx(0.02)
    assert together["Unknown installer"] == 0
    assert finding.number == f"0.55{NARROW_SPACE}% mirrors"
    assert "In CI, at least" not in finding.table
    assert any("CI is not told" in caveat for caveat in finding.caveats)


def test_the_small_package_is_mirrored_most(by_installer: Path) -> None:
    finding = ask(by_installer, "automation", period=Period(date(2024, 7, 1), date(2024, 9, 30)))
    assert f"plotly is mirrored most, with 3.0{NARROW_SPACE}%" in finding.details
    assert [figure.title.split(",")[0] for figure in finding.figures][1:] == [
        "The packages mirrored most"
    ]


def test_one_package_is_not_compared_with_itself(by_installer: Path) -> None:
    finding = ask(by_installer, "automation", packages=("plotly",))
    assert len(finding.figures) == 1
    assert finding.details == ""
    assert len(finding.table) == 1


def test_ci_is_told_from_the_day_on_which_it_is_recorded(by_ci: Path) -> None:
    finding = ask(by_ci, "automation")
    assert finding.sentence.startswith(f"At least 25.0{NARROW_SPACE}% of downloads")
    assert "in the 78 days to 10 May 2024" in finding.sentence
    assert any("Mirrors" in caveat and "not told" in caveat for caveat in finding.caveats)
    assert "CI is recorded from here on" in [found.title for found in finding.breaks]
    before = Period(date(2024, 1, 1), date(2024, 2, 20))
    with pytest.raises(NotHeld):
        ask(by_ci, "automation", period=before)


def test_what_can_be_dropped_depends_on_the_threshold(by_python: Path) -> None:
    small, large = (ask(by_python, "python-to-drop", threshold=text) for text in ("2", "10"))
    assert small.sentence.startswith("Python 3.7 can be dropped: 1.")
    assert large.sentence.startswith("Python 3.8 and older can be dropped: 4.")
    assert list(large.table["Can be dropped"]) == ["yes", "yes", "no"]
    none = ask(by_python, "python-to-drop", threshold="1")
    assert none.sentence.startswith("No Python version is under the 1")


def test_downloads_without_a_version_are_left_out_and_said_to_be(by_python: Path) -> None:
    finding = ask(by_python, "python-to-drop")
    assert "3.12" in list(finding.table["Python version"])
    assert "unknown" not in list(finding.table["Python version"])
    assert finding.table["Share of known"].sum() == pytest.approx(1)
    assert finding.caveats[0].startswith("20.0")


def test_the_sample_says_of_which_installers_the_unknown_versions_are(sample_store: Path) -> None:
    finding = ask(sample_store, "python-to-drop")
    assert "poetry" in finding.caveats[0]
    assert len(finding.answers) == 2
    assert finding.period.last == YESTERDAY - timedelta(days=7)


def test_what_does_not_fall_is_not_forecast(by_python: Path) -> None:
    finding = ask(by_python, "python-to-drop")
    assert "If it goes on" not in finding.details
    assert "no forecast" in finding.certainty


def test_a_week_after_a_break_is_too_little_to_tell_of(by_python: Path) -> None:
    with pytest.raises(CannotTell, match="14 are needed"):
        ask(by_python, "python-to-drop", period=Period(date(2026, 6, 1), date(2026, 8, 30)))
