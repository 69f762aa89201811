"""HTTP/1.1 in which every phase has an end.

uvicorn bounds only the time between requests, so a socket that sends one byte a minute is
held for ever (https://github.com/encode/uvicorn/issues/157); the protocol here bounds the head
and the body too, and refuses what two parsers could read differently (RFC 9112, section 6.3).
"""

from __future__ import annotations

import asyncio
import time
from functools import partial
from typing import Any, Final

from typing_extensions import override

from libs.common.serving.abrupt import refusal
from libs.common.serving.deadline import Deadline
from libs.common.serving.exchange import log
from libs.common.serving.framing import framing
from libs.common.serving.head import END, Head
from libs.common.serving.patience import PACE_BYTES, PACE_SECONDS, TAKE_TIME
from libs.common.serving.refusing import HEAD_BYTES, Refused, RefusingProtocol
from libs.common.serving.turns import UNSEEN_BYTES

HEAD_SECONDS: Final = 10.0
"""For the request line and headers; also how long a connection may be silent."""
IN_WORK: Final = 3


class DeadlineProtocol(RefusingProtocol):
    """HTTP/1.1 in which every phase of receiving has an end."""

    head_seconds = HEAD_SECONDS
    pace_seconds = PACE_SECONDS
    pace_bytes = PACE_BYTES

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.logger = log
        self._deadline = Deadline(self.loop, self._missed)
        self._resting = False
        """Whether a request was answered and nothing of the next has come."""
        self._head: Head | None = Head()
        self._body_left: int | None = None
        self._is_patient = False
        self._came = 0
        """Bytes of a body that may take its time, in this span."""
        self._head_bytes = 0
        self._since = time.monotonic()

    @property
    def merit(self) -> tuple[int, float]:
        """Who goes first when there are too many, the lowest first; IN_WORK stay."""
        if self._due():
            return IN_WORK, self._since
        if self._in_head or self.cycle is None:
            return 0, self._since
        return (2 if self._receiving else 1), self._since

    @property
    def is_silent(self) -> bool:
        """Whether nothing has been asked yet, though perhaps it is on its way."""
        return self.cycle is None and not self._in_head

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn does
        super().connection_made(transport)
        self._deadline.set(self.head_seconds)
        if self not in self.connections:  # all that are there are in work
            self.cut_off()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._deadline.end()
        super().connection_lost(exc)

    @override
    def shutdown(self) -> None:
        """Close between requests; one that has begun is still answered."""
        if not self._in_head:
            super().shutdown()

    def cut_off(self) -> None:
        """End it now, with a 503 for a request that has no answer yet."""
        self._deadline.clear()
        if self.transport.is_closing():
            return
        waiting = self.cycle is not None and not self.cycle.response_complete
        told = self.closing and not self._owed  # no, and nothing can be written after that
        silent = self.cycle is None or (waiting and not self.cycle.response_started)
        if not told and (self._in_head or silent):
            self.transport.write(refusal(503))
        if waiting:  # whatever the application still says goes nowhere
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.close()

    @override
    def walk(self) -> None:
        super().walk()
        if self._in_head and (self._resting or not self._deadline.is_set):
            self._resting = False
            self._deadline.set(self.head_seconds)

    @override
    def feed(self, data: bytes, at: int) -> int:
        """Give the parser the head or the body; what follows may be of the other kind."""
        left = len(data) - at
        self.here = 0
        if self._receiving:
            size = min(left, UNSEEN_BYTES if self._body_left is None else self._body_left)
            self._came += size
            if self._body_left is not None:
                self._body_left -= size
            self.parse(data[at : at + size])
            if self._in_head:  # behind chunks, where nobody saw it begin: left as it is
                self._head = None
        elif self._head is None:
            size = min(left, UNSEEN_BYTES)
            self.parse(data[at : at + size])
        else:
            size = self._head.length(data, at)
            self.here = left - size
            part, is_first = data[at : at + size], self.is_between
            if is_first and (length := self.again(part)) is not None:
                self._take_again(data[at + size : at + size + length])
                return size + length
            fit = self._head.fit(part)
            self.read_head = part if is_first and fit is part and part.endswith(END) else None
            self.parse(fit)
        if self._in_head:
            self._head_bytes += size
            if self._head_bytes > HEAD_BYTES and not self.transport.is_closing():
                self._refusal = 431
                self.send_400_response("")
        return size

    def _take_again(self, body: bytes) -> None:
        """What is behind a head that was read before, as the parser would tell of it."""
        self._in_head = False
        self.on_body(body)
        self.on_message_complete()

    @override
    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head_bytes = self._came = 0

    @override
    def on_headers_complete(self) -> None:
        if self.transport.is_closing():  # nobody would hear the answer
            raise Refused
        self._in_head = False
        if self._head is not None and self._head.marked:
            self.headers[:] = [(name, self._head.value(value)) for name, value in self.headers]
        said = framing(self.headers, self.parser.get_http_version())
        if said is None:
            self._refuse(400)
        self.expect_100_continue = said.expects
        self.length = self._body_left = said.length
        if self.length is None or self.here < self.length:
            self._deadline.set(self.body_seconds)
            self.scope["extensions"] = {TAKE_TIME: {"allow": partial(self._take_time, self.scope)}}
        super().on_headers_complete()  # raises for a target that it cannot read
        self._receiving = True

    @override
    def on_message_complete(self) -> None:
        self._receiving = self._resting = self._is_patient = False
        self._head = Head()
        self._deadline.clear()
        super().on_message_complete()
        if self.cycle.response_complete and not self.transport.is_closing():
            self._rest()

    def _rest(self) -> None:
        if not (self.pipeline or self._deadline.is_set):
            self._resting = True
            self._deadline.set(self.head_seconds)

    @override
    def send_400_response(self, msg: str) -> None:
        self._deadline.clear()
        super().send_400_response(msg)

    @override
    def on_response_complete(self) -> None:
        """As uvicorn does, but for its own timer between two requests."""
        self.server_state.total_requests += 1
        if not self.transport.is_closing():
            self.flow.resume_reading()
            if self.pipeline:
                self._start_asgi_task(*self.pipeline.pop())
                self.go_on()
            else:
                self._rest()
        if self._owed:
            self._one_less_before_a_refusal()

    def _take_time(self, scope: Any) -> None:
        if self._receiving and scope is self.scope:
            self._is_patient = True

    def _look_again(self) -> None:
        self._came = 0
        self._deadline.set(self.pace_seconds)

    def _missed(self) -> None:
        """The end, but for a patient span that brought enough, or in which we read no more."""
        if self._is_patient and (self._came >= self.pace_bytes or self.flow.read_paused):
            self._look_again()
        elif self.flow.held:  # it waits for those before it, and not for its sender
            self._deadline.set(self.body_seconds)
        else:
            self._too_slow()

    def _too_slow(self) -> None:
        if self.transport.is_closing():
            return
        if self._due():
            self._refusal = 408
            self.send_400_response("")
            return
        answered = self.cycle is not None and self.cycle.response_started
        if (self._in_head or self._receiving) and not answered:
            self.transport.write(refusal(408))
        self.transport.close()
