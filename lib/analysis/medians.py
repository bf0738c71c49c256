"""Medians of many rows at once, of which some values are not known."""

from __future__ import annotations

import numpy as np

from lib.analysis.resampling import Floats


def known_medians(values: Floats) -> Floats:
    """The median of what is known along the last axis, NaN where nothing is.

    As of `np.nanmedian`, which looks at row after row, and takes several times as long.
    """
    count = values.shape[-1]
    if not count:
        return np.full(values.shape[:-1], np.nan)
    # What is not known comes last.
    ordered = np.sort(values, axis=-1)
    known = count - np.isnan(values).sum(axis=-1, keepdims=True)
    below = np.take_along_axis(ordered, np.maximum(known - 1, 0) // 2, axis=-1)
    above = np.take_along_axis(ordered, np.minimum(known // 2, count - 1), axis=-1)
    medians: Floats = (below + above)[..., 0] / 2
    return medians
