"""Raw sockets: odd characters in a head lose nothing, bodies stay as they are, framing strict."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager
from logging import ERROR
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.serving.head import Head
from libs.common.serving.http import serve

ODD = [bytes([byte]) for byte in (*range(32), 127) if byte not in b"\t\r\n"]
CLOSE = b"Connection: close\r\n"


async def echo(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
    """Says what was understood, as one line of JSON."""
    body, more = b"", scope["type"] == "http"
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    named = {name.decode(): value.decode("latin-1") for name, value in scope["headers"]}
    query = scope["query_string"].decode()
    said = json.dumps({"headers": named, "query": query, "body": body.hex()}).encode() + b"\n"
    headers = [(b"content-length", b"%d" % len(said))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": said})


async def refuse(scope: MutableMapping[str, Any], _receive: Any, send: Any) -> None:
    """Answers without a look at the body."""
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 415, "headers": []})
        await send({"type": "http.response.body", "body": b""})


async def hear(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
    """Waits for the body's end, and goes with who has gone."""
    message = await receive() if scope["type"] == "http" else {}
    while message.get("more_body"):
        message = await receive()
    if message.get("type") == "http.request":
        await refuse(scope, receive, send)


@asynccontextmanager
async def served(application: Any = echo) -> AsyncIterator[int]:
    stop = asyncio.Event()
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(serve(application, "127.0.0.1", 0, stop, ready.set_result))
    yield int((await ready).rpartition(":")[2])
    stop.set()
    await asyncio.wait_for(task, 30)


async def exchange(port: int, *parts: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for part in parts:
        writer.write(part)
        await writer.drain()
        await asyncio.sleep(0.002 if len(parts) > 1 else 0)  # apart on the wire
    answered = await asyncio.wait_for(reader.read(), 30)
    writer.close()
    return answered


def understood(answered: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in answered.split(b"\n") if line.startswith(b"{")]


def request(headers: bytes, body: bytes = b"", *, more: bytes = CLOSE) -> bytes:
    length = b"Content-Length: %d\r\n" % len(body)
    return b"POST /?a=b HTTP/1.1\r\nHost: x\r\n" + headers + length + more + b"\r\n" + body


async def test_control_characters_in_a_header_are_dropped_and_the_body_is_as_sent() -> None:
    body = bytes(range(256))
    async with served() as port:
        for odd in ODD:
            said = understood(await exchange(port, request(b"X-Foo: a%bb\r\n" % odd, body)))
            assert [(one["headers"]["x-foo"], one["body"]) for one in said] == [("ab", body.hex())]


async def test_an_odd_target_is_read_percent_encoded() -> None:
    async with served() as port:
        for odd in (*ODD, b"\t", "گ".encode()):
            answered = await exchange(port, request(b"").replace(b"a=b", b"a=%bb" % odd))
            shown = "".join(f"%{byte:02X}" for byte in odd)
            assert [one["query"] for one in understood(answered)] == [f"a={shown}b"]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 64])
async def test_however_it_is_cut_into_reads_only_heads_are_touched(size: int) -> None:
    body = b"\x00\x01\r\n\r\n\x02 HTTP/1.1\r\n\x03"
    first = request(b"X-Foo: \x01a\x7f\r\n", body, more=b"")
    sent = b"\r\n" + first + request(b"X-Foo: b\x02\r\nX-Bar: \xd8\xa7\x00\r\n", body)
    async with served() as port:
        answered = await exchange(port, *(sent[at : at + size] for at in range(0, len(sent), size)))
    said = understood(answered)
    assert [one["headers"]["x-foo"] for one in said] == ["a", "b"]
    assert {one["body"] for one in said} == {body.hex()}
    assert said[1]["headers"]["x-bar"] == "\xd8\xa7"


async def test_chunks_are_as_sent_and_so_is_what_follows_them_in_the_same_read() -> None:
    chunked = b"POST / HTTP/1.1\r\nHost: x\r\nX-Foo: \x01\r\nTransfer-Encoding: chunked\r\n\r\n"
    sent = chunked + b"5\r\n\x00\r\n\r\n\r\n0\r\n\r\n" + request(b"", b"\x00\x01")
    async with served() as port:
        whole = understood(await exchange(port, sent))
        for cut in range(len(chunked), len(sent)):
            assert understood(await exchange(port, sent[:cut], sent[cut:])) == whole
    assert [one["body"] for one in whole] == [b"\x00\r\n\r\n".hex(), "0001"]


@pytest.mark.parametrize("application", [refuse, hear])
@pytest.mark.parametrize("chunk", [b"-1\r\n", b"f" * 17 + b"\r\n", b"5\r\nphoneX\r\n"])
async def test_who_is_refused_in_the_midst_of_a_body_is_no_bug_of_the_application(
    application: Any, chunk: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    async with served(application) as port:
        together = await exchange(port, head + chunk)
        apart = await exchange(port, head, chunk)
    assert together.startswith(b"HTTP/1.1 400 ")
    assert apart.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 415 "))
    assert [record.getMessage() for record in caplog.records if record.levelno >= ERROR] == []


async def test_an_offer_of_another_protocol_does_not_cost_the_body() -> None:
    offer = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\n"
    first = request(offer, b"phone=1", more=b"")
    async with served() as port:
        said = understood(await exchange(port, first + request(b"", b"phone=2")))
        assert said == understood(
            await exchange(port, first[:-7], first[-7:], request(b"", b"phone=2"))
        )
    assert [bytes.fromhex(one["body"]) for one in said] == [b"phone=1", b"phone=2"]


@pytest.mark.parametrize(
    "headers",
    [
        b"Content-Length: 1\x00\r\n", b"Content-Length\x0b: 1\r\n", b"Content-\x00Length: 1\r\n",
        b"Transfer-Encoding: \x0bchunked\r\n", b"Transfer-Encoding: chunked\x01\r\n",
        b"Transfer-Encoding\x00: chunked\r\n", b"X\x01: a\r\n", b"A: \x01b\r\n c\r\n",
        b"A: \x01b\r\n\tc\r\n", b"A: \x01b\rC: d\r\n", b"A: \x01b\nC: d\r\n", b"A: \x01b\r\r\n",
        b"A: \x01\r\n\n", b"Content-Length: 1\r\nX: \x01\r\nContent-Length: 2\r\n",
        b"X: \x01\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n",
    ],
)  # fmt: skip
async def test_a_replaced_character_never_changes_the_framing(headers: bytes) -> None:
    head = b"POST / HTTP/1.1\r\nHost: x\r\n" + headers + CLOSE + b"\r\n0\r\n\r\n"
    async with served() as port:
        assert (await exchange(port, head)).startswith(b"HTTP/1.1 400 ")


@given(st.binary(max_size=40), st.lists(st.integers(1, 9), min_size=1))
def test_a_head_ends_at_the_same_byte_however_it_is_cut(noise: bytes, sizes: list[int]) -> None:
    sent = b"G / H\r\n" + noise.replace(b"\r\n\r\n", b"") + b"\r\n\r\n"
    sent = sent[: sent.find(b"\r\n\r\n") + 4]
    rest, head, taken, turn = sent + b"body\x00", Head(), 0, 0
    while taken < len(sent):
        read = rest[: sizes[turn % len(sizes)]]
        length = head.length(read)
        head.fit(read[:length])
        taken, rest, turn = taken + length, rest[length:], turn + 1
    assert taken == len(sent)


@pytest.mark.parametrize("bad", [b"\x01\x02 / HTTP/1.1\r\n\r\n", b"G / HTTP/1.1\r\nX\r\n\r\n"])
async def test_what_follows_and_cannot_be_read_takes_no_answer_from_those_before(
    bad: bytes,
) -> None:
    one, two = request(b"", b"phone=1", more=b""), request(b"", b"phone=2", more=b"")
    async with served() as port:
        answered = await exchange(port, one + two + bad)
        cut = await exchange(port, one, two + bad)
        chunked = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"
        in_a_body = await exchange(port, one + two + chunked)
    for each in (answered, cut, in_a_body):
        bodies = [bytes.fromhex(said["body"]) for said in understood(each) if "body" in said]
        assert bodies == [b"phone=1", b"phone=2"]
        assert each.rindex(b"HTTP/1.1 400 ") > each.rindex(b"HTTP/1.1 200 ")


async def test_who_says_that_nothing_more_comes_still_hears_the_answer() -> None:
    async with served() as port:
        for sent in (request(b"", b"phone=1"), request(b"", b"phone=1", more=b"")):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(sent)
            writer.write_eof()
            answered = await asyncio.wait_for(reader.read(), 30)
            writer.close()
            assert [bytes.fromhex(one["body"]) for one in understood(answered)] == [b"phone=1"]


@pytest.mark.parametrize("coding", [b"gzip, chunked", b"identity", b"chunked, chunked", b"x"])
async def test_a_coding_that_nobody_undoes_here_is_refused(coding: bytes) -> None:
    head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: %b\r\n\r\n" % coding
    async with served() as port:
        assert (await exchange(port, head + b"1\r\nx\r\n0\r\n\r\n")).startswith(b"HTTP/1.1 400 ")
        good = head.replace(coding, b"Chunked") + b"1\r\nx\r\n0\r\n\r\n" + request(b"")
        assert [one["body"] for one in understood(await exchange(port, good))] == ["78", ""]


async def test_empty_lines_before_a_request_cost_next_to_nothing() -> None:
    """Each read was once copied for every other line in it."""
    async with served() as port:
        began = time.process_time()
        said = understood(await exchange(port, b"\r\n" * 1_000_000 + request(b"", b"x")))
        assert time.process_time() - began < 1
    assert [one["body"] for one in said] == ["78"]
