"""A TCP proxy that can be slow, silent, shut, or cut answers off; one per server that it hides."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import cast


class Proxy:
    """Passes bytes on between the clients of `port` and a server of this machine."""

    def __init__(self, to: int) -> None:
        self.to = to
        self.port = 0
        self.delay = 0.0
        """Seconds added to every byte, each way."""
        self.cuts = 0
        """How many answers were thrown away with their connection."""
        self.is_cutting = False
        """From now on a request is passed on, and its connection cut instead of the answer."""
        self._is_still = False
        self._links: set[_Link] = set()
        self._waiting: list[_Link] = []
        self._server: asyncio.Server | None = None

    async def start(self) -> int:
        """Listen; the port to connect to."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Link(self).client, "127.0.0.1", self.port)
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self.port

    def still(self) -> None:
        """Connected but silent: nothing passes any more."""
        self._is_still = True
        for link in self._links:
            link.pause()

    def flow(self) -> None:
        """Everything that waited passes, and nothing is done to what comes."""
        self._is_still, self.is_cutting, self.delay = False, False, 0.0
        for link in self._links:
            link.resume()
        waiting, self._waiting = self._waiting, []
        for link in waiting:
            link.connect()

    def cut(self) -> None:
        """Reset all connections that are open now."""
        for link in list(self._links):
            link.abort()

    def opened(self, link: _Link) -> None:
        """A client has connected."""
        self._links.add(link)
        if self._is_still:
            self._waiting.append(link)
        else:
            link.connect()

    def closed(self, link: _Link) -> None:
        """One side has gone."""
        self._links.discard(link)

    def close(self) -> None:
        """Stop listening, and cut everything."""
        if self._server is not None:
            self._server.close()
        self.cut()


class _Link:
    """A client, and the connection to the server that belongs to it."""

    def __init__(self, proxy: Proxy) -> None:
        self.proxy = proxy
        self.client = _Side(self)
        self.server = _Side(self)
        self._task: asyncio.Task[None] | None = None
        self._has_asked = False

    def connect(self) -> None:
        self._task = asyncio.create_task(self._connect())

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            await loop.create_connection(lambda: self.server, "127.0.0.1", self.proxy.to)
        except OSError:
            self.abort()

    def passed(self, side: _Side, data: bytes) -> None:
        if side is self.client:
            self._has_asked = self.proxy.is_cutting
            self.server.send(data, self.proxy.delay)
        elif self.proxy.is_cutting and self._has_asked:
            self.proxy.cuts += 1
            self.abort()
        else:
            self.client.send(data, self.proxy.delay)

    def pause(self) -> None:
        for side in (self.client, self.server):
            side.hold()

    def resume(self) -> None:
        for side in (self.client, self.server):
            side.go_on()

    def abort(self) -> None:
        self.proxy.closed(self)
        for side in (self.client, self.server):
            side.end(rudely=True)

    def ended(self, side: _Side) -> None:
        self.proxy.closed(self)
        (self.server if side is self.client else self.client).end()


class _Side(asyncio.Protocol):
    """One end of a link: sends in order, each piece when it is due."""

    def __init__(self, link: _Link) -> None:
        self._link = link
        self._transport: asyncio.Transport | None = None
        self._queue: deque[tuple[float, bytes]] = deque()
        self._is_held = False
        self._is_ending = False
        self._is_closed = False
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by class
        if self is self._link.client:
            self._link.proxy.opened(self._link)
        self._drain()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's own name
        self._is_closed = True
        self._queue.clear()
        self._link.ended(self)

    def data_received(self, data: bytes) -> None:
        self._link.passed(self, data)

    def send(self, data: bytes, delay: float) -> None:
        """Write it after the delay, and after all that came before it."""
        if self._is_closed or self._is_ending:
            return
        if not self._queue and not delay and not self._is_held and self._transport is not None:
            self._transport.write(data)
            return
        self._queue.append((asyncio.get_running_loop().time() + delay, data))
        self._drain()

    def hold(self) -> None:
        self._is_held = True

    def go_on(self) -> None:
        self._is_held = False
        self._drain()

    def end(self, *, rudely: bool = False) -> None:
        """Close, after what is queued unless rudely."""
        self._is_ending = True
        if self._transport is None or self._is_closed:
            return
        if rudely:
            self._is_closed = True
            self._transport.abort()
        elif not self._queue:
            self._transport.close()

    def _drain(self) -> None:
        if self._transport is None or self._is_held or self._is_closed:
            return
        loop = asyncio.get_running_loop()
        if self._timer is not None:
            self._timer.cancel()
        while self._queue and self._queue[0][0] <= loop.time():
            self._transport.write(self._queue.popleft()[1])
        if self._queue:
            self._timer = loop.call_at(self._queue[0][0], self._drain)
        elif self._is_ending:
            self._transport.close()
