"""Counts the sample's downloads in any span of seconds, and keeps what it counted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from lib.live import Where
from lib.live.sample.cells import Cells
from lib.live.sample.days import Days
from lib.live.sample.hours import SECONDS, Hour, hour_of_day
from lib.live.sample.simulating import Counts, Day
from lib.live.sample.spikes import Spike, spikes_of
from lib.sources.sample.arrays import Floats, Integers
from lib.sources.sample.days import day_of

_DAY = 24 * SECONDS

_HOURS_HELD = 24
"""About 1 MB each with 160 packages: two hours of all weeks, and some that pass through."""


@dataclass(frozen=True, eq=False)
class Fetched:
    """The downloads of some seconds by cell: a place in each array, none of them without any."""

    cells: Counts
    counts: Integers


class Counting:
    """Answers from the days of a recipe. Spans are seconds since 1970, `after` not included.

    What an hour holds never changes, whether it is over or not: every sum is kept and serves all
    viewers, least recently used out first. The caches are its own, and go when it goes.
    """

    def __init__(self, days: Days) -> None:
        self.days = days
        self._seed = days.recipe.seed
        self._spikes = lru_cache(20)(self._spikes_of)
        self._hour = lru_cache(_HOURS_HELD)(self._hour_of)
        self._kept = lru_cache(64)(Cells.kept)
        self._grouped = lru_cache(16)(Cells.grouped)
        self._placed = lru_cache(24)(self._places_before)
        self._before = lru_cache(1000)(self._counted_before)
        self.steps = lru_cache(4000)(self._steps)
        self.totals = lru_cache(200)(self._totals)

    def prepare(self, first: int, after: int) -> None:
        """Have the days of a span at hand, all that are missing simulated at once."""
        days = range(first // _DAY, -(-after // _DAY))
        self.days.all_of([day_of(day) for day in days])

    def counted(self, first: int, after: int, where: Where) -> int:
        """The downloads in a span."""
        start, begun = divmod(first, SECONDS)
        end, gone = divmod(after, SECONDS)
        whole = sum(int(self.steps(hour, 60, where)[0]) for hour in range(start, end))
        return whole + self._before(end, gone, where) - self._before(start, begun, where)

    def fetched(self, first: int, after: int, where: Where) -> Iterator[Fetched]:
        """The downloads in a span by cell, hour by hour."""
        for number in range(first // SECONDS, -(-after // SECONDS)):
            begun = max(first - number * SECONDS, 0)
            gone = min(after - number * SECONDS, SECONDS)
            hour = self._hour(number)
            counts = (self._placed(number, gone) - self._placed(number, begun)).astype(np.int64)
            mine = counts > 0
            if where:
                mine &= self._kept(self._day(number).cells, where)[hour.cells]
            yield Fetched(hour.cells[mine], counts[mine])

    def described(self, hour: int, cells: Counts) -> pd.DataFrame:
        """What some cells fetch in an hour: project, version, country, system and installer."""
        day = self._day(hour)
        named = {
            name: np.array(day.cells.values[name], dtype=object)[day.cells.codes[name][cells]]
            for name in ("project", "country", "system", "installer")
        }
        frame = pd.DataFrame(named)
        frame.insert(1, "version", day.versions[day.version[cells]].astype(object))
        return frame

    def _steps(self, number: int, minutes: int, where: Where) -> Integers:
        """The downloads in each step of so many minutes of an hour: shape [60 / minutes]."""
        hour = self._filtered(number, where)
        seconds = range(0, SECONDS + 1, minutes * 60)
        sums = [int(hour.before(second).sum()) for second in seconds[1:-1]]
        counts = np.diff([0, *sums, int(hour.counts.sum(dtype=np.int64))])
        counts.flags.writeable = False
        return counts

    def _totals(self, first: int, after: int, by: tuple[str, ...], where: Where) -> pd.DataFrame:
        """The downloads in a span by dimensions, most first, then by name; not to be changed."""
        groups = self._grouped(self._day(first // SECONDS).cells, by)
        sums = np.zeros(groups.count)
        for part in self.fetched(first, after, where):
            sums += np.bincount(groups.of_cells[part.cells], part.counts, groups.count)
        ranked = np.argsort(-sums, kind="stable")[: np.count_nonzero(sums)]
        columns = {name: values[ranked] for name, values in groups.values.items()}
        return pd.DataFrame({**columns, "downloads": sums[ranked].astype(np.int64)})

    def _day(self, number: int) -> Day:
        return self.days.day(day_of(number // 24))

    def _spikes_of(self, day: int) -> tuple[Spike, ...]:
        return spikes_of(self.days.day(day_of(day)), self._seed)

    def _hour_of(self, number: int) -> Hour:
        day = self._day(number)
        spikes = [spike for spike in self._spikes(number // 24) if spike.hour == number % 24]
        return hour_of_day(day, number % 24, self._seed, spikes)

    def _filtered(self, number: int, where: Where) -> Hour:
        hour = self._hour(number)
        return hour.only(self._kept(self._day(number).cells, where)) if where else hour

    def _places_before(self, number: int, second: int) -> Floats:
        return self._hour(number).before(second)

    def _counted_before(self, number: int, second: int, where: Where) -> int:
        return int(self._filtered(number, where).before(second).sum()) if second else 0
