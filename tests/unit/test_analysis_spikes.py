"""Spikes: on series whose spikes are known, with and without noise, new levels and breaks."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from lib.analysis.spikes import LONGEST_DAYS, Spike, baseline, spikes
from lib.breaks import Break, all_breaks
from tests.daily_series import around, as_frame, noisy_days, planted

SEEDS = range(500)
COUNT = 250
MONDAY = date(2025, 1, 6)


def series(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> pd.DataFrame:
    return as_frame(values[:, np.newaxis])


def calm(seed: int = 1, count: int = COUNT) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return noisy_days([seed], count, spread=0.05, weekend=0.6)[:, 0]


def found_in(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> tuple[Spike, ...]:
    found = spikes(series(values))
    assert found is not None
    return found


def test_a_spike_is_told_with_its_days_height_and_excess() -> None:
    values = np.where(np.arange(COUNT) % 7 >= 5, 600.0, 1000.0)
    values[100:104] *= [2, 5, 3, 2]
    spike = Spike(
        MONDAY + timedelta(100), MONDAY + timedelta(103), MONDAY + timedelta(101),
        height=pytest.approx(5), low=pytest.approx(5 / np.exp(1.96 * 1000**-0.5), rel=1e-3),
        high=pytest.approx(5 * np.exp(1.96 * 1000**-0.5), rel=1e-3),
        excess=pytest.approx(1000 + 4000 + 2000 + 600), ended=True,
    )  # fmt: skip
    assert found_in(values) == (spike,)
    assert spike.days == 4


def test_a_planted_spike_is_found_and_nothing_else() -> None:
    noisy = noisy_days(SEEDS, COUNT, spread=0.1, weekend=0.65)
    noisy[120:123] *= 3
    names = as_frame(noisy)
    days = [MONDAY + timedelta(120), MONDAY + timedelta(122)]
    found = [spikes(rows) or () for _, rows in names.groupby("series")]
    right = np.mean([[spike.first, spike.last] == days for spike, *_ in filter(None, found)])
    assert np.mean([len(each) == 1 for each in found]) > 0.95
    assert right > 0.95
    held = np.mean([each[0].low <= 3 <= each[0].high for each in found if each])
    assert held > 0.8, "the highest of three days is higher than each of them is by itself"


@pytest.mark.parametrize("count", [COUNT, 90])
def test_without_a_spike_one_is_found_in_about_5_percent(count: int) -> None:
    frame = as_frame(noisy_days(SEEDS, count, spread=0.3, weekend=0.65))
    found = [spikes(rows, least_height=1.01) for _, rows in frame.groupby("series")]
    rate = np.mean([len(each or ()) > 0 for each in found])
    assert all(each is not None for each in found)
    assert 0.005 <= rate <= 0.065, f"a spike is found in {rate:.1%} of series without"


def test_a_weekly_rhythm_and_growth_are_no_spikes() -> None:
    days = np.arange(365)
    values = 1000 * np.exp(0.008 * days) * np.where(days % 7 == 2, 2.5, 1.0)
    assert found_in(values) == ()


@pytest.mark.parametrize("days_before_the_end", [200, 60, 40, 20, 8])
@pytest.mark.parametrize("step", [1.6, 4.0, 0.25])
def test_a_level_that_lasts_is_no_spike(step: float, days_before_the_end: int) -> None:
    values = calm()
    values[-days_before_the_end:] *= step
    assert found_in(values) == ()


def test_a_level_that_was_there_from_the_start_is_no_spike() -> None:
    for days in (1, 5, 20, 60):
        values = calm()
        values[:days] *= 3
        assert found_in(values) == ()


@pytest.mark.parametrize("days", [1, 7, 28, LONGEST_DAYS])
def test_a_spike_of_up_to_six_weeks_is_found_whole(days: int) -> None:
    values = calm()
    values[100 : 100 + days] *= 3
    (spike,) = found_in(values)
    assert (spike.first, spike.days) == (MONDAY + timedelta(100), days)


def test_a_spike_that_goes_on_is_told_for_a_week() -> None:
    values = calm()
    values[-3:] *= 3
    (spike,) = found_in(values)
    assert (spike.ended, spike.days) == (False, 3)
    values[-8:-3] *= 3
    assert found_in(values) == ()


def test_a_single_day_below_does_not_end_a_spike_and_two_do() -> None:
    values = calm()
    values[[100, 101, 103, 104]] *= 3
    values[[150, 151, 154, 155]] *= 3
    assert [spike.days for spike in found_in(values)] == [5, 2, 2]


def test_a_small_rise_is_no_spike_however_sure_it_is() -> None:
    values = noisy_days([1], COUNT, spread=0.01)[:, 0]
    values[100:103] *= 1.4
    assert found_in(values) == ()
    assert spikes(series(values), least_height=1.2) != ()


def test_a_holiday_in_between_is_no_spike_and_makes_none() -> None:
    values = calm()
    values[100:114] *= 0.5
    assert found_in(values) == ()


def test_few_downloads_jump_about_without_a_spike() -> None:
    rng = np.random.default_rng(5)
    frames = [series(rng.poisson(4, size=COUNT).astype(float)) for _ in range(100)]
    assert np.mean([spikes(frame) != () for frame in frames]) <= 0.05


def test_a_gap_is_no_spike_and_ends_one() -> None:
    frame = series(calm())
    frame.loc[98:101, "downloads"] *= 3
    frame.loc[100, ["downloads", "stretch"]] = [1e9, -1]
    frame.loc[150, "downloads"] = np.nan
    found = spikes(frame) or ()
    assert [(spike.first - MONDAY).days for spike in found] == [98, 101]
    assert baseline(frame)["baseline"].isna().to_numpy().nonzero()[0].tolist() == [100, 150]


@pytest.mark.parametrize("found", all_breaks(), ids=lambda found: f"{found.first} {found.kind}")
def test_a_break_of_the_record_is_no_spike_and_hides_none(found: Break) -> None:
    for days in around(found):
        values = calm(count=len(days))
        assert spikes(planted(found, days, values)) == ()
        frame = planted(found, days, values)
        usable = np.flatnonzero(frame["stretch"] == frame["stretch"].max())
        at = usable[len(usable) // 2]
        frame.loc[at, "downloads"] *= 3
        assert [spike.first for spike in spikes(frame) or ()] == [days[at].date()]


@pytest.mark.parametrize("days", [55, 20, 1])
def test_too_few_days_tell_of_no_spikes(days: int) -> None:
    assert spikes(series(calm()[:days])) is None
    assert spikes(series(calm()[:56])) == ()
