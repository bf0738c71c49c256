"""Adoption curves: the S-curve of a rising share, told from growth without end and from a line."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.analysis.autocorrelation import lag_one
from lib.analysis.estimate import Estimate
from lib.analysis.resampling import Floats

FEWEST_MONTHS = 18
"""How many months an S-curve is told from, at least."""

_BETTER = 6.0
"""How much lower the AICc of the S-curve must be than that of the others."""

_IDENTIFIED = 2.0
"""How many times its lower end the upper end of the ceiling's interval may be."""

_FEWEST_EFFECTIVE = 8
"""How many independent months the criterion needs, for its penalty to mean something."""

_MOST_STEPS = 400

_STEEPEST = 10.0
"""How far from 0 the logarithm of a scale in months is followed: beyond are steps and flats."""

_QUARTER, _TENTH = 0.25, 0.1

_HALF_YEAR = 6

_TEN_TO_NINETY = 2 * math.log(9)

_MONTH_DAYS = 30.436875


@dataclass(frozen=True)
class Adoption:
    """A logistic S-curve: value = ceiling / (1 + exp(-(t - midpoint) / scale)).

    `midpoint` is the moment of half of the ceiling, between the ends `earliest` and `latest` of
    its 95 % interval. `rise` is how many months it takes from 10 % to 90 % of the ceiling, 4.39
    scales; `ceiling` has the unit of the values. `against_growth` and `against_line` are how much
    lower its AICc is than that of exponential growth and of a straight line.
    """

    midpoint: pd.Timestamp
    earliest: pd.Timestamp
    latest: pd.Timestamp
    rise: Estimate
    ceiling: Estimate
    against_growth: float
    against_line: float
    months: int

    def at(self, moments: pd.DatetimeIndex) -> Floats:
        """The values of the curve at some moments."""
        months = (moments - self.midpoint).total_seconds().to_numpy() / 86_400 / _MONTH_DAYS
        scale = self.rise.value / _TEN_TO_NINETY
        return np.asarray(self.ceiling.value / (1 + np.exp(-months / scale)), dtype=np.float64)


def adoption(values: pd.Series[float]) -> Adoption | None:
    """The S-curve of a series of months, by their starts, or None where it cannot be told.

    The values are shares, which run on across breaks of the record, or levels of one stretch.
    The curve is fitted to logarithms by least squares, for downloads vary by a part of themselves;
    so are exponential growth and a straight line. Neighbors that resemble each other count for
    fewer months, n (1 - r) / (1 + r) of n (Bayley and Hammersley, 1946), in the intervals and in
    the AICc (Burnham and Anderson, Model Selection and Multimodel Inference, 2002, sections 2.4
    and 2.6). Refused are fewer than 18 months; a curve that is not better by 6 than both others, or
    that is not seen to rise from under a quarter to over three quarters of its ceiling; a ceiling
    whose interval's ends are more than a factor of 2 apart; and months that lie off the curve by
    more than a quarter (as a standard deviation) once it came to 10 %. Months that are not known
    or had nothing are left out.
    """
    known = values[values > 0].dropna()
    if len(known) < FEWEST_MONTHS:
        return None
    starts = pd.DatetimeIndex(known.index)
    months = ((starts - starts[0]).total_seconds() / 86_400 / _MONTH_DAYS).to_numpy()
    logarithms = np.log(known.to_numpy(dtype=np.float64))
    fits = _fits(months, logarithms)
    if fits is None:
        return None
    curve, growth, line = fits
    lower = growth.aicc - curve.aicc, line.aicc - curve.aicc
    middle = _interval(curve, 1)
    ceiling = _exponentials(_interval(curve, 0))
    if min(lower) < _BETTER or ceiling.high > _IDENTIFIED * ceiling.low:
        return None
    rise = _exponentials(_interval(curve, 2))
    return Adoption(
        midpoint=_moment(starts[0], middle.value),
        earliest=_moment(starts[0], middle.low),
        latest=_moment(starts[0], middle.high),
        rise=Estimate(*(_TEN_TO_NINETY * each for each in (rise.value, rise.low, rise.high))),
        ceiling=ceiling,
        against_growth=lower[0],
        against_line=lower[1],
        months=len(known),
    )


@dataclass(frozen=True, eq=False)
class _Found:
    """What a fit by least squares gives: parameters, their covariance, and what is left."""

    parameters: Floats
    covariance: Floats
    residuals: Floats


@dataclass(frozen=True, eq=False)
class _Fit:
    """A fitted curve: its parameters, their standard errors, its AICc and degrees of freedom."""

    parameters: Floats
    errors: Floats
    aicc: float
    freedom: float


def _logistic(months: Floats, ceiling: float, midpoint: float, scale: float) -> Floats:
    """The logarithm of an S-curve, from the logarithms of its ceiling and of its scale."""
    steps = (months - midpoint) * math.exp(min(max(-scale, -_STEEPEST), _STEEPEST))
    result: Floats = ceiling - np.logaddexp(0.0, -steps)
    return result


def _exponential(months: Floats, start: float, slope: float) -> Floats:
    """The logarithm of exponential growth."""
    return start + slope * months


def _line(months: Floats, start: float, end: float) -> Floats:
    """The logarithm of a straight line, from the logarithms of its two ends."""
    with np.errstate(divide="ignore"):
        first, last = np.log(1 - months / months[-1]), np.log(months / months[-1])
    result: Floats = np.logaddexp(start + first, end + last)
    return result


def _fits(months: Floats, logarithms: Floats) -> tuple[_Fit, _Fit, _Fit] | None:
    """The S-curve, the growth and the line; None where no S-curve is seen to rise."""
    ends = [float(logarithms[0]), float(logarithms[-1])]
    steepness = float(np.polyfit(months, logarithms, 1)[0])
    risen = np.median(logarithms[-_HALF_YEAR:]) - logarithms[:_HALF_YEAR].min()
    if steepness <= 0 or risen < math.log(2):
        return None
    curved = _fitted(_logistic, months, logarithms, _guess(months, logarithms))
    memory = lag_one(curved.residuals)
    effective = len(months) * (1 - memory) / (1 + memory)
    told = effective >= _FEWEST_EFFECTIVE and bool(np.isfinite(curved.covariance).all())
    if not told or not _rises(months, curved):
        return None
    growing = _fitted(_exponential, months, logarithms, [ends[0], steepness])
    straight = _fitted(_line, months, logarithms, ends)
    return _fit(curved, effective), _fit(growing, effective), _fit(straight, effective)


def _fitted(
    curve: Callable[..., Floats], months: Floats, logs: Floats, start: list[float]
) -> _Found:
    """A curve by least squares; with an infinite covariance where that does not settle."""
    from scipy.optimize import OptimizeWarning, curve_fit

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", OptimizeWarning)
        try:
            parameters, covariance = curve_fit(curve, months, logs, start, maxfev=_MOST_STEPS)
        except (RuntimeError, OverflowError):
            parameters = np.array(start)
            covariance = np.full((len(start), len(start)), np.inf)
    return _Found(parameters, covariance, logs - curve(months, *parameters))


def _fit(found: _Found, effective: float) -> _Fit:
    """A fitted curve with the errors and the criterion that fewer independent months give."""
    count = len(found.parameters)
    errors = np.sqrt(np.diag(found.covariance) * len(found.residuals) / effective)
    aicc = _aicc(found.residuals, count + 1, effective)
    return _Fit(found.parameters, errors, aicc, effective - count)


def _rises(months: Floats, found: _Found) -> bool:
    """Whether the months hold the middle half of the rise of an S-curve, and lie along it."""
    parts = np.exp(_logistic(months, 0.0, found.parameters[1], found.parameters[2]))
    seen = parts[0] <= _QUARTER and parts[-1] >= 1 - _QUARTER
    late = found.residuals[parts >= _TENTH]
    return bool(seen and np.sqrt(np.mean(late**2)) <= _QUARTER)


def _guess(months: Floats, logarithms: Floats) -> list[float]:
    """Where to begin looking for an S-curve: its logit is a line."""
    ceiling = float(logarithms.max()) + 0.2
    logits = -np.log(np.expm1(ceiling - logarithms))
    slope, start = np.polyfit(months, logits, 1)
    slope = max(float(slope), 1e-3)
    return [ceiling, -float(start) / slope, -math.log(slope)]


def _aicc(residuals: Floats, parameters: int, effective: float) -> float:
    """Akaike's criterion for small samples, of residuals worth so many independent ones."""
    spread = max(float(np.mean(residuals**2)), 1e-12)
    penalty = 2 * parameters * effective / (effective - parameters - 1)
    return effective * math.log(spread) + penalty


def _interval(fit: _Fit, number: int) -> Estimate:
    """A parameter with its 95 % interval by Student's distribution."""
    from scipy import stats

    value = float(fit.parameters[number])
    margin = float(stats.t.ppf(0.975, fit.freedom) * fit.errors[number])
    return Estimate(value, value - margin, value + margin)


def _exponentials(logarithm: Estimate) -> Estimate:
    """A number from its logarithm; infinite where that is beyond all numbers."""
    with np.errstate(over="ignore"):
        value, low, high = np.exp([logarithm.value, logarithm.low, logarithm.high])
    return Estimate(float(value), float(low), float(high))


def _moment(first: pd.Timestamp, months: float) -> pd.Timestamp:
    return (first + pd.Timedelta(days=months * _MONTH_DAYS)).floor("D")
