"""An estimate: a number with its interval."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Estimate:
    """A number with the ends of its 95 % interval, which are NaN where it cannot be told."""

    value: float
    low: float
    high: float
