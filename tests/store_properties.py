"""What every store's answers must be: sums over the raw rows, whatever is selected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pandas as pd
from hypothesis import strategies as st

from lib.aggregate import REST, AggregateQuery, Filter
from lib.cubes import ALL_DIMENSIONS, UNKNOWN, Cube, Grain
from lib.data import Downloads
from lib.installers import InstallerClass
from lib.router import Period
from lib.selection import Selection
from tests.conftest import Row, raw_row, write_cube

FIRST, LAST = date(2026, 1, 26), date(2026, 3, 8)

VALUES = {
    "project": ("numpy", "pandas", "o-brien"),
    "country": ("DE", "US", UNKNOWN),
    "python": ("3.9", "3.12", UNKNOWN),
    "system": ("Linux", "Darwin", "it's \\ a; system--"),
    "installer": ("pip", "bandersnatch", "Browser", UNKNOWN),
}

CUBES = (
    Cube(Grain.DAY, ("project",)),
    Cube(Grain.DAY, ("country",)),
    Cube(Grain.DAY, ("project", "country")),
    Cube(Grain.DAY, ("project", "python")),
    Cube(Grain.DAY, ALL_DIMENSIONS),
)


def raw_rows() -> list[Row]:
    """A few hundred raw rows that look random and are always the same."""
    rows = []
    for number in range(700):
        picked = {
            name: values[(number * prime // 7) % len(values)]
            for prime, (name, values) in zip((3, 11, 17, 23, 31), VALUES.items(), strict=True)
        }
        day = FIRST + timedelta(days=(number * 13) % ((LAST - FIRST).days + 1))
        project = picked.pop("project")
        rows.append(raw_row(day, project, number * number % 997, **picked))
    return rows


def write_cubes(writer: Any) -> None:
    """Fill a store with cubes of the raw rows, through what `write_cube` takes."""
    for cube in CUBES:
        write_cube(
            writer, cube, raw_rows(), first=FIRST, last=LAST, packages=VALUES["project"],
            source="sample",
        )  # fmt: skip


def kept(row: Row, selection: Selection, period: Period) -> bool:
    """Whether a raw row is among those that a selection is about."""
    mirrors = {"bandersnatch"}
    browsers = {"Browser"}
    installer = str(row["installer"])
    if installer in mirrors:
        installer_class = InstallerClass.MIRRORS
    elif installer in browsers:
        installer_class = InstallerClass.BROWSERS
    elif installer == UNKNOWN:
        installer_class = InstallerClass.UNKNOWN
    else:
        installer_class = InstallerClass.INSTALLERS
    day = row["period"]
    assert isinstance(day, date)
    return (
        period.first <= day <= period.last
        and (not selection.packages or row["project"] in selection.packages)
        and all(row[c.dimension] in c.values for c in selection.filters)
        and installer_class in selection.counting
    )


def start(day: date, grain: Grain) -> date:
    if grain is Grain.WEEK:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if grain is Grain.MONTH else day


subsets = {
    name: st.lists(st.sampled_from(values), unique=True, max_size=2)
    for name, values in VALUES.items()
}

selections = st.builds(
    lambda packages, counting, **filters: Selection(
        packages=tuple(packages),
        counting=tuple(counting),
        filters=tuple(
            Filter(name, tuple(filters[name]))
            for name in ("country", "python", "system", "installer")
            if filters[name]
        ),
    ),
    packages=subsets["project"],
    counting=st.lists(st.sampled_from(list(InstallerClass)), min_size=1, unique=True),
    **{name: subsets[name] for name in ("country", "python", "system", "installer")},
)

periods = st.tuples(st.integers(0, 41), st.integers(0, 41)).map(
    lambda ends: Period(FIRST + timedelta(days=min(ends)), FIRST + timedelta(days=max(ends)))
)

grains = st.sampled_from([None, Grain.DAY, Grain.WEEK, Grain.MONTH])

splits = st.lists(st.sampled_from(list(VALUES)), unique=True, max_size=2).map(tuple)

packages = st.sampled_from(VALUES["project"])

tops = st.integers(1, 3)

texts = st.text(min_size=1, max_size=40).filter(lambda text: "\x00" not in text)


def answer_is_the_sum_of_the_raw_rows(
    downloads: Downloads,
    selection: Selection,
    period: Period,
    grain: Grain | None,
    by: tuple[str, ...],
) -> None:
    expected: Counter[tuple[object, ...]] = Counter()
    for row in raw_rows():
        if kept(row, selection, period):
            day = row["period"]
            assert isinstance(day, date)
            key = ((start(day, grain),) if grain else ()) + tuple(row[name] for name in by)
            expected[key] += int(str(row["downloads"]))
    frame = downloads.answer(selection.query(period, grain=grain, by=by)).frame
    columns = (["period"] if grain else []) + list(by)
    if grain:
        frame["period"] = frame["period"].dt.date
    found = {
        tuple(row[name] for name in columns): int(row["downloads"])
        for row in frame.to_dict("records")
        if not pd.isna(row["downloads"])
    }
    assert found == {key: value for key, value in expected.items() if key in found or value}


def top_and_rest_make_the_whole(
    downloads: Downloads, selection: Selection, period: Period, top: int
) -> None:
    query = selection.query(period, by=("installer",))
    whole = downloads.answer(query).frame.set_index("installer")["downloads"]
    cut = downloads.answer(
        AggregateQuery(query.first, query.last, None, query.by, query.where, top)
    ).frame.set_index("installer")["downloads"]
    assert cut.sum() == whole.sum()
    named = whole.drop(UNKNOWN, errors="ignore")
    assert len(cut.drop([UNKNOWN, REST], errors="ignore")) == min(top, len(named))
    assert cut.get(UNKNOWN) == whole.get(UNKNOWN)
    if REST in cut.index:
        leaders = cut.drop([UNKNOWN, REST], errors="ignore")
        assert leaders.min() >= named.drop(leaders.index).max()


def ranks_are_those_of_the_raw_rows(
    downloads: Downloads, selection: Selection, period: Period, grain: Grain | None, ranked: str
) -> None:
    """The rank among the values of `project`, by counting those with more in each period."""
    sums: dict[object, Counter[str]] = {}
    for row in raw_rows():
        if kept(row, replace(selection, packages=()), period) and row["project"] != UNKNOWN:
            day = row["period"]
            assert isinstance(day, date)
            count = int(str(row["downloads"]))
            sums.setdefault(start(day, grain) if grain else None, Counter())[
                str(row["project"])
            ] += count
    expected = {
        key: (
            1 + sum(other > found[ranked] for other in found.values()),
            sum(other > 0 for other in found.values()),
            found[ranked],
        )
        for key, found in sums.items()
        if found[ranked] > 0
    }
    query = replace(selection, packages=()).query(period, grain=grain, by=("project",))
    frame = downloads.answer(replace(query, rank_of=ranked)).frame
    periods_found = frame["period"].dt.date if grain else [None] * len(frame)
    values = frame[["rank", "counted", "downloads"]].itertuples(index=False, name=None)
    assert dict(zip(periods_found, values, strict=True)) == expected


def shown_sql_gives_the_same_answer(
    downloads: Downloads, text: str, paste: Callable[[str], pd.DataFrame]
) -> None:
    query = AggregateQuery(
        FIRST, LAST, Grain.WEEK, where=(Filter("system", ("Linux", "it's \\ a; system--", text)),)
    )
    answer = downloads.answer(query)
    again = paste(answer.sql)
    assert list(again["downloads"]) == list(answer.frame["downloads"])
