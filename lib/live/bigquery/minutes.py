"""The downloads of watched packages by minute, an hour at a time, and what can be asked of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from lib.aggregate import Filter
from lib.live import DIMENSIONS, MINUTE, Span, Where
from lib.live.bigquery.steps import Floats, Seconds, as_series, starts, whole_hour, whole_minute

HOUR = timedelta(hours=1)

_OPTIONS_OF = timedelta(hours=6)

_MINUTE_SECONDS = 60


@dataclass(frozen=True, eq=False)
class Hour:
    """The downloads of `packages` in the hour from `first`, known up to `after` (aware, UTC).

    `sums` has the columns `minute` (of the hour), `project` and `downloads`; `split` the other
    `DIMENSIONS` too, or is None where only the sums are kept.
    """

    first: datetime
    after: datetime
    packages: frozenset[str]
    sums: pd.DataFrame = field(repr=False)
    split: pd.DataFrame | None = field(repr=False)

    def frame(self, dimensions: set[str]) -> pd.DataFrame | None:
        """The narrower frame that has some dimensions, or None where they are not kept."""
        return self.sums if dimensions <= {"project"} else self.split

    def of(self, packages: frozenset[str]) -> Hour:
        """The hour without the downloads of any package but these."""
        if self.packages <= packages:
            return self
        named = (Filter("project", tuple(packages)),)
        split = None if self.split is None else filtered(self.split, named)
        kept = self.packages & packages
        return Hour(self.first, self.after, kept, filtered(self.sums, named), split)


_NOTHING_RECENT = pd.DataFrame(columns=["at", *DIMENSIONS, "version", "downloads"]).astype(
    {"at": "datetime64[s]", "downloads": np.int64}
)


@dataclass(frozen=True, eq=False)
class Minutes:
    """What is known of the watched packages, by the start of each hour.

    `recent` has the columns `at` (the minute), `DIMENSIONS`, `version` and `downloads`, of the
    last half hour or so.
    """

    packages: tuple[str, ...]
    hours: Mapping[datetime, Hour] = field(default_factory=dict, repr=False)
    recent: pd.DataFrame = field(default_factory=lambda: _NOTHING_RECENT, repr=False)

    @property
    def up_to(self) -> datetime | None:
        """The end of what is known."""
        return max((hour.after for hour in self.hours.values()), default=None)

    def counted_to(self, day: datetime) -> datetime | None:
        """How far the day from `day` on is known of every package without a hole; None if not."""
        known = None
        for number in range(24):
            hour = self.hours.get(day + number * HOUR)
            if hour is None or hour.split is None or not hour.packages >= set(self.packages):
                return known
            known = hour.after
            if known < hour.first + HOUR:
                return known
        return known

    def counted(self, span: Span, where: Where = ()) -> float:
        """The downloads in a span of seconds, or NaN where it is not known whole.

        Those of a minute are spread evenly over the seconds of it that are known.
        """
        if span.after <= span.first:
            return 0.0
        outer = Span(whole_minute(span.first), whole_minute(span.after + MINUTE - _INSTANT))
        seconds, downloads, known = self._by_minute(outer, where)
        first = np.maximum(seconds, span.first.timestamp()) - seconds
        after = np.minimum(seconds + _MINUTE_SECONDS, span.after.timestamp()) - seconds
        if (after > known).any():
            return float("nan")
        return float((downloads * (after - first) / known).sum())

    def series(self, span: Span, step: timedelta, where: Where = ()) -> pd.Series:
        """The downloads in each step: floats, NaN for a step that is not known whole."""
        _, downloads, known = self._by_minute(span, where)
        length = step // MINUTE
        sums = downloads.reshape(-1, length).sum(axis=1)
        whole = (known.reshape(-1, length) == _MINUTE_SECONDS).all(axis=1)
        return as_series(np.where(whole, sums, np.nan), starts(span, step))

    def totals(self, span: Span, by: tuple[str, ...], where: Where = ()) -> pd.DataFrame:
        """The known downloads in a span of whole minutes by dimensions; most first, then names."""
        parts = [
            _summed(filtered(frame, where), by)
            for _, frame in self._within(span, {*by, *(one.dimension for one in where)})
        ]
        found = pd.concat(parts) if parts else pd.DataFrame(columns=[*by, "downloads"])
        whole = _summed(found, by).astype({"downloads": np.int64})
        whole = whole[whole["downloads"] > 0]
        order = [False] + [True] * len(by)
        return whole.sort_values(["downloads", *by], ascending=order, ignore_index=True)

    def options(self, dimension: str) -> tuple[str, ...]:
        """The values of a dimension in the last hours, most first; all packages in any case."""
        if self.up_to is None:
            return self.packages if dimension == "project" else ()
        span = Span(whole_minute(self.up_to) - _OPTIONS_OF, whole_minute(self.up_to) + MINUTE)
        found = tuple(self.totals(span, (dimension,))[dimension])
        return tuple(dict.fromkeys((*found, *(self.packages if dimension == "project" else ()))))

    def latest(self, most: int, where: Where = ()) -> pd.DataFrame:
        """Single downloads drawn from the latest whole minute, each with the same chance.

        Their seconds are drawn too: minutes are all that is read.
        """
        columns = ["at", "project", "version", "country", "system", "installer"]
        if self.up_to is None:
            return self.recent[columns].iloc[:0]
        minute = whole_minute(self.up_to) - MINUTE
        at = np.datetime64(minute.replace(tzinfo=None), "s")
        frame = filtered(self.recent[self.recent["at"] == at], where)
        random = np.random.default_rng(int(minute.timestamp()))
        counts = frame["downloads"].to_numpy(np.int64)
        taken = random.multivariate_hypergeometric(counts, min(most, int(counts.sum())))
        drawn = frame.loc[frame.index.repeat(taken), columns]
        seconds = random.integers(0, _MINUTE_SECONDS, len(drawn)).astype("timedelta64[s]")
        drawn = drawn.assign(at=drawn["at"].to_numpy() + seconds)
        return drawn.sort_values("at", ascending=False, kind="stable", ignore_index=True)

    def _by_minute(self, span: Span, where: Where) -> tuple[Seconds, Floats, Floats]:
        """The first second of each minute, its downloads, and how many seconds are known."""
        seconds = starts(span, MINUTE)
        downloads, known = np.zeros(len(seconds)), np.zeros(len(seconds))
        asked = {name for name in self.packages if _is_kept(name, where)}
        origin = int(span.first.timestamp())
        for hour, frame in self._within(span, {one.dimension for one in where}):
            if not asked <= hour.packages:
                continue
            first = int(hour.first.timestamp())
            until = hour.after.timestamp() - first - np.arange(60) * _MINUTE_SECONDS
            kept = filtered(frame, where)
            weights = kept["downloads"].to_numpy(float)
            sums = np.bincount(kept["minute"].to_numpy(np.int64), weights=weights, minlength=60)
            place = (first - origin) // _MINUTE_SECONDS + np.arange(60)
            inside = (place >= 0) & (place < len(seconds))
            downloads[place[inside]] = sums[inside]
            known[place[inside]] = np.clip(until, 0, _MINUTE_SECONDS)[inside]
        return seconds, downloads, known

    def _within(self, span: Span, dimensions: set[str]) -> Iterator[tuple[Hour, pd.DataFrame]]:
        """The hours that a span touches, each with its rows within the span."""
        first = whole_hour(span.first)
        for number in range(-(-(span.after - first) // HOUR)):
            hour = self.hours.get(first + number * HOUR)
            frame = None if hour is None else hour.frame(dimensions)
            if hour is None or frame is None:
                continue
            minutes = [(edge - hour.first) // MINUTE for edge in (span.first, span.after)]
            if minutes[0] > 0 or minutes[1] < 60:
                frame = frame[frame["minute"].between(minutes[0], minutes[1] - 1)]
            yield hour, frame


_INSTANT = timedelta(microseconds=1)


def filtered(frame: pd.DataFrame, where: Where) -> pd.DataFrame:
    """The rows for which every filter holds."""
    for one in where:
        frame = frame[frame[one.dimension].isin(one.values) != one.excluded]
    return frame


def _is_kept(package: str, where: Where) -> bool:
    filters = (one for one in where if one.dimension == "project")
    return all((package in one.values) != one.excluded for one in filters)


def _summed(frame: pd.DataFrame, by: tuple[str, ...]) -> pd.DataFrame:
    if not by:
        return pd.DataFrame({"downloads": [frame["downloads"].sum()]})
    sums = frame.groupby(list(by), observed=True)["downloads"].sum().reset_index()
    return sums.astype(dict.fromkeys(by, object))
