"""The application: our routes in front, FastAPI behind them for the documentation."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any

from services.capture.calls.call import Receive
from services.capture.door.door import Door
from services.capture.entrance.entrance import App, Entrance, Send
from services.capture.entrance.probes import Checks, Probes
from services.capture.pages import Pages

if TYPE_CHECKING:
    from fastapi import FastAPI


def build(door: Door, checks: Checks, stop: asyncio.Event) -> App:
    """The application over a door. Readiness says no as soon as `stop` is set."""
    pages = Pages()
    return Entrance(door, pages, Probes(checks, stop), _Documentation(pages))


class _Documentation:
    """FastAPI's pages, loaded for their first reader: a worker without one saves 10 MiB."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._app: FastAPI | None = None

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """One request, by ASGI."""
        if self._app is None:
            from services.capture.entrance.documentation import documentation  # noqa: PLC0415 - see above

            self._app = documentation(self._pages)
        await self._app(scope, receive, send)
