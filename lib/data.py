"""The cached questions that pages and the command line ask of the store."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import lru_cache

import numpy as np
import pandas as pd

from lib.aggregate import REST, AggregateQuery, Engine, Filter, compile_query, written_out
from lib.cubes import UNKNOWN, Coverage, Cube, Grain
from lib.errors import StoreMissing
from lib.installers import InstallerClass
from lib.periods import months_before, period_starts, provisional_since
from lib.router import (
    NotHeld,
    Period,
    available_period,
    first_of_next_month,
    held_periods,
    packages_counted,
    packages_held,
    route,
)
from lib.selection import Selection, auto_grain
from lib.signals import Signal, SignalSeries
from lib.stores import Store

_ANSWERS = 600
"""How many answers are kept: mostly some kilobytes each, enough for dozens of readers at once."""

MOST_LISTED = 1000
"""How many packages of all of PyPI are listed: there are some 700,000, and any can be typed."""

_ZERO_WHERE_ABSENT = {"sample", "bigquery", "clickhouse"}
"""The sources whose missing rows mean no downloads. In a file a missing row may mean anything."""


_NAMES = {"bigquery": "PyPI in BigQuery", "clickhouse": "ClickPy, ClickHouse's copy of PyPI"}

_FULL_NAMES = {
    "bigquery": "BigQuery, bigquery-public-data.pypi.file_downloads (CC BY 4.0)",
    "clickhouse": "ClickPy, ClickHouse's public copy of PyPI's downloads (CC BY 4.0)",
}


@dataclass(frozen=True)
class StoreState:
    """What a store held when it was last looked at."""

    version: str
    coverage: tuple[Coverage, ...]
    notes: dict[str, str]
    rows: dict[str, int]
    size: int

    @property
    def held(self) -> Period:
        """From the first to the last day of any cube."""
        return Period(
            min(row.first for row in self.coverage),
            max(row.last for row in self.coverage),
        )

    @property
    def packages(self) -> tuple[str, ...] | None:
        """The packages held, or None for all of PyPI."""
        return packages_held(self.coverage)

    @property
    def sources(self) -> tuple[str, ...]:
        """Where the rows came from."""
        return tuple(sorted({row.source for row in self.coverage}))

    @property
    def provisional_since(self) -> date | None:
        """The first day that was read while its source might still add rows to it, if any."""
        return min((row.first for row in self.coverage if row.fingerprint), default=None)

    def provisional(self, grain: Grain, yesterday: date) -> date | None:
        """The first day of a chart of this grain whose counts may change after `yesterday`, if any.

        Files do not change, and months are not marked.
        """
        if self.sources == ("files",) or grain is Grain.MONTH:
            return None
        return min(provisional_since(yesterday), self.provisional_since or date.max)

    @property
    def simulated(self) -> bool:
        """Whether any of the rows are simulated."""
        return "sample" in self.sources

    @property
    def source_words(self) -> str:
        """The source in a few words, for a figure: `simulated sample data`."""
        if self.simulated:
            return "simulated sample data"
        files = self._files
        if len(files) > 1:
            return f"{len(files)} imported files"
        return files[0] if files else _listed(self.sources, _NAMES)

    @property
    def _files(self) -> tuple[str, ...]:
        imports = json.loads(self.notes.get("imports", "[]"))
        return tuple(dict.fromkeys(entry["file"] for entry in imports))

    @property
    def source_text(self) -> str:
        """The source as every figure names it."""
        if self.simulated:
            return "simulated sample, modeled on published figures"
        if self._files:
            return "files: " + ", ".join(self._files)
        return _listed(self.sources, _FULL_NAMES)


@dataclass(frozen=True)
class Answer:
    """The rows of a figure, with the query and the cube that made them and their days.

    `clipped` is set where only a part of the period that was asked for is held.
    """

    frame: pd.DataFrame
    query: AggregateQuery
    cube: Cube
    period: Period
    engine: Engine
    clipped: bool = False

    @property
    def sql(self) -> str:
        """The statement that was answered, with its values written out."""
        return _shown(self.query, self.cube, self.engine)


class Downloads:
    """The questions that can be asked of one store, as it is now.

    Every answer is kept by its question. Two of these are equal where the store is the same, so
    that what is made of answers can be kept by it too.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self.state = _state(store, store.version())
        self._signals_version = _version_beside(store)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Downloads) and self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)

    @property
    def _identity(self) -> tuple[str, str, str]:
        return self._store.name, self.state.version, self._signals_version

    def held(self, packages: tuple[str, ...] = ()) -> Period:
        """The longest period in which the packages are held together; without any, all of them."""
        return _held(self, packages)

    def grains(self, packages: tuple[str, ...] = ()) -> tuple[Grain, ...]:
        """The grains, finest first, at which the packages are held; without any, all of them."""
        return _grains(self, packages)

    def period(self, selection: Selection) -> Period:
        """The days of a selection: whole months where the store holds nothing finer."""
        chosen = selection.days(self.held(selection.packages))
        if Grain.DAY in self.grains(selection.packages):
            return chosen
        after = first_of_next_month(chosen.last)
        return Period(chosen.first.replace(day=1), _day_before(after))

    def grain(self, selection: Selection, period: Period) -> Grain:
        """The grain of a selection's time axis: the one chosen where it is held, or a fitting.

        A coarser one where that is not held in any part of the period.
        """
        return _grain(self, selection, period)

    def answer(self, query: AggregateQuery) -> Answer:
        """The rows of a query: `period`, the dimensions of `by`, `downloads`; the rest last.

        Where only a part of the query's period is held, that part is answered and the answer
        is marked as clipped. Raises NotHeld where no part is.
        """
        kept = _answer(self, query)
        return replace(kept, frame=kept.frame.copy(deep=False))

    def over_time(self, selection: Selection, period: Period, grain: Grain) -> Answer:
        """Downloads for each period of the grain and each package chosen (or all together).

        Columns `period`, `series` (package or "All packages"), `downloads` (NaN where the source
        says nothing), `partial` (the period reaches beyond the days asked for).
        """
        by = ("project",) if selection.packages else ()
        answer = self.answer(selection.query(period, grain=grain, by=by))
        frame = answer.frame.rename(columns={"project": "series"})
        if not by:
            frame["series"] = "All packages"
        names = selection.packages or ("All packages",)
        return replace(answer, frame=self._filled(frame, answer.period, grain, names))

    def split_over_time(
        self,
        selection: Selection,
        period: Period,
        grain: Grain,
        dimension: str,
        top: int,
    ) -> Answer:
        """Downloads for each period and value of a dimension: the `top` values, `unknown`, rest.

        Columns `period`, `series`, `downloads`, `partial`.
        """
        answer = self.answer(selection.query(period, grain=grain, by=(dimension,), top=top))
        frame = answer.frame.rename(columns={dimension: "series"})
        names = tuple(frame["series"].drop_duplicates())
        return replace(answer, frame=self._filled(frame, answer.period, grain, names))

    def totals(
        self,
        selection: Selection,
        period: Period,
        dimension: str,
        top: int | None = None,
    ) -> Answer:
        """Downloads for each value of a dimension over the whole period, most first.

        Columns: the dimension, `downloads`, `share` (0 to 1, of the rows that are counted).
        """
        answer = self.answer(selection.query(period, by=(dimension,), top=top))
        frame = answer.frame.sort_values(
            ["downloads", dimension], ascending=[False, True], ignore_index=True
        )
        frame["share"] = frame["downloads"] / max(int(frame["downloads"].sum()), 1)
        return replace(answer, frame=frame)

    def by_package(self, selection: Selection, period: Period) -> Answer:
        """Downloads of each package over the whole period, most first, `unknown` and the rest last.

        Columns as of `totals`. Of all of PyPI the first thousand, and the others as the rest.
        """
        top = MOST_LISTED if self.state.packages is None and not selection.packages else None
        answer = self.totals(selection, period, "project", top)
        is_named = ~answer.frame["project"].isin([REST, UNKNOWN])
        frame = pd.concat([answer.frame[is_named], answer.frame[~is_named]], ignore_index=True)
        return replace(answer, frame=frame)

    def total(self, selection: Selection, period: Period) -> int:
        """All downloads of the selection in the period. Raises NotHeld unless all of it is held."""
        answer = self.answer(selection.query(period))
        if answer.clipped:
            raise NotHeld(answer.query, answer.period)
        value = answer.frame["downloads"].iloc[0]
        return 0 if pd.isna(value) else int(value)

    def countries(self, selection: Selection, period: Period) -> Answer:
        """Downloads by country, with how far each country prefers what was chosen.

        Columns `country`, `downloads`, `share` (of the selection's downloads), `preference`:
        that share over the country's share of all downloads held in the same days, 1 for as
        usual (the location quotient), NaN where the country has none.
        """
        chosen = self.totals(selection.with_values("country", ()), period, "country")
        usual = chosen.frame["country"].map(self._usual_shares(chosen.period)).astype("float64")
        frame = chosen.frame.assign(preference=chosen.frame["share"] / usual)
        return replace(chosen, frame=frame)

    def _usual_shares(self, period: Period) -> dict[str, float]:
        """The share of each country in all downloads of the same days; none if not all are held."""
        try:
            world = self.totals(Selection(), period, "country")
        except NotHeld:
            return {}
        if world.clipped:
            return {}
        return dict(zip(world.frame["country"], world.frame["share"], strict=True))

    def left_out(self, selection: Selection, period: Period) -> float | None:
        """The share (0 to 1) of downloads that the choice of what counts leaves out."""
        everything = replace(selection, counting=tuple(InstallerClass))
        kept = self.answer(selection.query(period))
        whole = self.total(everything, kept.period)
        counted = kept.frame["downloads"].sum()
        return 1 - float(counted) / whole if whole else None

    def values(self, dimension: str, packages: tuple[str, ...] = ()) -> tuple[str, ...]:
        """The values of a dimension that the store holds, most downloaded first.

        Of `packages`, or of all that are split by it. Nothing where the store is not split by it.
        """
        return _values(self, dimension, packages)

    def packages(self) -> tuple[str, ...]:
        """The packages that the store holds by name, most downloaded first.

        Of all of PyPI the first thousand; `holds` knows of the others.
        """
        return _packages(self)

    def holds(self, package: str) -> bool:
        """Whether the store can tell of a package, be it that it had no downloads."""
        return self.state.packages is None or package in _package_set(self)

    def signals(self) -> tuple[SignalSeries, ...]:
        """The series of signals that are held, by signal and term."""
        return _signals(self._store, self._signals_version).series

    def signal(self, signal: Signal, term: str) -> SignalSeries | None:
        """The series of a term, or None where it is not held."""
        return next((s for s in self.signals() if (s.signal, s.term) == (signal, term)), None)

    def own_terms(self) -> Mapping[tuple[str, Signal], str]:
        """The terms set here for packages, before those of `lib.signals.terms`."""
        return _signals(self._store, self._signals_version).terms

    def previous(self, period: Period, packages: tuple[str, ...] = ()) -> Period:
        """The period of the same length right before; whole months where days are not held."""
        if Grain.DAY in self.grains(packages):
            return Period(period.first - timedelta(days=period.days), _day_before(period.first))
        return months_before(period)

    def _filled(
        self, frame: pd.DataFrame, period: Period, grain: Grain, names: Sequence[str]
    ) -> pd.DataFrame:
        """Every series at every period, zero or NaN where the store has no row."""
        starts = period_starts(period, grain)
        absent = 0.0 if set(self.state.sources) <= _ZERO_WHERE_ABSENT else np.nan
        table = np.full((len(starts), len(names)), absent)
        column = {name: position for position, name in enumerate(names)}
        rows = starts.index.searchsorted(frame["period"].to_numpy())
        table[rows, [column[name] for name in frame["series"]]] = frame["downloads"]
        return pd.DataFrame(
            {
                "period": np.repeat(starts.index.to_numpy(), len(names)),
                "series": list(names) * len(starts),
                "downloads": table.ravel(),
                "partial": np.repeat(starts.to_numpy(), len(names)),
            }
        )


def _listed(sources: Sequence[str], names: Mapping[str, str]) -> str:
    return ", ".join(names.get(source, source) for source in sources)


def _day_before(day: date) -> date:
    return day - timedelta(days=1)


@lru_cache(maxsize=_ANSWERS)
def _answer(found: Downloads, query: AggregateQuery) -> Answer:
    coverage = found.state.coverage
    clipped = False
    try:
        cube = route(coverage, query)
    except NotHeld as missing:
        part = missing.available
        wanted = Period(query.first, query.last)
        if part is None or part.overlap(wanted) is None or part == wanted:
            raise
        query = replace(query, first=part.first, last=part.last)
        cube = route(coverage, query)
        clipped = True
    engine = found._store.engine
    if engine.dialect == "bigquery" and cube.holds(("project",)):
        query = _of_counted_packages(query, coverage)
    statement = compile_query(query, cube, engine)
    frame = found._store.query(statement.sql, statement.values)
    if query.grain:
        frame["period"] = pd.to_datetime(frame["period"]).astype("datetime64[s]")
    if query.top is not None:
        frame[query.by[-1]] = frame[query.by[-1]].fillna(REST)
    return Answer(frame, query, cube, Period(query.first, query.last), engine, clipped)


def _of_counted_packages(query: AggregateQuery, coverage: Sequence[Coverage]) -> AggregateQuery:
    """A query about all packages as one about those that are covered.

    A dataset may hold rows that are not covered: of a part that is being filled this moment, or
    whose filling was killed.
    """
    names = () if query.packages else packages_counted(coverage)
    return replace(query, where=(Filter("project", names), *query.where)) if names else query


@lru_cache(maxsize=4)
def _state(store: Store, version: str) -> StoreState:
    notes = {name: text for name in ("sample", "imports") if (text := store.note(name))}
    return StoreState(version, store.coverage(), notes, store.row_counts(), store.size())


@dataclass(frozen=True)
class _Signals:
    """What a store keeps beside its cubes."""

    series: tuple[SignalSeries, ...] = ()
    terms: Mapping[tuple[str, Signal], str] = field(default_factory=dict)


def _version_beside(store: Store) -> str:
    """The version of the file that signals are kept in; empty where there is none."""
    try:
        return store.beside.version() if store.beside else ""
    except StoreMissing:
        return ""


@lru_cache(maxsize=4)
def _signals(store: Store, version: str) -> _Signals:
    beside = store.beside
    if beside is None or not version:
        return _Signals()
    return _Signals(beside.signals(), beside.own_terms())


@lru_cache(maxsize=_ANSWERS)
def _shown(query: AggregateQuery, cube: Cube, engine: Engine) -> str:
    return written_out(query, cube, engine)


@lru_cache(maxsize=_ANSWERS)
def _held(found: Downloads, packages: tuple[str, ...]) -> Period:
    whole = found.state.held
    return available_period(found.state.coverage, Selection(packages).query(whole)) or whole


@lru_cache(maxsize=_ANSWERS)
def _grain(found: Downloads, selection: Selection, period: Period) -> Grain:
    held = found.grains(selection.packages)
    wanted = auto_grain(period, Grain.DAY if Grain.DAY in held else Grain.MONTH)
    if selection.grain in held:
        wanted = Grain(selection.grain)
    for grain in held:
        part = available_period(found.state.coverage, selection.query(period, grain=grain))
        if not grain.is_finer_than(wanted) and part and part.overlap(period):
            return grain
    return wanted


@lru_cache(maxsize=_ANSWERS)
def _grains(found: Downloads, packages: tuple[str, ...]) -> tuple[Grain, ...]:
    query = Selection(packages).query(found.state.held)
    stored = {
        row.cube.grain
        for row in found.state.coverage
        if held_periods(found.state.coverage, row.cube, query)
    }
    return tuple(grain for grain in Grain if any(held.sums_to(grain) for held in stored))


@lru_cache(maxsize=4)
def _package_set(found: Downloads) -> frozenset[str]:
    return frozenset(found.packages())


@lru_cache(maxsize=_ANSWERS)
def _values(found: Downloads, dimension: str, packages: tuple[str, ...]) -> tuple[str, ...]:
    coverage = found.state.coverage
    for chosen in (packages, _split_by(coverage, dimension)):
        query = Selection(chosen).query(found.state.held, by=(dimension,))
        part = available_period(coverage, query)
        if part:
            if dimension == "project":
                frame = found.by_package(Selection(chosen), part).frame
                return tuple(frame["project"][frame["project"] != REST])
            frame = found.answer(replace(query, first=part.first, last=part.last)).frame
            ranked = frame.sort_values(["downloads", dimension], ascending=[False, True])
            return tuple(ranked[dimension])
    return ()


def _split_by(coverage: Sequence[Coverage], dimension: str) -> tuple[str, ...]:
    """The packages that some cube splits by a dimension, where cubes hold different ones."""
    rows = [row for row in coverage if row.cube.holds((dimension,)) and row.packages]
    return tuple(sorted({name for row in rows for name in row.packages or ()}))


@lru_cache(maxsize=4)
def _packages(found: Downloads) -> tuple[str, ...]:
    named = found.state.packages
    try:
        ranked = found.values("project")
    except NotHeld:
        ranked = ()
    if named is None:
        return tuple(name for name in ranked if name != UNKNOWN)
    known = set(named)
    ranked = tuple(name for name in ranked if name in known)
    return (*ranked, *sorted(known - set(ranked)))
