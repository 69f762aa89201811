"""Raw sockets against the server that capture and the desk share."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest

from libs.common.serving.http import serve
from libs.common.serving.patience import take_time
from libs.common.serving.protocol import DeadlineProtocol

POST = b"POST / HTTP/1.1\r\nHost: x\r\n"


class Impatient(DeadlineProtocol):
    head_seconds = 0.3
    body_seconds = 0.6


async def answer(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
    more = scope["type"] == "http"
    while more:
        more = (message := await receive()).get("more_body", False)
        if message["type"] == "http.disconnect":
            return
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]}
    )
    await send({"type": "http.response.body", "body": b"ok"})


@asynccontextmanager
async def served(
    protocol: type[DeadlineProtocol] = Impatient, app: Any = None
) -> AsyncIterator[int]:
    stop = asyncio.Event()
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(
        serve(app or answer, "127.0.0.1", 0, stop, ready.set_result, protocol=protocol)
    )
    yield int((await ready).rpartition(":")[2])
    stop.set()
    await asyncio.wait_for(task, 30)


async def exchange(port: int, *parts: bytes, pause: float = 0.1) -> tuple[bytes, float, int]:
    """What came back until the server closed, how long that took (seconds), and what was not sent.

    Timers of one loop stay in order however busy the machine is: who is closed in time has parts
    left, whatever the clock on the wall says.
    """
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    began = time.monotonic()
    reading = asyncio.create_task(_all_of(reader))
    left = len(parts)
    for part in parts:
        writer.write(part)
        left -= 1
        done, _ = await asyncio.wait({reading}, timeout=pause)
        if done:
            break
    answered = await asyncio.wait_for(reading, 30)
    writer.close()
    return answered, time.monotonic() - began, left


async def _all_of(reader: asyncio.StreamReader) -> bytes:
    """What came; to a part sent just as the server closed comes a reset behind its answer."""
    came = b""
    with suppress(ConnectionResetError):
        while part := await reader.read(65_536):
            came += part
    return came


async def test_a_silent_connection_is_closed() -> None:
    async with served() as port:
        answered, seconds, _ = await exchange(port)
    assert answered == b""
    assert seconds > 0.2


async def test_a_head_of_one_byte_at_a_time_is_closed() -> None:
    async with served() as port:
        slow = [bytes([byte]) for byte in b"GET / HTTP/1.1\r\nHost: x\r\nX-A: bbbbbbbbb"]
        answered, _, left = await exchange(port, *slow)
    assert answered.startswith(b"HTTP/1.1 408 ")
    assert left


async def test_a_body_of_one_byte_at_a_time_is_closed() -> None:
    head = POST + b"Content-Length: 500\r\n\r\n"
    async with served() as port:
        answered, _, left = await exchange(port, head, *[b"a"] * 40)
    assert answered.startswith(b"HTTP/1.1 408 ")
    assert left


async def test_chunks_that_never_end_are_closed() -> None:
    head = POST + b"Transfer-Encoding: chunked\r\n\r\n"
    async with served() as port:
        answered, _, left = await exchange(port, head, *[b"1\r\na\r\n"] * 40)
    assert answered.startswith(b"HTTP/1.1 408 ")
    assert left


async def test_stray_line_ends_after_an_answer_do_not_hold_the_connection() -> None:
    async with served() as port:
        answered, _, left = await exchange(
            port, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", *[b"\r\n"] * 40
        )
    assert answered.startswith(b"HTTP/1.1 200 ")
    assert left


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (POST + b"Content-Length: -1\r\n\r\n", 400),
        (POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\naa", 400),
        (
            POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            400,
        ),
        (
            POST + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
            400,
        ),
        (
            POST + b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\na\r\n",
            400,
        ),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"a" * 1_000_000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"a" * 200_000, 431),
        (b"GET / HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 20_000 + b"\r\n", 431),
        (b"GET /" + b"a" * 65_536 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
        (b"nonsense\r\n\r\n", 400),
    ],
    ids=[
        "negative-length", "two-lengths", "length-and-chunked", "chunked-and-length",
        "chunk-overflow", "no-host", "two-hosts", "folded", "megabyte-header",
        "endless-header", "many-headers", "long-url", "nonsense",
    ],
)  # fmt: skip
async def test_what_two_parsers_could_read_differently_is_refused(
    request_bytes: bytes, status: int
) -> None:
    async with served() as port:
        answered, *_ = await exchange(port, request_bytes)
    assert answered.startswith(b"HTTP/1.1 %d " % status), answered[:80]
    assert b"application/problem+json" in answered


@pytest.mark.alone
async def test_an_honest_sender_is_served_beside_many_slow_ones() -> None:
    async with served() as port:
        slow = [asyncio.create_task(exchange(port, *[b"G"] * 9, pause=0.05)) for _ in range(200)]
        began = time.monotonic()
        answered, *_ = await exchange(
            port, b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", pause=2
        )
        assert answered.startswith(b"HTTP/1.1 200 ")
        assert time.monotonic() - began < 0.5
        await asyncio.gather(*slow)


async def test_stop_is_bounded_and_lets_a_request_in_work_finish() -> None:
    stop = asyncio.Event()
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(serve(answer, "127.0.0.1", 0, stop, ready.set_result))
    port = int((await ready).rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(POST + b"Content-Length: 4\r\n\r\nab")
    await asyncio.sleep(0.1)
    stop.set()
    await asyncio.sleep(0.2)
    writer.write(b"cd")
    assert (await asyncio.wait_for(reader.read(), 30)).startswith(b"HTTP/1.1 200 ")
    await asyncio.wait_for(task, 30)


class Paced(Impatient):
    pace_seconds = 1.5
    pace_bytes = 250


async def patient(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
    """As a route does that expects a large body of somebody who has signed in."""
    if scope["type"] == "http" and scope["path"] == "/lists":
        take_time(scope)
    await answer(scope, receive, send)


LISTS = POST.replace(b"/", b"/lists", 1)


async def test_a_body_that_may_take_its_time_comes_for_as_long_as_it_keeps_its_pace() -> None:
    parts = [bytes(1000)] * 20  # far above the pace, for more than three times the usual bound
    async with served(Paced, patient) as port:
        head = LISTS + b"Connection: close\r\nContent-Length: 20000\r\n\r\n"
        answered, seconds, _ = await exchange(port, head, *parts)
    assert answered.startswith(b"HTTP/1.1 200 ")
    assert seconds > 3 * Paced.body_seconds


async def test_a_body_that_falls_behind_its_pace_is_closed() -> None:
    parts = [bytes(200)] * 5 + [bytes(1)] * 80
    async with served(Paced, patient) as port:
        answered, _, left = await exchange(port, LISTS + b"Content-Length: 2000\r\n\r\n", *parts)
    assert answered.startswith(b"HTTP/1.1 408 ")
    assert left


async def test_nobody_else_may_take_their_time() -> None:
    parts = [bytes(100)] * 20
    async with served(Paced, patient) as port:
        answered, _, left = await exchange(port, POST + b"Content-Length: 2000\r\n\r\n", *parts)
    assert answered.startswith(b"HTTP/1.1 408 ")
    assert left


async def test_the_time_of_one_request_is_not_the_next_ones() -> None:
    first = LISTS + b"Content-Length: 2\r\n\r\nok"
    async with served(Paced, patient) as port:
        answered, _, left = await exchange(
            port, first, POST + b"Content-Length: 2000\r\n\r\n", *[bytes(100)] * 20
        )
    assert answered.startswith(b"HTTP/1.1 200 ")
    assert b"HTTP/1.1 408 " in answered
    assert left


class Roomy(Impatient):
    body_seconds = 10.0
    pace_seconds = 0.3
    pace_bytes = 1000


async def test_who_may_take_their_time_has_no_less_than_everybody() -> None:
    head = LISTS + b"Connection: close\r\nContent-Length: 600\r\n\r\n"
    async with served(Roomy, patient) as port:
        answered, *_ = await exchange(port, head, *[bytes(100)] * 6, pause=0.1)
    assert answered.startswith(b"HTTP/1.1 200 ")
