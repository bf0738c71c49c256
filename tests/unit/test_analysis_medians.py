"""Medians of many rows: the same as NumPy's, whatever is known of a row."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from lib.analysis.medians import known_medians


@pytest.mark.parametrize("shape", [(40, 1), (40, 4), (40, 7), (6, 4, 15), (0, 4)])
@pytest.mark.parametrize("unknown", [0, 0.3, 0.9, 1])
def test_medians_are_those_of_numpy(shape: tuple[int, ...], unknown: float) -> None:
    random = np.random.default_rng(1)
    values = np.where(random.random(shape) < unknown, np.nan, random.normal(size=shape))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        expected = np.nanmedian(values, axis=-1)
    assert np.array_equal(known_medians(values), expected, equal_nan=True)


def test_of_no_values_no_median_is_known() -> None:
    assert np.isnan(known_medians(np.empty((3, 0)))).all()
