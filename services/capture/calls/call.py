"""A request as the routes see it, and their answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final, NamedTuple

from libs.common.events import Text
from services.capture.calls.problems import Problem, retry_after

BODY_BYTES: Final = 1024 * 1024
BODIES_BYTES: Final = 64 * 1024 * 1024
"""Of all bodies being received at a time: memory stays bounded under a flood."""

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Headers = tuple[tuple[bytes, bytes], ...]


class Gone(Exception):
    """The client left before its request was complete: there is nobody to answer."""


class Answer(NamedTuple):
    """What goes back."""

    status: int
    body: bytes = b""
    content_type: bytes = b"application/json"
    headers: Headers = ()


class Bodies:
    """How many bytes of unfinished bodies this process holds."""

    def __init__(self) -> None:
        self.held = 0

    def take(self, more: int) -> None:
        """Raises Problem(503) when there are too many."""
        if self.held + more > BODIES_BYTES:
            raise Problem(503, headers=retry_after(1))
        self.held += more


class Call:
    """One request. `headers` has the first of each name, lower case, as bytes."""

    def __init__(
        self, scope: MutableMapping[str, Any], receive: Receive | None, bodies: Bodies
    ) -> None:
        """Without `receive` the body is here already: `whole` is set before it is asked for."""
        self.scope = scope
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.headers: dict[bytes, bytes] = dict(reversed(scope["headers"]))
        self.whole = b""
        self._receive = receive
        self._bodies = bodies
        self._held = 0

    def header(self, name: bytes) -> str:
        """A header as text, empty when absent."""
        return self.headers.get(name, b"").decode("latin-1")

    @property
    def peer(self) -> str:
        """The address at the other end of the connection."""
        client = self.scope.get("client")
        return client[0] if client else ""

    async def body(self) -> bytes:
        """The whole body, raw. Raises Problem (413, 415, 503), Gone."""
        if self._receive is None:
            raw = self.whole
            self._hold(len(raw))
        else:
            raw = await self._received(self._receive)
        if raw and b"content-encoding" in self.headers and self._is_encoded():
            raise _encoded()
        return raw

    async def _received(self, receive: Receive) -> bytes:
        length = self.headers.get(b"content-length", b"")
        if length.isdigit() and len(length) < 20 and int(length) > BODY_BYTES:  # noqa: PLR2004  # digits of 64 bits
            raise _too_large()
        parts: list[bytes] = []
        size = 0
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Gone
            part = message.get("body", b"")
            more = message.get("more_body", False)
            size += len(part)
            if size > BODY_BYTES:
                raise _too_large()
            self._hold(len(part))
            parts.append(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _hold(self, more: int) -> None:
        self._bodies.take(more)
        self._held += more

    def _is_encoded(self) -> bool:
        named = (value for name, value in self.scope["headers"] if name == b"content-encoding")
        codings = b",".join(named).lower().split(b",")
        return any(coding.strip() not in (b"", b"identity") for coding in codings)

    def release(self) -> None:
        """The request is over."""
        self._bodies.held -= self._held
        self._held = 0


def _encoded() -> Problem:
    """RFC 9110, section 12.5.3: the answer says which codings are taken, and none is."""
    return Problem(
        415,
        Text("بدنهٔ فشرده پذیرفته نیست.", "A compressed body is not taken."),
        headers=((b"accept-encoding", b"identity"),),
    )


def _too_large() -> Problem:
    """The connection stays open for what still comes, or a reset would take the answer with it."""
    return Problem(
        413,
        Text("هر درخواست حداکثر یک مگابایت است.", "A request may have one megabyte at most."),
    )
