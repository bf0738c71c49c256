"""The names of cubes, and the choice of the cube that answers."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.aggregate import AggregateQuery, Filter
from lib.cubes import ALL_DIMENSIONS, Coverage, Cube, Grain, cube_named
from lib.router import NotHeld, Period, packages_held, route
from tests.conftest import WRITTEN_AT

BOTH = ("numpy", "pandas")


def coverage(
    grain: Grain,
    dimensions: tuple[str, ...],
    first: str,
    last: str,
    packages: tuple[str, ...] | None = BOTH,
) -> Coverage:
    return Coverage(
        Cube(grain, dimensions),
        date.fromisoformat(first),
        date.fromisoformat(last),
        packages,
        "files",
        WRITTEN_AT,
    )


HELD = (
    coverage(Grain.DAY, ("project",), "2020-01-01", "2026-06-30"),
    coverage(Grain.DAY, ("project", "country"), "2020-01-01", "2026-06-30"),
    coverage(Grain.DAY, ("project", "python"), "2024-01-01", "2026-06-30"),
    coverage(Grain.DAY, ALL_DIMENSIONS, "2026-04-01", "2026-06-30"),
    coverage(Grain.HOUR, ("project",), "2026-06-17", "2026-06-30"),
)


def query(first: str, last: str, **rest: object) -> AggregateQuery:
    return AggregateQuery(date.fromisoformat(first), date.fromisoformat(last), **rest)  # type: ignore[arg-type]


@given(
    st.sampled_from([Grain.HOUR, Grain.DAY, Grain.MONTH]), st.sets(st.sampled_from(ALL_DIMENSIONS))
)
def test_the_name_of_a_cube_names_only_that_cube(grain: Grain, dimensions: set[str]) -> None:
    cube = Cube(grain, tuple(dimensions))
    assert cube_named(cube.name) == cube


def test_a_table_that_is_no_cube_has_no_cube() -> None:
    for name in ("cube_week_project", "coverage", "cube_day_nonsense", "cube_dayproject"):
        with pytest.raises(ValueError, match="not"):
            cube_named(name)


@pytest.mark.parametrize(
    ("asked", "cube"),
    [
        (query("2020-01-01", "2026-06-30"), "cube_day_project"),
        (query("2026-06-20", "2026-06-21", grain=Grain.HOUR), "cube_hour_project"),
        (query("2024-01-01", "2026-06-30", by=("python",)), "cube_day_project_python"),
        (query("2020-01-01", "2020-01-02", by=("country",)), "cube_day_project_country"),
        (query("2026-04-01", "2026-04-02", by=("country", "python")), "cube_day_all"),
        (
            query("2026-05-01", "2026-05-02", where=(Filter("system", ("Linux",)),)),
            "cube_day_all",
        ),
    ],
)
def test_the_narrowest_cube_that_holds_everything_answers(asked: AggregateQuery, cube: str) -> None:
    assert route(HELD, asked).name == cube


@pytest.mark.parametrize(
    ("asked", "available"),
    [
        (query("2019-12-31", "2020-01-31"), Period(date(2020, 1, 1), date(2020, 1, 31))),
        (
            query("2020-01-01", "2026-06-30", by=("python",)),
            Period(date(2024, 1, 1), date(2026, 6, 30)),
        ),
        (
            query("2020-01-01", "2020-02-01", by=("python", "country")),
            Period(date(2026, 4, 1), date(2026, 6, 30)),
        ),
        (query("2026-01-01", "2026-01-02", grain=Grain.HOUR, by=("country",)), None),
        (query("2026-06-01", "2026-06-02", where=(Filter("project", ("scipy",)),)), None),
    ],
)
def test_what_is_not_held_whole_is_refused_with_what_is_held(
    asked: AggregateQuery, available: Period | None
) -> None:
    with pytest.raises(NotHeld) as refused:
        route(HELD, asked)
    assert refused.value.available == available


def test_all_packages_need_every_package_that_the_store_holds() -> None:
    held = (
        coverage(Grain.DAY, ("project",), "2026-01-01", "2026-01-31", ("numpy",)),
        coverage(Grain.DAY, ("project",), "2026-01-01", "2026-01-31", ("pandas",)),
        coverage(Grain.DAY, ("project", "python"), "2026-01-01", "2026-01-31", ("numpy",)),
    )
    assert route(held, query("2026-01-01", "2026-01-31")).name == "cube_day_project"
    with pytest.raises(NotHeld):
        route(held, query("2026-01-01", "2026-01-31", by=("python",)))
    one = query("2026-01-01", "2026-01-31", by=("python",), where=(Filter("project", ("numpy",)),))
    assert route(held, one).name == "cube_day_project_python"


def test_all_of_pypi_is_not_answered_from_a_watch_list() -> None:
    held = (
        coverage(Grain.DAY, ("project", "country"), "2026-01-01", "2026-01-31", None),
        coverage(Grain.DAY, ALL_DIMENSIONS, "2026-01-01", "2026-01-31", ("numpy",)),
    )
    assert packages_held(held) is None
    assert route(held, query("2026-01-01", "2026-01-02")).name == "cube_day_project_country"
    with pytest.raises(NotHeld):
        route(held, query("2026-01-01", "2026-01-02", by=("python",)))


def test_neighboring_periods_of_two_imports_are_one() -> None:
    held = (
        coverage(Grain.DAY, ("project",), "2026-01-01", "2026-01-31"),
        coverage(Grain.DAY, ("project",), "2026-02-01", "2026-02-28"),
        coverage(Grain.DAY, ("project",), "2026-03-02", "2026-03-31"),
    )
    assert route(held, query("2026-01-15", "2026-02-15")).name == "cube_day_project"
    with pytest.raises(NotHeld) as refused:
        route(held, query("2026-02-15", "2026-03-15"))
    assert refused.value.available in (
        Period(date(2026, 2, 15), date(2026, 2, 28)),
        Period(date(2026, 3, 2), date(2026, 3, 15)),
    )


def test_months_answer_whole_months_only() -> None:
    held = (coverage(Grain.MONTH, ("project",), "2026-01-01", "2026-06-30"),)
    whole = query("2026-02-01", "2026-03-31", grain=Grain.MONTH)
    assert route(held, whole).name == "cube_month_project"
    with pytest.raises(NotHeld) as refused:
        route(held, query("2026-02-02", "2026-04-15", grain=Grain.MONTH))
    assert refused.value.available == Period(date(2026, 3, 1), date(2026, 3, 31))
    with pytest.raises(NotHeld):
        route(held, query("2026-02-01", "2026-02-28", grain=Grain.DAY))


def test_weeks_are_never_taken_from_months() -> None:
    held = (coverage(Grain.MONTH, ("project",), "2026-01-01", "2026-06-30"),)
    with pytest.raises(NotHeld):
        route(held, query("2026-02-01", "2026-02-28", grain=Grain.WEEK))
