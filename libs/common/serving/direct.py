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

DIRECT_BYTES: Final = 64 * 1024
"""Of a body; larger ones are received piece by piece, with the pauses that this takes."""
_PLAIN: Final = re.compile(rb"/[A-Za-z0-9/._~-]*")
"""A target that is a path and nothing else, and reads as it is written."""

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
        self.length: int | None = None
        """Of the body in work; None where nobody knows."""
        self.here = 0
        """Bytes that came in one read with the head, behind it."""

    @override
    def on_headers_complete(self) -> None:
        self._take = self._taker() if self._is_whole() else None
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
        keep_alive = self.parser.get_http_version() != "1.0" and self.parser.should_keep_alive()
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
            and _PLAIN.fullmatch(self.url) is not None
        )

    def _taker(self) -> Take | None:
        self.scope["method"] = self.parser.get_method().decode("ascii")
        self.scope["http_version"] = self.parser.get_http_version()
        self.scope["path"] = self.url.decode("ascii")
        self.scope["raw_path"] = self.url
        self.scope["query_string"] = b""
        return cast("Direct", self.app).direct(cast("Any", self.scope))
