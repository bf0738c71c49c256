"""What a failure of ClickHouse means: whether it passes by itself, and what to tell the reader.

Messages quote nothing of what the server or the driver says but names, numbers and times.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import IntEnum

from urllib3 import exceptions as transport

from lib.errors import ClickHouseError


class Code(IntEnum):
    """The errors of ClickHouse that are told apart, by its own names and numbers."""

    NOT_FOUND_COLUMN_IN_BLOCK = 10
    NO_SUCH_COLUMN_IN_TABLE = 16
    UNKNOWN_IDENTIFIER = 47
    UNKNOWN_TABLE = 60
    UNKNOWN_DATABASE = 81
    TOO_MANY_ROWS = 158
    TIMEOUT_EXCEEDED = 159
    READONLY = 164
    UNKNOWN_USER = 192
    WRONG_PASSWORD = 193
    REQUIRED_PASSWORD = 194
    QUOTA_EXCEEDED = 201
    TOO_MANY_SIMULTANEOUS_QUERIES = 202
    SOCKET_TIMEOUT = 209
    NETWORK_ERROR = 210
    MEMORY_LIMIT_EXCEEDED = 241
    ALL_CONNECTION_TRIES_FAILED = 279
    TOO_MANY_BYTES = 307
    TOO_MANY_ROWS_OR_BYTES = 396
    CANNOT_SCHEDULE_TASK = 439
    SETTING_CONSTRAINT_VIOLATION = 452
    ACCESS_DENIED = 497
    AUTHENTICATION_FAILED = 516


_PASSING = {
    Code.TIMEOUT_EXCEEDED,
    Code.TOO_MANY_SIMULTANEOUS_QUERIES,
    Code.SOCKET_TIMEOUT,
    Code.NETWORK_ERROR,
    Code.ALL_CONNECTION_TRIES_FAILED,
    Code.CANNOT_SCHEDULE_TASK,
}

_TIMEOUT = "took longer than it allows for this question. Ask for fewer packages or less time."
_BUSY = "is too busy with other questions. Try again in some minutes."
_CREDENTIALS = (
    "refused the user or the password. Check PULSE_CLICKHOUSE_USER and PULSE_CLICKHOUSE_PASSWORD."
)
_COLUMNS = (
    "has ClickPy's tables with other columns than are read here: their layout has changed. "
    "Update PyPI Pulse, or import files instead."
)
_READING = (
    "would have had to read more than it allows for this question. "
    "Ask for fewer packages at a time."
)
_SETTINGS = (
    "does not let this user say that a cut reading is an error. "
    "Name another user with PULSE_CLICKHOUSE_USER."
)
_DATABASE = "Check PULSE_CLICKHOUSE_DATABASE; on ClickHouse's public service it is `pypi`."

_TOLD = {
    Code.NOT_FOUND_COLUMN_IN_BLOCK: _COLUMNS,
    Code.NO_SUCH_COLUMN_IN_TABLE: _COLUMNS,
    Code.UNKNOWN_IDENTIFIER: _COLUMNS,
    Code.UNKNOWN_TABLE: f"has no such tables as ClickPy's in this database. {_DATABASE}",
    Code.UNKNOWN_DATABASE: f"has no database of this name. {_DATABASE}",
    Code.TOO_MANY_ROWS: _READING,
    Code.TIMEOUT_EXCEEDED: _TIMEOUT,
    Code.READONLY: _SETTINGS,
    Code.UNKNOWN_USER: _CREDENTIALS,
    Code.WRONG_PASSWORD: _CREDENTIALS,
    Code.REQUIRED_PASSWORD: _CREDENTIALS,
    Code.TOO_MANY_SIMULTANEOUS_QUERIES: _BUSY,
    Code.SOCKET_TIMEOUT: _BUSY,
    Code.NETWORK_ERROR: _BUSY,
    Code.MEMORY_LIMIT_EXCEEDED: (
        "ran out of memory over this question. Ask for fewer packages or less time."
    ),
    Code.ALL_CONNECTION_TRIES_FAILED: _BUSY,
    Code.TOO_MANY_BYTES: _READING,
    Code.TOO_MANY_ROWS_OR_BYTES: (
        "gives no answer as long as this one. Ask for fewer packages at a time."
    ),
    Code.CANNOT_SCHEDULE_TASK: _BUSY,
    Code.SETTING_CONSTRAINT_VIOLATION: _SETTINGS,
    Code.ACCESS_DENIED: (
        "does not let this user read ClickPy's tables. Check PULSE_CLICKHOUSE_USER and "
        "PULSE_CLICKHOUSE_DATABASE."
    ),
    Code.AUTHENTICATION_FAILED: _CREDENTIALS,
}

_QUOTA_USED = re.compile(r"has been exceeded: (\w+ = [\d.]*\d/[\d.]*\d)")
_QUOTA_ENDS = re.compile(r"Interval will end at (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)")
_HTTP_STATUS = re.compile(r"HTTP status (\d{3})")


def code_of(error: BaseException | None) -> int | None:
    """ClickHouse's number for a failure, or None where the failure is not its own."""
    code = getattr(error, "code", None)
    return code if isinstance(code, int) else None


def passes_by_itself(error: Exception) -> bool:
    """Whether the same question may be answered when it is asked again a little later."""
    code = code_of(error)
    if code is not None:
        return code in _PASSING
    status = _http_status(error)
    return status == 429 or status >= 500 or _is_lost(error)


def explained(error: Exception, where: str, database: str | None) -> ClickHouseError:
    """What happened and what to do, as the error that a person reads.

    `where` is the address of the service, without credentials; `database` the one that is asked.
    """
    service = f"ClickHouse at {where}" + (f" (database {database})" if database else "")
    return ClickHouseError(f"{service} {_sentence(error)}")


def _sentence(error: Exception) -> str:
    code = code_of(error)
    if code == Code.QUOTA_EXCEEDED:
        return _quota_told(str(error))
    if code is not None:
        other = f"refused the question with its error {code}{_name_of(error)}. Try again later."
        return _TOLD[Code(code)] if code in _TOLD else other
    status = _http_status(error)
    if status == 429 or status >= 500:
        return f"is out of service (HTTP status {status}). Try again in some minutes."
    if status:
        return (
            f"answered with HTTP status {status}, which ClickHouse does not do. "
            "Check PULSE_CLICKHOUSE_HOST."
        )
    return _connection_told(error)


def _quota_told(text: str) -> str:
    used = _QUOTA_USED.search(text)
    ends = _QUOTA_ENDS.search(text)
    said = f" ({used[1]})" if used else ""
    wait = f"until {ends[1]}, the server's time," if ends else "an hour"
    return f"has been asked as often as its quota allows{said}. Wait {wait} and try again."


def _connection_told(error: Exception) -> str:
    causes = tuple(_causes(error))
    if any(isinstance(cause, transport.NameResolutionError) for cause in causes):
        return "was not found: its name is unknown. Check PULSE_CLICKHOUSE_HOST and the network."
    if any(isinstance(cause, transport.SSLError) for cause in causes):
        return (
            "could not prove who it is (TLS). Check PULSE_CLICKHOUSE_HOST, and whether a proxy "
            "stands in between."
        )
    if any(isinstance(cause, transport.ReadTimeoutError) for cause in causes):
        return "did not answer in time. Try again later, or ask for fewer packages."
    if _is_lost(error):
        return "broke the connection off. Try again later."
    if any(isinstance(cause, transport.HTTPError | OSError) for cause in causes):
        return "could not be reached. Check PULSE_CLICKHOUSE_HOST and the network."
    return "gave an answer that could not be read. Check PULSE_CLICKHOUSE_HOST."


def _name_of(error: Exception) -> str:
    name = getattr(error, "name", None)
    return f" ({name})" if isinstance(name, str) else ""


def _http_status(error: Exception) -> int:
    """The status of an answer that is not ClickHouse's own, or 0."""
    status = _HTTP_STATUS.search(str(error))
    return int(status[1]) if status else 0


def _is_lost(error: Exception) -> bool:
    """Whether a connection that stood was broken off, or fell silent."""
    from clickhouse_connect.driver.exceptions import StreamFailureError

    lost = (
        transport.ProtocolError,
        transport.ReadTimeoutError,
        ConnectionResetError,
        BrokenPipeError,
        StreamFailureError,
    )
    return any(isinstance(cause, lost) for cause in _causes(error))


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what lies beneath it; urllib3 keeps that in `reason`."""
    beneath: BaseException | None = error
    while beneath is not None:
        yield beneath
        reason = getattr(beneath, "reason", None)
        beneath = reason if isinstance(reason, BaseException) else beneath.__cause__
