"""Whoever is let in right before a port closes is answered, however busy the process is."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections import Counter
from typing import Any

import uvloop

from libs.common.serving.http import serve
from tests.ports import free_port

BUSY = 0.12
"""Seconds in which the process gets to nothing else, over and over, as on a crowded machine."""


async def hello(_scope: Any, _receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


def ask(port: int) -> str:
    """What becomes of one request on a connection of its own."""
    try:
        connection = socket.create_connection(("127.0.0.1", port), timeout=60)
    except OSError:
        return "not let in"
    with connection:
        try:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
            answer = connection.recv(65536)
        except OSError as error:
            return type(error).__name__
    return answer[9:12].decode() or "closed"


class Asking(threading.Thread):
    """Somebody who comes again and again, until nobody opens."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self.port, self.answers = port, Counter[str]()

    def run(self) -> None:
        while not self.answers["not let in"]:
            self.answers[ask(self.port)] += 1
            time.sleep(0.002)


async def busy() -> None:
    while True:
        time.sleep(BUSY)  # noqa: ASYNC251  # that is what it is about
        await asyncio.sleep(0.001)


def test_invariant_16_nobody_is_reset_by_a_port_that_closes_on_a_busy_machine() -> None:
    port = free_port()

    async def run() -> Counter[str]:
        up, stop = asyncio.Event(), asyncio.Event()
        serving = asyncio.create_task(serve(hello, "127.0.0.1", port, stop, lambda _at: up.set()))
        await up.wait()
        load = asyncio.create_task(busy())
        asking = [Asking(port) for _ in range(8)]
        for one in asking:
            one.start()
        async with asyncio.timeout(60):
            while sum(one.answers["200"] for one in asking) <= len(asking):  # noqa: ASYNC110  # threads count
                await asyncio.sleep(0.05)
        stop.set()
        await serving
        load.cancel()
        for one in asking:
            await asyncio.to_thread(one.join, 60)
        return sum((one.answers for one in asking), Counter())

    answers = uvloop.run(run())
    assert set(answers) == {"200", "not let in"}, answers
    assert answers["200"] > 8
