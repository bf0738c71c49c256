"""What a holiday did: on series whose holiday is known, with and without noise and breaks."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from lib.analysis.holidays import FEWEST_WEEKS, holiday_effects
from lib.breaks import Break, all_breaks
from tests.daily_series import around, as_frame, holiday_effect, noisy_days, planted

SEEDS = range(500)
MONDAY = date(2025, 1, 6)
COUNT = 260
AT = slice(136, 139)
DAYS = tuple(MONDAY + timedelta(day) for day in range(136, 139))


def even(count: int = COUNT) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    days = np.arange(count)
    return (1000 * np.where(days % 7 >= 5, 0.6, 1.0) * np.exp(0.003 * days))[:, np.newaxis]


def test_a_holiday_is_held_against_the_same_weekdays_around_it() -> None:
    values = even()
    usual = values[AT].sum()
    values[AT] *= 0.5
    effect = holiday_effect(as_frame(values), DAYS)
    assert effect is not None
    assert effect.ratio == pytest.approx(0.5, rel=1e-3)
    assert effect.expected == pytest.approx(usual, rel=1e-3)
    assert effect.downloads == pytest.approx(usual / 2)
    assert (effect.days, effect.found) == (3, True)


def test_a_planted_holiday_is_found_and_its_interval_holds_it_as_often_as_it_says() -> None:
    noisy = noisy_days(SEEDS, COUNT, spread=0.1, weekend=0.65)
    noisy[AT] *= 0.6
    effects = holiday_effects(as_frame(noisy), DAYS).values()
    held = np.mean([effect.low <= 0.6 <= effect.high for effect in effects])
    assert len(effects) == len(SEEDS)
    assert np.mean([effect.found for effect in effects]) > 0.98
    assert 0.93 <= held <= 0.98, f"the interval of 95 % holds the effect in {held:.1%}"


@pytest.mark.parametrize(("spread", "count"), [(0.05, COUNT), (0.15, COUNT), (0.15, 170)])
def test_without_a_holiday_one_is_found_in_about_5_percent(spread: float, count: int) -> None:
    frame = as_frame(noisy_days(SEEDS, count, spread=spread, weekend=0.65))
    effects = holiday_effects(frame, DAYS).values()
    rate = np.mean([effect.found for effect in effects])
    assert len(effects) == len(SEEDS)
    assert rate <= 0.065, f"a holiday is found in {rate:.1%} of series without"


def test_other_holidays_around_are_left_out_where_they_are_named() -> None:
    values = even()
    others = [day for week in (-2, -1, 1, 2) for day in range(136 + 7 * week, 139 + 7 * week)]
    values[others] *= 0.5
    frame = as_frame(values)
    named = [MONDAY + timedelta(day) for day in others]
    misled = holiday_effect(frame, DAYS)
    effect = holiday_effect(frame, DAYS, named)
    assert misled is not None
    assert misled.ratio > 1.4
    assert effect is not None
    assert effect.ratio == pytest.approx(1, abs=1e-3)


def test_spikes_around_do_not_change_what_a_holiday_did() -> None:
    noisy = noisy_days([1], COUNT, spread=0.05)
    noisy[AT] *= 0.6
    calm = holiday_effect(as_frame(noisy), DAYS)
    noisy[AT.start - 7] *= 30
    noisy[200] *= 30
    spiked = holiday_effect(as_frame(noisy), DAYS)
    assert calm is not None
    assert spiked is not None
    assert spiked.ratio == pytest.approx(calm.ratio, rel=0.05)
    assert spiked.high < 0.8


def test_days_that_are_not_told_are_not_counted() -> None:
    frame = as_frame(even())
    frame.loc[137, "downloads"] = np.nan
    frame.loc[138, "stretch"] = -1
    effect = holiday_effect(frame, DAYS)
    assert effect is not None
    assert effect.days == 1
    assert effect.ratio == pytest.approx(1, rel=1e-3)


@pytest.mark.parametrize("found", all_breaks(), ids=lambda found: f"{found.first} {found.kind}")
@pytest.mark.parametrize("away", [-10, -3, 0, 4, 11])
def test_a_break_of_the_record_is_no_holiday(found: Break, away: int) -> None:
    for days in around(found):
        values = noisy_days([2], len(days), spread=0.01, trend=0, weekend=0.65)[:, 0]
        middle = days[0].date() if found.kind == "start" else found.first
        holiday = [middle + timedelta(away + day) for day in range(3)]
        effect = holiday_effect(planted(found, days, values), holiday)
        assert effect is None or effect.ratio == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("found", all_breaks(), ids=lambda found: f"{found.first} {found.kind}")
def test_a_holiday_near_a_break_of_the_record_is_still_found(found: Break) -> None:
    days = next(iter(around(found)))
    values = noisy_days([2], len(days), spread=0.01, trend=0, weekend=0.65)[:, 0]
    frame = planted(found, days, values)
    at = np.flatnonzero(frame["stretch"] == frame["stretch"].max())[-60:-57]
    frame.loc[at, "downloads"] *= 0.6
    effect = holiday_effect(frame, [day.date() for day in days[at]])
    assert effect is not None
    assert effect.found
    assert effect.ratio == pytest.approx(0.6, abs=0.03)


def test_too_few_weeks_tell_nothing() -> None:
    frame = as_frame(even(7 * (FEWEST_WEEKS + 5)))
    day = MONDAY + timedelta(7 * 5)
    effect = holiday_effect(frame, [day])
    assert effect is not None
    assert effect.weeks == FEWEST_WEEKS
    assert holiday_effect(frame[:-7], [day]) is None
    assert holiday_effect(frame[:0], [day]) is None


def test_days_outside_what_is_held_tell_nothing() -> None:
    assert holiday_effect(as_frame(even()), [date(2020, 1, 1)]) is None


def test_each_series_has_an_effect_of_its_own() -> None:
    values = np.column_stack([even()[:, 0], even()[:, 0]])
    values[AT, 1] *= 0.5
    effects = holiday_effects(as_frame(values), DAYS)
    assert {name: round(effect.ratio, 2) for name, effect in effects.items()} == {
        "0": 1.0,
        "1": 0.5,
    }
