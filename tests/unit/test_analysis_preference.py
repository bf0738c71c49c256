"""Which countries prefer a set: planted preferences are found, and chance makes hardly any."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from lib.analysis.comparable import with_stretches
from lib.analysis.preference import (
    Judging,
    Verdict,
    location_quotients,
    set_ratio_by_country,
)
from lib.breaks import Break, all_breaks
from lib.cubes import Grain

COUNTRIES = [f"C{number}" for number in range(40)]

LEVELS = np.geomspace(50, 5000, len(COUNTRIES))

FEW_RESAMPLES = Judging(resamples=200)

SEEDS = 500

FOUND = (Verdict.MORE, Verdict.LESS)


def counts(
    days: pd.DatetimeIndex, seed: int, levels: NDArray[np.float64] = LEVELS, noise: float = 0.1
) -> NDArray[np.int64]:
    """Downloads that vary by day and country, with a weekly dip: [days, countries]."""
    random = np.random.default_rng(seed)
    week = np.where(days.day_of_week >= 5, 0.6, 1.0)[:, np.newaxis]
    varied = np.exp(random.normal(0, noise, (len(days), len(levels))))
    return random.poisson(levels * week * varied)


def frame(
    days: pd.DatetimeIndex, table: NDArray[np.int64], names: list[str] | None = None
) -> pd.DataFrame:
    names = names or COUNTRIES
    return pd.DataFrame(
        {
            "period": np.repeat(days, len(names)),
            "country": np.tile(names, len(days)),
            "downloads": table.ravel(),
            "stretch": 0,
        }
    )


WEEKS_8 = pd.date_range("2025-01-06", periods=56)

MANY_DAYS = pd.date_range("2025-01-06", periods=182)


def verdicts(result: pd.DataFrame) -> dict[str, Verdict]:
    return dict(zip(result["country"], result["verdict"], strict=True))


def test_without_a_preference_one_is_told_in_no_more_than_the_stated_part_of_500_seeds() -> None:
    wrong, covered = 0, 0.0
    for seed in range(SEEDS):
        result = location_quotients(
            frame(WEEKS_8, counts(WEEKS_8, seed)),
            frame(WEEKS_8, counts(WEEKS_8, seed + 10_000)),
            Grain.DAY,
            FEW_RESAMPLES,
        )
        wrong += bool(result["verdict"].isin(FOUND).any())
        covered += ((result["low"] <= 1) & (result["high"] >= 1)).mean()
    # The 95 % interval of 500 trials of 5 % reaches to 7 %.
    assert wrong / SEEDS <= 0.07
    assert 0.93 <= covered / SEEDS <= 0.98


def test_of_the_countries_told_to_differ_no_more_than_the_stated_part_do_not() -> None:
    levels = LEVELS * np.where(np.arange(len(COUNTRIES)) < 30, 1.0, 1.4)
    differ = set(COUNTRIES[30:])
    wrong, missed = [], []
    for seed in range(40):
        result = location_quotients(
            frame(MANY_DAYS, counts(MANY_DAYS, seed, levels)),
            frame(MANY_DAYS, counts(MANY_DAYS, seed + 10_000)),
            Grain.DAY,
            FEW_RESAMPLES,
        )
        # Where others have more, the rest have a smaller share: shares of all sum to one.
        told = set(result["country"][result["verdict"] == Verdict.MORE])
        wrong.append(len(told - differ) / max(len(told), 1))
        missed.append(len(differ - told))
    assert np.mean(wrong) <= 0.05
    assert np.mean(missed) < 0.1


def test_a_planted_preference_is_found_with_its_size_in_the_interval() -> None:
    levels = LEVELS.copy()
    levels[20] *= 2
    whole = levels.sum() / LEVELS.sum()
    result = location_quotients(
        frame(WEEKS_8, counts(WEEKS_8, 1, levels)),
        frame(WEEKS_8, counts(WEEKS_8, 2)),
        Grain.DAY,
    )
    first = result.iloc[0]
    assert first["country"] == "C20"
    assert first["verdict"] == Verdict.MORE
    assert first["low"] < 2 / whole < first["high"]
    assert first["ratio"] == pytest.approx(first["share"] / first["compared_share"], rel=1e-3)


def test_the_odds_ratio_is_that_of_the_country_against_everywhere_else() -> None:
    days = WEEKS_8
    one = np.tile([200, 300, 500], (len(days), 1))
    other = np.tile([100, 300, 600], (len(days), 1))
    names = ["DE", "FR", "US"]
    result = set_ratio_by_country(frame(days, one, names), frame(days, other, names), Grain.DAY)
    ratios = dict(zip(result["country"], result["ratio"], strict=True))
    assert ratios["DE"] == pytest.approx((200 / 100) / (800 / 900), rel=1e-3)
    assert ratios["US"] == pytest.approx((500 / 600) / (500 / 400), rel=1e-3)


def test_exchanging_the_sets_turns_the_odds_ratio_round() -> None:
    one, other = frame(WEEKS_8, counts(WEEKS_8, 3)), frame(WEEKS_8, counts(WEEKS_8, 4))
    there = set_ratio_by_country(one, other, Grain.DAY).set_index("country")
    back = set_ratio_by_country(other, one, Grain.DAY).set_index("country")
    assert np.allclose(there["ratio"] * back["ratio"], 1)
    assert np.allclose(there["low"] * back["high"], 1)


def test_a_country_with_too_few_downloads_is_listed_and_not_judged() -> None:
    levels = LEVELS.copy()
    levels[0] = 3
    one = counts(WEEKS_8, 5, levels)
    one[:, 0] *= 5
    result = location_quotients(
        frame(WEEKS_8, one), frame(WEEKS_8, counts(WEEKS_8, 6, levels)), Grain.DAY
    )
    few = result.set_index("country").loc["C0"]
    assert few["verdict"] == Verdict.TOO_FEW
    assert few[["low", "high", "p_value", "adjusted"]].isna().all()
    assert few["downloads"] == one[:, 0].sum()


def test_a_country_without_any_download_of_the_set_is_told_to_have_less() -> None:
    one = counts(WEEKS_8, 7)
    one[:, 25] = 0
    result = location_quotients(frame(WEEKS_8, one), frame(WEEKS_8, counts(WEEKS_8, 8)), Grain.DAY)
    assert verdicts(result)["C25"] == Verdict.LESS


@pytest.mark.parametrize("known_only", [False, True])
def test_unknown_stands_alone_and_leaves_the_sums_only_when_told_to(known_only: bool) -> None:
    names = ["DE", "US", "unknown"]
    one = frame(WEEKS_8, np.tile([100, 300, 100], (56, 1)), names)
    other = frame(WEEKS_8, np.tile([100, 300, 400], (56, 1)), names)
    result = location_quotients(one, other, Grain.DAY, Judging(known_only=known_only))
    assert result["country"].iloc[-1] == "unknown"
    assert result["verdict"].iloc[-1] == Verdict.UNKNOWN
    assert np.isnan(result["adjusted"].iloc[-1])
    share = result.set_index("country").loc["DE", "share"]
    assert share == pytest.approx(0.25 if known_only else 0.2)
    ratio = result.set_index("country").loc["DE", "ratio"]
    assert ratio == pytest.approx(1.0 if known_only else 0.2 / 0.125, rel=1e-3)


@pytest.mark.parametrize(("months", "known"), [(11, False), (12, True), (24, True)])
def test_months_have_an_interval_from_a_year_on(months: int, known: bool) -> None:
    starts = pd.date_range("2024-01-01", periods=months, freq="MS")
    levels = LEVELS * 30
    doubled = levels.copy()
    doubled[30] *= 2
    result = location_quotients(
        frame(starts, counts(starts, 1, doubled)),
        frame(starts, counts(starts, 2, levels)),
        Grain.MONTH,
    )
    found = verdicts(result)
    assert (found["C30"] == Verdict.MORE) is known
    assert known or set(found.values()) == {Verdict.NO_INTERVAL}
    assert result["low"].notna().any() == known


def test_several_series_of_one_set_are_summed() -> None:
    one = frame(WEEKS_8, counts(WEEKS_8, 1))
    halves = pd.concat([one.assign(series="a"), one.assign(series="b")])
    other = frame(WEEKS_8, counts(WEEKS_8, 2))
    whole = location_quotients(one, other, Grain.DAY).set_index("country")
    double = location_quotients(halves, other, Grain.DAY).set_index("country")
    assert (double["downloads"] == 2 * whole["downloads"]).all()
    assert np.allclose(double["ratio"], whole["ratio"], rtol=1e-3)


def test_of_several_stretches_the_latest_that_is_long_enough_is_used() -> None:
    days = pd.date_range("2025-01-01", periods=100)
    stretch = np.repeat([0] * 50 + [1] * 40 + [-1] * 3 + [2] * 7, len(COUNTRIES))
    one = frame(days, counts(days, 1)).assign(stretch=stretch)
    other = frame(days, counts(days, 2)).assign(stretch=stretch)
    found = location_quotients(one, other, Grain.DAY)
    assert found["downloads"].sum() == one["downloads"][stretch == 1].sum()
    assert found["low"].notna().all()
    tail = [each[each["period"] >= days[60]] for each in (one, other)]
    found = location_quotients(tail[0], tail[1], Grain.DAY)
    assert found["downloads"].sum() == tail[0]["downloads"][tail[0]["stretch"] == 1].sum()


def test_nothing_held_gives_no_rows() -> None:
    nothing = frame(WEEKS_8[:0], np.empty((0, 0), dtype=np.int64), COUNTRIES)
    assert location_quotients(nothing, nothing, Grain.DAY).empty


def last_change(found: Break) -> date:
    """The day from which the record counts as it does after all that the break changed."""
    if found.last is None or found.last == found.first:
        return found.first
    return found.last + timedelta(days=1)


@pytest.mark.parametrize("found", all_breaks(), ids=lambda found: f"{found.first} {found.title}")
def test_no_break_of_the_record_looks_like_a_preference(found: Break) -> None:
    changed = pd.Timestamp(last_change(found))
    days = pd.date_range(changed - pd.Timedelta(days=60), periods=120)
    one, other = (counts(days, seed, LEVELS * 20, noise=0.04) for seed in (1, 2))
    if found.kind == "gap":
        last = found.last or found.first
        lost = (days >= pd.Timestamp(found.first)) & (days <= pd.Timestamp(last))
        one[np.ix_(lost, np.arange(20, 40))] = 0
    elif found.concerns(("country",)):
        one[days < changed, 30] *= 3
    marked = [
        with_stretches(frame(days, table), Grain.DAY, all_breaks(), ("country",))
        for table in (one, other)
    ]
    result = location_quotients(marked[0], marked[1], Grain.DAY)
    assert not result["verdict"].isin(FOUND).any()
    assert result["ratio"].between(0.97, 1.03).all()
