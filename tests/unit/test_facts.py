"""The facts of the overview: computed from what is held, on frames counted by hand."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from lib.data import Downloads
from lib.facts import LeadChange, concentration, facts, last_lead_change, weekend_dips
from lib.selection import Selection
from lib.stores.duckdb import DuckDBStore

RIVALS = {"Rivals": ("old", "new", "small")}


def monthly(old: list[int], new: list[int]) -> pd.DataFrame:
    months = pd.date_range("2024-01-01", periods=len(old), freq="MS")
    frames = [
        pd.DataFrame({"period": months, "project": name, "downloads": values})
        for name, values in (("old", old), ("new", new), ("small", [1] * len(old)))
    ]
    return pd.concat(frames)


def test_a_lead_that_changed_for_good_is_found_with_its_month() -> None:
    frame = monthly([10] * 18, [5] * 12 + [11] * 6)
    assert last_lead_change(frame, RIVALS) == LeadChange(
        pd.Timestamp(2025, 1, 1), "Rivals", "new", "old"
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ([10] * 18, [5] * 18),
        ([10] * 17, [5] * 12 + [11] * 5),
        ([10] * 17, [5] * 11 + [11] * 6),
        ([10] * 20, [5] * 12 + [11] * 6 + [9, 11]),
    ],
    ids=["never", "too short since", "too short before", "lost again"],
)
def test_a_lead_that_did_not_change_for_good_is_not_told(old: list[int], new: list[int]) -> None:
    assert last_lead_change(monthly(old, new), RIVALS) is None


def test_a_weekend_dip_is_the_weekend_day_over_the_midweek_day() -> None:
    days = pd.date_range("2026-01-05", periods=28)
    values = [40 if day.weekday() >= 5 else 100 for day in days]
    frame = pd.DataFrame({"period": days, "project": "ruff", "downloads": values})
    assert weekend_dips(frame)["ruff"] == pytest.approx(0.4)


def test_half_of_the_downloads_is_counted_from_the_greatest() -> None:
    assert concentration(pd.Series([1, 1, 6, 1, 1])) == 1
    assert concentration(pd.Series([1, 1, 1, 1])) == 2


def test_the_sample_tells_three_facts_that_link_to_what_shows_them(sample_store: Path) -> None:
    told = facts(Downloads(DuckDBStore(sample_store)))
    assert len(told) == 3
    assert len({fact.sentence for fact in told}) == 3
    assert all(fact.selection != Selection() for fact in told)


def test_a_store_of_two_packages_tells_only_what_it_can(monthly_store: Path) -> None:
    told = facts(Downloads(DuckDBStore(monthly_store)))
    assert len(told) < 3
