"""Keeps signals in a store's file, whole or not at all, beside the cubes.

`Downloads.signals`, `Downloads.signal` and `Downloads.own_terms` read them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from lib.settings import Settings
from lib.signals import Signal, SignalSeries
from lib.stores.duckdb import StoreWriter


def signals_file(settings: Settings) -> Path:
    """The file that signals are kept in: the store's own, or one beside the name of a dataset.

    What a dataset's readers keep stays on this machine: a table there would be paid for by each
    who looks at it.
    """
    if settings.dataset is None:
        return settings.store
    return settings.store.with_name(settings.store.name + ".signals")


def keep(
    path: Path,
    series: Sequence[SignalSeries],
    terms: Mapping[tuple[str, Signal], str] | None = None,
) -> None:
    """Keep series in the file, each in place of the one of its signal and term.

    `terms` of packages are kept too, beside those that were set before. Raises StoreBusy while
    another process writes there, StoreError where the file is no store.
    """
    with StoreWriter(path) as writer:
        for one in series:
            writer.replace_series(one)
        if terms:
            writer.replace_terms({**writer.own_terms(), **terms})


def forget(path: Path, series: Sequence[SignalSeries]) -> None:
    """Drop series. Raises as `keep` does."""
    with StoreWriter(path) as writer:
        for one in series:
            writer.remove_series(one.signal, one.term)


def keep_terms(path: Path, terms: Mapping[tuple[str, Signal], str]) -> None:
    """Keep these terms in place of all that were set. Raises as `keep` does."""
    with StoreWriter(path) as writer:
        writer.replace_terms(terms)
