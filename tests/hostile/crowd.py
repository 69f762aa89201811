"""Sockets that are slow on purpose, in a process of their own: `python -m … PORT COUNT SECONDS`.

A third sends a head at one byte a second, a third a body, a third nothing. At the end it prints
for each third how long the sockets were held open (seconds) and how many still are.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import resource
import sys
import time
from collections.abc import Iterator
from itertools import repeat
from typing import Final

HEAD: Final = b"POST /v1/forms/plain HTTP/1.1\r\nHost: 127.0.0.1\r\n"
BODY: Final = (
    HEAD + b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 900\r\n\r\n"
)
KINDS: Final = ("head", "body", "silent")
_AT_ONCE: Final = 50


async def hold(port: int, kind: str, opening: asyncio.Semaphore, until: float) -> float | None:
    """One socket, until the server closes it; how long that took, None if it did not."""
    async with opening:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    began = time.monotonic()
    if kind == "body":
        writer.write(BODY)
    reading = asyncio.create_task(reader.read())
    for byte in _bytes(kind):
        with contextlib.suppress(OSError):
            if byte:
                writer.write(byte)
        await asyncio.wait({reading}, timeout=1)
        if reading.done() or time.monotonic() > until:
            break
    closed = reading.done()
    reading.cancel()
    with contextlib.suppress(OSError, asyncio.CancelledError):
        await reading
    writer.close()
    return time.monotonic() - began if closed else None


def _bytes(kind: str) -> Iterator[bytes]:
    """What is sent, one a second."""
    if kind == "head":
        yield from (bytes([byte]) for byte in HEAD)
        yield from repeat(b"x")
    yield from repeat(b"x" if kind == "body" else b"")


async def main(port: int, count: int, seconds: float) -> dict[str, dict[str, float]]:
    """Hold them all."""
    opening, until = asyncio.Semaphore(_AT_ONCE), time.monotonic() + seconds
    sockets = [hold(port, KINDS[n % 3], opening, until) for n in range(count)]
    held = await asyncio.gather(*sockets)
    found = {}
    for place, kind in enumerate(KINDS):
        mine = held[place::3]
        closed = sorted(each for each in mine if each is not None)
        found[kind] = {
            "open": len(mine) - len(closed),
            "least": closed[0] if closed else 0.0,
            "most": closed[-1] if closed else 0.0,
        }
    return found


if __name__ == "__main__":
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    told = asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
    sys.stdout.write(json.dumps(told))
