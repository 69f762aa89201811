"""Serving HTTP: uvicorn on httptools, with deadlines for senders who are slow on purpose.

uvicorn bounds only the time between requests, so a socket that sends one byte a minute is
held for ever (https://github.com/encode/uvicorn/issues/157); the protocol here bounds the head
and the body too, and refuses what two parsers could read differently (RFC 9112, section 6.3).
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import json
import logging
import socket
from asyncio.events import TimerHandle
from collections.abc import Callable, Iterator
from typing import Any, Final

import uvicorn
from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from libs.common.head import Head

HEAD_SECONDS: Final = 10.0
"""For the request line and headers; also how long a connection may be silent."""
BODY_SECONDS: Final = 30.0
HEAD_BYTES: Final = 64 * 1024
HEAD_FIELDS: Final = 256
URL_BYTES: Final = 16 * 1024
LINGER_SECONDS: Final = 0.5
"""After a refusal, what still comes is thrown away: a reset would take the answer with it."""
STOP_SECONDS: Final = 8
"""For requests in work when the process is asked to end."""

_PHRASES: Final = {
    400: "Bad Request",
    408: "Request Timeout",
    414: "URI Too Long",
    431: "Request Header Fields Too Large",
}


class _Refused(Exception):
    """Raised inside a parser callback, so that the parser stops."""


class DeadlineProtocol(HttpToolsProtocol):
    """HTTP/1.1 in which every phase of receiving has an end."""

    head_seconds = HEAD_SECONDS
    body_seconds = BODY_SECONDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.logger = _log
        self._deadline: TimerHandle | None = None
        self._in_head = False
        self._receiving = False
        self._head: Head | None = Head()
        self._body_left: int | None = None
        self._head_bytes = 0
        self._fields_bytes = 0
        self._refusal = 400
        self._closing = False

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn does
        super().connection_made(transport)
        self._arm(self.head_seconds)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._disarm()
        super().connection_lost(exc)

    @override
    def data_received(self, data: bytes) -> None:
        while data and not self._closing:
            if self._deadline is None and not self._receiving:
                self._arm(self.head_seconds)
            data = self._feed(data)

    def _feed(self, data: bytes) -> bytes:
        """Give the parser the head or the body, and return what may be of the other kind."""
        if self._receiving:
            size = len(data) if self._body_left is None else min(self._body_left, len(data))
            if self._body_left is not None:
                self._body_left -= size
            super().data_received(data[:size])
            if self._in_head:  # behind chunks, where nobody saw it begin: left as it is
                self._head = None
        elif self._head is None:
            size = len(data)
            super().data_received(data)
        else:
            size = self._head.length(data)
            super().data_received(self._head.fit(data[:size]))
        if self._in_head:
            self._head_bytes += size
            if self._head_bytes > HEAD_BYTES and not self.transport.is_closing():
                self._refusal = 431
                self.send_400_response("")
        return data[size:]

    @override
    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = True
        self._head_bytes = 0
        self._fields_bytes = 0

    @override
    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        if len(self.url) > URL_BYTES:
            self._refuse(414)

    @override
    def on_header(self, name: bytes, value: bytes) -> None:
        super().on_header(name, self._head.value(value) if self._head else value)
        self._fields_bytes += len(name) + len(value)
        if self._fields_bytes > HEAD_BYTES or len(self.headers) > HEAD_FIELDS:
            self._refuse(431)

    @override
    def on_headers_complete(self) -> None:
        self._in_head = False
        names = [name for name, _value in self.headers]
        if b"transfer-encoding" in names and b"content-length" in names:
            self._refuse(400)
        hosts = names.count(b"host")
        if hosts > 1 or (hosts == 0 and self.parser.get_http_version() == "1.1"):
            self._refuse(400)
        self._receiving = True
        lengths = [value for name, value in self.headers if name == b"content-length"]
        self._body_left = int(lengths[0]) if lengths else None
        self._arm(self.body_seconds)
        super().on_headers_complete()

    @override
    def on_message_complete(self) -> None:
        self._receiving = False
        self._head = Head()
        self._disarm()
        super().on_message_complete()

    @override
    def send_400_response(self, msg: str) -> None:
        """Answer as a problem document (RFC 9457) and close."""
        del msg
        self._disarm()
        if self._closing or self.transport.is_closing():
            return
        self._closing = True
        self.transport.write(_refusal(self._refusal))
        self.transport.write_eof()
        self.loop.call_later(LINGER_SECONDS, self.transport.close)

    def _refuse(self, status: int) -> None:
        self._refusal = status
        raise _Refused

    def _arm(self, seconds: float) -> None:
        self._disarm()
        self._deadline = self.loop.call_later(seconds, self._too_slow)

    def _disarm(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _too_slow(self) -> None:
        self._deadline = None
        if self.transport.is_closing():
            return
        answered = self.cycle is not None and self.cycle.response_started
        if (self._in_head or self._receiving) and not answered:
            self.transport.write(_refusal(408))
        self.transport.close()


def _refusal(status: int) -> bytes:
    body = json.dumps({"type": "about:blank", "title": _PHRASES[status], "status": status})
    head = (
        f"HTTP/1.1 {status} {_PHRASES[status]}\r\ncontent-type: application/problem+json\r\n"
        f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
    )
    return (head + body).encode()


_log: Final = logging.getLogger("sarnakh.http")
_log.setLevel(logging.ERROR)
"""A warning for each malformed request would let a stranger fill the log."""


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    @override
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    @override
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone: the process that we are a part of handles them."""
        yield


def listen(host: str, port: int) -> socket.socket:
    """A bound TCP socket; port 0 takes a free one. Raises OSError when it is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError:
        bound.close()
        raise
    bound.setblocking(False)
    return bound


async def serve(  # noqa: PLR0913  # the last one is for tests with shorter deadlines
    app: Any,
    host: str,
    port: int,
    stop: asyncio.Event,
    on_ready: Callable[[str], None],
    *,
    protocol: type[DeadlineProtocol] = DeadlineProtocol,
) -> None:
    """Serve until `stop` is set, then let requests in work finish (STOP_SECONDS at most).

    `on_ready` gets the address as a URL once connections are accepted. Raises RuntimeError
    without uvloop and httptools (several times slower), OSError when the port is taken.
    """
    missing = [name for name in ("uvloop", "httptools") if not importlib.util.find_spec(name)]
    if missing:
        raise RuntimeError(f"{' and '.join(missing)} must be installed to serve HTTP")
    bound = listen(host, port)
    config = uvicorn.Config(
        app,
        http=protocol,
        loop="none",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=int(HEAD_SECONDS),
        timeout_graceful_shutdown=STOP_SECONDS,
        backlog=2048,
    )
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
    server = _Server(config, lambda: on_ready(_address(bound)))
    ending = asyncio.create_task(_end(server, stop))
    try:
        await server.serve(sockets=[bound])
    finally:
        ending.cancel()
        bound.close()


async def _end(server: uvicorn.Server, stop: asyncio.Event) -> None:
    await stop.wait()
    server.should_exit = True


def _address(bound: socket.socket) -> str:
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
