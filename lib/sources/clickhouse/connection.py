"""One connection to ClickHouse: how it is opened, and how it is asked with patience."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from time import sleep as sleep_for
from typing import TYPE_CHECKING, TypeVar

from lib.sources.clickhouse.failures import explained, passes_by_itself

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

QUERIES_TO_CONNECT = 3
"""The queries that opening a connection sends: version, settings, and version of the protocol."""

_PAUSES = (1.0, 4.0, 15.0)
"""Seconds to wait before a question is asked again."""

_SECONDS_TO_CONNECT = 10

_SECONDS_TO_ANSWER = 90
"""More than the minute that the public service allows a query, so that its own error comes."""

_Answer = TypeVar("_Answer")


@dataclass(frozen=True)
class Address:
    """Where ClickHouse is and who asks; by default ClickHouse's public PyPI service."""

    host: str = "sql-clickhouse.clickhouse.com"
    port: int = 443
    user: str = "demo"
    password: str = field(default="", repr=False)
    database: str = "pypi"
    secure: bool = True

    @property
    def url(self) -> str:
        """The address without credentials."""
        return f"http{'s' if self.secure else ''}://{self.host}:{self.port}"


def connect(
    address: Address,
    *,
    asking: Callable[[], None],
    sleep: Callable[[float], None] = sleep_for,
) -> Client:
    """Open the one connection over which everything is asked.

    `asking` is called for each of the `QUERIES_TO_CONNECT`, before the first is sent. Raises
    ClickHouseError where the service cannot be reached or refuses, and what `asking` raises.
    """
    import clickhouse_connect

    def asking_to_connect() -> None:
        for _ in range(QUERIES_TO_CONNECT):
            asking()

    def opened() -> Client:
        return clickhouse_connect.get_client(
            host=address.host,
            port=address.port,
            interface="https" if address.secure else "http",
            username=address.user,
            password=address.password,
            database=address.database,
            client_name="pypi-pulse",
            connect_timeout=_SECONDS_TO_CONNECT,
            send_receive_timeout=_SECONDS_TO_ANSWER,
            # Queries are asked again by `asked`, which has each of them counted. Only where a
            # kept connection turns out to be closed, the driver sends a query once more itself.
            query_retries=0,
            # A session would bind all queries to one server and forbid a second thread.
            autogenerate_session_id=False,
        )

    return asked(
        opened,
        asking=asking_to_connect,
        sleep=sleep,
        where=address.url,
        database=address.database,
    )


def asked(
    send: Callable[[], _Answer],
    *,
    asking: Callable[[], None],
    sleep: Callable[[float], None],
    where: str,
    database: str | None,
) -> _Answer:
    """The answer to what `send` asks, which is asked again where the failure may pass by itself.

    `asking` is called before each attempt. Raises ClickHouseError, which names `where` and
    `database`, with the driver's error as its cause.
    """
    from clickhouse_connect.driver.exceptions import Error as DriverError
    from urllib3.exceptions import HTTPError

    for pause in (*_PAUSES, None):
        asking()
        try:
            return send()
        except (DriverError, HTTPError, OSError) as error:
            if pause is None or not passes_by_itself(error):
                raise explained(error, where, database) from error
            sleep(pause)
    raise AssertionError("The last attempt answers or raises.")
