"""A request in work without a task, and its answer in one write."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Coroutine
from functools import lru_cache
from typing import Any, Final, NamedTuple

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from libs.common.serving.abrupt import refusal
from libs.common.serving.promise import Promise

_SMALL: Final = 512
"""Bytes of headers that are kept as they were made: what strangers send may be in them."""
Headers = tuple[tuple[bytes, bytes], ...]
_UNFIT: Final = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_UNFIT_NAME: Final = re.compile(rb'[\x00-\x20\x7f()<>@,;:\\\[\]={}"]')


def _is_cut(record: logging.LogRecord) -> bool:
    """Whether it tells of a request that we cut off ourselves."""
    return isinstance((record.exc_info or (None, None))[1], asyncio.CancelledError)


log: Final = logging.getLogger("sarnakh.http")
log.setLevel(logging.ERROR)
"""A warning for each malformed request would let a stranger fill the log."""
log.addFilter(lambda record: not _is_cut(record))


class Reply(NamedTuple):
    """An answer, its headers as `lines` makes them; its length is added."""

    status: int
    headers: bytes
    body: bytes


Answering = Coroutine[Any, None, Reply]
"""May wait for futures, and for nothing that asks which task it runs in (`asyncio.timeout`)."""


class _Nobody:
    """Takes the place of the event by which uvicorn wakes a request's task."""

    def set(self) -> None:
        """There is no task."""


class Exchange:
    """One request in work, with what uvicorn's protocol wants to know of it."""

    message_event: Final = _Nobody()

    def __init__(
        self, protocol: HttpToolsProtocol, answering: Answering, *, keep_alive: bool
    ) -> None:
        self._protocol: HttpToolsProtocol | None = protocol
        self._answering = answering
        self.keep_alive = keep_alive
        self.disconnected = self.response_started = self.response_complete = False

    def step(self, _waited: object = None) -> None:
        """Work on it as far as that goes without waiting: what a task does, not registered as one.

        Called again by each future that it waits for.
        """
        try:
            waits = self._answering.send(None)
        except StopIteration as done:
            self._answer(done.value)
        except (Exception, asyncio.CancelledError) as error:
            log.error("a request failed: %s", type(error).__name__)  # noqa: TRY400 - no contact data
            self._say(refusal(503), closes=True)
        else:
            self._wait(waits)

    def _wait(self, waits: Any) -> None:
        if waits is None:  # only lets others go first
            asyncio.get_running_loop().call_soon(self.step)
            return
        waits._asyncio_future_blocking = False  # noqa: SLF001 - as a task says that it waits
        if isinstance(waits, Promise):
            waits.tell = self._told
        else:
            waits.add_done_callback(self.step)

    def _told(self, _waited: object) -> None:
        """Go on with it while others still wait for the same moment."""
        try:
            self.step()
        except Exception as error:
            log.error("an answer failed: %s", type(error).__name__)  # noqa: TRY400 - no contact data
            self._say(refusal(503), closes=True)

    def _answer(self, reply: Reply) -> None:
        if self._protocol is None:
            return
        default, closes = _default.of(self._protocol.server_state.default_headers)
        last = b"connection: close\r\n" if not (self.keep_alive or closes) else b""
        head = b"%b%bcontent-length: %d\r\n%b%b\r\n" % (
            STATUS_LINE[reply.status], default, len(reply.body), reply.headers, last,
        )  # fmt: skip
        self._say(head + reply.body, closes=closes or not self.keep_alive)

    def _say(self, answer: bytes, *, closes: bool) -> None:
        protocol, self._protocol = self._protocol, None
        if protocol is None or self.disconnected or self.response_complete:
            return
        if protocol.transport.is_closing():  # uvicorn tells of it the newest request only
            return
        self.response_started = self.response_complete = True
        protocol.transport.write(answer)
        if closes:
            protocol.transport.close()
        protocol.on_response_complete()


class _Default:
    """The headers of every answer, which uvicorn makes anew once a second, as they are sent."""

    def __init__(self) -> None:
        self._made_of: list[tuple[bytes, bytes]] | None = None
        self._made = b"", False

    def of(self, headers: list[tuple[bytes, bytes]]) -> tuple[bytes, bool]:
        """Their lines, and whether they end the connection."""
        if self._made_of is not headers:
            self._made = lines(tuple(headers)), (b"connection", b"close") in headers
            self._made_of = headers
        return self._made


_default: Final = _Default()


def lines(headers: Headers) -> bytes:
    """Headers as they are sent. Raises ValueError for one that would break out of its line."""
    size = sum([len(value) for _, value in headers])
    return _known(headers) if size <= _SMALL else _made(headers)


@lru_cache(256)
def _known(headers: Headers) -> bytes:
    return _made(headers)


def _made(headers: Headers) -> bytes:
    for name, value in headers:
        if _UNFIT_NAME.search(name) or _UNFIT.search(value):
            raise ValueError("a header with characters that none may have")
    return b"".join(b"%b: %b\r\n" % header for header in headers)
