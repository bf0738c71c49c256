"""Shares of rivals: intervals hold the truth, and breaks that hit all alike do not move them."""

from __future__ import annotations

import math
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from lib.analysis.comparable import UNUSABLE, with_stretches
from lib.analysis.set_shares import rival_shares, shares_now
from lib.breaks import Break, all_breaks
from lib.cubes import Grain
from tests.two_series import two_series

SEEDS = 500

LEVELS = [found for found in all_breaks() if not found.splits and found.kind != "start"]


def rivals(
    one: np.ndarray, other: np.ndarray, start: str = "2026-01-05", grain: Grain = Grain.DAY
) -> pd.DataFrame:
    return two_series(("one", one), ("other", other), start, grain)


def noise(rows: int, periods: int, spread: float, seed: int = 1) -> np.ndarray:
    return np.exp(np.random.default_rng(seed).normal(size=(rows, periods)) * spread)


@pytest.mark.parametrize("grain", [Grain.DAY, Grain.MONTH])
def test_intervals_of_shares_hold_the_truth_as_often_as_they_say(grain: Grain) -> None:
    values = noise(2 * SEEDS, 28 if grain is Grain.DAY else 12, 0.1)
    held = []
    for row in range(SEEDS):
        told = shares_now(rivals(3e6 * values[row], 1e6 * values[SEEDS + row], grain=grain), grain)
        assert told is not None
        share = told.shares["one"]
        held.append(share.low <= 0.75 <= share.high)
    assert 0.92 <= np.mean(held) <= 0.985


def test_the_shares_of_days_are_of_the_last_four_weeks_and_ranked() -> None:
    one = np.append(np.full(30, 9e6), np.full(28, 1e6))
    told = shares_now(rivals(one, np.full(58, 3e6)), Grain.DAY)
    assert told is not None
    assert list(told.shares) == ["other", "one"]
    assert told.shares["one"].value == pytest.approx(0.25)
    assert (told.last - told.first).days == 27


def test_the_share_of_a_month_is_of_the_last_one() -> None:
    told = shares_now(
        rivals(np.linspace(1e6, 3e6, 12), np.full(12, 1e6), grain=Grain.MONTH), Grain.MONTH
    )
    assert told is not None
    assert told.shares["one"].value == pytest.approx(0.75)
    assert told.first == told.last


def test_too_few_days_or_months_have_no_interval() -> None:
    for grain, periods in ((Grain.DAY, 13), (Grain.MONTH, 5)):
        told = shares_now(rivals(np.full(periods, 3.0), np.ones(periods), grain=grain), grain)
        assert told is not None
        assert told.shares["one"].value == pytest.approx(0.75)
        assert math.isnan(told.shares["one"].low)


def test_what_is_not_known_at_the_end_is_left_out() -> None:
    frame = rivals(np.full(12, 3e6), np.full(12, 1e6), grain=Grain.MONTH)
    frame.loc[frame.index[-1], "downloads"] = np.nan
    told = shares_now(frame, Grain.MONTH)
    assert told is not None
    assert list(told.shares) == ["one"]
    assert rival_shares(frame)["other"].isna().sum() == 1


def test_no_usable_period_has_no_shares() -> None:
    frame = rivals(np.ones(20), np.ones(20)).assign(stretch=UNUSABLE)
    assert shares_now(frame, Grain.DAY) is None
    assert shares_now(rivals(np.zeros(20), np.zeros(20)), Grain.DAY) is None


@pytest.mark.parametrize("found", LEVELS, ids=lambda each: f"{each.first} {each.kind}")
def test_a_break_that_hits_all_alike_does_not_move_shares(found: Break) -> None:
    days = pd.date_range(found.first - timedelta(days=40), periods=60)
    affected = days >= pd.Timestamp(found.first)
    if found.last:
        affected &= days <= pd.Timestamp(found.last)
    level = 1e6 * np.where(affected, 0.01 if found.kind == "gap" else 1 / 3, 1.0)
    frame = rivals(3 * level, level, str(days[0].date())).drop(columns="stretch")
    told = shares_now(with_stretches(frame, Grain.DAY, [found]), Grain.DAY)
    assert told is not None
    assert told.shares["one"].value == pytest.approx(0.75)
    assert rival_shares(frame)["one"].to_numpy() == pytest.approx(0.75)
