"""Which periods of a series can be compared: the stretches between breaks of the record."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import numpy as np
import pandas as pd

from lib.breaks import Break
from lib.cubes import Grain
from lib.periods import ends_of

UNUSABLE = -1
"""The stretch of a period that a gap touches, or that a change of the record cuts in two."""


def stretches(
    starts: pd.DatetimeIndex, grain: Grain, breaks: Iterable[Break], dimensions: Iterable[str] = ()
) -> pd.Series[int]:
    """The number of the stretch in which each period lies, counted from 0; or `UNUSABLE`.

    `starts` are the first moments (UTC) of periods of `grain`, and the index of what is returned.
    Within a stretch levels are counted alike. A new one begins on the first day of a change, and
    on the day after the last day of one that ended. Gaps begin none: their periods are unusable,
    and those before and after are counted alike. A break that changes splits alone matters only
    where the series is split or filtered by one of its dimensions.
    """
    names = tuple(dimensions)
    found = [each for each in breaks if each.concerns(names)]
    first = starts.to_numpy()
    after = ends_of(starts, grain).to_numpy()
    number = np.zeros(len(starts), dtype=np.int64)
    unusable = np.zeros(len(starts), dtype=bool)
    for moment in sorted({moment for each in found for moment in _changes(each)}):
        number += first >= moment
        unusable |= (first < moment) & (moment < after)
    for each in found:
        if each.kind == "gap" and each.last is not None:
            begins, ends = _moment(each.first), _moment(each.last + timedelta(days=1))
            unusable |= (first < ends) & (begins < after)
    number[unusable] = UNUSABLE
    return pd.Series(number, index=starts, name="stretch")


def with_stretches(
    frame: pd.DataFrame, grain: Grain, breaks: Iterable[Break], dimensions: Iterable[str] = ()
) -> pd.DataFrame:
    """`frame` with the column `stretch`: the number of each row's stretch, by its `period`."""
    periods = pd.DatetimeIndex(frame["period"].drop_duplicates())
    numbers = stretches(periods, grain, breaks, dimensions)
    return frame.assign(stretch=frame["period"].map(numbers).to_numpy())


def latest_stretch(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of the latest stretch, without unusable periods; nothing where none is usable.

    From a frame with the column `stretch`.
    """
    usable = frame[frame["stretch"] != UNUSABLE]
    latest: pd.DataFrame = usable[usable["stretch"] == usable["stretch"].max()]
    return latest


def _changes(found: Break) -> list[np.datetime64]:
    """The moments from which downloads are counted in another way because of a break."""
    if found.kind in {"gap", "start"}:
        return []
    ended = [] if found.last in {None, found.first} else [found.last + timedelta(days=1)]
    return [_moment(day) for day in (found.first, *ended)]


def _moment(day: object) -> np.datetime64:
    return np.datetime64(str(day), "s")
