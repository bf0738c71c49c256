"""One look at the simulated downloads: what is known of them at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd

from lib.live import Span, Where, midnight
from lib.live.sample.counting import Counting
from lib.live.sample.hours import SECONDS
from lib.live.sample.kept import KEPT_DAYS
from lib.sources.sample.arrays import Floats
from lib.sources.sample.randomness import generator

_OPTIONS_OF = timedelta(hours=1)


@dataclass(frozen=True)
class SampleLook:
    """A look of the `sample` feed, as `lib.live.Look` describes.

    It knows all of its packages' downloads from 36 days ago up to the second of the look. Looks
    share what they counted, and each answers for as long as it is kept.
    """

    _counting: Counting
    looked_at: datetime

    feed = "sample"
    trouble = None
    world_trouble = None
    notices = ()
    block_sample = None

    @property
    def version(self) -> str:
        """The recipe and the latest whole minute."""
        return f"{self._counting.days.key} {self._minute:%Y-%m-%dT%H:%M}"

    @property
    def scope(self) -> str:
        """How many packages are simulated."""
        return f"{self._counting.days.recipe.packages} simulated packages"

    @property
    def world(self) -> str:
        """The same: there is nothing else in a simulation."""
        return self.scope

    @property
    def up_to(self) -> datetime:
        """The second of the look."""
        return self.looked_at.astimezone(UTC).replace(microsecond=0)

    @property
    def settled_to(self) -> datetime:
        """The second of the look: nothing comes late."""
        return self.up_to

    @property
    def world_up_to(self) -> datetime:
        """The second of the look."""
        return self.up_to

    def options(self, dimension: str) -> tuple[str, ...]:
        """The values of a dimension in the hour before, most downloaded first."""
        last = Span(self._minute - _OPTIONS_OF, self._minute)
        return tuple(self.totals(last, (dimension,))[dimension])

    def counted(self, span: Span, where: Where = ()) -> float:
        """The downloads within a span of seconds, NaN where it reaches beyond what is known."""
        first, after = _second(span.first), _second(span.after)
        if first < self._earliest or after > _second(self.up_to):
            return float("nan")
        self._counting.prepare(first, after)
        return float(self._counting.counted(first, after, where))

    def series(self, span: Span, step: timedelta, where: Where = ()) -> pd.Series:
        """The downloads in each step of a span of whole steps, NaN for those not known.

        Steps that do not begin with the clock's are summed from minutes.
        """
        first, after, seconds = _second(span.first), _second(span.after), int(step.total_seconds())
        unit = 60 if first % seconds else seconds
        hours = range(first // SECONDS, -(-after // SECONDS))
        self._counting.prepare(max(first, self._earliest), min(after, _second(self.up_to)))
        counts = np.concatenate([np.empty(0), *(self._steps(h, unit, where) for h in hours)])
        skipped = (first - hours.start * SECONDS) // unit
        counts = counts[skipped : skipped + (after - first) // unit]
        starts = np.arange(first, after, seconds).astype("datetime64[s]")
        index = pd.DatetimeIndex(starts, name="period")
        return pd.Series(
            counts.reshape(len(index), seconds // unit).sum(axis=1), index, name="downloads"
        )

    def totals(self, span: Span, by: tuple[str, ...], where: Where = ()) -> pd.DataFrame:
        """The downloads in the known minutes of a span, summed by dimensions; not to be changed."""
        last = _second(self._minute)
        first = min(max(_second(span.first), self._earliest), last)
        after = max(first, min(_second(span.after), last))
        self._counting.prepare(first, after)
        return self._counting.totals(first, after, by, where)

    def latest(self, most: int, where: Where = ()) -> pd.DataFrame:
        """Downloads drawn from the latest whole minute, each at a second drawn within it."""
        after = _second(self._minute)
        (fetched,) = self._counting.fetched(after - 60, after, where)
        ends = np.cumsum(fetched.counts)
        total = int(ends[-1]) if len(ends) else 0
        stream = generator(self._counting.days.recipe.seed, "latest", after)
        drawn = stream.choice(total, min(most, total), replace=False)
        cells = fetched.cells[np.searchsorted(ends, drawn, side="right")]
        seconds = np.sort(stream.integers(60, size=len(drawn)))[::-1]
        at = (after - 60 + seconds).astype("datetime64[s]")
        frame = self._counting.described((after - 60) // SECONDS, cells)
        frame.insert(0, "at", at)
        return frame

    def world_counted(self, span: Span) -> float:
        """The downloads within a span of seconds, as `counted` without filters."""
        return self.counted(span)

    def world_series(self, span: Span, step: timedelta) -> pd.Series:
        """The downloads in each step of a span, as `series` without filters."""
        return self.series(span, step)

    @property
    def _minute(self) -> datetime:
        """The end of the latest whole minute."""
        return self.up_to.replace(second=0)

    @property
    def _earliest(self) -> int:
        return _second(midnight(self.up_to) - timedelta(days=KEPT_DAYS))

    def _steps(self, hour: int, seconds: int, where: Where) -> Floats:
        """The downloads in each step of an hour, NaN where they are not known."""
        ends = hour * SECONDS + np.arange(seconds, SECONDS + 1, seconds)
        known = (ends - seconds >= self._earliest) & (ends <= _second(self.up_to))
        if not known.any():
            return np.full(len(ends), np.nan)
        return np.where(known, self._counting.steps(hour, seconds // 60, where), np.nan)


def _second(time: datetime) -> int:
    """Whole seconds from 1970 to a time."""
    return int(time.timestamp())
