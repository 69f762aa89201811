"""Whether the process lives and accepts, and its metrics: asked often, so without layers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from services.capture.calls.call import Answer

Checks = Mapping[str, Callable[[], str | None]]
PATHS: Final = frozenset({"/livez", "/readyz", "/metrics"})


class Probes:
    """Readiness says no as soon as `stop` is set."""

    def __init__(self, checks: Checks, stop: asyncio.Event) -> None:
        self._checks = checks
        self._stop = stop

    def answer(self, path: str) -> Answer:
        """The answer to a GET of one of the PATHS."""
        if path == "/livez":
            return Answer(200, b'{"status":"ok"}')
        if path == "/metrics":
            return Answer(200, generate_latest(), CONTENT_TYPE_LATEST.encode())
        return self._ready()

    def _ready(self) -> Answer:
        found = {name: check() for name, check in self._checks.items()}
        wrong: dict[str, Any] = {name: trouble for name, trouble in found.items() if trouble}
        if self._stop.is_set():
            wrong["process"] = "stopping"
        status = {"status": "not_ready", "wrong": wrong} if wrong else {"status": "ready"}
        return Answer(503 if wrong else 200, msgspec.json.encode(status))
