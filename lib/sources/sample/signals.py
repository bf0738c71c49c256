"""Simulated signals beside the simulated downloads: questions, searches and views of articles.

Stack Overflow falls as its published volume did (site_questions.csv); how much a package is asked
about, searched and read, and how that goes with its downloads, is judged (signals.csv).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lib.cubes import Grain
from lib.errors import StoreError
from lib.signals import SIMULATED, Signal, SignalSeries
from lib.signals.terms import term_of
from lib.sources.sample.arrays import Floats, Integers
from lib.sources.sample.calendar_effects import weekdays
from lib.sources.sample.days import BEGINNING, EPOCH, Span, number
from lib.sources.sample.levels import expected_levels
from lib.sources.sample.randomness import daily_normals, generator
from lib.sources.sample.simulation import Simulation
from lib.sources.sample.tables import series as published
from lib.stores.duckdb import DuckDBStore, StoreWriter

SIGNALS_MODELED_ON = "blog.qwertyforce.dev: questions a month on Stack Overflow, 2018 to 2025"

_SOURCE = SIMULATED + ": {}, modeled and not fetched"

_ANCHOR = number(date(2022, 7, 1))

_TRENDS_WEEKS = 260
"""Google Trends gives weeks for five years at most."""

_WEEKEND_VIEWS = 0.62
"""Views of an article about programming on a weekend over a weekday (judged)."""

_QUIET = ((352, 0.85), (359, 0.62), (1, 0.8))
"""Searches in the weeks that begin in the week after these days of a year, over others (judged)."""

_DAYS_A_MONTH = 365.25 / 12

_FOLLOWED_ROUGHLY = 0.12
"""Log SD from month to month of interest around what goes with downloads (judged)."""


@dataclass(frozen=True)
class _Interest:
    """A row of signals.csv."""

    questions: float
    views: float | None
    follows: float
    lead: timedelta


def simulated_signals(simulation: Simulation, until: date) -> Iterator[SignalSeries]:
    """The signals of a package for whole periods from 2018 to `until`, the same for a seed.

    Nothing where signals.csv does not have the package.
    """
    interest = _interests().get(simulation.package.name)
    if interest is None:
        return
    package = simulation.package
    first = max(package.started or BEGINNING, BEGINNING)
    days = Span(first, until).numbers()
    if not len(days):
        return
    followed = _followed(simulation, interest, days)
    fetched_at = datetime.combine(until + timedelta(days=1), time(), UTC).replace(tzinfo=None)
    questions = _questions(simulation, interest, days, followed)
    searches = _searches(simulation, days, followed)
    views = _views(simulation, interest, days, followed)
    for signal, grain, unit, frame in (
        (Signal.STACK_OVERFLOW, Grain.MONTH, "questions a month", questions),
        (
            Signal.GOOGLE_TRENDS, Grain.WEEK,
            "search interest by week, 100 = the most in its export", searches,
        ),
        (Signal.WIKIPEDIA, Grain.DAY, "page views a day", views),
    ):  # fmt: skip
        term = term_of(package.name, signal, {})
        if term and not frame.empty:
            source = _SOURCE.format(_LIKE[signal])
            yield SignalSeries(signal, term, grain, unit, source, fetched_at, frame)


_LIKE = {
    Signal.STACK_OVERFLOW: "questions like Stack Overflow's",
    Signal.GOOGLE_TRENDS: "searches like Google Trends'",
    Signal.WIKIPEDIA: "views like Wikipedia's",
}


def write_signals(
    writer: StoreWriter, simulations: Iterable[Simulation], until: date, theirs: Kept
) -> None:
    """Write the signals of all packages; what readers have put in their place stays."""
    for series in theirs.series:
        writer.replace_series(series)
    if theirs.terms:
        writer.replace_terms(theirs.terms)
    held = {(series.signal, series.term) for series in theirs.series}
    for simulation in simulations:
        for series in simulated_signals(simulation, until):
            if (series.signal, series.term) not in held:
                writer.replace_series(series)


@dataclass(frozen=True)
class Kept:
    """What readers have kept in a store of the sample: real series, and terms of packages."""

    series: tuple[SignalSeries, ...] = ()
    terms: Mapping[tuple[str, Signal], str] = field(default_factory=dict)


def kept_by_readers(path: Path) -> Kept:
    """What is not the sample's own; nothing where there is no store, or none that can be read."""
    store = DuckDBStore(path)
    try:
        series = tuple(series for series in store.signals() if not series.simulated)
        return Kept(series, store.own_terms())
    except StoreError:
        return Kept()


@cache
def _interests() -> dict[str, _Interest]:
    path = Path(__file__).with_name("signals.csv")
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return {
            row["package"]: _Interest(
                float(row["questions"]),
                float(row["views"]) if row["views"] else None,
                float(row["follows"]),
                timedelta(weeks=int(row["lead_weeks"])),
            )
            for row in rows
        }


def _followed(simulation: Simulation, interest: _Interest, days: Integers) -> Floats:
    """Interest on each day over that of the middle of 2022, or of the package's first year."""
    package, years = simulation.package, simulation.years
    ahead = days + interest.lead.days
    levels = expected_levels(package, simulation.seed, ahead, years)
    known = levels[levels > 0]
    anchor = levels[np.searchsorted(days, _ANCHOR)] if days[0] < _ANCHOR <= days[-1] else 0.0
    logs = np.log(np.maximum(levels, known.min()) / (anchor or known[min(365, len(known) - 1)]))
    drift = _monthly_drift(simulation, days)
    followed: Floats = np.exp(interest.follows * logs + drift)
    return followed


def _monthly_drift(simulation: Simulation, days: Integers) -> Floats:
    """Slow log noise that a package's signals share, drawn year by year. Shape [days]."""
    name, years = simulation.package.name, simulation.years
    draws = [
        generator(simulation.seed, "interest", name, year).standard_normal(12) for year in years
    ]
    at = [number(date(year, month, 15)) for year in years for month in range(1, 13)]
    drift: Floats = np.interp(days, at, _FOLLOWED_ROUGHLY * np.concatenate(draws))
    return drift


def _questions(
    simulation: Simulation, interest: _Interest, days: Integers, followed: Floats
) -> pd.DataFrame:
    """Questions of whole months: what is asked of all, of this, and chance (Poisson)."""
    site = published("site_questions")
    thousands = np.exp(np.interp(days, site.days, np.log(site.values[:, 0])))
    usual = np.interp(_ANCHOR, site.days, site.values[:, 0])
    daily = interest.questions / _DAYS_A_MONTH * followed * thousands / usual
    dates = np.datetime64(EPOCH) + days.astype("timedelta64[D]")
    months, first, counted = np.unique(
        dates.astype("datetime64[M]"), return_index=True, return_counts=True
    )
    lengths = ((months + 1).astype("datetime64[D]") - months.astype("datetime64[D]")).astype(int)
    whole = counted == lengths
    means = np.add.reduceat(daily, first)[whole]
    starts = months[whole].astype("datetime64[s]")
    counts = np.zeros(len(starts))
    for year in np.unique(starts.astype("datetime64[Y]")):
        of_year = starts.astype("datetime64[Y]") == year
        stream = generator(simulation.seed, "questions", simulation.package.name, str(year))
        counts[of_year] = stream.poisson(means[of_year])
    return _frame(starts, counts, np.zeros(len(starts), dtype=bool))


def _searches(simulation: Simulation, days: Integers, followed: Floats) -> pd.DataFrame:
    """Weeks from Sunday, as Google Trends writes them: 100 is the most, below 0.5 is `<1`."""
    noise = daily_normals(simulation.seed, "searches", simulation.package.name, simulation.years)
    # 1970 began on a Thursday.
    weeks, first, counted = np.unique((days + 4) // 7, return_index=True, return_counts=True)
    kept = np.flatnonzero(counted == 7)[-_TRENDS_WEEKS:]
    means = np.add.reduceat(followed, first)[kept] / 7
    starts = weeks[kept] * 7 - 4
    quiet = np.ones(len(kept))
    for day, factor in _QUIET:
        quiet[(_day_of_year(starts) - day) % 365 < 7] = factor
    level = means * quiet * np.exp(0.06 * noise[starts - number(BEGINNING)])
    scaled = 100 * level / level.max(initial=0.0)
    rare = scaled < 0.5
    return _frame(_moments(starts), np.where(rare, 0.5, np.round(scaled)), rare)


def _views(
    simulation: Simulation, interest: _Interest, days: Integers, followed: Floats
) -> pd.DataFrame:
    """Views of each day, fewer on weekends."""
    noise = daily_normals(simulation.seed, "views", simulation.package.name, simulation.years)
    weekend = np.where(weekdays(days) >= 5, _WEEKEND_VIEWS, 1.0)
    level = (interest.views or 0.0) * followed * weekend
    counts = np.round(level * np.exp(0.08 * noise[days - number(BEGINNING)]))
    return _frame(_moments(days), counts, np.zeros(len(days), dtype=bool))


def _moments(days: Integers) -> NDArray[np.datetime64]:
    return np.datetime64(EPOCH, "s") + days.astype("timedelta64[D]")


def _day_of_year(days: Integers) -> Integers:
    """Days since the first of January."""
    dates = np.datetime64(EPOCH) + days.astype("timedelta64[D]")
    passed: Integers = (dates - dates.astype("datetime64[Y]")).astype(np.int64)
    return passed


def _frame(
    periods: NDArray[np.datetime64], values: Floats, flagged: NDArray[np.bool_]
) -> pd.DataFrame:
    return pd.DataFrame({"period": periods, "value": values, "flagged": flagged})
