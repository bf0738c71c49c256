"""Which minutes of the watched packages are asked for next, and the answer put among the others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from lib.live import DIMENSIONS, EARLIER_WEEKS, MINUTE, WEEK, midnight
from lib.live.bigquery.minutes import HOUR, Hour, Minutes
from lib.live.bigquery.steps import whole_hour, whole_minute

READ_AGAIN = timedelta(minutes=20)
"""How far before the newest known minute is read again: files of rows come late."""

DAY_CLOSES_AFTER = READ_AGAIN
"""How long after midnight the end of a watched day is asked for, so that what comes as late as is
waited for elsewhere is in it."""

SUMS_KEPT_FOR = EARLIER_WEEKS * WEEK + timedelta(days=1)

_WATCHED_LATE = timedelta(hours=2)
"""A day that was known up to so shortly before its end is asked for its end, which costs one more
query; any other is left as it is."""

_VERSIONS_OF = timedelta(minutes=30)

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Count:
    """What one query is to ask: minutes from `since` to before `until`, of one UTC day.

    `closes` where the day is over: the answer is then all that there is of it.
    """

    since: datetime
    until: datetime
    versions_from: datetime
    closes: bool = False


def next_count(minutes: Minutes, now: datetime) -> Count:
    """What to ask now.

    Of today everything the first time, for all of it is paid for in any case, and then what
    is newer than some minutes before the newest that is known. Once after midnight the end of the
    day before, where somebody watched it.
    """
    today = midnight(now)
    before = minutes.counted_to(today - _DAY)
    was_watched = before is not None and today - _WATCHED_LATE <= before < today
    if before is not None and was_watched and now >= today + DAY_CLOSES_AFTER:
        since = whole_minute(before) - READ_AGAIN
        return Count(since, today, since, closes=True)
    known = minutes.counted_to(today)
    since = today if known is None else max(whole_minute(known) - READ_AGAIN, today)
    return Count(since, today + _DAY, max(since, whole_minute(now) - _VERSIONS_OF))


def with_answer(minutes: Minutes, count: Count, answer: pa.Table, now: datetime) -> Minutes:
    """The minutes with those of an answer in place of what was known of them.

    They are known to the second of the newest row: what is not stored yet cannot be told from
    what was never downloaded.
    """
    frame = _frame(answer)
    known = minutes.counted_to(midnight(count.since))
    after = count.until if count.closes else _newest(answer, max(known or count.since, count.since))
    hours = dict(minutes.hours)
    for first in _hours(count.since, after):
        rows = frame[(frame["at"] >= _naive(first)) & (frame["at"] < _naive(first + HOUR))]
        split = _split(hours.get(first), first, rows, count.since)
        by_project = split.groupby(["minute", "project"], observed=True)["downloads"]
        hours[first] = Hour(
            first,
            min(after, first + HOUR),
            frozenset(minutes.packages),
            by_project.sum().reset_index(),
            split,
        )
    recent = _newer(minutes.recent, frame[frame["version"] != ""].reset_index(drop=True))
    return aged(Minutes(minutes.packages, hours, recent), now)


def aged(minutes: Minutes, now: datetime) -> Minutes:
    """The minutes without what is too old: the split of all but two days, and sums of weeks ago."""
    yesterday, oldest = midnight(now) - _DAY, whole_hour(now) - SUMS_KEPT_FOR
    hours = {
        first: hour
        if first >= yesterday or hour.split is None
        else Hour(first, hour.after, hour.packages, hour.sums, split=None)
        for first, hour in minutes.hours.items()
        if first >= oldest
    }
    return Minutes(minutes.packages, hours, minutes.recent)


def _frame(answer: pa.Table) -> pd.DataFrame:
    """The rows with `at` as naive UTC, and text by its class: a day can have millions of rows."""
    texts = [*DIMENSIONS, "version"]
    frame: pd.DataFrame = answer.drop_columns(["newest"]).to_pandas(categories=texts)
    at = frame.pop("minute").dt.tz_convert("UTC").dt.tz_localize(None).astype("datetime64[s]")
    frame["at"] = at
    return frame


def _newer(before: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """The rows that tell versions of the later minutes."""
    if now.empty or (len(before) and before["at"].max() > now["at"].max()):
        return before
    return now


def _newest(answer: pa.Table, least: datetime) -> datetime:
    """The second after the newest row, and no earlier than `least`."""
    if not answer.num_rows:
        return least
    newest: datetime = pc.max(answer["newest"]).as_py().astimezone(UTC)
    return max(newest.replace(microsecond=0) + timedelta(seconds=1), least)


def _split(old: Hour | None, first: datetime, rows: pd.DataFrame, since: datetime) -> pd.DataFrame:
    """The rows of the hour from `first`, the old ones of the minutes before `since`."""
    keys = ["minute", *DIMENSIONS]
    number = (rows["at"] - _naive(first)) // np.timedelta64(60, "s")
    new = rows.assign(minute=number.astype(np.int8))[[*keys, "downloads"]]
    # Of the newest minutes there is a row for each version.
    new = new.groupby(keys, observed=True)["downloads"].sum().reset_index()
    if old is None or old.split is None or since <= first:
        return new
    kept = old.split[old.split["minute"] < (since - first) // MINUTE]
    both = pd.concat([kept, new], ignore_index=True)
    return both.astype(dict.fromkeys(DIMENSIONS, "category"))


def _hours(since: datetime, after: datetime) -> Iterator[datetime]:
    first = whole_hour(since)
    while first < after:
        yield first
        first += HOUR


def _naive(time: datetime) -> np.datetime64:
    return np.datetime64(time.replace(tzinfo=None), "s")
