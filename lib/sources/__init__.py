"""Where the rows of a store come from; real ones are never mixed with others."""

from __future__ import annotations

from collections.abc import Iterable

from lib.cubes import Coverage
from lib.errors import StoreError


def require_source(coverage: Iterable[Coverage], source: str, store_name: str) -> None:
    """Raise StoreError where a store holds rows of any other source: sums would count twice."""
    others = {row.source for row in coverage} - {source}
    if others:
        raise StoreError(
            f"The store {store_name} holds rows from another source: {', '.join(sorted(others))}. "
            f"Rows from {source} mixed with them would make both worthless. Name another store, "
            f"such as PULSE_STORE=store/{source}.duckdb."
        )
