"""Signals: what people ask, search and read about packages, beside what is downloaded of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import numpy as np
import pandas as pd

from lib.cubes import Grain
from lib.periods import ends_of
from lib.router import Period

COLUMNS = (
    "signal", "term", "period", "grain", "value", "unit", "flagged", "source", "fetched_at",
)  # fmt: skip
"""The columns of kept signals, a row for each period of each series."""

GRAINS = (Grain.DAY, Grain.WEEK, Grain.MONTH)
"""The grains at which signals are kept, finest first."""

LONGEST_TERM = 100

SIMULATED = "simulated"
"""What the sources of simulated series begin with."""


class Signal(StrEnum):
    """Where people leave a trace of their interest."""

    STACK_OVERFLOW = "stack-overflow"
    GOOGLE_TRENDS = "google-trends"
    WIKIPEDIA = "wikipedia"


LABELS = {
    Signal.STACK_OVERFLOW: "Stack Overflow",
    Signal.GOOGLE_TRENDS: "Google Trends",
    Signal.WIKIPEDIA: "Wikipedia",
}

TERMS = {
    Signal.STACK_OVERFLOW: "tag",
    Signal.GOOGLE_TRENDS: "search term",
    Signal.WIKIPEDIA: "article",
}
"""What a term is called."""

UNITS = {
    Signal.STACK_OVERFLOW: "questions",
    Signal.GOOGLE_TRENDS: "search interest, 100 = the most in its export",
    Signal.WIKIPEDIA: "page views",
}
"""What values count, where a source says nothing else."""

COUNTED = frozenset({Signal.STACK_OVERFLOW, Signal.WIKIPEDIA})
"""The signals whose values count something, so that days sum to months; the others are levels."""


@dataclass(frozen=True, eq=False)
class SignalSeries:
    """One term of a signal over time, from one source.

    `frame` has the columns `period` (datetime64[s], the first day of each period, ascending),
    `value` (float; a period that is not there is not known) and `flagged` (bool: a value that the
    source gives less exactly, such as Google's `<1`, kept as 0.5). `fetched_at` is UTC without a
    zone. Raises ValueError for a frame of another shape.
    """

    signal: Signal
    term: str
    grain: Grain
    unit: str
    source: str
    fetched_at: datetime
    frame: pd.DataFrame = field(repr=False)

    def __post_init__(self) -> None:
        if self.grain not in GRAINS:
            raise ValueError(f"Signals are kept by day, week or month, not by {self.grain}.")
        if not is_term(self.term):
            raise ValueError("A series needs a term.")
        periods = self.frame["period"].to_numpy(dtype="datetime64[s]")
        values = self.frame["value"].to_numpy(dtype=np.float64)
        if not len(values) or not (values >= 0).all():
            raise ValueError("A series has values of zero or more, and at least one.")
        if not (np.diff(periods) > np.timedelta64(0, "s")).all():
            raise ValueError("The periods of a series ascend, and each comes once.")
        flagged = self.frame["flagged"].to_numpy(dtype=bool)
        frame = pd.DataFrame({"period": periods, "value": values, "flagged": flagged})
        object.__setattr__(self, "frame", frame)
        object.__setattr__(self, "fetched_at", self.fetched_at.replace(microsecond=0))

    @property
    def period(self) -> Period:
        """From the first day of its first period to the last day of its last."""
        starts = pd.DatetimeIndex(self.frame["period"])
        after = ends_of(starts[-1:], self.grain)[0]
        return Period(starts[0].date(), (after - pd.Timedelta(days=1)).date())

    @property
    def simulated(self) -> bool:
        """Whether its values are simulated."""
        return self.source.startswith(SIMULATED)

    @property
    def name(self) -> str:
        """What it is called: `Google Trends: polars`."""
        return f"{LABELS[self.signal]}: {self.term}"


def is_term(text: str) -> bool:
    """Whether a text can be a term: printable, not empty and not long."""
    return bool(text.strip()) and text.isprintable() and len(text) <= LONGEST_TERM
