"""Shares over time: their lines, changes and forecasts, on series whose course is known."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from lib.analysis.automation import CI, kinds, mirrored, package_shares, parts, recorded_since
from lib.analysis.comparable import with_stretches
from lib.analysis.installer_shares import moves
from lib.analysis.log_odds import log_odds
from lib.analysis.share_trends import (
    FEWEST_PERIODS,
    falls_steadily,
    forecast,
    line,
    share_changes,
)
from lib.analysis.shares import above_since, by_week, share_table, shares_over_time, stretch_told
from lib.breaks import Break, all_breaks
from lib.cubes import Grain
from lib.router import Period

SEEDS = range(500)

WEEKS = pd.date_range("2025-01-06", periods=26, freq="7D")


def noise(series: int, count: int, memory: float, seed: int) -> np.ndarray:
    """Noise of standard deviation 1 of which each value keeps a part of the one before."""
    drawn = np.random.default_rng(seed).normal(size=(series, count + 50))
    for at in range(1, count + 50):
        drawn[:, at] = memory * drawn[:, at - 1] + np.sqrt(1 - memory**2) * drawn[:, at]
    return drawn[:, 50:]


def counted(periods: pd.DatetimeIndex, **shares: np.ndarray) -> pd.DataFrame:
    """A million downloads in each period, in these shares; the rest is pip's."""
    table = pd.DataFrame(shares, index=periods)
    table.insert(0, "pip", 1 - table.sum(axis=1))
    long = (1e6 * table).round().rename_axis("period").reset_index()
    return long.melt("period", var_name="series", value_name="downloads").assign(
        partial=False, stretch=0
    )


def test_a_line_has_the_slope_that_was_planted_and_odd_weeks_do_not_tilt_it() -> None:
    at = np.arange(26.0)
    values = 3 - 0.5 * at
    values[[2, 20]] += 40
    found = line(at, values)
    assert found.slope == pytest.approx(-0.5)
    assert (found.first, found.last) == pytest.approx((3, 3 - 0.5 * 25))
    assert found.change == pytest.approx(-12.5)


@pytest.mark.parametrize(("count", "memory"), [(12, 0.2), (26, 0.2), (26, 0.5)])
def test_intervals_of_slopes_hold_the_slope_as_often_as_they_say(count: int, memory: float) -> None:
    at = np.arange(float(count))
    found = [line(at, 0.1 * at + values) for values in noise(250, count, memory, seed=1)]
    inside = np.mean([abs(each.slope - 0.1) <= each.margin for each in found])
    assert 0.90 <= inside <= 0.99


def test_a_share_that_does_not_change_is_rarely_said_to() -> None:
    at = np.arange(26.0)
    found = [line(at, values).p_value < 0.05 for values in noise(len(SEEDS), 26, 0.2, seed=2)]
    assert np.mean(found) <= 0.08


def test_of_many_shares_that_do_not_change_hardly_one_is_said_to() -> None:
    names = [f"installer-{number}" for number in range(8)]
    rows = noise(8 * 40, 26, 0.2, seed=9).reshape(40, 8, 26)
    found = [
        any(change.sure for change in share_changes(pd.DataFrame(each.T, WEEKS, names)))
        for each in rows
    ]
    assert np.mean(found) <= 0.12


def test_a_planted_rise_is_found_with_its_size_where_all_else_stays() -> None:
    hits = []
    for values in noise(50, 26, 0.2, seed=3):
        rising = np.linspace(0.10, 0.14, 26) + 0.005 * values
        shares = share_table(counted(WEEKS, uv=rising, poetry=np.full(26, 0.03)))
        change = next(each for each in share_changes(shares) if each.series == "uv")
        hits.append(change.sure and change.low <= 0.04 <= change.high)
    assert np.mean(hits) >= 0.9


def test_too_few_periods_have_no_line() -> None:
    with pytest.raises(ValueError, match="too few"):
        line(np.arange(FEWEST_PERIODS - 1.0), np.zeros(FEWEST_PERIODS - 1))


def test_a_forecast_holds_the_day_on_which_the_line_comes_down() -> None:
    at = np.arange(26.0)
    inside = []
    for values in noise(100, 26, 0.2, seed=4):
        found = forecast(line(at, -0.3 * at + 0.5 * values), -0.3 * 35)
        if found:
            inside.append(found.low <= 10 <= found.high)
    assert len(inside) > 95
    assert 0.90 <= np.mean(inside) <= 1.0


def test_nothing_is_forecast_farther_ahead_than_it_was_watched() -> None:
    at = np.arange(26.0)
    found = line(at, -0.3 * at + 0.1 * noise(1, 26, 0.0, seed=5)[0])
    assert forecast(found, -0.3 * 45) is not None
    assert forecast(found, -0.3 * 55) is None


def test_a_step_is_no_steady_fall_and_neither_is_a_fall_that_ended() -> None:
    at = np.arange(26.0)
    wiggle = 0.02 * noise(1, 26, 0.0, seed=6)[0]
    steady = -0.05 * at + wiggle
    step = np.where(at < 13, 0.0, -1.0) + wiggle + 0.01 * at
    ended = np.maximum(-0.1 * at, -1.2) + wiggle + 0.01 * np.maximum(at - 12, 0)
    assert falls_steadily(at, steady, line(at, steady))
    assert not falls_steadily(at, step, line(at, step))
    assert not falls_steadily(at, ended, line(at, ended))


def test_log_odds_of_none_and_all_are_numbers() -> None:
    none, half, all_of_them = log_odds(np.array([0.0, 50.0, 100.0]), np.full(3, 100.0))
    assert none == -all_of_them == pytest.approx(np.log(0.5 / 100.5))
    assert half == 0


def test_who_is_passed_is_told_with_the_week_and_only_where_it_was_behind_before() -> None:
    rising = np.linspace(0.01, 0.26, 26)
    frame = counted(WEEKS, uv=rising, poetry=np.full(26, 0.105), pdm=np.full(26, 0.002))
    (found,) = moves(frame, Grain.WEEK)
    assert found.gains_most is not None and found.gains_most.series == "uv"
    assert found.loses_most is not None and found.loses_most.series == "pip"
    assert found.passed_installer("uv") == ("poetry", WEEKS[10])
    assert found.passed_share("uv") == (0.2, WEEKS[20])
    assert found.passed_installer("poetry") is None


def test_mirrors_scripts_and_unknown_take_nothing_over() -> None:
    rising = np.linspace(0.01, 0.26, 26)
    (found,) = moves(counted(WEEKS, requests=rising, unknown=rising, Nexus=rising), Grain.WEEK)
    assert found.gains_most is None
    assert {each.series for each in found.installers} == {"pip"}


@pytest.mark.parametrize("found", all_breaks(), ids=lambda found: f"{found.first} {found.title}")
def test_no_break_of_the_record_makes_an_installer_gain(found: Break) -> None:
    first = pd.Timestamp(found.first) - pd.Timedelta(weeks=30)
    weeks = pd.date_range(first.to_period("W-SUN").start_time, periods=90, freq="7D")
    after = (found.last or found.first) + timedelta(days=1)
    inside = (weeks >= pd.Timestamp(found.first)) & (weeks < pd.Timestamp(after))
    if found.last in {None, found.first}:
        inside = np.asarray(weeks >= pd.Timestamp(found.first))
    uv = np.where(inside, 0.4, 0.1) + 0.002 * noise(1, 90, 0.2, seed=7)[0]
    frame = counted(weeks, uv=uv).drop(columns="stretch")
    if found.kind == "gap":
        frame.loc[frame["period"].isin(weeks[inside]), "downloads"] *= 0.01
    stretched = with_stretches(frame, Grain.WEEK, all_breaks(), ("installer", "ci"))
    told = moves(stretched, Grain.WEEK)
    assert told
    if found.kind != "start":
        assert max(abs(each.value) for each in told for each in each.changes) < 0.02


def test_a_share_told_is_of_the_latest_stretch_that_is_long_enough() -> None:
    days = pd.date_range("2026-07-01", "2026-11-21")
    frame = pd.DataFrame({"period": days, "installer": "Nexus", "downloads": 10})
    frame = pd.concat([frame, frame.assign(installer="pip", downloads=90)])
    late = frame["period"] >= "2026-08-24"
    frame.loc[late & (frame["installer"] == "Nexus"), "downloads"] = 90
    stretched = with_stretches(kinds(frame, "installer"), Grain.DAY, all_breaks(), ("installer",))
    (found,) = parts(stretched, Grain.DAY, ["mirrors"])
    assert found.share == 0.5
    assert (found.low, found.high) == (0.5, 0.5)
    assert str(found.period.first) == "2026-08-24"
    few = stretched[stretched["period"] < "2026-09-10"]
    assert parts(few, Grain.DAY, ["mirrors"])[0].share == 0.1


def test_the_lowest_and_highest_share_are_of_weeks_and_of_days_where_no_week_is_whole() -> None:
    days = pd.date_range("2026-09-01", periods=20)
    frame = pd.DataFrame({"period": days, "series": "mirrors", "downloads": 10, "stretch": 0})
    rows = pd.concat([frame, frame.assign(series="installers", downloads=range(20))])
    assert parts(rows, Grain.DAY, ["mirrors"])[0].grain is Grain.WEEK
    few = rows[rows["period"] < "2026-09-07"]
    (found,) = parts(few, Grain.DAY, ["mirrors"])
    assert found.grain is Grain.DAY
    assert (found.low, found.high) == (10 / 15, 1.0)


def test_ci_is_what_is_flagged_and_recorded_from_its_first_day_on() -> None:
    frame = pd.DataFrame({"ci": ["true", "unknown"], "downloads": [1, 3]})
    assert list(kinds(frame, "ci")["series"]) == [CI, "other"]
    assert str(recorded_since("ci", all_breaks())) == "2024-02-23"
    assert recorded_since("installer", all_breaks()) is None


def test_small_packages_that_are_mirrored_more_are_seen_and_a_few_are_not_enough() -> None:
    sizes = np.geomspace(1e3, 1e7, 20)
    packages = pd.DataFrame({"downloads": sizes, "mirrors": 100 / sizes})
    found = mirrored(packages)
    assert found is not None
    assert found.correlation == pytest.approx(-1)
    assert mirrored(packages.head(5)) is None
    rng = np.random.default_rng(8)
    shuffled = [
        mirrored(packages.assign(mirrors=rng.permutation(packages["mirrors"]))) for _ in SEEDS
    ]
    assert np.mean([each is not None and each.p_value < 0.05 for each in shuffled]) <= 0.08


def test_shares_of_a_package_are_of_its_own_downloads() -> None:
    frame = pd.DataFrame(
        {
            "project": ["a", "a", "b", "c"],
            "series": ["mirrors", "installers", "installers", "mirrors"],
            "downloads": [25, 75, 300, 0],
        }
    )
    shares = package_shares(frame)
    assert list(shares["project"]) == ["b", "a"]
    assert list(shares["mirrors"]) == [0.0, 0.25]


def test_weeks_of_a_stretch_know_how_many_days_they_have() -> None:
    days = pd.date_range("2026-08-20", "2026-09-02")
    frame = pd.DataFrame({"period": days, "series": "3.12", "downloads": 1, "stretch": 0})
    frame["stretch"] = np.where(days >= "2026-08-24", 1, 0)
    weeks = by_week(frame)
    assert list(weeks["days"]) == [4, 7, 3]
    assert list(weeks["downloads"]) == [4, 7, 3]


def test_shares_for_a_chart_have_every_period_and_know_which_are_cut() -> None:
    frame = pd.DataFrame(
        {
            "period": pd.to_datetime(["2026-08-19", "2026-09-02", "2026-09-02"]),
            "series": ["pip", "pip", "uv"],
            "downloads": [5, 1, 3],
        }
    )
    period = Period(pd.Timestamp("2026-08-19").date(), pd.Timestamp("2026-09-06").date())
    found = shares_over_time(frame, Grain.WEEK, period)
    pip = found[found["series"] == "pip"]
    assert list(pip["partial"]) == [True, False, False]
    assert pip["value"].tolist() == pytest.approx([1.0, np.nan, 0.25], nan_ok=True)


def test_a_share_is_above_since_it_last_was_not() -> None:
    weeks = WEEKS[:8]
    values = pd.Series([1.0, 3, 1, 3, 3, 3, 3, 3], index=weeks)
    assert above_since(values, 2) == weeks[3]
    assert above_since(values, 0.5) is None
    assert above_since(values.iloc[:6], 2) is None


def test_the_longest_stretch_is_told_where_none_is_long_enough() -> None:
    days = pd.date_range("2026-08-01", periods=10)
    frame = pd.DataFrame({"period": days, "stretch": [0] * 5 + [-1] + [1] * 4})
    assert set(stretch_told(frame, 4)["stretch"]) == {1}
    assert set(stretch_told(frame, 5)["stretch"]) == {0}
    assert set(stretch_told(frame, 100)["stretch"]) == {0}
