"""How a country's shares of packages are distributed, against figures known from elsewhere."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lib.analysis.dominance import dominance, shares_with_intervals
from lib.questions.telling.factors import factor, factor_interval, times

DAYS = pd.date_range("2026-09-07", periods=84)


def frame(days: pd.DatetimeIndex, counts: dict[str, np.ndarray]) -> pd.DataFrame:
    parts = [
        pd.DataFrame({"period": days, "series": name, "downloads": values})
        for name, values in counts.items()
    ]
    return pd.concat(parts)


def test_the_quartiles_and_the_majority_are_counted() -> None:
    found = dominance(pd.Series([0.1, 0.3, 0.5, 0.6, 0.8]))
    assert (found.lower_quartile, found.median, found.upper_quartile) == (0.3, 0.5, 0.6)
    assert (found.majority, found.count) == (2, 5)


def test_the_interval_of_a_part_is_wilsons() -> None:
    # Wilson's interval of 81 in 263, by Newcombe (1998), Table I.
    shares = pd.Series([0.9] * 81 + [0.1] * 182)
    found = dominance(shares)
    assert found.part_low == pytest.approx(0.2553, abs=5e-5)
    assert found.part_high == pytest.approx(0.3662, abs=5e-5)


def test_the_interval_of_the_median_holds_it_as_often_as_stated() -> None:
    random = np.random.default_rng(1)
    held = 0
    for _ in range(500):
        found = dominance(pd.Series(random.beta(5, 2, size=60)))
        held += found.median_low <= 0.7355 <= found.median_high
    assert 0.93 <= held / 500 <= 0.99


def test_a_share_has_an_interval_that_holds_it_as_often_as_stated() -> None:
    held = 0
    for seed in range(300):
        random = np.random.default_rng(seed)
        part, rest = (
            random.poisson(level * np.exp(random.normal(0, 0.2, len(DAYS)))) for level in (300, 700)
        )
        row = shares_with_intervals(
            frame(DAYS, {"numpy": part}), frame(DAYS, {"numpy": part + rest}), seed=seed
        ).iloc[0]
        held += row["low"] <= 0.3 <= row["high"]
    assert 0.92 <= held / 300 <= 0.98


def test_a_share_of_few_days_has_no_interval_and_no_downloads_are_a_share_of_none() -> None:
    days = DAYS[:20]
    whole = frame(days, {"numpy": np.full(20, 10), "six": np.full(20, 5)})
    found = shares_with_intervals(frame(days, {"numpy": np.full(20, 4)}), whole)
    shares = found.set_index("series")["share"]
    assert shares.to_dict() == {"numpy": 0.4, "six": 0.0}
    assert found[["low", "high"]].isna().all(axis=None)


@pytest.mark.parametrize(
    ("ratio", "in_words", "in_a_figure"),
    [
        (46.82, "47 times", "×46.8"),
        (3.732, "3.7 times", "×3.73"),
        (0.2512, "0.25 times", "×0.251"),
        (1234.5, "1,234 times", "×1,234"),
        (0.0, "0 times", "×0"),
    ],
)
def test_ratios_are_written_in_few_digits(ratio: float, in_words: str, in_a_figure: str) -> None:
    assert times(ratio) == in_words
    assert factor(ratio) == in_a_figure


def test_what_has_no_interval_says_so() -> None:
    assert factor_interval(1.5, 2.25) == "95 % interval ×1.50 to ×2.25"
    assert factor_interval(float("nan"), float("nan")).startswith("no interval")
    assert factor(float("nan")) == "–"
