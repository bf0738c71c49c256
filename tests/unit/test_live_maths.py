"""The Live page's figures, against plain loops and against weeks drawn at random."""

from __future__ import annotations

import math
from functools import cache
from statistics import fmean, median

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.aggregate import REST
from lib.cubes import UNKNOWN
from lib.live.ranks import BEYOND_CHANCE, distribution, ranked, risers
from lib.live.usual import Unusual, band, made_of, unusual

Downloads = dict[str, int]

NAMES = ("boto3", "numpy", "pandas", "requests", "ruff", "uv", UNKNOWN)

TOTALS = st.dictionaries(st.sampled_from(NAMES), st.integers(1, 6), max_size=len(NAMES))
"""Few names and small counts, so that there are ties, absences and zeros."""

WIDE_TOTALS = st.dictionaries(st.sampled_from(NAMES), st.integers(1, 5000), max_size=len(NAMES))

FEWER = settings(max_examples=50, deadline=None)
"""Half of the usual examples: each makes frames, and is of few names or weeks."""

STEP = st.one_of(st.none(), st.integers(0, 9), st.integers(0, 10**7))


def steps(values: list[float | None], start: str = "2026-03-02") -> pd.Series:
    index = minutes(start, len(values))
    return pd.Series([math.nan if v is None else v for v in values], index, dtype="float64")


@cache
def minutes(start: str, count: int) -> pd.DatetimeIndex:
    return pd.date_range(start, periods=count, freq="min", unit="s", name="period")


def banded(downloads: list[float], low: float, high: float) -> pd.DataFrame:
    now = steps(list(downloads))
    usual = (low + high) / 2
    return pd.DataFrame({"downloads": now, "usual": usual, "low": low, "high": high, "weeks": 4})


def table(downloads: Downloads, dimension: str = "project") -> pd.DataFrame:
    return pd.DataFrame({dimension: list(downloads), "downloads": list(downloads.values())})


def rows(frame: pd.DataFrame) -> list[tuple[object, ...]]:
    """The rows of a frame with None for what is missing."""
    cells = frame.astype("object")
    return list(cells.where(frame.notna(), None).itertuples(index=False, name=None))


def same(found: pd.DataFrame, expected: list[tuple[object, ...]]) -> None:
    """The rows agree: names and what is missing exactly, numbers as far as floats do."""
    assert len(found) == len(expected)
    for row, wanted in zip(rows(found), expected, strict=True):
        for cell, value in zip(row, wanted, strict=True):
            number = isinstance(value, int | float)
            assert cell == (pytest.approx(value, rel=1e-9, abs=1e-12) if number else value)


def drawn_weeks(seed: int, rate: float, day: float, minute: float, weeks: int) -> list[pd.Series]:
    """An hour of this week and of earlier ones: each week's own level, each minute's, chance."""
    random = np.random.default_rng(seed)
    through_the_hour = rate * (1 + 0.3 * np.sin(np.arange(60) / 60))
    levels = day * random.standard_normal((weeks + 1, 1))
    varied = levels + minute * random.standard_normal((weeks + 1, 60))
    counts = random.poisson(through_the_hour * np.exp(varied))
    return [steps(list(week)) for week in counts.astype(float)]


def coverage(seeds: int, rate: float, day: float, minute: float, weeks: int) -> float:
    """The part of minutes of a usual hour that lie in the band."""
    inside = 0.0
    for seed in range(seeds):
        now, *earlier = drawn_weeks(seed, rate, day, minute, weeks)
        found = band(now, earlier)
        inside += float(found["downloads"].between(found["low"], found["high"]).mean())
    return inside / seeds


@pytest.mark.parametrize("rate", [3, 100, 20_000])
def test_a_usual_minute_is_in_the_band_as_often_as_it_says(rate: float) -> None:
    assert 0.9 <= coverage(200, rate, day=0.08, minute=0.05, weeks=4) <= 0.99


@pytest.mark.parametrize(
    ("rate", "day", "minute"),
    [
        (0.2, 0.05, 0.05),
        (3, 0.15, 0.03),
        (100, 0, 0),
        (20_000, 0.15, 0),
        (20_000, 0, 0.05),
        (100, 0.03, 0.3),
    ],
    ids=["hardly any", "few", "chance alone", "weeks alone", "minutes alone", "bursts"],
)
def test_the_band_holds_whatever_it_is_that_varies(rate: float, day: float, minute: float) -> None:
    assert 0.9 <= coverage(150, rate, day, minute, weeks=4) <= 0.99


@pytest.mark.parametrize("weeks", [2, 3])
@pytest.mark.parametrize("rate", [3, 20_000])
def test_with_fewer_weeks_the_band_is_wider_and_not_surer(rate: float, weeks: int) -> None:
    assert coverage(150, rate, day=0.08, minute=0.05, weeks=weeks) >= 0.94
    now, *earlier = drawn_weeks(1, rate, day=0.08, minute=0.05, weeks=4)
    widths = [band(now, earlier[:n])["high"].sum() for n in (weeks, 4)]
    assert widths[0] > widths[1]


def test_a_rise_by_half_is_seen_though_single_weeks_had_bursts() -> None:
    now, *earlier = drawn_weeks(5, 20_000, day=0.03, minute=0.05, weeks=4)
    earlier[0].iloc[30] *= 40
    earlier[2].iloc[33] = 0
    now.iloc[28:36] *= 1.5
    (rise,) = unusual(band(now, earlier))
    assert (rise.first, rise.last) == (now.index[28], now.index[35])
    assert rise.ratio == pytest.approx(1.5, rel=0.1)


CHANCE = {2: 1.5, 3: 1.449, 4: 1.298}
FEW = {2: 0.477, 3: 0.314, 4: 0.486}
LEVEL = {2: 22.0, 3: 7.89, 4: 5.1}


def limits_by_hand(weeks: list[list[float | None]], at: int) -> tuple[float, float] | None:
    """Low and high at one step as the documented formula has them."""

    def known(step: int) -> list[float]:
        return [value for week in weeks if (value := week[step]) is not None]

    here = known(at)
    if len(here) < 2:
        return None
    near = [t for t in range(max(0, at - 7), min(len(weeks[0]), at + 8)) if len(known(t)) > 1]

    def log(value: float | None, step: int) -> float:
        return math.log(((value or 0) + 0.5) / (median(known(step)) + 0.5))

    def level(week: list[float | None], around: int) -> float:
        span = range(max(0, around - 7), min(len(week), around + 8))
        told = [t for t in span if week[t] is not None and len(known(t)) > 1]
        return median(log(week[t], t) for t in told)

    levels = [level(week, at) for week in weeks if week[at] is not None]
    l = LEVEL[len(here)] * fmean(abs(v - median(levels)) for v in levels)  # noqa: E741
    residuals = [
        abs(log(value, t) - level(week, t))
        for t in near
        for week in weeks
        if (value := week[t]) is not None
    ]
    counts = [value for t in near for value in known(t)]
    usual = median(here)
    rate = max(usual, fmean(counts))
    beyond = (median(residuals) / FEW[len(here)]) ** 2 - 1 / (rate + 0.5)
    s = 1.96 * math.sqrt(CHANCE[len(here)] * max(beyond, 0))
    b = 1.96 * math.sqrt(CHANCE[len(here)] * rate)
    width = math.hypot(l, s)
    above = math.hypot(usual * math.expm1(width), b)
    below = math.hypot(usual * math.expm1(-width), b)
    return max(usual - below, 0), usual + above


@FEWER
@given(st.integers(1, 20).flatmap(
    lambda n: st.lists(st.lists(STEP, min_size=n, max_size=n), min_size=1, max_size=4)
))  # fmt: skip
def test_the_band_is_what_its_formula_says(weeks: list[list[float | None]]) -> None:
    now = steps([1.0] * len(weeks[0]))
    earlier = [steps(week, "2026-02-02") for week in weeks]
    found = band(now, earlier)
    for at in range(len(now)):
        known = [week[at] for week in weeks if week[at] is not None]
        row = found.iloc[at]
        assert row["weeks"] == len(known)
        assert row["usual"] == pytest.approx(median(known) if known else math.nan, nan_ok=True)
        expected = limits_by_hand(weeks, at) or (math.nan, math.nan)
        got = (row["low"], row["high"])
        assert got == pytest.approx(expected, rel=1e-6, abs=1e-6, nan_ok=True)


def test_a_step_that_is_not_known_now_still_has_its_usual() -> None:
    found = band(steps([None, 4]), [steps([3, 3]), steps([5, 4])])
    assert math.isnan(found["downloads"].iloc[0])
    assert found["usual"].tolist() == [4, 3.5]
    assert found["high"].notna().all()


def test_one_week_gives_a_usual_without_limits_and_no_week_gives_none() -> None:
    one = band(steps([5, 5]), [steps([4, 6])])
    assert one["usual"].tolist() == [4, 6]
    none = band(steps([5, 5]), [])
    assert none["usual"].isna().all()
    assert none["weeks"].tolist() == [0, 0]
    for found in (one, none):
        assert found[["low", "high"]].isna().all(axis=None)
        assert unusual(found, 1) == ()


def test_a_count_varies_by_its_root_though_all_weeks_agree() -> None:
    found = band(steps([9] * 20), [steps([9] * 20)] * 4)
    assert found["high"].iloc[10] == pytest.approx(9 + 1.96 * 3 * math.sqrt(1.298))
    assert found["low"].iloc[10] == pytest.approx(9 - 1.96 * 3 * math.sqrt(1.298))


def test_weeks_without_downloads_have_a_band_of_zero() -> None:
    found = band(steps([0, 0, 0, 2, 1, 1]), [steps([0] * 6)] * 3)
    assert found[["usual", "low", "high"]].to_numpy().tolist() == [[0, 0, 0]] * 6
    (rise,) = unusual(found)
    assert math.isnan(rise.ratio)
    assert rise.excess == 4


def test_weeks_of_another_length_are_refused() -> None:
    with pytest.raises(ValueError, match="2 steps"):
        band(steps([1, 2]), [steps([1, 2, 3])])
    with pytest.raises(ValueError, match="at most 4"):
        band(steps([1, 2]), [steps([1, 2])] * 5)


def test_a_band_of_no_steps_has_all_its_columns() -> None:
    found = band(steps([]), [steps([])] * 4)
    assert dict(found.dtypes.astype(str)) == {
        "downloads": "float64", "usual": "float64", "low": "float64", "high": "float64",
        "weeks": "int64",
    }  # fmt: skip
    assert unusual(found) == ()


def test_runs_off_the_band_are_found_with_what_they_amount_to() -> None:
    frame = banded([9, 30, 30, 30, 10, 4, 4, 5, 4, 10, 21, 22], low=5, high=15)
    at = frame.index
    assert unusual(frame, 2) == (
        Unusual(at[1], at[3], "above", 3.0, 60.0),
        Unusual(at[5], at[6], "below", 0.4, -12.0),
        Unusual(at[10], at[11], "above", 2.15, 23.0),
    )
    assert unusual(frame) == (Unusual(at[1], at[3], "above", 3.0, 60.0),)


@given(st.lists(st.sampled_from(["above", "below", "within", "unknown"])), st.integers(1, 4))
def test_a_run_is_of_one_side_and_ends_where_nothing_is_known(sides: list[str], least: int) -> None:
    value = {"above": 20.0, "below": 1.0, "within": 10.0, "unknown": math.nan}
    expected, first = [], 0
    for at in range(1, len(sides) + 1):
        if at == len(sides) or sides[at] != sides[first]:
            if sides[first] in ("above", "below") and at - first >= least:
                expected.append((first, at - 1, sides[first]))
            first = at
    frame = banded([value[side] for side in sides], low=5, high=15)
    found = unusual(frame, least)
    assert [(run.first, run.last, run.side) for run in found] == [
        (frame.index[first], frame.index[last], side) for first, last, side in expected
    ]


@FEWER
@given(TOTALS, st.lists(TOTALS, min_size=1, max_size=4))
def test_an_excess_is_made_of_what_each_value_has_above_its_usual(
    now: Downloads, earlier: list[Downloads]
) -> None:
    names = set(now).union(*earlier)
    usual = {name: median(week.get(name, 0) for week in earlier) for name in names}
    excess = {name: now.get(name, 0) - usual[name] for name in names}
    total = sum(excess.values())
    order = sorted(names, key=lambda name: (-excess[name], -now.get(name, 0), name))
    found = made_of(table(now), [table(week) for week in earlier], "project")
    assert list(found.columns) == ["project", "downloads", "usual", "excess", "part"]
    same(found, [
        (name, now.get(name, 0), usual[name], excess[name], excess[name] / total if total else None)
        for name in order
    ])  # fmt: skip


def test_a_rise_is_named_by_each_of_its_dimensions() -> None:
    now = pd.DataFrame({"project": ["boto3", "boto3", "numpy"], "country": ["US", "DE", "US"],
                        "downloads": [90, 10, 18]})  # fmt: skip
    week = now.assign(downloads=[10, 10, 20])
    by_project = made_of(now, [week] * 3, "project")
    assert by_project.loc[0, ["project", "excess"]].tolist() == ["boto3", 80]
    assert by_project["part"].tolist() == pytest.approx([80 / 78, -2 / 78])
    assert made_of(now, [week] * 3, "country").loc[0, "country"] == "US"


def test_without_earlier_weeks_nothing_is_known_of_an_excess() -> None:
    found = made_of(table({"uv": 3, "ruff": 5}), [], "project")
    assert rows(found) == [("ruff", 5, None, None, None), ("uv", 3, None, None, None)]


@FEWER
@given(TOTALS, TOTALS)
def test_equals_share_the_better_rank_and_unknown_has_none(
    now: Downloads, before: Downloads
) -> None:
    def rank(downloads: Downloads, name: str) -> int | None:
        if name == UNKNOWN or name not in downloads:
            return None
        better = [o for o in downloads if o != UNKNOWN and downloads[o] > downloads[name]]
        return len(better) + 1

    expected = []
    for name in sorted(now, key=lambda name: (name == UNKNOWN, -now[name], name)):
        here, there = rank(now, name), rank(before, name)
        moved = there - here if here is not None and there is not None else None
        expected.append((name, now[name], now[name] / sum(now.values()), here, there, moved))
    same(ranked(table(now), table(before)), expected)


@FEWER
@given(TOTALS, st.integers(0, 8))
def test_a_distribution_adds_up_and_always_shows_unknown_last(now: Downloads, top: int) -> None:
    named = sorted((n for n in now if n != UNKNOWN), key=lambda name: (-now[name], name))
    downloads = {name: now[name] for name in named[:top]}
    if named[top:]:
        downloads[REST] = sum(now[name] for name in named[top:])
    if now:
        downloads[UNKNOWN] = now.get(UNKNOWN, 0)
    total = sum(now.values())
    found = distribution(table(now, "country"), "country", top)
    same(found, [(name, count, count / total) for name, count in downloads.items()])


def risers_by_hand(
    now: Downloads, earlier: list[Downloads], least: int
) -> list[tuple[object, ...]]:
    """Name, downloads, usual, ratio and score as the documented formula has them."""
    names = sorted(set(now).union(*earlier) - {UNKNOWN})
    usual = {name: median(week.get(name, 0) for week in earlier) for name in names}
    by_size = sorted(names, key=lambda name: usual[name])
    found = []
    for at, name in enumerate(by_size):
        alike = by_size[max(0, at - 25) : at + 26]
        residuals = [
            abs(math.log((week.get(other, 0) + 0.5) / (usual[other] + 0.5)))
            for other in alike
            for week in earlier
        ]
        count, normally = now.get(name, 0), usual[name]
        if count <= normally or count < least:
            continue
        beyond = (median(residuals) / FEW[len(earlier)]) ** 2 - 1 / (normally + 0.5)
        logs = math.log((count + 0.5) / (normally + 0.5))
        roots = 2 * (math.sqrt(count + 0.375) - math.sqrt(normally + 0.375))
        error = math.sqrt(max(beyond, 0) / logs**2 + 1 / roots**2)
        score = 1 / error / math.sqrt(CHANCE[len(earlier)])
        if score >= BEYOND_CHANCE:
            found.append((name, count, normally, count / normally if normally else None, score))
    return sorted(found, key=lambda row: (row[3] is not None, -(row[3] or 0), -row[1], row[0]))


@FEWER
@given(WIDE_TOTALS, st.lists(WIDE_TOTALS, min_size=2, max_size=4), st.integers(1, 50))
def test_risers_are_those_far_above_their_own_usual(
    now: Downloads, earlier: list[Downloads], least: int
) -> None:
    found = risers(table(now), [table(week) for week in earlier], least=least)
    same(found, risers_by_hand(now, earlier, least))


def many_packages(seed: int, noise: float = 0.1) -> list[Downloads]:
    random = np.random.default_rng(seed)
    rates = np.exp(random.normal(5, 2, 300))
    weeks = [random.poisson(rates * np.exp(noise * random.normal(size=300))) for _ in range(5)]
    return [{f"p{i}": int(count) for i, count in enumerate(week) if count} for week in weeks]


def test_risers_of_many_packages_are_counted_among_those_of_their_size() -> None:
    now, *earlier = many_packages(3)
    now |= {"new": 400, "p7": now["p7"] * 6, "few": 3}
    found = risers(table(now), [table(week) for week in earlier], least=20)
    same(found, risers_by_hand(now, earlier, 20))
    assert found["project"].tolist() == ["new", "p7"]


def test_chance_hardly_ever_makes_a_riser() -> None:
    looks = [many_packages(seed) for seed in range(20)]
    found = [risers(table(n), [table(week) for week in e], least=20) for n, *e in looks]
    assert sum(map(len, found)) <= 4


def test_new_packages_come_first_and_never_divide_by_zero() -> None:
    earlier = [table({"numpy": 1000, "once": 90})] + [table({"numpy": 1000})] * 3
    now = table({"numpy": 2000, "once": 200, "new": 300, "small": 3, UNKNOWN: 900})
    found = risers(now, earlier, least=200)
    assert found["project"].tolist() == ["new", "once", "numpy"]
    assert found["ratio"].isna().tolist() == [True, True, False]
    assert np.isfinite(found["score"]).all()


@pytest.mark.parametrize("weeks", [0, 1])
def test_fewer_than_two_weeks_name_no_riser(weeks: int) -> None:
    found = risers(table({"uv": 5000}), [table({"uv": 1})] * weeks, least=1)
    assert found.empty
    assert list(found.columns) == ["project", "downloads", "usual", "ratio", "score"]


def test_more_than_four_weeks_are_refused() -> None:
    with pytest.raises(ValueError, match="at most 4"):
        risers(table({"uv": 5}), [table({"uv": 1})] * 5, least=1)


def test_empty_frames_have_the_columns_and_types_of_full_ones() -> None:
    full, empty = table({"uv": 5000, "ruff": 2}), table({})
    for filled, bare in (
        (ranked(full, full), ranked(empty, empty)),
        (ranked(full, full), ranked(full, empty)),
        (distribution(full, "project", 1), distribution(empty, "project", 1)),
        (made_of(full, [full], "project"), made_of(empty, [empty], "project")),
        (made_of(full, [full], "project"), made_of(empty, [], "project")),
        (risers(full, [empty] * 2, least=1), risers(empty, [empty] * 2, least=1)),
    ):
        assert dict(filled.dtypes) == dict(bare.dtypes)
