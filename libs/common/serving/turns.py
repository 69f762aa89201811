"""One connection's requests in turns with everybody else's.

uvicorn reads and queues whatever one socket sends, and a request answered without a task waits for
nobody: pipelined ones (RFC 9112, section 9.3.2) would fill the memory and keep the loop. Here so
many are begun in one turn of the loop, so many wait for those before them, and the rest stays
unread.
"""

from __future__ import annotations

import asyncio
import re
from abc import ABC, abstractmethod
from typing import Any, Final

from typing_extensions import override
from uvicorn.protocols.http.flow_control import FlowControl

from libs.common.serving.direct import DirectProtocol

A_TURN: Final = 8
"""Requests of one connection begun before the others have their turn."""
PIPELINE: Final = 16
"""Requests of one connection that may wait for those before them."""
UNSEEN_BYTES: Final = 4 * 1024
"""Given to the parser at a time where nobody sees where a request ends, as in chunks."""
_LINE_ENDS: Final = re.compile(rb"[\r\n]*")


class Flow(FlowControl):
    """uvicorn's, which stays paused while something read before is held."""

    def __init__(self, transport: asyncio.Transport) -> None:
        super().__init__(transport)
        self.held = False

    def hold(self, *, held: bool) -> None:
        """Read no more, whatever a request in work asks for, until this is said again."""
        before = self.held or self.read_paused
        self.held = held
        self._turn(before)

    @override
    def pause_reading(self) -> None:
        before = self.held or self.read_paused
        self.read_paused = True
        self._turn(before)

    @override
    def resume_reading(self) -> None:
        before = self.held or self.read_paused
        self.read_paused = False
        self._turn(before)

    def _turn(self, before: bool) -> None:  # noqa: FBT001 - the state that was
        paused = self.held or self.read_paused
        if paused == before or self._transport.is_closing():
            return
        if paused:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()


class TurnsProtocol(DirectProtocol, ABC):
    """Begins so many requests at a time, and keeps what came behind them as it came."""

    flow: Flow

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.closing = False
        """Whether a refusal was the last word: what still comes is thrown away."""
        self._unread = b""
        self._at = 0
        self._walking = False
        self._next: asyncio.Handle | None = None

    @property
    @abstractmethod
    def is_between(self) -> bool:
        """Whether nothing of a request has come that is not all here."""

    @abstractmethod
    def feed(self, data: bytes, at: int) -> int:
        """Give the parser what comes next there, and return how many bytes that were."""

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn does
        super().connection_made(transport)
        self.flow = Flow(transport)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._unread, self._at = b"", 0
        if self._next is not None:
            self._next.cancel()
        super().connection_lost(exc)

    @override
    def data_received(self, data: bytes) -> None:
        self._unread = self._unread[self._at :] + data if self._unread else data
        self._at = 0
        if self._next is None:
            self.walk()

    def parse(self, part: bytes) -> None:
        """Let the parser tell what is in it."""
        super().data_received(part)

    def walk(self) -> None:
        """One turn: what was read, request by request, never a copy of all that is left."""
        self._next, self._walking, begun = None, True, 0
        while self._at < len(self._unread) and len(self.pipeline) < PIPELINE:
            if self.closing or self.transport.is_closing():
                self._at = len(self._unread)
                break
            if self.is_between:  # empty lines (RFC 9112, section 2.2)
                found = _LINE_ENDS.match(self._unread, self._at)
                self._at = found.end() if found else self._at
                if self._at == len(self._unread):
                    break
                if begun == A_TURN:
                    self._next = self.loop.call_soon(self.walk)
                    break
                begun += 1
            self._at += self.feed(self._unread, self._at)
        self._walking = False
        if self._at >= len(self._unread):
            self._unread, self._at = b"", 0
        self.flow.hold(held=bool(self._unread or self.pipeline))

    def go_on(self) -> None:
        """Read on where an answer was the last that others waited for."""
        if self.pipeline or self._walking or self._next is not None:
            return
        if self._unread:
            self._next = self.loop.call_soon(self.walk)
        else:
            self.flow.hold(held=False)
