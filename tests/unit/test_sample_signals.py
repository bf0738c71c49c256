"""The simulated signals of the sample: called so, the same for a seed, modeled on what is known."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from lib.cubes import Grain
from lib.signals import Signal, SignalSeries
from lib.sources.sample.recipe import Recipe, simulations_of
from lib.sources.sample.signals import simulated_signals

UNTIL = date(2026, 11, 21)


def signals_of(seed: int = 1, until: date = UNTIL) -> dict[tuple[Signal, str], SignalSeries]:
    return {
        (one.signal, one.term): one
        for simulation in simulations_of(Recipe(seed, 60, None), until)
        for one in simulated_signals(simulation, until)
    }


@pytest.fixture(scope="module")
def found() -> dict[tuple[Signal, str], SignalSeries]:
    return signals_of()


def test_every_one_is_called_simulated(found: dict[tuple[Signal, str], SignalSeries]) -> None:
    assert len({key[1] for key in found}) > 20
    assert all(one.simulated and "not fetched" in one.source for one in found.values())
    grains = {one.signal: one.grain for one in found.values()}
    assert grains == {
        Signal.STACK_OVERFLOW: Grain.MONTH,
        Signal.GOOGLE_TRENDS: Grain.WEEK,
        Signal.WIKIPEDIA: Grain.DAY,
    }


def test_questions_fall_as_the_site_did(found: dict[tuple[Signal, str], SignalSeries]) -> None:
    published = {2020: 256_441, 2022: 196_603, 2023: 123_436, 2024: 65_788, 2025: 18_269}
    frame = found[Signal.STACK_OVERFLOW, "numpy"].frame
    by_year = frame.groupby(frame["period"].dt.year)["value"].mean()
    for year in (2020, 2023, 2024, 2025):
        ratio = by_year[year] / by_year[2022]
        assert ratio == pytest.approx(published[year] / published[2022], rel=0.25)


def test_searches_are_as_google_writes_them(
    found: dict[tuple[Signal, str], SignalSeries],
) -> None:
    trends = [one.frame for one in found.values() if one.signal is Signal.GOOGLE_TRENDS]
    for frame in trends:
        assert len(frame) <= 260
        assert frame["period"].dt.day_of_week.eq(6).all()
        assert frame["value"].max() == 100
        whole = frame["value"][~frame["flagged"]]
        assert (whole == whole.round()).all()
        assert (frame["value"][frame["flagged"]] == 0.5).all()


def test_articles_are_read_less_on_weekends(
    found: dict[tuple[Signal, str], SignalSeries],
) -> None:
    frame = found[Signal.WIKIPEDIA, "NumPy"].frame
    weekend = frame["period"].dt.day_of_week >= 5
    assert frame["value"][weekend].mean() / frame["value"][~weekend].mean() == pytest.approx(
        0.62, abs=0.03
    )


def test_nothing_is_known_of_periods_that_are_not_over(
    found: dict[tuple[Signal, str], SignalSeries],
) -> None:
    assert all(one.period.last <= UNTIL for one in found.values())


def test_another_day_of_building_gives_the_same_months_and_days(
    found: dict[tuple[Signal, str], SignalSeries],
) -> None:
    earlier = signals_of(until=date(2026, 9, 13))
    for key, one in earlier.items():
        if one.signal is not Signal.GOOGLE_TRENDS:
            merged = one.frame.merge(found[key].frame, on="period")
            assert len(merged) == len(one.frame)
            pd.testing.assert_series_equal(merged["value_x"], merged["value_y"], check_names=False)


def test_the_seed_decides(found: dict[tuple[Signal, str], SignalSeries]) -> None:
    again, other = signals_of(), signals_of(seed=2)
    for key, one in found.items():
        pd.testing.assert_frame_equal(one.frame, again[key].frame)
    key = Signal.WIKIPEDIA, "NumPy"
    assert not found[key].frame["value"].equals(other[key].frame["value"])
