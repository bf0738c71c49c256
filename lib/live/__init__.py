"""What the Live page watches: the contract of a feed, and of one look at it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

import pandas as pd

from lib.aggregate import Filter

DIMENSIONS = ("project", "country", "system", "python", "installer")
"""What a feed splits the downloads of a minute by."""

MINUTE = timedelta(minutes=1)

WEEK = timedelta(weeks=1)

EARLIER_WEEKS = 4
"""How many earlier weeks the usual is reckoned from."""

Where = tuple[Filter, ...]
"""Filters that all hold, each on one of `DIMENSIONS`."""


@dataclass(frozen=True)
class Span:
    """The time from `first` up to but not including `after`, both aware and in UTC."""

    first: datetime
    after: datetime

    def back(self, weeks: int) -> Span:
        """The same span some weeks earlier."""
        return Span(self.first - weeks * WEEK, self.after - weeks * WEEK)


def aware(at: pd.Timestamp) -> datetime:
    """The start of a step of a series as a time in UTC."""
    return at.tz_localize(UTC).to_pydatetime()


def naive(at: datetime) -> pd.Timestamp:
    """A time in UTC as series and frames have it."""
    return pd.Timestamp(at).tz_localize(None)


def midnight(at: datetime) -> datetime:
    """The start of the UTC day that a time is in."""
    return at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


@dataclass(frozen=True)
class Trouble:
    """Why a feed gives nothing newer, as a sentence for the reader, and when it tries again."""

    sentence: str
    retry_at: datetime


@dataclass(frozen=True)
class BlockSample:
    """Shares of all of PyPI from whole blocks of the raw table, drawn by BigQuery.

    `frame` has the columns `dimension`, `value` and `downloads` (rows of the sample). Blocks hold
    packages that are neighbors in the alphabet, so that the error of a share is not known.
    """

    frame: pd.DataFrame
    rows: int
    percent: float
    read_at: datetime


class Look(Protocol):
    """What a feed knows at one moment. A look never changes: figures can be kept by it.

    Two kinds of downloads are told of: those of `scope`, by minute and `DIMENSIONS`, and those of
    `world`, all that the feed knows of, as one number. They may be the same.
    """

    @property
    def feed(self) -> str:
        """`sample` or `bigquery`."""

    @property
    def version(self) -> str:
        """Looks of one version give the same answers about whole minutes."""

    @property
    def looked_at(self) -> datetime:
        """The time of the look."""

    @property
    def scope(self) -> str:
        """What the minutes are about, in words: `160 simulated packages`."""

    @property
    def world(self) -> str:
        """What the total rate is about, in words: `all of PyPI`."""

    @property
    def up_to(self) -> datetime:
        """The minutes tell of the downloads before this second."""

    @property
    def settled_to(self) -> datetime:
        """Downloads before this are complete; between it and `up_to` late rows may come."""

    @property
    def world_up_to(self) -> datetime:
        """The total rate tells of the downloads before this second."""

    @property
    def trouble(self) -> Trouble | None:
        """Why there are no newer minutes, where the feed fails."""

    @property
    def world_trouble(self) -> Trouble | None:
        """Why nothing newer is known of the total rate, where the feed fails."""

    @property
    def notices(self) -> Sequence[str]:
        """What else a reader must know, a sentence each: a cap that is reached, a clock off."""

    @property
    def block_sample(self) -> BlockSample | None:
        """Shares of all of PyPI by block sample, where the feed has drawn one."""

    def options(self, dimension: str) -> tuple[str, ...]:
        """The values of a dimension in the last hours, most downloaded first."""

    def counted(self, span: Span, where: Where = ()) -> float:
        """The downloads of `scope` within a span of seconds, or NaN where it is not known whole."""

    def series(self, span: Span, step: timedelta, where: Where = ()) -> pd.Series:
        """The downloads of `scope` in each step of a span of whole steps.

        Indexed by the step's start (naive UTC, datetime64[s], named `period`); floats, NaN for a
        step that is not known. A step is a whole number of minutes that divides an hour.
        """

    def totals(self, span: Span, by: tuple[str, ...], where: Where = ()) -> pd.DataFrame:
        """The known downloads of `scope` in a span of whole minutes, summed by dimensions.

        Columns: the dimensions of `by`, and `downloads` above zero; most first, then by name.
        """

    def latest(self, most: int, where: Where = ()) -> pd.DataFrame:
        """Single downloads drawn from the latest whole minute of `scope`, the newest first.

        Columns `at` (naive UTC, its seconds may be drawn too), `project`, `version`, `country`,
        `system` and `installer`; at most `most` rows, each drawn with the chance of a download.
        """

    def world_counted(self, span: Span) -> float:
        """The downloads of `world` within a span of seconds, or NaN where it is not known."""

    def world_series(self, span: Span, step: timedelta) -> pd.Series:
        """The downloads of `world` in each step of a span, as `series`."""


class Feed(Protocol):
    """Gives the latest minutes. One feed serves every viewer, and works only when looked at."""

    def look(self) -> Look:
        """What is known now, without waiting for anything that takes longer than a moment.

        Raises FeedNotReady where the feed has yet to give its first minutes.
        """
