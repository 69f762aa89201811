"""`/livez`, `/readyz` and `/metrics`, for every service alike."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from libs.common.runtime import Runtime

Answer = tuple[int, str, bytes]
"""Status, content type, body."""


def troubles(runtime: Runtime, only: Collection[str] | None = None) -> dict[str, str]:
    """What keeps this process from being ready, by check; `only` leaves out other checks."""
    found = {} if not runtime.stop.is_set() else {"process": "stopping"}
    for name, check in runtime.checks.items():
        trouble = check() if only is None or name in only else None
        if trouble:
            found[name] = trouble
    return found


def livez() -> Answer:
    """The process answers."""
    return 200, "text/plain; charset=utf-8", b"ok\n"


def readyz(runtime: Runtime, only: Collection[str] | None = None) -> Answer:
    """200 where everything works, else 503 and what does not."""
    found = troubles(runtime, only)
    body = json.dumps({"ready": not found, "troubles": found}, ensure_ascii=False)
    return (503 if found else 200), "application/json", body.encode()


def metrics() -> Answer:
    """All counts of this process, in Prometheus' text format."""
    return 200, CONTENT_TYPE_LATEST, generate_latest()


Send = Callable[[Mapping[str, Any]], Awaitable[None]]


class HealthApp:
    """The three pages as an ASGI application, for a service that has no page of its own."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def __call__(self, scope: Mapping[str, Any], _receive: object, send: Send) -> None:
        """Answer one request."""
        status, kind, body = self._answer(scope["path"])
        headers = [
            (b"content-type", kind.encode()),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _answer(self, path: str) -> Answer:
        if path == "/livez":
            return livez()
        if path == "/readyz":
            return readyz(self._runtime)
        if path == "/metrics":
            return metrics()
        return 404, "text/plain; charset=utf-8", b"not found\n"
