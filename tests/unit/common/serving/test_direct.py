"""Whole requests answered without a task, beside those that come by ASGI."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

import pytest

from libs.common.serving import exchange
from libs.common.serving.direct import Take
from libs.common.serving.exchange import Reply, lines
from libs.common.serving.http import serve
from libs.common.serving.promise import Promise
from libs.common.serving.protocol import DeadlineProtocol

WHOLE = b"POST /whole HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n%b"
TYPED = lines(((b"content-type", b"text/plain"),))


class App:
    """Answers with the body, and by which way it came."""

    def __init__(self) -> None:
        self.go_on, self.waits = asyncio.Event(), asyncio.Event()
        self.seen = self.told = 0
        self.promise: Promise[None] = Promise()

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        told = b"asgi " + body
        if scope["path"] == "/headers":
            told += b" " + b" ".join(name for name, _ in scope["headers"])
        headers = [(b"content-length", b"%d" % len(told)), (b"content-type", b"text/plain")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": told})

    def direct(self, scope: MutableMapping[str, Any]) -> Take | None:
        return self.answer if scope["path"] == "/whole" else None

    async def answer(self, body: bytes) -> Reply:
        self.seen += 1
        if body == b"bad":
            return Reply(200, lines(((b"location", b"/\r\nx: y"),)), b"")
        if body == b"let":
            await asyncio.sleep(0)
        if body == b"say":
            self.waits.set()
            await self.promise
            self.told += 1
        if body == b"low":
            waits = asyncio.get_running_loop().create_future()
            waiting = asyncio.create_task(self.go_on.wait())
            waiting.add_done_callback(lambda _done: waits.set_result(None))
            await waits
        return Reply(200, TYPED, b"direct " + body)


class Impatient(DeadlineProtocol):
    head_seconds = 0.4
    body_seconds = 0.6


class Served:
    """A server and its application."""

    def __init__(self, port: int, app: App, stop: asyncio.Event) -> None:
        self.port, self.app, self.stop = port, app, stop

    async def say(self, *parts: bytes) -> bytes:
        """All that comes back to these pieces until the connection is closed."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        for part in parts:
            writer.write(part)
            await asyncio.sleep(0.05)
        writer.write_eof()
        answered = await asyncio.wait_for(reader.read(), 30)
        writer.close()
        return answered


@asynccontextmanager
async def served() -> AsyncIterator[Served]:
    app, stop = App(), asyncio.Event()
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(
        serve(app, "127.0.0.1", 0, stop, ready.set_result, protocol=Impatient)
    )
    yield Served(int((await ready).rpartition(":")[2]), app, stop)
    stop.set()
    await asyncio.wait_for(task, 30)


def _parts(answer: bytes) -> tuple[list[bytes], bytes]:
    head, _, body = answer.partition(b"\r\n\r\n")
    said = [line for line in head.lower().split(b"\r\n") if not line.startswith(b"date:")]
    return sorted(said), body


async def test_the_answer_is_the_same_whichever_way_the_request_came() -> None:
    async with served() as server:
        request = WHOLE % b"abc"
        whole, pieces = await server.say(request), await server.say(request[:-2], request[-2:])
    assert _parts(whole)[1] == b"direct abc"
    assert _parts(pieces)[1] == b"asgi abc"
    differs = {each for each in _parts(whole)[0] if not each.startswith(b"content-length:")}
    assert differs <= set(_parts(pieces)[0])
    assert whole.count(b"date:") == 1


@pytest.mark.parametrize("extra", [b"", b"Upgrade: h2c\r\n", b"X-Odd: a\x01b\r\n"])
async def test_several_in_one_read_are_answered_in_their_order(extra: bytes) -> None:
    asked = [b"low", b"abc", b"let"]
    request = WHOLE.replace(b"Host: x\r\n", b"Host: x\r\n" + extra)
    async with served() as server:
        answering = asyncio.create_task(server.say(b"".join(request % body for body in asked)))
        await asyncio.sleep(0.2)
        server.app.go_on.set()
        answered = await answering
    said = [part for part in answered.split(b"\r\n\r\n") if part]
    assert said[1].startswith(b"direct low")
    assert said[2].startswith(b"asgi abc")
    assert said[3].startswith(b"asgi let")


async def _asked(server: Served) -> asyncio.Task[bytes]:
    """A request that waits for the promise."""
    answering = asyncio.create_task(server.say(WHOLE % b"say"))
    await asyncio.wait_for(server.app.waits.wait(), 30)
    return answering


async def test_a_promise_is_answered_in_the_moment_in_which_it_is_settled() -> None:
    async with served() as server:
        answering = await _asked(server)
        server.app.promise.settle(None)
        assert server.app.told == 1, "it took a turn of the loop"
        server.app.promise.settle(None)
        assert _parts(await answering)[1] == b"direct say"
        assert server.app.told == 1


async def test_a_promise_that_fails_is_503_and_a_task_may_wait_for_it_too() -> None:
    async with served() as server:
        answering = await _asked(server)
        waiting = asyncio.create_task(asyncio.wait({server.app.promise}))
        await asyncio.sleep(0)
        server.app.promise.fail(OSError())
        done, _ = await waiting
        assert isinstance(done.pop().exception(), OSError)
        assert b"503" in (await answering)[:20]
        assert server.app.told == 0


async def test_who_settles_does_not_hear_of_an_answer_that_cannot_be_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with served() as server:
        answering = await _asked(server)
        monkeypatch.setattr(exchange, "STATUS_LINE", {})
        server.app.promise.settle(None)
        monkeypatch.undo()
        assert server.app.told == 1
        assert b"503" in (await answering)[:20]


@pytest.mark.parametrize(
    "request_",
    [WHOLE.replace(b"1.1", b"1.0"), WHOLE.replace(b"Host", b"Connection: close\r\nHost")],
)
async def test_the_connection_ends_with_the_answer_where_that_was_asked(request_: bytes) -> None:
    async with served() as server:
        reader, _ = await asyncio.open_connection("127.0.0.1", server.port)
        del reader
        answered = await server.say(request_ % b"let")
    assert b"\r\nconnection: close\r\n" in answered
    assert answered.endswith(b"direct let")


async def test_an_answer_that_cannot_be_made_is_503() -> None:
    async with served() as server:
        answered = await server.say(WHOLE % b"bad")
    assert answered.startswith(b"HTTP/1.1 503 ")
    assert b"x: y" not in answered


async def test_whoever_leaves_is_worked_for_and_nobody_is_answered() -> None:
    async with served() as server:
        _, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(WHOLE % b"low")
        while not server.app.seen:  # noqa: ASYNC110 - another task counts
            await asyncio.sleep(0.01)
        writer.transport.abort()
        await asyncio.sleep(0.05)
        server.app.go_on.set()
        assert (await server.say(WHOLE % b"abc")).endswith(b"direct abc")


async def test_invariant_16_one_in_work_is_still_answered_and_told_that_it_ends() -> None:
    async with served() as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(WHOLE % b"low")
        while not server.app.seen:  # noqa: ASYNC110 - another task counts
            await asyncio.sleep(0.01)
        server.stop.set()
        await asyncio.sleep(0.1)
        server.app.go_on.set()
        answered = await asyncio.wait_for(reader.read(), 30)
    assert b"\r\nconnection: close\r\n" in answered
    assert answered.endswith(b"direct low")


async def test_a_connection_is_let_go_when_nothing_follows_an_answer() -> None:
    async with served() as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        began = asyncio.get_running_loop().time()
        writer.write(WHOLE % b"abc")
        await asyncio.sleep(0.2)
        writer.write(WHOLE % b"abc")
        answered = await asyncio.wait_for(reader.read(), 30)
        seconds = asyncio.get_running_loop().time() - began
    assert answered.count(b"direct abc") == 2
    assert seconds > 0.5


async def test_a_body_in_chunks_has_its_end_also_behind_its_head_in_one_read() -> None:
    head = b"POST /whole HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"
    async with served() as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        began = asyncio.get_running_loop().time()
        writer.write(head)
        answered = await asyncio.wait_for(reader.read(), 30)
        seconds = asyncio.get_running_loop().time() - began
    assert answered.startswith(b"HTTP/1.1 408 ")
    assert seconds > 0.5


async def test_what_stands_behind_the_chunks_is_no_header() -> None:
    head = b"POST /headers HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    async with served() as server:
        answered = await server.say(head, b"1\r\na\r\n0\r\nX-Forwarded-For: 6.6.6.6\r\n\r\n")
    assert answered.endswith(b"asgi a host transfer-encoding")


def test_what_strangers_send_is_not_kept_for_ever() -> None:
    lines(((b"access-control-allow-origin", b"http://small.example"),))
    kept = exchange._known.cache_info().currsize  # noqa: SLF001 - what is looked at
    for number in range(20):
        lines(((b"access-control-allow-origin", b"http://%d.example/" % number + b"a" * 55_000),))
    assert exchange._known.cache_info().currsize == kept  # noqa: SLF001 - what is looked at
