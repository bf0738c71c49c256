"""Stretches of the record: what may be compared with what."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd
import pytest

from lib.analysis.comparable import UNUSABLE, latest_stretch, stretches, with_stretches
from lib.breaks import Break, all_breaks, breaks_for
from lib.cubes import Grain


def days(first: str, last: str) -> pd.DatetimeIndex:
    return pd.date_range(first, last, freq="D", unit="s")


def months(first: str, last: str) -> pd.DatetimeIndex:
    return pd.date_range(first, last, freq="MS", unit="s")


def test_a_new_definition_begins_a_stretch_on_its_first_day() -> None:
    numbers = stretches(days("2026-08-20", "2026-08-28"), Grain.DAY, breaks_for(["sample"]))
    assert numbers["2026-08-23"] != numbers["2026-08-24"]
    assert numbers["2026-08-24"] == numbers["2026-08-28"]
    assert (numbers != UNUSABLE).all()


def test_days_on_both_sides_of_a_gap_are_in_one_stretch() -> None:
    numbers = stretches(days("2021-11-20", "2021-12-13"), Grain.DAY, breaks_for(["sample"]))
    assert numbers["2021-11-22"] == numbers["2021-12-11"] != UNUSABLE
    assert (numbers["2021-11-23":"2021-12-10"] == UNUSABLE).all()


def test_a_month_that_a_change_cuts_is_unusable_and_its_neighbors_apart() -> None:
    numbers = stretches(months("2026-06-01", "2026-10-01"), Grain.MONTH, breaks_for(["sample"]))
    assert numbers["2026-08-01"] == UNUSABLE
    assert numbers["2026-07-01"] + 1 == numbers["2026-09-01"]


def test_a_change_of_splits_matters_to_series_split_that_way_alone() -> None:
    index = days("2024-04-20", "2024-04-25")
    assert stretches(index, Grain.DAY, breaks_for(["sample"])).nunique() == 1
    by_installer = stretches(index, Grain.DAY, breaks_for(["sample"]), ["installer"])
    assert by_installer["2024-04-21"] + 1 == by_installer["2024-04-22"]


def test_monthly_lists_of_files_step_in_november_2024() -> None:
    index = months("2024-09-01", "2024-12-01")
    numbers = stretches(index, Grain.MONTH, breaks_for(["files"]))
    assert numbers["2024-09-01"] == numbers["2024-10-01"] == numbers["2024-11-01"] - 1
    assert stretches(index, Grain.MONTH, breaks_for(["sample"])).nunique() == 1


@pytest.mark.parametrize("found", all_breaks(), ids=lambda found: found.title)
def test_no_day_is_compared_across_a_break(found: Break) -> None:
    last = found.last or found.first + timedelta(days=3)
    index = days(str(found.first - timedelta(days=5)), str(last + timedelta(days=5)))
    numbers = stretches(index, Grain.DAY, [found], found.splits)
    before, inside, after = numbers.iloc[0], numbers[str(found.first)], numbers.iloc[-1]
    if found.kind == "gap":
        assert inside == UNUSABLE
        assert before == after == 0
    elif found.kind == "start":
        assert numbers.nunique() == 1
    else:
        assert before != inside
        assert (inside == after) == (found.last in {None, found.first})


def test_the_latest_stretch_leaves_out_what_is_unusable() -> None:
    index = months("2026-05-01", "2026-11-01")
    frame = pd.DataFrame({"period": index, "downloads": range(len(index))})
    marked = with_stretches(frame, Grain.MONTH, breaks_for(["sample"]))
    assert list(latest_stretch(marked)["period"].dt.month) == [9, 10, 11]
    only_gap = marked.assign(stretch=UNUSABLE)
    assert latest_stretch(only_gap).empty
