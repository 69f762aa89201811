"""The least that an ASGI app can do with a post, on the same server as ours: the baseline."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import MutableMapping
from typing import Any

import uvloop

from libs.common.serving.http import serve


async def bare(_scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
    """Read it all, say yes."""
    while (await receive()).get("more_body"):
        pass
    headers = [(b"content-length", b"2"), (b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 202, "headers": headers})
    await send({"type": "http.response.body", "body": b"{}"})


if __name__ == "__main__":
    uvloop.run(serve(bare, "127.0.0.1", int(sys.argv[1]), asyncio.Event(), lambda _at: None))
