"""Straight lines through shares over time: how much they change, how surely, where they lead."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lib.analysis.discoveries import FALSE_DISCOVERIES, adjusted
from lib.analysis.resampling import Floats, block_resamples, chance, reach

FEWEST_PERIODS = 8
"""How many weeks or months a line needs: of fewer, an interval would be a guess."""

_BLOCKS = 4
"""How many blocks of neighboring periods are resampled: long ones, for shares drift slowly."""

_RESAMPLES = 400

_STEPS = 500


@dataclass(frozen=True, eq=False)
class Line:
    """A Theil–Sen line through values by time, with lines through resamples of it.

    `slope` is per unit of time, `first` and `last` its heights at the first and last value, and
    `span` the time between these. `slopes` and `lasts` are those of the resampled lines, which
    rest on `blocks` blocks.
    """

    slope: float
    first: float
    last: float
    span: float
    slopes: Floats
    lasts: Floats
    blocks: float

    @property
    def change(self) -> float:
        """How much the line rises from the first value to the last."""
        return self.slope * self.span

    @property
    def margin(self) -> float:
        """How far the 95 % interval of the slope reaches to either side."""
        return float(reach(self.slopes, self.blocks))

    @property
    def p_value(self) -> float:
        """How likely a line without a slope has one at least as steep."""
        return chance(self.slope, self.slopes, self.blocks)


@dataclass(frozen=True)
class Change:
    """How much a share (0 to 1) changes along its line, with a 95 % interval.

    `first` and `last` are the heights of the line at its ends. `sure` where it is no chance.
    """

    series: str
    first: float
    last: float
    value: float
    low: float
    high: float
    sure: bool


@dataclass(frozen=True)
class Forecast:
    """When a line comes down to a level, in units of time after its last value, with 95 %.

    `high` is infinite where the line may not come down within the time that it was watched.
    """

    value: float
    low: float
    high: float


def line(at: Floats, values: Floats, seed: int = 0) -> Line:
    """The line through `values` at the times `at`, which ascend and are evenly spaced but for gaps.

    The slope is the median of those of all pairs (Theil, 1950; Sen, Journal of the American
    Statistical Association 63, 1968): a few odd weeks do not tilt it. For the interval, what
    values differ from the line by is resampled in blocks of a quarter of them and put back onto
    the line. What a line takes from the residuals is given back to them (`n / (n - 2)` of the
    variance). Raises ValueError for fewer than `FEWEST_PERIODS` values.
    """
    from scipy import stats

    count = len(values)
    if count < FEWEST_PERIODS:
        raise ValueError(f"{count} values are too few for a line.")
    slope = float(stats.theilslopes(values, at)[0])
    middle = float(np.median(at))
    residuals = values - slope * (at - middle)
    height = float(np.median(residuals))
    residuals = (residuals - height) * np.sqrt(count / (count - 2))
    block = -(-count // _BLOCKS)
    drawn = residuals[block_resamples(count, block, _RESAMPLES, seed)]
    tilts = _slopes(at, drawn)
    shifts = np.median(drawn - tilts[:, np.newaxis] * (at - middle), axis=1)
    return Line(
        slope=slope,
        first=height + slope * (at[0] - middle),
        last=height + slope * (at[-1] - middle),
        span=float(at[-1] - at[0]),
        slopes=slope + tilts,
        lasts=height + shifts + (slope + tilts) * (at[-1] - middle),
        blocks=count / block,
    )


def share_changes(shares: pd.DataFrame, seed: int = 0) -> tuple[Change, ...]:
    """How much each share changes along its line, from the first period to the last.

    From a column for each series and a row for each period (its first moment), weeks or months of
    one stretch. Of those said to change for sure one in twenty may not (`adjusted`). Raises
    ValueError for fewer than `FEWEST_PERIODS` periods.
    """
    at = days_since_first(pd.DatetimeIndex(shares.index))
    lines = [line(at, shares[name].to_numpy(float), seed) for name in shares.columns]
    p_values = adjusted(np.array([each.p_value for each in lines]))
    return tuple(
        Change(
            series=str(name),
            first=each.first,
            last=each.last,
            value=each.change,
            low=each.change - each.margin * each.span,
            high=each.change + each.margin * each.span,
            sure=bool(p_value <= FALSE_DISCOVERIES),
        )
        for name, each, p_value in zip(shares.columns, lines, p_values, strict=True)
    )


def days_since_first(periods: pd.DatetimeIndex) -> Floats:
    """The days from the first period to each."""
    passed: Floats = ((periods - periods[0]) / pd.Timedelta(days=1)).to_numpy(np.float64)
    return passed


def falls_steadily(at: Floats, values: Floats, found: Line) -> bool:
    """Whether values fall for sure, and in both halves of the time: not in one step."""
    from scipy import stats

    half = len(at) // 2
    halves = (slice(None, half), slice(len(at) - half, None))
    tilts = [stats.theilslopes(values[part], at[part])[0] for part in halves]
    return found.slope + found.margin < 0 and bool(max(tilts) < 0)


def forecast(found: Line, level: float) -> Forecast | None:
    """When the line is down at `level`, if it goes on as it did.

    The interval holds the times at which the level lies within the 95 % interval of the line's
    height (Fieller, Journal of the Royal Statistical Society B 16, 1954). None where that time is
    farther ahead than the line has been watched.
    """
    ahead = np.linspace(0, found.span, _STEPS)
    heights = found.last + found.slope * ahead
    resampled = found.lasts[:, np.newaxis] + found.slopes[:, np.newaxis] * ahead
    margins = reach(resampled, found.blocks)
    value, low, high = (
        _first(ahead, line_at <= level)
        for line_at in (heights, heights - margins, heights + margins)
    )
    return Forecast(value, low, high) if np.isfinite(value) else None


def _first(times: Floats, reached: NDArray[np.bool_]) -> float:
    """The first time at which something is reached, or infinity."""
    return float(times[reached.argmax()]) if reached.any() else float("inf")


def _slopes(at: Floats, values: Floats) -> Floats:
    """The Theil–Sen slope of each row of `values`."""
    one, other = np.triu_indices(len(at), 1)
    between = (values[:, other] - values[:, one]) / (at[other] - at[one])
    slopes: Floats = np.median(between, axis=1)
    return slopes
