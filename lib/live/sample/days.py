"""The days that the Live page counts in: from memory, from their files, or simulated."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path
from threading import Lock

from lib.live import EARLIER_WEEKS
from lib.live.sample.cells import Cells
from lib.live.sample.kept import KeptDays, recipe_key
from lib.live.sample.simulating import Day, simulated_days
from lib.sources.sample.recipe import Recipe, simulations_of
from lib.sources.sample.simulation import Simulation

_HELD = 16
"""Days in memory, about 1.4 MB each with 160 packages: two looks' on both sides of midnight."""

_DAY = timedelta(days=1)

_log = logging.getLogger(__name__)


def days_around(*days: date) -> tuple[date, ...]:
    """Some days, and the same weekdays of the earlier weeks that the usual is reckoned from."""
    return tuple(day - timedelta(weeks=week) for day in days for week in range(EARLIER_WEEKS + 1))


def keep_days(
    folder: Path,
    recipe: Recipe,
    until: date,
    simulations: Callable[[], Iterable[Simulation]],
) -> None:
    """Keep the days that the Live page will want once a sample reaches to `until`.

    Those of yesterday, today and tomorrow (`until` and the two days after), each with its earlier
    weeks. Failing to write them is logged and no more: the page can simulate them itself.
    """
    wanted = days_around(until, until + _DAY, until + 2 * _DAY)
    _obtained(KeptDays(folder, recipe_key(recipe)), None, wanted, simulations)


class Days:
    """The days of one recipe: each is simulated once, whoever asks first, and then shared."""

    def __init__(self, recipe: Recipe, folder: Path | None) -> None:
        """`folder` is where days are kept; without one they are in memory alone."""
        self.recipe = recipe
        self.key = recipe_key(recipe)
        self._kept = KeptDays(folder, self.key) if folder else None
        self._lock = Lock()
        self._cells: Cells | None = None
        self._held: dict[date, Day] = {}

    def day(self, day: date) -> Day:
        """A day, after a moment; after some seconds where it has to be simulated."""
        return self.all_of((day,))[0]

    def all_of(self, wanted: Sequence[date]) -> list[Day]:
        """Several days, those that are not kept simulated at once.

        Only who finds one missing waits for the others: days are never changed.
        """
        found = [self._held.get(day) for day in wanted]
        if all(found):
            return [day for day in found if day]
        with self._lock:
            held = {day: self._held[day] for day in wanted if day in self._held}
            missing = [day for day in wanted if day not in held]
            if missing:
                self._cells, obtained = _obtained(
                    self._kept,
                    self._cells,
                    missing,
                    lambda: simulations_of(self.recipe, max(missing) + _DAY),
                )
                held |= obtained
                self._held |= obtained
                for day in list(self._held)[:-_HELD]:
                    del self._held[day]
        return [held[day] for day in wanted]


def _obtained(
    kept: KeptDays | None,
    cells: Cells | None,
    wanted: Sequence[date],
    simulations: Callable[[], Iterable[Simulation]],
) -> tuple[Cells, dict[date, Day]]:
    """The cells and some days, read where they are kept, and else simulated and kept."""
    cells = cells or (kept.cells() if kept else None)
    found: dict[date, Day] = {}
    if kept and cells:
        read = {day: kept.day(day, cells) for day in wanted}
        found = {day: one for day, one in read.items() if one}
    missing = [day for day in wanted if day not in found]
    if cells and not missing:
        return cells, found
    made = simulated_days(simulations(), missing, cells)
    cells = made[0].cells
    if kept:
        _keep(kept, cells, made)
    return cells, found | {day.date: day for day in made}


def _keep(kept: KeptDays, cells: Cells, days: Sequence[Day]) -> None:
    try:
        kept.keep_cells(cells)
        for day in days:
            kept.keep_day(day)
        kept.tidy(max(day.date for day in days))
    except OSError as error:
        _log.warning("Days of the Live page cannot be kept in %s: %s", kept.folder, error)
