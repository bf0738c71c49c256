"""Growth a year with its interval: in words, and as a figure."""

from __future__ import annotations

import math

import pandas as pd

from lib.finding_charts.bars import intervals
from lib.formats import change
from lib.questions.finding import Figure
from lib.questions.question import Asking
from lib.questions.telling.factors import factor

_SMALLEST, _GREATEST = 1e-3, 1e3
"""How far an interval is drawn: beyond, nothing is told but that it is wide."""

_MULTIPLIED = 2
"""From this growth on a rate and its interval are told as multiples."""


def growth_words(growth: float, low: float, high: float) -> str:
    """Growth a year with its interval: `+79 % (+51 % to +127 %)`, `×3.0 (×1.9 to ×4.8)`."""
    rate, interval = growth_parts(growth, low, high)
    return f"{rate} ({interval})"


def growth_parts(growth: float, low: float, high: float) -> tuple[str, str]:
    """Growth a year and its interval, both written in the same way: `×3.0`, `×1.9 to ×4.8`."""
    told = [rate for rate in (growth, low, high) if math.isfinite(rate)]
    show = _multiple if max(told) >= _MULTIPLIED else change
    ends = ("without limit" if math.isinf(end) else show(end) for end in (low, high))
    return show(growth), " to ".join(ends)


def _multiple(rate: float) -> str:
    return f"×{1 + rate:.1f}" if rate >= 0 else f"×{1 + rate:.2f}"


def growth_figure(
    asking: Asking, growth: pd.DataFrame, *, title: str, unit: str, note: str
) -> Figure | None:
    """The growth of each series, the fastest on top; None where none is known.

    From columns `series`, `rate`, `low`, `high` and `sure`; those that are not sure are gray.
    """
    known = growth[growth["rate"].notna()].sort_values("rate", ascending=False)
    if known.empty:
        return None
    frame = pd.DataFrame(
        {
            "label": known["series"],
            "value": (1 + known["rate"]).clip(_SMALLEST, _GREATEST),
            "low": (1 + known["low"]).clip(_SMALLEST, _GREATEST),
            "high": (1 + known["high"]).clip(_SMALLEST, _GREATEST),
            "strong": known["sure"],
        }
    )
    told = zip(known["series"], known["rate"], strict=True)
    return Figure(
        title=f"{title}, with 95 % intervals",
        unit=unit,
        alt=f"{unit}: {', '.join(f'{name} {change(rate)} a year' for name, rate in told)}.",
        draw=lambda theme: intervals(
            frame, theme, asking.signature, unit=unit, show=factor, reference=1.0, log=True
        ),
        note=note,
    )
