"""Steadiness: the mean distance from the middle week, and how often its interval holds it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lib.analysis.steadiness import steadiness

WEEKS = 26


def weeks(columns: dict[str, list[float] | np.ndarray]) -> pd.DataFrame:
    count = len(next(iter(columns.values())))
    return pd.DataFrame(columns, index=pd.date_range("2026-01-05", periods=count, freq="W-MON"))


def test_the_deviation_is_the_mean_distance_of_logarithms_from_their_median() -> None:
    values = [100.0, 110.0, 90.0, 100.0, 105.0]
    logs = np.log(values)
    found = steadiness(weeks({"one": values}))["deviation"].iloc[0]
    assert found == pytest.approx(np.expm1(np.abs(logs - np.median(logs)).mean()))


def test_size_does_not_matter_and_a_trend_counts_as_deviation() -> None:
    values = 1 + np.random.default_rng(1).normal(0, 0.01, WEEKS)
    growing = values * np.linspace(1, 2, WEEKS)
    found = steadiness(weeks({"small": values, "large": values * 1e9, "growing": growing}))
    small, large, trend = found["deviation"]
    assert small == pytest.approx(large)
    assert trend > 10 * small


def test_the_interval_holds_the_deviation_of_chance_about_as_often_as_it_says() -> None:
    spread, held, seeds = 0.05, 0, 300
    truth = np.expm1(spread * np.sqrt(2 / np.pi))
    for seed in range(seeds):
        logs = np.random.default_rng(seed).normal(0, spread, WEEKS)
        row = steadiness(weeks({"one": np.exp(logs)}), seed).iloc[0]
        held += bool(row["low"] <= truth <= row["high"])
    assert 0.9 <= held / seeds <= 0.99


def test_a_week_without_downloads_and_too_few_weeks_have_no_interval() -> None:
    assert steadiness(weeks({"none": [0.0, 1.0, 1.0, 1.0]}))["deviation"].isna().all()
    assert steadiness(weeks({"few": [1.0, 2.0, 1.0]}))["low"].isna().all()


def test_what_never_varies_has_no_deviation() -> None:
    row = steadiness(weeks({"flat": [7.0] * WEEKS})).iloc[0]
    assert row["deviation"] == 0
    assert row["high"] < 1e-6
