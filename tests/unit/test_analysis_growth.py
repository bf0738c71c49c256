"""Growth: planted growth is found with its size, noise with memory grows in one case of twenty."""

from __future__ import annotations

from datetime import timedelta
from functools import cache

import numpy as np
import pandas as pd
import pytest

from lib.analysis.autocorrelation import lag_one, variance_factor
from lib.analysis.comparable import UNUSABLE, with_stretches
from lib.analysis.growth import daily_means, growth, growth_many, mean_grain
from lib.breaks import Break, all_breaks
from lib.cubes import Grain

SEEDS = 500

LEVELS = [found for found in all_breaks() if not found.splits and found.kind != "start"]

FREQUENCY = {Grain.WEEK: "W-MON", Grain.MONTH: "MS"}


def noise(rows: int, periods: int, memory: float = 0.15, seed: int = 3) -> np.ndarray:
    """Logarithms of AR(1) noise whose standard deviation is 0.15."""
    drawn = np.random.default_rng(seed).normal(size=(rows, periods + 50))
    values = drawn.copy()
    for period in range(1, values.shape[1]):
        values[:, period] = memory * values[:, period - 1] + drawn[:, period]
    return values[:, 50:] * 0.15 * np.sqrt(1 - memory**2)


@cache
def periods_of(grain: Grain, count: int) -> pd.DatetimeIndex:
    return pd.date_range("2025-01-06", periods=count, freq=FREQUENCY[grain])


def means(logarithms: np.ndarray, grain: Grain, yearly: float = 0.0) -> pd.Series[float]:
    """A series around 100,000 a day that grows by `yearly` a year."""
    starts = periods_of(grain, len(logarithms))
    years = (starts - starts[0]).days.to_numpy() / 365.25
    return pd.Series(1e5 * np.exp(logarithms) * (1 + yearly) ** years, starts)


def daily(values: np.ndarray, start: str = "2025-01-06") -> pd.DataFrame:
    periods = pd.date_range(start, periods=len(values))
    return pd.DataFrame({"period": periods, "series": "numpy", "downloads": values, "stretch": 0})


@pytest.mark.parametrize(
    ("grain", "periods", "memory"),
    [(Grain.WEEK, 52, 0.15), (Grain.MONTH, 16, 0.15), (Grain.WEEK, 13, 0.15)],
)
def test_noise_without_growth_is_found_to_grow_in_one_case_of_twenty(
    grain: Grain, periods: int, memory: float
) -> None:
    told = [growth(means(row, grain), grain) for row in noise(SEEDS, periods, memory)]
    assert np.mean([each is None or not each.low <= 0 <= each.high for each in told]) <= 0.06
    assert np.mean([each is None or each.p_value < 0.05 for each in told]) <= 0.06


def test_strong_memory_raises_that_only_a_little() -> None:
    told = [growth(means(row, Grain.WEEK), Grain.WEEK) for row in noise(SEEDS, 52, 0.5)]
    assert np.mean([each is None or not each.low <= 0 <= each.high for each in told]) <= 0.08


def test_planted_growth_is_found_and_its_interval_holds_it() -> None:
    told = [growth(means(row, Grain.WEEK, 0.5), Grain.WEEK) for row in noise(SEEDS, 52)]
    assert np.mean([each is not None and each.low > 0 for each in told]) >= 0.95
    assert np.mean([each is not None and each.low <= 0.5 <= each.high for each in told]) >= 0.93
    assert np.median([each.rate for each in told if each]) == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize(("grain", "periods"), [(Grain.WEEK, 52), (Grain.MONTH, 24)])
def test_a_walk_without_an_aim_is_mostly_not_taken_for_growth(grain: Grain, periods: int) -> None:
    walks = np.random.default_rng(8).normal(size=(80, periods)).cumsum(axis=1) * 0.1
    told = [growth(means(row, grain), grain) for row in walks]
    assert np.mean([each is None or not each.low <= 0 <= each.high for each in told]) <= 0.2


def test_growth_that_slows_down_is_found_too() -> None:
    course = 0.9 * (1 - np.exp(-2 * np.arange(24) / 24)) / (1 - np.exp(-2))
    told = [growth(means(course + row / 3, Grain.MONTH), Grain.MONTH) for row in noise(100, 24)]
    assert np.mean([each is not None and each.low > 0 for each in told]) >= 0.85


def test_a_long_series_with_a_strong_memory_is_told_as_well() -> None:
    walk = np.random.default_rng(8).normal(size=300).cumsum() * 0.1
    told = growth(means(walk, Grain.WEEK), Grain.WEEK)
    assert told is not None
    assert told.memory > 0.9
    assert told.low < told.rate < told.high


def test_one_spike_does_not_move_growth() -> None:
    values = means(np.zeros(52), Grain.WEEK, 0.2)
    values.iloc[45:48] *= 20
    told = growth(values, Grain.WEEK)
    assert told is not None
    assert told.rate == pytest.approx(0.2, abs=0.01)


def test_growth_says_what_it_rests_on() -> None:
    values = means(np.zeros(20), Grain.MONTH, -0.5)
    values.iloc[3] = 0
    values.iloc[4] = np.nan
    told = growth(values, Grain.MONTH)
    assert told is not None
    assert told.rate == pytest.approx(-0.5)
    assert (told.points, told.left_out) == (18, 1)
    assert (told.first, told.last) == (values.index[0], values.index[-1])


@pytest.mark.parametrize(("grain", "periods"), [(Grain.WEEK, 11), (Grain.MONTH, 7)])
def test_too_few_periods_tell_no_growth(grain: Grain, periods: int) -> None:
    assert growth(means(np.zeros(periods), grain, 1.0), grain) is None


def test_the_same_in_every_period_is_no_growth() -> None:
    told = growth(pd.Series(5.0, means(np.zeros(20), Grain.WEEK).index), Grain.WEEK)
    assert told is not None
    assert (told.rate, told.p_value) == (0, 1)


def test_days_make_whole_weeks_so_that_weekends_are_no_growth() -> None:
    days = np.where(np.arange(30) % 7 >= 5, 50.0, 100.0)
    table = daily_means(daily(days), Grain.DAY)
    assert len(table) == 4
    assert table["numpy"].to_list() == pytest.approx([600 / 7] * 4)
    assert mean_grain(Grain.DAY) is Grain.WEEK


def test_a_week_with_an_unusable_or_unknown_day_is_left_out() -> None:
    frame = daily(np.full(28, 7.0))
    frame.loc[8, "stretch"] = UNUSABLE
    frame.loc[15, "downloads"] = np.nan
    assert list(daily_means(frame, Grain.DAY).index.day) == [6, 27]


def test_months_are_compared_by_day() -> None:
    frame = daily(np.full(90, 3.0), "2025-01-01")
    months = frame.groupby(frame["period"].dt.to_period("M"))["downloads"].sum()
    monthly = pd.DataFrame(
        {
            "period": months.index.to_timestamp(),
            "series": "numpy",
            "downloads": months.to_numpy(),
            "stretch": 0,
        }
    )
    assert daily_means(monthly, Grain.MONTH)["numpy"].to_list() == pytest.approx([3.0] * 3)


@pytest.mark.parametrize("found", LEVELS, ids=lambda each: f"{each.first} {each.kind}")
def test_a_break_of_the_record_is_no_growth(found: Break) -> None:
    last = found.last or found.first
    days = pd.date_range(found.first - timedelta(days=250), last + timedelta(days=250))
    affected = (days >= pd.Timestamp(found.first)) & (days <= pd.Timestamp(last))
    if found.last is None:
        affected = days >= pd.Timestamp(found.first)
    level = np.where(affected, 0.01 if found.kind == "gap" else 1 / 3, 1.0)
    values = 1e6 * level * np.exp(noise(1, len(days))[0])
    frame = daily(values, str(days[0].date())).drop(columns="stretch")
    marked = with_stretches(frame, Grain.DAY, [found])
    fooled = growth(daily_means(frame.assign(stretch=0), Grain.DAY)["numpy"], Grain.WEEK)
    told = growth(daily_means(marked, Grain.DAY)["numpy"], Grain.WEEK)
    assert told is not None
    assert fooled is not None
    assert told.low <= 0 <= told.high
    assert told.rate == pytest.approx(0, abs=0.12)
    assert told.points < fooled.points


def test_of_many_packages_few_are_found_to_grow_that_do_not() -> None:
    rows = noise(300, 52)
    table = pd.DataFrame(
        {f"p{row}": means(rows[row], Grain.WEEK, 1.0 if row < 60 else 0.0) for row in range(300)}
    )
    told = growth_many(table, Grain.WEEK).set_index("series")
    grows = [f"p{row}" for row in range(60)]
    found = told.index[told["found"]]
    assert set(grows) <= set(found)
    assert len(found) - len(grows) <= 0.1 * len(found)
    assert (told["q_value"] >= told["p_value"]).all()


def test_packages_with_too_few_points_are_told_without_growth() -> None:
    table = pd.DataFrame({"long": means(np.zeros(20), Grain.WEEK, 1.0)})
    table["short"] = table["long"].where(table["long"].index >= table.index[12])
    told = growth_many(table, Grain.WEEK).set_index("series")
    assert list(told.index) == ["long", "short"]
    assert told.loc["long", "found"]
    assert np.isnan(told.loc["short", "rate"])
    assert not told.loc["short", "found"]


def test_no_packages_have_no_growth() -> None:
    assert growth_many(pd.DataFrame(), Grain.WEEK).empty


def test_the_memory_of_a_series_is_found_after_its_trend_was_taken() -> None:
    rows = noise(SEEDS, 200, 0.4)
    at = np.arange(200)
    left = [row - np.polyval(np.polyfit(at, row, 1), at) for row in rows]
    assert np.mean([lag_one(row) for row in left]) == pytest.approx(0.4, abs=0.02)


def test_the_variance_of_a_mean_grows_with_memory_as_it_should() -> None:
    rows = noise(20_000, 30, 0.4)
    grown = rows.mean(axis=1).var() / (rows.var() / 30)
    assert variance_factor(0.4, 30) == pytest.approx(grown, rel=0.05)
    assert variance_factor(0.0, 30) == 1
