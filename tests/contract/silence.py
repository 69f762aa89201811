"""Servers that go silent: connected, and not a byte comes back. The worst fault for a client."""

from __future__ import annotations

import asyncio
import contextlib


class SilentProxy:
    """Passes TCP on to a server of this machine, until it is told to keep still."""

    def __init__(self) -> None:
        self._to = 0
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._server: asyncio.Server | None = None
        self._pumps: set[asyncio.Task[None]] = set()

    async def start(self, port: int) -> int:
        """Pass on to `port`; the port to connect to instead."""
        self._to = port
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        listening: int = self._server.sockets[0].getsockname()[1]
        return listening

    def pause(self) -> None:
        """From now on nothing passes; what is sent waits."""
        self._flowing.clear()

    def resume(self) -> None:
        """Everything that waited passes."""
        self._flowing.set()

    async def stop(self) -> None:
        """Cut all connections."""
        if self._server is None:
            return
        self._server.close()
        for pump in self._pumps:
            pump.cancel()
        await asyncio.gather(*self._pumps, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._flowing.wait()
        onward_reader, onward_writer = await asyncio.open_connection("127.0.0.1", self._to)
        for source, target in ((reader, onward_writer), (onward_reader, writer)):
            pump = asyncio.create_task(self._pump(source, target))
            self._pumps.add(pump)
            pump.add_done_callback(self._pumps.discard)

    async def _pump(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(65536):
                await self._flowing.wait()
                target.write(data)
                await target.drain()
        target.close()
