"""New versions: how long they take to half of the downloads, and what is not over yet."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from lib.analysis.comparable import UNUSABLE, with_stretches
from lib.analysis.turnover import Turnover, Uptake, turnover, typical
from lib.breaks import Break, all_breaks
from lib.cubes import Grain

DAYS = 120

WEEKLY = np.array([1.08, 1.15, 1.16, 1.14, 1.07, 0.72, 0.69])


def record(
    counts: Mapping[str, Sequence[float] | np.ndarray], start: str = "2026-01-05"
) -> pd.DataFrame:
    frames = [
        pd.DataFrame(
            {
                "period": pd.date_range(start, periods=len(values)),
                "version": version,
                "downloads": values,
                "stretch": 0,
            }
        )
        for version, values in counts.items()
    ]
    frame = pd.concat(frames, ignore_index=True)
    return frame[frame["downloads"] > 0]


def taken_up(appears: int, half: float, days: int = DAYS) -> np.ndarray:
    """The share of a version that comes to half so many days after it appears."""
    since = np.arange(days) - appears
    return np.where(since >= 0, 1 - 0.5 ** (since / half), 0.0) + np.where(since == 0, 1e-4, 0)


def two_versions(half: float, noise: np.ndarray | float = 0.0) -> pd.DataFrame:
    share = taken_up(30, half)
    level = 1e5 * np.resize(WEEKLY, DAYS) * np.exp(noise)
    return record({"1.0": level * (1 - share), "1.1": level * share})


def uptakes(found: Turnover) -> dict[str, int | None]:
    return {each.version: each.days_to_half for each in found.uptakes}


def test_the_days_to_half_are_found_through_weekly_cycle_and_noise() -> None:
    noise = np.random.default_rng(1).normal(size=DAYS) * 0.1
    (told,) = turnover(two_versions(20, noise)).uptakes
    assert told.version == "1.1"
    assert told.appeared == pd.Timestamp("2026-02-04")
    assert told.days_to_half == pytest.approx(20, abs=1)
    assert told.followed == 89
    assert told.share == pytest.approx(1 - 0.5 ** (87.5 / 20), abs=0.01)


def test_a_version_that_is_not_at_half_yet_is_told_as_such() -> None:
    (told,) = turnover(two_versions(300)).uptakes
    assert told.days_to_half is None
    assert told.followed == 89


def test_a_single_day_above_half_is_not_taken_for_half() -> None:
    frame = two_versions(300)
    spike = (frame["period"] == pd.Timestamp("2026-03-01")) & (frame["version"] == "1.1")
    frame.loc[spike, "downloads"] *= 10
    assert uptakes(turnover(frame)) == {"1.1": None}


def test_downloads_of_later_versions_count_for_the_earlier() -> None:
    first, second = taken_up(30, 20), taken_up(45, 10)
    frame = record(
        {
            "1.0": 1e5 * (1 - first) * (1 - second),
            "1.9": 1e5 * first * (1 - second),
            "1.10": 1e5 * second,
        }
    )
    told = uptakes(turnover(frame))
    assert told["1.10"] == pytest.approx(10, abs=1)
    assert told["1.9"] is not None
    assert told["1.9"] <= 20


def test_what_is_no_new_final_version_is_not_followed() -> None:
    level = np.full(DAYS, 100.0)
    later = np.where(np.arange(DAYS) >= 30, 50.0, 0.0)
    frame = record({"2.0": level, "1.9.5": later, "2.1rc1": later, "2.0.1.dev3": later})
    assert turnover(frame).uptakes == ()


def test_a_version_that_was_there_at_first_is_not_followed() -> None:
    soon = np.where(np.arange(DAYS) >= 5, 500.0, 0.0)
    assert turnover(record({"1.0": np.full(DAYS, 9.0), "1.1": soon})).uptakes == ()


def test_only_the_first_of_each_series_is_followed_where_features_are_asked_for() -> None:
    days = np.arange(DAYS)
    frame = record(
        {
            "1.0.0": np.full(DAYS, 100.0),
            "1.0.1": np.where(days >= 20, 100.0, 0),
            "1.1.0": np.where(days >= 40, 900.0, 0),
            "1.1.1": np.where(days >= 60, 900.0, 0),
        }
    )
    assert set(uptakes(turnover(frame, features_only=True))) == {"1.1.0"}
    assert set(uptakes(turnover(frame))) == {"1.0.1", "1.1.0", "1.1.1"}


def test_downloads_without_a_version_are_told_and_in_no_share() -> None:
    frame = record({"1.0": np.full(DAYS, 60.0), "unknown": np.full(DAYS, 40.0)})
    assert turnover(frame).unordered == pytest.approx(0.4)


def test_no_usable_day_tells_nothing() -> None:
    frame = record({"1.0": np.full(DAYS, 60.0)}).assign(stretch=UNUSABLE)
    told = turnover(frame)
    assert told.uptakes == ()
    assert math.isnan(told.unordered)


@pytest.mark.parametrize(
    "found",
    [each for each in all_breaks() if each.kind != "start"],
    ids=lambda each: f"{each.first} {each.kind}",
)
def test_a_break_of_the_record_does_not_move_the_days_to_half(found: Break) -> None:
    days = pd.date_range(found.first - timedelta(days=45), periods=2 * DAYS)
    affected = days >= pd.Timestamp(found.first)
    if found.last:
        affected &= days <= pd.Timestamp(found.last)
    level = 1e5 * np.where(affected, 0.01 if found.kind == "gap" else 1 / 3, 1.0)
    share = taken_up(30, 25, 2 * DAYS)
    counts = {"1.0": level * (1 - share), "1.1": level * share}
    frame = record(counts, str(days[0].date())).drop(columns="stretch")
    marked = with_stretches(frame, Grain.DAY, [found], ("version",))
    hidden = min(found.last or found.first, days[-1].date()) - found.first
    allowed = 2 + (hidden.days + 1 if found.kind == "gap" else 0)
    assert uptakes(turnover(marked))["1.1"] == pytest.approx(25, abs=allowed)


def uptake(days: int | None, followed: int = 400) -> Uptake:
    return Uptake("1.0", pd.Timestamp("2026-01-01"), days, followed, 0.5)


def test_the_typical_time_is_the_median_where_all_came_to_half() -> None:
    told = typical([uptake(days) for days in (10, 12, 14, 16, 18, 20, 22)])
    assert told is not None
    assert (told.days, told.versions, told.reached) == (16, 7, 7)
    assert told.low < 16 < told.high


def test_versions_that_are_not_at_half_yet_make_the_typical_time_longer() -> None:
    known = [uptake(days) for days in (10, 12, 14, 16, 18, 20, 22)]
    told, longer = typical(known), typical([*known, *[uptake(None)] * 4])
    assert told is not None
    assert longer is not None
    assert longer.days > told.days
    assert longer.reached == 7


def test_fewer_than_six_versions_have_no_interval() -> None:
    told = typical([uptake(days) for days in (10, 12, 14, 16, 18)])
    assert told is not None
    assert told.days == 14
    assert math.isnan(told.low)


def test_versions_that_never_came_to_half_take_longer_than_they_were_followed() -> None:
    told = typical([uptake(None, followed) for followed in (30, 40, 50, 60, 70, 80)])
    assert told is not None
    assert (told.days, told.low, told.high) == (math.inf, 30, math.inf)
    assert typical([]) is None


def test_intervals_of_the_typical_time_hold_it_as_often_as_they_say() -> None:
    days = np.random.default_rng(2).exponential(30, size=(500, 25)).round().astype(int)
    told = [typical([uptake(int(each)) for each in row]) for row in days]
    held = [each is not None and each.low <= 30 * math.log(2) <= each.high for each in told]
    assert np.mean(held) >= 0.93
