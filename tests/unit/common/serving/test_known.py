"""Heads that were read before: what comes behind them is taken as ever, and nothing else is."""

from __future__ import annotations

import pytest

from libs.common.serving import known
from libs.common.serving.known import Known, KnownHeads
from libs.common.serving.protocol import DeadlineProtocol
from tests.unit.common.serving.test_direct import WHOLE, Served, served

HEAD = WHOLE.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"


def _said(answered: bytes) -> list[bytes]:
    """The bodies of the answers, in their order."""
    parts = answered.split(b"\r\n\r\n")[1:]
    return [part.partition(b"HTTP/1.1")[0] for part in parts]


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What the parser is given."""
    given: list[bytes] = []
    parse = DeadlineProtocol.parse

    def note(self: DeadlineProtocol, part: bytes) -> None:
        given.append(part)
        parse(self, part)

    monkeypatch.setattr(DeadlineProtocol, "parse", note)
    return given


async def _twice(server: Served, request: bytes) -> list[bytes]:
    """What it is answered the first time, and then on a connection of its own."""
    return [_said(await server.say(request))[0], _said(await server.say(request))[0]]


async def test_a_head_that_was_read_before_is_not_parsed_again(parsed: list[bytes]) -> None:
    head = HEAD.replace(b"Host: x", b"Host: once")
    async with served() as server:
        answered = _said(await server.say(head + b"abc", head + b"def", head + b"let"))
        answered += _said(await server.say(head + b"ghi"))
    assert answered == [b"direct abc", b"direct def", b"direct let", b"direct ghi"]
    assert parsed == [head, b"abc"]


async def test_requests_of_one_head_in_one_read_are_answered_each() -> None:
    async with served() as server:
        await server.say(HEAD + b"abc")
        answered = _said(await server.say(b"".join(HEAD + body for body in (b"abc", b"def"))))
    assert answered == [b"direct abc", b"direct def"]


async def test_a_body_that_is_not_all_there_is_waited_for() -> None:
    async with served() as server:
        await server.say(HEAD + b"abc")
        assert _said(await server.say(HEAD, b"def")) == [b"asgi def"]
        assert _said(await server.say(HEAD + b"d", b"ef")) == [b"asgi def"]


async def test_the_rest_of_a_head_is_no_head() -> None:
    """Though it came in a read of its own and ends as a head does."""
    first, rest = b"POST /whole HTTP/1.1\r\n", b"Host: rest\r\nContent-Length: 3\r\n\r\n"
    async with served() as server:
        assert _said(await server.say(first, rest + b"abc")) == [b"direct abc"]
        assert (await server.say(rest + b"abc")).startswith(b"HTTP/1.1 400")


async def test_who_leaves_is_seen_off_each_time(parsed: list[bytes]) -> None:
    leaving = HEAD.replace(b"Host: x", b"Host: x\r\nConnection: close")
    async with served() as server:
        for _ in range(2):
            answered = await server.say(leaving + b"abc")
            assert b"connection: close" in answered.lower()
    assert parsed == [leaving, b"abc"] * 2


async def test_what_is_refused_is_refused_each_time() -> None:
    two_hosts = HEAD.replace(b"Host: x", b"Host: x\r\nHost: y")
    async with served() as server:
        for _ in range(2):
            assert (await server.say(two_hosts + b"abc")).startswith(b"HTTP/1.1 400")


async def test_what_had_to_be_made_fit_is_made_so_each_time() -> None:
    odd = HEAD.replace(b"Host: x", b"Host: x\r\nX-Odd: a\x01b")
    async with served() as server:
        assert await _twice(server, odd + b"abc") == [b"direct abc"] * 2


async def test_an_application_that_does_not_want_it_gets_it_by_asgi(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with served() as server:
        await server.say(HEAD + b"abc")
    async with served() as server:
        monkeypatch.setattr(server.app, "direct", lambda _scope: None)
        assert await _twice(server, HEAD + b"abc") == [b"asgi abc"] * 2


def test_strangers_fill_no_memory() -> None:
    heads, read = KnownHeads(), Known("POST", b"/", (), 3)
    for number in range(known.MOST + 1):
        heads.keep(b"%d" % number, read)
    assert heads.of(b"0") is None
    assert heads.of(b"1") == heads.of(b"%d" % known.MOST) == read
    long = b"x" * (known.LONGEST + 1)
    heads.keep(long, read)
    assert heads.of(long) is None
