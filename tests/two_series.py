"""Two series of downloads over the same periods, as one frame of a single stretch."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import pandas as pd

from lib.cubes import Grain

FREQUENCY = {Grain.MONTH: "MS", Grain.DAY: "D"}

Downloads = Sequence[float] | np.ndarray


def two_series(
    one: tuple[str, Downloads], other: tuple[str, Downloads], start: str, grain: Grain
) -> pd.DataFrame:
    """The names and downloads of two series, whose periods begin at `start`, one after the other.

    Columns `period`, `series`, `downloads` and `stretch`.
    """
    (first, downloads), (second, beside) = one, other
    return pd.DataFrame(
        {
            "period": _twice(start, len(downloads), grain),
            "series": np.repeat([first, second], len(downloads)),
            "downloads": np.concatenate([downloads, beside]),
            "stretch": 0,
        }
    )


@cache
def _twice(start: str, count: int, grain: Grain) -> pd.DatetimeIndex:
    periods = pd.date_range(start, periods=count, freq=FREQUENCY[grain])
    return periods.append(periods)
