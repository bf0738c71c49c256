"""What went wrong at BigQuery, in a sentence that says what to do."""

from __future__ import annotations

import re

from google.api_core import exceptions as google
from google.auth import exceptions as auth
from requests import exceptions as network

from lib.errors import BigQueryError

_PASSING_REASONS = {
    "backendError",
    "internalError",
    "jobBackendError",
    "jobInternalError",
    "jobRateLimitExceeded",
    "rateLimitExceeded",
    "tableUnavailable",
}

_PASSING_KINDS = (
    google.TooManyRequests,
    google.BadGateway,
    google.ServiceUnavailable,
    google.GatewayTimeout,
)

_LOST_KINDS = (
    google.RetryError,
    auth.TransportError,
    network.RequestException,
    ConnectionError,
)

_REFUSED_KINDS = (
    auth.RefreshError,
    auth.InvalidOperation,
    auth.MalformedError,
    google.Unauthorized,
)

_SWITCHED_OFF = re.compile("has not been used in project|has not enabled BigQuery")

_QUOTA = (
    "A quota of the project {project} is used up: its free queries of the month, or a limit that "
    "its owner has set. Wait until it is reset, or raise it in Google's console under IAM & Admin, "
    "Quotas."
)

_TOO_LARGE = "The query was too large for BigQuery. Ask for fewer packages at once."

_SENTENCES = {
    "accessNotConfigured": (
        "The BigQuery API is switched off in the project {project}. Switch it on with `gcloud "
        "services enable bigquery.googleapis.com --project {project}`, wait some minutes, and try "
        "again."
    ),
    "billingNotEnabled": (
        "The project {project} has no billing account, and without one BigQuery does not change "
        "tables. Keep the store in a file of this machine, named in PULSE_STORE, or give the "
        "project a billing account."
    ),
    "billingTierLimitExceeded": _QUOTA,
    "bytesBilledLimitExceeded": (
        "BigQuery refused the query because it may read more than its cap, which was set from the "
        "estimate a moment before: the table has grown meanwhile. Nothing was billed. Try again."
    ),
    "quotaExceeded": _QUOTA,
    "resourcesExceeded": _TOO_LARGE,
    "responseTooLarge": _TOO_LARGE,
    "stopped": (
        "The query was canceled before its end, by someone with access to the project {project}; "
        "what it had read by then may be billed. Run the same command again."
    ),
}
"""What to do where BigQuery's word for the failure says it all."""

KINDS = (google.GoogleAPICallError, auth.GoogleAuthError, *_LOST_KINDS)
"""Every exception that asking BigQuery can end with, but for running out of patience."""


def reason_of(error: BaseException) -> str:
    """BigQuery's own word for what went wrong, such as `accessDenied`; empty where it has none."""
    listed = getattr(_cause(error), "errors", None) or [{}]
    first = listed[0]
    return str(first.get("reason", "")) if isinstance(first, dict) else ""


def is_passing(error: BaseException) -> bool:
    """Whether the same query may succeed in a while."""
    error = _cause(error)
    if isinstance(error, auth.GoogleAuthError):
        return bool(error.retryable)
    reason = reason_of(error)
    if reason == "bytesBilledLimitExceeded":
        return False
    # A failed query always has a reason; what answers 500 without one is a server on the way.
    unexplained = isinstance(error, google.InternalServerError) and not reason
    return unexplained or reason in _PASSING_REASONS or isinstance(error, _PASSING_KINDS)


def is_lost(error: BaseException) -> bool:
    """Whether it is not known what became of the query: it may run on, and be billed."""
    return isinstance(_cause(error), _LOST_KINDS)


def in_words(error: BaseException, project: str) -> BigQueryError:
    """The failure as a person reads it. What BigQuery said stands in the log of the server."""
    return BigQueryError(_sentence(error, project))


def out_of_patience(seconds: float) -> BigQueryError:
    """The failure of a query that ran for longer than it was given."""
    return BigQueryError(
        f"BigQuery did not answer within {seconds:,.0f} seconds, and the query was canceled; what "
        "it had read by then may be billed. Try again later, or ask for less."
    )


def _cause(error: BaseException) -> BaseException:
    """What a call failed with in the end, where it was repeated until its time was up."""
    while isinstance(error, google.RetryError) and error.cause is not None:
        error = error.cause
    return error


def _sentence(error: BaseException, project: str) -> str:
    error = _cause(error)
    reason = reason_of(error)
    if isinstance(error, auth.DefaultCredentialsError):
        return (
            "There are no Google credentials on this machine. Run `gcloud auth "
            "application-default login`, or put a service account's key into "
            ".streamlit/secrets.toml as [gcp_service_account]."
        )
    if isinstance(error, _REFUSED_KINDS) and not is_passing(error):
        return (
            "Google did not accept the credentials: they are wrong, revoked or expired. Sign in "
            "again with `gcloud auth application-default login`, or replace the service "
            "account's key."
        )
    if _SWITCHED_OFF.search(str(error)):
        reason = "accessNotConfigured"
    if reason in _SENTENCES:
        return _SENTENCES[reason].format(project=project)
    if is_passing(error):
        return (
            "BigQuery is overloaded or out of order for the moment, and several attempts failed. "
            "What was fetched before is kept: try again in some minutes."
        )
    if isinstance(error, google.Forbidden):
        return (
            f"Google denied access to the project {project}. Where that is the id meant in "
            "PULSE_BIGQUERY_PROJECT, its owner must give these credentials the roles BigQuery "
            "Job User and, for a store in BigQuery, BigQuery Data Editor."
        )
    if isinstance(error, google.NotFound):
        return _not_found(error, project)
    if isinstance(error, _LOST_KINDS):
        return (
            "BigQuery cannot be reached from here. Check the network, a proxy or a firewall, and "
            "try again: what was fetched before is kept."
        )
    if isinstance(error, google.BadRequest) and re.search("(?i)project ?id", str(error)):
        return f"{project!r} is not the id of a Google project. Correct PULSE_BIGQUERY_PROJECT."
    return (
        "BigQuery refused the query. The log says what it answered; if `python -m lib "
        "check-bigquery` shows a changed schema, a newer version of PyPI Pulse is needed."
    )


def _not_found(error: BaseException, project: str) -> str:
    found = re.search(r"Not found: (\w+)", str(error))
    kind = found[1].lower() if found else ""
    if kind == "dataset":
        return (
            "There is no such dataset in the location US, where PyPI's table is and a store must "
            "be too. Make it with `bq mk --location=US`, or correct the name in PULSE_STORE."
        )
    if kind == "table":
        return (
            "A table is missing in BigQuery, and the log says which. Fill the store first, with "
            "`python -m lib sync`, or correct the name in PULSE_STORE."
        )
    return (
        f"BigQuery knows no project {project}. Correct PULSE_BIGQUERY_PROJECT: it takes the id of "
        "the project, not its name."
    )
