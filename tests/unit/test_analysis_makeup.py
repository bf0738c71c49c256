"""What a few days were made of: on days whose additional downloads are known."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from lib.analysis.makeup import rises
from lib.breaks import Break, all_breaks
from tests.daily_series import around, planted

MONDAY = date(2025, 1, 6)
DAYS = tuple(MONDAY + timedelta(day) for day in range(40, 43))

SHARES = {"US": 0.5, "DE": 0.3, "unknown": 0.2}


def frame(seed: int = 1, spread: float = 0.05) -> pd.DataFrame:
    """60 days of three values, of which the first has more on weekends."""
    noise = np.random.default_rng(seed).normal(size=(60, len(SHARES))) * spread
    downloads = 10_000 * np.array(list(SHARES.values())) * np.exp(noise)
    downloads[np.arange(60) % 7 >= 5, 0] *= 1.5
    return pd.DataFrame(
        {
            "period": np.repeat(
                pd.date_range(MONDAY, periods=60, unit="s").to_numpy(), len(SHARES)
            ),
            "series": list(SHARES) * 60,
            "downloads": downloads.ravel(),
            "stretch": 0,
        }
    )


def with_more(found: pd.DataFrame, name: str, more: float) -> pd.DataFrame:
    inside = found["period"].isin(pd.DatetimeIndex(list(DAYS))) & (found["series"] == name)
    return found.assign(downloads=found["downloads"].where(~inside, found["downloads"] + more))


def test_the_value_that_made_the_days_is_first_and_made_all_of_it() -> None:
    first, *others = rises(with_more(frame(), "DE", 10_000), DAYS)
    assert (first.value, first.found) == ("DE", True)
    assert first.during == pytest.approx(0.62, abs=0.03)
    assert first.before == pytest.approx(0.28, abs=0.03)
    assert first.made == pytest.approx(1, abs=0.15)
    assert not any(other.found for other in others)
    assert sum(each.rise for each in (first, *others)) == pytest.approx(0, abs=1e-9)


def test_a_value_that_is_new_on_these_days_is_told() -> None:
    found = frame()
    new = [
        {"period": pd.Timestamp(day), "series": "KR", "downloads": 10_000, "stretch": 0}
        for day in DAYS
    ]
    first = rises(pd.concat([found, pd.DataFrame(new)]), DAYS)[0]
    assert (first.value, first.before, first.found) == ("KR", 0, True)


def test_days_that_are_higher_alike_are_made_of_nothing() -> None:
    found = frame()
    inside = found["period"].isin(pd.DatetimeIndex(list(DAYS)))
    found.loc[inside, "downloads"] *= 3
    assert not any(each.found for each in rises(found, DAYS))


def test_a_weekend_is_held_against_weekends() -> None:
    weekend = [MONDAY + timedelta(day) for day in (40, 41)]
    us = next(each for each in rises(frame(), weekend) if each.value == "US")
    assert us.before == pytest.approx(0.6, abs=0.02)
    assert not us.found


def test_without_a_rise_one_is_found_in_about_5_percent() -> None:
    found = [any(each.found for each in rises(frame(seed), DAYS)) for seed in range(500)]
    assert np.mean(found) <= 0.07, f"a rise is found on {np.mean(found):.1%} of days without"


def test_unusual_days_before_do_not_count_as_usual() -> None:
    found = frame()
    earlier = [MONDAY + timedelta(day) for day in range(33, 36)]
    inside = found["period"].isin(pd.DatetimeIndex(earlier)) & (found["series"] == "DE")
    found.loc[inside, "downloads"] += 10_000
    with_spike = with_more(found, "DE", 10_000)
    assert rises(with_spike, DAYS)[0].before > 0.33
    assert rises(with_spike, DAYS, earlier)[0].before == pytest.approx(0.28, abs=0.03)


def test_days_of_another_stretch_are_not_compared() -> None:
    found = with_more(frame(), "DE", 10_000)
    later = found["period"] >= pd.Timestamp(MONDAY + timedelta(35))
    assert rises(found.assign(stretch=later.astype(int)), DAYS) == ()
    assert rises(found.assign(stretch=-1), DAYS) == ()


@pytest.mark.parametrize("found", all_breaks(), ids=lambda found: f"{found.first} {found.kind}")
@pytest.mark.parametrize("away", [-2, 0, 5, 20])
def test_a_break_of_the_record_makes_no_value_rise(found: Break, away: int) -> None:
    for days in around(found):
        value = planted(found, days, np.full(len(days), 1000.0))
        other = value.assign(downloads=1000.0)
        both = pd.concat([value.assign(series="one"), other.assign(series="other")])
        edge = days[0].date() if found.kind == "start" else found.first
        inside = [edge + timedelta(away + day) for day in range(3)]
        assert not any(each.rise > 0.01 for each in rises(both, inside))


def test_too_few_days_before_tell_nothing() -> None:
    found = with_more(frame(), "DE", 10_000)
    for first, told in ((40 - 14, True), (40 - 13, False)):
        rows = found[found["period"] >= pd.Timestamp(MONDAY + timedelta(first))]
        assert bool(rises(rows, DAYS)) == told
    assert rises(found, [date(2030, 1, 1)]) == ()
