"""Measures the memory that the server holds with one session and with twenty."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from statistics import median

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from bench.figures import Figure, Outcome
from bench.server import Server, serving
from bench.stores import sample
from lib.data import Downloads
from lib.stores.duckdb import DuckDBStore

_SESSIONS = 20
_SERVERS = 3
_SETTLING_SECONDS = 2


def measure() -> Outcome:
    """Three fresh servers; each session looks at a package of its own on the Historical page."""
    store = sample()
    packages = Downloads(DuckDBStore(store)).packages()[:_SESSIONS]
    rows: list[dict[str, object]] = []
    found: list[tuple[float, float, float]] = []
    for _ in range(_SERVERS):
        with serving(store) as server:
            found.append(asyncio.run(_measure_one(server, packages)))
    idle, one, twenty = (median(column) for column in zip(*found, strict=True))
    rows = [{"idle": round(a), "1 session": round(b), "20 sessions": round(c)} for a, b, c in found]
    return Outcome(
        (
            Figure("Resident memory, idle server", idle, "MB"),
            Figure("Resident memory, 1 session", one, "MB"),
            Figure("Resident memory, 20 sessions", twenty, "MB"),
            Figure("Resident memory, each further session", (twenty - one) / (_SESSIONS - 1), "MB"),
        ),
        {"Resident memory, MB": rows},
    )


async def _measure_one(server: Server, packages: tuple[str, ...]) -> tuple[float, float, float]:
    """Megabytes before any session, with one, and with one for each package."""
    idle = _megabytes(server)
    async with AsyncExitStack() as sessions:
        found = [idle]
        for package in packages:
            session = await sessions.enter_async_context(
                connect(server.stream, subprotocols=[Subprotocol("streamlit")], max_size=None)
            )
            await _run_historical(session, package)
            if package in (packages[0], packages[-1]):
                found.append(_megabytes(server))
    idle, one, all_of_them = found
    return idle, one, all_of_them


async def _run_historical(session: ClientConnection, package: str) -> None:
    """Ask for the page as a browser does, and take all that the server sends."""
    message = BackMsg()
    message.rerun_script.query_string = f"packages={package}"
    message.rerun_script.page_name = "historical"
    await session.send(message.SerializeToString())
    drawn = False
    async for payload in session:
        arrived = ForwardMsg.FromString(bytes(payload))
        drawn = drawn or arrived.delta.new_element.HasField("deck_gl_json_chart")
        if (
            arrived.WhichOneof("type") == "script_finished"
            and arrived.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
        ):
            break
    if not drawn:
        raise AssertionError(f"The Historical page of {package} was not drawn.")


def _megabytes(server: Server) -> float:
    time.sleep(_SETTLING_SECONDS)
    return server.resident_bytes() / 1e6
