"""What an order of signals takes: what of it is lacking, its requests or price, and the work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

from lib.budget import gigabytes
from lib.errors import SettingsError, SignalError
from lib.progress import Report
from lib.settings import Settings
from lib.signals import LABELS, TERMS, fetching, frozen_copy, stack_exchange, wikimedia
from lib.signals.collecting import Collecting
from lib.signals.fetching import Say, Span
from lib.signals.kept import signals_file
from lib.signals.order import LiveSource, Order, Outside
from lib.signals.stack_exchange import StackExchange
from lib.signals.standing import stack_exchange_standing
from lib.signals.terms import term_of
from lib.signals.wikimedia import Wikimedia
from lib.stores.duckdb import DuckDBStore

_YEARS_BACK = 3
"""How far back signals are asked for where neither the order nor the store says."""


@dataclass(frozen=True)
class Work:
    """What a source lacks: `words` say what it takes, `run` does it and says what was refused."""

    words: str
    run: Callable[[Report], tuple[str, ...]] = field(default=lambda report: ())


def work_of(settings: Settings, order: Order, say: Say, where: Outside) -> Work:
    """What is lacking of what is ordered. Raises SettingsError where nothing may be asked."""
    if not settings.ask_signals:
        raise SettingsError(
            "PULSE_SIGNALS is off: nothing is fetched from Stack Overflow or Wikipedia here. "
            "Import a file instead, or set it to on."
        )
    if order.source is LiveSource.WIKIPEDIA:
        return _wikipedia(settings, order, say, where)
    if order.source is LiveSource.STACK_OVERFLOW:
        return _stack_overflow(settings, order, say, where)
    return _frozen(settings, order, say)


def _stack_overflow(settings: Settings, order: Order, say: Say, where: Outside) -> Work:
    tags, span, collecting = wanted(settings, order, say)
    lacking = fetching.months_lacking(collecting, tags, span, settings.now())
    if not lacking:
        return Work("Nothing is lacking: no request is needed. The open month is never asked for.")
    file = stack_exchange_standing(signals_file(settings))
    requests = len(lacking) + stack_exchange.REQUESTS_TO_BEGIN
    allowed = (
        "with a key 10,000"
        if settings.stack_exchange_key
        else (
            f"without a key {stack_exchange.REQUESTS_WITHOUT_KEY}, with one "
            "(PULSE_STACK_EXCHANGE_KEY, free) 10,000"
        )
    )
    words = (
        f"Requests of the Stack Exchange API: {requests:,}, one for each month of each tag that "
        f"is not held, and one to begin. It allows a day {allowed}. "
        f"{file.read().words}"
    ).strip()

    def run(report: Report) -> tuple[str, ...]:
        address, key = where.stack_exchange, settings.stack_exchange_key
        with stack_exchange.service(settings.contact, address=address, sleep=where.sleep) as asked:
            client = StackExchange(asked, file, key=key, now=where.now, sleep=where.sleep)
            try:
                return fetching.fetch_questions(client, collecting, lacking, report)
            finally:
                say(client.standing.words or "The API did not say what is left of its quota.")

    return Work(words, run)


def _wikipedia(settings: Settings, order: Order, say: Say, where: Outside) -> Work:
    articles, span, collecting = wanted(settings, order, say)
    lacking = fetching.days_lacking(collecting, articles, span, settings.now())
    if not lacking:
        return Work("Nothing is lacking: no request is needed.")

    def run(report: Report) -> tuple[str, ...]:
        address = where.wikimedia
        with wikimedia.service(settings.contact, address=address, sleep=where.sleep) as asked:
            return fetching.fetch_views(Wikimedia(asked), collecting, lacking, report)

    return Work(
        f"Requests of Wikimedia's pageviews API, which is free: {len(lacking)}, one for each "
        "article of which days are not held. Views are those of people, as far as Wikimedia can "
        f"tell; automated ones are left out since {wikimedia.AUTOMATED_APART_SINCE}.",
        run,
    )


def _frozen(settings: Settings, order: Order, say: Say) -> Work:
    from lib.bigquery.connection import open_bigquery

    terms, span, collecting = wanted(settings, order, say)
    tags = fetching.tags_lacking(collecting, terms, span)
    if not tags:
        return Work("Nothing is lacking: no query is needed.")
    asking = open_bigquery(settings, who=order.who)
    months = fetching.frozen_months(span)
    statement = frozen_copy.questions_by_month(tags, months[0], months[-1])
    estimate = asking.estimate(statement)

    def run(report: Report) -> tuple[str, ...]:
        asking.settle_unfinished()
        return fetching.fetch_frozen(asking, collecting, tags, span, report=report, say=say)

    return Work(
        f"One query of {frozen_copy.SOURCE}, reads {estimate.words}; "
        f"{gigabytes(asking.budget.left())} of this month's budget are left.",
        run,
    )


def wanted(settings: Settings, order: Order, say: Say) -> tuple[tuple[str, ...], Span, Collecting]:
    """The terms of an order, its days, and what is held. Raises PulseError where none is left."""
    from lib.sources.sample import NOTE

    path = signals_file(settings)
    store = DuckDBStore(path)
    # The file beside a dataset is made with its first series; a store of one's own must be there.
    exists = settings.dataset is None or path.exists()
    own = store.own_terms() if exists else {}
    signal, source = order.source.signal, order.source
    found = {package: term_of(package, signal, own) for package in order.packages}
    unknown = [package for package, term in found.items() if not term]
    if unknown:
        say(f"No {TERMS[signal]} of {LABELS[signal]} is known for {', '.join(unknown)}.")
    terms = tuple(dict.fromkeys(term for term in found.values() if term))
    if not terms:
        raise SignalError(
            f"None of the packages has a {TERMS[signal]} of {LABELS[signal]}. Say on the Data "
            "page what they are called there."
        )
    if settings.dataset is None and store.note(NOTE) is not None:
        say("The downloads of this store are simulated. What is fetched here is real.")
    last = min(order.last or settings.yesterday(), settings.yesterday())
    first = order.first or _first_held(settings)
    if last < first:
        raise SignalError(f"There are no days from {first} to {last}.")
    held = store.signals() if exists else ()
    collecting = Collecting(
        path,
        held,
        signal=signal,
        grain=source.grain,
        source=source.name_of_source,
        now=settings.now,
    )
    return terms, Span(first, last), collecting


def _first_held(settings: Settings) -> date:
    """The first day of downloads that the store's file holds, or some years back."""
    if settings.dataset is None and settings.store.exists():
        days = [row.first for row in DuckDBStore(settings.store).coverage()]
        if days:
            return min(days)
    return settings.yesterday() - timedelta(days=365 * _YEARS_BACK)
