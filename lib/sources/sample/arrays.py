"""The array types of the sample, and rounding that keeps totals."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_LARGEST_PHASE = 0.999


def interpolated_rows(at: Integers, rows: Floats, days: Integers) -> Floats:
    """Rows between dated rows, linear by day and constant beyond the first and the last.

    `at` [dates] rising, `rows` [dates, parts], `days` [days]. Shape [days, parts].
    """
    after = np.clip(np.searchsorted(at, days, side="right"), 1, len(at) - 1)
    length = at[after] - at[after - 1]
    part = np.clip((days - at[after - 1]) / length, 0.0, 1.0)[:, np.newaxis]
    result: Floats = rows[after - 1]
    result *= 1.0 - part
    result += rows[after] * part
    return result


def apportion(totals: Integers, weights: Floats, phase: Floats) -> Integers:
    """Split each row's total by its weights into integers that sum to it exactly.

    `totals` [days], `weights` [days, parts] with a positive sum in each row, `phase` [days] in
    [0, 1): where the rounding starts, so that small parts are rounded up on some days only.
    Shape [days, parts].
    """
    running = np.cumsum(weights, axis=1)
    running *= (totals / running[:, -1])[:, np.newaxis]
    running[:, -1] = totals
    return _steps(running, phase)


def apportion_segments(
    totals: Integers, weights: Floats, starts: Integers, phase: Floats
) -> Integers:
    """Split the total of each segment of columns by the weights within the segment.

    `totals` [days, segments], `weights` [days, parts], `starts` [segments]: the first column of
    each segment, every segment with a positive weight on every day. Shape [days, parts].
    """
    lengths = np.diff(np.append(starts, weights.shape[1]))
    running = np.cumsum(weights, axis=1)
    ends = running[:, starts + lengths - 1]
    before = np.zeros_like(ends)
    before[:, 1:] = ends[:, :-1]
    summed = np.cumsum(totals, axis=1)
    scale = totals / (ends - before)
    offset = (summed - totals) - before * scale
    running *= np.repeat(scale, lengths, axis=1)
    running += np.repeat(offset, lengths, axis=1)
    running[:, starts + lengths - 1] = summed
    return _steps(running, phase)


def _steps(running: Floats, phase: Floats) -> Integers:
    """The integer steps of rows that rise to integers.

    Rounding errors may let a row step back by one unit in its last place at a segment's border;
    the running maximum keeps every part at zero or more.
    """
    running += np.minimum(phase, _LARGEST_PHASE)[:, np.newaxis]
    np.floor(running, out=running)
    np.maximum.accumulate(running, axis=1, out=running)
    running[:, 1:] -= running[:, :-1].copy()
    return running.astype(np.int64)
