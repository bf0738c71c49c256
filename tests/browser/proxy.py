"""A proxy before a server, as Caddy or nginx would be, which adds headers to every answer."""

from __future__ import annotations

import asyncio
import threading
from asyncio import StreamReader, StreamWriter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

_END = b"\r\n\r\n"


@contextmanager
def behind_proxy(address: str, headers: Mapping[str, str]) -> Iterator[str]:
    """The address of a proxy before the server at `address`."""
    port = int(address.rpartition(":")[2])
    added = [f"{name}: {value}".encode() for name, value in headers.items()]

    async def answer(reader: StreamReader, writer: StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            asked = await reader.readuntil(_END)
            from_server, to_server = await asyncio.open_connection("127.0.0.1", port)
            to_server.write(_closing(asked))
            sending = asyncio.create_task(_pump(reader, to_server))
            head = (await from_server.readuntil(_END)).removesuffix(_END)
            writer.write(b"\r\n".join([head, *added]) + _END)
            await _pump(from_server, writer)
            await sending
        writer.close()

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    started = asyncio.start_server(answer, "127.0.0.1", 0)
    proxy = asyncio.run_coroutine_threadsafe(started, loop).result()
    try:
        yield f"http://127.0.0.1:{proxy.sockets[0].getsockname()[1]}"
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


def _closing(asked: bytes) -> bytes:
    """A request after which the server ends the connection, so that each answer has its own."""
    if b"upgrade: websocket" in asked.lower():
        return asked
    first, *others = asked.split(b"\r\n")
    kept = [line for line in others if not line.lower().startswith(b"connection:")]
    return b"\r\n".join([first, b"Connection: close", *kept])


async def _pump(reader: StreamReader, writer: StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()
