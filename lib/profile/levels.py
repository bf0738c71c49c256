"""How often a package is downloaded: its newest day, week and month, and all that is held."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

import pandas as pd

from lib.cubes import Grain
from lib.data import Downloads
from lib.panels.change import Change, change, change_from
from lib.questions.question import Asking
from lib.router import NotHeld, Period, first_of_next_month
from lib.selection import Selection


class Span(StrEnum):
    """A length of time that ends with the last day held, or with the last month of months."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


_WEEK = timedelta(days=7)

_DAYS = {Span.DAY: 1, Span.WEEK: 7, Span.MONTH: 30, Span.YEAR: 365}
_MONTHS = {Span.MONTH: 1, Span.YEAR: 12}

_LABELS_OF_DAYS = {Span.DAY: "Last day", Span.WEEK: "Last 7 days", Span.MONTH: "Last 30 days"}
_LABELS_OF_MONTHS = {Span.MONTH: "Last month", Span.YEAR: "Last 12 months"}

_MOST_SHAPED = 84
_FEWEST_SHAPED = 4


@dataclass(frozen=True)
class Level:
    """The downloads of one period that ends with what is held.

    `downloads` is None where the period is not held whole; then `why_not` says so. `compared` is
    the change from before: of a day from the same weekday a week before. `shape` has the downloads
    of the same length of time up to each of the newest days (months), oldest first, as far back as
    they are counted alike.
    """

    label: str
    period: Period
    downloads: int | None
    why_not: str = ""
    compared: Change | None = None
    shape: tuple[float, ...] = ()


def levels(asking: Asking) -> tuple[Level, ...]:
    """The newest day, 7 and 30 days, and all that is held; of a store of months month and year.

    They end on the last day (whole month) held of the package, whatever period is asked about.
    """
    found, selection = asking.found, asking.selection
    if Grain.DAY in found.grains(selection.packages):
        labels = _LABELS_OF_DAYS
        daily = _newest_alike(asking, Grain.DAY)
        shapes = {span: _rolling(daily, _DAYS[span]) for span in labels}
    else:
        labels = _LABELS_OF_MONTHS
        monthly = _newest_alike(asking, Grain.MONTH)
        shapes = {span: _rolling(monthly, _MONTHS[span]) for span in labels}
    recent = (
        replace(_level(found, selection, span, label), shape=shapes[span])
        for span, label in labels.items()
    )
    return (*recent, _all_held(found, selection))


def newest(found: Downloads, selection: Selection, span: Span) -> Period:
    """The newest such span that is held of the packages selected; whole months of months."""
    last = found.held(selection.packages).last
    if Grain.DAY in found.grains(selection.packages):
        return Period(last - timedelta(days=_DAYS[span] - 1), last)
    first = pd.Timestamp(last).replace(day=1) - pd.DateOffset(months=_MONTHS.get(span, 1) - 1)
    return Period(first.date(), first_of_next_month(last) - timedelta(days=1))


def _level(found: Downloads, selection: Selection, span: Span, label: str) -> Level:
    period = newest(found, selection, span)
    try:
        total = found.total(selection, period)
    except NotHeld as missing:
        return Level(label, period, None, str(missing))
    if span is Span.DAY:
        before = Period(period.first - _WEEK, period.last - _WEEK)
        compared = change_from(found, selection, before, period, total)
    else:
        compared = change(found, selection, period, total)
    return Level(label, period, total, compared=compared)


def _all_held(found: Downloads, selection: Selection) -> Level:
    """The sum of all that is held under these filters, over the days of which it is."""
    held = found.held(selection.packages)
    try:
        answer = found.answer(selection.query(held))
    except NotHeld as missing:
        return Level("All held", held, None, str(missing))
    total = answer.frame["downloads"].iloc[0]
    return Level("All held", answer.period, 0 if pd.isna(total) else int(total))


def _newest_alike(asking: Asking, grain: Grain) -> tuple[float, ...]:
    """The downloads of the newest periods that follow each other, each held and counted alike.

    As far back as shapes reach; nothing where the newest is not held under these filters.
    """
    held = asking.found.held(asking.packages)
    reach = timedelta(days=_MOST_SHAPED + _DAYS[Span.MONTH] - 2)
    wanted = Period(max(held.first, held.last - reach), held.last) if grain is Grain.DAY else held
    try:
        answer = asking.found.over_time(asking.selection, wanted, grain)
    except NotHeld:
        return ()
    if answer.period.last != wanted.last:
        return ()
    frame = asking.with_stretches(answer.frame, grain)
    unlike = (frame["stretch"] != frame["stretch"].iloc[-1]) | frame["downloads"].isna()
    broken = unlike.to_numpy().nonzero()[0]
    first = int(broken[-1]) + 1 if len(broken) else 0
    return tuple(frame["downloads"].iloc[first:])


def _rolling(values: tuple[float, ...], length: int) -> tuple[float, ...]:
    """The sums of so many values in a row, up to each of the newest; none where that is few."""
    sums = tuple(sum(values[end - length : end]) for end in range(length, len(values) + 1))
    return sums[-_MOST_SHAPED:] if len(sums) >= _FEWEST_SHAPED else ()
