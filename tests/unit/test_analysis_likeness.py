"""What moves alike: planted pairs are found, and neither trends nor shared weeks make any."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy import stats

from lib.analysis.discoveries import FALSE_DISCOVERIES, adjusted
from lib.analysis.likeness import FEWEST_OTHERS, FEWEST_WEEKS, correlations, likeness

SETS, WEEKS, SERIES = 500, 50, 25

SLACK = 0.03
"""Three standard errors of a rate of 5 % among 500 sets."""

Values = NDArray[np.float64]


def noise(seed: int) -> Values:
    """Logarithms of weeks that have nothing to do with each other: [sets, weeks, series]."""
    return np.random.default_rng(seed).normal(0, 0.05, (SETS, WEEKS, SERIES))


def shared_shocks(seed: int) -> Values:
    """A course that all series of a set share, some of them several times as much as others."""
    random = np.random.default_rng(seed)
    parts = random.uniform(0.3, 2.0, (SETS, 1, SERIES))
    return 0.3 * random.standard_t(3, (SETS, WEEKS, 1)) * parts


def found_alike(logs: Values) -> NDArray[np.bool_]:
    """Which series of each set are told to move like its first: [sets, series]."""
    told = correlations(np.diff(logs, axis=1), np.arange(WEEKS - 1), 0)
    sure = np.array([adjusted(row[1:]) <= FALSE_DISCOVERIES for row in told.p_value])
    return sure & (told.correlation[:, 1:] > 0)


def as_weeks(logs: Values, first: str = "2025-01-06") -> pd.DataFrame:
    """Weeks (rows) and series (columns) of logarithms as downloads, in one stretch."""
    weeks = pd.date_range(first, periods=len(logs), freq="7D", unit="s")
    count = logs.shape[1]
    return pd.DataFrame(
        {
            "period": np.repeat(weeks.to_numpy(), count),
            "series": [f"p{number:02}" for number in range(count)] * len(logs),
            "downloads": np.exp(9 + logs).ravel(),
            "stretch": 0,
        }
    )


def one_set(seed: int) -> Values:
    return np.random.default_rng(seed).normal(0, 0.05, (WEEKS, SERIES))


def test_a_planted_pair_is_found_among_what_all_share() -> None:
    logs = noise(1)
    logs[..., 1] = 0.8 * logs[..., 0] + 0.6 * logs[..., 1]
    told = found_alike(logs + shared_shocks(2))
    assert told[:, 0].mean() > 0.9
    assert told[:, 1:].any(axis=1).mean() < FALSE_DISCOVERIES + SLACK


def test_independent_series_are_not_found_more_often_than_is_stated() -> None:
    logs = noise(3)
    assert found_alike(logs).any(axis=1).mean() < FALSE_DISCOVERIES + SLACK


def test_a_shock_that_all_share_makes_no_pair() -> None:
    logs = noise(4) + shared_shocks(5)
    assert found_alike(logs).any(axis=1).mean() < FALSE_DISCOVERIES + SLACK


def test_growth_and_memory_make_no_pair() -> None:
    logs = noise(6).cumsum(axis=1)
    rates = np.random.default_rng(7).normal(0, 0.03, (SETS, 1, SERIES))
    logs += rates * np.arange(WEEKS)[:, np.newaxis]
    changes = logs.copy()
    for week in range(1, WEEKS):
        changes[:, week] = 0.7 * changes[:, week - 1] + noise_of_week(week)
    assert found_alike(logs).any(axis=1).mean() < FALSE_DISCOVERIES + SLACK
    persistent = changes.cumsum(axis=1)
    assert found_alike(persistent).any(axis=1).mean() < FALSE_DISCOVERIES + SLACK


def noise_of_week(week: int) -> Values:
    return np.random.default_rng(1000 + week).normal(0, 0.05, (SETS, SERIES))


def test_intervals_hold_none_as_often_as_they_say() -> None:
    logs = noise(8) + shared_shocks(9)
    told = correlations(np.diff(logs, axis=1), np.arange(WEEKS - 1), 0)
    hold = ((told.low <= 0) & (told.high >= 0))[:, 1:].mean()
    assert hold == pytest.approx(0.95, abs=0.02)


def test_without_anything_shared_it_is_the_rank_correlation_with_fishers_interval() -> None:
    half = np.random.default_rng(10).normal(size=(40, 12))
    changes = np.hstack([half, -half])
    told = correlations(changes, np.arange(40), 0)
    for column in range(1, 24):
        expected = stats.spearmanr(changes[:, 0], changes[:, column]).statistic
        assert told.correlation[column] == pytest.approx(expected)
        size = independent_weeks(changes[:, 0], changes[:, column])
        if column != 12:
            error = np.sqrt((1 + expected**2 / 2) / (size - 4))
            low = np.tanh(np.arctanh(expected) - 1.96 * error)
            assert told.low[column] == pytest.approx(low, abs=1e-4)


def independent_weeks(one: Values, other: Values) -> float:
    """The effective number of weeks, written out lag by lag."""
    count = len(one)
    ranks = [stats.zscore(stats.rankdata(values)) for values in (one, other)]
    total = 1.0
    for lag in range(1, count // 5 + 1):
        first, second = (sum(r[i] * r[i + lag] for i in range(count - lag)) / count for r in ranks)
        total += 2 * first * second
    return count / max(total, 1.0)


def test_an_opposite_course_is_not_alike() -> None:
    logs = one_set(11)
    logs[:, 1] = -logs[:, 0]
    told = likeness(as_weeks(logs), "p00")
    assert told is not None
    opposite = told.frame[told.frame["series"] == "p01"].iloc[0]
    assert opposite["high"] < 0
    assert not opposite["alike"]


def test_one_week_with_a_million_downloads_makes_no_pair() -> None:
    logs = one_set(12)
    logs[20, :2] += 8
    told = likeness(as_weeks(logs), "p00")
    assert told is not None
    assert not told.frame["alike"].any()


def test_nothing_is_compared_across_a_break() -> None:
    logs = one_set(13)
    frame = as_weeks(logs)
    frame["stretch"] = np.repeat(np.arange(WEEKS) >= 30, SERIES).astype(int)
    stepped = logs.copy()
    stepped[30:, ::2] -= 2
    moved = frame.assign(downloads=as_weeks(stepped)["downloads"])
    plain, told = likeness(frame, "p00"), likeness(moved, "p00")
    assert plain is not None
    assert told is not None
    assert told.weeks == WEEKS - 2
    pd.testing.assert_frame_equal(plain.frame, told.frame, rtol=1e-9)


def test_a_series_with_an_empty_week_is_left_out_and_counted() -> None:
    frame = as_weeks(one_set(14))
    empty = (frame["series"] == "p03") & (frame["period"] == frame["period"].iloc[0])
    frame.loc[empty, "downloads"] = 0
    told = likeness(frame, "p00")
    assert told is not None
    assert told.left_out == 1
    assert "p03" not in set(told.frame["series"])
    assert len(told.frame) == SERIES - 2


@pytest.mark.parametrize(
    ("weeks", "series", "name"),
    [(FEWEST_WEEKS, SERIES, "p00"), (WEEKS, FEWEST_OTHERS, "p00"), (1, SERIES, "p00"),
     (WEEKS, SERIES, "no-such-package")],
    ids=["too few weeks", "too few others", "one week", "not among them"],
)  # fmt: skip
def test_too_little_tells_nothing(weeks: int, series: int, name: str) -> None:
    assert likeness(as_weeks(one_set(15)[:weeks, :series]), name) is None


def test_constant_series_are_neither_alike_nor_an_error() -> None:
    told = likeness(as_weeks(np.zeros((WEEKS, SERIES))), "p00")
    assert told is not None
    assert not told.frame["alike"].any()
