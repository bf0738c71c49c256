"""Weekly seasonality: on series whose weekly dip is known, with and without noise and breaks."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lib.analysis.seasonality import (
    FEWEST_WEEKS,
    daily_ratios,
    decomposed,
    weekly_dips,
)
from lib.breaks import Break, all_breaks
from tests.daily_series import around, as_frame, noisy_days, planted, weekly_dip

SEEDS = range(500)

PROFILE = np.array([1.08, 1.15, 1.16, 1.14, 1.07, 0.72, 0.68])
"""Factors of the weekdays from Monday on, 1 in the mean."""

DIP = (0.72 + 0.68) / 2 / ((1.15 + 1.16 + 1.14) / 3)


def weekly(days: pd.DatetimeIndex) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return 1000 * PROFILE[days.day_of_week]


def one_stretch(days: pd.DatetimeIndex, downloads: object) -> pd.DataFrame:
    return pd.DataFrame({"period": days, "downloads": downloads, "stretch": 0})


def test_a_ratio_is_that_of_a_day_to_the_seven_around_it() -> None:
    days = pd.date_range("2026-01-05", periods=8)
    ratios = daily_ratios(one_stretch(days, [10, 20, 30, 40, 50, 60, 70, 80]))["ratio"]
    assert list(ratios[3:5]) == [40 / 40, 50 / 50]
    assert ratios[[0, 1, 2, 5, 6, 7]].isna().all()


@pytest.mark.parametrize("at", [10, 11])
@pytest.mark.parametrize("lost", ["unusable", "not told", "no row"])
def test_a_ratio_needs_all_of_its_seven_days(lost: str, at: int) -> None:
    days = pd.date_range("2026-01-05", periods=21)
    frame = one_stretch(days, weekly(days))
    if lost == "unusable":
        frame.loc[at, "stretch"] = -1
    elif lost == "not told":
        frame.loc[at, "downloads"] = np.nan
    else:
        frame = frame.drop(index=at)
    ratios = daily_ratios(frame)["ratio"].to_numpy()
    assert np.isnan(ratios[at - 3 : at + 4]).all()
    assert not np.isnan(ratios[3 : at - 3]).any()
    assert not np.isnan(ratios[at + 4 : -3]).any()


def test_a_ratio_does_not_look_across_a_break() -> None:
    days = pd.date_range("2026-01-05", periods=21)
    frame = one_stretch(days, weekly(days)).assign(stretch=[0] * 10 + [1] * 11)
    ratios = daily_ratios(frame)["ratio"].to_numpy()
    assert np.flatnonzero(~np.isnan(ratios)).tolist() == [3, 4, 5, 6, 13, 14, 15, 16, 17]


def test_a_dip_without_noise_is_told_exactly() -> None:
    days = pd.date_range("2026-01-01", periods=70)
    dip = weekly_dip(one_stretch(days, weekly(days)))
    assert dip is not None
    assert dip.ratio == pytest.approx(DIP)
    assert (dip.low, dip.high) == (pytest.approx(DIP), pytest.approx(DIP))
    assert [day.factor for day in dip.weekdays] == pytest.approx(list(PROFILE))
    assert (dip.lowest, dip.lowest_certainty, dip.found) == (6, 1.0, True)


def test_a_planted_dip_is_found_and_its_interval_holds_it_as_often_as_it_says() -> None:
    noisy = noisy_days(SEEDS, 190, spread=0.1, weekend=0.85)
    dips = weekly_dips(as_frame(noisy), resamples=300)
    assert len(dips) == len(SEEDS)
    found = np.mean([dip.found for dip in dips.values()])
    held = np.mean([dip.low <= 0.85 <= dip.high for dip in dips.values()])
    assert found > 0.99
    assert 0.92 <= held <= 0.98, f"the interval of 95 % holds the dip in {held:.1%}"


@pytest.mark.parametrize(("spread", "days"), [(0.05, 190), (0.15, 190), (0.15, 45)])
def test_without_a_dip_one_is_found_in_at_most_5_percent(spread: float, days: int) -> None:
    dips = weekly_dips(as_frame(noisy_days(SEEDS, days, spread=spread)), resamples=300)
    rate = np.mean([dip.found for dip in dips.values()])
    assert len(dips) == len(SEEDS)
    assert rate <= 0.05, f"a dip is found in {rate:.1%} of series without"


def test_which_weekday_is_lowest_is_sure_only_where_it_is() -> None:
    noisy = noisy_days(SEEDS, 190, spread=0.1, weekend=0.85)
    even = np.mean([dip.lowest_certainty for dip in weekly_dips(as_frame(noisy)).values()])
    noisy[6::7] *= 0.8
    dips = weekly_dips(as_frame(noisy)).values()
    assert {dip.lowest for dip in dips} == {6}
    assert np.mean([dip.lowest_certainty for dip in dips]) > 0.99
    assert even < 0.9


@pytest.mark.parametrize("found", all_breaks(), ids=lambda found: f"{found.first} {found.kind}")
def test_a_break_of_the_record_changes_no_dip(found: Break) -> None:
    for days in around(found):
        with_dip = weekly_dip(planted(found, days, weekly(days)))
        without = weekly_dip(planted(found, days, np.full(len(days), 1000.0)))
        assert with_dip is not None
        assert without is not None
        assert (with_dip.low, with_dip.high) == (pytest.approx(DIP), pytest.approx(DIP))
        assert without.ratio == pytest.approx(1)
        assert not without.high < 1 - 1e-9


def test_four_whole_weeks_of_ratios_are_enough_and_fewer_are_too_little() -> None:
    days = pd.date_range("2026-01-02", periods=7 * FEWEST_WEEKS + 6)
    frame = one_stretch(days, weekly(days))
    dip = weekly_dip(frame)
    assert dip is not None
    assert dip.weeks == FEWEST_WEEKS
    assert weekly_dip(frame[:-1]) is None
    assert weekly_dip(frame[:5]) is None
    assert weekly_dip(frame[:0]) is None


def test_a_series_with_too_little_is_left_out_and_the_others_are_told() -> None:
    days = pd.date_range("2026-01-05", periods=60)
    whole = one_stretch(days, weekly(days)).assign(series="whole")
    young = whole.assign(series="young", downloads=whole["downloads"].where(days > days[40]))
    empty = whole.assign(series="empty", downloads=0)
    later = whole.assign(series="later", downloads=whole["downloads"].where(days > days[20]))
    dips = weekly_dips(pd.concat([later, whole, young, empty]))
    assert list(dips) == ["later", "whole"]
    assert dips["later"].weeks < dips["whole"].weeks


def test_the_same_days_give_the_same_interval() -> None:
    frame = as_frame(noisy_days([1], 100, spread=0.1))
    assert weekly_dip(frame) == weekly_dip(frame)
    assert weekly_dip(frame) != weekly_dip(frame, seed=1)


def test_the_parts_of_a_series_make_it_and_the_weekly_part_is_the_profile() -> None:
    noise = np.exp(np.random.default_rng(3).normal(size=300) * 0.02)
    days = pd.date_range("2025-01-06", periods=300)
    frame = one_stretch(days, weekly(days) * np.exp(0.003 * np.arange(300)) * noise)
    parts = decomposed(frame)
    assert parts is not None
    assert list(parts) == ["period", "downloads", "trend", "remainder", "weekly"]
    product = parts["trend"] * parts["weekly"] * parts["remainder"]
    assert product.to_numpy() == pytest.approx(frame["downloads"].to_numpy())
    by_day = np.log(parts["weekly"]).groupby(parts["period"].dt.day_of_week).mean()
    expected = np.log(PROFILE) - np.log(PROFILE).mean()
    assert by_day.to_numpy() == pytest.approx(expected, abs=0.02)
    assert parts["trend"].iloc[-1] / parts["trend"].iloc[0] == pytest.approx(
        np.exp(0.003 * 299), rel=0.05
    )


def test_a_yearly_part_needs_more_than_two_years() -> None:
    days = pd.date_range("2024-01-01", periods=731)
    yearly = 1 + 0.3 * np.sin(2 * np.pi * np.arange(731) / 365)
    parts = decomposed(one_stretch(days, weekly(days) * yearly))
    assert parts is not None
    assert parts["yearly"].max() == pytest.approx(1.3, abs=0.08)
    shorter = decomposed(one_stretch(days, weekly(days) * yearly)[1:])
    assert shorter is not None
    assert "yearly" not in shorter


@pytest.mark.parametrize("found", all_breaks(), ids=lambda found: f"{found.first} {found.kind}")
def test_a_series_is_taken_apart_within_its_latest_stretch(found: Break) -> None:
    for days in around(found):
        frame = planted(found, days, weekly(days))
        parts = decomposed(frame)
        assert parts is not None
        latest = frame["stretch"] == frame["stretch"].max()
        assert set(parts["period"][parts["trend"].notna()]) == set(frame["period"][latest])
        assert parts["remainder"].dropna().to_numpy() == pytest.approx(1, abs=0.01)
        assert parts["trend"].max() == pytest.approx(parts["trend"].min(), rel=0.01)


def test_too_few_days_are_not_taken_apart() -> None:
    days = pd.date_range("2026-01-05", periods=27)
    assert decomposed(one_stretch(days, weekly(days))) is None
    assert decomposed(one_stretch(days, 0.0)) is None
