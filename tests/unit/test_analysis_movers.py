"""What moved: planted rises, falls, arrivals and silences are found, and chance makes none."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from lib.analysis.movers import Judging, Movement, Moves, moves
from lib.analysis.spans import Spans
from lib.breaks import Break, all_breaks
from lib.cubes import Grain
from lib.router import Period

SEEDS = 500

BEFORE = Period(date(2026, 9, 21), date(2026, 10, 18))

AFTER = Period(date(2026, 10, 19), date(2026, 11, 15))

DAYS = pd.date_range(BEFORE.first, AFTER.last)

LATER = np.asarray(pd.Timestamp(AFTER.first) <= DAYS)

NAMES = [f"p{number}" for number in range(40)]

LEVELS = np.geomspace(200, 30_000, len(NAMES))

SPANS = Spans.of(BEFORE, AFTER, Grain.DAY, all_breaks())


def counts(days: pd.DatetimeIndex, seed: int = 0, noise: float = 0.08) -> NDArray[np.int64]:
    random = np.random.default_rng(seed)
    week = np.where(days.day_of_week >= 5, 0.5, 1.0)[:, np.newaxis]
    varied = np.exp(random.normal(0, noise, (len(days), len(NAMES))))
    return random.poisson(LEVELS * week * varied)


def frame(days: pd.DatetimeIndex, table: NDArray[np.int64]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "period": np.repeat(days, len(NAMES)),
            "series": np.tile(NAMES, len(days)),
            "downloads": table.ravel(),
        }
    )


def movement(found: Moves) -> dict[str, Movement]:
    return dict(zip(found.frame["series"], found.frame["movement"], strict=True))


def test_a_planted_rise_and_fall_are_found_with_their_size_in_the_interval() -> None:
    table = counts(DAYS)
    table[LATER, 20] *= 2
    table[LATER, 30] //= 2
    found = moves(frame(DAYS, table), SPANS)
    told = movement(found)
    assert told.pop("p20") == Movement.ROSE
    assert told.pop("p30") == Movement.FELL
    assert set(told.values()) <= {Movement.STEADY, Movement.TOO_FEW}
    rows = found.frame.set_index("series")
    assert rows.loc["p20", "low"] < 1 < rows.loc["p20", "high"]
    assert rows.loc["p30", "low"] < -0.5 < rows.loc["p30", "high"]
    assert found.frame["series"].iloc[0] == "p20"


def test_without_a_move_one_is_told_in_no_more_than_the_stated_part_of_500_seeds() -> None:
    wrong, covered = 0, 0.0
    judging = Judging(change=0, resamples=200)
    for seed in range(SEEDS):
        found = moves(frame(DAYS, counts(DAYS, seed)), SPANS, judging=judging)
        wrong += bool(found.frame["movement"].isin([Movement.ROSE, Movement.FELL]).any())
        covered += ((found.frame["low"] <= 0) & (found.frame["high"] >= 0)).mean()
    # The 95 % interval of 500 trials of 5 % reaches to 7 %.
    assert wrong / SEEDS <= 0.07
    assert 0.93 <= covered / SEEDS <= 0.98


def test_a_sure_change_of_less_than_a_tenth_is_not_told() -> None:
    table = counts(DAYS, noise=0.01)
    table[LATER, 35] = np.round(table[LATER, 35] * 1.07)
    found = moves(frame(DAYS, table), SPANS)
    assert movement(found)["p35"] == Movement.STEADY
    assert found.frame.set_index("series").loc["p35", "adjusted"] < 0.05


def test_a_series_below_the_floor_is_listed_and_not_judged() -> None:
    table = counts(DAYS)
    table[:, 0] = 10
    table[LATER, 0] = 40
    found = moves(frame(DAYS, table), SPANS)
    assert movement(found)["p0"] == Movement.TOO_FEW
    assert np.isnan(found.frame.set_index("series").loc["p0", "low"])


def test_what_had_nearly_nothing_in_the_year_before_emerged_and_the_reverse_went_quiet() -> None:
    table = counts(DAYS)
    table[~LATER, 10] = 0
    table[LATER, 25] = 0
    earlier = pd.Series(LEVELS * 365, NAMES).round().astype("int64")
    earlier["p10"] = 0
    found = movement(moves(frame(DAYS, table), SPANS, earlier))
    assert found["p10"] == Movement.EMERGED
    assert found["p25"] == Movement.QUIET
    assert list(found.values()).count(Movement.EMERGED) == 1
    assert list(found.values()).count(Movement.QUIET) == 1
    assert movement(moves(frame(DAYS, table), SPANS))["p10"] == Movement.ROSE


def test_what_was_quiet_before_already_does_not_go_quiet_again() -> None:
    earlier = pd.Series(LEVELS * 365, NAMES).round().astype("int64")
    earlier["p25"] *= 100
    found = movement(moves(frame(DAYS, counts(DAYS)), SPANS, earlier))
    assert found["p25"] == Movement.STEADY


def test_months_are_judged_by_how_much_months_usually_differ() -> None:
    months = pd.date_range("2025-09-01", "2026-08-01", freq="MS")
    before, after = (
        Period(date(2026, 7, 1), date(2026, 7, 31)),
        Period(date(2026, 8, 1), date(2026, 8, 31)),
    )
    # The change of 24 August 2026 cuts August: as if it were not there.
    spans = Spans.of(before, after, Grain.MONTH, ())
    noise = np.random.default_rng(3).normal(0, 1, (len(months), len(NAMES)))
    table = np.round(30 * LEVELS * np.exp(0.05 * noise)).astype(np.int64)
    table[-1, 20] *= 2
    noisy = np.round(30 * LEVELS * np.exp(0.5 * noise)).astype(np.int64)
    noisy[-1, 20] *= 2
    found = movement(moves(frame(months, table), spans))
    assert found.pop("p20") == Movement.ROSE
    assert set(found.values()) == {Movement.STEADY}
    assert movement(moves(frame(months, noisy), spans))["p20"] == Movement.STEADY
    short = movement(moves(frame(months[-4:], table[-4:]), spans))
    assert set(short.values()) <= {Movement.NO_INTERVAL, Movement.TOO_FEW}


def test_a_missing_row_is_no_fall_where_it_may_mean_anything() -> None:
    table = counts(DAYS)
    table[~LATER, 10] //= 10
    rows = frame(DAYS, table)
    lost = (rows["series"] == "p25") & (rows["period"] >= pd.Timestamp(AFTER.first))
    earlier = pd.Series(LEVELS * 365, NAMES).round().astype("int64").drop("p10")
    files = moves(rows[~lost], SPANS, earlier, missing_is_none=False)
    told = movement(files)
    assert told["p25"] == Movement.NOT_TOLD
    assert np.isnan(files.frame.set_index("series").loc["p25", "change"])
    assert told["p10"] == Movement.ROSE
    record = movement(moves(rows[~lost], SPANS, earlier))
    assert record["p25"] == Movement.QUIET
    assert record["p10"] == Movement.EMERGED


def test_missing_months_do_not_make_a_series_look_unsteady() -> None:
    months = pd.date_range("2025-07-01", "2026-07-01", freq="MS")
    before, after = (
        Period(date(2026, 6, 1), date(2026, 6, 30)),
        Period(date(2026, 7, 1), date(2026, 7, 31)),
    )
    noise = np.random.default_rng(3).normal(0, 0.03, (len(months), len(NAMES)))
    table = np.round(30 * LEVELS * np.exp(noise)).astype(np.int64)
    table[-1, 20] *= 2
    rows = frame(months, table)
    lost = (rows["series"] == "p20") & (rows["period"] == months[3])
    spans = Spans.of(before, after, Grain.MONTH, ())
    found = moves(rows[~lost], spans, missing_is_none=False)
    assert movement(found)["p20"] == Movement.ROSE
    assert movement(moves(rows[~lost], spans))["p20"] == Movement.STEADY


def edges(found: Break) -> list[date]:
    ended = [] if found.last is None else [found.last + timedelta(days=1)]
    return sorted({found.first, *ended})


@pytest.mark.parametrize(
    ("found", "edge"),
    [(found, edge) for found in all_breaks() for edge in edges(found)],
    ids=lambda value: getattr(value, "title", str(value)),
)
def test_no_break_of_the_record_is_taken_for_a_move(found: Break, edge: date) -> None:
    before = Period(edge - timedelta(days=28), edge - timedelta(days=1))
    after = Period(edge, edge + timedelta(days=27))
    spans = Spans.of(before, after, Grain.DAY, [found])
    days = pd.date_range(before.first, after.last)
    table = counts(days, noise=0.03)
    affected = days >= pd.Timestamp(found.first)
    affected &= days <= pd.Timestamp(found.last or date.max)
    if found.kind == "gap":
        table[affected] = 0
    elif found.kind != "start" and not found.splits:
        table[affected] *= 3
    result = moves(frame(days, table), spans)
    assert not result.frame["movement"].isin([Movement.ROSE, Movement.FELL]).any()
    assert result.frame["change"].isna().all() == spans.empty
    assert result.by_share == (found.kind in {"undercount", "definition"} and not found.splits)
    assert (found.title in result.why) == result.by_share
