"""Figures with a row for each value: bars, or points with their intervals."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from lib.finding_charts.bars import bars, intervals
from lib.formats import compact
from lib.questions.finding import Figure
from lib.questions.question import Asking


def bar_figure(
    asking: Asking,
    frame: pd.DataFrame,
    *,
    title: str,
    unit: str,
    show: Callable[[float], str] = compact,
    reference: float | None = None,
    note: str = "",
) -> Figure:
    """A bar for each row, of columns and with a `reference` as of `bars`; `show` writes a value."""
    return Figure(
        title=title,
        unit=unit,
        alt=_in_words(frame, unit, show),
        draw=lambda theme: bars(
            frame, theme, asking.signature, unit=unit, show=show, reference=reference
        ),
        note=note,
    )


def interval_figure(
    asking: Asking,
    frame: pd.DataFrame,
    *,
    title: str,
    unit: str,
    show: Callable[[float], str] = compact,
    reference: float | None = None,
    log: bool = False,
    note: str = "",
) -> Figure:
    """A point with its interval for each row, as of `intervals`; the point alone where it has none.

    `show` writes a value.
    """
    ends = {end: frame[end].fillna(frame["value"]) for end in ("low", "high")}
    drawn = frame.assign(**ends)
    return Figure(
        title=title,
        unit=unit,
        alt=_in_words(frame, unit, show),
        draw=lambda theme: intervals(
            drawn, theme, asking.signature, unit=unit, show=show, reference=reference, log=log
        ),
        note=note,
    )


def _in_words(frame: pd.DataFrame, unit: str, show: Callable[[float], str]) -> str:
    values = zip(frame["label"], frame["value"], strict=True)
    return f"{unit}: {', '.join(f'{label} {show(value)}' for label, value in values)}."
