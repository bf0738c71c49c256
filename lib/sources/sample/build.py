"""Builds the sample store newest days first, and extends it day by day."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa

from lib.cubes import Coverage, Cube
from lib.errors import StoreError
from lib.sources.sample.cubes import (
    COUNTRY,
    CUBES,
    DETAIL_DAYS,
    FULL_DAYS,
    Batch,
    held,
)
from lib.sources.sample.days import Span
from lib.sources.sample.recipe import Recipe, recipe_of, simulations_of
from lib.sources.sample.signals import SIGNALS_MODELED_ON, kept_by_readers, write_signals
from lib.sources.sample.simulation import Simulation
from lib.sources.sample.tables import packages as known_packages
from lib.stores.duckdb import DuckDBStore, StoreWriter

SOURCE = "sample"
NOTE = "sample"
"""The name of the note in the store that says how its sample was made."""

MODELED_ON = (
    "hugovk/top-pypi-packages monthly lists",
    "hugovk/pypi-tools",
    "ofek/pypinfo README",
    "ClickHouse/clickpy monthly reports",
    "mayeut/manylinux-timeline",
    "hugovk.dev 2024-11-24",
    "PEP 777 appendix",
    "psf/pypistats.org#66",
    "pypi/linehaul-cloud-function and pypi/infra issues",
    SIGNALS_MODELED_ON,
)
"""The published figures behind the levels, splits and effects of the sample."""

_PACKAGES_AT_ONCE = 40

_STORE_DONE = 0.99
"""The part of the work that is done once the store is written."""

_LIVE_AHEAD = timedelta(days=3)
"""How far beyond the store's last day the Live page's days reach, and the hours around them."""


def build_sample(
    path: Path,
    until: date,
    *,
    days: int | None = None,
    packages: int = 160,
    seed: int = 1,
    progress: Callable[[float, str], None],
) -> None:
    """Write a store of simulated downloads up to `until`, readable from the first stage on.

    `days` limits how far back it goes, `packages` how many it has. `progress` is told the part
    done, from 0 to 1, and what is being done. The newest 90 days come first, then three years,
    then all days from 2018. Signals that readers have kept there stay.
    """
    recipe = Recipe(seed, packages, days)
    simulations = list(simulations_of(recipe, until + _LIVE_AHEAD))
    whole = {cube: held(cube, until, days) for cube in CUBES}
    theirs = kept_by_readers(path)
    with StoreWriter(path, fresh=True) as writer:
        write_signals(writer, simulations, until, theirs)
        done = 0.0
        for text, share, first, last in _stages(until):
            wanted = {c: span.since(first).until(last) for c, span in whole.items()}
            _fill(writer, simulations, wanted, _part(progress, done, share, text))
            done += share
            _record(writer, recipe, until, first, complete=first == date.min)
            if first > date.min:
                writer.publish()
    _keep_live_days(path, recipe, until, simulations, progress)
    progress(1.0, "Done")


def extend_sample(path: Path, until: date, *, progress: Callable[[float, str], None]) -> None:
    """Add the days up to `until` that a sample lacks and drop those that left a cube's days.

    The store is then the same as one built up to `until`. Nothing is done where nothing is
    missing; a sample of another model, or whose building was cut off, is built anew. Raises
    StoreError where there is no sample.
    """
    content = DuckDBStore(path).note(NOTE)
    if content is None:
        raise StoreError(f"The store at {path} holds no sample that could be extended.")
    note = json.loads(content)
    recipe = Recipe.told_by(note)
    if recipe_of(content) is None:
        build_sample(
            path,
            until,
            days=recipe.days,
            packages=recipe.packages,
            seed=recipe.seed,
            progress=progress,
        )
        return
    before = date.fromisoformat(note["until"])
    if until <= before:
        return
    simulations = list(simulations_of(recipe, until + _LIVE_AHEAD))
    with StoreWriter(path) as writer:
        wanted = {}
        for cube in CUBES:
            span = held(cube, until, recipe.days)
            writer.delete(cube, span.first)
            wanted[cube] = span.since(before + timedelta(days=1))
        write_signals(writer, simulations, until, kept_by_readers(path))
        part = _part(progress, 0, 1, "Simulating the new days")
        _fill(writer, simulations, wanted, part)
        _record(writer, recipe, until, date.min, complete=True)
    _keep_live_days(path, recipe, until, simulations, progress)
    progress(1.0, "Done")


def _stages(until: date) -> tuple[tuple[str, float, date, date], ...]:
    """Each stage's name, part of the work, and first and last day."""
    recent = until - timedelta(days=FULL_DAYS - 1)
    detailed = until - timedelta(days=DETAIL_DAYS - 1)
    day = timedelta(days=1)
    return (
        ("Simulating the newest 90 days", 0.25, recent, until),
        ("Simulating three years", 0.40, detailed, recent - day),
        ("Simulating all days since 2018", 0.35, date.min, detailed - day),
    )


def _fill(
    writer: StoreWriter,
    simulations: list[Simulation],
    wanted: dict[Cube, Span],
    progress: Callable[[float, str], None],
) -> None:
    """Write the rows of all packages, some packages at a time.

    One thread inserts while this one computes the next packages: both leave the interpreter's
    lock for most of their time.
    """
    batch = Batch(wanted)
    with ThreadPoolExecutor(max_workers=1) as inserter:
        pending = inserter.submit(_insert, writer, [])
        for start in range(0, len(simulations), _PACKAGES_AT_ONCE):
            progress(start / len(simulations), f"{start} of {len(simulations)} packages")
            for simulation in simulations[start : start + _PACKAGES_AT_ONCE]:
                batch.add(simulation)
            tables = batch.tables()
            batch.clear()
            pending.result()
            pending = inserter.submit(_insert, writer, tables)
        pending.result()
    table = batch.world_table()
    if table is not None:
        writer.insert(COUNTRY, table)


def _insert(writer: StoreWriter, tables: list[tuple[Cube, pa.Table]]) -> None:
    for cube, table in tables:
        writer.insert(cube, table)


def _keep_live_days(
    path: Path,
    recipe: Recipe,
    until: date,
    simulations: list[Simulation],
    progress: Callable[[float, str], None],
) -> None:
    """Keep the days that the Live page will replay, so that it need not simulate them."""
    # The feed imports this package.
    from lib.live.sample import folder_beside, keep_days

    progress(_STORE_DONE, "Keeping the days of the Live page")
    keep_days(folder_beside(path), recipe, until, lambda: simulations)


def _record(
    writer: StoreWriter, recipe: Recipe, until: date, since: date, *, complete: bool
) -> None:
    """Say what the store holds now that all days from `since` on are written, and how."""
    names = tuple(package.name for package in known_packages()[: recipe.packages])
    written_at = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    for cube in CUBES:
        span = held(cube, until, recipe.days).since(since)
        writer.set_coverage(Coverage(cube, span.first, span.last, names, SOURCE, written_at))
    note = {
        **asdict(recipe),
        "until": until.isoformat(),
        "complete": complete,
        "modeled_on": MODELED_ON,
    }
    writer.set_note(NOTE, json.dumps(note))


def _part(
    progress: Callable[[float, str], None], start: float, share: float, text: str
) -> Callable[[float, str], None]:
    """Progress of one part of the work, told as progress of all of it."""
    return lambda fraction, detail: progress(start + share * fraction, f"{text}: {detail}")
