"""What a store holds, cut into pieces and drawn: nothing lost, nothing twice, never too much."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from lib.charts import TimeAxis
from lib.coverage_chart import coverage_chart, coverage_words, cube_label, packages_words
from lib.cubes import ALL_DIMENSIONS, Coverage, Cube, Grain
from lib.holdings.pieces import MOST_PIECES, pieces, provisional_days, side_by_side
from lib.router import Period
from lib.theme import DARK, LIGHT

PROJECT = Cube(Grain.DAY, ("project",))
FULL = Cube(Grain.DAY, ALL_DIMENSIONS)
MONTHS = Cube(Grain.MONTH, ("project",))
NEVER = date(2100, 1, 1)
START = date(2026, 8, 1)
WRITTEN = datetime(2026, 8, 31, 12)
HOSTILE = "<script>alert(1)</script>"


def row(
    first: int,
    last: int,
    *packages: str,
    cube: Cube = PROJECT,
    source: str = "bigquery",
    billed: int = 0,
    fingerprint: str = "",
) -> Coverage:
    """Coverage of days counted from `START`; of all of PyPI where no package is named."""
    days = (START + timedelta(days=first), START + timedelta(days=last))
    return Coverage(cube, *days, packages or None, source, WRITTEN, billed, fingerprint)


def numbered(found: list[Coverage], since: date = NEVER) -> list[tuple[int, int, int | None]]:
    """The pieces as first and last day, and how many packages."""
    return [
        (
            (piece.first - START).days,
            (piece.last - START).days,
            None if piece.packages is None else len(piece.packages),
        )
        for piece in pieces(found, since)
    ]


def axis(period: Period) -> TimeAxis:
    return TimeAxis(period, Grain.DAY, "UTC · a test")


def test_days_side_by_side_are_one_piece() -> None:
    assert numbered([row(0, 4, "a"), row(5, 9, "a")]) == [(0, 9, 1)]


def test_a_gap_stays_a_gap() -> None:
    assert numbered([row(0, 4, "a"), row(6, 9, "a")]) == [(0, 4, 1), (6, 9, 1)]


def test_packages_of_several_rows_are_counted_together() -> None:
    found = [row(0, 9, "a", "b"), row(3, 5, "b", "c"), row(5, 12)]
    assert numbered(found) == [(0, 2, 2), (3, 4, 3), (5, 12, None)]


def test_provisional_days_of_several_readings_are_one_piece() -> None:
    daily = [row(n, n, name, fingerprint="3 rows") for n in range(7) for name in ("a", "b")]
    first, second = pieces([row(-30, -1, "a", "b"), *daily], NEVER)
    assert (first.provisional, second.provisional) == (False, True)
    assert (second.days, len(second.packages or ())) == (7, 2)


def test_the_newest_days_are_provisional_but_for_files_and_months() -> None:
    since = START + timedelta(days=5)
    assert [piece.provisional for piece in pieces([row(0, 9, "a")], since)] == [False, True]
    final = [row(0, 9, "a", source="files"), row(0, 30, "a", cube=MONTHS)]
    assert not any(piece.provisional for piece in pieces(final, since))
    assert provisional_days([row(0, 9, "a"), row(0, 8, "b")], since) == 5
    assert provisional_days(final, since) == 0


def test_what_was_billed_is_split_and_not_lost() -> None:
    found = pieces([row(0, 9, "a", billed=1000), row(5, 14, "b", billed=500)], NEVER)
    assert [piece.bytes_billed for piece in found] == pytest.approx([500, 750, 250])


def test_cubes_stand_from_wide_to_narrow() -> None:
    hours = Cube(Grain.HOUR, ("project",))
    found = [row(0, 1, "a", cube=cube) for cube in (hours, FULL, PROJECT, MONTHS)]
    assert [piece.cube for piece in pieces(found, NEVER)] == [MONTHS, PROJECT, FULL, hours]


@pytest.mark.parametrize("cubes", [1, 15])
def test_however_much_is_held_the_figure_stays_small(cubes: int) -> None:
    kinds = [Cube(Grain.DAY, ("project", name)) for name in ALL_DIMENSIONS[1:]]
    kinds += [PROJECT, FULL, MONTHS, Cube(Grain.HOUR, ("project",)), Cube(Grain.DAY, ("country",))]
    kinds = kinds[:cubes]
    every_other = [row(n, n, "a", cube=cube) for cube in kinds for n in range(0, 3650, 2)]
    found = pieces(every_other, NEVER)
    assert len(found) <= MOST_PIECES
    assert sum(piece.days for piece in found) == len(every_other)
    figure = coverage_chart(found, LIGHT, axis(Period(found[0].first, found[-1].last)))
    assert "days held" in figure.data[0].customdata[0]


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_bars_stand_where_the_days_are(theme: object) -> None:
    found = pieces([row(0, 0, "a"), row(5, 6, "a", "b", fingerprint="x")], NEVER)
    figure = coverage_chart(found, theme, axis(Period(START, START + timedelta(days=6))))  # type: ignore[arg-type]
    (bars,) = figure.data
    assert list(bars.base) == ["2026-08-01", "2026-08-06"]
    assert list(bars.x) == [86_400_000, 2 * 86_400_000]
    assert list(bars.marker.pattern.shape) == ["", "/"]
    assert bars.marker.opacity[0] < bars.marker.opacity[1] == 1


def test_a_single_day_is_labeled_by_days() -> None:
    figure = coverage_chart(pieces([row(0, 0, "a")], NEVER), LIGHT, axis(Period(START, START)))
    assert figure.layout.xaxis.dtick == 86_400_000


def test_hostile_names_are_text() -> None:
    hostile = row(0, 1, HOSTILE, source=HOSTILE, billed=10**9)
    figure = coverage_chart(pieces([hostile], NEVER), LIGHT, axis(Period(START, START)))
    (text,) = figure.data[0].customdata
    assert "<script" not in text
    assert "&lt;script" in text
    assert "1 GB billed" in text


def test_words() -> None:
    assert cube_label(Cube(Grain.DAY, ("project", "country"))) == "Package × Country, by day"
    assert cube_label(FULL) == "All 10 dimensions, by day"
    assert packages_words(("a",)) == "1 package: a"
    assert packages_words("edcba") == "5 packages: a, b, c, …"
    assert packages_words(None) == "all of PyPI"
    words = coverage_words(pieces([row(0, 3, "a"), row(4, 4, "a", fingerprint="x")], NEVER))
    assert "Package, by day: 5 days held, 1 Aug – 5 Aug 2026, 1 of them provisional" in words


def test_rows_side_by_side_are_one_line_of_the_table() -> None:
    daily = [row(n, n, "a", billed=5, fingerprint=str(n)) for n in range(4)]
    others = [row(0, 3, "b"), row(6, 7, "a"), replace(row(4, 4, "a"), cube=FULL)]
    found = side_by_side([*others, *reversed(daily)])
    assert len(found) == 4
    assert (found[0].first, found[0].last) == (START, START + timedelta(days=3))
    assert found[0].bytes_billed == 20
