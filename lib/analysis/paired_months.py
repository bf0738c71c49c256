"""Interest and downloads of the same months, as logarithms on an unbroken row of months."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lib.analysis.comparable import UNUSABLE
from lib.analysis.resampling import Floats

YEAR = 12
"""How many calendar months there are."""


@dataclass(frozen=True, eq=False)
class PairedMonths:
    """Logarithms of `interest` and `downloads` of every month from the `first`, NaN if not known.

    Of no value that is zero is the logarithm known. `stretch` is that of the downloads, which are
    not known where it is unusable.
    """

    first: np.datetime64
    interest: Floats
    downloads: Floats
    stretch: NDArray[np.int64]

    @classmethod
    def of(cls, frame: pd.DataFrame) -> PairedMonths:
        """The months of columns `period`, `interest`, `downloads` (NaN: not known), `stretch`."""
        months = frame["period"].to_numpy().astype("datetime64[M]")
        place = (months - months.min()).astype(np.int64)
        stretch = np.full(int(place.max()) + 1, UNUSABLE)
        stretch[place] = frame["stretch"].to_numpy()
        interest, downloads = (
            _logarithms(frame[name].to_numpy(np.float64), place, len(stretch))
            for name in ("interest", "downloads")
        )
        usable = np.where(stretch == UNUSABLE, np.nan, downloads)
        return cls(months.min(), interest, usable, stretch)

    @cached_property
    def calendar(self) -> NDArray[np.int64]:
        """The calendar month of each, from 0."""
        return (self.first.astype(np.int64) + np.arange(len(self.stretch))) % YEAR

    @property
    def starts(self) -> pd.DatetimeIndex:
        """The first day of each."""
        months = self.first + np.arange(len(self.stretch))
        return pd.DatetimeIndex(months.astype("datetime64[s]"))


def _logarithms(values: Floats, place: NDArray[np.int64], count: int) -> Floats:
    logs = np.full(count, np.nan)
    logs[place] = np.log(values, where=values > 0, out=np.full(len(values), np.nan))
    return logs
