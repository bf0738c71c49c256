"""Connects to BigQuery with the credentials of the secrets, or with this machine's own."""

from __future__ import annotations

import json
import logging
import os

from google.auth import exceptions as auth
from google.auth.credentials import AnonymousCredentials, Credentials
from google.cloud import bigquery
from google.cloud.bigquery_storage import BigQueryReadClient
from google.oauth2 import service_account

from lib.bigquery.asking import BigQuery
from lib.bigquery.failures import in_words
from lib.budget import Ledger, budget_of
from lib.errors import BigQueryError
from lib.settings import Settings

_log = logging.getLogger(__name__)

LOCATION = "US"
"""Where PyPI's public table stands; every dataset that takes rows from it must too."""


def connect(settings: Settings) -> bigquery.Client:
    """A client for the project that pays. Nothing is asked of BigQuery yet.

    Where BIGQUERY_EMULATOR_HOST names an emulator, no credentials are sent to it. Raises
    BigQueryError where no project is set or there are no credentials.
    """
    if not settings.bigquery_project:
        raise BigQueryError(
            "No Google project is set. Name the one that pays for queries: "
            "PULSE_BIGQUERY_PROJECT=my-project."
        )
    try:
        return bigquery.Client(
            project=settings.bigquery_project,
            credentials=_credentials(settings),
            location=LOCATION,
        )
    except auth.GoogleAuthError as error:
        raise in_words(error, settings.bigquery_project) from error


def open_bigquery(
    settings: Settings, *, who: str, most: int | None = None, ledger: Ledger | None = None
) -> BigQuery:
    """BigQuery as the settings have it, behind the budget. `who` is written into the ledger."""
    return BigQuery(
        connect(settings),
        budget_of(settings, ledger),
        who=who,
        most=most,
        storage=lambda: storage_client(settings),
    )


def storage_client(settings: Settings) -> BigQueryReadClient | None:
    """A client for answers of many rows; None for an emulator, whose answers come the usual way."""
    if os.environ.get("BIGQUERY_EMULATOR_HOST"):
        return None
    return BigQueryReadClient(credentials=_credentials(settings))  # type: ignore[no-untyped-call]


def _credentials(settings: Settings) -> Credentials | None:
    """Those of the secrets; None for those that Google's library finds on this machine."""
    if host := os.environ.get("BIGQUERY_EMULATOR_HOST"):
        _log.warning("BIGQUERY_EMULATOR_HOST is set: BigQuery is the emulator at %s.", host)
        return AnonymousCredentials()  # type: ignore[no-untyped-call]
    if not settings.service_account:
        return None
    try:
        found: Credentials = service_account.Credentials.from_service_account_info(  # type: ignore[no-untyped-call]
            json.loads(settings.service_account),
            scopes=["https://www.googleapis.com/auth/bigquery"],
        )
    except (ValueError, TypeError, AttributeError, auth.GoogleAuthError):
        # Their messages may quote the key.
        raise BigQueryError(
            "The service account's key in the secrets is incomplete or damaged. Copy every field "
            "of the key's JSON file into [gcp_service_account] of .streamlit/secrets.toml."
        ) from None
    return found
