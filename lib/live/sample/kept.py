"""Keeps simulated days in files beside the store, so that the Live page need not wait for them."""

from __future__ import annotations

import logging
import time
import uuid
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import blake2b
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lib.live import DIMENSIONS
from lib.live.sample.cells import Cells
from lib.live.sample.simulating import Day
from lib.sources.sample.recipe import Recipe

KEPT_DAYS = 36
"""Files of days so many days before the newest are no longer looked at by anyone."""

_LAYOUT_VERSION = 1
"""Raised by one whenever a file changes so that an earlier version would misread it."""

_ARRIVING = ".arriving"
_GIVEN_UP_AFTER = 3600.0
"""Seconds after which a file that is still arriving was left by a killed process."""

_UNREADABLE = (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile, zlib.error)

_Arrays = Mapping[str, NDArray[np.generic]]

_log = logging.getLogger(__name__)


def folder_beside(store: Path) -> Path:
    """Where the days of the sample in a store are kept."""
    return store.with_name(f"{store.name}.live")


def recipe_key(recipe: Recipe) -> str:
    """Names all that a simulated day depends on, but how many days the store holds."""
    text = f"{_LAYOUT_VERSION}/{recipe.model_version}/{recipe.seed}/{recipe.packages}"
    return blake2b(text.encode(), digest_size=6).hexdigest()


@dataclass(frozen=True)
class KeptDays:
    """The files of one recipe in a folder. Whatever cannot be read counts as not there."""

    folder: Path
    key: str

    def cells(self) -> Cells | None:
        """The cells, where they are kept."""
        found = self._read("cells")
        if found is None or not {"flagged", *DIMENSIONS} <= set(found):
            return None
        return Cells(
            values={name: tuple(found[f"{name} values"].tolist()) for name in DIMENSIONS},
            codes={name: found[name].astype(np.int64) for name in DIMENSIONS},
            flagged=found["flagged"].astype(np.bool_),
        )

    def day(self, day: date, cells: Cells) -> Day | None:
        """A day, where it is kept and fits the cells."""
        found = self._read(day.isoformat())
        if found is None or not {"counts", "hours", "version", "versions"} <= set(found):
            return None
        fits = (
            found["counts"].shape == found["version"].shape == cells.flagged.shape
            and found["hours"].shape == (26, len(cells.starts))
            and found["version"].max() < len(found["versions"])
        )
        if not fits:
            return None
        return Day(
            date=day,
            cells=cells,
            counts=found["counts"].astype(np.int32),
            hours=found["hours"].astype(np.int32),
            version=found["version"].astype(np.int32),
            versions=found["versions"].astype(np.str_),
        )

    def keep_cells(self, cells: Cells) -> None:
        """Keep the cells. Raises OSError."""
        arrays = {f"{name} values": np.array(cells.values[name]) for name in DIMENSIONS}
        arrays |= {name: cells.codes[name].astype(np.uint16) for name in DIMENSIONS}
        self._write("cells", {**arrays, "flagged": cells.flagged})

    def keep_day(self, day: Day) -> None:
        """Keep a day. Raises OSError."""
        arrays = {
            "counts": day.counts,
            "hours": day.hours,
            "version": day.version,
            "versions": day.versions,
        }
        self._write(day.date.isoformat(), arrays)

    def tidy(self, newest: date) -> None:
        """Delete what no one needs any more, of any recipe. Raises OSError.

        Days that are long over, cells without days, and what a killed process was writing.
        """
        oldest = (newest - timedelta(days=KEPT_DAYS)).isoformat()
        needed = {self.key}
        for path in self.folder.glob("????-??-??-*.npz"):
            if path.name < oldest:
                path.unlink(missing_ok=True)
            else:
                needed.add(path.stem[len(oldest) + 1 :])
        for path in self.folder.glob("cells-*.npz"):
            if path.stem.removeprefix("cells-") not in needed:
                path.unlink(missing_ok=True)
        for path in self.folder.glob(f"*{_ARRIVING}"):
            if time.time() - path.stat().st_mtime > _GIVEN_UP_AFTER:
                path.unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}-{self.key}.npz"

    def _read(self, name: str) -> _Arrays | None:
        """The arrays of a file, or None where it is missing, damaged or of another recipe."""
        path = self._path(name)
        try:
            with np.load(path, allow_pickle=False) as arrays:
                found = {key: arrays[key] for key in arrays.files}
        except FileNotFoundError:
            return None
        except _UNREADABLE as error:
            _log.warning("%s cannot be read and is made anew: %s", path, error)
            return None
        return found if str(found.get("key")) == self.key else None

    def _write(self, name: str, arrays: _Arrays) -> None:
        """Write a file under another name and rename it: it is there whole or not at all.

        Not compressed: that would halve 1.2 MB a day, and take 0.15 seconds more for each.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        arriving = self.folder / f"{uuid.uuid4().hex}{_ARRIVING}"
        try:
            with arriving.open("wb") as file:
                np.savez(file, allow_pickle=False, key=np.array(self.key), **arrays)
            arriving.replace(self._path(name))
        finally:
            arriving.unlink(missing_ok=True)
