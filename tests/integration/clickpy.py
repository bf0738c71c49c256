"""ClickPy in small: its tables in an embedded ClickHouse (chdb), and an HTTP face of it."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qsl, urlsplit

import clickhouse_connect
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import Error as DriverError

from lib.cubes import UNKNOWN, Cube

FIRST = date(2026, 8, 1)
LAST = date(2026, 8, 12)
QUIET_DAY = date(2026, 8, 5)
"""A day on which nothing but `six` was downloaded."""

HOSTILE = (
    "x') OR 1=1 --",
    "back\\slash'; DROP TABLE pypi",
    "tab\tand\nline {first:Date} %(package)s",
)
"""Names that would change a statement that they are pasted into."""

PACKAGES = ("numpy", "six", *HOSTILE)

RAW_COLUMNS = (
    "date", "country_code", "project", "type", "installer", "python_minor", "system", "version",
)  # fmt: skip

_RAW = """
CREATE TABLE pypi (
    date Date, country_code LowCardinality(String), project String,
    type LowCardinality(String), installer LowCardinality(String),
    python_minor LowCardinality(String), system LowCardinality(String), version String
) ENGINE = MergeTree ORDER BY (project, date, version, country_code, python_minor, system)
"""


@dataclass(frozen=True)
class Rollup:
    """A SummingMergeTree of ClickPy: its columns beside `count`, and its sorting key."""

    columns: Mapping[str, str]
    key: tuple[str, ...]


_DAY = {"date": "Date", "project": "String"}
_VERSION = {**_DAY, "version": "String"}
_SHORT = "LowCardinality(String)"

ROLLUPS = {
    "pypi_downloads_per_day": Rollup(_DAY, ("project", "date")),
    "pypi_downloads_per_day_by_version": Rollup(_VERSION, ("project", "version", "date")),
    "pypi_downloads_per_day_by_version_by_country": Rollup(
        {**_VERSION, "country_code": "String"},
        ("project", "version", "date", "country_code"),
    ),
    "pypi_downloads_per_day_by_version_by_python": Rollup(
        {**_VERSION, "python_minor": "String"},
        ("project", "version", "date", "python_minor"),
    ),
    "pypi_downloads_per_day_by_version_by_system": Rollup(
        {**_VERSION, "system": "String"},
        ("project", "version", "date", "system"),
    ),
    "pypi_downloads_per_day_by_version_by_installer_by_type": Rollup(
        {**_VERSION, "installer": "String", "type": _SHORT},
        ("project", "version", "date", "installer"),
    ),
    "pypi_downloads_per_day_by_version_by_installer_by_type_by_country": Rollup(
        {**_VERSION, "installer": "String", "type": _SHORT, "country_code": _SHORT},
        ("project", "version", "date", "country_code", "installer", "type"),
    ),
}
"""The tables of ClickPy's `scripts/create_tables.sh`, with their keys, faults included."""


def raw_rows() -> list[dict[str, object]]:
    """Some thousand downloads, a row each, with missing and odd values. Always the same."""
    chance = random.Random(20260801)
    days = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
    rows: list[dict[str, object]] = []
    for day in days:
        for project in ("six",) if day == QUIET_DAY else PACKAGES:
            versions = [f"{n // 10}.{n % 10}" for n in range(200 if project == "numpy" else 20)]
            rows.extend(
                {
                    "date": day,
                    "country_code": chance.choice(["US", "DE", "IN", "BR", "GB", ""]),
                    "project": project,
                    "type": chance.choice(["bdist_wheel", "sdist", "bdist_egg", ""]),
                    "installer": chance.choice(["pip", "uv", "poetry", "Browser", ""]),
                    "python_minor": chance.choice(["3.11", "3.12", "3.14", "2.7", "3", ""]),
                    "system": chance.choice(["Linux", "Windows", "Darwin", "unknown", ""]),
                    "version": chance.choice(versions),
                }
                for _ in range(chance.randint(60, 120))
            )
    return rows


@contextmanager
def clickpy() -> Iterator[list[dict[str, object]]]:
    """A database `pypi` as ClickPy fills its own; yields the raw rows that it was filled from.

    Some rollups' rows are merged, and some still wait for it.
    """
    rows = raw_rows()
    with chdb_client("default") as client:
        client.command("CREATE DATABASE pypi")
        client.database = "pypi"
        create_tables(client)
        merged = len(rows) * 2 // 3
        for batch in (rows[: merged // 2], rows[merged // 2 : merged]):
            insert(client, batch)
            for table in ROLLUPS:
                client.command(f"OPTIMIZE TABLE {table} FINAL")
        insert(client, rows[merged:])
        yield rows
        client.command("DROP DATABASE pypi")


def create_tables(client: Client) -> None:
    """ClickPy's raw table and, filled from it, its rollups."""
    client.command(_RAW)
    for table, rollup in ROLLUPS.items():
        columns = ", ".join(f"{name} {kind}" for name, kind in rollup.columns.items())
        names = ", ".join(rollup.columns)
        client.command(
            f"CREATE TABLE {table} ({columns}, count Int64) "
            f"ENGINE = SummingMergeTree ORDER BY ({', '.join(rollup.key)})"
        )
        client.command(
            f"CREATE MATERIALIZED VIEW {table}_mv TO {table} AS "
            f"SELECT {names}, count() AS count FROM pypi GROUP BY {names}"
        )


def insert(client: Client, rows: Sequence[Mapping[str, object]]) -> None:
    """Add downloads to the raw table, from which the rollups are filled."""
    client.insert("pypi", [[row[name] for name in RAW_COLUMNS] for row in rows], RAW_COLUMNS)


@contextmanager
def chdb_client(database: str = "pypi", **settings: object) -> Iterator[Client]:
    """A clickhouse-connect client on the process's ClickHouse, with settings of its own."""
    client = clickhouse_connect.get_client(interface="chdb", database=database, settings=settings)
    try:
        yield client
    finally:
        client.close()


def hidden(but: str, *tables: str) -> str:
    """The setting `additional_table_filters` by which rollups have only the rows `but`."""
    rows = but.replace("'", "\\'")
    return "{" + ", ".join(f"'{table}': '{rows}'" for table in tables or ROLLUPS) + "}"


def counted_by_hand(
    rows: Sequence[Mapping[str, object]],
    cube: Cube,
    packages: Sequence[str],
    first: date = FIRST,
    last: date = LAST,
) -> Counter[tuple[object, ...]]:
    """The downloads of a cube's rows, keyed by period and dimensions, from raw rows."""
    return Counter(
        (row["date"], *(_value(row, name) for name in cube.dimensions))
        for row in rows
        if row["project"] in packages and first <= row["date"] <= last  # type: ignore[operator]
    )


def _value(row: Mapping[str, object], dimension: str) -> object:
    column = {"country": "country_code", "python": "python_minor", "file_type": "type"}
    value = row[column.get(dimension, dimension)]
    if dimension == "python" and value == "3":
        return UNKNOWN
    return value or UNKNOWN


@dataclass
class HttpFace:
    """What an HTTP face of ClickHouse was asked, and how it should behave.

    `requests` are the parameters of each, the statement as `query` among them. `refusals` are
    answered one by one, before questions are: an HTTP status, ClickHouse's code or None, and the
    text.
    """

    port: int = 0
    requests: list[dict[str, str]] = field(default_factory=list)
    refusals: list[tuple[int, int | None, str]] = field(default_factory=list)


@contextmanager
def http_face() -> Iterator[HttpFace]:
    """The process's ClickHouse over HTTP, as much of it as clickhouse-connect speaks."""
    face = HttpFace()
    with chdb_client("default") as engine:

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._serve({})

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self._serve(_form(self.headers["Content-Type"] or "", body))

            def _serve(self, form: dict[str, str]) -> None:
                asked = dict(parse_qsl(urlsplit(self.path).query)) | form
                face.requests.append(asked)
                if face.refusals:
                    self._refuse(*face.refusals.pop(0))
                    return
                engine.database = asked.get("database", "default")
                values = {
                    name.removeprefix("param_"): value
                    for name, value in asked.items()
                    if name.startswith("param_")
                }
                try:
                    answer = engine._backend._run(
                        asked["query"], "TabSeparated", values, engine.database
                    )
                except DriverError as error:
                    self._refuse(500, error.code, str(error))
                    return
                self.send_response(200)
                self.send_header("X-ClickHouse-Summary", json.dumps({"read_rows": "0"}))
                self._send(answer.bytes())

            def _refuse(self, status: int, code: int | None, text: str) -> None:
                self.send_response(status)
                if code is not None:
                    self.send_header("X-ClickHouse-Exception-Code", str(code))
                self._send(text.encode())

            def _send(self, body: bytes) -> None:
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        face.port = server.server_address[1]
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield face
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


def _form(content_type: str, body: bytes) -> dict[str, str]:
    """The fields of a posted form, or a plain body as the query."""
    if not content_type.startswith("multipart/"):
        return {"query": body.decode()} if body else {}
    message = BytesParser(policy=HTTP).parsebytes(
        b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body
    )
    return {
        str(part.get_param("name", header="Content-Disposition")): bytes(
            part.get_payload(decode=True)  # type: ignore[arg-type]
        ).decode()
        for part in message.iter_parts()  # type: ignore[attr-defined]
    }
