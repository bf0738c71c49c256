"""Stores of cubes: what each can be asked, and which one, with its ledger, the settings name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

import pandas as pd

from lib.aggregate import Engine
from lib.budget import Budget, budget_of
from lib.cubes import Coverage
from lib.settings import Settings

if TYPE_CHECKING:
    from lib.stores.duckdb import DuckDBStore


class Store(Protocol):
    """Holds cubes. What it answers is that of its newest version, whoever wrote it."""

    def __hash__(self) -> int:
        """Answers are kept by the store that gave them."""
        ...

    @property
    def name(self) -> str:
        """Where the store is: a path, or the name of a dataset."""
        ...

    @property
    def engine(self) -> Engine:
        """What runs its statements."""
        ...

    def version(self) -> str:
        """Names what the store holds: another after every change. Raises StoreMissing."""
        ...

    def query(self, sql: str, values: Mapping[str, object] | None = None) -> pd.DataFrame:
        """Run one SELECT with bound values and return its rows."""
        ...

    def coverage(self) -> tuple[Coverage, ...]:
        """What the store holds, a row for each cube, period and source."""
        ...

    def note(self, name: str) -> str | None:
        """A text that a source left beside its cubes, or None."""
        ...

    @property
    def beside(self) -> DuckDBStore | None:
        """The file that signals are kept in: the store's own or one beside it, if any."""
        ...

    def row_counts(self) -> dict[str, int]:
        """The number of rows of each cube."""
        ...

    def size(self) -> int:
        """Bytes that the store takes."""
        ...


def open_store(settings: Settings, who: str) -> Store:
    """The store that the settings name; `who` asks it. Raises PulseError where it cannot be asked.

    Google's library, slow to import, comes in only for a store that needs it.
    """
    if settings.dataset is None:
        from lib.stores.duckdb import DuckDBStore

        return DuckDBStore(settings.store)
    from lib.stores.bigquery import open_dataset

    return open_dataset(settings, who)


def open_budget(settings: Settings) -> Budget:
    """The month's budget, counted in the ledger of the store that the settings name.

    Raises PulseError where that cannot be read.
    """
    if settings.dataset is None:
        return budget_of(settings)
    from lib.stores.bigquery import dataset_ledger

    return budget_of(settings, dataset_ledger(settings))
