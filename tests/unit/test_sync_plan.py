"""What a store lacks of a wish, how it becomes queries, and how coverage is told in few rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.cubes import ALL_DIMENSIONS, Coverage, Cube, Grain
from lib.router import Period
from lib.sync.plan import Part, cheapest_batches, merged, missing_parts, runs

CUBE = Cube(Grain.DAY, ALL_DIMENSIONS)
OTHER_CUBE = Cube(Grain.DAY, ("project", "country"))
WEEK = Period(date(2026, 8, 1), date(2026, 8, 7))
WRITTEN_AT = datetime(2026, 8, 31, 12)


def day(number: int) -> date:
    return date(2026, 8, number)


def held(
    first: int,
    last: int,
    packages: tuple[str, ...] | None,
    *,
    cube: Cube = CUBE,
    bytes_billed: int = 0,
    fingerprint: str = "",
) -> Coverage:
    return Coverage(
        cube, day(first), day(last), packages, "bigquery", WRITTEN_AT, bytes_billed, fingerprint
    )


def lacking(
    coverage: list[Coverage], packages: tuple[str, ...] | None
) -> dict[int, tuple[str, ...] | None]:
    parts = missing_parts(coverage, CUBE, packages, WEEK)
    assert all(part.cube == CUBE and part.replaces is None for part in parts)
    return {part.day.day: part.packages for part in parts}


class TestWhatIsMissing:
    def test_is_everything_of_an_empty_store(self) -> None:
        assert lacking([], ("a", "b")) == dict.fromkeys(range(1, 8), ("a", "b"))
        assert lacking([], None) == dict.fromkeys(range(1, 8))

    def test_is_nothing_of_a_store_that_holds_more(self) -> None:
        assert lacking([held(1, 31, ("c", "b", "a"))], ("a", "b")) == {}

    def test_is_a_gap_between_held_days(self) -> None:
        coverage = [held(1, 2, ("a",)), held(5, 7, ("a",))]
        assert lacking(coverage, ("a",)) == {3: ("a",), 4: ("a",)}

    def test_is_only_the_packages_that_a_day_lacks(self) -> None:
        coverage = [held(1, 7, ("a",)), held(2, 3, ("b", "c")), held(6, 6, ("c",))]
        assert lacking(coverage, ("a", "b", "c")) == {
            **dict.fromkeys((1, 4, 5, 7), ("b", "c")),
            6: ("b",),
        }

    def test_of_named_packages_is_nothing_where_all_of_pypi_is_held(self) -> None:
        assert lacking([held(1, 6, None)], ("a", "b")) == {7: ("a", "b")}

    def test_of_all_of_pypi_is_every_day_of_which_only_packages_are_held(self) -> None:
        coverage = [held(1, 7, ("a", "b")), held(3, 4, None)]
        assert lacking(coverage, None) == dict.fromkeys((1, 2, 5, 6, 7))

    def test_is_not_what_another_cube_holds(self) -> None:
        assert len(lacking([held(1, 7, ("a",), cube=OTHER_CUBE)], ("a",))) == 7

    def test_is_nothing_of_a_period_without_days(self) -> None:
        nothing = Period(day(2), day(1))
        assert missing_parts([], CUBE, ("a",), nothing) == ()


class TestRuns:
    def test_join_neighboring_days_of_the_same_packages(self) -> None:
        wanted = [
            (5, ("a",)), (1, ("a",)), (2, ("a",)), (3, ("a", "b")), (4, ("a", "b")), (7, ("a",)),
        ]  # fmt: skip
        parts = [Part(CUBE, day(number), packages) for number, packages in wanted]
        assert [(p.first.day, p.last.day, packages) for p, packages in runs(parts)] == [
            (1, 2, ("a",)),
            (3, 4, ("a", "b")),
            (5, 5, ("a",)),
            (7, 7, ("a",)),
        ]

    def test_of_nothing_are_none(self) -> None:
        assert runs([]) == ()

    @given(
        st.lists(
            st.tuples(st.integers(1, 28), st.sampled_from(["a", "b"])), unique_by=lambda p: p[0]
        )
    )
    def test_hold_every_day_once(self, wanted: list[tuple[int, str]]) -> None:
        parts = [Part(CUBE, day(number), (name,)) for number, name in wanted]
        found = Counter(
            (period.first + timedelta(days=number), packages)
            for period, packages in runs(parts)
            for number in range(period.days)
        )
        assert found == Counter((part.day, part.packages) for part in parts)


class TestBatches:
    names = tuple(f"package-{number:02}" for number in range(25))

    def test_are_of_ten_where_that_costs_less(self) -> None:
        batches = cheapest_batches(self.names, lambda packages: 100)
        assert [len(batch) for batch in batches] == [10, 10, 5]
        assert sum(batches, ()) == self.names

    def test_are_of_ten_where_it_costs_the_same(self) -> None:
        batches = cheapest_batches(self.names, len)
        assert [len(batch) for batch in batches] == [10, 10, 5]

    def test_are_single_packages_where_those_cost_less(self) -> None:
        batches = cheapest_batches(self.names, lambda packages: len(packages) ** 2)
        assert batches == tuple((name,) for name in self.names)

    def test_are_chosen_ten_by_ten(self) -> None:
        def price(packages: tuple[str, ...]) -> int:
            return 1000 if len(packages) > 1 and "package-15" in packages else 10

        assert [len(batch) for batch in cheapest_batches(self.names, price)] == [10, *[1] * 10, 5]

    @pytest.mark.parametrize("names", [(), ("a",)])
    def test_of_one_or_none_ask_no_price(self, names: tuple[str, ...]) -> None:
        def price(packages: tuple[str, ...]) -> int:
            raise AssertionError("There is nothing to compare.")

        assert cheapest_batches(names, price) == ((names,) if names else ())


def covered(coverage: Iterable[Coverage]) -> set[tuple[str, str | None, date]]:
    """Every (cube, package, day) that is held; None for all of PyPI."""
    return {
        (row.cube.name, package, row.first + timedelta(days=number))
        for row in coverage
        for number in range((row.last - row.first).days + 1)
        for package in (row.packages if row.packages is not None else (None,))
    }


@st.composite
def coverages(draw: st.DrawFn) -> Coverage:
    first = draw(st.integers(1, 20))
    last = first + draw(st.integers(0, 4))
    return held(
        first,
        last,
        draw(st.sampled_from([None, ("a",), ("a", "b"), ("b",)])),
        cube=draw(st.sampled_from([CUBE, OTHER_CUBE])),
        bytes_billed=draw(st.integers(0, 10**12)),
        fingerprint=draw(st.sampled_from(["", "", "5 rows, changed today"])),
    )


class TestMergedCoverage:
    def test_has_one_row_of_neighboring_final_days(self) -> None:
        rows = [held(number, number, ("a",), bytes_billed=number) for number in (3, 1, 2)]
        assert merged(rows) == (held(1, 3, ("a",), bytes_billed=6),)

    def test_tells_the_newest_writing(self) -> None:
        later = Coverage(CUBE, day(1), day(1), None, "bigquery", datetime(2026, 9, 1))
        assert merged([later, held(2, 2, None)])[0].written_at == datetime(2026, 9, 1)

    def test_keeps_provisional_days_apart(self) -> None:
        rows = (held(1, 1, ("a",)), held(2, 2, ("a",), fingerprint="x"), held(3, 3, ("a",)))
        assert merged(rows) == rows
        provisional = tuple(held(number, number, None, fingerprint="x") for number in (1, 2))
        assert merged(provisional) == provisional

    @pytest.mark.parametrize(
        "other",
        [
            held(2, 2, ("b",)),
            held(2, 2, ("a", "b")),
            held(2, 2, None),
            held(2, 2, ()),
            held(2, 2, ("a",), cube=OTHER_CUBE),
            Coverage(CUBE, day(2), day(2), ("a",), "clickhouse", WRITTEN_AT),
            held(3, 3, ("a",)),
            held(1, 2, ("a",)),
        ],
        ids=["package", "packages", "pypi", "nothing", "cube", "source", "gap", "overlap"],
    )
    def test_keeps_apart_what_is_not_the_same_or_no_neighbor(self, other: Coverage) -> None:
        rows = [held(1, 1, ("a",)), other]
        assert Counter(merged(rows)) == Counter(rows)

    @given(st.lists(coverages(), max_size=12))
    def test_covers_the_same_at_the_same_price(self, rows: list[Coverage]) -> None:
        told = merged(rows)
        assert covered(told) == covered(rows)
        assert sum(row.bytes_billed for row in told) == sum(row.bytes_billed for row in rows)
        provisional = Counter(row for row in rows if row.fingerprint)
        assert Counter(row for row in told if row.fingerprint) == provisional
        assert merged(told) == told
