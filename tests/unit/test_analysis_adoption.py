"""Adoption curves: S-curves are found with their middle; growth, lines and flats are refused."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from lib.analysis.adoption import adoption
from lib.analysis.comparable import latest_stretch, with_stretches
from lib.breaks import Break, all_breaks
from lib.cubes import Grain

SEEDS = 500

MONTHS = 48

LEVELS = [found for found in all_breaks() if not found.splits and found.kind != "start"]


def noise(rows: int, periods: int, seed: int = 5) -> np.ndarray:
    """Logarithms of AR(1) noise with the memory of downloads, 0.15, and a deviation of 0.1."""
    drawn = np.random.default_rng(seed).normal(size=(rows, periods + 20))
    values = drawn.copy()
    for period in range(1, values.shape[1]):
        values[:, period] = 0.15 * values[:, period - 1] + drawn[:, period]
    return values[:, 20:] * 0.1 * np.sqrt(1 - 0.15**2)


def shares(values: np.ndarray, start: str = "2020-01-01") -> pd.Series[float]:
    return pd.Series(values, pd.date_range(start, periods=len(values), freq="MS"))


def s_curve(months: int = MONTHS, middle: float = 26, scale: float = 4) -> np.ndarray:
    return 0.3 / (1 + np.exp(-(np.arange(months) - middle) / scale))


def test_an_s_curve_without_noise_is_found_as_it_was_planted() -> None:
    told = adoption(shares(s_curve()))
    assert told is not None
    assert abs((told.midpoint - pd.Timestamp("2022-03-01")).days) <= 3
    assert told.rise.value == pytest.approx(4 * 2 * np.log(9), rel=0.01)
    assert told.ceiling.value == pytest.approx(0.3, rel=0.001)
    assert told.at(pd.DatetimeIndex([told.midpoint]))[0] == pytest.approx(0.15, rel=0.01)


def test_planted_s_curves_are_found_and_their_intervals_hold_the_truth() -> None:
    told = [adoption(shares(s_curve() * np.exp(row))) for row in noise(200, MONTHS)]
    found = [each for each in told if each]
    assert len(found) >= 0.95 * len(told)
    truth = pd.Timestamp("2022-03-01")
    assert np.mean([each.earliest <= truth <= each.latest for each in found]) >= 0.88
    assert np.mean([each.ceiling.low <= 0.3 <= each.ceiling.high for each in found]) >= 0.88
    assert np.mean([each.rise.low <= 17.58 <= each.rise.high for each in found]) >= 0.88


@pytest.mark.parametrize(
    "shape",
    [
        0.01 * np.exp(np.arange(MONTHS) / 18),
        0.02 + 0.004 * np.arange(MONTHS),
        np.full(MONTHS, 0.1),
        0.1 * np.exp(-np.arange(MONTHS) / 40),
    ],
    ids=["growth", "line", "flat", "fall"],
)
def test_what_is_no_s_curve_is_taken_for_one_in_fewer_than_one_of_twenty(shape: np.ndarray) -> None:
    told = [adoption(shares(shape * np.exp(row))) for row in noise(SEEDS, MONTHS)]
    assert np.mean([each is not None for each in told]) <= 0.05


def test_a_walk_without_an_aim_is_rarely_taken_for_an_s_curve() -> None:
    walks = np.random.default_rng(9).normal(size=(SEEDS, MONTHS)).cumsum(axis=1) * 0.08
    told = [adoption(shares(0.1 * np.exp(row))) for row in walks]
    assert np.mean([each is not None for each in told]) <= 0.05


def test_an_s_curve_that_is_not_half_way_up_yet_is_refused() -> None:
    assert adoption(shares(s_curve(months=24))) is None


def test_an_s_curve_of_which_only_the_end_is_seen_is_refused() -> None:
    assert adoption(shares(s_curve(middle=-2))) is None


def test_too_few_months_are_refused() -> None:
    assert adoption(shares(s_curve(months=17, middle=8, scale=1.5))) is None
    assert adoption(shares(s_curve(months=18, middle=8, scale=1.5))) is not None


def test_months_that_are_not_known_or_had_nothing_are_left_out() -> None:
    values = shares(s_curve())
    values.iloc[0] = 0.0
    values.iloc[[10, 11]] = np.nan
    told = adoption(values)
    assert told is not None
    assert told.months == MONTHS - 3
    assert told.ceiling.value == pytest.approx(0.3, rel=0.001)


@pytest.mark.parametrize("found", LEVELS, ids=lambda each: f"{each.first} {each.kind}")
def test_a_break_of_the_record_is_no_adoption(found: Break) -> None:
    """Levels step up or down at a break: within a stretch they are flat."""
    last = found.last or found.first
    starts = pd.date_range(
        pd.Timestamp(found.first - timedelta(days=900)).replace(day=1),
        pd.Timestamp(last + timedelta(days=900)),
        freq="MS",
    )
    ends = starts + pd.DateOffset(months=1)
    affected = ends > pd.Timestamp(found.first)
    if found.last:
        affected &= starts <= pd.Timestamp(found.last)
    level = np.where(affected, 0.01 if found.kind == "gap" else 1 / 3, 1.0)
    frame = pd.DataFrame({"period": starts, "downloads": level * np.exp(noise(1, len(starts))[0])})
    usable = latest_stretch(with_stretches(frame, Grain.MONTH, [found]))
    assert len(usable) >= 18
    assert adoption(usable.set_index("period")["downloads"]) is None


@pytest.mark.parametrize("found", LEVELS, ids=lambda each: f"{each.first} {each.kind}")
def test_shares_have_their_s_curve_through_a_break(found: Break) -> None:
    """A break that hits all packages alike leaves shares as they are."""
    middle = pd.Timestamp(found.first).replace(day=1)
    starts = pd.date_range(middle - pd.DateOffset(months=26), periods=MONTHS, freq="MS")
    level = np.where(starts >= middle, 1 / 3, 1.0)
    part, whole = 1e6 * level * s_curve(), 1e6 * level
    told = adoption(pd.Series(part / whole, starts))
    assert told is not None
    assert abs((told.midpoint - middle).days) <= 3
