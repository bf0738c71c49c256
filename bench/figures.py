"""What a measurement finds: figures, each with the target that it is held against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import exp, log


class Bound(StrEnum):
    """Which side of a target is good."""

    AT_MOST = "at most"
    AT_LEAST = "at least"


@dataclass(frozen=True)
class Target:
    """The value that a figure is held against."""

    bound: Bound
    value: float

    def met_by(self, value: float) -> bool:
        """Whether a figure of this value is good enough."""
        return value <= self.value if self.bound is Bound.AT_MOST else value >= self.value


@dataclass(frozen=True)
class Figure:
    """One measured value; without a target it is told for information."""

    measurement: str
    value: float
    unit: str
    target: Target | None = None

    @property
    def met(self) -> bool | None:
        """Whether the target is met, None where there is none."""
        return self.target.met_by(self.value) if self.target else None


@dataclass(frozen=True)
class Outcome:
    """The figures of one measurement, and the medians that they were made from.

    `details` are tables by title: rows of column name to value.
    """

    figures: tuple[Figure, ...]
    details: dict[str, list[dict[str, object]]] = field(default_factory=dict)


def at_most(value: float) -> Target:
    """A target that is met by this value or a smaller one."""
    return Target(Bound.AT_MOST, value)


def at_least(value: float) -> Target:
    """A target that is met by this value or a greater one."""
    return Target(Bound.AT_LEAST, value)


def geometric_mean(values: Sequence[float]) -> float:
    """The mean of ratios: twice as fast and half as fast make one."""
    return exp(sum(map(log, values)) / len(values))
