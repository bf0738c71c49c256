"""Opens the feed that watches PyPI's table in BigQuery."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING

from lib.live.bigquery.feed import BigQueryFeed, Work, in_thread
from lib.live.bigquery.kept import KeptFile, kept_path
from lib.live.bigquery.spending import WHO
from lib.live.bigquery.terms import Terms
from lib.live.bigquery.worker import Worker
from lib.settings import Settings
from lib.stores import open_budget

if TYPE_CHECKING:
    from lib.bigquery.asking import BigQuery


def open_bigquery_feed(
    settings: Settings, start: Callable[[Work], None] = in_thread
) -> BigQueryFeed:
    """The feed that the settings describe; nothing is asked or imported before its first look.

    Keep one for all viewers: each counts, and pays, for itself. `start` runs its work.
    """
    terms = Terms(settings.live_packages, settings.fetch_from_app, settings.live_bytes)
    kept = KeptFile(kept_path(settings.store, settings.bigquery_project))
    # Pauses are drawn so that many apps do not ask as one; nothing is kept secret by them.
    random = Random()  # noqa: S311
    worker = Worker(lambda: _bigquery(settings), kept, terms, settings.now, random)
    return BigQueryFeed(worker, terms, settings.now, start)


def _bigquery(settings: Settings) -> BigQuery:
    from lib.bigquery.connection import open_bigquery

    return open_bigquery(settings, who=WHO, ledger=open_budget(settings).ledger)
