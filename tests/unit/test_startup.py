"""The sample at the start of the app: when it is due, how far it is, and what cuts it off."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from lib.cubes import Cube, Grain
from lib.errors import StoreError
from lib.progress import Progress, sample_progress
from lib.sources.sample import build_sample, extend_sample
from lib.startup import holds_sample, sample_is_due
from lib.stores.duckdb import DuckDBStore
from tests.conftest import YESTERDAY

PROJECTS = Cube(Grain.DAY, ("project",)).name


def stop_after_the_first_stage(fraction: float, text: str) -> None:
    """Stands for the machine going down while the second stage is built."""
    if fraction > 0.24:
        raise RuntimeError("gone")


def nothing(fraction: float, text: str) -> None:
    """Takes progress and tells nobody."""


def first_day(path: Path) -> date:
    found = DuckDBStore(path).query(f"SELECT min(period) AS first FROM {PROJECTS}")
    return found["first"].iloc[0].date()


def test_a_sample_is_due_where_there_is_no_store_or_days_are_missing(
    empty_store: Path, sample_store: Path, monthly_store: Path
) -> None:
    assert sample_is_due(empty_store, YESTERDAY)
    assert not sample_is_due(sample_store, YESTERDAY)
    assert sample_is_due(sample_store, YESTERDAY + timedelta(days=1))
    assert not sample_is_due(monthly_store, YESTERDAY)


def test_a_sample_that_was_cut_off_can_be_read_and_is_completed_at_the_next_start(
    empty_store: Path,
) -> None:
    with pytest.raises(RuntimeError, match="gone"):
        build_sample(
            empty_store, YESTERDAY, days=200, packages=3, progress=stop_after_the_first_stage
        )
    assert first_day(empty_store) == YESTERDAY - timedelta(days=89)
    assert sample_is_due(empty_store, YESTERDAY)
    extend_sample(empty_store, YESTERDAY, progress=nothing)
    assert first_day(empty_store) == YESTERDAY - timedelta(days=199)
    assert not sample_is_due(empty_store, YESTERDAY)


def test_real_rows_are_not_replaced_by_a_sample(monthly_store: Path, sample_store: Path) -> None:
    assert holds_sample(sample_store)
    with pytest.raises(StoreError, match="PULSE_STORE"):
        holds_sample(monthly_store)


def test_progress_is_kept_until_it_ends(empty_store: Path) -> None:
    kept = sample_progress(empty_store)
    assert kept.read() is None
    kept.write(Progress(0.5, "Half"))
    assert sample_progress(empty_store).read() == Progress(0.5, "Half")
    kept.end()
    assert kept.read() is None


def test_torn_progress_is_no_progress(empty_store: Path) -> None:
    kept = sample_progress(empty_store)
    kept.path.write_text("{")
    assert kept.read() is None
