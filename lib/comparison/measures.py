"""The measures that packages are compared by, in the order of the table's rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lib.comparison.cell import Cell, untold
from lib.comparison.course import (
    change_of,
    growth_of,
    levels_of,
    rank_of,
    spikes_of,
    weekend_of,
)
from lib.comparison.makeup import (
    HALF_LIFE,
    NEWEST_VERSION,
    detected_as_ci,
    droppable_of,
    greatest_of,
    versions_of,
)
from lib.errors import PulseError
from lib.questions.question import Asking
from lib.questions.rows.python_rows import USUAL

Cells = dict[str, Cell]


@dataclass(frozen=True)
class Measure:
    """One or several rows that are told together; `rows` are their names where nothing is told."""

    rows: tuple[str, ...]
    tell: Callable[[Asking], Cells]

    def cells(self, asking: Asking) -> Cells:
        """The cells of the package asked about: what cannot be told says why."""
        try:
            return self.tell(asking)
        except PulseError as refused:
            return {row: untold(str(refused)) for row in self.rows}


def _one(row: str, tell: Callable[[Asking], Cell]) -> Measure:
    return Measure((row,), lambda asking: {row: tell(asking)})


def _greatest(row: str, dimension: str) -> Measure:
    return _one(row, lambda asking: greatest_of(asking, dimension))


MEASURES = (
    Measure(("All held",), levels_of),
    _one("Rank, last whole month", rank_of),
    _one("Change, last whole month", change_of),
    _one("Growth a year", growth_of),
    _one("Weekend over midweek", weekend_of),
    _one("Spikes in the period", spikes_of),
    Measure((NEWEST_VERSION, HALF_LIFE), versions_of),
    _greatest("Python mostly", "python"),
    _one(f"Python under {USUAL} %, to drop", droppable_of),
    _greatest("System", "system"),
    _greatest("CPU", "cpu"),
    _greatest("Installer", "installer"),
    _greatest("Installer version", "installer_version"),
    _greatest("File type", "file_type"),
    _one("Marked as CI", detected_as_ci),
    _greatest("Country", "country"),
)
