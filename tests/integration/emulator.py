"""A BigQuery emulator in this process, with the public table of downloads loaded.

`python -m tests.integration.emulator [--port N]` serves it until interrupted, for looking at the
app by hand.
"""

from __future__ import annotations

import argparse
import io
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import pyarrow as pa
import pyarrow.parquet as pq
from google.api_core.client_options import ClientOptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

from tests.integration.public_table import PUBLIC_TABLE, rows, table_definition

PROJECT = "mine"
"""The project of the person whose data set and whose bill it is."""


class StandInCredentials(AnonymousCredentials):
    """No credentials, yet renewable like real ones, so that a 401 takes the path that it takes."""

    def refresh(self, request: object) -> None:
        """Nothing is to be renewed; the anonymous ones would fail in a way of their own."""


def client_of(url: str, project: str = PROJECT) -> bigquery.Client:
    """A real client that speaks to what listens at `url`, without credentials."""
    return bigquery.Client(
        project=project,
        credentials=StandInCredentials(),
        client_options=ClientOptions(api_endpoint=url),
    )


def environment_of(url: str, project: str = PROJECT) -> dict[str, str]:
    """What to add to the environment of another process, so that its client speaks to `url`."""
    return {"BIGQUERY_EMULATOR_HOST": url, "GOOGLE_CLOUD_PROJECT": project}


@contextmanager
def emulator(port: int = 0) -> Iterator[str]:
    """An empty emulator on a port of this machine (0: any free one), as its REST URL.

    It serves from threads of this process; other processes reach it by the same URL.
    """
    from bqemulator.config import LogFormat, LogLevel, PersistenceMode, Settings
    from bqemulator.observability.logging_ import configure_logging

    # Starting it would take the root logger away from pytest: it may only configure its own.
    with patch("logging.basicConfig"):
        configure_logging(level=LogLevel.CRITICAL, fmt=LogFormat.JSON)
        from bqemulator.storage.engine import DuckDBEngine
        from bqemulator.testing._thread_runner import ThreadedEmulator

        settings = Settings(
            persistence_mode=PersistenceMode.EPHEMERAL,
            rest_host="127.0.0.1",
            rest_port=port,
            grpc_host="127.0.0.1",
            grpc_port=0,
            enable_format_extensions=False,
            log_level=LogLevel.CRITICAL,
        )
        runner = ThreadedEmulator(settings)
        # The extension for geography would be fetched from a foreign host.
        with patch.object(DuckDBEngine, "_load_spatial", lambda engine: None):
            runner.start()
    logging.getLogger("uvicorn").setLevel(logging.CRITICAL)
    try:
        yield runner.server.rest_url
    finally:
        runner.stop()


def load_public_table(url: str, table: pa.Table) -> None:
    """Put raw rows into the public table of the emulator at `url`, which has none so far."""
    project, dataset, _ = PUBLIC_TABLE.split(".")
    client = client_of(url, project)
    client.create_dataset(dataset)
    client.create_table(table_definition())
    parquet = io.BytesIO()
    pq.write_table(table, parquet)
    job = client.load_table_from_file(
        parquet,
        PUBLIC_TABLE,
        rewind=True,
        job_config=bigquery.LoadJobConfig(source_format=bigquery.SourceFormat.PARQUET),
    )
    job.result()
    client.close()


def main() -> None:
    """Serve the emulator with the rows loaded, until interrupted."""
    parser = argparse.ArgumentParser(description="Serve a BigQuery emulator with downloads loaded.")
    parser.add_argument("--port", type=int, default=9050, help="where to listen (default: 9050)")
    arguments = parser.parse_args()
    with emulator(arguments.port) as url:
        load_public_table(url, rows())
        settings = " ".join(f"{name}={value}" for name, value in environment_of(url).items())
        print(f"Serving. Start the app with: {settings}")
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print("Stopped.")


if __name__ == "__main__":
    main()
