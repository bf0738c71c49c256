"""Fetches cubes from ClickPy in answers of whole days, none of which is accepted unless whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from time import sleep as sleep_for
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from lib.cubes import UNKNOWN, Cube
from lib.errors import ClickHouseError
from lib.sources.clickhouse.connection import asked
from lib.sources.clickhouse.failures import Code, code_of
from lib.sources.clickhouse.plan import DayCount, Fetched, Plan, in_chunks
from lib.sources.clickhouse.rollups import (
    counts_statement,
    latest_day_statement,
    rows_statement,
)

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

_EVERYDAY_PACKAGE = "six"
"""Downloaded on every day, and of few versions: which days are loaded is found in few rows."""

_DAY = timedelta(days=1)

_NO_DAY = date(1970, 1, 1)

_SILENT_MODES = ("read_overflow_mode", "timeout_overflow_mode", "group_by_overflow_mode")
"""Settings by which ClickHouse stops half-way and answers from what it has seen.

A count is then cut just as its rows are, and no comparison would show it: each must be an error.
`result_overflow_mode` is not among them: it cuts what was counted whole, which shows.
"""


class ClickHouse:
    """ClickPy's rollups behind one connection, asked one query at a time.

    `asking` is called before each query that is sent, and stops it by raising. `rows_at_once`
    is what one answer may hold; the public service gives 10,000 rows. Raises ClickHouseError
    where the user's limits would cut counts in silence.
    """

    def __init__(
        self,
        client: Client,
        *,
        asking: Callable[[], None],
        rows_at_once: int = 10_000,
        sleep: Callable[[float], None] = sleep_for,
    ) -> None:
        self._client = client
        self._asking = asking
        self._rows_at_once = rows_at_once
        self._sleep = sleep
        self._settings = _loud_settings(client)
        self._cut_from: int | None = None

    def latest_day(self) -> date:
        """The newest UTC day that every rollup holds; it may still be loading.

        Raises ClickHouseError where the service does not answer, or holds nothing.
        """
        columns = self._ask(latest_day_statement(), {"package": _EVERYDAY_PACKAGE})
        day = columns[0][0] if columns and columns[0] else _NO_DAY
        if day <= _NO_DAY:
            raise ClickHouseError(
                f"ClickHouse at {self._client.uri} holds no downloads of {_EVERYDAY_PACKAGE} in "
                "one of ClickPy's tables, so that its newest day is not known. Check "
                "PULSE_CLICKHOUSE_DATABASE, or try again when the table is filled."
            )
        return day

    def plan(
        self,
        cube: Cube,
        packages: Sequence[str],
        first: date,
        last: date,
        *,
        wanted: Callable[[DayCount], bool] = lambda count: True,
    ) -> Plan:
        """Ask once for the counts of each day, and make chunks that fit into one answer each.

        `packages` are normalized names; days run from `first` to `last`, both inclusive, and
        should end by `latest_day`. `wanted` says of a loaded day whether to fetch it. A day of
        more than `rows_at_once` is a chunk of its own.
        Raises ClickHouseError where the service does not answer, KeyError for a cube that is not
        among `CUBES`, and ValueError for no package or no day.
        """
        if not packages or first > last:
            raise ValueError("A plan needs a package and a day.")
        names = tuple(packages)
        counts = self._counts(cube, names, first, last)
        loaded = {count.day for count in counts}
        days = (first + number * _DAY for number in range((last - first).days + 1))
        chunks = in_chunks([count for count in counts if wanted(count)], self._rows_at_once)
        return Plan(cube, names, chunks, tuple(day for day in days if day not in loaded))

    def fetch(self, plan: Plan) -> Iterator[Fetched]:
        """Fetch a plan chunk by chunk: each has every row and download that the server counted.

        An answer that is cut is asked again in halves, down to single days. Raises
        ClickHouseError where a day stays cut or the service does not answer; nothing of the
        chunk at hand is returned then.
        """
        for chunk in plan.chunks:
            rows = self._whole(plan.cube, plan.packages, chunk)
            yield Fetched(plan.cube, plan.packages, chunk[0].day, chunk[-1].day, rows)

    def _counts(
        self, cube: Cube, packages: tuple[str, ...], first: date, last: date
    ) -> tuple[DayCount, ...]:
        """What the server counts of each day that it has loaded, if with no downloads."""
        columns = self._ask(counts_statement(cube), _values(packages, first, last))
        if not columns or not columns[0]:
            raise ClickHouseError(
                f"ClickHouse at {self._client.uri} gave no counts to check its rows by. Nothing "
                "was fetched. Try again later, or name another user with PULSE_CLICKHOUSE_USER."
            )
        (counts,), (loaded,) = columns
        held = {day: DayCount(day, rows, downloads) for day, rows, downloads in counts}
        return tuple(held.get(day, DayCount(day, 0, 0)) for day in sorted(loaded))

    def _whole(self, cube: Cube, packages: tuple[str, ...], days: Sequence[DayCount]) -> pa.Table:
        """The rows of some days, all of them."""
        expected = sum(day.rows for day in days)
        if expected == 0:
            return _table(cube, [])
        if len(days) == 1:
            return self._whole_day(cube, packages, days[0])
        # Answers of this length have been cut before: asking once more would be a query lost.
        if self._cut_from is None or expected < self._cut_from:
            rows = self._rows_if_given(cube, packages, days[0].day, days[-1].day)
            if _is_whole(rows, days):
                return rows
            if rows.num_rows < expected:
                self._cut_from = expected
        middle = len(days) // 2
        return pa.concat_tables(
            self._whole(cube, packages, half) for half in (days[:middle], days[middle:])
        )

    def _whole_day(self, cube: Cube, packages: tuple[str, ...], count: DayCount) -> pa.Table:
        """The rows of one day, counted anew where they differ: it may have been loaded since."""
        rows = self._rows(cube, packages, count.day, count.day)
        if _is_whole(rows, (count,)):
            return rows
        recounts = self._counts(cube, packages, count.day, count.day)
        rows = self._rows(cube, packages, count.day, count.day)
        if recounts and _is_whole(rows, recounts):
            return rows
        recount = recounts[0] if recounts else DayCount(count.day, 0, 0)
        answered = (
            f"ClickHouse at {self._client.uri} counts {recount.rows:,} rows with "
            f"{recount.downloads:,} downloads on {count.day} in {cube.name} and answered with "
            f"{rows.num_rows:,} rows with {_downloads(rows):,} downloads"
        )
        if rows.num_rows < recount.rows:
            raise ClickHouseError(
                f"{answered}: it cuts answers that are longer than the user may have, in "
                "silence. Nothing of the day was kept. Ask for fewer packages at a time."
            )
        raise ClickHouseError(
            f"{answered}: the day changes while it is read, for it is being loaded. Nothing of "
            "the day was kept. Try again in an hour."
        )

    def _rows_if_given(
        self, cube: Cube, packages: tuple[str, ...], first: date, last: date
    ) -> pa.Table:
        """The rows that the server answers with; none where it refuses an answer so long."""
        try:
            return self._rows(cube, packages, first, last)
        except ClickHouseError as error:
            if code_of(error.__cause__) != Code.TOO_MANY_ROWS_OR_BYTES:
                raise
            return _table(cube, [])

    def _rows(self, cube: Cube, packages: tuple[str, ...], first: date, last: date) -> pa.Table:
        """The rows that the server answers with, cut or not."""
        return _table(cube, self._ask(rows_statement(cube), _values(packages, first, last)))

    def _ask(self, statement: str, values: Mapping[str, object]) -> Sequence[Sequence[Any]]:
        """The columns that the server answers with; none, or empty ones, where it has no row."""

        def answer() -> Sequence[Sequence[Any]]:
            # The driver reads an answer only when it is asked for: a break shows here.
            return self._client.query(
                statement, parameters=dict(values), settings=dict(self._settings)
            ).result_columns

        return asked(
            answer,
            asking=self._asking,
            sleep=self._sleep,
            where=self._client.uri,
            database=self._client.database,
        )


def _values(packages: tuple[str, ...], first: date, last: date) -> dict[str, object]:
    return {
        "packages": list(packages),
        "first": first,
        "last": last,
        "unknown": UNKNOWN,
        "everyday": _EVERYDAY_PACKAGE,
    }


def _table(cube: Cube, columns: Sequence[Sequence[object]]) -> pa.Table:
    """The rows of a cube from the server's columns; no columns are no rows."""
    schema = pa.schema(
        [
            ("period", pa.date32()),
            *((name, pa.string()) for name in cube.dimensions),
            ("downloads", pa.int64()),
        ]
    )
    return pa.table(list(columns) or [[] for _ in schema], schema=schema)


def _is_whole(rows: pa.Table, days: Sequence[DayCount]) -> bool:
    """Whether rows are as many, with as many downloads, as the server counted of these days."""
    counted = sum(day.rows for day in days), sum(day.downloads for day in days)
    return (rows.num_rows, _downloads(rows)) == counted


def _downloads(rows: pa.Table) -> int:
    return sum(rows["downloads"].to_pylist())


def _loud_settings(client: Client) -> dict[str, str]:
    """The settings of each query by which a reading that is cut becomes an error."""
    settings = {}
    for name in _SILENT_MODES:
        held = client.server_settings.get(name)
        if held is None or not held.readonly:
            settings[name] = "throw"
        elif held.value != "throw":
            raise ClickHouseError(
                f"ClickHouse at {client.uri} stops long readings of this user half-way without "
                f"saying so ({name} is {held.value}, and may not be changed), so that its counts "
                "cannot be trusted. Name another user with PULSE_CLICKHOUSE_USER."
            )
    return settings
