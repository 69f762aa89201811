"""Stands in for Meta's Graph API while the demonstration runs: gives out what was invented."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any


@contextlib.asynccontextmanager
async def platform(
    place: tuple[str, int] | None, content: Mapping[str, Mapping[str, Any]]
) -> AsyncIterator[None]:
    """Answer at `place` (nowhere, if None) with the content by its id. Raises OSError."""
    if place is None:
        yield
        return

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            head = await reader.readuntil(b"\r\n\r\n")
            path = head.split(b" ", 2)[1].decode().partition("?")[0]
            found = content.get(path.rpartition("/")[2])
            body = json.dumps(found or {"error": {"code": 100}}).encode()
            status = b"200 OK" if found else b"400 Bad Request"
            writer.write(
                b"HTTP/1.1 %b\r\ncontent-type: application/json\r\nconnection: close\r\n"
                b"content-length: %d\r\n\r\n%b" % (status, len(body), body)
            )
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, *place)
    try:
        yield
    finally:
        server.close()
