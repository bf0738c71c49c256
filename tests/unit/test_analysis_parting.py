"""Partings: a planted change of course is found in its month, and none where there is none."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import pytest

from lib.analysis.bends import FROM_THE_ENDS
from lib.analysis.comparable import UNUSABLE
from lib.analysis.parting import FEWEST_MONTHS, Parting, parting

SEEDS = 500

MONTHS = 72

AT = 36

YEARS = np.arange(MONTHS) / 12

PERIODS = pd.date_range("2019-01-01", periods=100, freq="MS", unit="s")


def months(interest: np.ndarray, downloads: np.ndarray, stretch: object = 0) -> pd.DataFrame:
    """Months from 2019 on, of series given by their logarithms."""
    return pd.DataFrame(
        {
            "period": PERIODS[: len(interest)],
            "interest": np.exp(interest),
            "downloads": np.exp(downloads) * 1e5,
            "stretch": stretch,
        }
    )


def noise(random: np.random.Generator, memory: float) -> np.ndarray:
    values = random.normal(size=MONTHS + 50)
    for at in range(1, len(values)):
        values[at] += memory * values[at - 1]
    return 0.1 * values[50:]


def walking(random: np.random.Generator) -> pd.DataFrame:
    """Two walks without an aim, with drifts of their own: their ratio is one as well."""
    interest, downloads = 0.07 * random.normal(size=(2, MONTHS)).cumsum(axis=1)
    return months(interest, 0.3 * YEARS + downloads)


def changed_record(random: np.random.Generator) -> pd.DataFrame:
    """A steady course, a season, and a record that counts half as much from a month on."""
    season = 0.3 * np.sin(2 * np.pi * YEARS)
    level = np.where(np.arange(MONTHS) >= 40, -0.7, 0)
    frame = months(
        season - 0.2 * YEARS + noise(random, 0.4),
        0.3 * YEARS + level - season,
        np.arange(MONTHS) >= 40,
    )
    lost = frame.index.isin([20, 21])
    return frame.assign(
        downloads=frame["downloads"].where(~lost, 5.0),
        stretch=frame["stretch"].astype(int).where(~lost, UNUSABLE),
    )


def bent(random: np.random.Generator, memory: float, fall: float = 0.7) -> pd.DataFrame:
    """Interest falls by so much more a year (of its logarithm) from the middle on."""
    after = (YEARS - AT / 12).clip(0)
    return months(-fall * after + noise(random, memory), 0.4 * YEARS)


def told(make: object, seeds: int = SEEDS) -> list[Parting]:
    assert callable(make)
    found = [parting(make(np.random.default_rng(seed))) for seed in range(seeds)]
    assert all(each is not None for each in found)
    return [each for each in found if each]


@pytest.mark.parametrize("make", [walking, changed_record])
def test_no_parting_is_found_where_there_is_none(make: object) -> None:
    assert np.mean([each.change is not None for each in told(make)]) <= 0.07


def test_the_rate_of_one_course_lies_in_its_interval() -> None:
    rates = [each.throughout.ratio for each in told(partial(bent, memory=0.4, fall=0), 200)]
    assert np.mean([each.low <= np.expm1(-0.4) <= each.high for each in rates]) >= 0.92


@pytest.mark.parametrize("memory", [0.0, 0.5])
def test_a_planted_parting_is_found_with_its_month_and_rates(memory: float) -> None:
    changes = [each.change for each in told(partial(bent, memory=memory), 120)]
    found = [each for each in changes if each]
    assert len(found) >= 0.9 * len(changes)
    month = pd.Timestamp("2022-01-01")
    assert np.mean([each.earliest <= month <= each.latest for each in found]) >= 0.9
    assert np.median([abs((each.moment - month).days) for each in found]) <= 62
    before = [each.before.ratio for each in found]
    after = [each.after.ratio for each in found]
    assert np.mean([each.low <= np.expm1(-0.4) <= each.high for each in before]) >= 0.9
    assert np.mean([each.low <= np.expm1(-1.1) <= each.high for each in after]) >= 0.9


def test_what_the_ratio_does_is_what_interest_does_over_what_downloads_do() -> None:
    found = parting(bent(np.random.default_rng(1), 0.2))
    assert found and found.change
    for course in (found.change.before, found.change.after, found.throughout):
        assert (1 + course.interest) / (1 + course.downloads) == pytest.approx(
            1 + course.ratio.value
        )
    assert found.change.after.downloads == pytest.approx(np.expm1(0.4))


def test_the_bend_is_where_least_squares_put_it() -> None:
    """Against lines fitted one by one, with a column for each level and calendar month."""
    frame = changed_record(np.random.default_rng(4))
    frame["interest"] *= np.exp(-0.9 * (YEARS - 3).clip(0))
    found = parting(frame)
    assert found and found.change
    known = frame[frame["stretch"] != UNUSABLE]
    ratio = np.log(known["interest"] / known["downloads"]).to_numpy()
    years = known.index.to_numpy() / 12
    levels = pd.get_dummies(known["stretch"]).to_numpy(float)
    season = pd.get_dummies(known["period"].dt.month).to_numpy(float)
    left, slopes = {}, {}
    for at in known.index[FROM_THE_ENDS:-FROM_THE_ENDS]:
        columns = np.column_stack([levels, season, years, (years - at / 12).clip(0)])
        fitted = np.linalg.lstsq(columns, ratio, rcond=None)[0]
        left[at] = ((ratio - columns @ fitted) ** 2).sum()
        slopes[at] = fitted[-2:]
    best = min(left, key=left.__getitem__)
    assert found.change.moment == frame["period"][best]
    assert np.log1p(found.change.before.ratio.value) == pytest.approx(slopes[best][0])
    assert np.log1p(found.change.after.ratio.value) == pytest.approx(slopes[best].sum())


def test_the_course_is_the_line_through_the_ratio_without_its_season() -> None:
    season = 0.4 * np.sin(2 * np.pi * YEARS)
    after = (YEARS - AT / 12).clip(0)
    found = parting(
        months(season - 0.9 * after + 1e-6 * noise(np.random.default_rng(0), 0), 0.4 * YEARS)
    )
    assert found and found.change
    assert found.change.moment == pd.Timestamp("2022-01-01")
    expected = np.exp(-0.4 * YEARS - 0.9 * after) / 1e5
    assert found.fitted["course"].to_numpy() == pytest.approx(expected, rel=1e-3)
    assert found.fitted["ratio"].to_numpy() == pytest.approx(expected * np.exp(season), rel=1e-3)


def test_a_change_of_the_record_at_any_level_weighs_nothing() -> None:
    frame = changed_record(np.random.default_rng(2))
    scaled = frame.copy()
    scaled.loc[40:, "downloads"] *= 30
    scaled.loc[[20, 21], "downloads"] = 9e9
    first, second = parting(frame), parting(scaled)
    assert first and second
    assert first.p_value == second.p_value
    assert first.throughout.ratio.value == pytest.approx(second.throughout.ratio.value)
    assert len(first.fitted) == len(second.fitted) == MONTHS - 2


def test_months_that_are_not_known_of_both_are_left_out() -> None:
    frame = bent(np.random.default_rng(1), 0.2)
    frame.loc[5, "interest"] = 0.0
    frame.loc[9, "downloads"] = np.nan
    found = parting(frame)
    assert found and len(found.fitted) == MONTHS - 2
    assert not found.fitted["period"].isin(frame.loc[[5, 9], "period"]).any()


@pytest.mark.parametrize("count", [1, FEWEST_MONTHS - 1])
def test_too_few_months_tell_nothing(count: int) -> None:
    assert parting(bent(np.random.default_rng(1), 0.2).head(count)) is None


def test_the_fewest_months_are_enough() -> None:
    found = parting(bent(np.random.default_rng(1), 0.2).head(FEWEST_MONTHS))
    assert found and 0 < found.p_value <= 1


def test_what_does_not_vary_tells_nothing() -> None:
    assert parting(months(np.zeros(MONTHS), np.zeros(MONTHS))) is None


def test_stretches_too_short_for_any_course_tell_nothing() -> None:
    frame = bent(np.random.default_rng(1), 0.2)
    assert parting(frame.assign(stretch=range(MONTHS))) is None


def test_the_same_months_give_the_same_answer() -> None:
    first, second = (parting(bent(np.random.default_rng(1), 0.2)) for _ in range(2))
    assert first and second
    assert (first.change, first.p_value, first.throughout) == (
        second.change, second.p_value, second.throughout,
    )  # fmt: skip
