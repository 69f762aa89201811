"""Many requests on one connection: bounded in memory and in the loop's time, and all answered."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager
from logging import ERROR
from typing import Any

import pytest
import uvloop

from libs.common.serving.direct import Take
from libs.common.serving.exchange import Reply
from libs.common.serving.http import serve
from libs.common.serving.protocol import IN_WORK, DeadlineProtocol
from libs.common.serving.turns import A_TURN, PIPELINE
from tests.fixtures.capture.waiting import until

GET = b"GET /by-task HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST /at-once HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%b"
CHUNKED = b"POST /by-task HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"


class Watched(DeadlineProtocol):
    """Keeps the connection that a test looks into."""

    head_seconds = 0.4
    body_seconds = 0.6
    last: DeadlineProtocol

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        Watched.last = self


class App:
    """Answers posts to /at-once without a task; whatever begins with `wait` is held."""

    def __init__(self) -> None:
        self.taken = list[bytes]()
        self.go_on = asyncio.Event()
        self.waits: asyncio.Future[None] | None = None

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        """Serve one request by a task."""
        body, more = b"", scope["path"] != "/early"
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body, more = body + message.get("body", b""), message.get("more_body", False)
        if scope["path"] == "/slow" or body.startswith(b"wait"):
            self.taken.append(body)
            await self.go_on.wait()
        told = b"ok " + body
        headers = [(b"content-length", b"%d" % len(told))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": told})

    def direct(self, scope: MutableMapping[str, Any]) -> Take | None:
        return self.answer if scope["path"] == "/at-once" else None

    async def answer(self, body: bytes) -> Reply:
        self.taken.append(body)
        if body.startswith(b"wait"):
            self.waits = asyncio.get_running_loop().create_future()
            await self.waits
        return Reply(200, b"", b"ok " + body)


class Late(App):
    """Answers only when it hears that the caller has gone."""

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        del scope
        while (await receive())["type"] != "http.disconnect":
            self.taken.append(b"a part")
        await send({"type": "http.response.start", "status": 400, "headers": []})
        await send({"type": "http.response.body", "body": b""})
        self.go_on.set()


class Served:
    """A server, its application, and one connection to it."""

    def __init__(self, app: App, port: int, stop: asyncio.Event) -> None:
        self.app, self.port, self.stop = app, port, stop

    async def connect(self, sent: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(sent)
        return reader, writer


@asynccontextmanager
async def served(app: App | None = None) -> AsyncIterator[Served]:
    app, stop = app or App(), asyncio.Event()
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(serve(app, "127.0.0.1", 0, stop, ready.set_result, protocol=Watched))
    yield Served(app, int((await ready).rpartition(":")[2]), stop)
    stop.set()
    await asyncio.wait_for(task, 30)


async def rest(reader: asyncio.StreamReader) -> bytes:
    """All that comes until the server closes."""
    return await asyncio.wait_for(reader.read(), 30)


@pytest.mark.parametrize("first", [b"", CHUNKED + b"1\r\na\r\n0\r\n\r\n"], ids=["bare", "chunks"])
async def test_invariant_18_requests_in_a_row_wait_unread(first: bytes) -> None:
    many = 20_000
    async with served() as server:
        reader, writer = await server.connect(GET.replace(b"by-task", b"slow"))
        await until(lambda: bool(server.app.taken))
        writer.write(first + GET * many)
        for _ in range(20):
            await asyncio.sleep(0.01)
            # what a read of chunks may bring beyond the bound is as much as one slice holds
            assert len(Watched.last.pipeline) <= PIPELINE + 4096 // len(GET) + 1
        server.app.go_on.set()
        most = 0
        for _ in range(many + 1 + bool(first)):
            await asyncio.wait_for(reader.readuntil(b"ok "), 30)
            most = max(most, len(Watched.last.pipeline))
        assert most <= PIPELINE + 4096 // len(GET) + 1
        writer.close()


async def test_invariant_18_answers_at_once_leave_others_their_turn() -> None:
    many = 2_000
    async with served() as server:
        reader, writer = await server.connect(POST % (1, b"0"))
        await reader.readuntil(b"ok 0")
        before = len(server.app.taken)
        Watched.last.data_received((POST % (1, b"1")) * many)
        most = len(server.app.taken) - before
        while len(server.app.taken) < many + 1:
            most = max(most, len(server.app.taken) - before)
            before = len(server.app.taken)
            await asyncio.sleep(0)
        assert 0 < most <= A_TURN
        answers = b""
        while answers.count(b"ok 1") < many:
            answers += await asyncio.wait_for(reader.read(65536), 30)
        writer.close()


@pytest.mark.parametrize("bad", [b"POST http:/// HTTP/1.1", b"CONNECT x:80 HTTP/1.1"])
async def test_a_target_that_cannot_be_read_takes_nobody_elses_answer(bad: bytes) -> None:
    async with served() as server:
        reader, writer = await server.connect(POST % (5, b"waitA"))
        await until(lambda: server.app.waits is not None)
        writer.write(POST % (1, b"B") + bad + b"\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
        await asyncio.sleep(0.1)
        assert server.app.waits is not None
        server.app.waits.set_result(None)
        answered = await rest(reader)
        writer.close()
    told = [answered.find(each) for each in (b"ok waitA", b"ok B", b"HTTP/1.1 400 ")]
    assert -1 not in told
    assert told == sorted(told)
    assert answered.count(b"HTTP/1.1 ") == 3


@pytest.mark.parametrize("first", [b"", CHUNKED + b"1\r\na\r\n0\r\n\r\n"], ids=["bare", "chunks"])
async def test_invariant_16_nothing_is_taken_behind_the_last_answer(first: bytes) -> None:
    async with served() as server:
        reader, writer = await server.connect(POST % (1, b"0"))
        await reader.readuntil(b"ok 0")
        server.stop.set()
        await asyncio.sleep(0.1)
        writer.write(first + POST % (1, b"1") + POST % (1, b"2") + POST % (5, b"wait3"))
        answered = await rest(reader)
        writer.close()
    assert answered.count(b"HTTP/1.1 ") == 1
    assert server.app.taken == ([b"0"] if first else [b"0", b"1"])


async def test_nothing_is_taken_behind_a_request_that_asked_to_close() -> None:
    last = (POST % (1, b"1")).replace(b"Host", b"Connection: close\r\nHost")
    async with served() as server:
        reader, writer = await server.connect(last + POST % (1, b"2") + POST % (1, b"3"))
        answered = await rest(reader)
        writer.close()
    assert answered.count(b"HTTP/1.1 ") == 1
    assert server.app.taken == [b"1"]


async def test_a_connection_answered_before_its_body_came_is_let_go_after_it() -> None:
    early = (POST % (3, b"")).replace(b"at-once", b"early")
    async with served() as server:
        reader, writer = await server.connect(early)
        await asyncio.wait_for(reader.readuntil(b"ok "), 30)
        writer.write(b"abc")
        assert await asyncio.wait_for(reader.read(), 30) == b""
        writer.close()


def test_an_answer_for_nobody_fails_nothing() -> None:
    assert uvloop.run(_answered_for_nobody()) == []


async def _answered_for_nobody() -> list[object]:
    failed = list[object]()
    asyncio.get_running_loop().set_exception_handler(lambda _loop, what: failed.append(what))
    async with served() as server:
        reader, writer = await server.connect(POST % (4, b"wait") + POST % (1, b"B"))
        await until(lambda: bool(Watched.last.pipeline))
        Watched.last.cut_off()
        assert (await rest(reader)).startswith(b"HTTP/1.1 503 ")
        assert server.app.waits is not None
        server.app.waits.set_result(None)
        await asyncio.sleep(0.05)
        writer.close()
    return failed


@pytest.mark.parametrize("came", [b"half", b"the whole"], ids=["waits for its body", "in work"])
async def test_who_is_cut_off_is_no_bug_of_the_application(
    came: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with served(Late()) as server:
        by_task = POST.replace(b"at-once", b"by-task") % (9, came)
        reader, writer = await server.connect(by_task)
        await until(lambda: bool(server.app.taken))
        Watched.last.cut_off()
        assert (await rest(reader)).startswith(b"HTTP/1.1 503 ")
        await asyncio.wait_for(server.app.go_on.wait(), 30)
        writer.close()
    assert [record.getMessage() for record in caplog.records if record.levelno >= ERROR] == []


@pytest.mark.parametrize(
    ("begun", "told"),
    [(b"POST /at", b"HTTP/1.1 408 "), (POST % (9, b"half"), b"ok half-sent")],
    ids=["head", "body"],
)
async def test_a_slow_next_request_takes_no_answer_from_the_one_in_work(
    begun: bytes, told: bytes
) -> None:
    async with served() as server:
        reader, writer = await server.connect(POST % (5, b"waitA"))
        await until(lambda: server.app.waits is not None)
        writer.write(begun)
        await asyncio.sleep(1.0)
        assert Watched.last.merit[0] == IN_WORK
        assert server.app.waits is not None
        server.app.waits.set_result(None)
        if told.startswith(b"ok"):
            writer.write(b"-sent")
        answered = await rest(reader)
        writer.close()
    assert b" 200 OK" in answered.partition(b"\r\n")[0]
    assert b"ok waitA" in answered
    assert told in answered[answered.index(b"ok waitA") :]


@pytest.mark.parametrize("begun", [b"P", POST % (9, b"half")], ids=["head", "body"])
async def test_who_stops_to_send_in_the_midst_of_the_next_hears_the_answer_before(
    begun: bytes,
) -> None:
    async with served() as server:
        reader, writer = await server.connect(POST % (5, b"waitA") + begun)
        writer.write_eof()
        await until(lambda: server.app.waits is not None)
        await asyncio.sleep(0.1)
        assert server.app.waits is not None
        server.app.waits.set_result(None)
        answered = await rest(reader)
        writer.close()
    assert b"ok waitA" in answered
    assert server.app.taken == [b"waitA"]
