"""Old Python versions: their shares with intervals, what can be dropped, and when."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lib.analysis.comparable import with_stretches
from lib.analysis.old_versions import (
    cumulative_shares,
    droppable,
    fall,
    newest_counts,
    version_counts,
)
from lib.breaks import Break, all_breaks
from lib.cubes import Grain

DAYS = pd.date_range("2026-08-24", periods=84)

BREAKS = [found for found in all_breaks() if found.concerns(("python",)) and found.kind != "start"]


def daily(days: pd.DatetimeIndex, **shares: np.ndarray | float) -> pd.DataFrame:
    """A million downloads a day in these shares of versions (`py39` for 3.9); 3.12 has the rest."""
    table = pd.DataFrame({name[2] + "." + name[3:]: share for name, share in shares.items()}, days)
    table["3.12"] = 1 - table.sum(axis=1)
    long = (1e6 * table).round().rename_axis("period").reset_index()
    return long.melt("period", var_name="series", value_name="downloads").assign(stretch=0)


def wobbling(days: int, spread: float, seed: int) -> np.ndarray:
    """Factors around 1 of days of which each resembles the one before."""
    drawn = np.random.default_rng(seed).normal(size=days)
    for day in range(1, days):
        drawn[day] = 0.3 * drawn[day - 1] + np.sqrt(1 - 0.3**2) * drawn[day]
    return np.exp(spread * drawn)


def test_versions_stand_from_the_oldest_as_people_count() -> None:
    counts = version_counts(daily(DAYS, py310=0.2, py39=0.1, py27=0.01))
    assert list(counts.columns) == ["2.7", "3.9", "3.10", "3.12"]


def test_a_version_counts_with_all_that_are_older() -> None:
    counts = newest_counts(daily(DAYS, py27=0.01, py38=0.02, py39=0.10), Grain.DAY)
    assert counts is not None and len(counts) == 30
    shares = cumulative_shares(counts, Grain.DAY)
    assert shares["share"].tolist() == pytest.approx([0.01, 0.02, 0.10, 0.87])
    assert shares["cumulative"].tolist() == pytest.approx([0.01, 0.03, 0.13, 1.0])
    assert shares["downloads"].tolist() == [300_000, 600_000, 3_000_000, 26_100_000]
    assert droppable(shares, 0.02) == 1
    assert droppable(shares, 0.05) == 2
    assert droppable(shares, 0.005) == 0


def test_a_version_is_kept_while_its_interval_reaches_the_threshold() -> None:
    share = 0.0195 * wobbling(84, 0.2, seed=1)
    counts = newest_counts(daily(DAYS, py38=share), Grain.DAY)
    assert counts is not None
    shares = cumulative_shares(counts, Grain.DAY)
    row = shares.iloc[0]
    assert row["low"] < row["cumulative"] < 0.02 < row["high"]
    assert droppable(shares, 0.02) == 0


def test_intervals_of_thirty_days_hold_the_share_as_often_as_they_say() -> None:
    inside = []
    for seed in range(300):
        share = 0.02 * wobbling(30, 0.1, seed)
        counts = newest_counts(daily(DAYS[:30], py38=share), Grain.DAY)
        assert counts is not None
        row = cumulative_shares(counts, Grain.DAY).iloc[0]
        inside.append(row["low"] <= 0.02 * np.exp(0.1**2 / 2) <= row["high"])
    assert 0.92 <= np.mean(inside) <= 0.99


def test_a_version_that_nobody_has_any_more_is_left_out() -> None:
    gone = np.where(np.arange(84) < 40, 0.01, 0.0)
    counts = newest_counts(daily(DAYS, py26=gone, py38=0.05), Grain.DAY)
    assert counts is not None
    assert list(cumulative_shares(counts, Grain.DAY)["version"]) == ["3.8", "3.12"]


def test_too_few_days_after_a_break_are_not_told() -> None:
    frame = daily(DAYS, py38=0.05)
    frame["stretch"] = np.where(frame["period"] >= DAYS[-10], 1, 0)
    assert newest_counts(frame, Grain.DAY) is None
    frame["stretch"] = np.where(frame["period"] >= DAYS[-14], 1, 0)
    counts = newest_counts(frame, Grain.DAY)
    assert counts is not None and len(counts) == 14


def test_of_months_the_last_is_told_with_how_much_months_vary() -> None:
    months = pd.date_range("2019-01-01", periods=16, freq="MS")
    share = 0.05 * 0.9 ** np.arange(16) * wobbling(16, 0.05, seed=2)
    counts = newest_counts(daily(months, py27=share), Grain.MONTH)
    assert counts is not None and len(counts) == 12
    row = cumulative_shares(counts, Grain.MONTH).iloc[0]
    assert row["cumulative"] == pytest.approx(share[-1], abs=1e-6)
    assert 0.75 * share[-1] < row["low"] < share[-1] < row["high"] < 1.35 * share[-1]
    assert newest_counts(daily(months[:7], py27=share[:7]), Grain.MONTH) is None


def test_a_planted_fall_is_forecast_to_the_day_it_comes_under_the_threshold() -> None:
    odds = 0.06 * np.exp(-0.01 * np.arange(84))
    share = odds / (1 + odds) * wobbling(84, 0.02, seed=3)
    found = fall(daily(DAYS, py38=share), Grain.DAY, "3.8", 0.02)
    assert found is not None and found.steady and found.forecast is not None
    assert (found.periods, found.last) == (12, DAYS[77])
    comes = np.log(0.06 / (0.02 / 0.98)) / 0.01 - 77 - 3
    assert found.forecast.low <= comes <= found.forecast.high
    assert found.forecast.value == pytest.approx(comes, abs=5)
    assert found.low <= np.exp(-0.01 * 77) - 1 <= found.high


def test_what_does_not_fall_is_not_forecast() -> None:
    flat = fall(daily(DAYS, py38=0.05 * wobbling(84, 0.02, seed=4)), Grain.DAY, "3.8", 0.02)
    assert flat is not None and not flat.steady and flat.forecast is None


def test_a_fall_that_would_take_longer_than_it_was_watched_is_not_forecast() -> None:
    share = 0.2 * np.exp(-0.005 * np.arange(84)) * wobbling(84, 0.01, seed=5)
    found = fall(daily(DAYS, py38=share), Grain.DAY, "3.8", 0.01)
    assert found is not None and found.steady and found.forecast is None


def test_falls_are_rarely_found_where_there_are_none() -> None:
    steady = [
        found.steady
        for seed in range(200)
        if (
            found := fall(daily(DAYS, py38=0.05 * wobbling(84, 0.05, seed)), Grain.DAY, "3.8", 0.02)
        )
    ]
    assert len(steady) == 200
    assert np.mean(steady) <= 0.05


@pytest.mark.parametrize("found", BREAKS, ids=lambda found: f"{found.first} {found.title}")
def test_a_break_of_the_record_is_no_fall_of_a_version(found: Break) -> None:
    days = pd.date_range(pd.Timestamp(found.first) - pd.Timedelta(days=200), periods=400)
    after = days >= pd.Timestamp(found.first)
    over = pd.Timestamp(found.last or days[-1].date()) + pd.Timedelta(days=1)
    lasts = found.kind != "gap" and found.last in {None, found.first}
    changed = after if lasts else after & (days < over)
    frame = daily(days, py38=np.where(changed, 0.01, 0.05) * wobbling(400, 0.02, seed=6))
    if found.kind == "gap":
        frame.loc[frame["period"].isin(days[changed]), "downloads"] *= 0.01
    stretched = with_stretches(frame.drop(columns="stretch"), Grain.DAY, [found], ("python",))
    told = fall(stretched, Grain.DAY, "3.8", 0.001)
    assert told is not None
    assert not told.steady
    assert abs(told.change) < 0.1
    counts = newest_counts(stretched, Grain.DAY)
    assert counts is not None
    share = cumulative_shares(counts, Grain.DAY)["cumulative"].iloc[0]
    assert share == pytest.approx(0.01 if changed[-1] else 0.05, rel=0.05)
