"""The moving-block bootstrap: what it draws, and that its intervals are as wide as they say."""

from __future__ import annotations

import numpy as np
import pytest

from lib.analysis.discoveries import adjusted, against_none
from lib.analysis.resampling import WEEK, block_resamples, block_weights, chance, reach


def _autoregressive(series: int, days: int, memory: float, seed: int) -> np.ndarray:
    """Series whose every day holds a part of the day before: AR(1) around 0, one in each row."""
    noise = np.random.default_rng(seed).normal(size=(series, days + 50))
    values = np.zeros_like(noise)
    for day in range(1, days + 50):
        values[:, day] = memory * values[:, day - 1] + noise[:, day]
    return values[:, 50:]


def _coverage(values: np.ndarray, block: int) -> float:
    """In how many of the series the 95 % interval of the mean holds the true mean, 0."""
    days = values.shape[1]
    rows = block_resamples(days, block, 400)
    reached = [
        abs(series.mean()) <= float(reach(series[rows].mean(axis=1), days / block))
        for series in values
    ]
    return float(np.mean(reached))


def test_every_resample_is_whole_blocks_of_days_in_a_row() -> None:
    rows = block_resamples(30, WEEK, 200)
    assert rows.shape == (200, 30)
    assert rows.min() >= 0 and rows.max() <= 29
    steps = np.diff(rows, axis=1)
    within = np.delete(steps, [WEEK * joint - 1 for joint in range(1, 5)], axis=1)
    assert (within == 1).all()


def test_the_same_seed_draws_the_same_and_another_draws_others() -> None:
    assert (block_resamples(30, WEEK, 50, seed=3) == block_resamples(30, WEEK, 50, seed=3)).all()
    assert (block_resamples(30, WEEK, 50, seed=3) != block_resamples(30, WEEK, 50, seed=4)).any()


def test_every_block_is_drawn_equally_often() -> None:
    starts = block_resamples(20, 5, 20_000)[:, 0]
    counts = np.bincount(starts, minlength=16)
    assert len(counts) == 16
    assert abs(counts / 20_000 - 1 / 16).max() < 0.01


@pytest.mark.parametrize("memory", [0.0, 0.15, 0.5])
@pytest.mark.parametrize("days", [28, 200])
def test_intervals_of_a_mean_hold_it_as_often_as_they_say(memory: float, days: int) -> None:
    values = _autoregressive(500, days, memory, seed=1)
    assert 0.92 <= _coverage(values, block=WEEK if days < 100 else 2 * WEEK) <= 0.99


def test_days_drawn_one_by_one_would_promise_too_much() -> None:
    values = _autoregressive(500, 200, 0.5, seed=1)
    assert _coverage(values, block=1) < 0.80


@pytest.mark.parametrize(("count", "block"), [(13, 7), (1, 1), (0, 1), (10, 0)])
def test_too_few_days_for_two_blocks_are_refused(count: int, block: int) -> None:
    with pytest.raises(ValueError, match=r"block|resample"):
        block_resamples(count, block, 10)


def test_few_blocks_reach_farther_than_many_that_vary_as_much() -> None:
    resampled = np.random.default_rng(0).normal(size=(4000, 2))
    few, many = reach(resampled, 4), reach(resampled, 400)
    assert few.shape == (2,)
    assert many == pytest.approx(1.96, abs=0.06)
    assert few == pytest.approx(3.18 * np.sqrt(4 / 3), abs=0.15)


def test_weights_give_the_sums_of_the_resamples() -> None:
    values = np.random.default_rng(0).normal(size=(30, 2))
    sums = values[block_resamples(30, WEEK, 50, seed=3)].sum(axis=1)
    assert block_weights(30, WEEK, 50, seed=3) @ values == pytest.approx(sums)


def test_what_never_varies_is_chance_only_where_it_is_nothing() -> None:
    assert chance(0.0, np.zeros(200), 4) == 1
    assert chance(0.1, np.full(200, 0.1), 4) == 0
    assert 0 < chance(0.1, np.linspace(-0.2, 0.4, 200), 4) < 1


def test_p_values_are_corrected_for_as_many_as_are_judged() -> None:
    told = adjusted(np.array([0.01, np.nan, 0.04]))
    assert told[[0, 2]] == pytest.approx([0.02, 0.04])
    assert np.isnan(told[1])


def test_what_is_not_judged_has_neither_interval_nor_part_in_the_correction() -> None:
    logs, errors = np.array([1.0, 5.0, 0.0]), np.array([0.2, 0.1, 0.2])
    tested = against_none(logs, errors, 10, np.array([True, False, True]))
    assert np.isnan([tested.low[1], tested.high[1], tested.p_value[1], tested.adjusted[1]]).all()
    assert tested.low[0] < 1 < tested.high[0]
    assert tested.adjusted[0] == pytest.approx(2 * tested.p_value[0])
    assert tested.p_value[2] == tested.adjusted[2] == 1
