"""Where interest and downloads part ways: the month from which their ratio takes another course."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.analysis.bends import Design, Fit, Noise, design_of
from lib.analysis.comparable import UNUSABLE
from lib.analysis.discoveries import FALSE_DISCOVERIES
from lib.analysis.estimate import Estimate
from lib.analysis.paired_months import PairedMonths
from lib.analysis.resampling import Floats

FEWEST_MONTHS = 48
"""Of how many months both must be known."""

_UNLIKELY = 0.02
"""How likely at most a memory is that is not tried; it is added to the p-value."""

_LONG = 0.25
"""How likely the residuals resemble each other no more than they do, with the memory of intervals:
less than half, for a memory that is too short makes intervals too short.
"""

_NOTHING = 1e-20

_STEEPEST = 700.0
"""The steepest slope a year of logarithms whose growth is a number."""

_NORMAL = 1.96
"""Standard errors to either side that a 95 % interval reaches."""


@dataclass(frozen=True)
class Course:
    """Changes a year: of the ratio (0.5: half as much again), and of the two that it is made of.

    The growth of interest over that of downloads is that of the ratio.
    """

    ratio: Estimate
    interest: float
    downloads: float


@dataclass(frozen=True)
class Change:
    """A change of course: from the month of `moment` on it is as `after`, until then as `before`.

    The 95 % interval of the month reaches from `earliest` to `latest`.
    """

    moment: pd.Timestamp
    earliest: pd.Timestamp
    latest: pd.Timestamp
    before: Course
    after: Course


@dataclass(frozen=True, eq=False)
class Parting:
    """The course of the ratio of interest to downloads, and where it surely changes, if anywhere.

    `p_value` is that of one course throughout. `fitted` has the columns `period`, `ratio`,
    `course` (without the season) and `stretch`, a row for each month that is known of both.
    """

    change: Change | None
    p_value: float
    throughout: Course
    fitted: pd.DataFrame


def parting(frame: pd.DataFrame) -> Parting | None:
    """Whether and where the ratio of monthly interest to downloads takes another course.

    From columns `period` (first days of months), `interest`, `downloads` (both NaN for not known)
    and `stretch` (in which downloads are counted alike).

    The logarithm of the ratio is a line over time that bends once, with a level of its own in each
    stretch and each calendar month. What a bend explains of the rest is held, at the month where
    that is most (the sup-F test: Andrews, Econometrica 61, 1993), against what it explains of
    AR(1) noise over the same months, whose memory is not known: the p-value is the largest of
    those for all memories that the residuals do not speak against, a walk without an aim among
    them, plus how likely these are to be wrong (Berger and Boos, Journal of the American
    Statistical Association 89, 1994; Dufour, Journal of Econometrics 133, 2006). Intervals are
    from such noise put onto what was fitted, of a memory that is likely and rather too long.

    None where fewer than `FEWEST_MONTHS` are known of both, or no bend could be told.
    """
    months = PairedMonths.of(frame)
    known = ~np.isnan(months.interest + months.downloads)
    if known.sum() < FEWEST_MONTHS:
        return None
    stretch = np.where(known, months.stretch, UNUSABLE)
    design = design_of(int(months.calendar[0]), tuple(stretch.tolist()))
    if design is None:
        return None
    interest, downloads = months.interest[known], months.downloads[known]
    fit = design.fit((interest - downloads)[np.newaxis])
    if fit.left[0] < _NOTHING:
        return None
    below = np.array([noise.less_memory(fit) for noise in design.noises])
    tried = [noise for noise, part in zip(design.noises, below, strict=True) if part > _UNLIKELY]
    p_value = max(noise.bends_as_much(fit) for noise in tried or design.noises) + _UNLIKELY
    likely = design.noises[int(np.abs(below - _LONG).argmin())]
    values = np.vstack([interest, downloads, interest - downloads])
    starts = months.starts
    change, bend = None, np.zeros(int(known.sum()))
    if p_value <= FALSE_DISCOVERIES:
        change = _change(starts, design, values, fit, likely)
        steeper = np.log1p(change.after.ratio.value) - np.log1p(change.before.ratio.value)
        bend = steeper * design.bends[:, fit.at[0]]
    fitted = {
        "period": starts[known],
        "ratio": np.exp(values[2]),
        "course": np.exp(design.level(values[2] - bend) + bend),
        "stretch": design.stretch,
    }
    throughout = _course(design.slope(values), design.slope(likely.as_large(fit.whole)))
    return Parting(change, min(p_value, 1.0), throughout, pd.DataFrame(fitted))


def _change(
    starts: pd.DatetimeIndex, design: Design, values: Floats, fit: Fit, noise: Noise
) -> Change:
    """The change where a fit has it, of the rows of `values`: interest, downloads, their ratio."""
    before, after = design.slopes(values, np.repeat(fit.at, len(values)))
    left = fit.left * (noise.fit.whole.mean() / noise.fit.left.mean())
    again = values[2] - fit.residuals[0] + noise.as_large(left)
    found = design.fit(again)
    begun, ended = design.slopes(again, found.at)
    ends = np.quantile(design.candidates[found.at], [0.025, 0.975], method="nearest")
    place = design.candidates[fit.at[0]]
    return Change(
        moment=starts[place],
        earliest=starts[min(place, ends[0])],
        latest=starts[max(place, ends[1])],
        before=_course(before, begun - before[2]),
        after=_course(after, ended - after[2]),
    )


def _course(slopes: Floats, errors: Floats) -> Course:
    """The course of slopes of interest, downloads and their ratio, the last with its errors."""
    interest, downloads, ratio = (float(slope) for slope in slopes)
    reach = _NORMAL * math.sqrt(float((errors**2).mean()))
    estimate = Estimate(*(_a_year(slope) for slope in (ratio, ratio - reach, ratio + reach)))
    return Course(estimate, _a_year(interest), _a_year(downloads))


def _a_year(slope: float) -> float:
    """Growth a year from a slope of logarithms a year."""
    return math.expm1(min(slope, _STEEPEST))
