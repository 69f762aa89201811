"""Posts a second to /v1/leads against a bare ASGI app on the same server, run in pairs.

`python -m tests.bench.capture [SECONDS]`: only the ratio means something, and only within a run.
The log acknowledges at once, so what is measured is the door, the spool and its sync.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import statistics
import sys
import tempfile
import time
from collections.abc import MutableMapping, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

import uvloop

from libs.common.http import serve
from libs.common.log import Record
from tests.fixtures.capture.capturing import capturing
from tests.fixtures.capture.memory_log import MemoryLog

CONNECTIONS: Final = 64
PAIRS: Final = 3
BODY: Final = (
    '{"name":"نیلوفر احمدی","phone":"۰۹۱۲ ۱۱۱ ۲۲۳۳","email":"n@b.example","company":"نیل",'
    '"message":"قیمت سئو را می‌خواهم","page_url":"https://nil.example/services/seo?utm_source=g",'
    '"utm":{"source":"google","medium":"cpc"},"budget":"200"}'
).encode()
REQUEST: Final = (
    b"POST /v1/leads HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer zap-token\r\n"
    b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(BODY), BODY)
)


async def bare(_scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
    """The least that an ASGI app can do with a post."""
    while (await receive()).get("more_body"):
        pass
    headers = [(b"content-length", b"2"), (b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 202, "headers": headers})
    await send({"type": "http.response.body", "body": b"{}"})


def served(kind: str, told: Connection) -> None:
    """One server process; tells its address."""
    uvloop.run(_bare(told) if kind == "bare" else _capture(told))


async def _bare(told: Connection) -> None:
    await serve(bare, "127.0.0.1", 0, asyncio.Event(), told.send)


class ForgetfulLog(MemoryLog):
    """Acknowledges at once and keeps nothing: what is kept would cost the collector its time."""

    async def append(self, records: Sequence[Record], deadline: float) -> None:
        """Acknowledge."""


async def _capture(told: Connection) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with capturing(Path(folder), log=ForgetfulLog()) as worker:
            told.send(worker.url)
            await asyncio.Event().wait()


async def load(url: str, seconds: float) -> float:
    """Posts answered with 2xx per second over keep-alive connections."""
    host, port = url.removeprefix("http://").split(":")
    ends = time.perf_counter() + seconds
    counts = await asyncio.gather(*(_post(host, int(port), ends) for _ in range(CONNECTIONS)))
    return sum(counts) / seconds


async def _post(host: str, port: int, ends: float) -> int:
    reader, writer = await asyncio.open_connection(host, port)
    count = 0
    while time.perf_counter() < ends:
        writer.write(REQUEST)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 202"):
            raise SystemExit(f"unexpected answer: {head[:80]!r}")
        length = head.partition(b"content-length: ")[2].partition(b"\r")[0]
        await reader.readexactly(int(length))
        count += 1
    writer.close()
    return count


def measured(kind: str, seconds: float) -> float:
    """One run against one kind of server."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.Process(target=served, args=(kind, theirs), daemon=True)
    process.start()
    try:
        url = ours.recv()
        uvloop.run(load(url, 0.5))
        return uvloop.run(load(url, seconds))
    finally:
        process.kill()
        process.join()


def main(seconds: float) -> None:
    """Print each pair and the ratios' median."""
    ratios = []
    for _ in range(PAIRS):
        baseline, ours = measured("bare", seconds), measured("capture", seconds)
        ratios.append(ours / baseline)
        sys.stdout.write(f"bare {baseline:8.0f}/s  capture {ours:8.0f}/s  ratio {ratios[-1]:.2f}\n")
    low, middle, high = min(ratios), statistics.median(ratios), max(ratios)
    sys.stdout.write(f"ratio: min {low:.2f}  median {middle:.2f}  max {high:.2f}\n")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 5.0)
