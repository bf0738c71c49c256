"""Names of packages, classes of installers, settings, and numbers as text."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.aggregate import REST, Filter
from lib.cubes import UNKNOWN, Grain
from lib.errors import SettingsError
from lib.formats import change, compact, days, moment, percent, plain, value_label
from lib.installers import MEMBERS, InstallerClass, counted
from lib.packages import groups, held_groups, normalized, suggestions
from lib.settings import DEFAULT_STORE, read_settings


@pytest.mark.parametrize(
    ("written", "name"),
    [("NumPy", "numpy"), ("Flask__SQLAlchemy", "flask-sqlalchemy"), ("a.-_b", "a-b"), (" x ", "x")],
)
def test_a_name_has_one_spelling(written: str, name: str) -> None:
    assert normalized(written) == name


@pytest.mark.parametrize("written", ["", "-x", "x-", "a b", "a/b", "ä", "x" * 101, "a\x00b", "<b>"])
def test_what_is_no_name_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="not a package name"):
        normalized(written)


def test_a_misspelled_name_gets_suggestions_best_first() -> None:
    held = ("numpy", "numba", "pandas", "scikit-learn", "scikit-image", "torch")
    assert suggestions("nunpy", held)[0] == "numpy"
    assert suggestions("sklearn", held)[0] == "scikit-learn"
    assert suggestions("Scikit_Lern", held)[0] == "scikit-learn"
    assert suggestions("zzzzqqq", held) == ()


def test_groups_have_distinct_normalized_names() -> None:
    for name, members in groups().items():
        assert len(members) == len(set(members)) >= 2, name
    assert held_groups(("plotly", "seaborn", "numpy")) == {"Plotting": ("plotly", "seaborn")}


def test_every_class_counts_by_default() -> None:
    assert counted(tuple(InstallerClass)) == ()
    assert counted(()) == ()


def test_leaving_mirrors_out_keeps_installers_that_nobody_listed() -> None:
    kept = tuple(c for c in InstallerClass if c is not InstallerClass.MIRRORS)
    names = tuple(sorted(MEMBERS[InstallerClass.MIRRORS]))
    assert counted(kept) == (Filter("installer", names, excluded=True),)


def test_mirrors_alone_are_named() -> None:
    names = tuple(sorted(MEMBERS[InstallerClass.MIRRORS]))
    assert counted((InstallerClass.MIRRORS,)) == (Filter("installer", names),)


def test_no_installer_is_in_two_classes() -> None:
    members = [name for names in MEMBERS.values() for name in names]
    assert len(members) == len(set(members))


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (950, "950"),
        (12.345, "12.3"),
        (1234, "1.23 k"),
        (12_345, "12.3 k"),
        (999_600, "1.00 M"),
        (1_236_000_000, "1.24 B"),
        (2.5e12, "2.50 T"),
        (math.nan, "–"),
    ],
)
def test_a_number_has_three_digits_and_a_scale(number: float, text: str) -> None:
    assert compact(number).replace("\u202f", " ") == text


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.7234, "72.3 %"), (1, "100 %"), (0, "0 %"), (0.00051, "0.05 %"), (math.nan, "–")],
)
def test_a_share_is_a_percentage(share: float, text: str) -> None:
    assert percent(share).replace("\u202f", " ") == text


@pytest.mark.parametrize(
    ("ratio", "text"), [(0.042, "+4.2 %"), (-0.123, "-12 %"), (3.1, "×4.1"), (math.inf, "–")]
)
def test_a_change_has_a_sign(ratio: float, text: str) -> None:
    assert change(ratio).replace("\u202f", " ") == text


def test_dates_are_written_one_way() -> None:
    assert days(date(2026, 8, 24), date(2026, 11, 21)) == "24 Aug – 21 Nov 2026"
    assert days(date(2025, 8, 24), date(2026, 1, 1)) == "24 Aug 2025 – 1 Jan 2026"
    assert moment(pd.Timestamp(2026, 8, 24), Grain.WEEK) == "week of 24 Aug 2026"
    assert moment(pd.Timestamp(2026, 8, 24, 5), Grain.HOUR) == "24 Aug 2026 05:00 UTC"


@pytest.mark.parametrize(
    ("dimension", "value", "label"),
    [
        ("country", "DE", "Germany"),
        ("country", UNKNOWN, "Unknown"),
        ("project", REST, "All other"),
        ("python", "3.12", "Python 3.12"),
        ("ci", "true", "In CI"),
        ("file_type", "sdist", "Source archive"),
        ("system", "Linux", "Linux"),
    ],
)
def test_values_are_shown_as_readers_know_them(dimension: str, value: str, label: str) -> None:
    assert value_label(dimension, value) == label


@given(st.text(max_size=50))
def test_markdown_marks_are_escaped(text: str) -> None:
    shown = plain(text)
    for mark in "*_[]<`$~#!:":
        assert shown.count("\\" + mark) == text.count(mark)


def test_settings_come_from_the_environment_before_the_secrets() -> None:
    read = read_settings({"PULSE_STORE": "a.duckdb"}, {"PULSE_STORE": "b.duckdb"})
    assert read.store == Path("a.duckdb")
    assert read_settings({}, {"PULSE_STORE": "b.duckdb"}).store == Path("b.duckdb")
    assert read_settings({}, {}).store == DEFAULT_STORE


def test_a_frozen_clock_stands_still_in_utc() -> None:
    read = read_settings({"PULSE_NOW": "2026-11-22T01:00:00"}, {})
    assert read.now() == datetime(2026, 11, 22, 1, tzinfo=UTC)
    assert read.yesterday() == date(2026, 11, 21)


def test_a_clock_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(SettingsError, match="PULSE_NOW"):
        read_settings({"PULSE_NOW": "noon"}, {})
