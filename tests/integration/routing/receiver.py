"""A receiver of webhooks that behaves as badly as it is told to, and keeps what it accepted."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

from standardwebhooks.webhooks import Webhook

Mode = Literal[
    "ok", "500", "404", "429", "301", "hang_before", "hang_after", "cut", "reset", "410", "later"
]
SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"
MINA = """\
  - key: reception
    name: reception
    specialists:
      - {{key: mina, name: Mina, languages: [en], notify: [{{channel: webhook, to: "{url}"}}]}}
routing: {{fallback: reception}}
channels: {{webhook: {{secret: {secret}}}}}
"""
"""Of a file that is formatted: the team of one who is told at `url`, and what signs it."""


@dataclass
class Request:
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    def verified(self) -> dict[str, object]:
        """The body, checked by the official library."""
        found: dict[str, object] = Webhook(SECRET).verify(self.body, self.headers)
        return found


@dataclass
class Receiver:
    """Modes are used up in order; the last one stays."""

    modes: list[Mode] = field(default_factory=lambda: ["ok"])
    requests: list[Request] = field(default_factory=list)
    accepted: Counter[str] = field(default_factory=Counter)
    """How often each id was taken in, whatever the sender was told."""
    port: int = 0
    _server: asyncio.Server | None = None
    _hanging: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        for task in self._hanging:
            task.cancel()
        if self._server:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._hanging.add(task)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await self._answer(reader, writer)
        self._hanging.discard(task)
        writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        mode = self.modes.pop(0) if len(self.modes) > 1 else self.modes[0]
        if mode == "hang_before":
            await asyncio.sleep(3600)
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        lines = head.split("\r\n")[1:]
        headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in lines if line)}
        request = Request(headers, await reader.readexactly(int(headers["content-length"])))
        self.requests.append(request)
        if mode in {"ok", "hang_after", "cut", "reset"}:
            self.accepted[request.id] += 1
        if mode == "hang_after":
            await asyncio.sleep(3600)
        if mode == "reset":
            writer.transport.abort()
        said = {"ok": "202 OK", "cut": "200", "301": "301 Moved", "later": "429 Later"}
        status = said.get(mode, f"{mode} No")
        extra = {"429": "Retry-After: 2\r\n", "later": "Retry-After: 900\r\n"}.get(mode, "")
        extra += "Location: http://127.0.0.1/\r\n" if mode == "301" else ""
        answer = f"HTTP/1.1 {status}\r\n{extra}Content-Length: 0\r\nConnection: close\r\n\r\n"
        writer.write(answer.encode()[:9] if mode == "cut" else answer.encode())
        await writer.drain()
