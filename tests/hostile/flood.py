"""A flood of bad and of large input, in a process of its own: `python -m … PORT SECONDS KEY`.

Prints how often each status came back; 0 stands for a connection that ended
without one, -1 for one that took too long.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Final

URLENCODED: Final = "application/x-www-form-urlencoded"
JSON: Final = "application/json"
_WORKERS: Final = 48
_LARGE: Final = 1_000_000
_SECONDS: Final = 30.0


def _request(path: str, kind: str, body: bytes, *more: str) -> bytes:
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: 127.0.0.1",
        f"Content-Type: {kind}",
        f"Content-Length: {len(body)}",
        "Origin: https://nil.example",
        f"X-Forwarded-For: {_address()}",
        *more,
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


def _address() -> str:
    return ".".join(str(byte) for byte in secrets.token_bytes(4))


def kinds(key: str) -> tuple[Callable[[], bytes], ...]:
    """Each makes one request; none is the same twice."""
    bearer = f"Authorization: Bearer {key}"

    def lead(text: str, *more: str) -> bytes:
        body = json.dumps({"phone": f"0912{secrets.randbelow(10**7):07d}", "message": text})
        return _request("/v1/leads", JSON, body.encode(), bearer, *more)

    boundary = "--b\r\nContent-Disposition: form-data; name=x\r\n\r\n"
    return (
        lambda: lead("", f"Idempotency-Key: {secrets.token_hex(100)}"),
        lambda: lead("", f"X-Long: {secrets.token_hex(25_000)}"),
        lambda: lead(secrets.token_hex(100_000)),
        lambda: _request("/v1/forms/plain", JSON, b"[" * _LARGE),
        lambda: _request("/v1/forms/plain", JSON, b'{"a":"' + b"\\ud800" * 150_000 + b'"}'),
        lambda: _request("/v1/forms/plain", URLENCODED, b"a=%F0%9F&" * 100_000),
        lambda: _request("/v1/forms/plain", URLENCODED, b"phone=0912&m=" + b"%D8%B3" * 150_000),
        lambda: _request(
            "/v1/forms/plain", "multipart/form-data; boundary=b", (boundary * 20_000).encode()
        ),
        lambda: _request(f"/v1/forms/{secrets.token_hex(500)}", URLENCODED, b"a=b&" * 16_000),
        lambda: _request("/v1/leads", JSON, b"9" * _LARGE, f"Authorization: Bearer {'x' * 9000}"),
        lambda: _request(f"/v1/webhooks/standard/partner/{secrets.token_hex(9)}", JSON, b"{" * 500),
        lambda: _request("/v1/activities", "text/plain", b'{"activities":[' + b"{}," * 300_000),
    )


async def _send(port: int, sent: bytes) -> int:
    try:
        async with asyncio.timeout(_SECONDS):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(sent)
            line = await reader.readline()
            writer.close()
    except TimeoutError:
        return -1
    except OSError:
        return 0
    return int(line.split()[1]) if line else 0


async def main(port: int, seconds: float, key: str) -> Counter[int]:
    """Send until the time is over."""
    answers: Counter[int] = Counter()
    makers, until = kinds(key), time.monotonic() + seconds

    async def work(first: int) -> None:
        turn = first
        while time.monotonic() < until:
            answers[await _send(port, makers[turn % len(makers)]())] += 1
            turn += 1

    await asyncio.gather(*(work(n) for n in range(_WORKERS)))
    return answers


if __name__ == "__main__":
    told = asyncio.run(main(int(sys.argv[1]), float(sys.argv[2]), sys.argv[3]))
    sys.stdout.write(json.dumps(told))
