"""Unusual days of a package: planted ones are found, and quiet series have none."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from lib.cubes import Cube, Grain
from lib.data import Downloads
from lib.profile.unusual import unusual
from lib.router import Period
from tests.conftest import raw_row
from tests.daily_series import noisy_days
from tests.profile_stores import asking, store_of

FIRST = date(2024, 9, 2)

DAYS = 500

LAST = FIRST + timedelta(DAYS - 1)

PLANTED = 470
"""The day, counted from the first, that has five times its downloads."""


def store(path: Path, seed: int, *, planted: bool, cube: Cube | None = None) -> Downloads:
    values = noisy_days([seed], DAYS, spread=0.05, weekend=0.6)[:, 0]
    if planted:
        values[PLANTED] *= 5
    rows = [raw_row(FIRST + timedelta(n), "alpha", int(v)) for n, v in enumerate(values)]
    chosen = cube or Cube(Grain.DAY, ("project",))
    return store_of(path, rows, chosen, first=FIRST, last=LAST, packages=("alpha",))


@pytest.mark.parametrize("days", [14, 90, DAYS])
def test_a_planted_day_is_found_however_short_the_days_asked_about_are(
    tmp_path: Path, days: int
) -> None:
    peak = FIRST + timedelta(PLANTED)
    found = store(tmp_path / "a.duckdb", 1, planted=True)
    period = Period(max(FIRST, peak - timedelta(days - 4)), peak + timedelta(3))
    told = unusual(asking(found, "alpha", period, yesterday=LAST))
    assert told is not None
    assert [spike.peak for spike in told.spikes] == [peak]
    assert told.spikes[0].low < 5 < told.spikes[0].high


def test_a_day_outside_of_those_asked_about_is_not_told(tmp_path: Path) -> None:
    found = store(tmp_path / "a.duckdb", 1, planted=True)
    period = Period(LAST - timedelta(13), LAST)
    told = unusual(asking(found, "alpha", period, yesterday=LAST))
    assert told is not None
    assert told.spikes == ()
    assert told.period.days == 365


def test_quiet_series_rarely_have_unusual_days(tmp_path: Path) -> None:
    with_some = 0
    for seed in range(8):
        found = store(tmp_path / f"{seed}.duckdb", 100 + seed, planted=False)
        told = unusual(asking(found, "alpha", yesterday=LAST))
        assert told is not None
        with_some += bool(told.spikes)
    assert with_some <= 1


def test_too_few_days_and_months_alone_tell_nothing(tmp_path: Path) -> None:
    months = store(
        tmp_path / "months.duckdb", 1, planted=True, cube=Cube(Grain.MONTH, ("project",))
    )
    assert unusual(asking(months, "alpha", yesterday=LAST)) is None
    first = LAST - timedelta(20)
    rows = [raw_row(first + timedelta(n), "alpha", 100 + n) for n in range(21)]
    few = store_of(
        tmp_path / "few.duckdb", rows, Cube(Grain.DAY, ("project",)),
        first=first, last=LAST, packages=("alpha",),
    )  # fmt: skip
    assert unusual(asking(few, "alpha", yesterday=LAST)) is None
