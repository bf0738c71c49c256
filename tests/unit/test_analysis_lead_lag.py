"""Leads and lags: planted ones are found with their sign, and none where there is none."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from lib.analysis.comparable import UNUSABLE
from lib.analysis.lead_lag import FARTHEST, FEWEST_CHANGES, LeadLag, Order, lead_lag
from lib.analysis.paired_months import PairedMonths
from lib.analysis.parting import parting

SEEDS = 500

MONTHS = 48

PERIODS = pd.date_range("2020-01-01", periods=100, freq="MS", unit="s")


def months(interest: np.ndarray, downloads: np.ndarray, stretch: object = 0) -> pd.DataFrame:
    """Months from 2020 on, of series given by their logarithms."""
    return pd.DataFrame(
        {
            "period": PERIODS[: len(interest)],
            "interest": np.exp(interest),
            "downloads": np.exp(downloads) * 1e5,
            "stretch": stretch,
        }
    )


def remembering(random: np.random.Generator, count: int, memory: float) -> np.ndarray:
    values = random.normal(size=count + 30)
    for at in range(1, len(values)):
        values[at] += memory * values[at - 1]
    return values[30:]


def walks(random: np.random.Generator) -> pd.DataFrame:
    """Two walks without an aim, both upward, that have nothing to do with each other."""
    steps = 0.02 + 0.1 * random.normal(size=(2, MONTHS))
    return months(*steps.cumsum(axis=1))


def seasons(random: np.random.Generator) -> pd.DataFrame:
    """Two trends with memory of their own that share their season: a dip in December, and waves."""
    at = np.arange(MONTHS)
    shared = 0.3 * np.sin(2 * np.pi * at / 12) - 0.5 * (at % 12 == 11)
    own = [0.03 * at + shared + 0.1 * remembering(random, MONTHS, 0.6) for _ in range(2)]
    return months(own[0], own[1])


def breaks(random: np.random.Generator) -> pd.DataFrame:
    """Changes of the record right when interest jumps: of the level, and a gap."""
    at = np.arange(MONTHS)
    jumps = 1.5 * (at >= 20) - 1.2 * (at >= 34)
    interest = jumps + 0.1 * random.normal(size=MONTHS)
    stretch = (at >= 20) + (at >= 34) * 1
    frame = months(interest, jumps + 0.1 * random.normal(size=MONTHS), stretch)
    lost = frame["period"].between("2021-02-01", "2021-03-01")
    return frame.assign(
        downloads=frame["downloads"].where(~lost, 1.0),
        stretch=frame["stretch"].where(~lost, UNUSABLE),
    )


def planted(
    random: np.random.Generator, lag: int, strength: float = 0.8, count: int = MONTHS
) -> pd.DataFrame:
    """Walks of which the steps of downloads resemble those of interest `lag` months before."""
    spare = FARTHEST
    steps = random.normal(size=count + 2 * spare)
    rest = np.sqrt(1 - strength**2) * random.normal(size=count)
    after = strength * steps[spare - lag : spare - lag + count] + rest
    return months(0.1 * steps[spare : spare + count].cumsum(), 0.1 * after.cumsum())


def told(make: object, seeds: int = SEEDS) -> list[LeadLag]:
    assert callable(make)
    found = [lead_lag(make(np.random.default_rng(seed))) for seed in range(seeds)]
    assert all(found)
    return [each for each in found if each]


@pytest.mark.parametrize("make", [walks, seasons, breaks])
def test_no_lead_is_found_between_series_that_have_nothing_to_do_with_each_other(
    make: object,
) -> None:
    orders = [each.order for each in told(make)]
    assert np.mean([order is not Order.NONE for order in orders]) <= 0.07


@pytest.mark.parametrize("lag", [-4, -1, 0, 2])
def test_a_planted_lead_is_found_at_its_lag_and_with_its_sign(lag: int) -> None:
    found = told(lambda random: planted(random, lag), 125)
    order = Order.TOGETHER if lag == 0 else Order.LEADS if lag > 0 else Order.FOLLOWS
    assert np.mean([each.order is order for each in found]) >= 0.9
    assert np.mean([each.strongest.months == lag for each in found]) >= 0.95
    held = [each.strongest.low <= 0.8 <= each.strongest.high for each in found]
    assert np.mean(held) >= 0.9
    wrong = {Order.LEADS, Order.FOLLOWS, Order.TOGETHER} - {order}
    assert not any(each.order in wrong for each in found)


def test_an_order_that_is_told_is_mostly_right_even_where_the_connection_is_weak() -> None:
    found = told(lambda random: planted(random, 1, 0.5), 150)
    orders = [each.order for each in found if each.order not in (Order.NONE, Order.UNCLEAR)]
    assert len(orders) >= 30
    assert np.mean([order is Order.LEADS for order in orders]) >= 0.9


def test_downloads_that_fall_after_interest_rose_are_found_with_a_negative_sign() -> None:
    frame = planted(np.random.default_rng(1), 2)
    found = lead_lag(frame.assign(downloads=1e9 / frame["downloads"]))
    assert found and found.order is Order.LEADS
    assert found.strongest.months == 2
    assert found.strongest.high < 0


def test_correlations_are_those_of_plain_pandas() -> None:
    """Without memory in interest nothing is filtered, and one season a year is plain means."""
    frame = next(
        frame
        for seed in range(50)
        if (frame := planted(np.random.default_rng(seed), 1)) is not None
        and (found := lead_lag(frame))
        and found.terms == 0
    )
    frame = frame.assign(downloads=frame["downloads"].where(frame.index != 30))
    found = lead_lag(frame)
    assert found and found.terms == 0
    changes = np.log(frame[["interest", "downloads"]]).diff()
    month = frame["period"].dt.month
    centered = changes - changes.groupby(month).transform("mean")
    for lag in found.lags:
        later = centered["downloads"].shift(-lag.months)
        assert lag.correlation == pytest.approx(centered["interest"].corr(later))
        assert lag.pairs == (centered["interest"].notna() & later.notna()).sum()
    assert found.changes == MONTHS - 3


def test_what_lies_across_a_change_of_the_record_or_in_a_spoiled_month_weighs_nothing() -> None:
    frame = planted(np.random.default_rng(3), 1, count=72)
    frame["stretch"] = (frame.index >= 40).astype(int)
    frame.loc[10, "stretch"] = UNUSABLE
    scaled = frame.copy()
    scaled.loc[40:, "downloads"] *= 50
    scaled.loc[10, "downloads"] = 1.0
    first, second = lead_lag(frame), lead_lag(scaled)
    assert first and second
    assert [lag.correlation for lag in first.lags] == pytest.approx(
        [lag.correlation for lag in second.lags]
    )
    assert first.changes == second.changes == 71 - 1 - 2


def test_months_without_interest_are_left_out_and_not_taken_for_little() -> None:
    frame = planted(np.random.default_rng(3), 1, count=60)
    nothing, unknown = frame.copy(), frame.copy()
    nothing.loc[[7, 20], "interest"] = 0.0
    unknown.loc[[7, 20], "interest"] = np.nan
    assert lead_lag(nothing) == lead_lag(unknown)
    rows = PairedMonths.of(nothing)
    assert np.isnan(rows.interest[[7, 20]]).all() and not np.isnan(rows.interest[8])


def test_a_month_that_has_no_row_is_not_known() -> None:
    frame = planted(np.random.default_rng(3), 1, count=60)
    blank = frame.copy()
    blank.loc[25, ["interest", "downloads"]] = np.nan
    assert lead_lag(frame.drop(index=25)) == lead_lag(blank)


@pytest.mark.parametrize("count", [1, 2, FEWEST_CHANGES])
def test_too_few_months_tell_nothing(count: int) -> None:
    assert lead_lag(planted(np.random.default_rng(1), 0, count=count)) is None


def test_the_fewest_months_look_at_lags_that_they_can_tell() -> None:
    found = lead_lag(planted(np.random.default_rng(1), 0, count=FEWEST_CHANGES + 1))
    assert found
    assert max(lag.months for lag in found.lags) <= 4
    assert all(-1 <= lag.low <= lag.correlation <= lag.high <= 1 for lag in found.lags)


@pytest.mark.parametrize("column", ["interest", "downloads"])
def test_a_series_that_does_not_vary_tells_nothing(column: str) -> None:
    frame = planted(np.random.default_rng(1), 0).assign(**{column: 100.0})
    assert lead_lag(frame) is None


def test_the_same_months_give_the_same_answer() -> None:
    frame = planted(np.random.default_rng(1), 2)
    assert lead_lag(frame) == lead_lag(frame)


@pytest.mark.parametrize("analysis", [lead_lag, parting])
def test_any_months_give_an_answer_or_none(analysis: Callable[[pd.DataFrame], object]) -> None:
    for seed in range(30):
        random = np.random.default_rng(seed)
        count = int(random.integers(1, 90))
        at = np.arange(count)
        shapes = [
            np.zeros(count),
            0.1 * at,
            (at % 2) * 1.0,
            np.sin(at),
            random.normal(size=count),
            np.log1p(random.poisson(1, count)),
            500 * random.normal(size=count),
        ]
        one, other = (shapes[number] for number in random.integers(0, len(shapes), 2))
        stretch = np.sort(random.integers(UNUSABLE, random.integers(1, 9), count))
        with np.errstate(over="ignore"):
            frame = months(one, other, random.permutation(stretch) if seed % 2 else stretch)
        blank = random.random((count, 2)) < random.choice([0, 0.05, 0.4, 1])
        columns = ["interest", "downloads"]
        frame[columns] = frame[columns].replace(np.inf, np.nan).mask(blank)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            analysis(frame)
