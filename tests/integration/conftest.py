"""Fixtures that stand for BigQuery: an emulator that runs statements, a stub that prices them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

import pyarrow as pa
import pytest
from google.cloud import bigquery

from tests.integration.emulator import client_of, emulator, load_public_table
from tests.integration.public_table import rows
from tests.integration.rest_stub import BigQueryStub, serving


def pytest_configure(config: pytest.Config) -> None:
    """Keep quiet about what the emulator does to DuckDB, which is not the project's to mend."""
    config.addinivalue_line("filterwarnings", "ignore:Arrow output on a DB-API result:UserWarning")


@pytest.fixture(scope="session")
def public_rows() -> pa.Table:
    """The 100,000 raw rows that the emulator's public table holds."""
    return rows()


@pytest.fixture(scope="session")
def bigquery_emulator(public_rows: pa.Table) -> Iterator[str]:
    """The REST URL of an emulator that holds the public table; processes may share it.

    Everything that tests write there stays until the session ends, so each test takes a data set
    of its own from `fresh_dataset`. The emulator knows nothing of bytes, prices, labels or slow
    jobs (`bigquery_stub` does), and its `num_rows` does not follow an INSERT: count rows by a
    statement.
    """
    with emulator() as url:
        load_public_table(url, public_rows)
        yield url


@pytest.fixture
def emulator_client(bigquery_emulator: str) -> Iterator[bigquery.Client]:
    """A real client of the project "mine" that speaks to the emulator."""
    client = client_of(bigquery_emulator)
    yield client
    client.close()


@pytest.fixture(scope="session")
def _dataset_numbers() -> Iterator[int]:
    return count(1)


@pytest.fixture
def fresh_dataset(_dataset_numbers: Iterator[int]) -> Callable[[], str]:
    """Makes names of data sets that no test has used; it does not create them."""
    return lambda: f"pulse_{next(_dataset_numbers)}"


@pytest.fixture
def bigquery_stub() -> Iterator[BigQueryStub]:
    """A stub of the REST API for this test alone: it says prices, answers and failures."""
    with serving(BigQueryStub()) as stub:
        yield stub


@pytest.fixture
def stub_client(bigquery_stub: BigQueryStub) -> Iterator[bigquery.Client]:
    """A real client of the project "mine" that speaks to the stub."""
    client = client_of(bigquery_stub.url)
    yield client
    client.close()
