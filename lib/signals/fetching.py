"""Fetches what is lacking of terms from each live source: how much that is, then the work."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from lib.budget import gigabytes
from lib.cubes import Grain
from lib.errors import SignalError
from lib.progress import Report
from lib.router import first_of_next_month
from lib.signals import frozen_copy, stack_exchange, wikimedia
from lib.signals.collecting import Collecting, Value
from lib.signals.stack_exchange import StackExchange, TagRefused
from lib.signals.wikimedia import ArticleRefused, Wikimedia

if TYPE_CHECKING:
    from lib.bigquery.asking import BigQuery

Say = Callable[[str], None]

_DAY = timedelta(days=1)

_SETTLED = timedelta(days=1)
"""What may still have changed is asked again, but not twice within this time."""

_LATE_DAYS = 3
"""The newest days of views are asked again: they may have been told too early."""


@dataclass(frozen=True)
class Span:
    """Days from which and up to which signals are wanted, both included."""

    first: date
    last: date

    @property
    def months(self) -> tuple[date, ...]:
        """The months that are wholly or partly within, by their first days."""
        found, month = [], self.first.replace(day=1)
        while month <= self.last:
            found.append(month)
            month = first_of_next_month(month)
        return tuple(found)


def months_lacking(
    collecting: Collecting, tags: Sequence[str], span: Span, now: datetime
) -> tuple[tuple[date, str], ...]:
    """The months and tags to ask the Stack Exchange API for, the newest month of all tags first.

    So that where the quota ends, all tags have the same months, and none of them a hole. Months
    that are held are not asked again but for the newest: of its questions many are still deleted.
    """
    newest = stack_exchange.newest_month(now)
    held = {tag: _settled(collecting, tag, newest, now) for tag in tags}
    return tuple(
        (month, tag)
        for month in reversed(span.months)
        if stack_exchange.FIRST_MONTH <= month <= newest
        for tag in tags
        if month not in held[tag]
    )


def fetch_questions(
    client: StackExchange,
    collecting: Collecting,
    lacking: Sequence[tuple[date, str]],
    report: Report,
) -> tuple[str, ...]:
    """Ask for months of tags, and keep them. What was refused, in words; usually nothing.

    Whatever ends the work, what was fetched before is kept. Raises QuotaGone and SignalError.
    """
    refused: dict[str, str] = {}
    try:
        for number, (month, tag) in enumerate(lacking):
            if tag in refused:
                continue
            left = client.standing.left
            told = "" if left is None else f", {left:,} requests left today"
            report(number / len(lacking), f"Asking for {tag} in {month:%Y-%m}{told}")
            try:
                asked = client.questions(tag, month)
            except TagRefused as error:
                refused[tag] = str(error)
                continue
            collecting.add(tag, {month: Value(asked)})
    finally:
        collecting.keep()
    return tuple(refused.values())


def days_lacking(
    collecting: Collecting, articles: Sequence[str], span: Span, now: datetime
) -> dict[str, Span]:
    """The days to ask Wikimedia for, from the first that is lacking on: one request an article."""
    first = max(span.first, wikimedia.FIRST_DAY)
    last = min(span.last, wikimedia.newest_day(now))
    found = {}
    for article in articles:
        held = collecting.periods(article)
        settled = {day for day in held if day <= wikimedia.newest_day(now) - _LATE_DAYS * _DAY}
        if _is_fresh(collecting, article, now):
            settled = set(held)
        days = (first + number * _DAY for number in range((last - first).days + 1))
        if (lacking := next((day for day in days if day not in settled), None)) is not None:
            found[article] = Span(lacking, last)
    return found


def fetch_views(
    client: Wikimedia, collecting: Collecting, lacking: dict[str, Span], report: Report
) -> tuple[str, ...]:
    """Ask for days of articles, and keep them. What has no views or was refused, in words.

    Whatever ends the work, what was fetched before is kept. Raises SignalError.
    """
    refused = []
    try:
        for number, (article, span) in enumerate(lacking.items()):
            report(number / len(lacking), f"Asking for {article} from {span.first} to {span.last}")
            try:
                told = client.views(article, span.first, span.last)
            except ArticleRefused as error:
                refused.append(str(error))
                continue
            if not told:
                refused.append(
                    f"Wikimedia tells of no views of {article!r} from {span.first} to {span.last}: "
                    "there may be no article of this title, or none yet."
                )
                continue
            collecting.add(article, _without_holes(told))
    finally:
        collecting.keep()
    return tuple(refused)


def tags_lacking(collecting: Collecting, tags: Sequence[str], span: Span) -> tuple[str, ...]:
    """The tags of which some month is not held that BigQuery's copy may have."""
    wanted = set(frozen_months(span))
    return tuple(tag for tag in tags if wanted - collecting.periods(tag))


def fetch_frozen(
    asking: BigQuery,
    collecting: Collecting,
    tags: Sequence[str],
    span: Span,
    *,
    report: Report,
    say: Say,
) -> tuple[str, ...]:
    """Read the months of tags that are not held, and keep them. Nothing is ever refused.

    Raises OverBudget, BigQueryError and SignalError.
    """
    months = frozen_months(span)
    report(0.0, f"Asking BigQuery for {', '.join(tags)}")
    found = frozen_copy.read(asking, tags, months[0], months[-1])
    for tag, counted in found.items():
        held = collecting.periods(tag)
        # What the API said later is nearer to what is there now.
        collecting.add(
            tag, {month: Value(asked) for month, asked in counted.items() if month not in held}
        )
    collecting.keep()
    say(f"{gigabytes(asking.billed)} billed, {gigabytes(asking.budget.left())} of the month left.")
    return ()


def remarks(collecting: Collecting, terms: Sequence[str]) -> tuple[str, ...]:
    """What is to be said of what is held now: months with holes, and nothing but zeros."""
    found = []
    for term in terms:
        series = collecting.series(term)
        if series is None:
            continue
        if not series.frame["value"].any():
            found.append(f"{series.name} has nothing but zeros: is it called so there?")
        held = collecting.periods(term)
        # Of views no day is left out between others.
        months = Span(min(held), max(held)).months if series.grain is Grain.MONTH else ()
        if holes := [month for month in months if month not in held]:
            found.append(
                f"{series.name} has holes from {min(holes):%Y-%m} to {max(holes):%Y-%m}; months "
                f"that are not held: {len(holes)}."
            )
    return tuple(found)


def frozen_months(span: Span) -> tuple[date, ...]:
    """The months of a span that BigQuery's copy may have. Raises SignalError where it has none."""
    first, last = stack_exchange.FIRST_MONTH, frozen_copy.NEWEST_MONTH
    found = tuple(month for month in span.months if first <= month <= last)
    if not found:
        raise SignalError(
            f"{frozen_copy.SOURCE}, has months from {first:%Y-%m} to {last:%Y-%m} only. Choose "
            "earlier days, or ask the Stack Exchange API: --source stack-overflow."
        )
    return found


def _settled(collecting: Collecting, tag: str, newest: date, now: datetime) -> frozenset[date]:
    """The months that are not to be asked for again."""
    held = collecting.periods(tag)
    return held if _is_fresh(collecting, tag, now) else held - {newest}


def _is_fresh(collecting: Collecting, term: str, now: datetime) -> bool:
    """Whether what is held was fetched so lately that none of it is asked for again."""
    series = collecting.series(term)
    return series is not None and now.replace(tzinfo=None) - series.fetched_at < _SETTLED


def _without_holes(told: Mapping[date, int]) -> dict[date, Value]:
    """Every day from the first to the last that is told of: those between had no views.

    They are flagged: that they had none is concluded, not said.
    """
    first, last = min(told), max(told)
    days = (first + number * _DAY for number in range((last - first).days + 1))
    return {day: Value(told.get(day, 0), flagged=day not in told) for day in days}
