"""What nobody could read, or would: refused, after the answers that go before it."""

from __future__ import annotations

from typing import Any, Final, NoReturn

from typing_extensions import override

from libs.common.serving.abrupt import refusal
from libs.common.serving.taking import TakingProtocol

HEAD_BYTES: Final = 64 * 1024
HEAD_FIELDS: Final = 256
URL_BYTES: Final = 16 * 1024
LINGER_SECONDS: Final = 0.5
"""After a refusal, what still comes is thrown away: a reset would take the answer with it."""


class Refused(Exception):
    """Raised inside a parser callback, so that the parser stops."""


class RefusingProtocol(TakingProtocol):
    """Bounds the size of a head, and says no in turn."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._in_head = self._receiving = False
        self._fields_bytes = 0
        self._refusal = 400
        self._owed = 0
        """Answers that go before a refusal."""

    @property
    @override
    def is_between(self) -> bool:
        return not (self._in_head or self._receiving)

    @override
    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = True
        self._fields_bytes = 0

    @override
    def on_url(self, url: bytes) -> None:
        self.url += url
        if len(self.url) > URL_BYTES:
            self._refuse(414)

    @override
    def on_header(self, name: bytes, value: bytes) -> None:
        if self._in_head:  # and not behind the chunks of a body (RFC 9110, section 6.5.1)
            self.headers.append((name.lower(), value))
        self._fields_bytes += len(name) + len(value)
        if self._fields_bytes > HEAD_BYTES or len(self.headers) > HEAD_FIELDS:
            self._refuse(431)

    @override
    def send_400_response(self, msg: str) -> None:
        """Answer as a problem document (RFC 9457) and close."""
        del msg
        if self.closing or self.transport.is_closing():
            return
        self.closing = True
        self._owed = self._due()
        if self._owed == 0:
            self._say_no()
        elif self._receiving:
            self.pipeline.popleft()

    @override
    def eof_received(self) -> bool:  # type: ignore[override]  # asyncio asks whether to stay open
        """Stay open for the answer to what was sent whole, though nothing more will be."""
        if self.closing:
            return self._owed > 0
        if not self.is_between and self._due():
            self.send_400_response("")
            return True
        if not self.is_between or self.cycle is None or self.cycle.response_started:
            return False
        self.cycle.keep_alive = False
        return True

    def _due(self) -> int:
        """How many answers go before one to what is coming in."""
        if self._receiving:
            return len(self.pipeline)  # the newest there is the unreadable one, and one is in work
        waiting = self.cycle is not None and not self.cycle.response_complete
        return len(self.pipeline) + 1 if waiting else 0

    def _one_less_before_a_refusal(self) -> None:
        self._owed -= 1
        if self._owed == 0 and not self.transport.is_closing():
            self._say_no()

    def _say_no(self) -> None:
        if self._receiving and self.cycle is not None:
            self.cycle.disconnected = True  # whatever the application still says goes nowhere
            self.cycle.message_event.set()
        self.transport.write(refusal(self._refusal))
        self.transport.write_eof()
        self.flow.hold(held=False)
        self.flow.resume_reading()
        self.loop.call_later(LINGER_SECONDS, self.transport.close)

    def _refuse(self, status: int) -> NoReturn:
        self._refusal = status
        raise Refused
