"""A load generator that is not the bottleneck: raw sockets, requests made beforehand.

Closed loop: each connection posts again when it is answered, for "how many". Open loop: posts
are due at fixed times whatever the server does, and each is timed from when it was due, so a
server that stalls does not hide it (coordinated omission).
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, cast

CONNECTIONS: Final = 64
OPEN_CONNECTIONS: Final = 256
_LENGTH: Final = b"content-length:"
_ID: Final = b'"submission_id":"'

Request = Callable[[int], bytes]
"""The n-th request, whole."""


@dataclass
class Load:
    """What came of it; times in seconds."""

    answered: int = 0
    refused: int = 0
    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    due: dict[str, float] = field(default_factory=dict)
    """When each accepted submission was due, on the clock of `time.perf_counter`."""

    @property
    def rate(self) -> float:
        """Answered with 2xx per second."""
        return self.answered / self.seconds

    def percentile(self, share: float) -> float:
        """Of the latencies, in milliseconds."""
        return percentile(self.latencies, share)


def percentile(times: list[float], share: float) -> float:
    """The time (given in seconds) below which that share lies, in milliseconds."""
    ranked = sorted(times)
    return ranked[min(len(ranked) - 1, int(len(ranked) * share))] * 1000


class _Connection(asyncio.Protocol):
    def __init__(self, driver: _Driver) -> None:
        self._driver = driver
        self._buffer = b""
        self._transport: asyncio.Transport | None = None
        self.due = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by class

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's own name
        self._driver.lost()

    def send(self, request: bytes, due: float) -> None:
        assert self._transport is not None
        self.due = due
        self._transport.write(request)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        length = int(head.lower().partition(_LENGTH)[2].partition(b"\r")[0] or b"0")
        if len(rest) >= length:
            self._buffer = b""
            self._driver.answered(self, head[9:10] == b"2", rest)


class _Driver:
    """Counts answers, and has each connection do what is next."""

    def __init__(self, request: Request, *, keep: bool) -> None:
        self.load = Load()
        self.request = request
        self.sent = 0
        self.keep = keep
        self.next: Callable[[_Connection], None] = lambda _connection: None
        self.is_over = False
        self.done = asyncio.Event()
        self.broken: BaseException | None = None

    def answered(self, connection: _Connection, good: bool, body: bytes) -> None:  # noqa: FBT001 - a status, read once
        if good:
            self.load.answered += 1
            self.load.latencies.append(time.perf_counter() - connection.due)
            if self.keep:
                name = body.partition(_ID)[2].partition(b'"')[0].decode()
                self.load.due[name] = connection.due
        else:
            self.load.refused += 1
        self.next(connection)

    def lost(self) -> None:
        if not self.is_over:
            self.broken = ConnectionError("the server closed a connection")
            self.done.set()

    def post(self, connection: _Connection, due: float) -> None:
        connection.send(self.request(self.sent), due)
        self.sent += 1

    async def connect(self, port: int, count: int) -> list[_Connection]:
        loop = asyncio.get_running_loop()
        made = [
            loop.create_connection(lambda: _Connection(self), "127.0.0.1", port)
            for _ in range(count)
        ]
        return [connection for _, connection in await asyncio.gather(*made)]

    def end(self, connections: list[_Connection]) -> Load:
        self.is_over = True
        for connection in connections:
            connection.close()
        if self.broken is not None:
            raise self.broken
        return self.load


async def closed(
    port: int,
    request: Request,
    *,
    seconds: float = 3600.0,
    count: int | None = None,
    keep: bool = False,
) -> Load:
    """Post as fast as the server answers, for so long or until so many are answered."""
    driver = _Driver(request, keep=keep)
    connections = await driver.connect(port, min(CONNECTIONS, count or CONNECTIONS))
    began = time.perf_counter()
    ends = began + seconds
    busy = len(connections)

    def again(connection: _Connection) -> None:
        nonlocal busy
        now = time.perf_counter()
        if now < ends and (count is None or driver.sent < count):
            driver.post(connection, now)
            return
        busy -= 1
        if not busy:
            driver.done.set()

    driver.next = again
    for connection in connections:
        driver.post(connection, time.perf_counter())
    await driver.done.wait()
    driver.load.seconds = time.perf_counter() - began
    return driver.end(connections)


async def opened(
    port: int, request: Request, *, rate: float, seconds: float, keep: bool = False
) -> Load:
    """Post at a fixed rate, whatever the server does."""
    driver = _Driver(request, keep=keep)
    connections = await driver.connect(port, OPEN_CONNECTIONS)
    idle, waiting = deque(connections), deque[float]()

    def free(connection: _Connection) -> None:
        if waiting:
            driver.post(connection, waiting.popleft())
        else:
            idle.append(connection)

    driver.next = free
    began = time.perf_counter()
    total = round(rate * seconds)
    for number in range(total):
        due = began + number / rate
        pause = due - time.perf_counter()
        if pause > 0 or number % 64 == 0:
            await asyncio.sleep(max(0.0, pause))
        if idle:
            driver.post(idle.popleft(), due)
        else:
            waiting.append(due)
    deadline = time.perf_counter() + 30
    while driver.load.answered + driver.load.refused < total and driver.broken is None:
        if time.perf_counter() > deadline:
            driver.broken = TimeoutError("not all posts were answered")
        await asyncio.sleep(0.01)
    driver.load.seconds = time.perf_counter() - began
    return driver.end(connections)
