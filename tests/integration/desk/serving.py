"""The desk on a port, for a browser that other tests use as well."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser

from libs.common.serving.http import serve
from tests.integration.desk.conftest import Desk


@asynccontextmanager
async def served(desk: Desk, browser: Browser) -> AsyncIterator[str]:
    """Its address; at the end the browser is as new, and the desk with its database is closed."""
    stop, ready = asyncio.Event(), asyncio.get_running_loop().create_future()
    server = asyncio.create_task(serve(desk.app, "127.0.0.1", 0, stop, ready.set_result))
    yield (await ready).rstrip("/")
    for context in browser.contexts:
        await context.close()
    stop.set()
    await server
    await desk.api.aclose()
    await desk.database.close()
