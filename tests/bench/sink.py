"""The specialists' end: takes webhooks and notes when each submission was told."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from typing import cast

_ID = b'"submission_id":"'


class Sink:
    """Answers 200 to everything."""

    def __init__(self) -> None:
        self.port = 0
        self.told: dict[str, float] = {}
        """When each submission was first told, on the clock of `time.perf_counter`."""
        self.count = 0

    def take(self, body: bytes) -> None:
        """Note it."""
        now = time.perf_counter()
        self.count += 1
        name = body.partition(_ID)[2].partition(b'"')[0].decode()
        self.told.setdefault(name, now)

    async def wait(self, count: int, seconds: float) -> float:
        """Until so many are told, or nothing moves for that long; when the last one was."""
        seen, since = -1, time.perf_counter()
        while self.count < count:
            if self.count != seen:
                seen, since = self.count, time.perf_counter()
            if time.perf_counter() - since > seconds:
                break
            await asyncio.sleep(0.02)
        return max(self.told.values(), default=time.perf_counter())


class _Hook(asyncio.Protocol):
    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by class

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while True:
            head, found, rest = self._buffer.partition(b"\r\n\r\n")
            if not found:
                return
            given = head.lower().partition(b"content-length:")[2].partition(b"\r")[0]
            length = int(given or b"0")
            if len(rest) < length:
                return
            self._buffer = rest[length:]
            self._sink.take(rest[:length])
            if self._transport is not None:
                self._transport.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")


@contextlib.asynccontextmanager
async def sink() -> AsyncIterator[Sink]:
    """A sink that listens."""
    made = Sink()
    server = await asyncio.get_running_loop().create_server(lambda: _Hook(made), "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
