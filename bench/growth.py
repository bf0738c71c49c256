"""Measures how much longer a question about one package takes with ten times the rows."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from bench.contenders import forget_answers
from bench.figures import Figure, Outcome, at_most, geometric_mean
from bench.rows import LAST, package_name
from bench.stores import generated
from bench.timing import Contender, medians
from lib.cubes import Grain
from lib.data import Downloads
from lib.router import Period
from lib.selection import Selection
from lib.stores.duckdb import DuckDBStore

_REPETITIONS = 25
_RANKS = (1, 50, 100, 150, 199)
_YEAR = Period(LAST - timedelta(days=364), LAST)


def measure() -> Outcome:
    """The same packages in the small and in the large store, through `lib.data`, cold."""
    places = generated()
    stores = {
        "4 M rows": Downloads(DuckDBStore(places.small_store)),
        "40 M rows": Downloads(DuckDBStore(places.store)),
    }
    times = {name: _time(name, stores) for name in map(package_name, _RANKS)}
    growths = {name: found["40 M rows"] / found["4 M rows"] for name, found in times.items()}
    growth = geometric_mean(list(growths.values()))
    rows: list[dict[str, object]] = [
        {
            "package": name,
            **{store: round(1000 * seconds, 2) for store, seconds in found.items()},
            "growth": round(growths[name], 2),
        }
        for name, found in times.items()
    ]
    return Outcome(
        (Figure("One package, rows ×10: growth of the time", growth, "×", at_most(1.5)),),
        {"One package by week, ms (median)": rows},
    )


def _time(package: str, stores: dict[str, Downloads]) -> dict[str, float]:
    """Seconds in each store. Raises AssertionError where they answer differently."""
    selection = Selection((package,))
    frames = [found.over_time(selection, _YEAR, Grain.WEEK).frame for found in stores.values()]
    if not frames[0].equals(frames[1]):
        raise AssertionError(f"{package} has other downloads in the larger store")
    contenders = {
        name: Contender(
            partial(found.over_time, selection, _YEAR, Grain.WEEK), prepare=forget_answers
        )
        for name, found in stores.items()
    }
    return medians(contenders, _REPETITIONS)
