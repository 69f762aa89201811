"""The outermost layer: what every answer carries, and how much a request may bring."""

from __future__ import annotations

import contextlib
import re
from http import HTTPStatus
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.desk.imports.folder import MOST_BYTES
from services.desk.web.door.problems import Problem, document

BODY_BYTES: Final = 64 * 1024
"""Nothing that staff send is longer, but a list to import."""
_LISTS: Final = frozenset({"/imports", "/api/imports"})
LIST_BYTES: Final = MOST_BYTES + BODY_BYTES
"""A file, and the form around it."""

_RAW: Final = re.compile(rb"[^\x21-\x7e]")

SECURITY: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
        "img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class _TooLarge(Problem):
    """A problem, so that the framework takes it for no bug: a stranger may not fill the log."""

    def __init__(self) -> None:
        super().__init__(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


class _Answered:
    """Ends where the answer ends.

    Starlette raises a bug once more after the answer to it; then the server would cut a connection
    that the answer does not call off, and the next request on it would be lost.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        told = False

        async def noted(message: Message) -> None:
            nonlocal told
            await send(message)
            told = message["type"] == "http.response.body" and not message.get("more_body")

        try:
            await self._app(scope, receive, noted)
        except Exception:
            if not told:
                raise


class Guard:
    """Plain ASGI: adds the headers, bounds each body, escapes raw bytes of a query."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = _Answered(app)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        query = _RAW.sub(lambda byte: b"%%%02X" % ord(byte[0]), scope.get("query_string", b""))
        scope = {**scope, "query_string": query}
        seen, begun = 0, False
        most = LIST_BYTES if scope["path"] in _LISTS else BODY_BYTES

        async def bounded() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > most:
                raise _TooLarge
            return message

        async def guarded(message: Message) -> None:
            nonlocal begun
            if seen > most and not begun:
                return  # what the framework makes of a body that was cut short is not the answer
            if message["type"] == "http.response.start":
                begun = True
                _add(scope["path"], MutableHeaders(scope=message))
            await send(message)

        with contextlib.suppress(_TooLarge):
            await self._app(scope, bounded, guarded)
        if seen > most and not begun:
            seen = 0
            await document(_TooLarge())(scope, receive, guarded)


def _add(path: str, headers: MutableHeaders) -> None:
    for name, value in SECURITY.items():
        headers.setdefault(name, value)
    if not path.startswith("/static/"):
        headers.setdefault("Cache-Control", "no-store")
