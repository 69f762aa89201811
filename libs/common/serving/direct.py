"""Whole requests handed to the application without a task of their own.

ASGI costs a task, an event and two messages for each request, which is as much as all that a
small request needs besides. An application that has the method `direct` is asked first; whatever
it does not want goes by ASGI, as do all requests that are still coming in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, MutableMapping
from typing import Any, Final, Protocol, cast

from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from libs.common.serving.exchange import Answering, Exchange
from libs.common.serving.known import Known, KnownHeads

DIRECT_BYTES: Final = 64 * 1024
"""Of a body; larger ones are received piece by piece, with the pauses that this takes."""
_PLAIN: Final = re.compile(rb"/[A-Za-z0-9/._~-]*")
"""A target that is a path and nothing else, and reads as it is written."""

_heads: Final = KnownHeads()

Take = Callable[[bytes], Answering]


class Direct(Protocol):
    """An application that can answer whole requests."""

    def direct(self, scope: MutableMapping[str, Any]) -> Take | None:
        """What takes this request's body; None where it is to come by ASGI."""
        ...


class DirectProtocol(HttpToolsProtocol):
    """uvicorn's protocol, for those requests beside it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._is_asked = hasattr(self.app, "direct")
        self._take: Take | None = None
        self._body = b""
        self._is_again = False
        """Whether the request in work was begun by a head that was read before."""
        self.length: int | None = None
        """Of the body in work; None where nobody knows."""
        self.here = 0
        """Bytes that came in one read with the head, behind it."""
        self.read_head: bytes | None = None
        """The head in work as it came, where it came in one read and is the parser's as it is."""

    def again(self, head: bytes) -> int | None:
        """Begin a request by a head that was read before, and give the bytes of its body.

        That is here too, for `on_body` and `on_message_complete`. None where the parser has to
        read it.
        """
        known = _heads.of(head)
        if known is None:
            return None
        self.length = known.length
        if not self._is_whole():
            return None
        self.on_message_begin()
        self.url = known.url
        self.headers.extend(known.headers)
        self._take, self._body, self._is_again = self._taker(known.method, "1.1"), b"", True
        return self.length if self._take else None

    @override
    def on_headers_complete(self) -> None:
        self._take, self._is_again = None, False
        if self._is_whole() and _PLAIN.fullmatch(self.url):
            version = self.parser.get_http_version()
            self._take = self._taker(self.parser.get_method().decode("ascii"), version)
        if self._take is None:
            super().on_headers_complete()
        self._body = b""

    @override
    def on_body(self, body: bytes) -> None:
        if self._take is None:
            super().on_body(body)
        else:
            self._body += body

    @override
    def on_message_complete(self) -> None:
        take, self._take = self._take, None
        if take is None:
            super().on_message_complete()
            return
        keep_alive = self._is_again or self._keeps_alive()
        exchange = Exchange(self, take(self._body), keep_alive=keep_alive)
        self.cycle = cast("Any", exchange)
        exchange.step()

    def _is_whole(self) -> bool:
        """Whether all of a small request is here, and nothing of an earlier one is in work."""
        return (
            self._is_asked
            and self.length is not None
            and 0 < self.length <= min(self.here, DIRECT_BYTES)
            and (self.cycle is None or self.cycle.response_complete)
            and not self.flow.write_paused
        )

    def _taker(self, method: str, version: str) -> Take | None:
        self.scope["method"] = method
        self.scope["http_version"] = version
        self.scope["path"] = self.url.decode("ascii")
        self.scope["raw_path"] = self.url
        self.scope["query_string"] = b""
        return cast("Direct", self.app).direct(cast("Any", self.scope))

    def _keeps_alive(self) -> bool:
        """Whether the connection stays; the head of a request that leaves it open is kept."""
        version = self.parser.get_http_version()
        if version == "1.0" or not self.parser.should_keep_alive():
            return False
        if self.read_head is not None and version == "1.1" and self.length is not None:
            known = Known(self.scope["method"], self.url, tuple(self.headers), self.length)
            _heads.keep(self.read_head, known)
        return True
