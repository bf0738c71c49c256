"""What was understood of a file of signals, shown to a person before any of it is kept."""

from __future__ import annotations

from dataclasses import dataclass

from lib.formats import days
from lib.signals import LABELS, TERMS, Signal, SignalSeries

_MOST_NAMED = 8


@dataclass(frozen=True, eq=False)
class Understood:
    """The series of a file, all of one signal and grain, with what a reader should know of them.

    `region` is where Google counted, in the words of the file; empty where it does not say.
    """

    file: str
    signal: Signal
    series: tuple[SignalSeries, ...]
    region: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def terms(self) -> tuple[str, ...]:
        """The terms of the series, in the order of the file."""
        return tuple(one.term for one in self.series)

    @property
    def flagged(self) -> int:
        """How many values the source gives less exactly."""
        return sum(int(one.frame["flagged"].sum()) for one in self.series)

    @property
    def words(self) -> str:
        """All of it in a sentence."""
        first = self.series[0]
        kind = TERMS[self.signal] + ("s" if len(self.series) > 1 else "")
        named = ", ".join(self.terms[:_MOST_NAMED])
        more = len(self.terms) - _MOST_NAMED
        named += f" and {more} more" if more > 0 else ""
        region = f", {self.region}" if self.region else ""
        return (
            f"{LABELS[self.signal]}, {kind} {named}{region}: "
            f"{max(len(one.frame) for one in self.series):,} {first.grain}s, {self._period}, "
            f"{self.flagged:,} of {sum(len(one.frame) for one in self.series):,} values flagged"
        )

    @property
    def _period(self) -> str:
        periods = [one.period for one in self.series]
        return days(min(one.first for one in periods), max(one.last for one in periods))
