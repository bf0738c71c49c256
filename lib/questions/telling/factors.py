"""How many times as much: as sentences and figures of findings write it."""

from __future__ import annotations

import math

import pandas as pd

from lib.formats import NOT_KNOWN

TOO_LITTLE = "no interval: too little is held"
"""What stands in place of an interval that cannot be told."""


def times(ratio: float) -> str:
    """A ratio in a sentence: `47 times`, `3.7 times`, `0.25 times`."""
    return f"{_digits(ratio, 2)} times"


def factor(ratio: float) -> str:
    """A ratio in a figure, to three digits: `×46.8`; `–` where there is none."""
    return NOT_KNOWN if math.isnan(ratio) else f"×{_digits(ratio, 3)}"


def factor_interval(low: float, high: float) -> str:
    """The 95 % interval of a ratio in words, or that there is none."""
    if pd.isna(low):
        return TOO_LITTLE
    return f"95 % interval {factor(low)} to {factor(high)}"


def _digits(number: float, digits: int) -> str:
    """A number to so many significant digits, never in powers of ten."""
    if number <= 0:
        return "0"
    decimals = max(digits - 1 - math.floor(math.log10(number)), 0)
    return f"{number:,.{min(decimals, 4)}f}"
