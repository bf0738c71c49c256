"""Crossings: planted ones are found with their date, noise makes none, breaks are told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lib.analysis.comparable import with_stretches
from lib.analysis.crossover import Leads, leads, log_ratios
from lib.analysis.latest_ratio import latest_ratio
from lib.breaks import Break, all_breaks, breaks_for
from lib.cubes import Grain
from tests.two_series import FREQUENCY, two_series

REAL = Path(__file__).parents[2].parent / "shared/reference/real/monthly_by_package.csv"

SEEDS = 500

LEVELS = [found for found in all_breaks() if not found.splits and found.kind != "start"]


def series(
    new: Sequence[float],
    old: Sequence[float],
    start: str = "2022-01-01",
    grain: Grain = Grain.MONTH,
) -> pd.DataFrame:
    return two_series(("new", new), ("old", old), start, grain)


def found(new: Sequence[float], old: Sequence[float], **options: bool) -> Leads:
    return leads(series(new, old), Grain.MONTH, "new", "old", **options)


def months(told: Leads) -> list[tuple[str, str]]:
    return [(f"{each.moment:%Y-%m}", each.newcomer) for each in told.crossings]


def noise(rows: int, periods: int, spread: float, seed: int = 1) -> np.ndarray:
    """Logarithms of AR(1) noise with the memory that downloads are measured to have, 0.15."""
    drawn = np.random.default_rng(seed).normal(size=(rows, periods + 20))
    values = drawn.copy()
    for period in range(1, values.shape[1]):
        values[:, period] = 0.15 * values[:, period - 1] + drawn[:, period]
    return values[:, 20:] * spread * np.sqrt(1 - 0.15**2)


def test_a_crossing_is_told_with_its_first_month_its_length_and_its_largest_lead() -> None:
    told = found([50] * 6 + [150, 120, 130, 200, 110, 110], [100] * 12)
    assert (told.first, told.leader) == ("old", "new")
    (crossing,) = told.crossings
    assert crossing.moment == pd.Timestamp("2022-07-01")
    assert (crossing.newcomer, crossing.former) == ("new", "old")
    assert (crossing.until, crossing.periods, crossing.days) == (None, 6, 184)
    assert crossing.largest == pytest.approx(2.0)
    assert not crossing.beside


def test_a_lead_that_is_lost_again_ends_where_the_next_begins() -> None:
    told = found([50] * 6 + [150] * 4 + [50] * 5, [100] * 15)
    assert months(told) == [("2022-07", "new"), ("2022-11", "old")]
    assert told.crossings[0].until == told.crossings[1].moment
    assert told.crossings[0].periods == 4
    assert told.crossings[1].largest == pytest.approx(2.0)


def test_a_lead_of_two_months_is_a_part_of_the_lead_that_it_interrupts() -> None:
    told = found([50] * 6 + [150] * 2 + [50] * 6, [100] * 14)
    assert told.crossings == ()
    assert told.leader == "old"


def test_the_first_month_ahead_counts_only_if_the_newcomer_stayed() -> None:
    told = found([50] * 6 + [150, 90] + [150] * 5, [100] * 13)
    assert months(told) == [("2022-09", "new")]


def test_a_lead_that_the_beginning_cuts_counts_from_two_months() -> None:
    assert months(found([50] * 2 + [150] * 6, [100] * 8)) == [("2022-03", "new")]
    assert months(found([50] + [150] * 7, [100] * 8)) == []


def test_a_lead_that_is_too_new_to_count_is_told_as_such() -> None:
    told = found([50] * 8 + [150] * 2, [100] * 10)
    assert told.crossings == ()
    assert (told.leader, told.ahead, told.ahead_for) == ("old", "new", 2)


def test_a_tie_goes_to_who_was_ahead_before() -> None:
    assert months(found([50] * 4 + [100] * 4, [100] * 8)) == []
    assert months(found([50] * 4 + [100] + [150] * 4, [100] * 9)) == [("2022-06", "new")]


def test_missing_months_are_not_known_and_not_zero() -> None:
    nothing = float("nan")
    told = found([50] * 4 + [nothing] * 2 + [150] * 4, [100] * 10)
    (crossing,) = told.crossings
    assert crossing.moment == pd.Timestamp("2022-07-01")
    assert crossing.unseen == 2
    assert months(found([150] * 4 + [nothing] * 3 + [150] * 4, [100] * 11)) == []


def test_nothing_is_told_of_series_that_are_never_known_together() -> None:
    nothing = float("nan")
    told = found([nothing] * 4 + [5] * 4, [5] * 4 + [nothing] * 4)
    assert told == Leads("", "", (), "", 0)


def test_a_package_without_downloads_has_no_finite_ratio_and_still_a_leader() -> None:
    told = found([0] * 4 + [150] * 4, [100] * 8)
    assert months(told) == [("2022-05", "new")]
    assert told.crossings[0].largest == pytest.approx(1.5)


def test_running_totals_cross_later_than_months() -> None:
    new, old = [50] * 4 + [150] * 8, [100] * 12
    assert months(found(new, old)) == [("2022-05", "new")]
    assert months(found(new, old, cumulative=True)) == [("2022-09", "new")]


def test_running_totals_count_the_months_known_of_both() -> None:
    frame = series([float("nan"), 10, 10], [100, 5, 5])
    ratios = log_ratios(frame, Grain.MONTH, "new", "old", cumulative=True)["ratio"]
    assert np.isnan(ratios[0])
    assert ratios[1:].to_list() == pytest.approx([np.log(2)] * 2)


def test_a_weekly_cycle_that_differs_is_no_crossing() -> None:
    weekend = pd.date_range("2022-01-01", periods=700).day_of_week >= 5
    new = np.where(weekend, 90.0, 95.0)
    old = np.where(weekend, 50.0, 120.0)
    told = leads(series(new, old, grain=Grain.DAY), Grain.DAY, "new", "old")
    assert told.crossings == ()
    assert told.first == "old"


def test_a_planted_crossing_of_days_is_found_within_two_weeks_of_its_day() -> None:
    values = noise(200, 700, 0.1)
    lag = []
    for row in range(100):
        step = np.where(np.arange(700) < 400, 0.8, 1.25)
        frame = series(
            1e5 * step * np.exp(values[row]), 1e5 * np.exp(values[100 + row]), grain=Grain.DAY
        )
        told = leads(frame, Grain.DAY, "new", "old").crossings
        assert len(told) == 1
        lag.append(abs((told[0].moment - frame["period"][400]).days))
    assert max(lag) <= 14


def test_noise_makes_a_crossing_of_a_package_that_is_always_ahead_in_fewer_than_one_of_20() -> None:
    values = noise(2 * SEEDS, 96, 0.15)
    crossed = [
        bool(found(1.5 * np.exp(values[row]), np.exp(values[SEEDS + row])).crossings)
        for row in range(SEEDS)
    ]
    assert np.mean(crossed) <= 0.05


def test_without_persistence_the_same_noise_would_cross_often() -> None:
    values = noise(2 * SEEDS, 96, 0.15)
    crossed = (np.log(1.5) + values[:SEEDS] < values[SEEDS:]).any(axis=1)
    assert crossed.mean() > 0.5


def test_a_planted_crossing_is_found_alone_and_within_a_month_in_19_of_20() -> None:
    values = noise(2 * SEEDS, 96, 0.15)
    step = np.where(np.arange(96) < 50, 0.6, 1.6)
    right = []
    for row in range(SEEDS):
        frame = series(step * np.exp(values[row]), np.exp(values[SEEDS + row]))
        told = leads(frame, Grain.MONTH, "new", "old").crossings
        planted = frame["period"][50]
        right.append(len(told) == 1 and abs((told[0].moment - planted).days) <= 31)
    assert np.mean(right) >= 0.95


def around(found: Break, grain: Grain) -> tuple[pd.DatetimeIndex, np.ndarray]:
    """Periods from 400 days before a break to 400 after it, and which of them it affects."""
    last = found.last or found.first + timedelta(days=400)
    starts = pd.date_range(
        pd.Timestamp(found.first - timedelta(days=400)).replace(day=1),
        pd.Timestamp(last + timedelta(days=400)),
        freq=FREQUENCY[grain],
    )
    ends = starts + pd.DateOffset(**{f"{grain}s": 1})
    return starts, (starts <= pd.Timestamp(last)) & (ends > pd.Timestamp(found.first))


def broken(found: Break, grain: Grain, new: float) -> pd.DataFrame:
    """Two series that a break hits alike: a gap is emptied, and otherwise a third remains."""
    starts, affected = around(found, grain)
    level = np.where(affected, 0.01 if found.kind == "gap" else 1 / 3, 1.0)
    wobble = np.exp(noise(2, len(starts), 0.03))
    old = 1e6 * level * wobble[0]
    frame = series(old * new * wobble[1], old, str(starts[0].date()), grain)
    return with_stretches(frame.drop(columns="stretch"), grain, [found])


@pytest.mark.parametrize("grain", [Grain.MONTH, Grain.DAY])
@pytest.mark.parametrize("found", LEVELS, ids=lambda each: f"{each.first} {each.kind}")
def test_a_break_that_hits_both_is_no_crossing(found: Break, grain: Grain) -> None:
    told = leads(broken(found, grain, new=0.8), grain, "new", "old")
    assert told.crossings == ()
    assert told.leader == "old"


@pytest.mark.parametrize("grain", [Grain.MONTH, Grain.DAY])
@pytest.mark.parametrize("found", LEVELS, ids=lambda each: f"{each.first} {each.kind}")
def test_a_crossing_at_a_break_is_told_as_such(found: Break, grain: Grain) -> None:
    frame = broken(found, grain, new=0.8)
    later = frame["period"] >= pd.Timestamp(found.first)
    frame.loc[later & (frame["series"] == "new"), "downloads"] *= 1.6
    (crossing,) = leads(frame, grain, "new", "old").crossings
    assert crossing.beside


@pytest.mark.parametrize("found", LEVELS, ids=lambda each: f"{each.first} {each.kind}")
def test_a_crossing_far_from_a_break_is_not_beside_it(found: Break) -> None:
    frame = broken(found, Grain.MONTH, new=0.8)
    later = frame["period"] >= pd.Timestamp(found.first - timedelta(days=200))
    frame.loc[later & (frame["series"] == "new"), "downloads"] *= 1.6
    (crossing,) = leads(frame, Grain.MONTH, "new", "old").crossings
    assert not crossing.beside


def test_the_interval_of_the_latest_ratio_holds_it_as_often_as_it_says() -> None:
    values = noise(2 * SEEDS, 24, 0.15, seed=4)
    held = []
    for row in range(SEEDS):
        frame = series(1.5 * np.exp(values[row]), np.exp(values[SEEDS + row]))
        told = latest_ratio(frame, Grain.MONTH, "new", "old", seed=row)
        assert told is not None
        held.append(told.low <= 1.5 <= told.high)
    assert 0.93 <= np.mean(held) <= 0.985


def test_the_latest_ratio_is_of_twelve_months_and_of_those_known_of_both() -> None:
    new = [1000.0] * 6 + [200.0] * 11 + [float("nan")]
    told = latest_ratio(series(new, [100.0] * 18), Grain.MONTH, "new", "old")
    assert told is not None
    assert told.value == pytest.approx(2.0)
    assert (told.low, told.high) == pytest.approx((2.0, 2.0))
    assert told.periods == 11
    assert told.first == pd.Timestamp("2022-07-01")


@pytest.mark.parametrize(
    ("new", "old"), [([1.0] * 3, [1.0] * 3), ([1.0] * 12, [0.0] * 12)], ids=["few", "none"]
)
def test_a_ratio_that_cannot_be_told_is_not_told(new: list[float], old: list[float]) -> None:
    assert latest_ratio(series(new, old), Grain.MONTH, "new", "old") is None


def real(*names: str) -> pd.DataFrame:
    """The real monthly downloads of packages; a month that the file leaves out is not known."""
    if not REAL.exists():
        pytest.skip(f"the real monthly downloads are not here: {REAL}")
    rows = pd.read_csv(REAL, parse_dates=["month"])
    table = rows.pivot(index="month", columns="project", values="downloads")[list(names)]
    every = table.asfreq("MS").rename_axis(index="period", columns="series")
    frame = every.stack(future_stack=True).rename("downloads").reset_index()
    return with_stretches(frame, Grain.MONTH, breaks_for(["files"]))


@pytest.mark.parametrize(
    ("new", "old", "month"),
    [
        ("torch", "tensorflow", "2024-03"),
        ("fastapi", "django", "2022-09"),
        ("poetry", "pipenv", "2021-12"),
    ],
)
def test_known_crossings_of_the_real_record_are_found(new: str, old: str, month: str) -> None:
    told = leads(real(new, old), Grain.MONTH, new, old)
    assert months(told) == [(month, new)]
    assert told.crossings[0].until is None


def test_plotly_and_seaborn_cross_several_times_in_the_real_record() -> None:
    told = leads(real("plotly", "seaborn"), Grain.MONTH, "plotly", "seaborn")
    assert months(told)[0] == ("2018-03", "plotly")
    assert len(told.crossings) > 2
    assert told.leader == "plotly"
