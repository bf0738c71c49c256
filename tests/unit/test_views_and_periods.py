"""The views of a series, and the periods of its axis."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.cubes import Grain
from lib.periods import period_starts, provisional_since
from lib.router import Period
from lib.selection import View
from lib.views import as_view, base_period, weekday_by_month


def series(values: dict[str, list[float]], partial: int = 0) -> pd.DataFrame:
    rows = [
        {"period": pd.Timestamp(2026, 1, 1) + pd.Timedelta(days=i), "series": name,
         "downloads": float(value), "partial": i < partial}
        for i in range(len(next(iter(values.values()))))
        for name, value in ((name, listed[i]) for name, listed in values.items())
    ]  # fmt: skip
    return pd.DataFrame(rows)


def value(frame: pd.DataFrame, name: str) -> list[float]:
    return list(frame[frame["series"] == name]["value"].round(4))


def test_shares_of_a_period_make_one() -> None:
    frame = as_view(series({"a": [1, 3], "b": [3, 1]}), View.SHARE, Grain.DAY)
    assert value(frame, "a") == [0.25, 0.75]
    assert list(frame.groupby("period")["value"].sum()) == [1, 1]


def test_the_index_is_100_at_the_first_whole_period_that_all_have() -> None:
    frame = series({"a": [5, 0, 2, 4], "b": [5, 1, 10, 5]}, partial=1)
    assert base_period(frame) == pd.Timestamp(2026, 1, 3)
    indexed = as_view(frame, View.INDEXED, Grain.DAY)
    assert value(indexed, "a")[2:] == [100, 200]
    assert value(indexed, "b")[2:] == [100, 50]


def test_series_that_never_meet_are_indexed_at_their_own_first() -> None:
    indexed = as_view(series({"a": [2, 4, 0], "b": [0, 0, 5]}), View.INDEXED, Grain.DAY)
    assert value(indexed, "a")[:2] == [100, 200]
    assert value(indexed, "b")[2] == 100


def test_the_mean_is_of_seven_days_and_begins_when_there_are_seven() -> None:
    frame = as_view(series({"a": [7] * 6 + [14, 7], "b": [1] * 8}), View.MEAN, Grain.DAY)
    assert pd.isna(value(frame, "a")[5])
    assert value(frame, "a")[6:] == [8, 8]
    assert value(frame, "b")[6:] == [1, 1]


def test_the_mean_of_a_month_is_per_day() -> None:
    frame = pd.DataFrame(
        {"period": [pd.Timestamp(2026, 2, 1)], "series": ["a"], "downloads": [280.0],
         "partial": [False]}
    )  # fmt: skip
    assert value(as_view(frame, View.MEAN, Grain.MONTH), "a") == [10]


def test_zero_has_no_place_on_a_log_scale() -> None:
    assert as_view(series({"a": [0, 5]}), View.LOG, Grain.DAY)["value"].isna().tolist() == [
        True,
        False,
    ]


def test_weekdays_are_compared_with_the_mean_day_of_their_month() -> None:
    days = pd.date_range("2026-01-01", "2026-01-28")
    frame = pd.DataFrame({"period": days, "downloads": [1 if d.weekday() > 4 else 2 for d in days]})
    ratios = weekday_by_month(frame).set_index("weekday")["ratio"]
    mean = (5 * 2 + 2 * 1) / 7
    assert ratios[0] == pytest.approx(2 / mean)
    assert ratios[6] == pytest.approx(1 / mean)


def test_a_month_of_six_days_says_nothing_about_weekdays() -> None:
    frame = pd.DataFrame({"period": pd.date_range("2026-01-26", periods=6), "downloads": 1})
    assert weekday_by_month(frame).empty


@given(
    st.dates(date(2016, 1, 1), date(2030, 1, 1)),
    st.integers(0, 900),
    st.sampled_from([Grain.DAY, Grain.WEEK, Grain.MONTH]),
)
def test_the_periods_cover_every_day_once_and_the_cut_ones_are_marked(
    first: date, length: int, grain: Grain
) -> None:
    period = Period(first, date.fromordinal(first.toordinal() + length))
    starts = period_starts(period, grain)
    days = pd.date_range(period.first, period.last)
    owner = starts.index.searchsorted(days, side="right") - 1
    assert sorted(set(owner)) == list(range(len(starts)))
    whole = {
        Grain.DAY: lambda start: 1,
        Grain.WEEK: lambda start: 7,
        Grain.MONTH: lambda start: start.days_in_month,
    }[grain]
    counts = pd.Series(owner).value_counts()
    for position, (start, partial) in enumerate(starts.items()):
        assert partial == (counts[position] < whole(start))


def test_a_day_has_24_hours() -> None:
    starts = period_starts(Period(date(2026, 3, 29), date(2026, 3, 29)), Grain.HOUR)
    assert len(starts) == 24
    assert not starts.any()


def test_a_week_of_days_is_provisional() -> None:
    assert provisional_since(date(2026, 11, 21)) == date(2026, 11, 15)
