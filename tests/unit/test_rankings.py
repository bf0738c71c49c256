"""Rankings: lists, changes of rank and movements equal what plain pandas makes of the same rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from lib.analysis.movers import Movement, moves
from lib.analysis.spans import Spans
from lib.breaks import breaks_for
from lib.cubes import UNKNOWN, Coverage, Cube, Grain
from lib.data import MOST_LISTED, Downloads
from lib.questions.question import CannotTell
from lib.rankings.choice import Choice, Show, Span, from_address, to_address
from lib.rankings.flow import PLACES, flow
from lib.rankings.listing import found_by, listing
from lib.rankings.movements import moved, movements
from lib.rankings.parts import NO_GROUP, parts
from lib.rankings.scope import Scope
from lib.rankings.steady import steady
from lib.rankings.words import comparison_words, moved_sentence, rule_of, top_sentence, why_empty
from lib.router import NotHeld, Period
from lib.stores.duckdb import DuckDBStore, StoreWriter
from tests.conftest import WRITTEN_AT

YESTERDAY = date(2026, 11, 21)

BY_COUNTRY = Cube(Grain.DAY, ("project", "country"))

NAMES = tuple(f"package-{number:02}" for number in range(20))

COUNTRIES = ("DE", "US", UNKNOWN)

Table = pd.DataFrame


@pytest.fixture(scope="module")
def rows() -> Table:
    """Twenty packages in three countries over 500 days: levels that differ, weeks, and noise.

    `package-03` doubles for the last 40 days, `package-04` halves; `package-05` has its first
    download 30 days before the end, and `package-06` its last 20 days before.
    """
    random = np.random.default_rng(5)
    days = pd.date_range(date(2025, 7, 10), YESTERDAY)
    table = pd.MultiIndex.from_product(
        [days, NAMES, COUNTRIES], names=["period", "project", "country"]
    )
    frame = table.to_frame(index=False)
    place = frame["project"].str[-2:].astype(int)
    left = (days[-1] - frame["period"]).dt.days
    level = 40_000 / (1 + place) * frame["country"].map({"DE": 1.0, "US": 3.0, UNKNOWN: 0.4})
    level *= np.where(frame["period"].dt.day_of_week >= 5, 0.6, 1.0)
    level *= np.where((place == 3) & (left < 40), 2.0, 1.0) * np.where(
        (place == 4) & (left < 40), 0.5, 1
    )
    level *= np.where(((place == 5) & (left >= 30)) | ((place == 6) & (left < 20)), 0.0, 1.0)
    frame["downloads"] = random.poisson(level * np.exp(random.normal(0, 0.05, len(frame))))
    return frame[frame["downloads"] > 0].reset_index(drop=True)


def write(
    path: Path, cube: Cube, rows: Table, packages: tuple[str, ...] | None, source: str
) -> None:
    """A store of one cube, from rows with its columns."""
    frame = rows.assign(period=rows["period"].dt.date)
    keys = ["period", *cube.dimensions]
    sums = frame.groupby(keys, as_index=False)["downloads"].sum().sort_values(keys)
    last = frame["period"].max()
    if cube.grain is Grain.MONTH:
        last = (pd.Timestamp(last) + pd.offsets.MonthEnd(0)).date()
    with StoreWriter(path) as writer:
        writer.insert(cube, pa.Table.from_pandas(sums[[*keys, "downloads"]], preserve_index=False))
        writer.add_coverage(
            Coverage(cube, frame["period"].min(), last, packages, source, WRITTEN_AT)
        )


Stored = Callable[..., Downloads]


@pytest.fixture
def stored(tmp_path: Path) -> Stored:
    """Writes rows into a store, and opens it."""

    def write_it(
        rows: Table,
        cube: Cube = BY_COUNTRY,
        packages: tuple[str, ...] | None = NAMES,
        source: str = "bigquery",
    ) -> Downloads:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.duckdb"
        write(path, cube, rows, packages, source)
        return Downloads(DuckDBStore(path))

    return write_it


@pytest.fixture(scope="module")
def found(rows: Table, tmp_path_factory: pytest.TempPathFactory) -> Downloads:
    path = tmp_path_factory.mktemp("rankings") / "pulse.duckdb"
    write(path, BY_COUNTRY, rows, NAMES, "bigquery")
    return Downloads(DuckDBStore(path))


def scope_of(
    found: Downloads,
    choice: Choice | None = None,
    members: Iterable[str] = (),
) -> Scope:
    choice = choice or Choice()
    packages = tuple(members)
    days = choice.days(found.held(packages))
    return Scope(found, choice.selection(packages, days), choice.group, YESTERDAY)


def summed(rows: Table, period: Period, country: str = "") -> pd.Series[int]:
    """Downloads of each package, most first and equals by name, with pandas alone."""
    inside = rows["period"].between(pd.Timestamp(period.first), pd.Timestamp(period.last))
    kept = rows[inside & ((rows["country"] == country) if country else True)]
    sums = kept.groupby("project")["downloads"].sum().reset_index()
    ordered = sums.sort_values(["downloads", "project"], ascending=[False, True])
    return ordered.set_index("project")["downloads"]


CHOICES = [
    Choice(period=period).with_values("country", [country] if country else [])
    for period in (
        Span.DAY,
        Span.WEEK,
        Span.DAYS,
        Span.MONTH,
        Period(date(2026, 10, 1), date(2026, 10, 23)),
    )
    for country in ("", "DE")
]


def named(choice: Choice) -> str:
    return "-".join(to_address(choice).get("period", ["30d"]) + list(choice.values("country")))


@pytest.mark.parametrize("choice", CHOICES, ids=named)
def test_the_list_and_its_changes_of_rank_equal_brute_force(
    rows: Table, found: Downloads, choice: Choice
) -> None:
    scope = scope_of(found, choice)
    told = listing(scope).frame.set_index("project")
    country = next(iter(choice.values("country")), "")
    sums, earlier = summed(rows, scope.period, country), summed(rows, scope.before, country)
    assert list(told.index) == list(sums.index)
    assert told["downloads"].tolist() == sums.tolist()
    assert told["rank"].tolist() == [1 + int((sums > value).sum()) for value in sums]
    assert told["share"].to_numpy() == pytest.approx((sums / sums.sum()).to_numpy())
    assert told["a_day"].to_numpy() == pytest.approx((sums / scope.period.days).to_numpy())
    for name in sums.index:
        if name in earlier.index:
            assert told["earlier"][name] == 1 + int((earlier > earlier[name]).sum())
        else:
            assert pd.isna(told["earlier"][name])
            assert told["note"][name] == "new"


@pytest.mark.parametrize("choice", CHOICES, ids=named)
def test_changes_equal_those_of_downloads_a_day(
    rows: Table, found: Downloads, choice: Choice
) -> None:
    scope = scope_of(found, choice)
    assert not scope.spans.between
    told = listing(scope).frame.set_index("project")
    country = next(iter(choice.values("country")), "")
    for name in ("package-00", "package-07", "package-19"):
        after, before = (
            (summed(rows, period, country)[name] + 0.5) / period.days
            for period in (scope.period, scope.before)
        )
        assert told["change"][name] == pytest.approx(after / before - 1, rel=1e-6)
    assert told["low"].notna().any() == (scope.period.days >= 14)


def test_the_period_before_is_as_long_and_has_the_same_weekdays(found: Downloads) -> None:
    for choice in CHOICES:
        scope = scope_of(found, choice)
        if choice.period is Span.MONTH:
            assert scope.before == Period(date(2026, 9, 1), date(2026, 9, 30))
            continue
        assert scope.before.days == scope.period.days
        assert scope.before.last < scope.period.first
        assert scope.before.first.weekday() == scope.period.first.weekday()
        assert (scope.period.first - scope.before.first).days < scope.period.days + 7


def test_months_of_different_lengths_are_compared_by_day(stored: Stored) -> None:
    days = pd.date_range(date(2026, 9, 1), date(2026, 10, 31))
    frame = pd.DataFrame(
        {"period": days, "project": "package-00", "country": "DE", "downloads": 1000}
    )
    scope = scope_of(stored(frame, packages=("package-00",)), Choice(period=Span.MONTH))
    told = listing(scope).frame.iloc[0]
    assert told["downloads"] == 31_000
    assert told["change"] == pytest.approx(0, abs=1e-6)
    assert "as downloads a day" in comparison_words(scope)


@pytest.mark.parametrize("country", ["", "US"])
def test_movements_equal_what_the_analysis_makes_of_the_rows(
    rows: Table, found: Downloads, country: str
) -> None:
    scope = scope_of(found, Choice().with_values("country", [country] if country else []))
    told = movements(scope)
    spans = Spans.of(scope.before, scope.period, Grain.DAY, breaks_for(["bigquery"]))
    kept = rows[rows["country"] == country] if country else rows
    daily = kept.groupby(["period", "project"], as_index=False)["downloads"].sum()
    year = Period(scope.period.first - timedelta(days=365), scope.period.first - timedelta(days=1))
    expected = moves(daily.rename(columns={"project": "series"}), spans, summed(kept, year))
    pd.testing.assert_frame_equal(told.moves.frame, expected.frame)


def test_what_was_planted_is_in_its_list_and_nothing_else(found: Downloads) -> None:
    scope = scope_of(found)
    told = movements(scope)
    lists = {show: list(moved(scope, told, show)["series"]) for show in list(Show)[1:4]}
    assert lists[Show.HOT] == ["package-03"]
    assert lists[Show.COOLING][:1] == ["package-04"]
    assert lists[Show.EMERGING] == ["package-05"]
    assert "package-03, +" in moved_sentence(scope, told, Show.HOT)
    assert "package-05, with" in moved_sentence(scope, told, Show.EMERGING)


def test_what_went_quiet_is_gone_and_not_only_cooling(found: Downloads) -> None:
    scope = scope_of(found, Choice(period=Period(date(2026, 11, 5), YESTERDAY)))
    told = movements(scope)
    assert list(moved(scope, told, Show.GONE)["series"]) == ["package-06"]
    assert "package-06" not in set(moved(scope, told, Show.COOLING)["series"])


def test_downloads_that_name_no_package_have_no_rank_and_no_movement(
    rows: Table, stored: Stored
) -> None:
    left = (rows["period"].max() - rows["period"]).dt.days
    unnamed = rows[rows["project"] == "package-01"].assign(project=UNKNOWN)
    unnamed["downloads"] *= np.where(left[unnamed.index] < 32, 5, 1)
    scope = scope_of(stored(pd.concat([rows, unnamed]), packages=(*NAMES, UNKNOWN)))
    told = listing(scope)
    assert UNKNOWN not in set(told.frame["project"])
    assert list(told.unranked["project"]) == [UNKNOWN]
    assert told.frame["share"].sum() + told.unranked["share"].sum() == pytest.approx(1)
    assert UNKNOWN not in set(moved(scope, movements(scope), Show.HOT)["series"])


def test_a_list_is_ordered_by_the_end_of_the_interval_nearer_to_no_change(
    rows: Table, stored: Stored
) -> None:
    left = (rows["period"].max() - rows["period"]).dt.days
    rising = rows["project"].isin(NAMES[7:12]) & (left < 32)
    factor = np.where(rising, 1.5 + rows["project"].str[-1:].astype(int) / 10, 1.0)
    scope = scope_of(stored(rows.assign(downloads=(rows["downloads"] * factor).astype(int))))
    hot = moved(scope, movements(scope), Show.HOT)
    assert len(hot) >= 5
    assert hot["low"].is_monotonic_decreasing


def test_a_group_is_judged_beside_all_packages_and_ranked_by_itself(
    rows: Table, found: Downloads
) -> None:
    members = ("package-03", "package-08", "package-09")
    whole, group = scope_of(found), scope_of(found, Choice(group="Mine"), members)
    told = listing(group).frame
    assert list(told["project"]) == list(
        summed(rows[rows["project"].isin(members)], group.period).index
    )
    assert told["rank"].tolist() == [1, 2, 3]
    assert told["share"].sum() == pytest.approx(1)
    assert "the group Mine" in top_sentence(group, listing(group))
    of_all = listing(whole).frame.set_index("project")
    for row in told.to_dict("records"):
        assert row["low"] == of_all["low"][row["project"]]
    assert list(moved(group, movements(group), Show.HOT)["series"]) == ["package-03"]
    assert moved(group, movements(group), Show.COOLING).empty


class TestAcrossABreak:
    """The record changes on 24 August 2026: file kinds stop being counted."""

    YEAR = Period(date(2026, 5, 1), date(2026, 11, 6))

    def test_a_period_that_straddles_it_says_so_and_offers_both_sides(
        self, found: Downloads
    ) -> None:
        scope = scope_of(found, Choice(period=self.YEAR))
        assert scope.cut is not None
        assert scope.cut.first == date(2026, 8, 24)
        assert [each.title for each in scope.cut.breaks] == ["PyPI redefined a download"]
        assert scope.sides == (
            Period(self.YEAR.first, date(2026, 8, 23)),
            Period(date(2026, 8, 24), self.YEAR.last),
        )
        for side in scope.sides:
            assert scope_of(found, Choice(period=side)).cut is None

    def test_changes_are_of_shares_and_said_to_be(self, rows: Table, found: Downloads) -> None:
        period = Period(date(2026, 8, 24), date(2026, 9, 20))
        scope = scope_of(found, Choice(period=period))
        told = listing(scope)
        assert scope.cut is None
        assert told.by_share
        after, before = (
            sums / sums.sum() for sums in (summed(rows, period), summed(rows, scope.before))
        )
        name = "package-09"
        row = told.frame.set_index("project").loc[name]
        assert row["change"] == pytest.approx(after[name] / before[name] - 1, rel=1e-4)
        assert "across a break of the record" in comparison_words(scope)
        assert "by share of all" in moved_sentence(scope, movements(scope), Show.HOT)

    def test_a_step_of_all_levels_is_no_movement(self, rows: Table, stored: Stored) -> None:
        quiet = rows[~rows["project"].isin(NAMES[3:7])]
        step = np.where(quiet["period"] >= pd.Timestamp(2026, 8, 24), 0.7, 1.0)
        cut = stored(quiet.assign(downloads=(quiet["downloads"] * step).astype(int)))
        scope = scope_of(cut, Choice(period=Period(date(2026, 8, 24), date(2026, 9, 20))))
        told = movements(scope)
        for show in (Show.HOT, Show.COOLING, Show.EMERGING, Show.GONE):
            assert moved(scope, told, show).empty

    def test_steadiness_is_told_of_the_weeks_after_it_alone(self, found: Downloads) -> None:
        told = steady(scope_of(found))
        assert told.points == 12
        assert told.period.first == date(2026, 8, 24)
        with pytest.raises(CannotTell, match="12 whole weeks"):
            steady(scope_of(found, Choice(period=Period(date(2026, 9, 1), date(2026, 9, 30)))))


def test_days_without_an_interval_say_what_to_try(found: Downloads) -> None:
    scope = scope_of(found, Choice(period=Span.WEEK))
    told = movements(scope)
    assert moved(scope, told, Show.HOT).empty
    assert "two weeks of each period" in why_empty(scope, told, Show.HOT)


def test_a_list_in_which_nothing_is_sure_names_what_comes_nearest(found: Downloads) -> None:
    scope = scope_of(found, Choice(group="Mine"), ("package-08", "package-09"))
    told = movements(scope)
    assert "Nearest is package-0" in why_empty(scope, told, Show.HOT)
    for show in (Show.HOT, Show.COOLING, Show.EMERGING, Show.GONE):
        assert "\n" not in rule_of(scope, show)


def test_days_before_the_record_compare_with_nothing(found: Downloads) -> None:
    scope = scope_of(found, Choice(period=Period(date(2025, 7, 10), date(2025, 7, 20))))
    told = listing(scope)
    assert told.why_no_ranks == "nothing of 26 Jun – 6 Jul 2025 is held"
    assert told.frame["earlier"].isna().all()
    assert told.frame["change"].isna().all()
    assert not (told.frame["note"] == "new").any()
    with pytest.raises(CannotTell):
        movements(scope)
    assert "rose most" not in top_sentence(scope, told)


def test_days_that_are_held_in_part_are_cut_and_compared_with_as_many(found: Downloads) -> None:
    scope = scope_of(found, Choice(period=Period(date(2026, 11, 12), date(2026, 12, 31))))
    assert scope.answer.clipped
    assert scope.period == Period(date(2026, 11, 12), YESTERDAY)
    assert scope.before.days == scope.period.days == 10


def test_days_beyond_what_is_held_are_not_held(found: Downloads) -> None:
    with pytest.raises(NotHeld):
        listing(scope_of(found, Choice(period=Period(date(2030, 1, 1), date(2030, 1, 31)))))


def test_a_dimension_that_is_not_held_is_not_held(found: Downloads) -> None:
    with pytest.raises(NotHeld, match="System"):
        listing(scope_of(found, Choice().with_values("system", ["Linux"])))


def test_a_store_of_one_day_has_a_list_without_comparison(stored: Stored) -> None:
    day = pd.DataFrame(
        {"period": pd.Timestamp(2026, 11, 21), "project": NAMES, "country": "DE", "downloads": 5}
    )
    scope = scope_of(stored(day), Choice(period=Span.YEAR))
    told = listing(scope)
    assert scope.period.days == 1
    assert told.frame["rank"].tolist() == [1] * 20
    assert list(told.frame["project"]) == list(NAMES)
    assert "nothing of" in told.why_no_ranks
    assert flow(scope).frame.empty
    with pytest.raises(CannotTell):
        steady(scope)


def test_a_million_from_one_country_on_one_day_is_ranked_and_seen_as_one_day(
    rows: Table, stored: Stored
) -> None:
    flood = pd.DataFrame(
        {
            "period": [pd.Timestamp(2026, 11, 17)],
            "project": ["package-19"],
            "country": ["DE"],
            "downloads": [1_000_000],
        }
    )
    scope = scope_of(stored(pd.concat([rows, flood])))
    told = listing(scope).frame.set_index("project")
    assert told["rank"]["package-19"] < told["earlier"]["package-19"]
    assert told["change"]["package-19"] > 1
    assert told["low"]["package-19"] < 0
    assert "package-19" not in set(moved(scope, movements(scope), Show.HOT)["series"])


class TestMonthsAlone:
    """A store that holds nothing finer than months."""

    BY_MONTH = Cube(Grain.MONTH, ("project",))

    @pytest.fixture
    def months(self, stored: Stored) -> Downloads:
        starts = pd.date_range(date(2024, 1, 1), date(2025, 12, 1), freq="MS")
        frame = pd.DataFrame(
            [
                (start, name, start.days_in_month * 1000 * size)
                for start in starts
                for size, name in enumerate(NAMES[:5], start=1)
            ],
            columns=["period", "project", "downloads"],
        )
        last = frame["period"] == starts[-1]
        doubled = last & (frame["project"] == NAMES[1])
        frame.loc[doubled, "downloads"] *= 2
        return stored(frame, self.BY_MONTH, NAMES[:5], "files")

    def test_a_month_is_compared_with_the_one_before_by_day(self, months: Downloads) -> None:
        scope = scope_of(months, Choice(period=Span.MONTH))
        told = listing(scope).frame.set_index("project")
        assert scope.period == Period(date(2025, 12, 1), date(2025, 12, 31))
        assert scope.before == Period(date(2025, 11, 1), date(2025, 11, 30))
        assert told["a_day"][NAMES[0]] == pytest.approx(1000)
        assert told["change"][NAMES[0]] == pytest.approx(0, abs=1e-4)
        assert told["change"][NAMES[1]] == pytest.approx(1, rel=1e-4)
        hot = moved(scope, movements(scope), Show.HOT)
        assert list(hot["series"]) == [NAMES[1]]

    def test_a_year_of_months_has_changes_without_an_interval(self, months: Downloads) -> None:
        scope = scope_of(months, Choice(period=Span.YEAR))
        told = listing(scope).frame
        assert scope.period == Period(date(2025, 1, 1), date(2025, 12, 31))
        assert scope.before == Period(date(2024, 1, 1), date(2024, 12, 31))
        assert told["change"].notna().all()
        assert told["low"].isna().all()
        assert "of months it takes one on each side" in why_empty(scope, movements(scope), Show.HOT)

    def test_ranks_flow_by_month(self, months: Downloads) -> None:
        told = flow(scope_of(months, Choice(period=Span.MONTH)))
        assert told.grain is Grain.MONTH
        assert len(told.starts) == 13


@pytest.fixture(scope="module")
def every(tmp_path_factory: pytest.TempPathFactory) -> Downloads:
    """Three thousand packages of all of PyPI, and downloads that name none."""
    days, count = pd.date_range(date(2026, 10, 1), YESTERDAY), 3000
    names = np.array([f"p{number:04}" for number in range(count)])
    frame = pd.DataFrame(
        {
            "period": np.repeat(days, count),
            "project": np.tile(names, len(days)),
            "downloads": np.tile(3 * (count - np.arange(count)) + 500, len(days)),
        }
    )
    unnamed = pd.DataFrame({"period": days, "project": UNKNOWN, "downloads": 100_000})
    path = tmp_path_factory.mktemp("every") / "pulse.duckdb"
    write(path, Cube(Grain.DAY, ("project",)), pd.concat([frame, unnamed]), None, "bigquery")
    return Downloads(DuckDBStore(path))


class TestAllOfPyPI:
    """Of three thousand packages the first thousand are listed."""

    def test_the_first_thousand_are_listed_and_the_rest_told(self, every: Downloads) -> None:
        scope = scope_of(every, Choice(period=Period(date(2026, 11, 7), YESTERDAY)))
        told = listing(scope)
        assert len(told.frame) == MOST_LISTED
        assert told.frame["rank"].tolist() == list(range(1, MOST_LISTED + 1))
        assert set(told.unranked["project"]) == {UNKNOWN, "all other"}
        assert told.frame["share"].sum() + told.unranked["share"].sum() == pytest.approx(1)
        assert not (told.frame["note"] == "new").any()
        assert len(movements(scope).moves.frame) == MOST_LISTED

    def test_a_package_beyond_the_list_is_ranked_in_a_group(self, every: Downloads) -> None:
        choice = Choice(group="Mine", period=Period(date(2026, 11, 7), YESTERDAY))
        scope = scope_of(every, choice, ("p2999", "p0000"))
        told = listing(scope).frame
        assert list(told["project"]) == ["p0000", "p2999"]
        assert told["change"].notna().all()

    def test_parts_are_few_and_make_the_whole(self, every: Downloads) -> None:
        scope = scope_of(every, Choice(period=Span.WEEK))
        told = parts(scope, (("Mine", ("p0000", "p0001")),)).frame
        assert len(told) < 100
        assert told["downloads"].sum() == pytest.approx(scope.answer.frame["downloads"].sum())
        assert set(told["group"]) == {"Mine", NO_GROUP, "name no package", "beyond the list"}

    def test_ranks_flow_within_the_whole(self, every: Downloads) -> None:
        told = flow(scope_of(every, Choice(period=Span.WEEK)))
        assert told.frame.groupby("period")["rank"].max().eq(PLACES).all()
        assert told.frame["share"].sum() < 0.05


def test_the_flow_of_ranks_equals_brute_force(rows: Table, found: Downloads) -> None:
    scope = scope_of(found)
    told = flow(scope)
    assert told.grain is Grain.WEEK
    for start, column in told.frame.groupby("period"):
        week = Period(pd.Timestamp(start).date(), pd.Timestamp(start).date() + timedelta(days=6))  # type: ignore[arg-type]
        sums = summed(rows, week)
        assert list(column["project"]) == list(sums.index[:PLACES])
        assert column["share"].to_numpy() == pytest.approx((sums / sums.sum())[:PLACES].to_numpy())
        assert column["value"].to_numpy() == pytest.approx((sums / 7)[:PLACES].to_numpy())


def test_a_package_of_two_groups_is_split_and_said_so(rows: Table, found: Downloads) -> None:
    scope = scope_of(found)
    groups = (("One", ("package-00", "package-01")), ("Two", ("package-00", "package-02")))
    told = parts(scope, groups)
    sums = summed(rows, scope.period)
    by_group = told.frame.groupby("group")["downloads"].sum()
    assert by_group["One"] == pytest.approx(sums["package-00"] / 2 + sums["package-01"])
    assert by_group.sum() == pytest.approx(sums.sum())
    assert told.split == ("package-00",)
    assert told.frame["share"].sum() == pytest.approx(1)


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("", ["zope.interface", "scikit-learn", "learn"]),
        ("LEARN", ["scikit-learn", "learn"]),
        ("scikit_learn", ["scikit-learn"]),
        ("(", []),
        ("<script>", []),
    ],
)
def test_a_search_finds_any_part_of_a_name_and_takes_nothing_for_a_pattern(
    search: str, expected: list[str]
) -> None:
    frame = pd.DataFrame({"project": ["zope.interface", "scikit-learn", "learn"]})
    assert list(found_by(frame, search)["project"]) == expected


HOSTILE = [
    {"show": ["<script>"], "period": ["2026-02-30..1"], "group": ["x" * 5000]},
    {"show": ["hot", "top"], "period": ["90d"], "search": ["\x00"]},
    {"period": ["2026-11-21..2026-11-20"], "counting": ["everyone"], "country": ["DE"] * 90},
    {"period": ["9999-01-01..9999-12-31"], "group": ["'; DROP TABLE coverage; --"]},
]


@pytest.mark.parametrize("parameters", HOSTILE, ids=["markup", "odd", "backwards", "far"])
def test_a_hostile_address_gives_a_choice_and_is_told(parameters: dict[str, list[str]]) -> None:
    choice, ignored = from_address(parameters)
    assert ignored
    assert from_address(to_address(choice)) == (choice, ())


def test_an_address_restores_every_choice() -> None:
    choice = Choice(
        show=Show.COOLING,
        period=Period(date(2026, 1, 1), date(2026, 1, 31)),
        group="NLP",
        search="pan",
    )
    choice = choice.with_values("country", ["DE", "unknown"]).with_values("system", ["Linux"])
    assert from_address(to_address(choice)) == (choice, ())
    assert to_address(Choice()) == {}


def test_movements_are_kept(found: Downloads) -> None:
    scope = scope_of(found)
    assert movements(scope) is movements(scope_of(found))
    rose = movements(scope).moves.frame["movement"] == Movement.ROSE
    assert rose.sum() == 1
