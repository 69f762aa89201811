"""The server's bounds and its end: too many connections, and nobody goes without an answer."""

from __future__ import annotations

import asyncio
import contextlib
import resource
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

import pytest

from libs.common.serving import http, refusing
from libs.common.serving.protocol import DeadlineProtocol
from tests.fixtures.capture.waiting import until

GET = b"GET /%b HTTP/1.1\r\nHost: x\r\n\r\n"
MOST = 40


class Application:
    """Answers at once, but for `/slow`, which waits to be let go."""

    def __init__(self) -> None:
        self.go_on = asyncio.Event()
        self.entered = 0

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        """Serve one request."""
        more = True
        while more:
            more = (await receive()).get("more_body", False)
        self.entered += 1
        if scope["path"] == "/slow":
            await self.go_on.wait()
        start = {"type": "http.response.start", "status": 200}
        await send(start | {"headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})


class Served:
    """A server, and the connections that a test makes to it."""

    def __init__(self, application: Application, port: int, stop: asyncio.Event) -> None:
        self.application, self.port, self.stop = application, port, stop

    async def connect(self, sent: bytes = b"") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(sent)
        return reader, writer

    async def in_work(self, count: int) -> None:
        await until(lambda: self.application.entered >= count)


@asynccontextmanager
async def served() -> AsyncIterator[Served]:
    application, stop = Application(), asyncio.Event()
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(http.serve(application, "127.0.0.1", 0, stop, ready.set_result))
    yield Served(application, int((await ready).rpartition(":")[2]), stop)
    stop.set()
    await asyncio.wait_for(task, 30)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "room", lambda: MOST)


async def answer(reader: asyncio.StreamReader) -> bytes:
    """Status line and headers of one answer, with its body of two bytes."""
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 30)
    return head + (await reader.readexactly(2) if b" 200 " in head else b"")


async def open_of(readers: list[asyncio.StreamReader]) -> int:
    closed = 0
    for reader in readers:
        with contextlib.suppress(TimeoutError, ConnectionError):
            async with asyncio.timeout(0.01):
                while not reader.at_eof():
                    await reader.read(4096)
        closed += reader.at_eof()
    return len(readers) - closed


@pytest.mark.usefixtures("small")
async def test_invariant_18_the_silent_make_room_for_those_who_speak() -> None:
    async with served() as server:
        honest = await server.connect(GET % b"")
        assert b" 200 " in await answer(honest[0])
        slow = await server.connect(GET % b"slow")
        await server.in_work(2)
        silent = [await server.connect() for _ in range(MOST)]
        heads = [await server.connect(b"GET / HTTP") for _ in range(MOST)]
        body = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\na"
        bodies = [await server.connect(body) for _ in range(MOST)]
        for _ in range(MOST):
            reader, writer = await server.connect(GET % b"")
            assert b" 200 " in await answer(reader)
            writer.close()
        held = [reader for reader, _ in (*silent, *heads, *bodies)]
        async with asyncio.timeout(30):
            while await open_of(held) >= MOST:
                pass
        for _, writer in (*silent, *heads, *bodies):
            writer.close()
        server.application.go_on.set()
        assert b" 200 " in await answer(slow[0])


@pytest.mark.usefixtures("small")
async def test_invariant_18_where_all_are_in_work_a_newcomer_is_asked_to_come_again() -> None:
    async with served() as server:
        slow = [await server.connect(GET % b"slow") for _ in range(MOST)]
        await server.in_work(MOST)
        reader, _ = await server.connect(GET % b"")
        refused = await asyncio.wait_for(reader.read(), 30)
        assert refused.startswith(b"HTTP/1.1 503 ")
        assert b"\r\nretry-after: 2\r\n" in refused
        server.application.go_on.set()
        assert all([b" 200 " in await answer(reader) for reader, _ in slow])


@pytest.mark.parametrize(
    ("files", "least", "most"), [(256, 40, 70), (1024, 300, 400), (10**6, 4096, 4096)]
)
def test_invariant_18_two_full_servers_leave_a_fifth_of_the_files(
    monkeypatch: pytest.MonkeyPatch, files: int, least: int, most: int
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _which: (files, files))
    assert least <= http.room() <= most
    assert 2 * http.room() + 80 < 0.8 * files


async def test_invariant_16_who_is_connected_is_answered_and_told_that_it_ends() -> None:
    async with served() as server:
        idle, fresh, begun = [await server.connect() for _ in range(3)]
        idle[1].write(GET % b"")
        assert b"connection: close" not in await answer(idle[0])
        begun[1].write(b"GET / HTTP/1.1\r\nHo")
        slow = await server.connect(GET % b"slow")
        await server.in_work(2)
        server.stop.set()
        await asyncio.sleep(0.1)  # what comes now comes to a server that is leaving
        for _, writer in (idle, fresh):
            writer.write(GET % b"")
        begun[1].write(b"st: x\r\n\r\n")
        server.application.go_on.set()
        for reader, _ in (idle, fresh, begun, slow):
            last = await answer(reader)
            assert b" 200 " in last
            assert b"connection: close" in last or reader is slow[0]
            assert await asyncio.wait_for(reader.read(), 30) == b""


async def test_invariant_16_what_does_not_end_in_time_is_503(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(http, "LEAVE_SECONDS", 0.2)
    monkeypatch.setattr(http, "STOP_SECONDS", 0.5)
    async with served() as server:
        slow = await server.connect(GET % b"slow")
        head = await server.connect(b"GET / HTTP/1.1\r\nHo")
        body = await server.connect(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\na")
        await server.in_work(1)
        server.stop.set()
        for reader, _ in (slow, head, body):
            last = await asyncio.wait_for(reader.read(), 30)
            assert last.startswith(b"HTTP/1.1 503 ")
            assert last.count(b"HTTP/1.1") == 1
            assert b"\r\nretry-after: 2\r\n" in last
    assert not caplog.records


async def test_who_takes_nothing_of_an_answer_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DeadlineProtocol, "body_seconds", 0.5)
    gone = asyncio.Event()

    async def endless(_scope: object, _receive: object, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        try:
            while True:
                await send({"type": "http.response.body", "body": b"a" * 65536, "more_body": True})
                await asyncio.sleep(0)
                if send.__self__.disconnected:
                    break
        finally:
            gone.set()

    stop = asyncio.Event()
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(http.serve(endless, "127.0.0.1", 0, stop, ready.set_result))
    port = int((await ready).rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
    writer.write(GET % b"")
    await asyncio.wait_for(gone.wait(), 30)
    stop.set()
    await asyncio.wait_for(task, 30)
    del reader


async def test_who_was_told_no_and_lingers_does_not_stand_in_the_way_of_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(refusing, "LINGER_SECONDS", 60)
    monkeypatch.setattr(http, "STOP_SECONDS", 0.3)
    async with served() as server:
        refused, kept = await server.connect(b"no head at all\r\n\r\n")
        assert b" 400 " in await asyncio.wait_for(refused.read(), 30)
        slow, also = await server.connect(GET % b"slow")
        await server.in_work(1)
        server.stop.set()
        assert b" 503 " in await asyncio.wait_for(slow.read(), 30)
    kept.close()
    also.close()
