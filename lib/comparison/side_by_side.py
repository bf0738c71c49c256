"""Packages side by side: every measure a row, every package a column."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from lib.comparison.cell import Cell
from lib.comparison.measures import MEASURES
from lib.questions.question import Asking


def profile(asking: Asking) -> dict[str, Cell]:
    """Every measure of the one package asked about, by the names of the rows."""
    cells: dict[str, Cell] = {}
    for measure in MEASURES:
        cells |= measure.cells(asking)
    return cells


def table(profiles: Mapping[str, Mapping[str, Cell]]) -> pd.DataFrame:
    """A row for each measure, in the order of `MEASURES`, and a column for each package.

    Of the measures `measure` has the names; the cells are texts, empty where a package that is
    held otherwise (by month, others by day) has no such row.
    """
    rows = _rows(profiles)
    columns = {
        name: [cells[row].text if row in cells else "" for row in rows]
        for name, cells in profiles.items()
    }
    return pd.DataFrame({"measure": rows, **columns})


def numbers(profiles: Mapping[str, Mapping[str, Cell]]) -> pd.DataFrame:
    """The same as numbers, to take away: a row for each measure and package.

    Columns `measure`, `package`, `value`, `low` and `high` (95 % interval), `first` and `last`
    (UTC days, both included), `text`, `why_not`.
    """
    found = [
        {
            "measure": row,
            "package": name,
            "value": cell.value,
            "low": cell.low,
            "high": cell.high,
            "first": cell.period and cell.period.first,
            "last": cell.period and cell.period.last,
            "text": cell.text,
            "why_not": cell.why_not,
        }
        for row in _rows(profiles)
        for name, cells in profiles.items()
        if (cell := cells.get(row))
    ]
    return pd.DataFrame(found)


def _rows(profiles: Mapping[str, Mapping[str, Cell]]) -> list[str]:
    """The rows of all packages, each once: those of the first, and after them what it lacks."""
    return list(dict.fromkeys(row for cells in profiles.values() for row in cells))
